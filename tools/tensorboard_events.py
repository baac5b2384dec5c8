"""Write the histories of a run's trainings as events of TensorBoard. `make tensorboard` starts it.

`python tools/tensorboard_events.py` reads `results/models/*/seed-*/history.csv` and writes a folder for every
training, with the training loss below `training` and the loss of the watched examples below `watched`, so that
TensorBoard draws both into one chart. It prints the command with which to look at them. Results are not touched.

`tf.summary.scalar` needs the package `tensorboard`, which is not in the environments; `tf.summary.write` writes the
same events. This file has another name than the package, so that nothing takes it for that.
"""

import argparse
import csv
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

COLUMNS = {"training": "training_loss", "watched": "validation_loss"}
TAG = "loss"


def read_history(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Return the losses of a training.

    Parameters
    ----------
    path : Path
        Its `history.csv`.

    Returns
    -------
    dict
        Pairs of epoch and loss by the keys of `COLUMNS`; a loss that was not measured is left out.
    """
    losses: dict[str, list[tuple[int, float]]] = {name: [] for name in COLUMNS}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name, column in COLUMNS.items():
                value = float(row.get(column) or "nan")
                if math.isfinite(value):
                    losses[name].append((int(row["epoch"]), value))
    return losses


def write_events(folder: Path, values: Iterable[tuple[int, float]]) -> None:
    """Write pairs of epoch and loss as a file of events, in place of earlier ones in the folder."""
    from aelab.training.devices import tf

    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
    scalar = tf.compat.v1.SummaryMetadata(plugin_data=plugin, data_class="DATA_CLASS_SCALAR")
    for old in folder.glob("events.out.tfevents.*"):
        old.unlink()
    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        for epoch, value in values:
            tf.summary.write(TAG, tf.constant(value, tf.float32), step=epoch, metadata=scalar)
    writer.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the events of all trainings, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directory", type=Path, default=Path(), help="the run's folder; by default this one")
    parser.add_argument("--to", type=Path, help="the folder to write to; by default `tensorboard` in the run's folder")
    settings = parser.parse_args(arguments)
    target = settings.to or settings.directory / "tensorboard"
    written = 0
    for path in sorted(settings.directory.glob("results/models/*/seed-*/history.csv")):
        model, seed = path.parts[-3:-1]
        for name, values in read_history(path).items():
            if values:
                write_events(target / model / seed / name, values)
                written += name == "training"
    if not written:
        print(f"error: no training has a history in {settings.directory / 'results/models'}.", file=sys.stderr)
        return 2
    print(f"The histories of {written} trainings are in {target}. To look at them: tensorboard --logdir {target}")
    print("TensorBoard is a package of its own: pip install tensorboard")
    return 0


if __name__ == "__main__":
    sys.exit(main())
