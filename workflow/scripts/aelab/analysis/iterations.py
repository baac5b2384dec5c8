"""Iterations of a model's reconstruction r(x), which shall lead from any image to one that the model knows.

Images are float32 (n, pixels). `ITERATIONS` names the two in the order in which tables and arrays hold them.
"""

import numpy as np

ITERATIONS = ("published", "score")


def published_step(images, reconstructions, mean_reconstruction):
    """x + r(x) - r(mean digit), each image normalised to [0, 1], colours inverted: the iteration as published."""
    moved = images + reconstructions - mean_reconstruction
    low, high = moved.min(axis=1, keepdims=True), moved.max(axis=1, keepdims=True)
    return 1 - (moved - low) / np.maximum(high - low, np.float32(1e-6))


def score_step(images, reconstructions, eta):
    """x + eta (r(x) - x): r(x) - x is proportional to the score of the data's density (Alain and Bengio 2014)."""
    return images + np.float32(eta) * (reconstructions - images)


def residuals(images, reconstructions):
    """||r(x) - x|| of each image, float32 (n,)."""
    return np.sqrt(((reconstructions - images) ** 2).sum(axis=1))


def walk(starts, reconstruct, step, steps, shown=()):
    """Take `steps` steps from the images `starts`.

    `reconstruct` maps images to reconstructions, `step` both to the next images. Returns the last images
    (n, pixels), the residuals before each step and after the last (steps + 1, n), how far each image moved in the
    last two steps (n,), so that a cycle of two counts as standing still, and the images after the numbers of
    steps in `shown`, (len(shown), n, pixels).
    """
    images, lengths, kept, before = starts, [], [], [starts] * 2
    for number in range(steps + 1):
        reconstructions = reconstruct(images)
        lengths.append(residuals(images, reconstructions))
        if number in shown:
            kept.append(images)
        if number < steps:
            before = [before[1], images]
            images = step(images, reconstructions)
    moved = residuals(before[0], images)
    return images, np.stack(lengths), moved, np.stack(kept) if kept else np.empty((0, *starts.shape), starts.dtype)


def shown_steps(steps):
    """Numbers of steps to show of a walk: 0, 1, 2, 5, 10, 20, 50, ... and the last."""
    numbers = [0] + [lead * 10**power for power in range(len(str(steps))) for lead in (1, 2, 5)]
    return [number for number in numbers if number < steps] + [steps]
