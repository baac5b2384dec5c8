"""What the metrics by which models are compared are called in figures and captions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A metric in words.

    Attributes
    ----------
    words : str
        What is measured, as in a sentence.
    unit : str
        Its unit, as at an axis.
    higher_is_better : bool
        Whether models with higher values are the better ones.
    """

    words: str
    unit: str
    higher_is_better: bool = False


# By the column of `metrics.csv`, as the declarations of kinds name it.
MEASURES = {
    "test_mse": Measure("the error on the test images", "MSE per pixel"),
    "test_mse_corrupted": Measure("the error on the corrupted test images", "MSE per pixel"),
    "test_mse_of_codes": Measure("the error on the codes of the test images", "MSE per number of the code"),
    "test_negative_elbo": Measure("the negative ELBO on the test images", "nats an image"),
    "test_accuracy": Measure("the accuracy on the test images", "share of the images", True),
}


def of(name: str) -> Measure:
    """Return a metric in words; one that a new kind has brought is called as its column."""
    return MEASURES.get(name, Measure(name.replace("_", " "), name))
