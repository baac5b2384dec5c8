"""Jobs that a cluster starts: what was planned and nothing else, and nothing of an earlier run touches results.

Each test starts the nested Snakemake that an executor submits, while a process holds the folder's run.
"""

import base64
import json
import os
from types import SimpleNamespace

import fast_yaml
import pytest
import small
from snakemake_starts import snakemake
from test_runs import kill, named, python

from aelab.jobs import record
from aelab.plan import specs

SPLIT = "results/data/splits/permutation_50k.npz"
HOLD = "from aelab.jobs import runs; runs.begin(specs={SPECS}); print('begun', flush=True); input()"


def started(folder, *arguments, **environment):
    """A finished Snakemake process in a folder."""
    arguments = ("-s", small.REPOSITORY / "Snakefile", "--cores", "1", *arguments)
    return snakemake(*arguments, cwd=folder, env={**os.environ, **environment})


def submitted(folder, run):
    """The nested Snakemake of the job that makes the split, started by a queue for a run."""
    options = "--force --target-files-omit-workdir-adjustment --max-inventory-time 0 --nocolor --no-hooks --nolock"
    return started(
        folder,
        *options.split(),
        *("--ignore-incomplete", "--mode", "subprocess", "--rerun-triggers", "input", "mtime", "params"),
        *("--allowed-rules", "make_split", "--target-jobs", "make_split:split=permutation_50k"),
        **{record.VARIABLE: run},
    )


@pytest.fixture
def folder(tmp_path):
    """A folder in which the split was made."""
    small.write(tmp_path)
    done = started(tmp_path, SPLIT)
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.fixture
def run(folder, planner):
    """A process that is the run of the folder, has planned the split and waits for it."""
    (job,) = planner.jobs(folder, "-s", str(small.REPOSITORY / "Snakefile"), SPLIT)
    process = python(HOLD.replace("{SPECS}", repr({SPLIT: canonical(job.spec)})), folder)
    assert process.stdout.readline() == "begun\n"
    mark(folder).write_text('{"external_jobid": "17"}')
    yield named(folder)
    kill(process)


def canonical(spec):
    """The text of a spec, whose files stand last."""
    settings = {key: value for key, value in spec.items() if key != "wiring"}
    return f'{specs.canonical(settings)[:-1]},"wiring":{specs.canonical(spec["wiring"])}}}'


def mark(folder):
    """Snakemake's mark that the split is being made."""
    marks = folder / ".snakemake" / "incomplete"
    marks.mkdir(exist_ok=True)
    return marks / base64.urlsafe_b64encode(SPLIT.encode()).decode()


def state(folder):
    """The split's bytes and when its file was made: the number of a file that is removed may be given out again."""
    path = folder / SPLIT
    return path.read_bytes(), path.stat().st_ctime_ns


def reseed(folder, seed):
    """Edit the seed of the split."""
    path = folder / "config" / "config.yaml"
    config = fast_yaml.safe_load(path.read_text())
    config["splits"]["permutation_50k"]["seed"] = seed
    path.write_text(fast_yaml.safe_dump(config, sort_keys=False))


def test_a_planned_job_runs_and_leaves_the_records_to_the_main_process(folder, run):
    before, made = state(folder)
    done = submitted(folder, run)
    assert done.returncode == 0, done.stderr
    assert state(folder)[0] == before and state(folder)[1] != made
    assert json.loads(mark(folder).read_text()) == {"external_jobid": "17"}


def test_an_edit_while_a_job_waits_stops_the_job(folder, run):
    """The plan has the seed 123; a job that reads another configuration makes nothing under its name."""
    before = state(folder)
    reseed(folder, 999)
    done = submitted(folder, run)
    assert done.returncode and "edited after this run was planned" in done.stderr
    assert state(folder) == before
    reseed(folder, 123)
    assert submitted(folder, run).returncode == 0


def test_a_job_of_an_earlier_run_touches_nothing(folder, run):
    """A killed run's job that the queue starts when a newer run has begun, or has finished."""
    before = state(folder)
    done = submitted(folder, "host 1 abc")
    assert done.returncode and "belongs to an earlier run; a newer one has begun" in done.stderr
    assert state(folder) == before
    assert (folder / "results" / "logs" / "make_split" / "permutation_50k.log").exists()


def test_a_job_that_its_run_has_counted_as_done_touches_nothing(folder, run):
    """Slurm starts a job again whose node has failed."""
    before = state(folder)
    mark(folder).unlink()
    done = submitted(folder, run)
    assert done.returncode and "does not wait for this job any more" in done.stderr
    assert state(folder) == before


def test_groups_run_in_the_process_that_was_submitted(monkeypatch):
    """What the plugin for Slurm is known to say is replaced, for groups without MPI alone."""
    from aelab.plan.snakemake_gaps import shared_starts

    monkeypatch.setenv("SLURM_CONF", "/dev/null")
    import snakemake_executor_plugin_slurm as plugin

    settings = SimpleNamespace(executor_settings=SimpleNamespace(pass_command_as_script=False))
    said = plugin.Executor.additional_general_args(SimpleNamespace(workflow=settings))
    monkeypatch.setattr(plugin.Executor, "format_job_exec", lambda executor, job: f"snakemake {said} --mode remote")
    shared_starts.run_groups_in_one_process()

    def command(group, **resources):
        members = [SimpleNamespace(resources=resources)] * 2
        job = SimpleNamespace(is_group=lambda: group, jobs=members, threads=1)
        return plugin.Executor.format_job_exec(None, job)

    assert command(group=True) == "snakemake --executor local --cores 1 --mode remote"
    assert "slurm-jobstep" in command(group=False) and "slurm-jobstep" in command(group=True, mpi="srun")
