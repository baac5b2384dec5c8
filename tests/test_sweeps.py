"""A sweep is its base entry with some values set, one model for each combination."""

import small

from aelab.plan import configuration


def test_a_sweep_sets_its_values_and_leaves_its_base_alone():
    grid = {"optimizer.learning_rate": [0.5, 0.25], "encoder.widths.0": [9, 10]}
    plain = configuration.load(small.default())["models"]
    swept = configuration.load(small.default() | {"sweeps": {"lr": {"base": "dense_2", "grid": grid}}})["models"]
    assert {name: swept[name] for name in plain} == plain
    base, made = plain["dense_2"], [entry for name, entry in swept.items() if name not in plain]
    expected = [
        base
        | {"encoder": base["encoder"] | {"widths": [width, *base["encoder"]["widths"][1:]]}}
        | {"optimizer": base["optimizer"] | {"learning_rate": rate}}
        for width in grid["encoder.widths.0"]
        for rate in grid["optimizer.learning_rate"]
    ]
    assert made == expected
