"""A sweep is its base entry with some values set, one model for each combination; and what is shown of it."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plot_sweep
import pytest
import small
import tabulate_sweep
import write_index
import write_sweep_caption

from aelab.plan import configuration
from aelab.plan.plan import Plan
from aelab.plan.swept import Swept
from aelab.report import claims, measured

RATES = {"optimizer.learning_rate": [0.5, 0.25]}


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


def swept(settings, **others):
    """What planning knows of one sweep in the default configuration, which other keys may change."""
    return Swept(Plan(configuration.load(small.default() | {"sweeps": {"lr": settings}} | others)))


def table(keys, points, losses, measured, judged="validation", measure="test_mse"):
    """The table of a sweep; points are (model, values, seeds)."""
    points = [{"model": model, "values": values, "seeds": seeds} for model, values, seeds in points]
    spec = {"keys": keys, "points": points, "measure": measure, "judged": judged}
    return tabulate_sweep.tabulated(spec, losses, measured)


# -- what is planned -------------------------------------------------------------------------------


def test_the_points_of_a_sweep_are_those_of_its_models():
    grid = {"optimizer.learning_rate": [0.5, 0.25], "batch_size": [20, 30]}
    found = swept({"base": "dense_2_corrected", "grid": grid, "seeds": [1, 7]})
    models = found.plan.models
    assert found.keys("lr") == ["batch_size", "optimizer.learning_rate"]
    for point in found.points("lr"):
        entry = models[point["model"]]
        assert point["values"] == [str(entry["batch_size"]), str(entry["optimizer"]["learning_rate"])]
        assert point["seeds"] == entry["seeds"] == [1, 7]
    files = found.files("lr", "metrics.json")
    assert len(files) == len(set(files)) == 8 and set(files) <= set(found.plan.metrics_files())


def test_a_sweep_without_keys_shows_its_seeds():
    found = swept({"base": "dense_2", "grid": {}, "seeds": [3, 1]})
    assert found.keys("lr") == ["seed"]
    assert [(point["seeds"], point["values"]) for point in found.points("lr")] == [([3], ["3"]), ([1], ["1"])]
    assert found.files("lr", "history.csv") == [f"results/models/lr/seed-{seed}/history.csv" for seed in (3, 1)]


@pytest.mark.parametrize(
    ("base", "measure"),
    [
        ("dense_2", "test_mse"),
        ("single_128_denoising", "test_mse_corrupted"),
        ("stacked_784_layer_2", "test_mse_of_codes"),
        ("vae_20", "test_negative_elbo"),
        ("conv_plane_vae", "test_negative_elbo"),
        ("conv_classifier", "test_accuracy"),
    ],
)
def test_models_are_compared_by_the_measure_of_their_kind(base, measure):
    assert swept({"base": base, "grid": {"epochs": [2, 3]}}).measure("lr") == measure
    assert measured.of(measure).words != measure.replace("_", " ")


def test_models_that_differ_in_their_measure_are_compared_by_their_reconstructions():
    grid = {"corruption": [None, "noise_unclipped"]}
    found = swept({"base": "single_128_denoising", "grid": grid})
    assert (found.measure("lr"), found.judged("lr")) == ("test_mse", "incomparable")


@pytest.mark.parametrize(
    ("base", "grid", "judged"),
    [
        ("dense_2", {"epochs": [2, 3]}, "validation"),
        ("dense_2", {"watch": ["validation", "none"]}, "nothing"),
        ("pca_2", {"code_size": [1, 2]}, "nothing"),
        ("dense_2", {"loss": ["mse", "rmse"]}, "incomparable"),
        ("dense_2", {"contractive_weight": [0, 1]}, "incomparable"),
    ],
)
def test_the_best_is_chosen_by_validation_images_or_not_at_all(base, grid, judged):
    found = swept({"base": base, "grid": grid})
    assert found.judged("lr") == judged
    assert found.tabulating("lr")["judged"] == judged


def test_a_sweep_whose_recipe_is_left_out_is_not_shown():
    sweep = {"base": "dense_2", "grid": {"epochs": [2]}}
    assert swept(sweep, recipes=["published"]).results()
    assert swept(sweep, recipes=["corrected"]).results() == []


def test_a_sweep_is_made_from_its_own_models_alone(planner, tmp_path, mnist):
    small.write(tmp_path, mnist, lambda config: config.update(sweeps={"lr": {"base": "dense_2", "grid": RATES}}))
    jobs = planner.jobs(tmp_path, "-s", str(small.REPOSITORY / "Snakefile"), "--", "sweeps")
    trained = {job.wildcards[0] for job in jobs if job.rule == "train_model"}
    assert trained == {f"lr_learning_rate_{rate}" for rate in ("0_5", "0_25")} | {"judge"}
    made = {file for job in jobs for file in job.outputs}
    shown = {"results/sweeps/lr.csv", "results/sweeps/lr.png"}
    assert shown | {"results/captions/sweeps/lr.rst", "results/page/sweeps/lr.html"} <= made
    assert not any(job.rule == "encode_images" for job in jobs)
    (needing,) = (
        job
        for job in planner.jobs(tmp_path, "-s", str(small.REPOSITORY / "Snakefile"), "--", "all")
        if job.rule == "write_manifest"
    )
    assert shown <= set(needing.inputs)


# -- what is shown ---------------------------------------------------------------------------------


def test_the_table_has_means_and_ends_over_seeds_and_marks_the_lowest_loss():
    points = [("a", ["1"], [1, 2]), ("b", ["2"], [1, 2]), ("c", ["4"], [1])]
    found = table(["batch_size"], points, [0.5, 0.3, 0.1, 0.3, 0.25], [5.0, 7.0, 9.0, 8.0, 1.0])
    assert list(found["batch_size"]) == ["1", "2", "4"]
    assert list(found["seeds"]) == [2, 2, 1]
    assert found["validation_loss"].tolist() == pytest.approx([0.4, 0.2, 0.25])
    assert found[["test_mse", "test_mse_lowest", "test_mse_highest"]].to_numpy().tolist() == [
        [6, 5, 7],
        [8.5, 8, 9],
        [1, 1, 1],
    ]
    assert list(found["model"][found["best"]]) == ["b"]


@pytest.mark.parametrize("judged", ["nothing", "incomparable"])
def test_none_is_the_best_without_losses_to_compare(judged):
    found = table(["loss"], [("a", ["mse"], [1]), ("b", ["rmse"], [1])], [0.5, 0.3], [1.0, None], judged)
    assert not found["best"].any()
    assert found["test_mse"].isna().tolist() == [False, True]
    assert found["validation_loss"].isna().all() == (judged == "nothing")


def caption(plan, found):
    """The caption of a table."""
    spec = plan.captioning("lr")
    words = write_sweep_caption.words(found, spec)
    return claims.Quantities(pd.DataFrame({"model": []}), data=words).filled(spec["text"], claims.NOT_IN_THIS_RUN)


def test_a_caption_says_what_the_table_holds():
    plan = swept({"base": "dense_2", "grid": {"epochs": [2, 3]}, "seeds": [1, 2]})
    points = [(point["model"], point["values"], point["seeds"]) for point in plan.points("lr")]
    text = caption(plan, table(["epochs"], points, [0.5, 0.3, 0.1, 0.3], [5.0, 7.0, 9.0, 8.0]))
    for said in ("2 models like ``dense_2``", "2 seeds", "``epochs``", " 6 (``lr_epochs_2``)", " 8.5"):
        assert said in text, (said, text)
    assert "best by the loss on validation images after the last epoch, ``epochs: 3``: 8.5." in text
    assert claims.NOT_IN_THIS_RUN not in text


@pytest.mark.parametrize(
    ("grid", "judged", "said"),
    [
        ({}, "validation", "3 trainings of ``dense_2``, one for each seed. The error on the test images lies between"),
        ({"watch": ["none"]}, "nothing", "not all of these models report a loss on validation images"),
        ({"loss": ["mse", "rmse"]}, "incomparable", "do not measure the same"),
    ],
)
def test_a_caption_says_why_none_is_the_best(grid, judged, said):
    plan = swept({"base": "dense_2", "grid": grid, "seeds": [1, 2, 3] if not grid else [1]})
    points = [(point["model"], point["values"], point["seeds"]) for point in plan.points("lr")]
    text = caption(plan, table(plan.keys("lr"), points, [0.1] * len(points), [1.0] * len(points), judged))
    assert said in text and claims.NOT_IN_THIS_RUN not in text
    assert ("The ring" in text) == (judged == "validation")


def drawn(keys, values, numbers, seeds=1, measure=lambda *values: sum(values)):
    """The panels of a figure of all combinations of values, with a made-up measure; the best is in the middle."""
    combinations = list(itertools.product(*(range(len(each)) for each in values)))
    points = [
        (f"m{n}", [values[i][j] for i, j in enumerate(at)], list(range(seeds))) for n, at in enumerate(combinations)
    ]
    found = [1 + measure(*at) + 0.1 * seed for at in combinations for seed in range(seeds)]
    losses = [abs(n // seeds - len(combinations) // 2) for n in range(len(found))]
    spec = {"name": "lr", "keys": dict(zip(keys, values, strict=True)), "numbers": numbers, "measure": "test_mse"}
    figure = plot_sweep.draw(table(keys, points, losses, found), spec)
    figure.draw_without_rendering()
    axes = figure.axes
    plt.close(figure)
    return axes


def ring(axes):
    """Where the best is marked."""
    (marked,) = (each for each in axes.collections if each.get_label() == "best by validation")
    return marked.get_offsets()[0].tolist()


def test_one_key_is_one_line_with_its_seeds_as_bars():
    (axes,) = drawn(["rate"], [["0.001", "0.01", "0.1"]], ["rate"], seeds=3)
    (line,) = axes.lines
    assert line.get_xydata().tolist() == pytest.approx(np.array([[0.001, 1.1], [0.01, 2.1], [0.1, 3.1]]))
    bars = np.array(axes.collections[0].get_segments())[:, :, 1]
    assert bars == pytest.approx(np.array([[1, 1.2], [2, 2.2], [3, 3.2]]))
    assert axes.get_xscale() == "log"
    assert ring(axes) == pytest.approx([0.01, 2.1])


def test_two_keys_are_two_panels_with_a_line_for_each_value_of_the_other():
    first, second = drawn(["rate", "width"], [["1", "2"], ["10", "20", "30"]], ["rate", "width"])
    assert [len(axes.lines) for axes in (first, second)] == [3, 2]
    assert [text.get_text() for text in first.get_legend().get_texts()][:3] == ["10", "20", "30"]
    assert first.get_legend().get_title().get_text() == "width"
    assert (ring(first), ring(second)) == ([2, 2], [10, 2])


def test_values_that_are_no_numbers_stand_side_by_side():
    (axes,) = drawn(["optimizer.kind"], [["adam", "sgd", "[50, 2]"]], [])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["adam", "sgd", "[50, 2]"]
    assert axes.lines[0].get_xdata().tolist() == [0, 1, 2]


def test_many_combinations_are_dots_with_the_best_and_the_median_of_each_value():
    values = [[str(n) for n in range(1, 6)] for _ in range(3)]
    panels = drawn(["a", "b", "c"], values, ["a", "b", "c"])
    assert len(panels) == 3
    for axes in panels:
        dots, best, median = axes.lines
        assert len(dots.get_xdata()) == 125
        assert best.get_ydata().tolist() == [1 + n for n in range(5)]
        assert median.get_ydata().tolist() == [1 + n + 4 for n in range(5)]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (["1", "2", "3", "4"], "linear"),
        (["0.001", "0.002", "0.004"], "log"),
        (["0", "1", "10"], "linear"),
        (["5"], "linear"),
    ],
)
def test_an_axis_is_logarithmic_if_its_values_are_even_on_it(values, scale):
    (axes,) = drawn(["rate"], [values], ["rate"])
    assert axes.get_xscale() == scale


def test_long_values_leave_room_for_the_figure():
    long = '{"widths": [100, 50, 2], "activations": ["relu", "relu", "linear"]}'
    (axes,) = drawn(["encoder"], [[long, long.replace("relu", "tanh")]], [])
    assert axes.get_position().height > 0.5


def test_the_index_leads_to_every_sweep_and_says_nothing_without_one():
    assert write_index.sweeps([]) == ""
    html = write_index.sweeps([{"name": "lr", "models": 1000}])
    assert 'href="page/sweeps/lr.html"' in html and "1,000 models" in html
