"""The files that a release needs, and the checks that the Snakemake workflow catalog makes of a repository.

The third of its checks, snakefmt, is in `test_project.py`.
"""

import re
import shutil

import fast_yaml
import pytest
from small import REPOSITORY
from snakemake_starts import snakemake
from test_surroundings import NOT_COPIED

CATALOG = REPOSITORY / ".snakemake-workflow-catalog.yml"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The repository as the catalog clones it: no environment, no results."""
    folder = tmp_path_factory.mktemp("catalog") / "clone"
    shutil.copytree(REPOSITORY, folder, ignore=lambda place, names: NOT_COPIED & set(names))
    return folder


def test_the_lint_of_the_catalog_finds_nothing(clone):
    done = snakemake("--lint", cwd=clone)
    assert done.returncode == 0 and "Congratulations" in done.stderr, done.stdout + done.stderr


def test_the_layout_is_that_of_standardized_usage(clone):
    for name in ("workflow/Snakefile", "config/README.md", "config/config.yaml", "README.md", "LICENSE"):
        assert (clone / name).stat().st_size > 0, name
    assert list(clone.glob("workflow/rules/*.smk")) and list(clone.glob("envs/*.yaml"))


def test_the_catalog_is_told_what_holds():
    usage = fast_yaml.safe_load(CATALOG.read_text())["usage"]
    deployment = usage["software-stack-deployment"]
    rules = "".join(path.read_text() for path in REPOSITORY.glob("workflow/**/*.smk"))
    assert deployment["conda"] is ("conda:" in rules)
    assert deployment["apptainer"] is bool(re.search(r"^ *container(ized)?:", rules, re.MULTILINE))
    assert usage["report"] is ("report(" in rules)


def test_licence_citation_and_changes_agree():
    citation = fast_yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    licence = (REPOSITORY / "LICENSE").read_text()
    assert licence.startswith(f"{citation['license']} License")
    (author,) = citation["authors"]
    assert author["name"].lower() in licence.lower()
    assert (REPOSITORY / "README.md").read_text().startswith(f"# {citation['title']}\n")
    versions = re.findall(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == citation.get("version", "Unreleased")
