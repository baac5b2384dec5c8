"""Say in one line what this machine lacks for `make`: a TensorFlow, a C library, `venv` and `ensurepip`.

`python -I tools/machine.py [gpu]` ends with status 1 and a message if something is missing. It needs the standard
library alone. Which packages exist where is known from the locks: `tests/test_platforms.py` resolves every platform.
"""

import importlib.util
import platform
import sys
from collections.abc import Collection
from dataclasses import dataclass

OLDEST_GLIBC = (2, 28)


@dataclass(frozen=True)
class Platform:
    """A platform on which all packages of a lock exist.

    Parameters
    ----------
    name : str
        What people call it.
    target : str
        What uv calls it.
    gpu : bool
        Whether TensorFlow's CUDA build exists as well.
    """

    name: str
    target: str
    gpu: bool


# By `sys.platform` and `platform.machine()`.
PLATFORMS = {
    ("linux", "x86_64"): Platform("Linux on x86_64", "x86_64-manylinux_2_28", True),
    ("linux", "aarch64"): Platform("Linux on aarch64", "aarch64-manylinux_2_28", True),
    ("darwin", "arm64"): Platform("macOS on Apple silicon", "aarch64-apple-darwin", False),
    ("win32", "AMD64"): Platform("Windows on x86_64", "x86_64-pc-windows-msvc", False),
}
MODULES = ("venv", "ensurepip")


def problem(
    system: str, machine: str, libc: tuple[str, str], modules: Collection[str] = MODULES, gpu: bool = False
) -> str | None:
    """Say what a machine lacks.

    Parameters
    ----------
    system : str
        `sys.platform`.
    machine : str
        `platform.machine()`.
    libc : tuple of str
        `platform.libc_ver()`: the name of the C library and its version.
    modules : collection of str
        Those of `MODULES` that its Python has.
    gpu : bool
        Whether TensorFlow's CUDA build is wanted.

    Returns
    -------
    str or None
        One line for the user; None if nothing is missing.
    """
    found = PLATFORMS.get((system, machine))
    if found is None:
        known = ", ".join(platform.name for platform in PLATFORMS.values())
        return f"TensorFlow has no package for {system} on {machine}; it has for: {known}"
    if gpu and not found.gpu:
        return f"TensorFlow has no CUDA build for {found.name}; run `make` without GPU=1"
    if system == "linux":
        name, version = libc
        if name != "glibc" or tuple(map(int, version.split(".")[:2])) < OLDEST_GLIBC:
            oldest = ".".join(map(str, OLDEST_GLIBC))
            return f"TensorFlow needs glibc {oldest} or newer; this is {' '.join(libc).strip() or 'another C library'}"
    lacking = [name for name in MODULES if name not in modules]
    if lacking:
        return (
            f"{sys.executable} has no {' and no '.join(lacking)}: on Debian and Ubuntu install python3-venv, on Fedora "
            "python3, on macOS `brew install python@3.12`"
        )
    return None


if __name__ == "__main__":
    there = [name for name in MODULES if importlib.util.find_spec(name)]
    message = problem(sys.platform, platform.machine(), platform.libc_ver(), there, "gpu" in sys.argv[1:])
    if message:
        sys.exit(f"error: {message}")
