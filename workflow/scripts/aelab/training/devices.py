"""TensorFlow set up so that the bits of a result do not depend on the machine's cores or load."""

import gc
import os
import sys
from contextlib import contextmanager


@contextmanager
def bare_import():
    """Import TensorFlow without its greeting, and Keras without the optional packages that it would load.

    Keras imports scikit-learn, Matplotlib and pandas where they are installed, for wrappers and adapters that nothing
    here uses: a third of the start-up time. Nearly half of the rest goes to the garbage collector, for objects that are
    all there to stay. TensorFlow writes to the terminal before any log level counts.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    absent = [name for name in ("sklearn", "matplotlib", "pandas") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    terminal, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nothing)
        for name in absent:
            del sys.modules[name]


def ignore_surroundings():
    """Undo what a user's environment says about arithmetic."""
    compilers = "XLA_FLAGS", "TF_XLA_FLAGS"
    for name in (*compilers, "TF_USE_LEGACY_KERAS", "NVIDIA_TF32_OVERRIDE", "ONEDNN_DEFAULT_FPMATH_MODE"):
        os.environ.pop(name, None)
    os.environ.update(KERAS_BACKEND="tensorflow", TF_ENABLE_ONEDNN_OPTS="1")


ignore_surroundings()
with bare_import():
    import keras
    import tensorflow as tf

from aelab.errors import LabError  # noqa: E402


def prepare(seed, gpu_required=False, precision="float32"):
    """Seed everything, use one thread, take GPU memory as needed. Call it before anything is built.

    Raises `LabError` where a GPU is required and TensorFlow sees none.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    gpus = tf.config.list_physical_devices("GPU")
    if gpu_required and not gpus:
        raise LabError(
            "The profile asks for a GPU and TensorFlow sees none. Run on a machine with a GPU and its driver, "
            "with the environment envs/tensorflow-gpu.yaml, or use the default profile."
        )
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()
    # What a keras.json in the user's home may say otherwise.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    return gpus


def description():
    """What TensorFlow computes on, in words."""
    names = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    return ", ".join(names) or "CPU, one thread"
