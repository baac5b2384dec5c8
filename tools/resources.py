"""Write what each rule needs on a cluster into profiles/slurm/config.yaml. `make resources` runs it after a full run.

It reads the timings that Snakemake has taken of a finished run (`results/timings/`). A rule that needs more memory or
time than the profile's `default-resources` gets a line of its own. Trainings are compared with the time that planning
allows them (`aelab.plan.effort`); their memory is measured like that of other rules.
"""

import argparse
import csv
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.append(str(REPOSITORY / "workflow" / "scripts"))

from aelab.plan import effort  # noqa: E402

PROFILE = REPOSITORY / "profiles" / "slurm" / "config.yaml"
BLOCK = re.compile(r"(?<=# <resources>\n).*?(?=# </resources>\n)", re.DOTALL)

# Memory is asked for in steps, half as much again as was measured.
STEP, SPARE = 500, 1.5  # MB, 1


@dataclass(frozen=True)
class Need:
    """What jobs of a rule need at most.

    Parameters
    ----------
    seconds : float
        Wall time.
    memory : float
        Resident memory in MB.
    """

    seconds: float
    memory: float

    @property
    def runtime(self) -> int:
        """Minutes to ask for: those of a slow machine, and as many as a training's start takes there."""
        return math.ceil(effort.MARGIN * (effort.START + self.seconds) / 60)

    @property
    def mem_mb(self) -> int:
        """Memory to ask for, in MB."""
        return STEP * math.ceil(self.memory * SPARE / STEP)


def measured(timings: Path) -> dict[str, Need]:
    """Return what the jobs of each rule took at most.

    Parameters
    ----------
    timings : Path
        The folder `results/timings` of a run: `<rule>.tsv` or `<rule>/<wildcards>.tsv`.

    Returns
    -------
    dict of str to Need
        By rule. Memory is 0 for jobs that ended before Snakemake looked.
    """
    found: dict[str, Need] = {}
    for path in sorted(timings.rglob("*.tsv")):
        with open(path, newline="") as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        rule = path.relative_to(timings).parts[0].removesuffix(".tsv")
        memory = float(row["max_rss"]) if re.match(r"[\d.]+$", row["max_rss"]) else 0.0
        before = found.get(rule, Need(0.0, 0.0))
        found[rule] = Need(max(before.seconds, float(row["s"])), max(before.memory, memory))
    return found


def block(needs: Mapping[str, Need], profile: str) -> str:
    """Return the lines `set-resources` of a profile for rules that need more than its defaults.

    Parameters
    ----------
    needs : mapping of str to Need
        What was measured, by rule.
    profile : str
        The text of the profile. Its defaults are multiples of `attempt`.

    Returns
    -------
    str
        The lines; empty if the defaults are enough for every rule.
    """
    default = {key: int(re.search(rf"{key}: attempt \* (\d+)", profile)[1]) for key in ("mem_mb", "runtime")}
    lines = []
    for rule, need in sorted(needs.items()):
        keys = ["mem_mb"] if rule == "train_model" else ["mem_mb", "runtime"]
        more = [f"    {key}: attempt * {getattr(need, key)}" for key in keys if getattr(need, key) > default[key]]
        lines += [f"  {rule}:", *more] if more else []
    return "".join(f"{line}\n" for line in ["set-resources:", *lines]) if lines else ""


def updated(profile: str, needs: Mapping[str, Need]) -> str:
    """Return the text of a profile with these needs in its block."""
    return BLOCK.sub(lambda _: block(needs, profile), profile)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=Path("results"), help="the results of a full run")
    parser.add_argument("--show", action="store_true", help="print what was measured, and write nothing")
    arguments = parser.parse_args()
    needs = measured(arguments.results / "timings")
    if not needs:
        sys.exit(f"{arguments.results}/timings holds no timings: carry out a run first")
    for rule, need in sorted(needs.items(), key=lambda item: -item[1].seconds):
        print(f"{rule:28s} {need.seconds:8.1f} s {need.memory:8.0f} MB")
    if not arguments.show:
        PROFILE.write_text(updated(PROFILE.read_text(), needs))
