"""Set up TensorFlow so that results do not depend on how many cores the machine has or how busy it is."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bare_import() -> Iterator[None]:
    """Import TensorFlow without its messages, and Keras without optional packages, within the block.

    Keras imports scikit-learn, Matplotlib and pandas if they are installed, for wrappers and adapters that are not used
    here. They would take a third of the time to start. Nearly half of the remaining time would go to the garbage
    collector, which is therefore off within the block: the objects that are created stay until the end. TensorFlow
    writes its first messages before any log level takes effect, so that standard error is redirected.
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


def ignore_surroundings() -> None:
    """Remove environment variables of the user that would change how TensorFlow computes."""
    compilers = "XLA_FLAGS", "TF_XLA_FLAGS"
    for name in (*compilers, "TF_USE_LEGACY_KERAS", "NVIDIA_TF32_OVERRIDE", "ONEDNN_DEFAULT_FPMATH_MODE"):
        os.environ.pop(name, None)
    os.environ.update(KERAS_BACKEND="tensorflow", TF_ENABLE_ONEDNN_OPTS="1")


ignore_surroundings()
with bare_import():
    import keras
    import tensorflow as tf

from aelab.errors import LabError  # noqa: E402


def prepare(seed: int, gpu_required: bool = False, precision: str = "float32") -> list[tf.config.PhysicalDevice]:
    """Seed all generators, use one thread, and allocate GPU memory as it is needed.

    This must be called before any model is built.

    Parameters
    ----------
    seed : int
        The seed of Python, NumPy and TensorFlow.
    gpu_required : bool
        Whether there must be a GPU.
    precision : {"float32", "bfloat16"}
        The precision of layers. With bfloat16, variables remain float32.

    Returns
    -------
    list of tf.config.PhysicalDevice
        The GPUs that TensorFlow sees.

    Raises
    ------
    LabError
        If a GPU is required and TensorFlow sees none.
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
    # A keras.json in the user's home folder may have other settings.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    return gpus


def description() -> str:
    """Return the names of the GPUs that TensorFlow uses, or `CPU, one thread`."""
    names = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    return ", ".join(names) or "CPU, one thread"
