"""A search trains every point of its grid, names the best by validation images, and reads no test image."""

import re

import choose_settings
import fast_yaml
import pandas as pd
import pytest
import searches
import small

from aelab.errors import ConfigurationError
from aelab.plan import configuration
from aelab.plan.plan import Plan

RATES = {"optimizer.learning_rate": [0.5, 0.25]}


def with_searches(searched):
    """The default configuration with searches."""
    return configuration.load(small.default() | {"searches": searched})


def test_a_search_trains_each_point_of_its_grid_and_watches_validation_images():
    config = with_searches({"rates": {"base": "vae_20_corrected", "grid": RATES, "split": "first_50k", "seeds": [3]}})
    plan = Plan(config)
    points = plan.searching("rates")["points"]
    assert [config["models"][point["model"]]["optimizer"]["learning_rate"] for point in points] == [0.5, 0.25]
    for point in points:
        entry = config["models"][point["model"]]
        assert (entry["watch"], entry["split"], entry["seeds"]) == ("validation", "first_50k", [3])


def test_a_point_that_collapses_may_just_lose():
    rates = {"base": "dense_2_corrected", "grid": RATES, "may_collapse": True}
    config = with_searches({"rates": rates, "strict": {**rates, "may_collapse": False}})
    collapsing = [
        config["models"][config["searches"][name]["models"][0]]["may_collapse"] for name in ("rates", "strict")
    ]
    assert collapsing == [True, False]


def test_a_search_without_validation_images_is_refused():
    with pytest.raises(ConfigurationError, match=r"searches\.rates\.split.*validation"):
        with_searches({"rates": {"base": "vae_20_corrected", "grid": RATES, "split": "all_60k"}})


def test_the_configuration_has_the_settings_that_were_chosen():
    """Those of docs/searches.md, which `make search` writes."""
    page = (small.REPOSITORY / "docs" / "searches.md").read_text()
    searched = fast_yaml.safe_load((small.REPOSITORY / "config" / "search.yaml").read_text())["searches"]
    row = r"^\| `(\w+)` \| `optimizer\.learning_rate` \| \d+ \|.*\*\*([\d.e-]+): "
    chosen = dict(re.findall(row, page, re.MULTILINE))
    assert chosen.keys() == searched.keys()
    models = configuration.load(small.default())["models"]
    configured = {
        search: models[settings["base"]]["optimizer"]["learning_rate"] for search, settings in searched.items()
    }
    assert configured == {search: float(rate) for search, rate in chosen.items()}


def test_a_search_that_is_run_alone_leaves_the_lines_of_the_others(tmp_path):
    row = "| `{}` | `optimizer.learning_rate` | 1 | **{:g}: {}** |\n"
    page = tmp_path / "searches.md"
    page.write_text(f"before\n{searches.BEGIN}\n" + row.format("b", 1, 1) + row.format("c", 2, 2) + f"{searches.END}\n")
    rate = "optimizer.learning_rate"
    columns = {rate: [4.0], "model": ["b_1"], "validation_loss": [3], "low": [3], "high": [3], "seeds": [1]}
    pd.DataFrame({**columns, "chosen": [True]}).to_csv(tmp_path / "b.csv", index=False)
    searches.main(tmp_path, page)
    head, foot = page.read_text().split(searches.BEGIN)[0], page.read_text().split(searches.END)[1]
    assert (head, foot) == ("before\n", "\n")
    assert page.read_text().count("\n| `") == 2
    assert row.format("b", 4, 3) + row.format("c", 2, 2) in page.read_text()


def test_the_point_with_the_lowest_mean_loss_is_chosen():
    points = [{"model": "a"}, {"model": "b"}, {"model": "c"}, {"model": "d"}]
    grid = {"y": [1, 2], "x": ["p", "q"]}
    table = choose_settings.chosen(grid, points, [[0.3, 0.5], [0.1, 0.5], [0.2, 0.2], [0.9, 0.0]])
    assert list(table.loc[table["chosen"], "model"]) == ["c"]
    assert list(zip(table["x"], table["y"], strict=True)) == [("p", "1"), ("p", "2"), ("q", "1"), ("q", "2")]


def test_nothing_on_the_way_to_a_choice_reads_a_test_image(planner, tmp_path, mnist):
    """Of every search of the repository, trainings of layers and their codes included."""
    small.write(tmp_path, mnist)
    overlay = small.REPOSITORY / "config" / "search.yaml"
    searched = fast_yaml.safe_load(overlay.read_text())["searches"]
    jobs = planner.jobs(
        tmp_path,
        *("-s", str(small.REPOSITORY / "Snakefile"), "--replace-workflow-config"),
        *("--configfile", "config/config.yaml", str(overlay), "--", "searches"),
    )
    assert sum(job.rule == "choose_settings" for job in jobs) == len(searched) > 20
    reading = {job.label for job in jobs if any("t10k" in file or "test" in file for file in job.inputs)}
    # Of the models that a searched one starts from, some report a loss on test images, as an assignment asks.
    points = {label for search in searched for label in reading if f" {search}_learning_rate" in label}
    assert not points
    assert {label.split()[0] for label in reading} <= {"train_model"}
    assert all(file.endswith("history.csv") for job in jobs if job.rule == "choose_settings" for file in job.inputs)
