"""Put dense autoencoders that were trained layer by layer together as one deep autoencoder (Vincent et al. 2010).

In: weights of the layers, from the image on. Out: weights (`.npz`), named like those of a dense model of the same
widths, which may start from them, and a history without epochs.
"""

from aelab.files import weights
from aelab.files.atomic import write_columns
from aelab.inference import assembled
from aelab.jobs import frame

if "snakemake" in globals():
    with frame.job(snakemake):
        model = assembled.stacked([weights.read(path) for path in snakemake.input.layers])
        weights.write(snakemake.output.weights, *model)
        write_columns(snakemake.output.history, {"epoch": [], "training_loss": [], "validation_loss": []})
