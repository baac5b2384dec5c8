"""Another workflow imports this one, twice, as docs/modules.md says: it is run here."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import fast_yaml
import finished
import pytest
import small
from small import REPOSITORY
from snakemake_starts import snakemake

PROFILE = ("--workflow-profile", "laboratory/profiles/default")
ENTRY = "workflow/Snakefile"
ONE = "narrow/results/studies/bottleneck/codes.png"
MODELS = {"judge", "dense_2", "dense_2_corrected", "pca_2"}


def consumer():
    """The Snakefile of docs/modules.md."""
    return re.search(r"```python\n(.*?)```", (REPOSITORY / "docs" / "modules.md").read_text(), re.DOTALL)[1]


def reduced(config):
    """One study of three models."""
    settings = config["studies"]["bottleneck"]
    settings.update(published=["dense_2"], corrected=["dense_2_corrected"], baselines=["pca_2"], published_points={})
    config["studies"] = {"bottleneck": settings}
    config["models"] = {name: entry for name, entry in config["models"].items() if name in MODELS}
    return config


def git(folder, *arguments):
    """Run git, by nobody in particular."""
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True, cwd=folder)


@pytest.fixture(scope="module")
def importing(mnist, tmp_path_factory):
    """A folder with the consumer, two configurations and a clone of this repository at a tag."""
    if not shutil.which("git"):
        pytest.skip("git is not there")
    folder = tmp_path_factory.mktemp("importing")
    for name in finished.CODE:
        copied = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy2
        (folder / "origin" / name).parent.mkdir(parents=True, exist_ok=True)
        copied(REPOSITORY / name, folder / "origin" / name)
    git(folder, "init", "-q", "origin")
    git(folder / "origin", "add", "-A")
    git(folder / "origin", "commit", "-qm", "all")
    git(folder / "origin", "tag", "v1.0")
    git(folder, "clone", "-q", "--branch", "v1.0", "origin", "laboratory")
    config = reduced(small.shrunk(small.default(), mnist))
    (folder / "narrow.yaml").write_text(fast_yaml.safe_dump(config))
    config["models"]["dense_2"]["epochs"] = 2
    (folder / "wide.yaml").write_text(fast_yaml.safe_dump(config))
    (folder / "Snakefile").write_text(consumer())
    return folder


@pytest.fixture(scope="module")
def imported(importing):
    """The same folder, one study of each import carried out."""
    done = snakemake(*PROFILE, "--cores", "2", "narrow_bottleneck", "wide_bottleneck", cwd=importing)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return importing


def needed(done):
    """The jobs that a dry run names, as rule and number."""
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return dict(re.findall(r"^((?:narrow|wide)_\w+|all) +(\d+)$", done.stdout + done.stderr, re.MULTILINE))


def test_the_consumer_of_the_documentation_is_planned_whole(importing):
    jobs = needed(snakemake(*PROFILE, "--dry-run", cwd=importing))
    for prefix in ("narrow", "wide"):
        assert jobs[f"{prefix}_train_model"] == "3" and jobs[f"{prefix}_plot_bottleneck_codes"] == "1"
    assert "wide_write_manifest" in jobs and "narrow_write_manifest" not in jobs


def test_every_path_has_its_prefix(imported):
    assert not (imported / "results").exists()
    for prefix in ("narrow", "wide"):
        study = imported / prefix / "results" / "studies" / "bottleneck"
        assert {"codes.png", "training_curves.png", "answers.csv"} <= {path.name for path in study.iterdir()}
        log = imported / prefix / "results" / "logs" / "train_model" / "dense_2" / "seed-1.log"
        assert log.read_text().strip()
        assert not (imported / prefix / "results" / "checkpoints").exists()
    planned = json.loads((imported / ".snakemake" / "aelab_plan").read_text())["specs"]
    assert {"narrow/results/models/dense_2/seed-1/weights.npz", "wide/results/claims.csv"} & planned.keys() == {
        "narrow/results/models/dense_2/seed-1/weights.npz"
    }
    assert all(file.startswith(("narrow/results/", "wide/results/")) for file in planned)
    assert json.loads((imported / ".snakemake" / "aelab_run").read_text())["ended"]
    records = [path.read_text() for path in (imported / ".snakemake" / "metadata").rglob("*") if path.is_file()]
    assert len(records) > 20 and all("results/" in text for text in records)
    assert not [text for text in records if re.search(r"""["'\\]results/""", text)], (
        "a spec names a file without prefix"
    )


def test_the_results_are_those_of_this_workflow_run_by_itself(imported, finished_run):
    for file in ("models/judge/seed-1/weights.npz", "models/dense_2/seed-1/weights.npz", "data/splits"):
        own, other = (folder / "results" / file for folder in (imported / "narrow", finished_run.folder))
        for path in own.iterdir() if own.is_dir() else [own]:
            assert path.read_bytes() == (other / path.relative_to(own)).read_bytes(), path
    wide = imported / "wide" / "results" / "models"
    narrow = imported / "narrow" / "results" / "models"
    assert (wide / "judge/seed-1/weights.npz").read_bytes() == (narrow / "judge/seed-1/weights.npz").read_bytes()
    assert (wide / "dense_2/seed-1/weights.npz").read_bytes() != (narrow / "dense_2/seed-1/weights.npz").read_bytes()


def test_an_edit_reruns_what_it_affects_in_one_import_alone(imported):
    targets = ("narrow_bottleneck", "wide_bottleneck")
    assert needed(snakemake(*PROFILE, "--dry-run", *targets, cwd=imported)) == {}
    before = (imported / "wide.yaml").read_text()
    config = fast_yaml.safe_load(before)
    config["models"]["dense_2"]["epochs"] = 1
    (imported / "wide.yaml").write_text(fast_yaml.safe_dump(config))
    try:
        jobs = needed(snakemake(*PROFILE, "--dry-run", *targets, cwd=imported))
    finally:
        (imported / "wide.yaml").write_text(before)
    assert jobs["wide_train_model"] == "1" and not [rule for rule in jobs if rule.startswith("narrow_")]


def test_a_second_run_of_the_same_folder_is_refused(imported):
    from aelab.jobs import locks

    with locks.acquire(imported / ".snakemake" / "aelab_run"):
        done = snakemake(
            *PROFILE, "--cores", "1", "--forcerun", "narrow_plot_bottleneck_codes", "--", ONE, cwd=imported
        )
    assert done.returncode and "another run is at work in this folder" in done.stdout + done.stderr


def test_a_tag_that_snakemake_would_fetch_file_by_file_is_refused(importing, tmp_path):
    text = consumer().replace(
        '"laboratory/workflow/Snakefile"', f'gitfile("{importing}/origin", path="{ENTRY}", tag="v1.0")'
    )
    (tmp_path / "Snakefile").write_text(text)
    for name in ("narrow", "wide"):
        shutil.copy2(importing / f"{name}.yaml", tmp_path)
    done = snakemake("--dry-run", cwd=tmp_path)
    assert done.returncode and "Clone the tag" in done.stdout + done.stderr


def test_two_copies_in_one_workflow_are_refused(importing, tmp_path):
    text = (
        consumer()
        .replace('"laboratory/', f'"{importing}/laboratory/', 1)
        .replace('"laboratory/', f'"{importing}/origin/', 1)
    )
    (tmp_path / "Snakefile").write_text(text)
    for name in ("narrow", "wide"):
        shutil.copy2(importing / f"{name}.yaml", tmp_path)
    done = snakemake("--dry-run", cwd=tmp_path)
    assert done.returncode and "two copies of this workflow" in done.stdout + done.stderr


def test_a_wrong_configuration_of_an_import_is_refused_in_words(importing, tmp_path):
    (tmp_path / "Snakefile").write_text(consumer().replace("laboratory/", f"{importing}/laboratory/"))
    config = fast_yaml.safe_load(Path(importing / "wide.yaml").read_text())
    shutil.copy2(importing / "narrow.yaml", tmp_path)
    config["models"]["dense_2"]["epoch"] = 2
    (tmp_path / "wide.yaml").write_text(fast_yaml.safe_dump(config))
    done = snakemake("--dry-run", cwd=tmp_path)
    assert done.returncode and "models.dense_2.epoch: found an unknown key" in done.stdout + done.stderr


def test_the_importing_workflow_may_have_a_configuration_of_another_kind(importing, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text("samples: [1]\nsamples: [2]\n")  # a key twice: refused here
    text = consumer().replace("laboratory/", f"{importing}/laboratory/")
    (tmp_path / "Snakefile").write_text(f'configfile: "config/config.yaml"\n\n\n{text}')
    for name in ("narrow", "wide"):
        shutil.copy2(importing / f"{name}.yaml", tmp_path)
    assert "wide_write_manifest" in needed(snakemake("--dry-run", cwd=tmp_path))
