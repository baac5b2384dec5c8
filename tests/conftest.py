"""What the tests share: the images, a finished run, a planner."""

import os
import shutil
import sys
from pathlib import Path

import finished
import planning
import pytest
import small
from sandbox import Sandbox
from small import REPOSITORY

# The scripts of the studies, as the tests of their functions import them.
sys.path += map(str, sorted(REPOSITORY.glob("workflow/studies/*/scripts")))

from aelab.training import devices

# Before any test uses TensorFlow, after which the number of threads is fixed.
devices.prepare(0)


@pytest.fixture(scope="session")
def mnist():
    """A folder with the four files of MNIST: MNIST_FOLDER, or those of a run, or fetched once."""
    from aelab.data.files_of import FILES

    folders = [os.environ.get("MNIST_FOLDER"), REPOSITORY / "results/data/mnist", REPOSITORY / ".cache/mnist"]
    for folder in folders:
        if folder and all((Path(folder) / name).exists() for name in FILES.values()):
            return Path(folder)
    with finished.alone(REPOSITORY / ".cache" / "mnist.lock"):
        return small.fetched(folders[-1])


@pytest.fixture(scope="session")
def finished_run(mnist):
    """The small configuration carried out once, for all tests to look at (`finished.FinishedRun`)."""
    return finished.finished(mnist)


@pytest.fixture(scope="session")
def planner():
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
