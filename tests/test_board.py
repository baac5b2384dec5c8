"""Watching a run: its events, the board, estimates of time left, and that none of it touches the run."""

import heapq
import io
import json
import multiprocessing
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import durations as durations_tool
import numpy as np
import pytest
import test_checkpoints
import watch
from rich.console import Console
from small import REPOSITORY

from aelab.errors import LabError
from aelab.jobs import events, frame, record, runs
from aelab.plan import watching
from aelab.plan.durations import Durations, name_of
from aelab.training.checkpoints import Checkpoint
from board import left, lines, replay, screen, words
from board.state import DONE, FAILED, LEFT_OUT, RUNNING, Job, Run

SCRIPTS = REPOSITORY / "workflow" / "scripts"
NAME = "host 12 abc"


@pytest.fixture
def run(monkeypatch):
    """This process belongs to a run, whose folder of events is returned."""
    monkeypatch.setenv(record.VARIABLE, NAME)
    monkeypatch.setattr(events, "said_always", {})
    monkeypatch.setattr(events, "lost", [])
    events.prepare()
    return events.folder_of(NAME)


def read(folder):
    return events.Reader(folder).new()


# -- events ----------------------------------------------------------------------------------------


def write_many(number):
    events.begin_job(f"job-{number}")
    for n in range(100):
        events.tell("epoch", epoch=n)


def test_every_process_has_a_file_of_its_own_and_no_event_is_lost(run):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_many, args=(n,)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(list(run.iterdir())) == 4
    found = read(run)
    assert [event["time"] for event in found] == sorted(event["time"] for event in found)
    for n in range(4):
        own = [event for event in found if event["job"] == f"job-{n}"]
        assert [event["event"] for event in own] == ["begun"] + ["epoch"] * 100
        assert [event["epoch"] for event in own[1:]] == list(range(100))


def test_a_reader_takes_whole_lines_once(run):
    reader = events.Reader(run)
    events.tell("one")
    assert [event["event"] for event in reader.new()] == ["one"]
    with open(run / "other.jsonl", "a") as file:
        file.write('{"time": 1, "event": "two"}\nnot JSON\n[1]\n{"time": 2, "event": "thr')
        file.flush()
        assert [event["event"] for event in reader.new()] == ["two"]
        file.write('ee"}\n')
    assert [event["event"] for event in reader.new()] == ["three"]
    assert reader.new() == []


def test_events_are_of_a_run(tmp_path):
    events.tell("nothing")
    assert list(tmp_path.iterdir()) == []


def test_an_event_that_cannot_be_written_is_dropped(run):
    run.rename(run.with_name("gone"))
    events.tell("one")
    assert events.lost == ["one"]
    assert not run.exists()


def test_values_are_plain_json(run):
    events.tell("epoch", loss=float("nan"), watched=float("inf"), text="x" * (events.LONGEST + 5))
    (event,) = read(run)
    assert event["loss"] is None and event["watched"] is None
    assert event["text"] == "x" * events.LONGEST


def test_events_of_a_few_runs_are_kept(monkeypatch):
    for n in range(events.KEPT + 3):
        monkeypatch.setenv(record.VARIABLE, f"host {n} abc")
        events.prepare()
        os.utime(events.folder_of(f"host {n} abc"), (n, n))
    kept = {f"host-{n}-abc" for n in range(3, events.KEPT + 3)}
    assert {path.name for path in events.FOLDER.iterdir()} == kept


def test_a_checkpoint_tells_of_epochs_not_more_than_once_a_second(run, tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    checkpoint = Checkpoint(tmp_path / "checkpoint", "spec")
    history = np.array([[n, 1 / n, np.nan] for n in range(1, 6)])
    for n in range(1, 6):
        checkpoint.save({"history": history[:n]})
        clock[0] += 0.4
    told = [(event["epoch"], event["loss"], event["watched"]) for event in read(run)]
    assert told == [(1, 1.0, None), (4, 0.25, None)]
    assert len(Checkpoint(tmp_path / "checkpoint", "spec").load()["history"]) == 5
    assert read(run)[-1]["event"] == "resumed" and read(run)[-1]["epoch"] == 5


def test_a_training_tells_what_its_history_says_and_is_the_same(run, tmp_path, monkeypatch):
    monkeypatch.setattr(events, "INTERVAL", 0.0)
    arrays, history = test_checkpoints.train(test_checkpoints.entry(), Checkpoint(tmp_path / "one", "spec"))
    told = [(event["epoch"], event["loss"], event["watched"]) for event in read(run)]
    assert told == history and len(told) == 3
    monkeypatch.delenv(record.VARIABLE)
    others, same = test_checkpoints.train(test_checkpoints.entry(), Checkpoint(tmp_path / "other", "spec"))
    assert same == history and all(np.array_equal(arrays[name], others[name]) for name in arrays)


def test_events_take_less_than_a_thousandth_of_the_time(run):
    """A training tells of an epoch once per second at most."""
    epochs, arrays = events.Epochs(), {"history": np.array([[1, 0.1, 0.2]])}
    start = time.perf_counter()
    for _ in range(200):
        epochs.told = float("-inf")
        epochs.saved(arrays)
    each = (time.perf_counter() - start) / 200
    assert len(read(run)) == 200
    assert each / events.INTERVAL < 0.001, f"{1e6 * each:.0f} microseconds"


# -- the state of a run ------------------------------------------------------------------------------


def planned(*jobs, slots=2, time=0.0, **others):
    """The event `plan`; jobs are dicts with what differs."""
    filled = [{"rule": "rule", "wildcards": [], "seconds": 10.0, "name": job["job"], **job} for job in jobs]
    return {"time": time, "event": "plan", "run": NAME, "slots": slots, "jobs": filled, **others}


def happened(time, event, job, **others):
    return {"time": time, "event": event, "job": job, **others}


TRAINING = {"job": "m", "rule": "train_model", "wildcards": ["dense_2", "1"], "seconds": 90.0, "epochs": 10}
TRAINING |= {"kind": "dense", "log": ["results/logs/m.log"]}


def halfway():
    """A run with a training at its fourth epoch, a job that is done, one that has failed and one that waits."""
    return Run(
        [
            planned(TRAINING, {"job": "a", "wildcards": ["x"]}, {"job": "b", "log": ["b.log"]}, {"job": "c"}, time=100),
            happened(100, "started", "m"),
            happened(101, "begun", "m"),
            happened(100, "started", "a"),
            happened(104, "finished", "a", seconds=3.4, memory=1234.0),
            happened(104, "started", "b"),
            happened(104.5, "begun", "b"),
            happened(105, "message", "b", text="the file is damaged"),
            happened(105.5, "failed", "b", log=["b.log"]),
            happened(110, "epoch", "m", epoch=1, loss=0.5, watched=0.25),
            happened(140, "epoch", "m", epoch=4, loss=0.123456, watched=None),
        ]
    )


def test_the_share_is_that_of_the_work():
    run = halfway()
    assert run.share() == pytest.approx((0.4 * 90 + 10) / 120)
    assert [len(run.of(state)) for state in (RUNNING, DONE, FAILED)] == [1, 1, 1]
    run.apply([{"time": 141, "event": "left_out", "jobs": ["c", "unknown"]}])
    assert run.share() == pytest.approx((0.4 * 90 + 10) / 110)
    assert [job.name for job in run.of(LEFT_OUT)] == ["c"]


def test_the_state_of_a_run():
    run = halfway()
    assert run.state() == "running" and run.state(alive=False) == "failed"
    assert Run().state() == "planned"
    done = Run([planned({"job": "a"}), happened(1, "started", "a"), happened(2, "finished", "a")])
    assert done.state() == "done"
    stopped = Run([planned({"job": "a"}), happened(1, "started", "a"), {"time": 3, "event": "ended"}])
    assert stopped.state() == "stopped"


def test_events_may_be_read_before_the_plan():
    """The files of a cluster's machines may be seen in any order."""
    run = Run()
    assert run.apply([happened(2, "begun", "a"), happened(3, "finished", "a")]) == []
    over = run.apply([planned({"job": "a"}), happened(1, "started", "a")])
    assert run.state() == "done" and [job.name for job in over] == ["a"]
    run = Run([happened(2, "begun", "a"), planned({"job": "a"}, submitted=True), happened(1, "started", "a")])
    assert run.jobs["a"].working_since == 2
    run.apply([happened(4, "failed", "a"), happened(5, "started", "a")])
    assert run.state() == "running" and run.jobs["a"].working_since is None  # once more, and not yet begun


def test_errors_that_repeat_a_failed_job_are_left_out():
    said = [
        "Exiting because a job execution failed.",
        "WorkflowError:\nAt least one job did not complete successfully.",
    ]
    said += ["RuleException:\nCalledProcessError in file x\nCommand y returned non-zero exit status 1."]
    signalled = "RuleException:\nCalledProcessError in file x\nCommand y died with <Signals.SIGKILL: 9>."
    run = Run([planned({"job": "a"})])
    run.apply({"time": 1, "event": "error", "text": text} for text in [*said, signalled])
    assert run.errors == [signalled]


# -- time left -----------------------------------------------------------------------------------------


def test_what_is_left_is_laid_onto_the_slots():
    jobs = [{"job": name, "seconds": seconds} for name, seconds in (("a", 8), ("b", 5), ("c", 3), ("d", 4))]
    jobs[3]["after"] = ["a"]
    assert left.left(Run([planned(*jobs, slots=2)]), 0) == 12  # a and then d; b and then c
    assert left.left(Run([planned(*jobs, slots=1)]), 0) == 20
    assert left.left(Run([planned(*jobs, slots=9)]), 0) == 12


def test_jobs_wait_for_a_gpu_while_others_go_on():
    jobs = [{"job": f"m{n}", "seconds": 10, "gpus": 1, "priority": 9} for n in range(3)]
    others = [{"job": f"j{n}", "seconds": 4} for n in range(4)]
    assert left.left(Run([planned(*jobs, *others, slots=9, gpus=1)]), 0) == 30
    assert left.left(Run([planned(*jobs, *others, slots=9, gpus=2)]), 0) == 20
    assert left.left(Run([planned(*jobs, *others, slots=9)]), 0) == 10
    busy = Run([planned(*jobs, slots=9, gpus=1), happened(0, "started", "m0")])
    assert left.left(busy, 4) == 26


def test_what_has_priority_comes_first():
    jobs = [{"job": "long", "seconds": 10, "priority": 1}, {"job": "short", "seconds": 9, "priority": 5}]
    after = {"job": "last", "seconds": 20, "after": ["short"]}
    assert left.left(Run([planned(*jobs, after, slots=1)]), 0) == 39
    jobs[0]["priority"] = 9
    assert left.left(Run([planned(*jobs, after, slots=2)]), 0) == 29


def test_a_training_goes_on_as_it_has_begun():
    run = halfway()
    job = run.jobs["m"]
    assert job.seconds_per_epoch() == 10
    assert left.left_of(job, 1.0, 140) == 60
    assert left.left_of(job, 1.0, 145) == 55
    resumed = Run([planned(TRAINING), happened(0, "started", "m"), happened(5, "resumed", "m", epoch=6)])
    assert resumed.share() == pytest.approx(0.6)
    resumed.apply([happened(9, "epoch", "m", epoch=8, loss=0.1)])
    assert left.left_of(resumed.jobs["m"], 1.0, 9) == 4


def test_a_slow_machine_is_noticed_by_kind():
    """Trainings take three times what was planned, other jobs half."""
    jobs = [{**TRAINING, "job": f"m{n}"} for n in range(4)] + [{"job": f"j{n}"} for n in range(40)]
    run = Run([planned(*jobs, slots=1)])
    for n in range(2):
        run.apply([happened(1000 * n, "started", f"m{n}"), happened(1000 * n + 270, "finished", f"m{n}")])
    for n in range(20):
        run.apply([happened(5000 + n, "started", f"j{n}"), happened(5005 + n, "finished", f"j{n}")])
    assert left.left(run, 5100) == pytest.approx(2 * 270 + 20 * 5, rel=0.15)


def test_waiting_in_a_queue_is_no_work():
    run = Run([planned({"job": "a"}, {"job": "b"}, slots=9, submitted=True), happened(0, "started", "a")])
    assert left.left(run, 500) == 10
    run.apply([happened(500, "begun", "a"), happened(510, "finished", "a")])
    assert run.jobs["a"].took() == 10


def simulated(seed, slots=2):
    """The events of a run of 90 jobs that take other times than was planned.

    The machine is up to three times faster or slower; trainings of a kind differ by about 15 % from that, and so does
    each training; other jobs differ by about 40 %.
    """
    draw = random.Random(seed)
    machine = draw.uniform(0.3, 3)
    kinds = {kind: draw.lognormvariate(0, 0.15) for kind in ("dense", "conv", "vae")}
    jobs, real = [], {}
    for n in range(30):
        kind = draw.choice(sorted(kinds))
        seconds = draw.lognormvariate(3, 0.8)
        name = f"train-{n}"
        jobs.append({"job": name, "rule": "train_model", "kind": kind, "epochs": 20, "seconds": seconds})
        jobs[-1] |= {"priority": round(seconds), "after": []}
        real[name] = machine * kinds[kind] * seconds * draw.lognormvariate(0, 0.15)
        for part in ("evaluate", "plot"):
            seconds = draw.lognormvariate(0.3, 0.5)
            jobs.append({"job": f"{part}-{n}", "rule": part, "seconds": seconds, "after": [name]})
            real[f"{part}-{n}"] = machine * seconds * draw.lognormvariate(0, 0.4)
    found, clock, working, over = [planned(*jobs, slots=slots)], 0.0, [], set()
    waiting = sorted(jobs, key=lambda job: -job.get("priority", 0))
    while waiting or working:
        for job in [job for job in waiting if over >= set(job["after"])][: slots - len(working)]:
            waiting.remove(job)
            heapq.heappush(working, (clock + real[job["job"]], job["job"]))
            found.append(happened(clock, "started", job["job"]))
            for n in range(1, job.get("epochs", 0)):
                found.append(happened(clock + real[job["job"]] * n / job["epochs"], "epoch", job["job"], epoch=n))
        clock, name = heapq.heappop(working)
        over.add(name)
        found.append(happened(clock, "finished", name))
    return sorted(found, key=lambda event: event["time"])


def test_the_end_is_foreseen_after_the_first_tenth():
    """Of thirty runs at nine moments, within a fifth of the whole time in nine of ten, within a third in all."""
    errors = []
    for seed in range(30):
        estimates = replay.replayed(simulated(seed))
        assert len(estimates) == replay.PARTS
        errors += [abs(estimate.of_whole) for estimate in estimates[1:]]
    assert np.quantile(errors, 0.9) < 0.2
    assert max(errors) < 1 / 3


def test_what_an_earlier_run_has_trained_does_not_count_as_fast():
    """Trainings of 100 s that go on after 9 of 10 epochs and take 10 s: as planned, so that the next takes 100 s."""
    names = ["a", "b", "c"]
    jobs = [{"job": n, "rule": "train_model", "wildcards": [n, "1"], "epochs": 10, "seconds": 100} for n in names]
    run = Run([planned(*jobs, time=100)])
    for name, start in (("a", 100), ("b", 110)):
        run.apply([happened(start, "started", name), happened(start, "resumed", name, epoch=9)])
        assert left.left_of(run.jobs[name], 1.0, start) == pytest.approx(10)
        run.apply([happened(start + 10, "epoch", name, epoch=10), happened(start + 10, "finished", name, seconds=10)])
    assert left.left(run, 120) == pytest.approx(100)


def test_a_replay_states_its_errors():
    text = replay.table(replay.replayed(simulated(3)))
    worst = max(abs(estimate.of_whole) for estimate in replay.replayed(simulated(3))[1:])
    assert f"{worst:.0%} of the whole run" in text.splitlines()[-1]
    with pytest.raises(ValueError, match="not come to its end"):
        replay.replayed([planned({"job": "a"})])


# -- what is shown -----------------------------------------------------------------------------------


def drawn(run, now, width=110):
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(screen.board(run, now, Path()))
    return console.file.getvalue()


def test_the_board_shows_what_matters():
    text = drawn(halfway(), 140)
    assert "38% of the work, about" in text and "1 of 4 jobs in 40 s" in text
    (training,) = [line for line in text.splitlines() if "dense_2/1" in line]
    assert re.search(r"epoch 4 of 10 +loss 0.1235 +60 s left|epoch 4 of 10 +loss 0.1235 +1 min 00 s left", training)
    assert "rule x: 3.4 s, 1.2 GB" in text
    assert "rule: the file is damaged" in text and "its log: b.log" in text


@pytest.mark.parametrize("width", [30, 60, 200])
def test_the_board_fits_the_terminal(width):
    assert all(len(line) <= width for line in drawn(halfway(), 140, width).splitlines())


def test_names_and_losses_are_whole_where_lines_are_short():
    long = [f"deep_128_layer_{n}_denoising_corrected" for n in (1, 2)]
    jobs = [{"job": name, "rule": "train_model", "wildcards": [name, "1"], "epochs": 9} for name in long]
    run = Run([planned(*jobs)])
    run.apply(
        [event for name in long for event in (happened(101, "started", name), happened(101, "begun", name))]
        + [happened(110, "epoch", name, epoch=2, loss=0.123456, watched=0.1) for name in long]
    )
    for width in (80, 120):
        lines = drawn(run, 120, width).splitlines()
        for name in long:
            (number,) = [number for number, line in enumerate(lines) if f"train_model {name}/1" in line]
            said = " ".join(lines[number : number + 2])
            assert "epoch 2 of 9" in said and "loss 0.1235, watched 0.1" in said, width
        assert (number < len(lines) - 1) == (width == 80)  # two lines each, or one


def test_a_training_that_has_failed_counts_with_its_epochs():
    run = halfway()
    before = run.share()
    training = run.of(RUNNING)[0]
    assert training.epoch and not run.of(FAILED)[0].epochs
    run.apply([happened(141, "failed", training.name)])
    assert training.state == FAILED and run.share() == before


def test_a_job_without_a_message_shows_the_end_of_its_log():
    Path("b.log").write_text("first\nValueError: this is why\n")
    run = halfway()
    run.jobs["b"].message = ""
    assert "rule: ValueError: this is why" in drawn(run, 140)
    assert list(lines.of_job(run.jobs["b"], Path()))[1:3] == ["    first", "    ValueError: this is why"]
    Path("b.log").unlink()
    assert "ended without a message" in drawn(run, 140)


def test_lines_say_duration_memory_and_progress():
    run = halfway()
    assert list(lines.of_job(run.jobs["a"], Path())) == ["finished rule x: 3.4 s, 1.2 GB"]
    said = lines.progress(run, 140)
    assert said.startswith("38% of the work, 1 of 4 jobs, 40 s, about ") and "dense_2 epoch 4/10" in said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")],
)
def test_durations_as_people_read_them(seconds, text):
    assert words.duration(seconds) == text


def test_only_the_whole_is_a_hundred_percent():
    assert [words.percent(share) for share in (0, 0.999, 1)] == ["0%", "99%", "100%"]


# -- a run that is watched from elsewhere ----------------------------------------------------------------


def tell(*told):
    for event in told:
        content = {key: value for key, value in event.items() if key not in ("time", "event")}
        events.tell(event["event"], **content)


def watched(capsys, *arguments):
    status = watch.main(arguments)
    return status, capsys.readouterr()


def test_a_folder_without_a_run(capsys):
    status, said = watched(capsys, "--once")
    assert status == 2 and "no run has been at work" in said.err
    status, said = watched(capsys, "--directory", "nowhere")
    assert status == 2 and "nowhere" in said.err


def test_programs_get_one_json_document(run, capsys):
    tell(planned(TRAINING, {"job": "b"}), happened(0, "started", "m"), happened(0, "begun", "m"))
    tell(happened(0, "epoch", "m", epoch=3, loss=float("nan")), happened(0, "failed", "b", log=["b.log"]))
    record.RUN.write_text(json.dumps({"run": "elsewhere 1 abc"}))
    status, said = watched(capsys, "--json")
    document = json.loads(said.out)
    assert status == 0 and document["run"] == NAME
    assert document["state"] == "failed"  # the folder has another run now
    record.RUN.write_text(json.dumps({"run": NAME}))
    document = json.loads(watched(capsys, "--json")[1].out)
    assert document["state"] == "running"  # on a machine that this one cannot look at
    (training,) = document["running"]
    assert training["epoch"] == 3 and training["epochs"] == 10 and training["loss"] is None
    assert training["wildcards"] == ["dense_2", "1"]
    assert document["share"] == pytest.approx(0.27)
    assert document["failed"] == [
        {"job": "b", "rule": "rule", "wildcards": [], "message": "it ended without a message", "log": ["b.log"]}
    ]


def test_watching_ends_with_the_run_and_writes_nothing(run, capsys):
    runs.begin()
    try:
        events.prepare()
        tell(planned({"job": "a"}), happened(0, "started", "a"), happened(0, "finished", "a", seconds=1.5, memory=80))
        runs.end()
    finally:
        record.held.pop().close()
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    status, said = watched(capsys)
    assert status == 0 and "finished rule: 1.5 s, 80 MB" in said.out and "1 of 1 jobs" in said.out
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_a_killed_run_is_not_watched_for_ever(run, monkeypatch, capsys):
    """Its process is gone and has not said so: the lock of the run is free."""
    import socket

    name = f"{socket.gethostname()} 1 abc"
    monkeypatch.setenv(record.VARIABLE, name)
    monkeypatch.setattr(watch, "PATIENCE", 0.0)
    events.prepare()
    record.RUN.write_text(json.dumps({"run": name}))
    tell(planned({"job": "a"}), happened(0, "started", "a"))
    status, said = watched(capsys)
    assert status == 0 and "0 of 1 jobs" in said.out
    assert json.loads(watched(capsys, "--json")[1].out)["state"] == "stopped"


# -- expected durations ------------------------------------------------------------------------------


def test_jobs_are_known_without_their_seeds():
    assert name_of("results/timings/train_model/dense_2/seed-3.tsv") == "train_model/dense_2"
    assert name_of("lab/results/timings/encode_images/dense_2/seed-1/train.tsv") == "encode_images/dense_2/train"
    assert name_of("check_claims") == "check_claims"


def test_what_is_not_in_the_table_is_like_what_is():
    table = {
        "train_model/a": {"seconds": 10, "work": 100, "kind": "dense"},
        "train_model/b": {"seconds": 40, "work": 100, "kind": "dense"},
        "train_model/c": {"seconds": 60, "work": 100, "kind": "conv"},
        "plot/x": {"seconds": 3},
        "plot/y": {"seconds": 5},
    }
    known = Durations(table)
    assert known.seconds("train_model/a", 200, "dense") == 20
    assert known.seconds("train_model/new", 100, "dense") == 25
    assert known.seconds("train_model/new", 100, "other") == 40
    assert known.seconds("plot/x") == 3 and known.seconds("plot/new") == 4 and known.seconds("else") == 4
    assert Durations({}).seconds("anything") == 1


def test_the_table_is_written_from_a_run(run, tmp_path, capsys):
    table = tmp_path / "table.json"
    table.write_text('{"kept": {"seconds": 7}}')
    tell(planned({**TRAINING, "name": "train_model/dense_2", "work": 50.0}, {"job": "a"}, {"job": "r"}))
    tell(
        happened(0, "finished", "m", seconds=12.5),
        happened(0, "finished", "a", seconds=2.0),
        happened(0, "failed", "b"),
    )
    tell(happened(0, "resumed", "r", epoch=2), happened(0, "finished", "r", seconds=0.1))
    record.RUN.write_text(json.dumps({"run": NAME}))
    assert durations_tool.main(["--table", str(table)]) == 0
    assert json.loads(table.read_text()) == {
        "a": {"seconds": 2.0},
        "kept": {"seconds": 7},
        "train_model/dense_2": {"seconds": 12.5, "work": 50.0, "kind": "dense"},
    }


PLAN = """
import json, sys
sys.path[:0] = {paths!r}
import explain

def collect(workflow):
    from aelab.plan import watching
    from aelab.plan.durations import Durations
    workflow.dag.update_priority()
    plan, known = workflow.globals["plan"], Durations()
    jobs = [job for job in workflow.dag.needrun_jobs() if job.output]
    said = [watching.described(job, workflow, plan.config, known) for job in jobs]
    return {{"jobs": said, "priorities": plan.priorities,
            "epochs": {{name: entry.get("epochs") for name, entry in plan.models.items() if not entry.get("updates")}}}}

json.dump(explain.planned(["-s", {snakefile!r}, "--cores", "2"], collect), open("said.json", "w"))
"""


def test_the_plan_of_the_default_configuration(tmp_path):
    (tmp_path / "config").symlink_to(REPOSITORY / "config")
    paths = [str(REPOSITORY / "tools")]
    code = PLAN.format(paths=paths, snakefile=str(REPOSITORY / "Snakefile"))
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    said = json.loads(Path("said.json").read_text())
    jobs = {job["job"]: job for job in said["jobs"]}
    trainings = [job for job in jobs.values() if job["rule"] == "train_model"]
    assert len(jobs) > 200 and len(trainings) > 40
    for job in trainings:
        assert job["priority"] == said["priorities"][job["wildcards"][0]] and job["work"] > 0 and job["kind"]
        assert job["epochs"] == said["epochs"].get(job["wildcards"][0], job["epochs"])
        assert job["job"].endswith("weights.npz") and job["log"]
    assert not any("epochs" in job for job in jobs.values() if job["rule"] != "train_model")
    assert all(set(job["after"]) <= jobs.keys() for job in jobs.values())
    assert jobs["results/metrics.csv"]["after"]
    assert all(job["seconds"] > 0 for job in jobs.values())


@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ('{"entry": {}, "model": "m", "seed": 1}', "m"),
        ('{"entry": {}, "model": "fixed"}', None),
        ('{"entry": {}, "model": "unknown"}', None),
        ('{"model": "m"}', None),
        ("[1]", None),
        ("words", None),
        (None, None),
        (7, None),
    ],
)
def test_jobs_of_any_workflow_are_told_of(spec, model):
    """One that imports this workflow may have a parameter of the same name."""
    job = types.SimpleNamespace(params={"spec": spec})
    assert watching.trained(job, {"models": {"m": {"epochs": 3}, "fixed": {}}}) == model


# -- the board of a run that is started here ----------------------------------------------------------------

WORKFLOW = """
import os, sys
sys.path.append({scripts!r})
from aelab.plan import snakemake_gaps
snakemake_gaps.close(workflow, workflow.basedir)
from aelab.jobs import runs
from aelab.plan import watching

if workflow.is_main_process:
    os.environ["AELAB_RUN"] = ""

onstart:
    runs.begin()
    watching.tell_of(workflow, {{"models": {{}}}})

rule all:
    input: expand("{{name}}.txt", name={names!r})

rule job:
    output: "{{name}}.txt"
    log: "{{name}}.log"
    benchmark: "{{name}}.tsv"
    params: spec='{{"code": {{}}}}'
    script: "job.py"
"""

JOB = """
import shutil, sys, time
sys.path.append({scripts!r})
from aelab.errors import LabError
from aelab.jobs import frame

with frame.job(snakemake):
    print("words on standard error", file=sys.stderr, flush=True)
    if snakemake.wildcards.name == "bad":
        raise LabError("this one is bad")
    if snakemake.wildcards.name == "remover":
        shutil.rmtree(".snakemake/aelab_events")
        raise LabError("this one is bad too")
    time.sleep(float({seconds}))
    with open(snakemake.output[0], "w") as file:
        file.write(snakemake.wildcards.name)
"""


@pytest.fixture
def workflow():
    """A function that writes a workflow of jobs with these names into the folder of the test."""

    def write(*names, seconds=0.1):
        Path("Snakefile").write_text(WORKFLOW.format(scripts=str(SCRIPTS), names=names))
        Path("job.py").write_text(JOB.format(scripts=str(SCRIPTS), seconds=seconds))

    return write


RUN = [sys.executable, str(REPOSITORY / "tools" / "run.py"), "--cores", "2"]


def started(*arguments, command=RUN, **environment):
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


def on_a_terminal(*arguments, meanwhile=lambda master, process: None, patience=120, **environment):
    """The exit status and what a terminal has got."""
    master, terminal = pty.openpty()
    size = {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen(
        [*RUN, *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, **size, **environment},
        start_new_session=True,
    )
    os.close(terminal)
    meanwhile(master, process)
    shown = b""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            shown += os.read(master, 65536)
        except OSError:
            break
    os.close(master)
    return process.wait(timeout=patience), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_without_a_terminal_every_job_is_a_line(workflow):
    workflow("one", "two")
    done = started()
    assert done.returncode == 0, done.stderr
    finished = re.findall(r"^finished job (\w+): [\d.]+ s(, \d+ MB)?$", done.stderr, re.MULTILINE)
    assert sorted(name for name, _ in finished) == ["one", "two"]
    assert re.search(r"^2 of 2 jobs in [\d.]+ s$", done.stderr, re.MULTILINE)
    assert "Complete log" in done.stderr
    assert "rule job:" not in done.stderr
    (log,) = Path(".snakemake/log").glob("*.snakemake.log")
    assert "rule job:" in log.read_text()


def test_on_a_terminal_there_is_a_board_and_the_same_results(workflow):
    workflow("one", "two")
    status, shown = on_a_terminal()
    assert status == 0
    assert "2 of 2 jobs" in shown and "100% of the work" in shown and "finished  job one" in shown
    assert "words on standard error" not in shown and "rule job:" not in shown
    (kept,) = Path(".snakemake/log").glob("*.jobs.log")
    assert kept.read_text().count("words on standard error") == 2
    made = {path.name: path.read_bytes() for path in Path().glob("*.txt")}
    for path in Path().glob("*.txt"):
        path.unlink()
    plain = started(command=[sys.executable, "-m", "snakemake", "--cores", "2"])
    assert plain.returncode == 0 and "rule job:" in plain.stderr
    assert {path.name: path.read_bytes() for path in Path().glob("*.txt")} == made


def test_a_failed_job_says_why(workflow):
    workflow("one", "bad")
    done = started()
    assert done.returncode == 1
    assert re.search(
        r"^failed job bad: this one is bad\n    error: this one is bad\n    its log: bad.log$", done.stderr, re.M
    )
    assert "CalledProcessError" not in done.stderr and "At least one job" not in done.stderr
    status, shown = on_a_terminal()
    assert status == 1
    assert re.search(r"failed\s+job bad: this one is bad", shown) and "its log: bad.log" in shown


def test_without_work_and_without_a_run_snakemake_speaks_as_usual(workflow):
    workflow("one")
    plain, ours = (
        started("--dry-run", command=command) for command in ([sys.executable, "-m", "snakemake", "--cores", "2"], RUN)
    )

    def timeless(text):
        return re.sub(r"\[\w{3} .*\]|^  (Date|Workflow ID|Command): .*$", "", text, flags=re.MULTILINE)

    assert timeless(plain.stdout) == timeless(ours.stdout) and "rule job:" in ours.stdout
    assert started().returncode == 0
    done = started()
    assert done.returncode == 0 and "Nothing to be done" in done.stderr
    Path("Snakefile").write_text("rule all:\n    input: nowhere(\n")
    done = started()
    assert done.returncode == 1 and "SyntaxError" in done.stderr


def test_a_board_that_fails_hands_over_to_snakemake(workflow):
    """Here the library for terminals is broken."""
    workflow("one", "bad", seconds=2)
    package = Path("broken/rich")
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "console.py").write_text(
        "class Console:\n    def __init__(self, **_):\n        raise RuntimeError('broken')\n"
    )
    (package / "live.py").write_text("class Live: pass\n")
    status, shown = on_a_terminal("--keep-going", PYTHONPATH="broken")
    assert status == 1 and Path("one.txt").exists()
    assert "The board has failed" in shown and "broken" in shown
    assert "Error in rule job" in shown and "Finished jobid" in shown


@pytest.mark.parametrize("start", [started, on_a_terminal])
def test_what_cannot_be_told_is_said_by_snakemake(start, workflow):
    """As on a full disk: the job fails after its run can write no more events."""
    workflow("remover")
    done = start()
    status, shown = done if isinstance(done, tuple) else (done.returncode, done.stderr)
    assert status == 1
    assert "The board has failed" in shown and "cannot be written to" in shown
    assert "Error in rule job" in shown and "this one is bad too" in shown


def test_a_watcher_that_is_killed_stops_no_run(workflow):
    workflow("one", "two", "three", seconds=1.5)
    process = subprocess.Popen(RUN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(Path(".snakemake/aelab_events").glob("*/*.jsonl")):
        time.sleep(0.05)
    command = [sys.executable, str(REPOSITORY / "tools" / "watch.py")]
    watchers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    time.sleep(1)
    watchers[0].kill()
    watchers[0].communicate()
    said, _ = watchers[1].communicate(timeout=60)
    assert process.wait(timeout=60) == 0 and watchers[1].returncode == 0
    assert sorted(re.findall(r"finished job (\w+)", said)) == ["one", "three", "two"]
    assert {path.stem for path in Path().glob("*.txt")} == {"one", "two", "three"}


def test_a_terminal_that_takes_nothing_stops_no_run(workflow):
    workflow("one", "two", "three", seconds=1)

    def stop(master, process):
        while not list(Path(".snakemake/aelab_events").glob("*/*.jsonl")):
            time.sleep(0.05)
        os.write(master, b"\x13")  # Ctrl-S
        assert process.wait(timeout=60) == 0

    status, _ = on_a_terminal(meanwhile=stop)
    assert status == 0
    assert {path.stem for path in Path().glob("*.txt")} == {"one", "two", "three"}


def test_a_run_that_is_interrupted_leaves_the_terminal_as_it_was(workflow):
    workflow("one", seconds=30)

    def interrupt(master, process):
        while not list(Path(".snakemake/aelab_events").glob("*/*.jsonl")):
            time.sleep(0.05)
        time.sleep(1.5)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does for Ctrl-C

    status, shown = on_a_terminal(meanwhile=interrupt)
    assert status != 0 and "0 of 1 jobs" in shown
    assert json.loads(record.RUN.read_text())["ended"]
    assert not Path("one.txt").exists()


def test_jobs_see_nothing_of_the_board(workflow):
    """Neither its folder on their search path nor variables."""
    workflow("one")
    with open("job.py", "a") as file:
        file.write("import json, os\njson.dump([sys.path, sorted(os.environ)], open('seen.json', 'w'))\n")
    found = []
    for command in ([sys.executable, "-m", "snakemake", "--cores", "2"], RUN):
        assert started("--forceall", command=command).returncode == 0
        path, variables = json.loads(Path("seen.json").read_text())
        found.append(({each for each in path if "snakemake-runtime-cache" not in each}, variables))
    assert found[0][1] == found[1][1]
    assert str(REPOSITORY / "tools") not in found[1][0]
    assert found[1][0] <= found[0][0]


def test_a_message_of_the_frame_is_told(run):
    snakemake = types.SimpleNamespace(
        rule="rule",
        wildcards=["x"],
        output=["results/x"],
        log=["x.log"],
        params=types.SimpleNamespace(spec='{"code": {}}'),
    )
    for error in (LabError("a sentence"), ValueError("wrong")):
        with pytest.raises((SystemExit, ValueError)), frame.job(snakemake):
            raise error
    said = [(event["event"], event["job"], event.get("text")) for event in read(run)]
    begun = ("begun", "results/x", None)
    told = [("message", "results/x", text) for text in ("a sentence", "ValueError: wrong")]
    assert said == [begun, told[0], begun, told[1]]


def test_a_job_of_any_rule_has_a_label():
    assert Job("f", "rule", [], 1.0).label == "rule" and Job("f", "rule", ["a", "b"], 1.0).label == "rule a/b"
