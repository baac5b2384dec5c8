"""What the training loop is fed, how it updates, and that no sum in it depends on timing."""

from collections import Counter

import numpy as np
import pytest
import small
from rounding import FUNCTION, STANDARD_ERRORS, gamma
from test_checkpoints import entry

from aelab.plan import configuration, entries
from aelab.plan.plan import Plan
from aelab.plan.specs import canonical

FRESH = ("MatMul", "_MklMatMul", "Mul")  # what they give is nobody else's memory
NOISE = {"name": "noise", "kind": "gaussian", "amount": 0.4, "clip": False, "drawn": "each_epoch"}


@pytest.fixture
def loop():
    from aelab.kinds import architectures
    from aelab.training import loop

    settings = entry(corruption=NOISE, input_size=784, decoder={"widths": [784], "activations": ["sigmoid"]})
    images = np.random.default_rng(1).integers(0, 256, (1500, 784), np.uint8)
    return loop.Loop(architectures.create(settings), settings, loop.Examples(images), "tiny", 1)


def is_the_noise(noise):
    """Whether the standard deviation is that of `NOISE`, of which n draws have the standard error sigma / sqrt(2 n)."""
    return abs(noise.std(dtype=np.float64) - 0.4) < STANDARD_ERRORS * 0.4 / (2 * noise.size) ** 0.5


def test_a_corruption_drawn_anew_is_another_in_each_epoch_and_the_same_in_a_repeated_one(loop):
    first, again, second = (loop.corrupted(loop.examples, number).numpy() for number in (0, 0, 1))
    clean = loop.examples.inputs / np.float32(255)
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef((first - clean).ravel(), (second - clean).ravel())[0, 1]) < STANDARD_ERRORS / clean.size**0.5
    for noise in (first - clean, second - clean):
        assert noise.mean(dtype=np.float64) == pytest.approx(0, abs=STANDARD_ERRORS * 0.4 / noise.size**0.5)
        assert is_the_noise(noise)


def test_the_targets_of_corrupted_inputs_are_clean(loop):
    inputs, targets = loop.watched(loop.examples)
    np.testing.assert_array_equal(targets.numpy(), loop.examples.inputs)
    assert is_the_noise(inputs.numpy() - targets.numpy() / 255)
    x, y = loop._batch(inputs, targets, [3, 7])
    np.testing.assert_array_equal(x.numpy(), inputs.numpy()[[3, 7]])
    np.testing.assert_allclose(y.numpy(), targets.numpy()[[3, 7]] / 255, rtol=gamma(2))


@pytest.mark.parametrize("kind", ["adam", "adamw"])
def test_one_kernel_updates_as_keras_does(kind):
    import keras

    from aelab.training import schedules

    draw = np.random.default_rng(1)
    settings = {"kind": kind, "learning_rate": 0.02, "schedule": "one_cycle", "warm_up": 0.3, "weight_decay": 0.1}
    ours = schedules.optimizer(settings | {"clip_norm": 3.0}, 20)
    stock = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[kind]
    decay = {"weight_decay": 0.1} if kind == "adamw" else {}
    theirs = stock(schedules.schedule(settings, 20), global_clipnorm=3.0, **decay)
    # What a step may be off by: its means of t gradients, and 1 - beta^t, which has few digits left. No gradient, and
    # so no mean of t of them, is more than sqrt(t) times their quadratic mean.
    steps = np.arange(20.0)
    rates = np.array([float(schedules.schedule(settings, 20)(step)) for step in steps])
    of_corrections = sum(gamma(FUNCTION) / (1 - beta ** (steps + 1)) for beta in (0.9, 0.999))
    largest = rates * np.sqrt(steps + 1)
    of_updates = 2 * (largest * (of_corrections + gamma(4 * steps + 10))).sum()
    of_sums = gamma(2 * 3 * len(steps))
    start = draw.normal(size=(30, 4)).astype(np.float32)
    variables = [keras.Variable(start) for _ in range(2)]
    for _ in steps:
        gradient = draw.normal(size=start.shape).astype(np.float32)
        for optimizer, variable in zip((ours, theirs), variables, strict=True):
            optimizer.apply([gradient], [variable])
    np.testing.assert_allclose(*variables, rtol=of_sums, atol=of_updates + of_sums * largest.sum())
    assert np.abs(variables[0].numpy() - start).min() > 0


def plain_descent(weights, images, epochs, rate, size):
    """Linear autoencoder by gradient descent on the MSE in float64, with the same batches in every epoch."""
    encoder, encoder_bias, decoder, decoder_bias = (np.array(weight, np.float64) for weight in weights)
    for _ in range(epochs):
        for start in range(0, len(images), size):
            x = images[start : start + size]
            codes = x @ encoder + encoder_bias
            slope = 2 * (codes @ decoder + decoder_bias - x) / x.size
            back = slope @ decoder.T
            decoder, decoder_bias = decoder - rate * codes.T @ slope, decoder_bias - rate * slope.sum(0)
            encoder, encoder_bias = encoder - rate * x.T @ back, encoder_bias - rate * back.sum(0)
    return encoder, encoder_bias, decoder, decoder_bias


def test_without_shuffling_every_epoch_has_the_batches_of_the_split():
    from aelab.kinds import architectures
    from aelab.training import loop

    stacks = {
        "encoder": {"widths": [2], "activations": ["linear"]},
        "decoder": {"widths": [6], "activations": ["linear"]},
    }
    sgd = {"kind": "sgd", "learning_rate": 0.5}
    settings = entry(**stacks, batches="fixed", optimizer=sgd, epochs=4)  # 20 images in batches of 8, 8 and 4
    images = np.random.default_rng(1).random((20, 6), np.float32)
    model = architectures.create(settings)
    start = [variable.numpy() for variable in model.variables]
    epochs = loop.Loop(model, settings, loop.Examples(images), "tiny", 1)
    assert epochs.updates == 4 * 3
    for number in range(4):
        epochs.epoch(number)
    expected = plain_descent(start, images.astype(np.float64), 4, 0.5, 8)
    for variable, array in zip(model.variables, expected, strict=True):
        np.testing.assert_allclose(variable.numpy(), array, rtol=1e-4, atol=1e-5)


def test_shuffled_epochs_differ_and_fixed_ones_do_not():
    from aelab.kinds import architectures
    from aelab.training import loop

    examples = loop.Examples(np.zeros((20, 6), np.float32))
    orders = {}
    for batches in ("shuffled", "fixed"):
        epochs = loop.Loop(architectures.create(entry()), entry(batches=batches), examples, "tiny", 1)
        orders[batches] = [epochs.order(number).tolist() for number in range(3)]
    assert orders["fixed"] == [list(range(20))] * 3
    assert all(sorted(order) == list(range(20)) != order for order in orders["shuffled"])
    assert orders["shuffled"][0] != orders["shuffled"][1]


def test_drawn_batches_are_drawn_without_replacement_each_from_all_images():
    from aelab.kinds import architectures
    from aelab.training import loop

    settings = entry(batches="drawn", batch_size=8, epochs=200)
    examples = loop.Examples(np.zeros((20, 6), np.float32))
    epochs = loop.Loop(architectures.create(settings), settings, examples, "tiny", 1)
    assert (epochs.steps, epochs.updates) == (3, 600)  # as many as it takes to go once through the images
    batches = np.concatenate([epochs.order(number).reshape(3, 8) for number in range(200)])
    assert all(len(set(batch)) == 8 for batch in batches.tolist())
    np.testing.assert_array_equal(epochs.order(7), epochs.order(7))
    # Each image is in a batch with probability 8 / 20, whatever the batch before it held.
    shares = (batches[:, :, None] == np.arange(20)).any(1).mean(0)
    assert abs(shares - 0.4).max() < STANDARD_ERRORS * (0.4 * 0.6 / 600) ** 0.5
    both = [len(set(a) & set(b)) for a, b in zip(batches.tolist(), batches[1:].tolist(), strict=False)]
    of_overlap = 8 * 0.4 * 0.6 * 12 / 19  # the variance of a hypergeometric number with mean 8 * 0.4
    assert abs(np.mean(both) - 3.2) < STANDARD_ERRORS * (of_overlap / len(both)) ** 0.5


def test_drawn_batches_are_what_the_updates_see():
    """And the loss of an epoch is the mean over its batches, all of one size."""
    from aelab.kinds import architectures
    from aelab.training import loop

    stacks = {
        "encoder": {"widths": [2], "activations": ["linear"]},
        "decoder": {"widths": [6], "activations": ["linear"]},
    }
    settings = entry(**stacks, batches="drawn", optimizer={"kind": "sgd", "learning_rate": 0.5}, epochs=1, updates=2)
    images = np.random.default_rng(1).random((20, 6), np.float32)
    model = architectures.create(settings)
    start = [variable.numpy() for variable in model.variables]
    epochs = loop.Loop(model, settings, loop.Examples(images), "tiny", 1)
    rows = epochs.order(0)[:16]  # two of the three batches of 8
    loss = epochs.epoch(0)
    once, twice = (plain_descent(start, images[rows[:end]].astype(np.float64), 1, 0.5, 8) for end in (8, 16))
    for variable, array in zip(model.variables, twice, strict=True):
        np.testing.assert_allclose(variable.numpy(), array, rtol=1e-4, atol=1e-5)
    losses = []
    for (encoder, encoder_bias, decoder, decoder_bias), part in ((start, rows[:8]), (once, rows[8:])):
        outputs = (images[part] @ encoder + encoder_bias) @ decoder + decoder_bias
        losses.append(np.square(outputs - images[part]).mean())
    assert loss == pytest.approx(np.mean(losses), rel=1e-4)


@pytest.mark.parametrize("epsilon", [1e-8, 1e-2])
def test_epsilon_is_added_to_the_root_of_the_second_moment(epsilon):
    """As TensorFlow 1 wrote Adam: the corrections of both moments are part of the rate, epsilon is added after that."""
    import keras

    from aelab.training import schedules

    settings = {"kind": "adam", "learning_rate": 0.02, "schedule": "constant", "epsilon": epsilon}
    optimizer, variable = schedules.optimizer(settings, 10), keras.Variable(np.ones(4, np.float32))
    x, first, second = np.ones(4), np.zeros(4), np.zeros(4)
    for step in range(1, 6):
        gradient = 0.02 * np.random.default_rng(step).normal(size=4)
        optimizer.apply([gradient.astype(np.float32)], [variable])
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        rate = 0.02 * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
        x = x - rate * first / (second**0.5 + epsilon)
    np.testing.assert_allclose(variable.numpy(), x, rtol=0, atol=1e-5)
    assert abs(x - 1).max() > 1e-3


def test_epsilon_is_that_of_keras_unless_the_entry_says_otherwise():
    plan = Plan(configuration.load(small.default()))
    given = {
        name: plan.entry(name)["optimizer"].get("epsilon") for name in plan.models if "optimizer" in plan.models[name]
    }
    others = {name for name, epsilon in given.items() if epsilon != 1e-7}
    assert {given[name] for name in others} == {1e-8}
    assert others == {
        name
        for name in given
        if name.startswith(("vae_", *(f"stacked_784_{part}" for part in ("softmax", "glorot", "linear"))))
    }


def test_the_published_convolutional_models_take_704_updates_in_eleven_fixed_batches():
    plan = Plan(configuration.load(small.default()))
    for model in ("conv_32", "conv_32_denoising"):
        settings = plan.models[model]
        assert plan.updates(model) == 704 == 64 * 11
        assert plan.splits[settings["split"]]["train"] == 11 * settings["batch_size"]
        assert settings["batches"] == "fixed"
    others = {name for name, settings in plan.models.items() if settings.get("batches") == "fixed"}
    assert others == {"conv_32", "conv_32_denoising"}


def trained():
    """The entries of all models of the default configuration that are trained, and one more loss."""
    plan = Plan(configuration.load(small.default()))
    entries = {name: plan.entry(name) for name in plan.models if plan.models[name].get("epochs")}
    return entries | {"conv_32, in nats": entries["conv_32"] | {"loss": "cross_entropy", "output": "sigmoid"}}


def shape_of(settings):
    """What the operations of a training depend on: its settings without names, first weights and the sizes of layers.

    Nor do they depend on how the learning rate changes, of which there is one.
    """
    left_out = {"split", "epochs", "updates", "starts_from", "codes_of", "watch", "corruption", "may_collapse"}
    left_out |= {"optimizer", "initial_weights", "image_shape"}
    return canonical(sizeless({key: value for key, value in settings.items() if key not in left_out}))


def sizeless(value):
    """A setting with 2 in place of every other number that is neither 0 nor 1; lists keep their lengths."""
    if isinstance(value, dict):
        return {key: sizeless(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [sizeless(item) for item in value]
    return value if isinstance(value, (bool, str)) or value in (None, 0, 1) else 2


def optimised(function, *arguments):
    """The nodes of a function as TensorFlow runs it, once it has merged and reordered its operations."""
    from tensorflow.python.eager import context

    context.context().enable_run_metadata()
    try:
        function(*arguments)
        graphs = context.context().export_run_metadata().function_graphs
    finally:
        context.context().disable_run_metadata()
    parts = [graph.post_optimization_graph for graph in graphs]
    return [part.node for part in parts] + [body.node_def for part in parts for body in part.library.function]


def unsafe_sums(nodes):
    """`AddN` starts with the first input that it may overwrite. With three or more, of which others read one, that and
    with it the last bit of the sum depend on who is there first."""
    readers = Counter(source.split(":")[0] for node in nodes for source in node.input if not source.startswith("^"))
    operations = {node.name: node.op for node in nodes}
    for node in nodes:
        inputs = [source.split(":")[0] for source in node.input if not source.startswith("^")]
        fresh = [readers[name] == 1 and operations.get(name) in FRESH for name in inputs]
        if node.op == "AddN" and len(inputs) > 2 and not all(fresh):
            yield node.name


def test_no_sum_depends_on_which_of_its_terms_is_there_first():
    from aelab.kinds import architectures
    from aelab.training import loop

    different = {shape_of(settings): (model, settings) for model, settings in trained().items()}
    for model, settings in different.values():
        labels = np.zeros(64, np.int32) if entries.learns_labels(settings) else None
        examples = loop.Examples(np.zeros((64, settings.get("input_size", 784)), np.uint8), labels)
        epochs = loop.Loop(architectures.create(settings), settings | {"corruption": None}, examples, "tiny", 1)
        bodies = optimised(epochs.epoch, 0)
        assert any("ResourceApplyAdam" in node.op for nodes in bodies for node in nodes), "the update is not seen"
        assert not [name for nodes in bodies for name in unsafe_sums(nodes)], model
