"""Damaged files: whatever the bytes, a reader gives a result or raises the exception that it documents.

A fixed number of inputs a reader, the same in every run: good files with bytes cut, changed, moved and added, and
files of arbitrary bytes.
"""

import gzip
import hashlib
import io
import json
import struct
import tarfile

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aelab.data import datasets, idx, made, own, sources
from aelab.data.sources import SourceFailed
from aelab.errors import LabError
from aelab.files import tables
from aelab.files.arrays import read_array
from aelab.plan import strict_yaml
from aelab.training.checkpoints import Checkpoint

INPUTS = 400

CONTENTS = {"train-images-idx3-ubyte": bytes(range(200)), "t10k-labels-idx1-ubyte": b"0123456789" * 3}
FILES = {name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in CONTENTS.items()}


def saved(write, *arguments, **named):
    file = io.BytesIO()
    write(file, *arguments, **named)
    return file.getvalue()


def archive():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in {"package.json": b"{}", **{f"data/{name}": CONTENTS[name] for name in CONTENTS}}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


ARRAYS = {"train": np.arange(5, dtype=np.int32), "validation": np.zeros(0, np.int32), "test": np.arange(3)}
IMAGES = struct.pack(">4I", 2051, 3, 28, 28) + bytes(range(256)) * 9 + bytes(48)
LABELS = struct.pack(">2I", 2049, 6) + bytes([0, 9, 3, 3, 1, 7])
METRICS = json.dumps({"test_mse": 0.0125, "parameters": 3922, "code_size": None}).encode()
TABLE = b"digit,images,mse\n0,10,0.01\n1,12,0.25\n9,8,\n"
YAML = b"models:\n  a: {kind: dense, epochs: 3}\n  b: &x [1, 2.5e-3, on, null, 2020-01-01]\n  c: *x\n"

OWN = {
    "x_train": np.zeros((5, 9, 8), np.uint8),
    "y_train": np.arange(5),
    "x_test": np.zeros((2, 9, 8)),
    "y_test": np.arange(2),
}


def picture():
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.arange(72, dtype=np.uint8).reshape(9, 8)).save(file, "PNG")
    return file.getvalue()


READERS = {
    "idx images": (idx.read_images, IMAGES),
    "idx labels": (idx.read_labels, LABELS),
    "npz": (datasets.read_arrays, saved(np.savez, **ARRAYS)),
    "split": (datasets.read_split, saved(np.savez, **ARRAYS)),
    "npy": (lambda path: np.asarray(read_array(path, (None, 4))).sum(), saved(np.save, np.ones((5, 4)))),
    "table": (lambda path: tables.read_table(path, ["digit", "mse"]), TABLE),
    "metrics": (tables.read_metrics, METRICS),
    "plain or gzipped": (
        lambda path: sources.unpacked(FILES, "t10k-labels-idx1-ubyte", path),
        gzip.compress(b"0123456789"),
    ),
    "npm package": (lambda path: sources.from_archive(path, FILES), archive()),
    "npm package, unpacked": (lambda path: sources.from_archive(path, FILES), gzip.decompress(archive())),
    "user's npz, planning": (lambda path: own.of_npz(path, str), saved(np.savez, **OWN)),
    "user's npz": (made.of_npz, saved(np.savez, **OWN)),
    "user's idx": (lambda path: own.idx_sizes(own.unpacked(path), 3, path), IMAGES),
    "user's png": (made.grey, picture()),
    "yaml": (strict_yaml.read_yaml, YAML),
    "json as yaml": (strict_yaml.read_yaml, METRICS),
}


@st.composite
def damaged(draw, good):
    """A file with one to four things done to it, or any bytes at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        # Headers are where the sense is: half of the damage is done there.
        at = min(at, draw(st.sampled_from([20, 140, len(content), len(content)])))
        way = draw(st.sampled_from(["cut", "change", "flip", "insert", "remove", "repeat", "number"]))
        if way == "cut":
            del content[at:]
        elif way == "change":
            content[at : at + 8] = draw(st.binary(max_size=8))
        elif way == "flip" and at < len(content):
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif way == "insert":
            content[at:at] = draw(st.one_of(st.binary(max_size=16), st.just(b"\x00" * 64), st.just(b"<html>")))
        elif way == "remove":
            del content[at : at + draw(st.integers(1, 64))]
        elif way == "repeat":
            content[at:at] = content[at : at + draw(st.integers(1, 600))]
        elif way == "number":
            format = draw(st.sampled_from([">I", "<I", "<H", "<Q"]))
            number = draw(st.sampled_from([0, 1, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**40, 2**64 - 1]))
            content[at : at + struct.calcsize(format)] = struct.pack(
                format, number % 2 ** (8 * struct.calcsize(format))
            )
    return bytes(content)


@pytest.mark.parametrize("name", READERS)
def test_only_the_documented_exception_comes_out(name, tmp_path):
    read, good = READERS[name]
    path = tmp_path / "file"
    path.write_bytes(good)
    read(path)
    outcomes = {"read": 0, "refused": 0}

    @settings(
        max_examples=INPUTS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(good))
    def check(content):
        path.unlink(missing_ok=True)  # an earlier file may still be mapped
        path.write_bytes(content)
        try:
            read(path)
        except (LabError, SourceFailed, own.Unusable) as error:
            assert "file" in str(error) or isinstance(error, (SourceFailed, own.Unusable)), (
                f"{error} does not name the file"
            )
            assert str(error)
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1

    check()
    assert sum(outcomes.values()) >= INPUTS
    assert outcomes["refused"] > INPUTS / 20


def test_a_damaged_checkpoint_is_never_an_error(tmp_path):
    checkpoint = Checkpoint(tmp_path, "spec")
    good = saved(np.savez, a=np.ones(3), history=np.ones((1, 3)), seconds=np.ones(1))

    @settings(max_examples=INPUTS, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(damaged(good))
    def check(content):
        checkpoint.path.unlink(missing_ok=True)
        checkpoint.path.write_bytes(content)
        checkpoint.load()

    check()
