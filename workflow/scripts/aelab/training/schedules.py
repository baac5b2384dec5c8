"""Learning-rate schedules over a known number of updates, as Keras schedules, and optimizers."""

import math

import keras
import tensorflow as tf


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up from peak/25, then a cosine down to peak/10,000 (Smith and Topin 2019).

    `warm_up` is the share of `updates` that rises; 0 leaves only the cosine.
    """

    def __init__(self, peak, updates, warm_up):
        self.peak, self.updates, self.warm_up = peak, updates, warm_up

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        rise = max(self.warm_up * self.updates, 1e-9)
        rising = self.peak * (1 / 25 + (1 - 1 / 25) * step / rise)
        progress = tf.clip_by_value((step - self.warm_up * self.updates) / max(self.updates - rise, 1), 0.0, 1.0)
        falling = self.peak * (1e-4 + (1 - 1e-4) * 0.5 * (1 + tf.cos(math.pi * progress)))
        return tf.where(step < self.warm_up * self.updates, rising, falling)

    def get_config(self):
        return {"peak": self.peak, "updates": self.updates, "warm_up": self.warm_up}


def schedule(settings, updates):
    """The learning rate of an entry's `optimizer`: a number or a schedule over `updates` updates."""
    if settings["schedule"] == "constant":
        return settings["learning_rate"]
    warm_up = settings["warm_up"] if settings["schedule"] == "one_cycle" else 0.0
    return OneCycle(settings["learning_rate"], updates, warm_up)


class OneKernel:
    """Adam's update (Kingma and Ba 2015) by TensorFlow's own kernel, in one pass over the memory.

    Keras writes it as a dozen operations: the same up to rounding, but a quarter of a dense training's time. The update
    waits for all gradients: the kernel copies a variable that one of them still reads.
    """

    def apply(self, gradients, variables):
        step = tf.cast(self.iterations + 1, tf.float32)
        self.powers = tf.pow(self.beta_1, step), tf.pow(self.beta_2, step)
        with tf.control_dependencies(gradients):
            super().apply(gradients, variables)

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].handle,
            v=self._velocities[index].handle,
            beta1_power=self.powers[0],
            beta2_power=self.powers[1],
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class Adam(OneKernel, keras.optimizers.Adam):
    """Keras's Adam, in one kernel."""


class AdamW(OneKernel, keras.optimizers.AdamW):
    """Keras's AdamW, in one kernel after the decay."""


def optimizer(settings, updates):
    """The Keras optimizer of an entry."""
    rate = schedule(settings, updates)
    further = {key: settings[key] for key in ("epsilon",) if key in settings}
    further["global_clipnorm"] = settings.get("clip_norm")
    if settings["kind"] == "adamw":
        return AdamW(rate, weight_decay=settings["weight_decay"], **further)
    kinds = {"adam": Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
    return kinds[settings["kind"]](rate, **further)
