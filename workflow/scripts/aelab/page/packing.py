"""Pack arrays of integers into the text of a script that a browser can load from the disk.

A page that is opened from the disk may not read files, but it may load scripts. An array becomes a string in a script.
Its numbers are Rice-coded, and the bits become characters, 15 bits each, from U+0100 on: none of them needs an escape
or is a surrogate. The script is written in UTF-16, so that a character takes 16 bits; in Base64 it would take 20.

References
----------
Rice (1979), Some practical universal noiseless coding techniques.
"""

import codecs
import json
from typing import Any

import numpy as np

BITS, FIRST = 15, 0x100


def packed(values: np.ndarray) -> dict[str, Any]:
    """Pack integers.

    Parameters
    ----------
    values : np.ndarray
        Integers of any shape, of which most should be near 0.

    Returns
    -------
    dict
        `shape`, `rice` (the parameter of the code) and `text`.
    """
    signed = np.asarray(values, np.int64).ravel()
    numbers = np.where(signed < 0, -2 * signed - 1, 2 * signed)
    parameter = min(range(17), key=lambda k: int((numbers >> k).sum()) + k * len(numbers))
    return {"shape": list(np.shape(values)), "rice": parameter, "text": as_text(rice_coded(numbers, parameter))}


def packed_runs(values: np.ndarray) -> dict[str, Any]:
    """Pack integers that are not negative, many of them 0: a run of zeros becomes its length, negative."""
    flat = np.asarray(values, np.int64).ravel()
    zero = flat == 0
    first = np.flatnonzero(~zero | np.concatenate([[True], ~zero[:-1]]))  # of each run, or value
    lengths = np.diff(np.append(first, len(flat)))
    symbols = np.where(zero[first], -lengths, flat[first])
    return {**packed(symbols), "shape": list(np.shape(values)), "symbols": len(symbols)}


def rice_coded(numbers: np.ndarray, parameter: int) -> np.ndarray:
    """Return the bits of a Rice code.

    Parameters
    ----------
    numbers : np.ndarray, shape (n,)
        Integers, not negative.
    parameter : int
        How many of the low bits of each number are written as they are. What is above them is written as so many zeros
        and a one, before them.

    Returns
    -------
    np.ndarray
        Bits, uint8.
    """
    above = numbers >> parameter
    ends = np.cumsum(above + 1 + parameter)
    bits = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    bits[ends - parameter - 1] = 1
    for place in range(parameter):
        bits[ends - 1 - place] = numbers >> place & 1
    return bits


def as_text(bits: np.ndarray) -> str:
    """Return bits as characters, the last of which is filled up with zeros."""
    filled = np.concatenate([bits, np.zeros(-len(bits) % BITS, np.uint8)]).reshape(-1, BITS)
    codes = filled @ (1 << np.arange(BITS - 1, -1, -1)) + FIRST
    return codes.astype("<u2").tobytes().decode("utf-16-le")


def script(kind: str, name: str, value: object) -> bytes:
    """Return a script that hands a value to the page, in UTF-16 with a byte order mark.

    Parameters
    ----------
    kind, name : str
        What the page keeps the value as.
    value : object
        What JSON can express, strings of `packed` in it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    words = f"Lab.keep({json.dumps(kind)},{json.dumps(name)},{text});\n"
    return codecs.BOM_UTF16_LE + words.encode("utf-16-le")
