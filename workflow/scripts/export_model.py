"""Write a trained model as a Keras model that opens without this project.

Input: the weights of the model.

Output: a `.keras` file, which `keras.models.load_model` reads (`aelab.training.export.model_of` says what it holds). It
gives what the model gives in NumPy, up to the rounding of float32.
"""

from aelab.files import weights
from aelab.files.atomic import replacing
from aelab.jobs import frame
from aelab.training import devices, export

if "snakemake" in globals():
    with frame.job(snakemake):
        devices.prepare(0)
        model = export.packed(export.model_of(*weights.read(snakemake.input.weights)))
        with replacing(snakemake.output[0]) as file:
            file.write(model)
