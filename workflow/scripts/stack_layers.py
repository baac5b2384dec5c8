"""Stack dense autoencoders that were trained layer by layer into one deep autoencoder.

Inputs: weights of the layers, starting with the one that works on images.

Outputs: weights (`.npz`), named like those of a dense model of the same widths, which may start from them, and a
history without epochs.

References
----------
P. Vincent et al. (2010), Stacked denoising autoencoders.
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
