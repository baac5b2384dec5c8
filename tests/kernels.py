"""The numerical tests under other kernels of the processor, with the instructions that other machines would use.

`python tests/kernels.py [WORD ...]` carries out what this machine can do, or that of it whose name holds one of the
words, and says of each whether the tests passed. It exits with 1 where they did not. A machine has no more than its
own processor's instructions: one without AVX-512 tries less.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parent
NUMERICAL = ["bench", "checkpoints", "conv", "denoising", "interpolation", "neighbours", "paths", "plane", "residuals"]
NUMERICAL += ["representations", "stack", "tangents", "trained", "training", "vae"]
# What NumPy finds beyond its baseline. On x86-64, X86_V3 is AVX2 with FMA, X86_V4 is AVX-512, and others are more.
FOUND = np.show_config("dicts")["SIMD Extensions"].get("found", [])
X86, AVX2, AVX512 = (any(name.startswith(start) for name in FOUND) for start in ("X86", "X86_V3", "X86_V4"))


def variations():
    """Name, whether this machine can do it, environment variables, options of pytest and what stands before it."""
    yield "as it is", True, {}, [], []
    for core, able in {"Prescott": X86, "Nehalem": X86, "Haswell": AVX2, "Zen": AVX2, "SkylakeX": AVX512}.items():
        yield f"OpenBLAS for {core}", able, {"OPENBLAS_CORETYPE": core}, [], []
    for what, able, off in (("AVX-512", AVX512, set(FOUND) - {"X86_V3"}), ("all but its baseline", FOUND, FOUND)):
        yield f"NumPy without {what}", bool(able), {"NPY_DISABLE_CPU_FEATURES": " ".join(sorted(off))}, [], []
    # TensorFlow asks the processor, not oneDNN, whether it may send bfloat16, and oneDNN refuses it there.
    for most, able in {"AVX2": AVX512, "SSE41": AVX2}.items():
        yield f"oneDNN up to {most}", able, {"ONEDNN_MAX_CPU_ISA": most}, ["-k", "not bfloat16"], []
    # Loaded before `aelab.training.devices` turns oneDNN on.
    yield "TensorFlow without oneDNN", X86, {"TF_ENABLE_ONEDNN_OPTS": "0"}, ["-p", "tensorflow"], []
    taskset = hasattr(os, "sched_getaffinity") and shutil.which("taskset")
    core = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if taskset else []
    yield "on one core", bool(core), {}, ["-n", "1"], core
    yield "four processes", True, {}, ["-n", "4"], []


def main(words):
    """Carry the variations out; returns how many failed."""
    failed, files = 0, [str(TESTS / f"test_{name}.py") for name in NUMERICAL]
    for name, able, environment, options, prefix in variations():
        if words and not any(word in name for word in words):
            continue
        if not able:
            print(f"{name:28} not on this machine", flush=True)
            continue
        command = [*prefix, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "logical", *options, *files]
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=TESTS.parent, env=os.environ | environment, capture_output=True, text=True, check=False
        )
        failed += done.returncode != 0
        said = "passed" if done.returncode == 0 else f"FAILED\n{(done.stdout + done.stderr)[-6000:]}"
        print(f"{name:28} {time.perf_counter() - start:4.0f} s  {said}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
