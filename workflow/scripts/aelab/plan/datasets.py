"""Data sets: objects, each made of an entry of the configuration, of which planning asks what it needs to know."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aelab.data import own
from aelab.data.files_of import DESCRIPTION, FILES
from aelab.errors import ConfigurationError
from aelab.plan.explanations import nearest
from aelab.plan.strict_yaml import read_yaml

KNOWN = Path(own.__file__).parent / "known"
FOLDER = "results/data"

# The word for what an image shows where nobody says so.
OBJECT = "object"


def in_words(number):
    """A small number as a word."""
    small = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    return small[number] if number < len(small) else str(number)


@cache
def known_kinds():
    """The data sets that need no description: those of `aelab/data/known`."""
    return {path.stem: read_yaml(path) for path in sorted(KNOWN.glob("*.yaml"))}


@dataclass(frozen=True)
class Dataset:
    """A data set of grey images, in a training and a test part.

    Parameters
    ----------
    name : str
        That of its entry in the configuration, and of its folder.
    kind : str
        The known data set that it is, or the format of the user's own files.
    shape : pair of int
        Rows and columns of an image.
    classes : tuple of str
        Names of the classes in the order of their numbers.
    word : str
        What an image shows, in the singular.
    images : dict of int
        How many there are in the parts `train` and `test`.
    pinned : dict or None
        SHA-256 and bytes of its IDX files by name, where they are known beforehand.
    origin : str or None
        The digest of the user's own files.
    source : dict
        Where the files are had from. Of no consequence for what they hold.
    """

    name: str
    kind: str
    shape: tuple
    classes: tuple
    word: str
    images: dict
    pinned: dict | None
    origin: str | None
    source: dict

    @property
    def pixels(self):
        """Numbers in an image."""
        return self.shape[0] * self.shape[1]

    @property
    def words(self):
        """What images show, in the plural."""
        return self.word + ("es" if self.word.endswith(("s", "x", "ch", "sh")) else "s")

    @property
    def identity(self):
        """What published numbers name it by: the known data set that it is, or else its own name."""
        return self.kind if self.pinned else self.name

    @property
    def is_fetched(self):
        """Whether it comes from a folder or the network as it is; all others are made."""
        return bool(self.pinned) and "made_by" not in self.source

    @property
    def shown(self):
        """What figures and tables show of it (`aelab.data.shown.Shown`)."""
        return {"shape": self.shape, "classes": self.classes, "word": self.word, "words": self.words}

    @property
    def quantities(self):
        """What claims and captions may say of it (`aelab.report.claims.Quantities`)."""
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

    def file(self, part, what):
        """The path of the `images` or `labels` of a part."""
        return f"{FOLDER}/{self.name}/{FILES[part, what]}"

    @property
    def files(self):
        """All paths, as `files[part][what]`."""
        return {part: {what: self.file(part, what) for what in ("images", "labels")} for part in ("train", "test")}

    def size(self, part, what):
        """Bytes of a file."""
        return 16 + self.images[part] * self.pixels if what == "images" else 8 + self.images[part]


def checked(config):
    """The data sets of a configuration by name. Raises `ConfigurationError` where one cannot be used."""
    return {name: dataset(name, entry) for name, entry in config["datasets"].items()}


def check_sources(datasets):
    """A folder that images are to come from exists. Once they are there nobody looks into it any more."""
    for dataset in datasets.values():
        folder = dataset.source.get("folder") if dataset.pinned else None
        there = all(Path(path).exists() for part in dataset.files.values() for path in part.values())
        if folder and not Path(folder).is_dir() and not there:
            raise ConfigurationError(
                f"datasets.{dataset.name}.folder",
                repr(folder),
                f"allowed: a folder that exists ({Path(folder).absolute()} is none), or null",
            )


def dataset(name, entry):
    """The data set of one entry."""
    where, kind = f"datasets.{name}", entry["kind"]
    kinds = [*known_kinds(), *own.SURVEYS]
    if kind not in kinds:
        raise ConfigurationError(f"{where}.kind", repr(kind), f"allowed: {', '.join(kinds)}{nearest(kind, kinds)}")
    allowed = allowed_keys(kind)
    for key in entry:
        if entry[key] is not None and key not in allowed:
            raise ConfigurationError(f"{where}.{key}", repr(entry[key]), f"of the kind {kind}: {', '.join(allowed)}")
    if kind in known_kinds():
        return of_known(name, entry, known_kinds()[kind])
    return of_files(name, entry, where)


def allowed_keys(kind):
    """The keys of an entry."""
    if kind in known_kinds():
        fetched = ("folder", "mirrors", "npm_package", "timeout")
        return ("kind", "word", *(() if "made_by" in known_kinds()[kind] else fetched))
    return ("kind", "word", "file" if kind == "npz" else "folder", *(() if kind == "png" else ("classes",)))


def of_known(name, entry, facts):
    """A data set that needs no description."""
    given = {key: value for key, value in entry.items() if key in ("folder", "mirrors", "npm_package", "timeout")}
    source = {"folder": None, "timeout": 5, **facts.get("sources", {}), **given}
    if "made_by" in facts:
        source = {"made_by": facts["made_by"]}
    return Dataset(
        name=name,
        kind=entry["kind"],
        shape=tuple(facts["shape"]),
        classes=tuple(facts["classes"]),
        word=entry.get("word") or facts["word"],
        images={part: facts[part] for part in ("train", "test")},
        pinned={file: tuple(expected) for file, expected in facts["files"].items()},
        origin=None,
        source={**source, "title": facts["title"], "name": name},
    )


def of_files(name, entry, where):
    """A data set of the user's own files; as it was recorded, where they are not there any more."""
    kind, key = entry["kind"], "file" if entry["kind"] == "npz" else "folder"
    if not entry.get(key):
        raise ConfigurationError(f"{where}.{key}", "nothing", f"name the {key} of your images")
    if kind != "png" and not entry.get("classes"):
        raise ConfigurationError(f"{where}.classes", "nothing", "a name for each class, in the order of the labels")
    try:
        found = recorded(name, kind) if not Path(entry[key]).exists() else None
        if found is None:
            found = own.survey(kind, entry, f".snakemake/datasets/{name}.json")
            found["origin"] = own.origin(found.pop("files"))
    except own.Unusable as error:
        raise ConfigurationError(f"{where}.{key}", error.found, error.allowed) from None
    classes = found.get("classes") or entry["classes"]
    if not 2 <= len(classes) <= own.MOST_CLASSES:
        raise ConfigurationError(
            f"{where}.{key if kind == 'png' else 'classes'}",
            f"{len(classes)} class{'' if len(classes) == 1 else 'es'}",
            f"allowed: 2 to {own.MOST_CLASSES}",
        )
    return Dataset(
        name=name,
        kind=kind,
        shape=tuple(found["shape"]),
        classes=tuple(classes),
        word=entry.get("word") or OBJECT,
        images={part: found[part] for part in ("train", "test")},
        pinned=None,
        origin=found["origin"],
        source={key: entry[key], "name": name},
    )


def recorded(name, kind):
    """What the results say of the user's own data set; None where they hold none of that kind."""
    folder = Path(FOLDER) / name
    try:
        content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        found = {key: content[key] for key in ("shape", "train", "test", "classes", "origin")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    complete = all((folder / file).exists() for file in FILES.values())
    return found if content.get("kind") == kind and complete else None
