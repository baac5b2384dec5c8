"""A few kills of the real workflow at random moments; `python tests/faults.py` does it at length."""

import os
import random

import faults

CAUSES = (faults.snakemake_killed, faults.job_killed, faults.all_killed, faults.interrupted)


def test_killed_runs_end_as_undisturbed_ones(mnist_folder, tmp_path, capsys):
    seed = int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(10**6)))
    with capsys.disabled():
        print()
        wrong = faults.carry_out(
            tmp_path,
            mnist_folder,
            faults=3,
            seed=seed,
            models=("judge", "dense_2"),
            causes=[*random.Random(seed).sample(CAUSES, 2), faults.terminated_while_recording],
        )
    assert not wrong, "\n".join(wrong)
