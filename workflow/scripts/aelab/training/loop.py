"""Train a model: one call of a compiled graph per epoch, with all images in the memory of the device."""

import time

import keras
import numpy as np
import tensorflow as tf

from aelab.data import corruption, datasets
from aelab.data.randomness import generator, seed_of
from aelab.errors import LabError
from aelab.files.atomic import check_room
from aelab.jobs.log import log
from aelab.jobs.progress import Progress
from aelab.training import schedules
from aelab.training.autoencoder import Autoencoder
from aelab.training.checkpoints import Checkpoint
from aelab.training.examples import Examples, as_float

# For each epoch: its number from 1, its mean training loss, and the loss of the watched examples (NaN without any).
History = list[tuple[int, float, float]]


class Loop:
    """The epochs of one training.

    If the entry sets `micro_batch`, the gradient of a batch is summed over parts of that size, which takes less memory.
    It is the same up to rounding.

    Parameters
    ----------
    architecture, entry : Autoencoder, dict
        The model and its entry in the configuration.
    examples : Examples
        What it is trained on.
    name, seed : str, int
        Name of the model and seed of the training, from which everything random is drawn.
    """

    def __init__(self, architecture: Autoencoder, entry: dict, examples: Examples, name: str, seed: int) -> None:
        self.architecture, self.entry = architecture, entry
        self.examples, self.name, self.seed = examples, name, seed
        self.batch_size = min(entry["batch_size"], len(examples))
        self.steps = -(-len(examples) // self.batch_size)
        self.drawn = entry["batches"] == "drawn"
        self.full = self.steps if self.drawn else len(examples) // self.batch_size
        self.updates = entry["updates"] or self.steps * entry["epochs"]
        self.epochs = -(-self.updates // self.steps)
        self.optimizer = schedules.optimizer(entry["optimizer"], self.updates)
        self.variables = architecture.variables
        self.optimizer.build(self.variables)
        self.inputs, self.targets = examples.tensors()
        drawn = entry.get("corruption")
        self.corruption = drawn if drawn and drawn["drawn"] == "each_epoch" else None
        self.targets_are_inputs = examples.targets is None and not self.corruption
        self.run = tf.function(self._run, autograph=False)
        self.measure = tf.function(self._measure, autograph=False)

    # -- inside the graph ------------------------------------------------------------------------

    def _batch(self, inputs: tf.Tensor, targets: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = as_float(tf.gather(inputs, rows))
        return x, x if self.targets_are_inputs else as_float(tf.gather(targets, rows))

    def _gradient(self, x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor, share: float) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            loss = self.architecture.loss(x, y, seed, training=True)
        gradients = tape.gradient(loss, self.variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return loss * share, [tf.cast(gradient, tf.float32) * share for gradient in gradients]

    def _update(self, inputs: tf.Tensor, targets: tf.Tensor, rows: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Update the variables on the examples `rows`; return the loss of the batch before the update."""
        size, part = rows.shape[0], self.entry["micro_batch"] or rows.shape[0]
        starts = range(0, size, part)
        if len(starts) == 1:
            x, y = self._batch(inputs, targets, rows)
            loss, gradients = self._gradient(x, y, seed, 1.0)
        else:
            whole = size // part

            def accumulate(n: tf.Tensor, loss: tf.Tensor, gradients: list) -> tuple:
                x, y = self._batch(inputs, targets, tf.slice(rows, [n * part], [part]))
                more, further = self._gradient(x, y, seed + [0, n], part / size)
                return n + 1, loss + more, [a + b for a, b in zip(gradients, further, strict=True)]

            zeros = [tf.zeros_like(variable) for variable in self.variables]
            _, loss, gradients = tf.while_loop(
                lambda n, *_: n < whole, accumulate, (0, 0.0, zeros), maximum_iterations=whole
            )
            if size % part:
                x, y = self._batch(inputs, targets, rows[whole * part :])
                more, further = self._gradient(x, y, seed + [0, whole], size % part / size)
                loss, gradients = loss + more, [a + b for a, b in zip(gradients, further, strict=True)]
        self.optimizer.apply(gradients, self.variables)
        return loss

    def _run(
        self, inputs: tf.Tensor, targets: tf.Tensor, order: tf.Tensor, steps: tf.Tensor, seed: tf.Tensor
    ) -> tf.Tensor:
        """Make `steps` updates in the given order; return the sum over batches of loss times batch size."""
        full = self.full
        rest = 0 if self.drawn else len(self.examples) - full * self.batch_size

        def update(step: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = tf.slice(order, [step * self.batch_size], [self.batch_size])
            loss = self._update(inputs, targets, rows, tf.stack([seed, step * 1024]))
            return step + 1, total + tf.cast(loss, tf.float32) * self.batch_size

        _, total = tf.while_loop(lambda step, _: step < tf.minimum(steps, full), update, (0, 0.0))
        if rest:
            total += tf.cond(
                steps > full,
                lambda: self._update(inputs, targets, order[-rest:], tf.stack([seed, full * 1024])) * rest,
                lambda: 0.0,
            )
        return total

    def _measure(self, inputs: tf.Tensor, targets: tf.Tensor, rows: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        x, y = self._batch(inputs, targets, rows)
        return self.architecture.loss(x, y, seed, training=False)

    # -- outside ---------------------------------------------------------------------------------

    def epoch(self, number: int) -> float:
        """Train one epoch, counted from 0, and return its mean loss."""
        order = self.order(number)
        steps = min(self.steps, self.updates - number * self.steps)
        seed = seed_of("updates", self.name, self.seed, number)
        inputs = self.corrupted(self.examples, number) if self.corruption else self.inputs
        total = self.run(inputs, self.targets, tf.constant(order), tf.constant(steps), tf.constant(seed))
        seen = steps * self.batch_size
        return float(total) / (seen if self.drawn else min(seen, len(self.examples)))

    def order(self, number: int) -> np.ndarray:
        """Return the rows of the examples in the order in which epoch `number` takes them, batch after batch.

        Returns
        -------
        np.ndarray
            int32, one number per example; if batches are drawn, `batch_size` different ones per batch.
        """
        count, draw = len(self.examples), generator("order", self.name, self.seed, number)
        if self.entry["batches"] == "fixed":
            rows = np.arange(count)
        elif self.drawn:
            rows = np.concatenate([draw.choice(count, self.batch_size, replace=False) for _ in range(self.steps)])
        else:
            rows = draw.permutation(count)
        return rows.astype(np.int32)

    def corrupted(self, examples: Examples, *names: object) -> tf.Tensor:
        """Return corrupted inputs (n, d), drawn by `names` with NumPy, which is ten times faster than in the graph."""
        draw = generator("corruption", self.name, self.seed, *names)
        inputs = np.empty(examples.inputs.shape, np.float32)
        for start in range(0, len(inputs), 1000):
            clean = examples.inputs[start : start + 1000]
            clean = datasets.unit(clean) if clean.dtype == np.uint8 else clean
            inputs[start : start + 1000] = corruption.corrupt(clean, self.corruption, draw)
        return tf.constant(inputs)

    def watched(self, examples: Examples) -> tuple[tf.Tensor, tf.Tensor]:
        """Return inputs and targets of watched examples as tensors.

        If inputs are corrupted anew in each epoch, these are corrupted once for all epochs.
        """
        inputs, targets = examples.tensors()
        return (self.corrupted(examples, "watch") if self.corruption else inputs), targets

    def loss_on(self, tensors: tuple[tf.Tensor, tf.Tensor], batch_size: int = 1000) -> float:
        """Return the mean loss over all examples of a pair of inputs and targets."""
        inputs, targets = tensors
        total = 0.0
        for start in range(0, len(inputs), batch_size):
            rows = tf.range(start, min(start + batch_size, len(inputs)))
            seed = tf.constant([seed_of("watch", self.name, self.seed), start])
            total += float(self.measure(inputs, targets, rows, seed)) * len(rows)
        return total / len(inputs)


def train(
    architecture: Autoencoder,
    entry: dict,
    examples: Examples,
    watched: Examples | None,
    name: str,
    seed: int,
    checkpoint: Checkpoint,
) -> tuple[History, list[float]]:
    """Train a model, starting from its checkpoint if there is one.

    Parameters
    ----------
    architecture, entry, examples, name, seed
        As in `Loop`.
    watched : Examples or None
        Examples whose loss is measured after each epoch.
    checkpoint : Checkpoint
        Where the state is saved after each epoch.

    Returns
    -------
    history, seconds : History, list of float
        The losses after each epoch, and the duration of each epoch.

    Raises
    ------
    LabError
        If a loss is not finite, or if the disk has no room for checkpoints.
    """
    loop = Loop(architecture, entry, examples, name, seed)
    state = {
        f"{name}/{n}": variable
        for name, network in architecture.networks.items()
        for n, variable in enumerate(network.variables)
    }
    state.update({f"optimizer/{n}": variable for n, variable in enumerate(loop.optimizer.variables)})
    check_room(checkpoint.folder, 5 * sum(variable.numpy().nbytes for variable in state.values()), f"training {name}")
    history, seconds = resume(state, checkpoint)
    watched = loop.watched(watched) if watched else None
    progress = Progress()
    try:
        for number in range(len(history), loop.epochs):
            start = time.perf_counter()
            loss = loop.epoch(number)
            watched_loss = loop.loss_on(watched) if watched else float("nan")
            if not np.isfinite(loss) or watched and not np.isfinite(watched_loss):
                raise LabError(diverged(entry, history, number, loop))
            history.append((number + 1, loss, watched_loss))
            seconds.append(time.perf_counter() - start)
            left = np.median(seconds[-20:]) * (loop.epochs - number - 1)
            line = f"{name} seed {seed}: epoch {number + 1}/{loop.epochs}, loss {loss:.5g}"
            line += f", watched {watched_loss:.5g}" if watched else ""
            line += f", {left:.0f} s left"
            log.info("%s", line)
            progress.show(line)
            arrays = {key: variable.numpy() for key, variable in state.items()}
            checkpoint.save({**arrays, "history": np.array(history), "seconds": np.array(seconds)})
    finally:
        progress.close()
    return history, seconds


def resume(state: dict[str, keras.Variable], checkpoint: Checkpoint) -> tuple[History, list[float]]:
    """Set variables from a checkpoint; return history and seconds as `train` does, which are empty if there is none.

    A checkpoint that does not fit is discarded. There is no other state to restore: what an epoch draws depends only on
    the names of the model, the seed and the epoch.
    """
    saved = checkpoint.load()
    if saved is None:
        return [], []
    shapes = {key: tuple(variable.shape) for key, variable in state.items()}
    history, seconds = saved.pop("history", None), saved.pop("seconds", None)
    fits = {key: array.shape for key, array in saved.items()} == shapes
    if not fits or history is None or seconds is None or history.shape != (len(seconds), 3):
        checkpoint.discard()
        return [], []
    for key, variable in state.items():
        variable.assign(saved[key])
    log.info("resumed after epoch %d", len(history))
    return [(int(epoch), float(loss), float(watched)) for epoch, loss, watched in history], seconds.tolist()


def diverged(entry: dict, history: History, number: int, loop: Loop) -> str:
    """Return the error message for a loss that is NaN or infinite in epoch `number`, counted from 0."""
    last = f"the last good loss was {history[-1][1]:.5g} after epoch {history[-1][0]}" if history else "from the start"
    rate = loop.optimizer.learning_rate
    return (
        f"the loss is not finite in epoch {number + 1}; {last}; the learning rate is {float(rate):.3g} "
        f"(optimizer.learning_rate {entry['optimizer']['learning_rate']}). Lower optimizer.learning_rate in the "
        "model's entry and start again."
    )


def check_not_collapsed(
    architecture: Autoencoder, examples: Examples, rows: int = 1000, tolerance: float = 1e-4
) -> None:
    """Raise `LabError` if codes or outputs hardly differ between the first `rows` examples.

    This is the case if their standard deviation, averaged over components, is less than `tolerance`.
    """
    codes = architecture.code(as_float(tf.constant(examples.inputs[:rows])))
    outputs = architecture.decoded(codes) if "decoder" in architecture.networks else codes
    for what, values in (("output", outputs), ("code", codes)):
        if len(values) > 1 and float(np.std(tf.cast(values, tf.float32).numpy(), axis=0).mean()) < tolerance:
            raise LabError(
                f"the training collapsed: the {what} is the same for every image. Try a lower "
                "optimizer.learning_rate, a linear code, another loss or another seed."
            )
