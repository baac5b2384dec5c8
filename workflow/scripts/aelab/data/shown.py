"""How figures and tables show a data set: the shape of its images and the names of its classes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Shown:
    """How figures and tables show a data set.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of an image.
    classes : list of str
        Names of the classes, in the order of their numbers.
    word, words : str
        What an image shows, in the singular and in the plural, for example `digit` and `digits`.
    """

    shape: tuple
    classes: list
    word: str
    words: str

    @classmethod
    def of(cls, spec: dict[str, Any]) -> "Shown":
        """Build the object from the key `data` of a job's spec."""
        return cls(**{**spec["data"], "shape": tuple(spec["data"]["shape"])})

    def planes(self, images: np.ndarray) -> np.ndarray:
        """Reshape flat images (..., pixels) to (..., rows, columns)."""
        return np.reshape(images, (*np.shape(images)[:-1], *self.shape))

    def name(self, number: int) -> str:
        """Return the name of a class, given its number."""
        return self.classes[int(number)]

    def names(self, numbers: Iterable[int]) -> list[str]:
        """Return the names of classes, given their numbers."""
        return [self.name(number) for number in numbers]

    def numbers(self, names: Iterable[object]) -> list[int]:
        """Return the numbers of classes, given their names, which a table may hold as integers.

        Raises
        ------
        KeyError
            If there is no class of that name.
        """
        known = {name: number for number, name in enumerate(self.classes)}
        return [known[str(name)] for name in names]

    @property
    def a_word(self) -> str:
        """What an image shows, with an indefinite article."""
        return with_article(self.word)

    def a(self, number: int) -> str:
        """Return the name of a class with an indefinite article, for example `a sneaker` or `an ankle boot`."""
        return with_article(self.name(number))


def with_article(word: str) -> str:
    """Return a word with the article `a`, or `an` if it starts with a vowel."""
    return f"{'an' if word[0] in 'aeiouAEIOU' else 'a'} {word}"
