"""The layers and activations of trained networks that this package applies in NumPy, by their names in weight files.

Planning compares them with what a kind of model declares, so that a model that could not be applied is refused before
it is trained. Standard library alone; `aelab.inference.layers` has the functions, and a test keeps the names equal.
"""

ACTIVATIONS = ("clip", "elu", "gelu", "linear", "relu", "sigmoid", "softmax", "softplus", "tanh")
LAYERS = (
    "Activation",
    "Add",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "Flatten",
    "LeakyReLU",
    "MaxPooling2D",
    "Reshape",
    "Transposed",
    "UpSampling2D",
    "ZeroPadding2D",
)
