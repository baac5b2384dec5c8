"""The project's files agree with each other: style, profiles, locks, environments, the drawing of the pipeline."""

import os
import re
import shutil
import subprocess
import sys
import time

import fast_yaml
import pytest
import rulegraph
from environments import pins
from small import REPOSITORY
from snakemake_starts import snakemake

PROFILES = sorted(path.parent.name for path in (REPOSITORY / "profiles").glob("*/config.yaml"))
ENVIRONMENTS = sorted((REPOSITORY / "envs").glob("*.yaml"))


def run(*command, **options):
    """A command in the repository; its output where it fails."""
    return succeeded(subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, **options))


def succeeded(done):
    """The output of a finished process that must not have failed."""
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr


def tool(name):
    """A command of the environment that the tests run in."""
    return shutil.which(name, path=str(sys.executable).rsplit("/", 1)[0]) or pytest.fail(f"{name} is not installed")


def test_the_code_is_clean():
    run(tool("ruff"), "check", "--no-cache", ".")


def test_the_code_is_formatted():
    run(tool("ruff"), "format", "--no-cache", "--check", ".")
    run(tool("snakefmt"), "--check", "Snakefile", "workflow")


def started(folder, *arguments):
    """Snakemake, with the default configuration and in a folder where nothing is made: the finished process."""
    place = ("--directory", folder, "--configfile", "config/config.yaml")
    return snakemake(*arguments, *place, cwd=REPOSITORY)


def test_tests_are_in_groups(request):
    """One process carries out those that share what takes long to make; each would make it otherwise."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("`make test` asks for groups")
    assert "@test_project-" in request.node.nodeid, "pytest-xdist does not know groups with this pytest"


def test_snakemake_finds_nothing_to_criticise(tmp_path):
    succeeded(started(tmp_path, "--lint"))


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_plans_the_default_configuration(profile, tmp_path):
    """A name that is not there would be ignored without a word: the line that names the profile must appear."""
    done = started(tmp_path, "--dry-run", "--quiet", "rules", "--workflow-profile", f"profiles/{profile}")
    said = succeeded(done)
    assert f"Using workflow specific profile profiles/{profile}" in said
    assert re.search(r"^train_model +\d+$", said, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["--workflow-profile", "slrum"], ["--workflow-prof=profiles/slrum"]])
def test_a_profile_that_does_not_exist_is_refused(arguments, tmp_path):
    done = started(tmp_path, "--dry-run", "--cores", "1", *arguments)
    name, known = arguments[-1].split("=")[-1], ", ".join(PROFILES)
    assert done.returncode == 1
    assert f"there is no workflow profile {name}; profiles/ has: {known}\n" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("answer", "configuration"), [("sleep 9", "/dev/null"), ("exit 1", "/dev/null"), ("exit 0", "")]
)
def test_make_does_not_wait_for_a_slurm_that_does_not_answer(answer, configuration, tmp_path):
    (tmp_path / "scontrol").write_text(f"#!/bin/sh\n{answer}\n")
    (tmp_path / "scontrol").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in ("SLURM_CONF", "MAKEFLAGS", "MAKELEVEL")}
    began = time.monotonic()
    said = run(
        *("make", "--no-print-directory", "--eval", 'show: ; @echo "[$$SLURM_CONF]"', "show"),
        env={**kept, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert said == f"[{configuration}]\n" and time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (("search", "DATASET=digits"), "make search does not know DATASET"),
        (("thorough", "DATASET=digits"), None),
        (("quick", "STUDIES=bottleneck"), "make quick does not know STUDIES"),
        (("run", "STUDIES=bottleneck", "FLAGS=--config judge=x"), "Snakemake takes the last"),
        (("run", "STUDIES=bottleneck tangents", "GPU=1"), None),
        (("run", "DATASET=digits"), None),
    ],
)
def test_make_refuses_what_it_would_leave_out(arguments, refused):
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    command = ["make", "--no-print-directory", "--eval", "show: ; @echo '$(CHOSEN)'"]
    done = subprocess.run([*command, *arguments, "-n"], cwd=REPOSITORY, env=kept, capture_output=True, text=True)
    assert (done.returncode != 0) == bool(refused) and (refused or "") in done.stderr, done.stderr
    if arguments[0] == "thorough":
        files = ("config/config.yaml", "config/datasets/digits.yaml", "config/thorough.yaml")
        assert "--configfile " + " ".join(f'"$PWD/{file}"' for file in files) in done.stdout
    if "GPU=1" in arguments:
        assert "--config accelerator=gpu 'only=[bottleneck,tangents]'" in done.stdout


def test_a_gpu_that_no_training_would_use_is_refused(tmp_path):
    """`--config` on the command line replaces that of the profile."""
    profile = ("--workflow-profile", "profiles/gpu", "--dry-run", "--quiet")
    done = started(tmp_path, *profile, "--config", "only=[bottleneck]")
    assert done.returncode == 1 and "Add accelerator=gpu to it" in done.stdout + done.stderr
    succeeded(started(tmp_path, *profile, "--config", "accelerator=gpu", "only=[bottleneck]"))


def test_profiles_repeat_the_common_lines():
    profiles = {
        name: fast_yaml.safe_load((REPOSITORY / f"profiles/{name}/config.yaml").read_text()) for name in PROFILES
    }
    common = ("rerun-triggers", "rerun-incomplete", "max-checksum-file-size")
    for name, profile in profiles.items():
        assert {key: profile[key] for key in common} == {key: profiles["default"][key] for key in common}, name


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-gpu.lock"])
def test_locks_hold_hashes_and_no_addresses(name):
    text = (REPOSITORY / name).read_text()
    assert not re.search(r"https?://|^--", text, re.MULTILINE)
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9-]+==[^ ]+", requirement) and "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_environments_agree_with_the_lock(path):
    lock = REPOSITORY / ("requirements-gpu.lock" if path.stem.endswith("-gpu") else "requirements.lock")
    locked = {line.rstrip(" \\") for line in lock.read_text().splitlines() if re.match(r"[a-z0-9]", line)}
    environment = fast_yaml.safe_load(path.read_text())
    assert environment["channels"] == ["conda-forge"]
    assert [item for item in environment["dependencies"] if isinstance(item, str)] == ["python=3.12", "pip"]
    # What the tests need everywhere, an environment may need on some machines alone.
    assert pins(path) and all(pin in locked or pin.split(" ;")[0] in locked for pin in pins(path))


def test_the_documentation_shows_the_pipeline_of_today():
    text = rulegraph.PAGE.read_text()
    assert rulegraph.updated(text) == text, "run `make rulegraph`"
