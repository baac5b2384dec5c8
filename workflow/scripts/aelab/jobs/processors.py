"""What the processor of this machine computes fast.

The `snakemake` process imports this module, so that it uses the standard library alone.
"""

from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def lacks_bfloat16() -> bool:
    """Return whether the processor is known to have no AVX-512, without which TensorFlow computes bfloat16 slowly."""
    try:
        lines = CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False  # not Linux: unknown
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), None)
    return flags is not None and "avx512f" not in flags


def slow_precisions(precisions: dict[str, str]) -> str | None:
    """Return a message for the user about models that train slowly on this processor, or None.

    Parameters
    ----------
    precisions : dict of str
        The precision of each model that a run trains, by the model's name.
    """
    slow = [model for model, precision in precisions.items() if precision == "bfloat16"]
    if slow and lacks_bfloat16():
        return (
            f"Without AVX-512, as here, bfloat16 is many times slower than float32: {', '.join(slow)}. "
            "Leave `precision` out of these models, or train them on another machine."
        )
    return None
