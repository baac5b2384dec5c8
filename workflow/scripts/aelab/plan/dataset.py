"""A data set as planning sees it."""

from dataclasses import dataclass
from typing import Any

from aelab.data.files_of import FILES

FOLDER = "results/data"


def in_words(number: int) -> str:
    """Return a number up to twelve as a word, a larger one as digits."""
    small = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    return small[number] if number < len(small) else str(number)


@dataclass(frozen=True)
class Dataset:
    """A data set of grey images with a training and a test part.

    Parameters
    ----------
    name : str
        The name of its entry in the configuration and of its folder.
    kind : str
        The name of a known data set, or the format of the user's own files.
    shape : pair of int
        Rows and columns of an image.
    classes : tuple of str
        Names of the classes in the order of their numbers.
    word : str
        What an image shows, in the singular.
    images : dict of int
        Numbers of images in the parts `train` and `test`.
    pinned : dict or None
        SHA-256 and size in bytes of each IDX file, by file name, if they are known beforehand.
    origin : str or None
        Digest of the user's own files; None for a known data set.
    source : dict
        Where the files come from. It does not affect what they hold.
    """

    name: str
    kind: str
    shape: tuple[int, int]
    classes: tuple[str, ...]
    word: str
    images: dict[str, int]
    pinned: dict[str, tuple[str, int]] | None
    origin: str | None
    source: dict[str, Any]

    @property
    def pixels(self) -> int:
        """Number of pixels in an image."""
        return self.shape[0] * self.shape[1]

    @property
    def words(self) -> str:
        """What images show, in the plural."""
        return self.word + ("es" if self.word.endswith(("s", "x", "ch", "sh")) else "s")

    @property
    def identity(self) -> str:
        """The name that published numbers use for it: that of the known data set, or else its own."""
        return self.kind if self.pinned else self.name

    @property
    def is_fetched(self) -> bool:
        """Whether its files are copied unchanged from a folder or the network; those of all others are made here."""
        return bool(self.pinned) and "made_by" not in self.source

    @property
    def shown(self) -> dict[str, Any]:
        """What figures and tables need to know about it (`aelab.data.shown.Shown`)."""
        return {"shape": self.shape, "classes": self.classes, "word": self.word, "words": self.words}

    @property
    def quantities(self) -> dict[str, Any]:
        """What claims and captions may say about it (`aelab.report.claims.Quantities`)."""
        return {
            "identity": self.identity,
            "classes": self.classes,
            "word": self.word,
            "words": self.words,
            "a_word": f"{'an' if self.word[0] in 'aeiou' else 'a'} {self.word}",
            "count": len(self.classes),
            "number": in_words(len(self.classes)),
            "rows": self.shape[0],
            "columns": self.shape[1],
            "pixels": self.pixels,
            "images": sum(self.images.values()),
            **self.images,
        }

    def file(self, part: str, what: str) -> str:
        """Return the path of one file.

        Parameters
        ----------
        part : {"train", "test"}
        what : {"images", "labels"}

        Returns
        -------
        str
            The path, relative to the working folder.
        """
        return f"{FOLDER}/{self.name}/{FILES[part, what]}"

    @property
    def files(self) -> dict[str, dict[str, str]]:
        """All paths, as `files[part][what]`."""
        return {part: {what: self.file(part, what) for what in ("images", "labels")} for part in ("train", "test")}

    def size(self, part: str, what: str) -> int:
        """Return the size of one file in bytes; the arguments are those of `file`."""
        return 16 + self.images[part] * self.pixels if what == "images" else 8 + self.images[part]
