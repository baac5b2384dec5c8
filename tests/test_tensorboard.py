"""Histories as events of TensorBoard."""

import math

import pytest
import tensorboard_events

HISTORY = "epoch,training_loss,validation_loss\n1,0.5,0.25\n2,0.125,\n3,0.0625,0.03125\n"


def written(folder):
    """Tags, epochs and losses in a folder's file of events."""
    from aelab.training.devices import tf

    (path,) = folder.glob("events.out.tfevents.*")
    found = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            assert value.metadata.plugin_data.plugin_name == "scalars"
            found.append((value.tag, event.step, float(tf.make_ndarray(value.tensor))))
    return found


@pytest.fixture
def histories(tmp_path):
    for model, text in (("dense_2", HISTORY), ("pca_2", HISTORY.splitlines()[0] + "\n")):
        path = tmp_path / "results" / "models" / model / "seed-1" / "history.csv"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path


def test_both_losses_are_written_by_epoch(histories, capsys):
    for _ in range(2):  # the second time in place of the first
        assert tensorboard_events.main([]) == 0
    folder = histories / "tensorboard" / "dense_2" / "seed-1"
    assert written(folder / "training") == [("loss", 1, 0.5), ("loss", 2, 0.125), ("loss", 3, 0.0625)]
    assert written(folder / "watched") == [("loss", 1, 0.25), ("loss", 3, 0.03125)]
    assert [path.name for path in (histories / "tensorboard").iterdir()] == ["dense_2"]
    said = capsys.readouterr().out
    assert "histories of 1 trainings" in said and "tensorboard --logdir tensorboard" in said
    assert sorted(path.name for path in (histories / "results").rglob("*.*")) == ["history.csv", "history.csv"]


def test_without_a_run_it_says_so(capsys):
    assert tensorboard_events.main([]) == 2
    assert "no training has a history" in capsys.readouterr().err


def test_a_loss_that_was_not_measured_is_left_out(histories):
    losses = tensorboard_events.read_history(histories / "results/models/dense_2/seed-1/history.csv")
    assert all(math.isfinite(value) for values in losses.values() for _, value in values)
