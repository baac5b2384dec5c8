"""Kill the real workflow at random moments, start it again with the same command, compare every byte.

`python tests/faults.py --faults 30 --seed 7` carries out the small configuration once undisturbed, then once for each
fault: from nothing or with some results forgotten, disturbed at a random moment by one of `CAUSES`, started again, and
compared byte by byte. It prints each fault and how many were survived. The images are those of the tests (`images.py`).
"""

import argparse
import filecmp
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import images
import psutil
import small

TARGETS = ("results/metrics.csv", "results/models/dense_2/seed-1/codes/test.npy")
MODELS = ("judge", "dense_2", "dense_2_corrected", "pca_2")
EPOCHS = 40
PATIENCE = 600  # seconds that a run may take on a busy machine
GRACE = 10  # seconds to end in after SIGTERM: what `docker stop` gives before it kills


# -- the workflow, small ------------------------------------------------------------------------------------


def configure(folder, mnist, models, epochs=EPOCHS):
    """Write a configuration of few models and no studies; trainings of some seconds."""

    def change(config):
        config["models"] = {name: config["models"][name] for name in models}
        config["studies"], config["sweeps"] = {}, {}
        for name, entry in config["models"].items():
            if "epochs" in entry:
                entry["epochs"] = 8 if name == config["judge"] else epochs

    small.write(folder, mnist, change)


def start(folder, program=("-m", "snakemake")):
    """The run as a process at the head of a process group, its output in `output.log`."""
    command = [sys.executable, *program, *TARGETS, "-s", small.REPOSITORY / "Snakefile"]
    with open(folder / "output.log", "ab") as log:
        return subprocess.Popen(
            [*map(str, command), "--directory", str(folder), "--cores", "2"],
            cwd=folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # A shell starts what it puts into the background with Ctrl-C ignored.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )


class Hangs(Exception):
    """A run did not end in time, and was killed."""


def finish(run, patience=PATIENCE):
    """Wait for a run; returns its exit status. Raises `Hangs` after `patience` seconds and kills it."""
    try:
        return run.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        raise Hangs(f"the run hung: it had not ended after {patience} s and was killed") from None


def jobs(run):
    """The processes of jobs: Pythons that run a script under Snakemake."""
    try:
        processes = psutil.Process(run.pid).children(recursive=True)
        return [process for process in processes if any(".snakemake/scripts" in word for word in process.cmdline())]
    except psutil.Error:
        return []


# -- causes: each disturbs a run and returns when it is over, or what must be done once the next has begun ------


def some_job(run, draw):
    """A running job; None where the run ends first."""
    while run.poll() is None:
        found = jobs(run)
        if found:
            return draw.choice(found)
        time.sleep(0.02)
    return None


def send(process, number):
    with suppress(psutil.Error, ProcessLookupError, AttributeError):
        process.send_signal(number)


def job_killed(run, draw, folder):
    send(some_job(run, draw), signal.SIGKILL)
    finish(run)


def job_terminated(run, draw, folder):
    send(some_job(run, draw), signal.SIGTERM)
    finish(run)


def snakemake_killed(run, draw, folder):
    """Its jobs live on as orphans."""
    run.kill()
    run.wait()
    time.sleep(draw.choice([0, 0, 0.3, 2]))


def snakemake_terminated(run, draw, folder):
    """`kill`, `docker stop`, a batch system's warning: it ends in seconds, and its jobs with it."""
    run.terminate()
    finish(run, GRACE)


def terminated_while_recording(run, draw, folder):
    """The same while a finished job is recorded: the run terminates itself (`tests/terminated.py`)."""
    while run.poll() is None and not (folder / "terminated").exists():
        time.sleep(0.05)
    finish(run, GRACE)


def all_killed(run, draw, folder):
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def interrupted(run, draw, folder):
    """Ctrl-C: the whole group gets it."""
    os.killpg(run.pid, signal.SIGINT)
    finish(run)


def memory_limited(run, draw, folder):
    job = some_job(run, draw)
    if job:
        with suppress(psutil.Error, ProcessLookupError):
            room = job.memory_info().vms + draw.randrange(1, 2**24)
            resource.prlimit(job.pid, resource.RLIMIT_AS, (room, room))
        try:
            job.wait(timeout=20)
        except psutil.TimeoutExpired:  # it needs no more than it has: the kernel's way, then
            send(job, signal.SIGKILL)
    finish(run)


def disk_full(run, draw, folder):
    """The rest of the disk is taken by another file until the run has failed; without a disk of our own, by a limit."""
    if os.path.ismount(folder.parent):
        filler, end = folder.parent / "filler", time.monotonic() + PATIENCE
        with open(filler, "wb", buffering=0) as file:
            while run.poll() is None and time.monotonic() < end:
                try:
                    file.write(bytes(2**14))
                except OSError:
                    time.sleep(0.05)
        filler.unlink()
        finish(run)
        return
    size = draw.randrange(2**14)
    for process in [psutil.Process(run.pid), *jobs(run)]:
        with suppress(psutil.Error, ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
    finish(run)


def orphan_asleep(run, draw, folder):
    """A job sleeps while its run is killed, and wakes up when the next has begun: it may write nothing then."""
    job = some_job(run, draw)
    if job is None:
        return None
    send(job, signal.SIGSTOP)
    run.kill()
    run.wait()

    def wake(again):
        name = (folder / ".snakemake" / "aelab_run").read_text()
        while again.poll() is None and (folder / ".snakemake" / "aelab_run").read_text() == name:
            time.sleep(0.02)
        time.sleep(draw.uniform(0, 4))
        send(job, signal.SIGCONT)

    return wake


def killed_twice(run, draw, folder):
    """The restart is killed too."""
    run.kill()
    run.wait()
    again = start(folder)
    time.sleep(draw.uniform(0, 8))
    draw.choice([all_killed, snakemake_killed, interrupted])(again, draw, folder)


CAUSES = (
    job_killed,
    snakemake_killed,
    all_killed,
    interrupted,
    job_terminated,
    orphan_asleep,
    snakemake_terminated,
    terminated_while_recording,
    disk_full,
    killed_twice,
    memory_limited,
)


# -- one fault ----------------------------------------------------------------------------------------------


def forget(folder, models):
    """Remove what some models have made, and what is made of all."""
    for name in models:
        shutil.rmtree(folder / "results" / "models" / name)
        for log in (folder / "results" / "logs").glob(f"*/{name}"):
            shutil.rmtree(log)
    (folder / "results" / "metrics.csv").unlink()


MOMENTS = ("time", "time", "job", "training", "training", "result")


def wait_for(kind, run, draw, folder, duration):
    """Wait for a random moment of a run: any time, after a job's start, within a training, at a result."""
    results = folder / "results"
    known = {path for path in results.rglob("*") if path.is_file()}
    while run.poll() is None:
        if kind == "time" or kind == "job" and jobs(run):
            break
        if kind == "training" and any((results / "checkpoints").glob("*/*/*.npz")):
            break
        if kind == "result" and any(path.is_file() and path not in known for path in (results / "models").rglob("*")):
            break
        time.sleep(0.01)
    longest = {"time": 0.6 * duration, "job": 0.2 * duration, "training": 2, "result": 0.2}[kind]
    end = time.monotonic() + draw.uniform(0, longest)
    while run.poll() is None and time.monotonic() < end:
        time.sleep(0.01)


EPOCH = re.compile(r"epoch (\d+)/")


def epochs_begun(folder):
    """The last epoch that the log of each training tells of, by path."""
    found = {}
    for path in (folder / "results" / "logs" / "train_model").rglob("*.log"):
        numbers = [int(number) for number in EPOCH.findall(path.read_text(errors="replace"))]
        found[path] = (numbers[-1] if numbers else 0, path.stat().st_ino)
    return found


def differences(reference, folder):
    """What differs between two results, in words: files of one side, files of other bytes, leftovers."""

    def files(root):
        return {
            path.relative_to(root).as_posix()
            for path in (root / "results").rglob("*")
            if path.is_file() and path.name != "timings.json" and not {"logs", "timings"} & set(path.parts)
        }

    expected, found = files(reference), files(folder)
    said = [f"missing: {name}" for name in sorted(expected - found)]
    said += [f"left over: {name}" for name in sorted(found - expected)]
    for name in sorted(expected & found):
        if not filecmp.cmp(reference / name, folder / name, shallow=False):
            said.append(f"other bytes: {name}")
    return said


def repeated(before, folder):
    """Trainings that repeated more than one epoch after a restart, in words."""
    said = []
    for path, (last, inode) in before.items():
        if path.exists() and path.stat().st_ino != inode:
            resumed = re.search(r"resumed after epoch (\d+)", path.read_text(errors="replace"))
            if last - (int(resumed[1]) if resumed else 0) > 1:
                said.append(f"{path.parent.name} had begun epoch {last} and went on after {resumed and resumed[1]}")
    return said


def suffer(reference, folder, cause, draw, models, duration):
    """Carry out a run, disturb it, start it again; returns (moment, what went wrong) or None where the fault missed."""
    shutil.rmtree(folder, ignore_errors=True)
    kind = draw.choice(MOMENTS)
    program = ("-m", "snakemake")
    if cause is terminated_while_recording:
        kind, program = "record", (small.REPOSITORY / "tests" / "terminated.py", draw.randrange(6))
    if draw.random() < 0.1:
        shutil.copytree(reference / "config", folder / "config")
    else:
        shutil.copytree(reference, folder)
        trained = [name for name in models if not name.startswith("pca")]
        forget(folder, {draw.choice(trained), draw.choice([*models, None, None, None])} - {None})
    run = start(folder, program)
    if kind != "record":
        wait_for(kind, run, draw, folder, duration)
        if run.poll() is not None:
            return None
    try:
        then = cause(run, draw, folder)
    except Hangs as error:
        return kind, [str(error)]
    if run.returncode == 0:
        return None
    before = epochs_begun(folder)
    again = start(folder)
    if then:
        then(again)
    try:
        status = finish(again)
    except Hangs as error:
        return kind, [str(error)]
    wrong = [f"the restart ended with status {status}"] if status else []
    wrong += differences(reference, folder) + (repeated(before, folder) if cause is not killed_twice else [])
    return kind, wrong


@contextmanager
def small_disk(folder, size="400m"):
    """A disk of our own to fill, where this user may mount one; else the folder itself."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = os.geteuid() == 0 and shutil.which("mount")
    mounted = mounted and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], stderr=subprocess.DEVNULL
    )
    try:
        yield folder
    finally:
        if mounted:
            subprocess.call(["umount", "-l", str(folder)])


def carry_out(folder, mnist, faults, seed, models=MODELS, causes=CAUSES, say=print):
    """Suffer that many faults in a folder; returns what went wrong, a list of texts."""
    reference = folder / "reference"
    configure(reference, mnist, models)
    began = time.monotonic()
    status = finish(start(reference))
    assert status == 0, (reference / "output.log").read_text()[-4000:]
    duration = time.monotonic() - began
    say(f"seed {seed}: the undisturbed run took {duration:.0f} s")
    failures, done, attempt = [], 0, 0
    with small_disk(folder / "disk") as disk:
        while done < faults:
            draw = random.Random(f"{seed} {attempt}")
            attempt += 1
            cause = causes[done % len(causes)]
            victim = (disk if cause is disk_full else folder) / "victim"
            began = time.monotonic()
            outcome = suffer(reference, victim, cause, draw, models, duration)
            if outcome is None:
                assert attempt < 10 * faults + 20, "nearly every fault misses"
                continue
            done += 1
            kind, wrong = outcome
            say(
                f"fault {done:3d} ({attempt}): {cause.__name__:20s} at a random {kind:8s} "
                f"{time.monotonic() - began:4.0f} s  {'; '.join(wrong) or 'survived'}"
            )
            if wrong:
                failures.append(f"fault {done} ({cause.__name__}): {'; '.join(wrong)}")
                shutil.copytree(victim, folder / f"failed-{done}", dirs_exist_ok=True)
            shutil.rmtree(victim, ignore_errors=True)
    say(f"seed {seed}: {done} faults, {done - len(failures)} survived")
    return failures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--folder", type=Path, help="where to work and keep what failed; a temporary folder otherwise")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        say = partial(print, flush=True)
        wrong = carry_out(given.folder or Path(temporary), images.mnist(), given.faults, given.seed, say=say)
    sys.exit("\n".join(wrong) or 0)
