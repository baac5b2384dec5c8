"""Make data sets that are not downloaded: scikit-learn's digits, and the user's own files in other formats.

The functions that read a data set return a dict with the parts `train` and `test`. Each part is a pair of images (n,
rows, columns), uint8, and labels (n,), the numbers of the classes.
"""

import io
import zipfile
from pathlib import Path

import numpy as np

from aelab.data import idx, own
from aelab.data.files_of import FILES
from aelab.data.randomness import generator
from aelab.errors import LabError
from aelab.files.arrays import parsed_array


def digits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return scikit-learn's digits.

    How they are scaled to 8 bits and divided into parts is described in `known/digits.yaml`.
    """
    from sklearn.datasets import load_digits

    content = load_digits()
    images, labels = np.rint(content.images * 255 / 16).astype(np.uint8), content.target
    order = np.random.RandomState(0).permutation(len(labels))
    train, test = np.split(order, [len(labels) - len(labels) // 5 - 1])
    return {part: (images[rows], labels[rows]) for part, rows in (("train", train), ("test", test))}


def of_folder(folder: str | Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read a data set from a folder with the four IDX files, which may be gzipped.

    Raises
    ------
    aelab.data.own.Unusable
        If a file is missing or damaged.
    """
    content = {}
    for key, name in FILES.items():
        content[key] = own.unpacked(own.idx_file(Path(folder), name))
    arrays = {}
    for part in ("train", "test"):
        labels = content[part, "labels"]
        count, rows, columns = own.idx_sizes(content[part, "images"], 3)
        images = np.frombuffer(content[part, "images"], np.uint8, offset=16).reshape(count, rows, columns)
        arrays[part] = images, np.frombuffer(labels, np.uint8, offset=8)
    return arrays


def of_npz(path: str | Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read a data set from an `.npz` file with Keras's names of arrays: `x_train`, `y_train`, `x_test` and `y_test`.

    Pixels are uint8, or numbers in [0, 1], which are rounded to 8 bits.

    Raises
    ------
    LabError
        If the file is damaged, or pixels are neither.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                part: (member(archive, f"x_{part}"), member(archive, f"y_{part}").reshape(-1))
                for part in ("train", "test")
            }
    except Exception as error:  # NumPy and zipfile raise many types of exception
        raise LabError(f"{path} is damaged ({type(error).__name__}: {error}).") from error
    return {part: (eight_bit(images, f"{path}: x_{part}"), labels) for part, (images, labels) in arrays.items()}


def member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return one array of an `.npz` file, compressed or not. Pickled objects are not loaded.

    Raises
    ------
    KeyError
        If there is no such array.
    ValueError
        If the array is larger than `MOST_OF_AN_ARRAY`, or damaged.
    """
    found = archive.getinfo(f"{name}.npy")
    if found.file_size > MOST_OF_AN_ARRAY:
        raise ValueError(f"{name} of {found.file_size} bytes")
    with archive.open(found) as file:
        return parsed_array(file.read(found.file_size))


MOST_OF_AN_ARRAY = 2**33  # bytes: enough for a million images of 64 x 64 pixels at 2 bytes per pixel


def eight_bit(images: np.ndarray, what: str) -> np.ndarray:
    """Convert images to uint8.

    Parameters
    ----------
    images : np.ndarray
        uint8, bool, or floats in [0, 1].
    what : str
        The name of the array, for the error message.

    Returns
    -------
    np.ndarray
        uint8 of the same shape.

    Raises
    ------
    LabError
        If the images have another type, or floats outside [0, 1].
    """
    if images.dtype == np.uint8:
        return images
    if images.dtype == bool:
        return images.astype(np.uint8) * 255
    if images.dtype.kind == "f" and np.isfinite(images).all() and images.min() >= 0 and images.max() <= 1:
        return np.rint(images * 255).astype(np.uint8)
    raise LabError(f"{what} holds {images.dtype} numbers; allowed: uint8, or numbers from 0 to 1.")


def of_pictures(folder: str | Path, name: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read a data set from a folder with one sub-folder of PNG files per class.

    Parameters
    ----------
    folder : str or Path
        The folder (`aelab.data.own.pictures`).
    name : str
        The name of the data set. The order of the images is drawn from it, so that it is the same on every machine.

    Raises
    ------
    LabError
        If a file is not a readable PNG image.
    aelab.data.own.Unusable
        If the folder or its files cannot be used.
    """
    parts, classes = own.pictures(Path(folder))
    arrays = {}
    for part, files in parts.items():
        files = [files[n] for n in generator("dataset", name, part).permutation(len(files))]
        images = np.stack([grey(Path(folder) / file) for file in files])
        arrays[part] = images, np.array([classes.index(Path(file).parent.name) for file in files])
    return arrays


def grey(path: Path) -> np.ndarray:
    """Read a PNG file as grey values (rows, columns), uint8.

    Colours are replaced by their luminance. Transparency is ignored. Of 16 bits per pixel, the upper 8 are kept.

    Raises
    ------
    LabError
        If the file is not a readable PNG image.
    """
    from PIL import Image

    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.mode.startswith("I"):
                return (np.asarray(image, np.uint32) >> 8).astype(np.uint8)  # 16 bits per pixel
            return np.asarray(image.convert("L"))
    except Exception as error:  # Pillow raises many types of exception
        raise LabError(f"{path} is not a PNG image that can be read ({error}).") from error


def files(arrays: dict[str, tuple[np.ndarray, np.ndarray]], classes: list[str]) -> dict[str, bytes]:
    """Return the content of the four IDX files by name.

    Parameters
    ----------
    arrays : dict
        Images and labels of both parts, as the functions above return them.
    classes : list of str
        The names of the classes.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    LabError
        If a part has different numbers of images and labels, a label that is not the number of a class, or a class
        without images.
    """
    contents = {}
    for part, (images, labels) in arrays.items():
        if len(images) != len(labels):
            raise LabError(f"{part}: {len(images)} images and {len(labels)} labels.")
        if labels.dtype.kind not in "iu" or len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
            raise LabError(f"{part}: labels are whole numbers from 0 to {len(classes) - 1}, one for each class.")
        missing = [name for number, name in enumerate(classes) if not (labels == number).any()]
        if missing:
            raise LabError(f"{part}: no image of {', '.join(missing)}.")
        contents[FILES[part, "images"]] = idx.of_images(images)
        contents[FILES[part, "labels"]] = idx.of_labels(labels)
    return contents


READERS = {
    "idx": lambda settings, name: of_folder(settings["folder"]),
    "npz": lambda settings, name: of_npz(settings["file"]),
    "png": lambda settings, name: of_pictures(settings["folder"], name),
    "digits": lambda settings, name: digits(),
}
