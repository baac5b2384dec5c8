"""Names and digests of the four IDX files that hold a data set."""

import hashlib
from mmap import mmap

# By part and content. Every data set uses the names of MNIST's files.
FILES = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}

# A file in the same folder that describes the data set and holds the digests of the four files.
DESCRIPTION = "dataset.json"


def difference(expected: tuple[str, int], content: bytes | mmap) -> str | None:
    """Say how the content of a file differs from what is expected.

    Parameters
    ----------
    expected : (str, int)
        SHA-256 in hexadecimal digits, and size in bytes.
    content : bytes or mmap
        The content of the file.

    Returns
    -------
    str or None
        The end of a sentence that starts with the file's name; None if the content is as expected.
    """
    digest, size = expected
    if len(content) != size:
        what = " and looks like an HTML page" if content[:200].lstrip()[:1] == b"<" else ""
        return f"has {len(content)} bytes instead of {size}{what}"
    found = hashlib.sha256(content).hexdigest()
    return None if found == digest else f"has the SHA-256 {found[:16]}... instead of {digest[:16]}..."
