"""Data sets: the known ones, and a user's own in every format, of any shape and with any classes."""

import gzip
import hashlib
import json
import re
import struct

import fast_yaml
import numpy as np
import pytest
from PIL import Image
from small import REPOSITORY, default
from snakemake_starts import snakemake

from aelab.data import idx, made
from aelab.data.files_of import DESCRIPTION, FILES
from aelab.data.shown import Shown
from aelab.errors import ConfigurationError, LabError
from aelab.plan import configuration, datasets
from aelab.plan.plan import Plan

NAMES = ["rings", "bars", "T-shirt/top"]


def drawn(rows, columns, count, classes, seed=0):
    """Images (n, rows, columns) as uint8, each class brighter than the one before, and labels that take turns."""
    labels = np.arange(count) % classes
    noise = np.random.default_rng(seed).integers(0, 40, (count, rows, columns))
    return (noise + 60 * labels[:, None, None]).astype(np.uint8), labels.astype(np.uint8)


def parts(rows=12, columns=20, train=30, test=12, classes=3):
    return {"train": drawn(rows, columns, train, classes), "test": drawn(rows, columns, test, classes, 1)}


def write_idx(folder, arrays, packed=False):
    folder.mkdir(parents=True)
    for part, (images, labels) in arrays.items():
        for what, content in (("images", idx.of_images(images)), ("labels", idx.of_labels(labels))):
            name = FILES[part, what]
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
    return folder


def write_npz(path, arrays, change=lambda images: images):
    path.parent.mkdir(parents=True, exist_ok=True)
    named = {f"x_{part}": change(images) for part, (images, _) in arrays.items()}
    np.savez_compressed(path, **named, **{f"y_{part}": labels for part, (_, labels) in arrays.items()})
    return path


def write_png(folder, arrays, names=("bars", "rings", "towers"), divided=True):
    for part, (images, labels) in arrays.items():
        for n, (image, label) in enumerate(zip(images, labels, strict=True)):
            into = folder / (part if divided else "") / names[label]
            into.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(into / f"{part}-{n:03d}.png")
    return folder


def entry_of(kind, folder, arrays):
    """An entry of the configuration, its files written."""
    if kind == "npz":
        return {"kind": "npz", "file": str(write_npz(folder / "mine.npz", arrays)), "classes": NAMES}
    if kind == "png":
        return {"kind": "png", "folder": str(write_png(folder / "mine", arrays))}
    return {"kind": "idx", "folder": str(write_idx(folder / "mine", arrays)), "classes": NAMES}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- readers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(12, 20), (64, 64), (8, 8)])
@pytest.mark.parametrize("kind", ["idx", "npz", "png"])
def test_own_files_of_any_shape(kind, shape, here):
    arrays = parts(*shape)
    entry = entry_of(kind, here, arrays)
    dataset = datasets.dataset("mine", entry)
    assert dataset.shape == shape and dataset.images == {"train": 30, "test": 12} and dataset.pixels == np.prod(shape)
    assert list(dataset.classes) == (["bars", "rings", "towers"] if kind == "png" else NAMES)
    found = made.READERS[kind](entry, "mine")
    for part, (images, labels) in arrays.items():
        got, numbers = found[part]
        order = np.lexsort(got.reshape(len(got), -1).T), np.lexsort(images.reshape(len(images), -1).T)
        assert (got[order[0]] == images[order[1]]).all() and (numbers[order[0]] == labels[order[1]]).all()
    for name, content in made.files(found, dataset.classes).items():
        (here / name).write_bytes(content)
    assert idx.image_shape(here / FILES["test", "images"]) == shape
    assert idx.read_images(here / FILES["train", "images"]).shape == (30, dataset.pixels)
    assert set(idx.read_labels(here / FILES["test", "labels"], 3)) == {0, 1, 2}


def test_gzipped_idx_and_numbers_from_0_to_1(here):
    arrays = parts()
    write_idx(here / "packed", arrays, packed=True)
    found = made.of_folder(here / "packed")
    assert (found["train"][0] == arrays["train"][0]).all()
    path = write_npz(here / "unit.npz", arrays, lambda images: images / 255)
    assert (made.of_npz(path)["test"][0] == arrays["test"][0]).all()
    write_npz(path, arrays, lambda images: images.astype(float))
    with pytest.raises(LabError, match="x_train holds float64 numbers; allowed: uint8, or numbers from 0 to 1"):
        made.of_npz(path)


def test_pictures_without_parts_are_divided_one_in_five(here):
    folder = write_png(here / "mine", {"train": drawn(9, 10, 30, 3)}, divided=False)
    dataset = datasets.dataset("mine", {"kind": "png", "folder": str(folder)})
    assert dataset.images == {"train": 24, "test": 6}
    found = made.of_pictures(folder, "mine")
    assert sorted(np.bincount(found["test"][1])) == [2, 2, 2]
    assert (found["train"][1][:3] != [0, 0, 0]).any(), "the images are not shuffled"
    again = made.of_pictures(folder, "mine")
    assert (again["train"][0] == found["train"][0]).all()


def test_the_digits_of_scikit_learn():
    """17 grey values, each of which can be told from the 8 bits; sums as pinned."""
    facts = datasets.known_kinds()["digits"]
    contents = made.files(made.digits(), facts["classes"])
    for name, (digest, size) in facts["files"].items():
        assert (hashlib.sha256(contents[name]).hexdigest(), len(contents[name])) == (digest, size)
    images, _ = made.digits()["train"]
    assert (np.rint(np.unique(images).astype(float) * 16 / 255) == np.arange(17)).all()


def test_sums_of_the_known_data_sets():
    numbers = {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    }
    known = datasets.known_kinds()
    assert {name: digest for name, (digest, _) in known["fashion_mnist"]["files"].items()} == numbers
    for facts in known.values():
        rows, columns = facts["shape"]
        for part in ("train", "test"):
            assert facts["files"][FILES[part, "images"]][1] == 16 + facts[part] * rows * columns
            assert facts["files"][FILES[part, "labels"]][1] == 8 + facts[part]
        assert len(set(facts["classes"])) == len(facts["classes"]) == 10


# -- bad input -----------------------------------------------------------------------------------------


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def taller(folder):
    write_idx(folder / "taller", parts(13, 20))
    name = FILES["test", "images"]
    (folder / "mine" / name).write_bytes((folder / "taller" / name).read_bytes())


BAD = {
    "a truncated file": ("idx", lambda f: cut(f / "mine" / FILES["train", "images"]), "header promises 7216; repair"),
    "a file that is missing": ("idx", lambda f: (f / "mine" / FILES["test", "labels"]).unlink(), "without t10k-labels"),
    "a damaged gzip file": (
        "idx",
        lambda f: (f / "mine" / FILES["train", "labels"]).write_bytes(b"\x1f\x8b\x08\x00broken"),
        "a damaged gzip file",
    ),
    "images of two sizes in IDX": ("idx", taller, "found images of 12 x 20 and 13 x 20 pixels; images of one size"),
    "more labels than images": (
        "idx",
        lambda f: (f / "mine" / FILES["test", "labels"]).write_bytes(struct.pack(">2I", 2049, 13) + bytes(13)),
        "12 images in .* and 13 labels in .*; a label for each image",
    ),
    "an npz without labels": (
        "npz",
        lambda f: np.savez(f / "mine.npz", x_train=np.zeros(3)),
        "without y_train, x_test",
    ),
    "an npz of flat images": (
        "npz",
        lambda f: write_npz(f / "mine.npz", parts(), lambda images: images.reshape(len(images), -1)),
        r"x_train of shape \(30, 240\); \(images, rows, columns\)",
    ),
    "an npz that is none": ("npz", lambda f: (f / "mine.npz").write_bytes(b"PK\x03\x04 no archive"), "is damaged"),
    "pictures of two sizes": (
        "png",
        lambda f: Image.new("L", (9, 9)).save(f / "mine/train/bars/train-000.png"),
        "train/bars/train-003.png of 12 x 20 pixels and train/bars/train-000.png of 9 x 9; images of one size",
    ),
    "a picture that is none": (
        "png",
        lambda f: (f / "mine/test/rings/test-001.png").write_bytes(b"<html>"),
        "test-001.png, which is not a PNG image",
    ),
    "a class in one part alone": ("png", lambda f: (f / "mine/test/more").mkdir(), "test with other sub-folders"),
    "a class without a picture": (
        "png",
        lambda f: [(f / "mine" / p / "more").mkdir() for p in ("train", "test")],
        "0 PNG",
    ),
    "a class that no text can hold": (
        "png",
        lambda f: [(f / "mine" / p / "bars").rename(f / "mine" / p / "a,b") for p in ("train", "test")],
        "sub-folder named 'a,b'; a class's name has at most 40 letters",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_are_no_data_set(name, here):
    kind, damage, expected = BAD[name]
    entry = entry_of(kind, here, parts())
    datasets.dataset("mine", entry)
    damage(here)
    with pytest.raises(ConfigurationError, match=expected) as caught:
        datasets.dataset("mine", entry)
    assert str(caught.value).startswith(f"config: datasets.mine.{'file' if kind == 'npz' else 'folder'}: found")


@pytest.mark.parametrize("shape", [(7, 20), (65, 8)])
def test_images_that_are_too_small_or_too_large(shape, here):
    with pytest.raises(
        ConfigurationError, match=f"images of {shape[0]} x {shape[1]} pixels; allowed: 8 x 8 to 64 x 64"
    ):
        datasets.dataset("mine", entry_of("npz", here, parts(*shape)))


def test_one_class_is_none(here):
    folder = write_png(here / "mine", parts(classes=1), names=("bars",))
    with pytest.raises(ConfigurationError, match="datasets.mine.folder: found 1 class; allowed: 2 to 256"):
        datasets.dataset("mine", {"kind": "png", "folder": str(folder)})


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 3], "labels are whole numbers from 0 to 2"),
        ([0.0, 1.0, 2.0], "labels are whole numbers"),
        ([0, 1, 1], "no image of T-shirt/top"),
    ],
)
def test_labels_that_name_no_class(labels, expected):
    arrays = {part: (np.zeros((3, 8, 8), np.uint8), np.array(labels)) for part in ("train", "test")}
    with pytest.raises(LabError, match=expected):
        made.files(arrays, NAMES)


ENTRIES = {
    "no such kind": ({"kind": "mnits"}, r"datasets.x.kind: found 'mnits'; allowed: .* \(did you mean mnist\?\)"),
    "a folder of digits": ({"kind": "digits", "folder": "here"}, "datasets.x.folder: found 'here'; of the kind digits"),
    "a mirror of one's own": (
        {"kind": "png", "mirrors": []},
        "datasets.x.mirrors: found .*; of the kind png: kind, word",
    ),
    "no names": ({"kind": "npz", "file": "x.npz"}, "datasets.x.classes: found nothing; a name for each class"),
    "nowhere": ({"kind": "png"}, "datasets.x.folder: found nothing; name the folder"),
    "not there": ({"kind": "png", "folder": "nowhere"}, "datasets.x.folder: found 'nowhere'; no such folder"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries_that_cannot_be_used(name, here):
    entry, expected = ENTRIES[name]
    with pytest.raises(ConfigurationError, match=expected):
        datasets.dataset("x", entry)


# -- the configuration ---------------------------------------------------------------------------------


def config(**changes):
    """A small configuration on scikit-learn's digits."""
    common = {"split": "all", "epochs": 1, "batch_size": 10, "watch": "none"}
    return {
        "datasets": {"digits": {"kind": "digits"}},
        "splits": {"all": {"kind": "in_order", "train": 100}},
        "corruptions": {},
        "judge": "judge",
        "models": {
            "judge": {"kind": "classifier", "filters": [2], **common},
            "dense": {
                "kind": "dense",
                "description": "{pixels}-2-{pixels}",
                "encoder": {"widths": [2], "activations": ["relu"]},
                "decoder": {"widths": ["pixels"], "activations": ["relu"]},
                **common,
            },
        },
        "studies": {},
        **changes,
    }


def test_what_a_split_leaves_open_follows_from_its_data_set():
    checked = configuration.load(config())
    assert checked["splits"]["all"] | {"dataset": "digits", "test": 360} == checked["splits"]["all"]
    assert checked["models"]["dense"]["decoder"]["widths"] == [64]
    assert checked["models"]["dense"]["description"] == "64-2-64"
    plan = Plan(checked)
    assert plan.entry("judge")["classes"] == 10 and plan.entry("dense")["image_shape"] == (8, 8)


def changed(change):
    given = config()
    change(given)
    return given


REFUSED = {
    "an outdated key": (lambda c: c.update(data={}), "config: data: found .*; write `datasets: "),
    "another data set's split": (lambda c: c["splits"]["all"].update(dataset="mnist"), "splits.all.dataset: .*digits"),
    "too many images": (
        lambda c: c["splits"]["all"].update(train=1438),
        "splits.all.train: found 1438; allowed: at most 1437",
    ),
    "too many together": (lambda c: c["splits"]["all"].update(validation=1400), "allowed: together at most 1437"),
    "too many test images": (lambda c: c["splits"]["all"].update(test=361), "splits.all.test: found 361; .* 360"),
    "which of two": (lambda c: c["datasets"].update(mnist={"kind": "mnist"}), "splits.all.dataset: found nothing"),
    "poolings that leave nothing": (
        lambda c: c["models"]["judge"].update(filters=[2, 2, 2, 2]),
        "models.judge.split: found all, whose images have 8 x 8 pixels; 4 poolings by 2 leave nothing",
    ),
    "an output of another size": (
        lambda c: c["models"]["dense"]["decoder"].update(widths=[784]),
        "the last one must be 64, an image",
    ),
    "a word that is no width": (
        lambda c: c["models"]["dense"]["decoder"].update(widths=["pixel"]),
        "decoder.widths.0: found 'pixel'; allowed: a number of units, or pixels",
    ),
    "a name that no path can take": (lambda c: c["datasets"].update({"My set": {"kind": "digits"}}), "datasets.My set"),
    "a judge of another data set": (
        lambda c: (
            c["datasets"].update(mnist={"kind": "mnist"}),
            c["splits"].update(
                all={"kind": "in_order", "train": 100, "dataset": "digits"},
                other={"kind": "in_order", "train": 100, "dataset": "mnist"},
            ),
            c["models"]["judge"].update(split="other"),
        ),
        "models.dense.split: found all, whose images are of digits; name a judge for them: `judge: {mnist, digits",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_configurations_that_do_not_fit_the_data_set(name):
    change, expected = REFUSED[name]
    with pytest.raises(ConfigurationError, match=expected):
        configuration.load(changed(change))


def test_two_data_sets_with_a_judge_each():
    given = config()
    given["datasets"]["mnist"] = {"kind": "mnist"}
    given["splits"]["all"]["dataset"] = "digits"
    given["splits"]["other"] = {"kind": "in_order", "train": 100, "dataset": "mnist"}
    for name in ("judge", "dense"):
        given["models"][f"other_{name}"] = {**given["models"][name], "split": "other"}
    given["judge"] = {"digits": "judge", "mnist": "other_judge"}
    plan = Plan(configuration.load(given))
    inputs = plan.evaluation_inputs("other_dense", 1)
    assert inputs["images"] == "results/data/mnist/t10k-images-idx3-ubyte"
    assert inputs["judge"] == "results/models/other_judge/seed-1/weights.npz"
    assert plan.models["other_dense"]["decoder"]["widths"] == [784]
    given["judge"] = {"digits": "other_judge", "mnist": "other_judge"}
    with pytest.raises(ConfigurationError, match="judge.digits: found other_judge, which learns mnist"):
        configuration.load(given)


def test_changed_files_are_noticed_and_gone_ones_are_not_needed(here):
    entry = entry_of("png", here, parts())

    def spec():
        return Plan(
            configuration.load(
                config(
                    datasets={"mine": entry},
                    splits={"all": {"kind": "in_order", "train": 30}},
                    models={"judge": config()["models"]["judge"]},
                )
            )
        ).fetching("mine")

    first = spec()
    assert first == spec()
    path = here / "mine/train/bars/train-000.png"
    Image.fromarray(np.full((12, 20), 7, np.uint8)).save(path)
    changed = spec()
    assert changed != first
    folder = here / "results/data/mine"
    folder.mkdir(parents=True)
    for name in FILES.values():
        (folder / name).write_bytes(b"")
    (folder / DESCRIPTION).write_text(json.dumps(changed["dataset"]))
    (here / "mine").rename(here / "elsewhere")
    assert spec() == changed


# -- what is shown -------------------------------------------------------------------------------------


def test_names_and_articles():
    data = Shown((2, 3), ["7", "ankle boot"], "article", "articles")
    assert data.planes(np.zeros((4, 6))).shape == (4, 2, 3)
    assert (data.name(1), data.a(0), data.a(1), data.a_word) == ("ankle boot", "a 7", "an ankle boot", "an article")
    assert data.numbers(["ankle boot", 7]) == [1, 0]


def test_nothing_but_the_data_sets_own_files_knows_them():
    """No size, no number of images and no name of a data set outside what describes the data sets."""
    known = re.compile(r"\b(28|784|60_?000|10_000|70_?000|60,000|10,000|70,000)\b|MNIST")
    own_files = {"data/known", "data/idx.py", "data/files_of.py"}
    harmless = {
        "training/schedules.py",
        "plan/schemas.py",
        "files/arrays.py",
        "plan/sweeps.py",
        "analysis/neighbours.py",
        "data/own.py",
    }
    found = []
    for path in sorted((REPOSITORY / "workflow").rglob("*")):
        name = path.relative_to(REPOSITORY / "workflow").as_posix()
        if path.suffix not in (".py", ".smk", ".yaml", ".rst") or any(each in name for each in own_files | harmless):
            continue
        lines = enumerate(path.read_text().splitlines(), 1)
        found += [
            f"{name}:{n}: {line.strip()}"
            for n, line in lines
            if known.search(re.sub(r"stacked_784|\.data\.\w+", "", line))
        ]
    assert found == []


# -- runs ----------------------------------------------------------------------------------------------


def small_run(folder, datasets, splits, classes, targets=()):
    """A run of a judge, three kinds of model and one study, from images to figures: the folder of its results."""
    full = default()
    common = {"split": "all", "batch_size": 20, "watch": "none"}
    models = {
        "judge": {"kind": "classifier", "filters": [4], "epochs": 2, **common},
        "dense_2": {**full["models"]["dense_2_corrected"], **common, "epochs": 2, "seeds": [1]},
        "plane": {**full["models"]["conv_plane_corrected"], **common, "filters": [4, 4], "epochs": 1},
        "pca_2": {"kind": "pca", "recipe": "baseline", "split": "all", "code_size": 2},
    }
    study = {
        "published": ["dense_2"],
        "corrected": ["plane"],
        "baselines": ["pca_2"],
        "examples": {"selection": "one_of_each_digit", "seed": 1},
    }
    content = {
        "datasets": datasets,
        "splits": splits,
        "corruptions": {},
        "judge": "judge",
        "models": models,
        "studies": {"bottleneck": study},
    }
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(fast_yaml.safe_dump(content, sort_keys=False))
    done = snakemake("-s", REPOSITORY / "Snakefile", "--cores", "2", *targets, cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    results = folder / "results"
    points = (results / "studies/bottleneck/run-1/decoded_points.csv").read_text()
    assert all(f",{name}," in points for name in classes)
    assert (results / "studies/bottleneck/clean_reconstructions.png").stat().st_size > 10_000
    return results


def test_a_run_on_the_digits(tmp_path):
    splits = {"all": {"kind": "in_order", "train": 300, "test": 100}}
    results = small_run(tmp_path, {"digits": {"kind": "digits"}}, splits, [str(digit) for digit in range(10)])
    assert "of ten digits" in (results / "captions/bottleneck/codes.rst").read_text()
    claims = (results / "claims.csv").read_text()
    assert "not applicable" in claims and "published for mnist" in claims


def test_a_run_on_a_folder_of_pictures(tmp_path):
    """Not square, three classes with names; a changed picture makes the run do over what reads it."""
    names = ("bars", "rings", "tall things")
    folder = write_png(tmp_path / "mine", parts(train=60, test=30), names)
    splits = {"all": {"kind": "in_order", "train": 60}}
    entry = {"kind": "png", "folder": str(folder), "word": "thing"}
    shown = ("run-1/decoded_points.csv", "clean_reconstructions.png")
    targets = [f"results/studies/bottleneck/{name}" for name in shown]
    targets += ["results/captions/bottleneck/clean_reconstructions.rst", "results/models/plane/seed-1/metrics.json"]
    small_run(tmp_path, {"mine": entry}, splits, names, targets)
    captions = (tmp_path / "results/captions/bottleneck/clean_reconstructions.rst").read_text()
    assert captions.startswith("One test image of each thing")
    recorded = json.loads((tmp_path / "results/data/mine" / DESCRIPTION).read_text())
    assert recorded["classes"] == list(names) and len(recorded["origin"]) == 64
    Image.fromarray(np.full((12, 20), 200, np.uint8)).save(folder / "train/bars/train-000.png")
    planned = snakemake("-s", REPOSITORY / "Snakefile", "-n", "--cores", "1", cwd=tmp_path)
    for rule in ("make_dataset", "train_model", "fit_pca", "evaluate_model"):
        assert re.search(rf"^{rule} +\d", planned.stdout + planned.stderr, re.M), rule
