"""The workflow files of GitHub say what can be done: they parse, and the commands and files that they name exist."""

import re

import fast_yaml
import pytest
from small import REPOSITORY

FOLDER = REPOSITORY / ".github"
WORKFLOWS = sorted(FOLDER.glob("workflows/*.yml"))
FILES = [*WORKFLOWS, *sorted(FOLDER.glob("actions/*/action.yml"))]
MAKEFILE = (REPOSITORY / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def jobs(path):
    """The steps of each job of a workflow, or of an action."""
    content = fast_yaml.safe_load(path.read_text())
    found = content.get("jobs", {"action": content.get("runs")})
    return {name: job["steps"] for name, job in found.items()}


def commands(path):
    """The shell commands of all steps."""
    return [step["run"] for steps in jobs(path).values() for step in steps if "run" in step]


def test_pushes_and_pull_requests_are_linted_planned_and_tested():
    (path,) = WORKFLOWS
    content = fast_yaml.safe_load(path.read_text())
    # `on` is a Boolean in YAML 1.1.
    assert set(content[True]) == {"push", "pull_request"}
    assert {"make lint", "make dry-runs", "make test"} <= set(commands(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_commands_and_actions_exist(path):
    called = [target for command in commands(path) for target in re.findall(r"\bmake ([a-z-]+)", command)]
    assert called and set(called) <= TARGETS
    for steps in jobs(path).values():
        for step in steps:
            uses = step.get("uses", "a/b@v1")
            assert (REPOSITORY / uses / "action.yml").exists() if uses[0] == "." else re.search(r"@v\d+$", uses), uses


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_caches_belong_to_files_that_exist(path):
    for pattern in re.findall(r"hashFiles\('([^']+)'\)", path.read_text()):
        assert list(REPOSITORY.glob(pattern)), pattern


def test_each_job_has_the_environment_from_the_cache():
    (path,) = WORKFLOWS
    for name, steps in jobs(path).items():
        assert "./.github/actions/environment" in [step.get("uses") for step in steps], name


def test_versions_of_python_are_those_that_make_takes():
    (path,) = WORKFLOWS
    tested = fast_yaml.safe_load(path.read_text())["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert tested == sorted(re.search(r"for p in (.*) python3;", MAKEFILE)[1].replace("python", "").split())
