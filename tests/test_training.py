"""What the training loop is fed."""

import numpy as np
import pytest
import small
from test_checkpoints import entry

from aelab import configuration
from aelab.plan import Plan

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


def not_compiled():
    """A model's entry for each kind that XLA does not compile: TensorFlow orders its operations as it runs."""
    from aelab import architectures

    plan = Plan(configuration.load(small.default()))
    entries = {plan.models[name]["kind"]: plan.entry(name) for name in plan.models if plan.models[name].get("epochs")}
    entries["conv, in nats"] = entries["conv"] | {"loss": "cross_entropy", "output": "sigmoid"}
    return [entry for entry in entries.values() if not architectures.create(entry).compiled]


def test_no_more_than_two_gradients_are_added_at_once():
    """`AddN` starts with whichever input it may overwrite: with three inputs the order, and the last bit, varies."""
    from aelab import architectures, training

    for settings in not_compiled():
        labels = np.zeros(64, np.int32) if configuration.learns_labels(settings) else None
        examples = training.Examples(np.zeros((64, 784), np.uint8), labels)
        loop = training.Loop(architectures.create(settings), settings | {"corruption": None}, examples, "tiny", 1)
        order = np.arange(64, dtype=np.int32)
        graph = loop.run.get_concrete_function(loop.inputs, loop.targets, order, np.int32(1), np.int32(1)).graph
        functions = graph.as_graph_def().library.function
        sums = [node for function in functions for node in function.node_def if node.op == "AddN"]
        inputs = [[name for name in node.input if not name.startswith("^")] for node in sums]
        assert all(len(names) == 2 for names in inputs), settings["kind"]
