"""A real Slurm on this machine, and what the workflow does on it: `python tests/slurm.py`, or `make test-slurm`.

`python tests/slurm.py NAME ...` carries out some of the scenarios; those that measure (`LONG`) only run when they are
named. Starts munged, slurmctld and two slurmd of one core
each, all on the loopback address, from Debian's packages (slurmctld, slurmd, slurm-client, munge). Needs root and
writes /etc/slurm/slurm.conf, which `srun` insists on: it refuses to start where that file is another cluster's. Skips
with a line where Slurm or root is missing.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import fast_yaml
import faults
import images
import small

sys.path.append(str(small.REPOSITORY / "tools"))

import bench_sweep  # noqa: E402

CONF = Path("/etc/slurm/slurm.conf")
GRES = CONF.with_name("gres.conf")
OURS = "# written by tests/slurm.py"
NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
SPLIT = "results/data/splits/permutation_50k.npz"
SPLITS = [f"results/data/splits/{name}.npz" for name in small.default()["splits"]]
TRAINING = "results/models/dense_2_corrected/seed-1/weights.npz"


def missing():
    """Why no Slurm can be started here, in words; None where one can."""
    lacking = [name for name in NEEDED if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")]
    if lacking:
        return f"Slurm is not installed ({', '.join(lacking)})"
    if os.geteuid():
        return "only root can start Slurm's daemons"
    for file in (CONF, GRES):
        if file.exists() and OURS not in file.read_text():
            return f"{file} belongs to another cluster"
    return None


def configuration(folder, nodes):
    """The text of slurm.conf for a cluster on this machine alone."""
    return "\n".join(
        [
            OURS,
            "ClusterName=laboratory",
            "SlurmctldHost=localhost(127.0.0.1)",
            "SlurmUser=root",
            "SlurmdUser=root",
            "AuthType=auth/munge",
            f"StateSaveLocation={folder}/state",
            f"SlurmdSpoolDir={folder}/spool-%n",
            f"SlurmctldPidFile={folder}/slurmctld.pid",
            f"SlurmdPidFile={folder}/slurmd-%n.pid",
            f"SlurmctldLogFile={folder}/slurmctld.log",
            f"SlurmdLogFile={folder}/slurmd-%n.log",
            "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",
            "ProctrackType=proctrack/linuxproc",
            "TaskPlugin=task/none",
            "JobAcctGatherType=jobacct_gather/none",
            "AccountingStorageType=accounting_storage/none",
            "SelectType=select/cons_tres",
            "SelectTypeParameters=CR_Core",
            "SlurmdParameters=config_overrides",
            "MinJobAge=300",
            "KillWait=5",
            "ReturnToService=2",
            "GresTypes=gpu",
            *(
                f"NodeName=n{n} NodeHostname=localhost NodeAddr=127.0.0.1 Port={17000 + n} CPUs=1 RealMemory=8000 "
                "Gres=gpu:1"
                for n in range(1, nodes + 1)
            ),
            f"PartitionName=laboratory Nodes=n[1-{nodes}] Default=YES MaxTime=INFINITE State=UP",
            "",
        ]
    )


@contextmanager
def cluster(nodes=2):
    """A Slurm of some nodes for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "state").mkdir()
        CONF.parent.mkdir(exist_ok=True)
        CONF.write_text(configuration(folder, nodes))
        GRES.write_text(f"{OURS}\nName=gpu File=/dev/null\n")  # no GPU, but it can be asked for
        Path("/run/munge").mkdir(exist_ok=True)
        shutil.chown("/run/munge", "munge", "munge")
        munged = ["runuser", "-u", "munge", "--", "munged", "--foreground", "--force"]
        daemons = [subprocess.Popen(munged, stderr=subprocess.DEVNULL)]
        wait(lambda: subprocess.run(["munge", "-n"], capture_output=True).returncode == 0, "munged", 30)
        daemons += [subprocess.Popen(["slurmctld", "-D"], stderr=subprocess.DEVNULL)]
        daemons += [
            subprocess.Popen(["slurmd", "-D", "-N", f"n{n}"], stderr=subprocess.DEVNULL) for n in range(1, nodes + 1)
        ]
        try:
            wait(lambda: said("sinfo", "-h", "-o", "%T %D") == f"idle {nodes}", "the nodes", 60)
            yield folder
        finally:
            subprocess.run(["scancel", "--user", "root"], check=False)
            time.sleep(1)
            for daemon in reversed(daemons):  # munged last
                daemon.terminate()
                try:
                    daemon.wait(30)
                except subprocess.TimeoutExpired:
                    daemon.kill()
            CONF.unlink()
            GRES.unlink()


def said(*command):
    """What a command says on its standard output."""
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def wait(until, what, seconds):
    """Wait until something is true; raises `AssertionError` after that many seconds."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.2)


def queue(state=None):
    """Slurm's jobs that wait or run: their numbers."""
    return said("squeue", "-h", "-o", "%i", *(["-t", state] if state else [])).split()


# -- the workflow on it --------------------------------------------------------------------------------------


def start(folder, *targets, options=()):
    """The workflow as a process, its jobs submitted; what it says in `output.log`."""
    profile = fast_yaml.safe_load((small.REPOSITORY / "profiles" / "slurm" / "config.yaml").read_text())
    profile |= {"slurm-status-command": "squeue", "slurm-init-seconds-before-status-checks": 3}
    (folder / "profile").mkdir(exist_ok=True)
    (folder / "profile" / "config.yaml").write_text(fast_yaml.safe_dump(profile))
    command = [sys.executable, "-m", "snakemake", "-s", str(small.REPOSITORY / "Snakefile"), *targets]
    command += ["--directory", str(folder), "--workflow-profile", str(folder / "profile"), "--slurm-no-account"]
    command += ["--default-resources", "mem_mb=1000", "runtime=10", *options]
    with open(folder / "output.log", "ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)


def reseed(folder, seed):
    """Edit the seed of the split."""
    path = folder / "config" / "config.yaml"
    config = fast_yaml.safe_load(path.read_text())
    config["splits"]["permutation_50k"]["seed"] = seed
    path.write_text(fast_yaml.safe_dump(config, sort_keys=False))


def hold(nodes="n[1-2]"):
    """Let no job start."""
    subprocess.run(["scontrol", "update", f"nodename={nodes}", "state=drain", "reason=test"], check=True)


def release(nodes="n[1-2]"):
    """Let jobs start again. Slurm refuses to resume a node that has come back by itself."""
    subprocess.run(["scontrol", "update", f"nodename={nodes}", "state=resume"], capture_output=True)
    kept = ("down", "drain")
    wait(
        lambda: not any(word in said("sinfo", "-h", "-n", nodes, "-o", "%T") for word in kept), f"{nodes} to resume", 30
    )


def unlike_a_local_run(folder, mnist, files):
    """Those of the files whose bytes differ from what a run without Slurm makes."""
    local = folder / "local"
    small.write(local, mnist)
    command = [sys.executable, "-m", "snakemake", "-s", str(small.REPOSITORY / "Snakefile"), *files, "--cores", "1"]
    subprocess.run([*command, "--directory", str(local)], check=True, capture_output=True)
    return [file for file in files if (local / file).read_bytes() != (folder / file).read_bytes()]


def submissions(folder):
    """The numbers that Slurm gave the submissions of a folder's runs, that of an array once."""
    return re.findall(r"SLURM job ?id (\d+)", (folder / "output.log").read_text(), re.IGNORECASE)


def log(folder):
    """What the runs of a folder have said so far, the logs of submitted jobs included."""
    jobs = sorted((folder / ".snakemake" / "slurm_logs").rglob("*.log"))
    return "\n".join(path.read_text(errors="replace") for path in [folder / "output.log", *jobs])


def edited_while_it_waits(folder, mnist):
    """The seed of a split is edited while its job waits in the queue, and edited back: nothing of 999 is kept."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT, options=["--retries", "0"])
    wait(lambda: queue("PD"), "a pending job", 60)
    reseed(folder, 999)
    release()
    assert run.wait(180), "a job that was not the planned one went through"
    assert "edited after this run was planned" in log(folder), log(folder)
    assert not (folder / SPLIT).exists()
    reseed(folder, 123)
    assert start(folder, SPLIT).wait(180) == 0, log(folder)
    assert unlike_a_local_run(folder, mnist, [SPLIT]) == []


def left_by_a_killed_run(folder, mnist):
    """A killed run's job waits while a newer run finishes, and starts then: it touches nothing, or is cancelled."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT)
    wait(lambda: queue("PD"), "a pending job", 60)
    (left,) = queue("PD")
    run.kill()
    run.wait()
    command = [sys.executable, "-m", "snakemake", "-s", str(small.REPOSITORY / "Snakefile"), SPLIT, "--cores", "1"]
    subprocess.run([*command, "--directory", str(folder)], check=True, capture_output=True)
    assert left not in queue(), "the newer run did not cancel what the killed one had left"
    release()


def started_after_all(folder, mnist):
    """As before, where the newer run could not cancel: the job starts and touches nothing."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT)
    wait(lambda: queue("PD"), "a pending job", 60)
    run.kill()
    run.wait()
    path = os.environ["PATH"]
    with tempfile.TemporaryDirectory() as empty:
        stand_in = Path(empty) / "scancel"
        stand_in.write_text("#!/bin/sh\necho unreachable >&2\nexit 1\n")
        stand_in.chmod(0o755)
        command = [sys.executable, "-m", "snakemake", "-s", str(small.REPOSITORY / "Snakefile"), SPLIT, "--cores", "1"]
        done = subprocess.run(
            [*command, "--directory", str(folder)],
            env={**os.environ, "PATH": f"{empty}:{path}"},
            check=True,
            capture_output=True,
            text=True,
        )
    assert "scancel failed (unreachable)" in done.stderr, done.stderr
    before = (folder / SPLIT).read_bytes(), (folder / SPLIT).stat().st_ctime_ns
    release()
    wait(lambda: not queue(), "the job of the killed run", 120)
    assert "belongs to an earlier run; a newer one has begun" in log(folder), log(folder)
    assert ((folder / SPLIT).read_bytes(), (folder / SPLIT).stat().st_ctime_ns) == before


def terminated(folder, mnist):
    """SIGTERM ends the run in seconds and cancels what it has submitted."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT)
    wait(lambda: queue("PD"), "a pending job", 60)
    run.terminate()
    faults.finish(run, faults.GRACE)
    wait(lambda: not queue(), "an empty queue", 20)
    release()
    assert start(folder, SPLIT).wait(180) == 0, log(folder)


def interrupted(folder, mnist):
    """Ctrl-C ends the run and cancels what it has submitted; the same command goes on."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT)
    wait(lambda: queue("PD"), "a pending job", 60)
    run.send_signal(signal.SIGINT)
    faults.finish(run, 60)
    wait(lambda: not queue(), "an empty queue", 20)
    release()
    assert start(folder, SPLIT).wait(180) == 0, log(folder)


def refused_beside_another(folder, mnist):
    """While a run's job waits, a second run in the folder is refused; the first one goes on."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT)
    wait(lambda: queue("PD"), "a pending job", 60)
    command = [sys.executable, "-m", "snakemake", "-s", str(small.REPOSITORY / "Snakefile"), SPLIT, "--cores", "1"]
    second = subprocess.run([*command, "--directory", str(folder)], capture_output=True, text=True)
    assert second.returncode and "Another run is at work in this folder" in second.stderr + second.stdout
    release()
    assert run.wait(180) == 0, log(folder)


def as_arrays(folder, mnist):
    """Jobs of a rule in one array: fewer submissions than jobs, the bytes of a local run."""
    small.write(folder, mnist)
    assert start(folder, *SPLITS, options=["--slurm-array-jobs", "all"]).wait(300) == 0, log(folder)
    assert len(submissions(folder)) == 1, log(folder)
    assert unlike_a_local_run(folder, mnist, SPLITS) == []


def as_groups(folder, mnist):
    """All jobs of a rule in one submission, with no more cores and memory than one of them."""
    small.write(folder, mnist)
    hold()
    together = ["--groups", "make_split=splits", "--group-components", f"splits={len(SPLITS)}"]
    run = start(folder, *SPLITS, options=together)
    wait(lambda: queue("PD"), "a pending job", 60)
    (number,) = queue("PD")
    asked = said("scontrol", "show", "job", number)
    assert "NumCPUs=1 " in asked and "MinMemoryNode=1000M" in asked, asked
    hours, minutes = divmod(10 * len(SPLITS), 60)
    assert f"TimeLimit={hours:02}:{minutes:02}:00" in asked, asked
    release()
    assert run.wait(300) == 0, log(folder)
    assert unlike_a_local_run(folder, mnist, SPLITS) == []


def left_out_together(folder, mnist):
    """Jobs that would share a submission are not submitted if what they read comes out as it was."""
    small.write(folder, mnist)
    corrupted = [
        f"results/data/mnist/corrupted/{name}/draw-1/test.npy" for name in ("clipped_noise", "noise_unclipped")
    ]
    together = ["--groups", "corrupt_images=corrupted", "--group-components", f"corrupted={len(corrupted)}"]
    assert start(folder, *corrupted, options=together).wait(300) == 0, log(folder)
    before = [(folder / file).stat().st_ino for file in corrupted]  # a result is replaced by another file
    assert start(folder, *corrupted, options=[*together, "-R", "fetch_dataset"]).wait(300) == 0, log(folder)
    assert "has come out as it was: corrupt_images (2)" in log(folder), log(folder)
    assert [(folder / file).stat().st_ino for file in corrupted] == before, log(folder)


def cancelled_by_hand(folder, mnist):
    """A job that is cancelled with scancel is submitted again, as the profile says."""
    small.write(folder, mnist)
    hold()
    run = start(folder, SPLIT)
    wait(lambda: queue("PD"), "a pending job", 60)
    (first,) = queue("PD")
    subprocess.run(["scancel", first], check=True)
    wait(lambda: [number for number in queue("PD") if number != first], "another submission", 90)
    release()
    assert run.wait(180) == 0, log(folder)
    assert unlike_a_local_run(folder, mnist, [SPLIT]) == []


def without_a_node(folder, mnist):
    """One node is drained: the other one does everything."""
    small.write(folder, mnist)
    hold("n1")
    try:
        assert start(folder, *SPLITS[:2]).wait(300) == 0, log(folder)
    finally:
        release("n1")
    assert unlike_a_local_run(folder, mnist, SPLITS[:2]) == []


def started_again(folder, mnist, disturb):
    """Disturb the job of a training as soon as it runs; the run ends well and gives a local run's bytes."""
    small.write(folder, mnist)
    run = start(folder, TRAINING)
    trained = folder / "results/logs/train_model/dense_2_corrected/seed-1.log"
    wait(lambda: trained.exists() or run.poll() is not None, "a training", 300)
    assert run.poll() is None, log(folder)
    (number,) = queue("R")
    disturb(number, said("squeue", "-h", "-j", number, "-o", "%N"))
    assert run.wait(400) == 0, log(folder)
    assert unlike_a_local_run(folder, mnist, [TRAINING]) == []


def queued_again(folder, mnist):
    """Slurm puts a running job back into its queue."""
    started_again(folder, mnist, lambda number, node: subprocess.run(["scontrol", "requeue", number], check=True))


def on_a_failing_node(folder, mnist):
    """The node of a running job fails."""

    def fail(number, node):
        subprocess.run(["scontrol", "update", f"nodename={node}", "state=down", "reason=test"], check=True)
        time.sleep(5)
        release(node)

    started_again(folder, mnist, fail)


def gpus_are_asked_for(folder, mnist):
    """With `accelerator=gpu`, the job of a training waits for a GPU of Slurm's."""
    small.write(folder, mnist)
    split = small.default()["models"]["dense_2_corrected"]["split"]
    images_of_all = "results/data/mnist/train-images-idx3-ubyte"
    assert start(folder, f"results/data/splits/{split}-training.npz", images_of_all).wait(300) == 0, log(folder)
    hold()
    run = start(folder, TRAINING, options=["--config", "accelerator=gpu"])
    wait(lambda: any("gpu" in said("scontrol", "show", "job", n) for n in queue("PD")), "a job that asks", 120)
    run.terminate()
    faults.finish(run, faults.GRACE)
    release()


def one_seed(config):
    """The study `bottleneck` at full length, each model from one seed."""
    full = small.default()
    full["datasets"] = config["datasets"]
    config.clear()
    config.update(full, only=["bottleneck"])
    for entry in config["models"].values():
        entry["seeds"] = [1]


def with_two_nodes(folder, mnist):
    """Two nodes need at most .65 of the time that one of them needs, from start to end, and make the same bytes."""
    seconds, weights = {}, {}
    for nodes, drained in (("one", "n2"), ("two", None)):
        work = folder / nodes
        small.write(work, mnist, one_seed)
        if drained:
            hold(drained)
        began = time.monotonic()
        assert start(work, options=AS_IN_THE_PROFILE).wait(7200) == 0, log(work)[-4000:]
        seconds[nodes] = time.monotonic() - began
        weights[nodes] = {
            path.relative_to(work): path.read_bytes() for path in work.glob("results/models/*/*/weights.npz")
        }
        if drained:
            release(drained)
        print(f"  {nodes}: {seconds[nodes]:.0f} s, {len(submissions(work))} submissions", flush=True)
    assert weights["one"] == weights["two"]
    assert seconds["two"] <= 0.65 * seconds["one"], f"{seconds['two'] / seconds['one']:.2f} of the time of one node"


def sweep_of_short_trainings(folder, mnist):
    """A sweep takes a hundredth of a submission for each of its trainings, and as much for their evaluations.

    Those of a submission run in one Snakemake and share a start.
    """
    trainings, together = 300, 100
    bench_sweep.prepared(folder, bench_sweep.configuration(trainings))
    groups = ["train_model=trainings", "evaluate_model=evaluations"]
    components = [f"trainings={together}", f"evaluations={together}"]
    options = [*AS_IN_THE_PROFILE, "--groups", *groups, "--group-components", *components]
    began = time.monotonic()
    assert start(folder, bench_sweep.TARGET, options=options).wait(7200) == 0, log(folder)[-4000:]
    number = len(submissions(folder))
    print(f"  {time.monotonic() - began:.0f} s, {number} submissions", flush=True)
    assert len(list(folder.glob("results/models/*/*/weights.npz"))) == trainings + 2  # the judge, and what is varied
    logs = [path.read_text() for path in (folder / ".snakemake" / "slurm_logs").glob("group_*/*.log")]
    assert logs and all(text.count("Building DAG") < together / 2 for text in logs)
    around = 6  # images, splits, the judge, what the hundreds leave over, the table of metrics
    assert number <= 2 * trainings / together + around, f"{number} submissions"


# The time to the first question after a job, as users have it; the other scenarios ask sooner.
AS_IN_THE_PROFILE = ["--slurm-init-seconds-before-status-checks", "10"]
LONG = (with_two_nodes, sweep_of_short_trainings)
SCENARIOS = (
    edited_while_it_waits,
    left_by_a_killed_run,
    started_after_all,
    terminated,
    interrupted,
    refused_beside_another,
    as_arrays,
    as_groups,
    left_out_together,
    cancelled_by_hand,
    without_a_node,
    queued_again,
    on_a_failing_node,
    gpus_are_asked_for,
)


def main(names):
    """Carry out scenarios on a cluster, those of `SCENARIOS` or those named; returns how many failed."""
    chosen = [one for one in (*SCENARIOS, *LONG) if (one.__name__ in names if names else one in SCENARIOS)]
    os.environ.pop("SLURM_CONF", None)  # `make` sets it where no controller answers
    why = missing()
    if why:
        print(f"skipped: {why}")
        return 0
    mnist, failed = images.mnist(), 0
    with cluster(), tempfile.TemporaryDirectory() as folder:
        for scenario in chosen:
            began = time.monotonic()
            work = Path(folder) / scenario.__name__
            work.mkdir()
            try:
                scenario(work, mnist)
                said = "passed"
            except (AssertionError, faults.Hangs, subprocess.SubprocessError) as error:
                said, failed = f"FAILED: {error}", failed + 1
                subprocess.run(["scancel", "--user", "root"], check=False)
                release()
            print(f"{scenario.__name__:24s} {time.monotonic() - began:4.0f} s  {said}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
