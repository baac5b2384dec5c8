"""What the training loop is fed."""

import numpy as np
import pytest
from test_checkpoints import entry

NOISE = {"name": "noise", "kind": "gaussian", "amount": 0.4, "clip": False, "drawn": "each_epoch"}


@pytest.fixture
def loop():
    from aelab import architectures, training

    settings = entry(corruption=NOISE, input_size=784, decoder={"widths": [784], "activations": ["sigmoid"]})
    images = np.random.default_rng(1).integers(0, 256, (1500, 784), np.uint8)
    return training.Loop(architectures.create(settings), settings, training.Examples(images), "tiny", 1)


def test_a_corruption_drawn_anew_is_another_in_each_epoch_and_the_same_in_a_repeated_one(loop):
    first, again, second = (loop.corrupted(loop.examples, number).numpy() for number in (0, 0, 1))
    clean = loop.examples.inputs / np.float32(255)
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef((first - clean).ravel(), (second - clean).ravel())[0, 1]) < 0.01
    for noise in (first - clean, second - clean):
        assert abs(noise.mean()) < 0.002 and abs(noise.std() - 0.4) < 0.002


def test_the_targets_of_corrupted_inputs_are_clean(loop):
    inputs, targets = loop.watched(loop.examples)
    np.testing.assert_array_equal(targets.numpy(), loop.examples.inputs)
    assert abs(float(np.std(inputs.numpy() - targets.numpy() / 255)) - 0.4) < 0.002
    x, y = loop._batch(inputs, targets, [3, 7])
    np.testing.assert_array_equal(x.numpy(), inputs.numpy()[[3, 7]])
    np.testing.assert_allclose(y.numpy(), targets.numpy()[[3, 7]] / 255, rtol=1e-6)
