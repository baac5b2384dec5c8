"""A study is a folder: the template, copied under a new name, is a study; a study that is removed leaves no trace."""

import csv
import re
import shutil
import time

import fast_yaml
import finished
import pytest
from small import REPOSITORY
from snakemake_starts import snakemake

TEMPLATE = REPOSITORY / "workflow" / "template"
ENTRY = {"published": ["dense_2"], "corrected": ["dense_2_corrected"], "baselines": ["pca_2"]}


def configured(folder, change):
    """Change the studies in a folder's configuration."""
    path = folder / "config" / "config.yaml"
    config = fast_yaml.safe_load(path.read_text())
    change(config["studies"])
    path.write_text(fast_yaml.safe_dump(config, sort_keys=False))


def code_of(folder):
    """The text of every file of the repository that a copy holds, without its configuration."""
    found = {}
    for name in finished.CODE:
        path = folder / name
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts and file.name != "config.yaml":
                found[file.relative_to(folder).as_posix()] = file.read_bytes()
    return found


def run(folder, *arguments):
    """Run Snakemake in a copy; fails with the end of what it said."""
    done = snakemake("--cores", "2", *arguments, cwd=folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@pytest.fixture(scope="module")
def copied(finished_run, planner, tmp_path_factory):
    """The finished run with a copy of the template as the study `mine`, carried out; with the jobs that were needed."""
    folder = finished_run.copy_to(tmp_path_factory.mktemp("template") / "copy", link=False)
    before = code_of(folder)
    shutil.copytree(TEMPLATE, folder / "workflow" / "studies" / "mine")
    configured(folder, lambda studies: studies.update(mine=ENTRY))
    assert {file for file in code_of(folder).items() - before.items() if "/mine/" not in file[0]} == set()
    needed = {job.label for job in planner.jobs(folder) if job.needed}
    start = time.time()
    run(folder)
    yield folder, needed, start
    shutil.rmtree(folder)


def test_nothing_runs_again_but_the_tables_that_list_everything(copied, finished_run):
    folder, needed, start = copied
    own = {"compare_mine 1", "summarise_answers mine", "plot_mine", "write_mine_captions", "plot_training_curves mine"}
    own |= {"reconstruct_examples mine", "plot_reconstructions mine/clean"}
    listing = {"check_claims", "write_manifest", "write_all_studies_captions", "write_index", "write_instruments"}
    listing |= {f"write_{study}_captions" for study in studies(folder) - {"mine"}}
    listing |= {f"write_study_page {study}" for study in studies(folder)}
    assert needed == own | listing
    written = {
        path.relative_to(folder).as_posix()
        for path in (folder / "results").rglob("*")
        if path.is_file() and path.stat().st_mtime > start - 1
    }
    kept = [file for file in written & finished_run.records.keys() if "/captions/" not in file]
    pages = [file for file in kept if re.fullmatch(r"results/page/(assets/\w+\.\w+|(studies/)?\w+\.html)", file)]
    assert pages and set(kept) - set(pages) == {"results/claims.csv", "results/manifest.sha256", "results/index.html"}


def studies(folder):
    """The studies that a folder's configuration names."""
    return set(fast_yaml.safe_load((folder / "config" / "config.yaml").read_text())["studies"])


def test_the_copy_has_its_figures_its_table_its_claims_and_its_captions(copied):
    folder, _, _ = copied
    results = folder / "results" / "studies" / "mine"
    assert {path.name for path in results.iterdir()} == {
        *("run-1", "comparison.png", "answers.csv"),
        *("training_curves.png", "clean_reconstructions.png", "examples.npz"),
    }
    assert {path.name for path in (results / "run-1").iterdir()} == {"comparison.csv", "answers.csv"}
    with open(folder / "results" / "claims.csv") as file:
        claims = [row for row in csv.DictReader(file) if row["study"] == "mine"]
    assert [(row["verdict"], row["seeds"]) for row in claims] == [("undecided", "1")]  # one seed has no spread
    texts = {path.stem: path.read_text() for path in (folder / "results" / "captions" / "mine").iterdir()}
    assert texts.keys() == set(fast_yaml.safe_load((TEMPLATE / "captions.yaml").read_text()))
    assert "{" not in "".join(texts.values()) and "(not in this run)" not in "".join(texts.values())
    listed = (folder / "results" / "manifest.sha256").read_text()
    assert "results/studies/mine/comparison.png" in listed


def test_the_copy_has_its_chapter_in_the_report(copied):
    pytest.importorskip("pygments")
    folder, _, _ = copied
    run(folder, "--report", "report.html")
    report = (folder / "report.html").read_text()
    assert '"mine"' in report
    caption = (folder / "results" / "captions" / "mine" / "comparison.rst").read_text().split(".")[0]
    assert (
        caption.split()[0:4] == ["The", "error", "of", "each"] and report.count("The error of each model on the") >= 2
    )
    assert "Training and validation loss of each model by epoch" in report


@pytest.mark.parametrize("study", sorted(path.parent.name for path in REPOSITORY.glob("workflow/studies/*/rules.smk")))
def test_a_study_that_is_removed_leaves_a_workflow_that_runs(study, edited, planner):
    for path in edited.files([f"workflow/studies/{study}"]):
        edited.delete(path)
    text = fast_yaml.safe_load(edited.read("config/config.yaml"))
    del text["studies"][study]
    edited.write("config/config.yaml", fast_yaml.safe_dump(text, sort_keys=False))
    jobs = planner.jobs(edited.folder)
    assert jobs and not [job.label for job in jobs if study in job.label.split()]
    assert {job.rule for job in jobs if job.needed} <= {
        *("check_claims", "write_manifest", "write_index", "write_instruments", "write_study_page"),
        *(f"write_{name}_captions" for name in ("all_studies", *text["studies"])),
    }


def test_a_figure_without_a_caption_is_refused_before_anything_runs(edited, planner):
    edited.replace("workflow/studies/bottleneck/captions.yaml", "mean_codes: >-", "other_codes: >-")
    with pytest.raises(ValueError, match="bottleneck has no caption named mean_codes"):
        planner.jobs(edited.folder)
