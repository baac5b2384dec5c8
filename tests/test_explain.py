"""What `tools/explain.py` says about an edit of the finished run."""

import base64
import re
import subprocess
import sys

import explain
import pytest


@pytest.fixture
def why(edited, planner):
    """A function from an edit to the explanation's paragraphs, each the lines of its jobs and of its reasons."""

    def explained(entry):
        lines = explain.explained(planner.jobs(edited.folder, *edited.apply(entry)))
        return lines[0], [paragraph.split("\n") for paragraph in "\n".join(lines[1:]).strip("\n").split("\n\n")]

    return explained


def test_nothing(sandbox):
    assert explain.explained(sandbox.jobs) == ["Nothing would run."]


def test_a_setting(why):
    head, paragraphs = why({"config": {"models.dense_2.epochs": 2}})
    assert paragraphs[0][0] == "train_model dense_2/1" and paragraphs[0][-1] == "    epochs: 3 -> 2"
    assert re.fullmatch(r"1 of \d+ jobs would run, \d+ more only if what they read comes out different\.", head)


def test_only_what_follows_is_said_to_follow(why):
    _, paragraphs = why({"config": {"models.trial_second.epochs": 3}})
    assert paragraphs[0] == ["train_model trial_second/1", "    epochs: 2 -> 3"]
    assert paragraphs[1][-1] == "    only if what train_model trial_second/1 makes comes out different"
    assert set(paragraphs[1][:-1]) >= {"evaluate_model trial_second/1", "collect_metrics", "write_manifest"}
    assert len(paragraphs) == 2


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"code": "scripts/aelab/training/loop.py"}, "code changed: scripts/aelab/training/loop.py"),
        (
            {"file": "workflow/scripts/encode_images.py", "replace": ["import idx", "import corruption, idx"]},
            "code used now: scripts/aelab/data/corruption.py",
        ),
        ({"file": "envs/tensorflow.yaml", "replace": ["gast==", "gast==1"]}, "environment tensorflow changed"),
        ({"config": {"models.judge.optimizer.learning_rate": 0.003}}, "optimizer.learning_rate: 0.004 -> 0.003"),
        ({"config": {"models.dense_2.optimizer.schedule": "one_cycle"}}, "optimizer.schedule: constant -> one_cycle"),
        ({"config": {"models.dense_2.watch": "test"}}, "curves.dense_2.watch: validation -> test"),
        ({"config": {"models.dense_2.seeds": [1, 2]}}, "runs: dense_2/2 is new"),
        ({"config": {"models.dense_2.seeds": [1, 2]}}, "not made yet"),
        ({"config_without": ["models.trial_tuned"]}, "runs: trial_tuned/1 is dropped"),
        ({"config": {"models.dense_2.evaluation": {"corruption": "trial_noise"}}}, "inputs.corrupted: now"),
        ({"reorder": ["studies.bottleneck.published"]}, "members: in another order"),
        ({"config": {"splits.all_60k.train": 500}}, "split.train: 600 -> 500"),
        ({"config": {"studies.bottleneck.recognised_at": 0.7}}, "recognised_at: 0.8 -> 0.7"),
        (
            {"file": "workflow/studies/bottleneck/captions.yaml", "replace": ["logarithmic", "log"]},
            "caption.training_curves changed",
        ),
        ({"delete": ["results/studies/bottleneck/codes.png"]}, "results/studies/bottleneck/codes.png is not there"),
        (
            {"scramble": "results/studies/bottleneck/examples.npz"},
            "input results/studies/bottleneck/examples.npz has changed",
        ),
        (
            {
                "file": "workflow/studies/bottleneck/rules.smk",
                "replace": [
                    'histories=plan.of_run(BOTTLENECK, "history.csv"),',
                    'histories=plan.of_run(BOTTLENECK[::-1], "history.csv"),',
                ],
            },
            "inputs.histories: in another order",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reasons_in_words(edit, said, why):
    _, paragraphs = why(edit)
    assert any(line.strip().startswith(said) for paragraph in paragraphs for line in paragraph), paragraphs


def test_files_where_explain_is_started_say_nothing(edited, planner, tmp_path):
    """What is made is looked for in the folder that is planned (`--directory`)."""
    edited.apply({"config": {"models.dense_2.seeds": [1, 2]}})
    (job,) = [job for job in planner.jobs(edited.folder) if job.label == "train_model dense_2/2"]
    for file in job.outputs:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert not job.made and explain.reasons(job) == ["not made yet"]


def test_results_without_a_record_are_named(edited, planner):
    edited.delete(edited.folder / ".snakemake/metadata" / metadata_name("results/studies/bottleneck/codes.png"))
    lines = explain.explained(planner.jobs(edited.folder))
    assert lines[0] == "Nothing would run."
    assert lines[-1] == "plot_bottleneck_codes"
    assert "Without a record" in lines[-2]


def test_results_without_a_record_that_follow_others_run_for_certain(edited, planner):
    edited.delete(edited.folder / ".snakemake/metadata" / metadata_name("results/studies/bottleneck/codes.png"))
    edited.apply({"config": {"models.dense_2.epochs": 2}})
    text = "\n".join(explain.explained(planner.jobs(edited.folder)))
    assert "\n\nplot_bottleneck_codes\n    how it was made is not recorded\n" in text


def metadata_name(file):
    return base64.urlsafe_b64encode(file.encode()).decode()


def test_the_command(edited):
    edited.apply({"config": {"models.dense_2.epochs": 2}})
    done = subprocess.run(
        [sys.executable, edited.folder / "tools/explain.py"], cwd=edited.folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "train_model dense_2/1\n" in done.stdout and "    epochs: 3 -> 2\n" in done.stdout
    assert done.stderr.count("\n") <= 2


def test_the_command_passes_on_what_snakemake_refuses(edited):
    edited.apply({"config": {"models.dense_2.epoch": 2}})
    done = subprocess.run(
        [sys.executable, edited.folder / "tools/explain.py"], cwd=edited.folder, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "models.dense_2.epoch: found an unknown key" in done.stdout + done.stderr


def test_differences_of_plain_values():
    def said(old, new):
        return explain.differences(old, new, ())

    assert said({"a": 1}, {"a": 1}) == []
    assert said({"a": {"b": 1}}, {"a": {"b": 2}}) == ["a.b: 1 -> 2"]
    assert said({"a": 1}, {}) == ["a: dropped, was 1"]
    assert said({}, {"a": None}) == ["a: now null"]
    assert said({"a": [1, 2]}, {"a": [2, 1]}) == ["a: in another order"]
    assert said({"a": [1, 2]}, {"a": [1, 3]}) == ["a: [1, 2] -> [1, 3]"]
    assert said({"a": "x" * 99}, {"a": "y" * 99}) == ["a changed"]
    items = [{"name": "p", "v": 1}, {"name": "q", "v": 2}]
    assert said({"m": items}, {"m": items[::-1]}) == ["m: in another order"]
    assert said({"m": items}, {"m": [{"name": "p", "v": 3}, {"name": "r"}]}) == [
        "m: r is new",
        "m: q is dropped",
        "m.p.v: 1 -> 3",
    ]
