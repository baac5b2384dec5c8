"""What the tests share: surroundings of their own, the images, a finished run, a planner."""

import os
import shutil
import signal
import subprocess
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

# What takes long begins first, what needs the finished run comes last: it is made meanwhile, beside the tests.
FIRST = [
    "test_faults",
    "test_isolation",
    "test_surroundings",
    "test_training",
    "test_keras_export",
    "test_board",
    "test_datasets",
]
# Files whose setup takes many seconds: all their tests go to one process.
TOGETHER = {
    "test_keras_export",
    "test_kinds",
    "test_modules",
    "test_page",
    "test_resources",
    "test_rules",
    "test_template",
}


def forget():
    """Remove the environment variables of this project: each would tell a test of a run that it is no part of."""
    for name in [name for name in os.environ if name.startswith("AELAB_")]:
        del os.environ[name]


# Before any test starts a process: a shell may have them from a job.
forget()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One process more than cores: some tests wait."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else os.cpu_count()


def pytest_configure(config):
    """Before any test uses TensorFlow, which fixes the number of threads; not where tests are only handed out."""
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        from aelab.training import devices

        devices.prepare(0)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist writes the groups into the names of the tests
def pytest_collection_modifyitems(config, items):
    """Put the tests in order, and in groups, each of which one process carries out (`--dist loadgroup`)."""
    late = {item.path.stem for item in items if item.path.stem in TOGETHER and "finished_run" in item.fixturenames}

    def place(item):
        name = item.path.stem
        if name in late or "finished_run" in item.fixturenames:
            return (2, 0) if name in TOGETHER or name == "test_cutoff" else (3, 0)  # plans, of a second each, end
        return (0, FIRST.index(name)) if name in FIRST else (1, 0)

    items.sort(key=place)
    if config.pluginmanager.hasplugin("xdist"):
        for number, item in enumerate(items):
            name = item.path.stem
            alone = name == "test_cutoff" and "laboratory" in item.fixturenames
            group = name if name in TOGETHER else f"{name}-{number}" if alone else f"{name}-{number // 8}"
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish(session):
    """Let the first of several processes begin the finished run at once, beside the tests that do not need it."""
    needed = any("finished_run" in item.fixturenames for item in session.items)
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw0" and needed:
        session.config.shared_run = subprocess.Popen(
            [sys.executable, "-c", "import finished, images; finished.finished(images.mnist())"],
            cwd=session.config.invocation_params.dir,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def pytest_sessionfinish(session):
    """End the finished run if the tests end before it."""
    run = getattr(session.config, "shared_run", None)
    if run and run.poll() is None:
        os.killpg(run.pid, signal.SIGTERM)
        run.wait()


@pytest.fixture(autouse=True)
def seeded():
    """The same weights in the networks of a test, whichever tests its process carried out before."""
    from aelab.training import devices

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
