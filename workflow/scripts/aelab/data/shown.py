"""What figures and tables show of a data set: how its images are drawn, and what its classes are called."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shown:
    """What figures and tables show of a data set: how its images are drawn, and what its classes are called.

    Parameters
    ----------
    shape : pair of int
        Rows and columns of an image.
    classes : list of str
        Names of the classes, in the order of their numbers.
    word, words : str
        What an image shows, in the singular and in the plural: `digit` and `digits`, say.
    """

    shape: tuple
    classes: list
    word: str
    words: str

    @classmethod
    def of(cls, spec):
        """What the key `data` of a job's spec says."""
        return cls(**{**spec["data"], "shape": tuple(spec["data"]["shape"])})

    def planes(self, images):
        """Flat images (..., pixels) as planes (..., rows, columns)."""
        return np.reshape(images, (*np.shape(images)[:-1], *self.shape))

    def name(self, number):
        """The name of a class by its number."""
        return self.classes[int(number)]

    def names(self, numbers):
        """The names of many."""
        return [self.name(number) for number in numbers]

    def numbers(self, names):
        """The numbers of classes, by their names as a table holds them."""
        known = {name: number for number, name in enumerate(self.classes)}
        return [known[str(name)] for name in names]

    @property
    def a_word(self):
        """What an image shows, with its article."""
        return with_article(self.word)

    def a(self, number):
        """The name of a class with its article, where it has one: `a sneaker`, `an ankle boot`, `a 7`."""
        return with_article(self.name(number))


def with_article(word):
    """`a` or `an`, and a word."""
    return f"{'an' if word[0] in 'aeiouAEIOU' else 'a'} {word}"
