"""Update the documentation from a finished run. `make showcase` runs it.

docs/results.md shows the results; docs/speed.md what `make bench` has measured, if there are measurements. Each section
stands between two comments. Pictures are figures of `results/studies/`, reduced in size, in `docs/pictures/`.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from PIL import Image
from rulegraph import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "workflow" / "scripts"))

from aelab.report.claims import UNPUBLISHED  # noqa: E402

PAGE, SPEED = REPOSITORY / "docs" / "results.md", REPOSITORY / "docs" / "speed.md"
PICTURES = REPOSITORY / "docs" / "pictures"
WIDTH = 1100


def studies() -> dict[str, dict[str, Any]]:
    """Return the content of `showcase.yaml` of each study that has one, in the order of the configuration."""
    configured = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())["studies"]
    files = {study: REPOSITORY / "workflow" / "studies" / study / "showcase.yaml" for study in configured}
    return {study: yaml.safe_load(file.read_text()) for study, file in files.items() if file.exists()}


def table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def results() -> str:
    """Return the section of docs/results.md on the results of the run."""
    metrics = pd.read_csv("results/metrics.csv").groupby("model").mean(numeric_only=True)
    claims = pd.read_csv("results/claims.csv")

    def value(model: str | None, measure: str) -> str:
        if model is None:
            return ""
        number = metrics.loc[model, measure]
        return f"{number:.1%}" if measure == "test_accuracy" else f"{number:.1f}" if number > 1 else f"{number:.4f}"

    rows = [
        [f"`{study}`", line["words"], *(value(model, line["measure"]) for model in line["models"])]
        for study, shown in studies().items()
        for line in shown["headlines"]
    ]
    claims = claims[~claims["source"].isin(UNPUBLISHED)]
    counts = {name: int((claims.verdict == name).sum()) for name in ("reproduced", "not reproduced", "undecided")}
    return "\n\n".join(
        [
            table(["study", "on the test images", "as published or asked", "corrected", "PCA"], rows),
            "MSE: mean squared error per pixel, lower is better; denoised: the same, starting from noisy images; nats: "
            "loss of a variational autoencoder, lower is better; classifier: accuracy; PCA: a linear method, for "
            "comparison.",
            f"Of {sum(counts.values())} published numbers and claims that can be judged here, models trained as "
            f"published reproduced {counts['reproduced']} and did not reproduce {counts['not reproduced']}; "
            f"{counts['undecided']} are undecided. `results/claims.csv` and the page of results give source, interval "
            "and reason for each verdict.",
            *(
                f"**`{study}`**: {shown['words']}\n\n![{study}](pictures/{study}.png)"
                for study, shown in studies().items()
            ),
        ]
    )


def speed() -> str | None:
    """Return the section of docs/speed.md from the files of `make bench`; None if there are none."""
    folder = Path("results/bench")
    if not (folder / "dry_runs.csv").exists():
        return None
    machine = pd.read_csv(folder / "machine.csv").iloc[0]
    names = ("architectures", "whole", "shares", "rules", "dry_runs")
    trained, whole, shares, rules, dry = (pd.read_csv(folder / f"{name}.csv") for name in names)
    return "\n\n".join(
        [
            f"On {machine.cores} cores ({machine.processor}, {machine.memory_gib:.0f} GiB, TensorFlow "
            f"{machine.tensorflow}). Seconds are per epoch; those of the loop are divided by the number of cores, as "
            "one model trains on each core.",
            table(
                ["model", "batch", "precision", "`fit`", "loop", "ratio", "GFLOP/s", "of the matrix product"],
                [
                    [
                        *(f"`{row.model}`", row.batch_size, row.precision),
                        *(f"{row.fit_seconds_per_epoch:.2f}", f"{row.loop_seconds_per_epoch:.2f}"),
                        *(f"{row.fit_over_loop:.1f}", f"{row.gflops:.0f}", f"{row.share_of_matrix_product:.0%}"),
                    ]
                    for row in trained.itertuples()
                ],
            ),
            table(
                ["what", "minutes", "of `fit`"],
                [[row.what, f"{row.seconds / 60:.1f}", f"{row.share_of_fit:.2f}"] for row in whole.itertuples()],
            ),
            table(
                ["what the seconds of all jobs went to", "seconds", "share"],
                [[row.what, f"{row.seconds:.0f}", f"{row.share:.1%}"] for row in shares.itertuples()],
            ),
            f"{rules.jobs_with_tensorflow.sum()} of {rules.jobs.sum()} jobs use TensorFlow, which a run loads once; "
            f"the largest job took {rules.peak_memory_mb.max() / 1000:.1f} GB.",
            table(
                ["jobs", "dry run, seconds", "MB"],
                [[row.jobs, f"{row.seconds:.1f}", f"{row.peak_memory_mb:.0f}"] for row in dry.itertuples()],
            ),
            *swept(folder / "sweep.csv"),
        ]
    )


def swept(file: Path) -> list[str]:
    """Return what a sweep took, as a sentence and a table; nothing if it was not measured."""
    if not file.exists():
        return []
    (row,) = pd.read_csv(file).to_dict("records")
    parts = {
        "epochs": row["epochs"],
        "trainings, their epochs included": row["trainings"],
        "evaluations": row["evaluations"],
        "other jobs": row["other_jobs"],
        "planning, starts and the time between jobs": row["between"],
        "all, from `snakemake` to `metrics.csv`": row["wall"],
    }
    return [
        f"A sweep of {row['models']} small models took {row['ratio']:.2f} times the seconds of its trainings and "
        "evaluations alone; seconds of jobs are divided by the number of cores:",
        table(["a sweep", "seconds"], [[what, f"{seconds:.0f}"] for what, seconds in parts.items()]),
    ]


def written(text: str, name: str, section: str) -> str:
    """Return the text of a page with one section replaced.

    Parameters
    ----------
    text : str
        The page.
    name : str
        The name in the comments before and after the section.
    section : str
        The new section.

    Raises
    ------
    ValueError
        If the page has no such comments.
    """
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    return f"{text[: text.index(begin)]}{begin}\n{section}\n{text[text.index(end) :]}"


if __name__ == "__main__":
    if not Path("results/claims.csv").exists():
        raise SystemExit("error: there is no finished run to show; run `make` first")
    PICTURES.mkdir(exist_ok=True)
    for study, shown in studies().items():
        picture = Image.open(f"results/studies/{study}/{shown['figure']}.png").convert("RGB")
        size = (WIDTH, round(picture.height * WIDTH / picture.width))
        # Other methods of choosing a palette change the colours of single points.
        picture = picture.resize(size, Image.Resampling.LANCZOS).quantize(method=Image.Quantize.FASTOCTREE)
        picture.save(PICTURES / f"{study}.png", optimize=True)
    PAGE.write_text(written(PAGE.read_text(), "results", results()))
    benchmark = speed()
    if benchmark:
        SPEED.write_text(written(SPEED.read_text(), "speed", benchmark))
