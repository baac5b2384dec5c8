"""What jobs ask a cluster for: time from their work, memory and time from measurements, one GPU where one is wanted."""

import json
import re
import subprocess
import sys

import fast_yaml
import pytest
import resources
import small
from small import REPOSITORY

from aelab.plan import configuration, effort

PROFILE = (REPOSITORY / "profiles/slurm/config.yaml").read_text()
COLLECT = """
import json, sys
import explain

def collect(workflow):
    from types import SimpleNamespace
    from snakemake_executor_plugin_slurm import submit_string, utils
    params = dict(run_uuid="x", slurm_logfile="x", comment_str="x", account="", partition="", workdir=None)
    found = {}
    for job in workflow.dag.needrun_jobs():
        if job.output:
            said = submit_string.get_submit_command(job, params) + utils.set_gres_string(job)
            found["/".join([job.rule.name, *job.wildcards])] = said, str(job.rule.group)
    return found

print(json.dumps(explain.planned(sys.argv[1:], collect)))
"""


def submissions(folder, *arguments):
    """The `sbatch` command and the group of each job that the Slurm profile plans for the default configuration."""
    place = ["--directory", str(folder), "--configfile", str(REPOSITORY / "config/config.yaml")]
    command = [sys.executable, "-c", COLLECT, "--workflow-profile", str(REPOSITORY / "profiles/slurm"), *place]
    path = f"{REPOSITORY}/tools:{REPOSITORY}/workflow/scripts"
    done = subprocess.run(
        [*command, "--snakefile", str(REPOSITORY / "Snakefile"), *arguments],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    return submissions(tmp_path_factory.mktemp("cluster"))


def test_a_training_asks_for_the_time_that_its_work_takes(planned):
    config = configuration.load(small.default())
    trainings = {name: said for name, (said, _) in planned.items() if name.startswith("train_model/")}
    assert trainings
    for name, said in trainings.items():
        minutes = effort.minutes(config, name.split("/")[1])
        assert f" -t {minutes} --mem 2000 --ntasks=1 --cpus-per-task=1" in said
        assert "gpu" not in said
    longest = max(trainings, key=lambda name: int(re.search(r"-t (\d+)", trainings[name])[1]))
    assert effort.work(config, longest.split("/")[1]) == max(effort.work(config, name) for name in config["models"])


def test_minutes_grow_with_the_work():
    config = configuration.load(small.default())
    name = "dense_2"
    before = effort.minutes(config, name)
    config["models"][name]["epochs"] *= 10
    start = effort.MARGIN * effort.START / 60
    assert effort.minutes(config, name) == pytest.approx(10 * (before - start) + start, abs=10)


def test_other_jobs_ask_for_minutes(planned):
    for name, (said, _) in planned.items():
        if not name.startswith("train_model/"):
            assert int(re.search(r"-t (\d+)", said)[1]) <= 30, name


def test_figures_are_submitted_together(planned):
    figures = {name for name in planned if name.startswith("plot_")}
    assert figures == {name for name, (_, group) in planned.items() if group == "figures"}
    groups = fast_yaml.safe_load(PROFILE)["groups"]
    rules = "\n".join(path.read_text() for path in REPOSITORY.glob("workflow/**/*.smk"))
    assert all(re.search(rf"rule {rule}:", rules) for rule in groups)


def test_trainings_on_gpus_ask_slurm_for_one_each(tmp_path):
    for name, (said, _) in submissions(tmp_path, "--config", "accelerator=gpu").items():
        assert (" --gpus=1" in said) is name.startswith("train_model/"), name


# -- from measurements -----------------------------------------------------------------------------


def timings(folder, rows):
    """Files of timings as Snakemake writes them: seconds and MB by path."""
    for path, (seconds, memory) in rows.items():
        file = folder / "timings" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"s\th:m:s\tmax_rss\n{seconds}\t0:00:01\t{memory}\n")
    return folder / "timings"


def test_rules_that_need_more_get_lines_of_their_own(tmp_path):
    rows = {
        "train_model/a/seed-1.tsv": (4000, 1000),
        "train_model/b/seed-1.tsv": (10, 1700),
        "measure_paths.tsv": (600, 100),
        "make_split/x.tsv": (0.1, "-"),
    }
    needs = resources.measured(timings(tmp_path, rows))
    assert needs["train_model"] == resources.Need(4000, 1700)
    text = resources.updated(PROFILE, needs)
    found = fast_yaml.safe_load(text)["set-resources"]
    assert found == {"train_model": {"mem_mb": "attempt * 3000"}, "measure_paths": {"runtime": "attempt * 42"}}
    assert resources.updated(text, needs) == text
    assert resources.updated(text, {}) == resources.updated(PROFILE, {})


def test_the_profile_allows_what_its_block_says():
    assert resources.BLOCK.search(PROFILE)
    fast_yaml.safe_load(PROFILE)
