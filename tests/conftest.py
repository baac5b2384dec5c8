"""What the tests share: surroundings of their own, the images, a finished run, a planner."""

import os
import shutil
import sys

import finished
import images
import planning
import pytest
from sandbox import Sandbox
from small import REPOSITORY

# The scripts of the studies, as the tests of their functions import them.
sys.path += map(str, sorted(REPOSITORY.glob("workflow/studies/*/scripts")))

from aelab.jobs import guards
from aelab.training import devices


def forget():
    """Remove the environment variables of this project: each would tell a test of a run that it is no part of."""
    for name in [name for name in os.environ if name.startswith("AELAB_")]:
        del os.environ[name]


# Before any test starts a process: a shell may have them from a job.
forget()

# Before any test uses TensorFlow, after which the number of threads is fixed.
devices.prepare(0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One process more than cores: some tests wait."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.fixture(autouse=True)
def seeded():
    """The same weights in the networks of a test, whichever tests its process carried out before."""
    devices.keras.utils.set_random_seed(0)


@pytest.fixture(scope="session", autouse=True)
def away(tmp_path_factory):
    """What tests share is made away from the repository, where a run of the user's may be at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("away"))
        yield


@pytest.fixture(autouse=True)
def surroundings(away, tmp_path, monkeypatch):
    """Each test works in an empty folder, and no variable that code under test has set outlives it.

    No job that a test begins in its own process watches over a run: its thread would end the process when a later test
    works in a folder with another run.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(guards, "watch", lambda: None)
    yield
    forget()


@pytest.fixture(scope="session")
def mnist(away):
    """A folder of the tests' own with the four files of MNIST (`images.mnist`)."""
    return images.mnist()


@pytest.fixture(scope="session")
def finished_run(mnist):
    """The small configuration carried out once, for all tests to look at (`finished.FinishedRun`)."""
    return finished.finished(mnist)


@pytest.fixture(scope="session")
def planner(away):
    """Plans runs without the cost of starting Snakemake each time (`planning.Planner`)."""
    with planning.Planner() as planner:
        yield planner


@pytest.fixture(scope="session")
def mnist_folder(mnist):
    """The same folder, under the name that the tests of the studies use."""
    return mnist


@pytest.fixture(scope="session")
def sandbox(finished_run, planner, tmp_path_factory):
    """A copy of the finished run for all tests of a process, planned once, so that compiled files are there."""
    sandbox = Sandbox(finished_run.copy_to(tmp_path_factory.mktemp("edits") / "a laboratory"))
    sandbox.jobs = planner.jobs(sandbox.folder)
    yield sandbox
    shutil.rmtree(sandbox.folder)


@pytest.fixture
def edited(sandbox):
    """The sandbox, to be edited: it is put back after the test."""
    yield sandbox
    sandbox.restore()
