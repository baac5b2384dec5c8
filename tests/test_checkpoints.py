"""A training that is killed after any epoch and started again equals one that was not, bit for bit."""

import numpy as np
import pytest

from aelab.errors import LabError
from aelab.jobs import leftovers, locks
from aelab.jobs.leftovers import FINISHED
from aelab.training.checkpoints import Checkpoint

EXAMPLES, SIZE = 20, 6


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


class Deadly(Checkpoint):
    """A checkpoint whose process dies right after, or right before, the checkpoint of an epoch is written."""

    def __init__(self, folder, spec, epoch, before):
        super().__init__(folder, spec)
        self.epoch, self.before = epoch, before

    def save(self, arrays):
        due = len(arrays["history"]) == self.epoch
        if due and self.before:
            raise Killed
        super().save(arrays)
        if due:
            raise Killed


def entry(**changes):
    settings = {
        "kind": "dense",
        "encoder": {"widths": [4, 2], "activations": ["tanh", "linear"]},
        "decoder": {"widths": [SIZE], "activations": ["sigmoid"]},
        "input_size": SIZE,
        "loss": "mse",
        "optimizer": {
            "kind": "adam",
            "learning_rate": 0.01,
            "schedule": "constant",
            "warm_up": 0.3,
            "weight_decay": 0.01,
        },
        "batch_size": 8,
        "micro_batch": None,
        "epochs": 3,
        "updates": None,
        "batches": "shuffled",
        "precision": "float32",
        "watch": "validation",
    }
    settings["optimizer"] |= changes.pop("optimizer", {})
    return settings | changes


def train(settings, checkpoint):
    """Weights and history of a training in a state as fresh as a new process's."""
    import keras

    from aelab.kinds import architectures
    from aelab.training import loop

    keras.utils.set_random_seed(5)
    keras.config.set_dtype_policy("mixed_bfloat16" if settings["precision"] == "bfloat16" else "float32")
    try:
        model = architectures.create(settings)
        draw = np.random.default_rng(1)
        images = draw.random((EXAMPLES, SIZE), np.float32)
        watched = loop.Examples(draw.random((EXAMPLES, SIZE), np.float32))
        history, _ = loop.train(model, settings, loop.Examples(images), watched, "tiny", 1, checkpoint)
        return {name: variable.numpy() for name, variable in model.named.items()}, history
    finally:
        keras.config.set_dtype_policy("float32")


CASES = {
    "adam, one cycle": entry(optimizer={"schedule": "one_cycle"}),
    "adamw, updates that end within an epoch": entry(optimizer={"kind": "adamw"}, updates=8),
    "rmsprop, micro-batches": entry(optimizer={"kind": "rmsprop"}, micro_batch=3),
    "sgd, cosine": entry(optimizer={"kind": "sgd", "schedule": "cosine"}),
    "bfloat16, one cycle": entry(precision="bfloat16", optimizer={"schedule": "one_cycle"}),
    "corruption drawn anew": entry(
        corruption={"name": "noise", "kind": "gaussian", "amount": 0.2, "clip": False, "drawn": "each_epoch", "seed": 0}
    ),
}


KILLS = ((1, False), (2, True), (3, False))


@pytest.mark.parametrize("n, name", list(enumerate(CASES)))
def test_resumed_equals_uninterrupted(n, name, tmp_path):
    settings = CASES[name]
    whole, history = train(settings, Checkpoint(tmp_path / "whole", name))
    for epoch, before in KILLS if n == 0 else [KILLS[n % len(KILLS)]]:
        folder = tmp_path / f"{epoch}-{before}"
        with pytest.raises(Killed):
            train(settings, Deadly(folder, name, epoch, before))
        resumed, again = train(settings, Checkpoint(folder, name))
        assert again == history
        for key, array in whole.items():
            np.testing.assert_array_equal(resumed[key], array, err_msg=f"{key} after a kill at epoch {epoch}")


def test_at_most_one_epoch_is_done_twice(tmp_path, monkeypatch):
    from aelab.training import loop

    done, epoch = [], loop.Loop.epoch
    monkeypatch.setattr(loop.Loop, "epoch", lambda self, n: done.append(n) or epoch(self, n))
    with pytest.raises(Killed):
        train(entry(), Deadly(tmp_path, "spec", 2, before=True))
    train(entry(), Checkpoint(tmp_path, "spec"))
    assert done == [0, 1, 1, 2]


def test_a_finished_training_is_not_repeated(tmp_path, monkeypatch):
    from aelab.training import loop

    checkpoint = Checkpoint(tmp_path, "spec")
    whole, history = train(entry(), checkpoint)
    checkpoint.finish()
    monkeypatch.setattr(loop.Loop, "epoch", lambda self, n: pytest.fail("an epoch was repeated"))
    again, same = train(entry(), Checkpoint(tmp_path, "spec"))
    assert same == history
    assert all((again[key] == whole[key]).all() for key in whole)


def test_a_checkpoint_of_another_spec_is_removed(tmp_path):
    Checkpoint(tmp_path, "old").save({"a": np.zeros(3)})
    new = Checkpoint(tmp_path, "new")
    assert new.load() is None
    assert not list(tmp_path.glob("*.npz"))


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """Weights and history of a whole training, and the arrays of its checkpoint after two epochs."""
    folder = tmp_path_factory.mktemp("interrupted")
    with pytest.raises(Killed):
        train(entry(), Deadly(folder, "spec", 2, before=False))
    arrays = Checkpoint(folder, "spec").load()
    return *train(entry(), Checkpoint(folder, "spec")), arrays


@pytest.mark.parametrize("damage", ["truncated", "empty", "other arrays", "other shapes", "no history"])
def test_a_damaged_checkpoint_starts_from_the_beginning(tmp_path, interrupted, damage):
    whole, history, arrays = interrupted
    checkpoint = Checkpoint(tmp_path, "spec")
    checkpoint.save(arrays)
    if damage == "truncated":
        checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-40])
    elif damage == "empty":
        checkpoint.path.write_bytes(b"")
    elif damage == "other arrays":
        checkpoint.save({"a": np.zeros(3), "history": np.zeros((1, 3)), "seconds": np.zeros(1)})
    elif damage == "other shapes":
        first = next(key for key in arrays if key.startswith("encoder"))
        checkpoint.save(arrays | {first: np.zeros((1, 1), np.float32)})
    else:
        checkpoint.save({key: array for key, array in arrays.items() if key != "history"})
    again, same = train(entry(), checkpoint)
    assert same == history
    assert all((again[key] == whole[key]).all() for key in whole)


def test_two_processes_never_train_together(tmp_path):
    import subprocess
    import sys

    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from aelab.training.checkpoints import Checkpoint\n"
            "with Checkpoint(sys.argv[1], 'spec').alone(): print('held', flush=True); time.sleep(60)",
            str(tmp_path / "c"),
        ],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        assert locks.acquire(tmp_path / "c" / "lock") is None
    finally:
        holder.kill()
        holder.wait()
    with Checkpoint(tmp_path / "c", "spec").alone():
        pass
    assert not (tmp_path / "c").exists()


def test_finished_checkpoints_go_when_snakemake_has_recorded_the_results(tmp_path):
    import base64

    folder = tmp_path / "results" / "checkpoints"
    for model in ("recorded", "started", "killed_at_its_end"):
        (folder / model / "seed-1").mkdir(parents=True)
        (folder / model / "seed-1" / f"0{FINISHED}").touch()
    for model in ("recorded", "started"):
        results = tmp_path / "results" / "models" / model / "seed-1"
        results.mkdir(parents=True)
        for name in ("weights.npz", "history.csv", "timings.json"):
            (results / name).touch()
    (folder / "interrupted" / "seed-1").mkdir(parents=True)
    (folder / "interrupted" / "seed-1" / "0.npz").touch()
    marker = base64.urlsafe_b64encode(b"results/models/started/seed-1/weights.npz").decode()
    (tmp_path / ".snakemake" / "incomplete").mkdir(parents=True)
    (tmp_path / ".snakemake" / "incomplete" / marker).touch()
    leftovers.remove_finished_checkpoints(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["interrupted", "killed_at_its_end", "started"]


def test_a_loss_that_is_not_finite_ends_the_training(tmp_path):
    settings = entry(
        optimizer={"learning_rate": 1e30, "kind": "sgd"}, decoder={"widths": [SIZE], "activations": ["linear"]}
    )
    with pytest.raises(LabError, match=r"not finite in epoch \d") as caught:
        train(settings, Checkpoint(tmp_path, "spec"))
    message = str(caught.value)
    assert "the learning rate is" in message and "optimizer.learning_rate" in message


def test_the_message_of_a_diverged_training_has_the_last_good_loss(tmp_path, monkeypatch):
    from aelab.training import loop

    losses = iter([0.25, 0.125, float("nan")])
    monkeypatch.setattr(loop.Loop, "epoch", lambda self, n: next(losses))
    with pytest.raises(LabError) as caught:
        train(entry(optimizer={"schedule": "one_cycle"}), Checkpoint(tmp_path, "spec"))
    assert "not finite in epoch 3; the last good loss was 0.125 after epoch 2; the learning rate is" in str(
        caught.value
    )
    assert Checkpoint(tmp_path, "spec").load()["history"].shape == (2, 3)
