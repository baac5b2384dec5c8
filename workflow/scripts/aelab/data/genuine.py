"""What the four files of MNIST are: their sizes and digests, and how many images of what size they hold."""

import hashlib

IMAGE_SIZE = 784
TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000

# SHA-256 and size in bytes of the four files of LeCun, Cortes and Burges, unpacked.
FILES = {
    "train-images-idx3-ubyte": ("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 47_040_016),
    "train-labels-idx1-ubyte": ("65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 60_008),
    "t10k-images-idx3-ubyte": ("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 7_840_016),
    "t10k-labels-idx1-ubyte": ("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 10_008),
}


def difference(name, content):
    """What tells `content` from the genuine file of this name, in words; None where nothing does."""
    digest, size = FILES[name]
    if len(content) != size:
        what = " and looks like an HTML page" if content[:200].lstrip()[:1] == b"<" else ""
        return f"has {len(content)} bytes instead of {size}{what}"
    found = hashlib.sha256(content).hexdigest()
    return None if found == digest else f"has the SHA-256 {found[:16]}... instead of {digest[:16]}..."
