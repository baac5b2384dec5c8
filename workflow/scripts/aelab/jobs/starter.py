"""A process that has loaded the libraries of an environment and forks itself for every job that asks.

`python starter.py SOCKET FOLDERS MODULE ...` imports the modules, listens on a Unix socket, and carries out scripts: a
client sends the path of a script and gets two lines, the number of the process and, at its end, its exit status. The
job is a fork, a process of its own like one that was started in the usual way, but for the time that loading libraries
takes. It imports the modules of this project itself, so that it runs the code that is there when it starts.

The first connection is that of the run. When it closes, the starter ends; jobs notice the end of a run themselves.

`aelab.plan.snakemake_gaps.shared_starts` is the client.
"""

import contextlib
import importlib
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import sys
from pathlib import Path

OWN = "aelab"


def load(modules: list[str], folders: list[str]) -> None:
    """Import modules, and forget those of this project among them.

    Parameters
    ----------
    modules : list of str
        Names of modules. One that is not installed is left to the jobs.
    folders : list of str
        Folders that come last on the search path meanwhile: the packages of Snakemake, which the first lines of a
        script need.
    """
    path = sys.path[:]
    sys.path.extend(folders)
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    sys.path[:] = path
    for name in [name for name in sys.modules if name.split(".")[0] == OWN]:
        del sys.modules[name]


def serve(address: str) -> str | None:
    """Fork a job for every request, until the run has ended.

    Parameters
    ----------
    address : str
        Path of the socket, in a folder of its own that is removed at the end.

    Returns
    -------
    str or None
        In a job, the path of its script; in the starter itself, None.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    handlers = {
        signal.SIGCHLD: signal.signal(signal.SIGCHLD, lambda *_: None),
        # The whole group gets these from a terminal or a batch system. Jobs end by them, and the starter with the run.
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    }
    jobs: dict[int, socket.socket] = {}
    run = None
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(address)
        listener.listen(64)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is run:
                    return None
                if key.fileobj == woken:
                    os.read(woken, 4096)
                    tell_of_ended(jobs)
                elif run is None:
                    run = listener.accept()[0]
                    selector.register(run, selectors.EVENT_READ)
                else:
                    client = listener.accept()[0]
                    script = os.fsdecode(received(client))
                    job = forked(client)
                    if job == 0:
                        signal.set_wakeup_fd(-1)
                        for number, handler in handlers.items():
                            signal.signal(number, handler)
                        for each in (client, run, *jobs.values()):
                            each.close()
                        os.close(woken)
                        os.close(wake)
                        return script
                    jobs[job] = client


def forked(client: socket.socket) -> int:
    """Fork, and tell the client the number of the process before the job in it begins.

    Parameters
    ----------
    client : socket.socket
        Who has asked for the job.

    Returns
    -------
    int
        In the starter, the number of the process; in the job, 0.
    """
    told, tell_job = os.pipe()
    job = os.fork()
    if job == 0:
        os.close(tell_job)
        if not os.read(told, 1):  # the starter was killed before the client knew of this job
            os._exit(1)
        os.close(told)
        return 0
    os.close(told)
    tell(client, job)
    os.write(tell_job, b".")
    os.close(tell_job)
    return job


def received(client: socket.socket) -> bytes:
    """Return what a client has sent before it stopped sending."""
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def tell_of_ended(jobs: dict[int, socket.socket]) -> None:
    """Tell the clients of all jobs that have ended their exit status, negative for a signal."""
    for job in list(jobs):
        ended, status = os.waitpid(job, os.WNOHANG)
        if ended:
            with jobs.pop(job) as client:
                tell(client, os.waitstatus_to_exitcode(status))


def tell(client: socket.socket, number: int) -> None:
    """Send a number as a line to a client, which may be gone."""
    with contextlib.suppress(OSError):
        client.sendall(b"%d\n" % number)


def main(address: str, folders: str, *modules: str) -> None:
    """Load the modules and serve; in a job, run its script as `python script` does."""
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    load(list(modules), json.loads(folders))
    script = serve(address)
    if script is None:
        shutil.rmtree(Path(address).parent, ignore_errors=True)
    else:
        sys.argv = [script]
        sys.path[0] = str(Path(script).parent)
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
