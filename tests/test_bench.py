"""What `make bench` adds up: trainings that count once, operations, shares of a run."""

import json

import bench
import bench_sweep
import pytest


@pytest.fixture(scope="module")
def published():
    return bench.published_trainings(bench.configuration())


def test_every_published_training_is_measured_once(published):
    config = bench.configuration()
    trained = {
        name
        for name, entry in config["models"].items()
        if entry["recipe"] in ("asked", "published") and entry.get("epochs")
    }
    assert trained <= published.keys()
    measured = {plan["measured_as"] for plan in published.values()}
    assert all(published[name]["measured_as"] == name for name in measured)
    for plan in published.values():
        like = published[plan["measured_as"]]
        assert plan["entry"]["kind"] == like["entry"]["kind"]
        assert plan["entry"]["batch_size"] == like["entry"]["batch_size"]


def test_updates_count_as_parts_of_epochs(published):
    # 500 batches of 100 out of 55,000 images
    assert published["stacked_784_softmax_layer_1"]["epochs"] == pytest.approx(500 / 550)


def test_operations_of_dense_layers():
    from aelab.kinds import architectures

    entry = bench.configuration()["models"]["single_128"]
    assert bench.flops_per_image(architectures.create(entry)) == 6 * 2 * 784 * 128


def test_operations_of_every_published_architecture(published):
    """A tied decoder multiplies by the encoder's kernel, and so has as many."""
    from aelab.kinds import architectures

    for name in {plan["measured_as"] for plan in published.values()}:
        entry = published[name]["entry"]
        operations = bench.flops_per_image(architectures.create(entry))
        assert operations > 0
        if entry.get("tied"):
            (width,) = entry["encoder"]["widths"]
            assert operations == 6 * 2 * entry.get("input_size", 784) * width


def test_a_measurement_that_fails_says_why():
    with pytest.raises(SystemExit, match="KeyError"):
        bench.answer(bench.child("train", "no_such_model", "fit", 1))


def test_fit_trains_the_same_model(monkeypatch):
    """With TensorFlow's own softplus and cross-entropy in place of ours, to rounding."""
    import numpy as np
    import tensorflow as tf
    from keras_models import in_numpy, negative_elbo, weighted

    from aelab.kinds import architectures
    from aelab.training import losses, networks

    monkeypatch.setattr(networks, "OWN_ACTIVATIONS", dict(networks.OWN_ACTIVATIONS))
    monkeypatch.setattr(losses, "cross_entropy_of_logits", losses.cross_entropy_of_logits)
    entry = bench.configuration()["models"]["vae_20"]
    ours = weighted(architectures.create(entry))
    users = bench.as_users_have_it(entry)
    assert ours.networks["encoder"].layers[0].activation is not users.networks["encoder"].layers[0].activation
    for own, other in zip(ours.variables, users.variables, strict=True):
        other.assign(own)
    images = np.random.default_rng(1).random((4, 784), np.float32)
    noise = tf.random.stateless_normal((4, entry["code_size"]), [1, 2]).numpy()
    expected, error = negative_elbo(in_numpy(ours), images, noise)
    for model in (ours, users):
        assert float(model.loss(images, images, [1, 2], training=True)) == pytest.approx(expected, rel=0, abs=error)


def test_a_start_that_is_not_reproduced_is_not_the_last():
    assert bench.reproduced([{"seconds": 1.05}, {"seconds": 3.0}, {"seconds": 1.0}])
    assert not bench.reproduced([{"seconds": 1.2}, {"seconds": 1.0}])


def test_shares_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header = "s\th:m:s\tmax_rss"
    for path, seconds in (
        ("train_model/a/seed-1.tsv", 10),
        ("evaluate_model/a/1.tsv", 4),
        ("plot_codes.tsv", 6),
    ):
        file = tmp_path / "results/timings" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{header}\n{seconds}\t0:00:01\t100\n")
    timings = tmp_path / "results/models/a/seed-1/timings.json"
    timings.parent.mkdir(parents=True)
    timings.write_text(json.dumps({"seconds_per_epoch": [3, 5]}))
    shares = {row["what"]: row["seconds"] for row in bench.shares_table(bench.benchmarks())}
    assert shares["training"] == 8
    assert shares["judging"] == 4
    assert shares["all around them"] == 20 - 8 - 4
    rows = [{"model": "a", "fit_seconds_per_epoch": 7.0}]
    published = {"a": {"measured_as": "a", "epochs": 2, "seeds": [1, 2]}}
    whole = {row["what"]: row for row in bench.whole_table(rows, bench.benchmarks(), published)}
    assert whole["published models, fit, one after the other"]["seconds"] == 28
    assert whole["all jobs of the last run"]["seconds"] == pytest.approx(20 / bench.cores())
    assert whole["all jobs of the last run"]["share_of_fit"] == pytest.approx(20 / bench.cores() / 28)


def test_rules_of_a_run(finished_run, monkeypatch):
    monkeypatch.chdir(finished_run.folder)
    rows = {row["rule"]: row for row in bench.rules_table(bench.benchmarks())}
    assert {rule for rule, row in rows.items() if row["jobs_with_tensorflow"]} == {
        "train_model",
        "differentiate_models",
    }
    assert rows["train_model"]["jobs_with_tensorflow"] == rows["train_model"]["jobs"] > 20
    assert {"make_split", "make_training_split", "write_bottleneck_captions"} <= rows.keys()
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1)


def test_a_sweep_is_compared_with_its_trainings_and_evaluations(tmp_path):
    header = "s\th:m:s\tmax_rss"
    jobs = {"train_model/a/seed-1": 10, "train_model/b/seed-1": 6, "evaluate_model/a/seed-1": 4, "collect_metrics": 2}
    for path, seconds in jobs.items():
        file = tmp_path / "results/timings" / f"{path}.tsv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{header}\n{seconds}\t0:00:01\t100\n")
    timings = tmp_path / "results/models/a/seed-1/timings.json"
    timings.parent.mkdir(parents=True)
    timings.write_text(json.dumps({"seconds_per_epoch": [3, 5]}))
    row = bench_sweep.row(tmp_path, wall=15.0, cores=2)
    assert (row["models"], row["jobs"]) == (2, 4)
    assert (row["trainings"], row["epochs"], row["evaluations"], row["other_jobs"]) == (8, 4, 2, 1)
    assert (row["between"], row["ratio"]) == (4, 1.5)


def test_the_documentation_says_what_a_sweep_took(tmp_path):
    import pandas as pd
    import showcase

    row = dict.fromkeys(("epochs", "trainings", "evaluations", "other_jobs"), 1.0)
    row |= {"models": 1002, "wall": 15.0, "between": 4.0, "ratio": 1.25}
    pd.DataFrame([row]).to_csv(tmp_path / "sweep.csv", index=False)
    sentence, table = showcase.swept(tmp_path / "sweep.csv")
    assert "1002 small models took 1.25 times" in sentence
    assert "| planning, starts and the time between jobs | 4 |" in table
    assert showcase.swept(tmp_path / "none.csv") == []


def test_the_swept_models_are_as_many_as_asked_for_and_can_be_planned(tmp_path):
    from aelab.plan import configuration, strict_yaml
    from aelab.plan.plan import Plan

    folder = bench_sweep.prepared(tmp_path / "sweep", bench_sweep.configuration(1000, seeds=2))
    plan = Plan(configuration.load(strict_yaml.read_yaml(folder / "config" / "config.yaml")))
    assert len(plan.sweeps["rates"]["models"]) == 1000
    assert sum(model in plan.sweeps["rates"]["models"] for model, _ in plan.runs()) == 2000
    (folder / "results").mkdir()
    with pytest.raises(SystemExit, match="has results already"):
        bench_sweep.prepared(folder, {})
