"""Round the weights of trained models as far as pixels allow, and pack them."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from aelab.errors import LabError
from aelab.inference import operations, trained
from aelab.page.packing import packed

TOLERANCE = 0.7 / 255  # of a pixel; what the page shows may be off by 1 / 255
COARSEST, FINEST, STEP = 4, 18, 0.5  # bits below the root mean square of an array of weights
BIAS = 3  # more of them for biases, which are few
SMALL = 0.01  # of all weights: arrays with less are not worth a search of their own

Values = Callable[[trained.Model], Iterable[np.ndarray]]


def rounded(model: trained.Model, bits: Mapping[str, float]) -> tuple[trained.Model, dict[str, Any]]:
    """Return a model with rounded weights, and the weights as whole numbers of steps.

    Parameters
    ----------
    model : trained.Model
        The model.
    bits : mapping of str to float
        By the name of each array of weights: its step is its root mean square divided by 2 to this power.

    Returns
    -------
    model : trained.Model
        The rounded model.
    steps : dict
        `step` and `whole`, the integers, of each array by name.
    """
    arrays, steps = {}, {}
    for name, array in model.arrays.items():
        size = float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) or 1.0
        step = np.float32(size / 2 ** bits[name])
        whole = np.round(array / np.float64(step)).astype(np.int64)
        steps[name] = {"step": float(step), "whole": whole}
        arrays[name] = whole.astype(np.float32) * step
    return trained.of(model.description, arrays, model.own), steps


def pack(model: trained.Model, values: Values) -> dict[str, Any]:
    """Pack a model with the coarsest weights that change no value by more than `TOLERANCE`.

    First all arrays get the same number of bits, then one large array after another fewer, the largest first.

    Parameters
    ----------
    model : trained.Model
        The model.
    values : callable
        What the page will show of a model: arrays of numbers in units of a pixel or a probability, one after the other.

    Returns
    -------
    dict
        The model's description and its `weights`, packed. If no number of bits is enough, `unsuited` alone: why.

    Raises
    ------
    LabError
        If the model has a layer that the page cannot apply.
    """
    check(model.description)
    exact = list(values(model))

    def fits(bits: Mapping[str, float]) -> bool:
        found = values(rounded(model, bits)[0])  # the first part that is too far off decides
        return all(np.abs(part - own).max() <= TOLERANCE for part, own in zip(found, exact, strict=True))

    def even(base: float) -> dict[str, float]:
        return {name: base + (BIAS if array.ndim == 1 else 0) for name, array in model.arrays.items()}

    bases = np.arange(COARSEST, FINEST, STEP)
    if not fits(even(bases[-1])):
        largest = max(np.abs(part).max() for part in exact)
        return {"unsuited": f"its pixels reach {largest:,.0f}, and weights of {bases[-1]:.0f} bits are too coarse."}
    bits = even(first(bases, lambda base: fits(even(base))))
    weights = sum(array.size for array in model.arrays.values())
    worthwhile = [name for name, array in model.arrays.items() if array.size > weights * SMALL]
    for name in sorted(worthwhile, key=lambda name: -model.arrays[name].size):
        fewer = np.arange(COARSEST, bits[name] + STEP, STEP)
        bits[name] = first(fewer, lambda number, name=name: fits({**bits, name: number}))
    steps = rounded(model, bits)[1]
    kept = ("family", "networks", "output")
    return {
        **{key: model.description[key] for key in kept},
        "weights": {name: {"step": each["step"], **packed(each["whole"])} for name, each in steps.items()},
    }


def first(numbers: np.ndarray, fits: Callable[[float], bool]) -> float:
    """Return the number from which on all fit, by bisection.

    Parameters
    ----------
    numbers : np.ndarray
        Growing numbers, of which the last one fits. It is not asked about.
    fits : callable
        Whether a number fits. If some numbers above one that fits do not, the result fits, but need not be the first.
    """
    low, high = 0, len(numbers) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(numbers[middle]) else (middle + 1, high)
    return float(numbers[high])


def check(description: Mapping[str, Any]) -> None:
    """Check that a model consists of layers and activations of this package, which are those that the page has.

    Raises
    ------
    LabError
        If it has others.
    """
    layers = [layer for network in description["networks"].values() for layer in network]
    names = {layer["layer"] for layer in layers} - set(operations.LAYERS)
    names |= {layer.get("activation", "linear") for layer in layers} - set(operations.ACTIVATIONS)
    if names:
        raise LabError(f"the page cannot apply {', '.join(sorted(names))}.")


def of_autoencoder(images: np.ndarray, codes: np.ndarray) -> Values:
    """Return what the page shows of an autoencoder: reconstructions of images (n, pixels), and decoded codes (m, k)."""
    return lambda model: itertools.chain(parts(model, model.decode, codes), parts(model, model.reconstruct, images))


def of_classifier(images: np.ndarray) -> Values:
    """Return what the page shows of a classifier: the probabilities of the classes for images (n, pixels)."""
    return lambda model: parts(model, model.encode, images)


def parts(model: trained.Model, apply: Callable[[np.ndarray], np.ndarray], given: np.ndarray) -> Iterator[np.ndarray]:
    """Apply a model to rows, as many at a time as it takes in one go; in all the same as applying it to all of them."""
    for start in range(0, len(given), model.batch_size):
        yield apply(given[start : start + model.batch_size])


def spread(codes: np.ndarray, number: int, generator: np.random.Generator) -> np.ndarray:
    """Draw codes (number, k) evenly from the box in which codes (n, k) lie."""
    low, high = codes.min(axis=0), codes.max(axis=0)
    return low + (high - low) * generator.random((number, codes.shape[1]), dtype=np.float32)
