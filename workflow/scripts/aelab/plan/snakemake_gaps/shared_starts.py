"""Start the libraries of an environment once for a run instead of once for every job.

Snakemake starts an interpreter for each script. Loading TensorFlow takes longer than most small trainings, and pandas,
Matplotlib or SciPy longer than most tables and figures. Snakemake could offer a hook for whatever starts a script.

Here a run has one process for each environment, which has loaded its libraries and forks itself for each job
(`aelab.jobs.starter`). A job stays a process of its own, with its own log, memory, exit status and timings. Jobs that
use a GPU, containers, environment modules or shadow folders, and all jobs where processes cannot be forked, start in
the usual way; so do the jobs of an environment that has few of them.
"""

import contextlib
import copy
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from snakemake.benchmark import benchmarked
from snakemake.common import get_snakemake_searchpaths
from snakemake.jobs import AbstractJob
from snakemake.script import PythonScript
from snakemake.workflow import Workflow
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from aelab.jobs import starter as process

FEWEST_JOBS = 3

# How Slurm's plugin tells the submitted process to start its jobs.
BY_SRUN = "--executor slurm-jobstep --jobs 1"

# What is loaded, by environment. The first lines of every script need the modules of Snakemake.
MODULES = {
    "tensorflow": ("aelab.training.devices", "pandas"),
    "analysis": ("pandas", "matplotlib.pyplot", "scipy.stats", "sklearn.decomposition", "sklearn.neighbors"),
}
SNAKEMAKE = ("snakemake.logging", "snakemake.iocontainers")


def share_starts(workflow: Workflow) -> None:
    """Let scripts start as forks.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow that is being read.
    """
    if hasattr(os, "fork") and sys.platform == "linux":
        PythonScript.execute_script = forking(PythonScript.execute_script, workflow)


def forking(execute: Callable, workflow: Workflow) -> Callable:
    """Change Snakemake's method that runs a script so that it asks a starter for a fork.

    Parameters
    ----------
    execute : callable
        `snakemake.script.PythonScript.execute_script`.
    workflow : snakemake.workflow.Workflow
        The workflow whose jobs are run.

    Returns
    -------
    callable
        The method to put in its place.
    """
    starters: dict[tuple[object, ...], Starter] = {}
    lock = threading.Lock()

    def execute_script(script: PythonScript, fname: str, edit: bool = False) -> None:
        environment = Path(str(workflow.get_rule(script.rulename).conda_env)).stem
        apart = edit or script.container_img or script.env_modules or script.shadow_dir or script.resources.get("gpu")
        if apart or environment not in MODULES:
            return execute(script, fname, edit)
        key = (environment, script.conda_env, script.threads, script.resources.get("tmpdir"))
        with lock:
            starter = starters.get(key)
            if (starter is None or starter.was_killed()) and not rare(workflow, environment):
                starter = starters[key] = Starter(execute, script, MODULES[environment])
        if starter is None or not starter.run(script, fname):
            execute(script, fname, edit)

    return execute_script


def run_groups_in_one_process() -> None:
    """Let the jobs of a group on Slurm run in the process that was submitted, where they share a start.

    Slurm's plugin has the submitted process start another Snakemake for each job of a group, by `srun`. Each plans
    again and loads the libraries again, which takes longer than a short training. Jobs that do not use MPI gain nothing
    by `srun`; the plugin could leave it out for them.
    """
    plugins = ExecutorPluginRegistry()
    if not plugins.is_installed("slurm"):
        return
    executor = plugins.get_plugin("slurm").executor
    format_job_exec = executor.format_job_exec

    @functools.wraps(format_job_exec)
    def format_in_one_process(self: RemoteExecutor, job: AbstractJob) -> str:
        command = format_job_exec(self, job)
        if not job.is_group() or any(member.resources.get("mpi") for member in job.jobs):
            return command
        return command.replace(BY_SRUN, f"--executor local --cores {job.threads}")

    executor.format_job_exec = format_in_one_process


def rare(workflow: Workflow, environment: str) -> bool:
    """Return whether a run has so few jobs in an environment that a starter does not pay."""
    jobs = list(workflow.dag.needrun_jobs(exclude_finished=False))  # a copy: the main thread changes the set meanwhile
    return sum(Path(str(job.rule.conda_env)).stem == environment for job in jobs) < FEWEST_JOBS


class Starter:
    """A process that forks jobs. Snakemake starts it as it starts a script, in the same environment.

    Parameters
    ----------
    execute : callable
        Snakemake's method that runs a script.
    script : snakemake.script.PythonScript
        The first script, whose environment, threads and temporary folder the process has.
    modules : sequence of str
        What it loads.
    """

    def __init__(self, execute: Callable, script: PythonScript, modules: Sequence[str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aelab-"))
        self.address = str(self.folder / "socket")
        arguments = [process.__file__, self.address, json.dumps(get_snakemake_searchpaths()), *SNAKEMAKE, *modules]
        file = self.folder / "starter.py"
        file.write_text(
            f"import runpy, sys\nsys.argv = {arguments!r}\nrunpy.run_path(sys.argv[0], run_name='__main__')"
        )
        like, like.bench_record = copy.copy(script), None
        self.thread = threading.Thread(target=self.live, args=(execute, like, str(file)), daemon=True)
        self.thread.start()
        self.control = self.connected()  # the first connection; the process ends when it closes

    def live(self, execute: Callable, script: PythonScript, file: str) -> None:
        """Run the process from its start to its end."""
        with contextlib.suppress(subprocess.CalledProcessError):
            execute(script, file)
        shutil.rmtree(self.folder, ignore_errors=True)  # if the process was killed

    def was_killed(self) -> bool:
        """Return whether the process has ended after it had begun to listen; one that never did would not next time."""
        return self.control is not None and not self.thread.is_alive()

    def connected(self) -> socket.socket | None:
        """Return a connection to the process, as soon as it listens; None if it has ended."""
        while self.thread.is_alive():
            client = socket.socket(socket.AF_UNIX)
            try:
                client.connect(self.address)
                return client
            except OSError as error:
                client.close()
                if not isinstance(error, FileNotFoundError | ConnectionRefusedError):
                    break  # the path of the socket is too long, for example
            time.sleep(0.02)
        return None

    def run(self, script: PythonScript, file: str) -> bool:
        """Run a script in a fork, until it has ended.

        Parameters
        ----------
        script : snakemake.script.PythonScript
            The script.
        file : str
            The file that Snakemake has written for it.

        Returns
        -------
        bool
            False if nothing was run.

        Raises
        ------
        subprocess.CalledProcessError
            If the job has failed.
        """
        client = self.connected() if self.control else None
        if client is None:
            return False
        with client, client.makefile() as answers:
            client.sendall(os.fsencode(os.path.abspath(file)))
            client.shutdown(socket.SHUT_WR)
            begun = answers.readline()
            if not begun:
                return False
            job = int(begun)
            with benchmarked(job, script.bench_record) if script.bench_record else contextlib.nullcontext():
                ended = answers.readline()
        if not ended:  # the starter was killed
            with contextlib.suppress(ProcessLookupError):
                os.kill(job, signal.SIGKILL)
        status = int(ended) if ended else -signal.SIGKILL
        if status:
            raise subprocess.CalledProcessError(status, f"{sys.executable} {file}")
        return True
