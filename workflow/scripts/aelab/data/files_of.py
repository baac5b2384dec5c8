"""Names and digests of the four IDX files that every data set is kept in."""

import hashlib

# Part and content: the names that MNIST's files have had from the first, whatever the data set.
FILES = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}

# Beside them: what the data set is and what the files must hold.
DESCRIPTION = "dataset.json"


def difference(expected, content):
    """What tells `content` from the file that is expected, in words; None where nothing does.

    Parameters
    ----------
    expected : pair of str and int
        SHA-256 in hexadecimal digits, and bytes.
    content : bytes-like
        What a file holds.
    """
    digest, size = expected
    if len(content) != size:
        what = " and looks like an HTML page" if content[:200].lstrip()[:1] == b"<" else ""
        return f"has {len(content)} bytes instead of {size}{what}"
    found = hashlib.sha256(content).hexdigest()
    return None if found == digest else f"has the SHA-256 {found[:16]}... instead of {digest[:16]}..."
