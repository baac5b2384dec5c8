"""Two runs of the same code give the same bytes: `python tests/bits.py [FOLDER]`, or `make test-bits`.

The small configuration is carried out twice from clean copies of the repository: in another folder, with
a space in its name; with another number of cores, so that jobs run in another order and side by side;
and in surroundings that a user may have and that no result may depend on (another home with files of
Keras's and Matplotlib's, other variables, another locale and time zone). Then everything under `results/`
but timings, logs and checkpoints is compared byte by byte.
"""

import sys
import tempfile
import time
from pathlib import Path

import finished
import images
import small

sys.path.append(str(small.REPOSITORY / "tools"))

import verify  # noqa: E402

# What a user's surroundings may say, and what results may not listen to.
KERAS = '{"floatx": "float64", "epsilon": 0.1, "backend": "tensorflow", "image_data_format": "channels_first"}'
MATPLOTLIB = "savefig.dpi: 50\nfont.size: 30\nimage.cmap: jet\naxes.facecolor: pink\nsavefig.bbox: tight\n"
SURROUNDINGS = {
    "PYTHONHASHSEED": "12345",
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C.UTF-8",
    "LANG": "C",
    "OMP_NUM_THREADS": "4",
    "OPENBLAS_NUM_THREADS": "4",
    "TF_NUM_INTRAOP_THREADS": "4",
    "TF_NUM_INTEROP_THREADS": "4",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit",
    "XLA_FLAGS": "--xla_cpu_enable_fast_math=true",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "COLUMNS": "37",
}


def strange_home(folder):
    """A home with settings of Keras's and Matplotlib's."""
    for name, text in {".keras/keras.json": KERAS, ".config/matplotlib/matplotlibrc": MATPLOTLIB}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    return {
        "HOME": str(folder),
        "KERAS_HOME": str(folder / ".keras"),
        "MPLCONFIGDIR": str(folder / ".config/matplotlib"),
    }


def carry_out(folder, mnist, cores, **environment):
    """The whole small workflow in a clean copy; returns its seconds."""
    start = time.perf_counter()
    finished.copy_code(folder)
    small.write(folder, mnist, finished.configure)
    finished.carry_out(folder / "Snakefile", folder, cores, **environment)
    return time.perf_counter() - start


def every_file(folder):
    """All files under `results/` that must be the same, as relative paths."""
    left_out = ("results/logs/", "results/timings/", "results/checkpoints/")
    files = {path.relative_to(folder).as_posix() for path in (folder / "results").rglob("*") if path.is_file()}
    return {file for file in files if not file.startswith(left_out) and Path(file).name != "timings.json"}


def main(folder, mnist):
    """Two runs in a folder; returns what differs."""
    first, second = folder / "first", folder / "elsewhere" / "the second run"
    print(f"first run, one core: {carry_out(first, mnist, 1):.0f} s", flush=True)
    environment = {**SURROUNDINGS, **strange_home(folder / "home")}
    print(f"second run, two cores: {carry_out(second, mnist, 2, **environment):.0f} s", flush=True)
    said, count = verify.compare_bytes(first, second)
    ours, theirs = every_file(first), every_file(second)
    said += [f"only in one: {file}" for file in sorted(ours ^ theirs)]
    said += [
        f"in no manifest: {file}"
        for file in sorted(ours - verify.read_manifest(first / verify.MANIFEST).keys() - {verify.MANIFEST.as_posix()})
    ]
    print("\n".join([*said, f"{len(said)} of {count} files differ." if said else f"All {count} files agree."]))
    return said


if __name__ == "__main__":
    mnist = images.mnist()
    if len(sys.argv) > 1:
        sys.exit(bool(main(Path(sys.argv[1]).resolve(), mnist)))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(bool(main(Path(folder).resolve(), mnist)))
