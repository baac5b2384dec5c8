"""The study of representations: probes, neighbourhoods, fine-tuned classifiers, and what becomes of them."""

import copy

import answer_representations
import measure_planes
import numpy as np
import pandas as pd
import plot_starts
import probe_codes
import pytest
import small
from keras_models import in_numpy
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression

from aelab.analysis import probes
from aelab.errors import ConfigurationError, LabError
from aelab.files.atomic import write_table
from aelab.kinds import architectures
from aelab.plan import configuration

IMAGES, LABELS = load_digits(return_X_y=True)
IMAGES = (IMAGES / 16).astype(np.float32)


def random(seed):
    return np.random.default_rng(seed)


# -- neighbourhoods ----------------------------------------------------------------------------------


def test_a_plane_that_is_the_images_keeps_all_neighbours_and_one_by_chance_does_not():
    points, labels = random(1).normal(size=(60, 2)), np.arange(60) % 3
    turned = 3 * points @ np.array([[0.6, 0.8], [-0.8, 0.6]]) + 5
    chance = random(2).normal(size=(60, 2))

    def measured(codes):
        return measure_planes.measured((codes, labels), (codes, labels), np.arange(60), points, 5)

    assert measured(turned) == {
        "one_nn": 1,
        "ten_nn": measured(points)["ten_nn"],
        "trustworthiness": 1,
        "continuity": 1,
    }
    assert 0.3 < measured(chance)["trustworthiness"] < 0.7 and 0.3 < measured(chance)["continuity"] < 0.7


# -- probes ------------------------------------------------------------------------------------------


def test_as_many_images_of_each_class_are_labelled_and_fewer_are_among_more():
    few, more = (probes.labelled(LABELS, n, random(3)) for n in (4, 20))
    assert np.bincount(LABELS[more]).tolist() == [20] * 10 and len(set(more)) == 200
    assert set(few) < set(more)
    with pytest.raises(ValueError, match="1000 images of class 0, which has 178"):
        probes.labelled(LABELS, 1000, random(3))


@pytest.mark.parametrize("penalty", probes.PENALTIES)
def test_a_probe_is_where_its_objective_has_no_slope(penalty):
    (codes,) = probes.normalised(IMAGES[:500])
    probe = probes.fitted(codes, LABELS[:500], penalty)
    wrong = probe.predict_proba(codes) - (LABELS[:500, None] == np.arange(10))
    assert np.abs(wrong.T @ codes / len(codes) + penalty * probe.coef_).max() < 1e-5
    assert np.abs(wrong.mean(0)).max() < 1e-5
    assert np.abs(penalty * probe.coef_).max() > 2e-5


def test_normalised_codes_keep_their_shape():
    codes, others = probes.normalised(5 * IMAGES + 2, 5 * IMAGES[:7] + 2)
    assert np.square(codes).sum(1).mean() == pytest.approx(1) and np.abs(codes.mean(0)).max() < 1e-9
    assert others == pytest.approx(codes[:7])
    assert np.linalg.norm(codes[0] - codes[1]) / np.linalg.norm(codes[2] - codes[3]) == pytest.approx(
        np.linalg.norm(IMAGES[0] - IMAGES[1]) / np.linalg.norm(IMAGES[2] - IMAGES[3]), rel=1e-5
    )
    assert np.isfinite(probes.normalised(np.ones((3, 2)))[0]).all()


def test_a_linear_probe_reads_digits_about_as_well_as_another_one():
    """Against scikit-learn's with a strength that suits these images."""
    train, test = slice(0, 1000), slice(1000, None)
    found = probes.linear(IMAGES[train], LABELS[train], IMAGES[test])
    other = LogisticRegression(C=1, max_iter=500).fit(IMAGES[train], LABELS[train]).score(IMAGES[test], LABELS[test])
    assert (found == LABELS[test]).mean() == pytest.approx(other, abs=0.02) and other > 0.9
    assert probes.linear(IMAGES[train], LABELS[train] + 3, IMAGES[test]).tolist() == (found + 3).tolist()


def test_the_penalty_is_the_best_one_on_labelled_images_that_were_held_out(monkeypatch):
    """With noise alone for codes, the more the weights cost the better; with clear ones, the less."""
    labels = np.repeat(np.arange(4), 20)
    assert probes.chosen_penalty(probes.normalised(random(5).normal(size=(80, 40)))[0], labels) == max(probes.PENALTIES)
    clear = np.eye(4)[labels] + 0.01 * random(6).normal(size=(80, 4))
    assert probes.chosen_penalty(probes.normalised(clear)[0], labels) == min(probes.PENALTIES)


def test_the_least_squared_error_is_that_of_linear_regression():
    codes = IMAGES[:400] @ random(7).normal(size=(64, 12))
    wanted = np.eye(10)[LABELS[:400]]
    left = wanted - LinearRegression().fit(codes, wanted).predict(codes)
    assert probes.least_squared_error(codes, LABELS[:400]) == pytest.approx(np.square(left).sum(1).mean())


def test_no_linear_code_leaves_less_error_than_the_pixels():
    pixels = probes.least_squared_error(IMAGES, LABELS)
    for size in (2, 16, 40):  # some of the 64 pixels are the same in all images
        code = IMAGES @ probes.random_projection(64, size, random(size))
        assert probes.least_squared_error(code, LABELS) > pixels
    assert probes.least_squared_error(IMAGES @ random(8).normal(size=(64, 64)), LABELS) == pytest.approx(pixels)
    assert probes.least_squared_error(IMAGES**2, LABELS) != pytest.approx(pixels)


def test_images_of_one_code_get_one_class():
    codes = np.array([[0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    assert probes.ceiling(codes, np.array([3, 3, 1, 2, 1, 0])) == pytest.approx(4 / 6)
    assert probes.ceiling(np.arange(6)[:, None], np.array([3, 3, 1, 2, 1, 0])) == 1
    for k in (1, 3):
        rounded, labels = np.round(IMAGES[:400, 20 : 20 + k] * 2), LABELS[:400]
        found = probes.linear(rounded, labels, rounded)
        assert (found == labels).mean() <= probes.ceiling(rounded, labels) < 1


def test_random_projections_are_orthonormal_and_go_in_all_directions():
    columns = probes.random_projection(64, 5, random(9))
    assert columns.T @ columns == pytest.approx(np.eye(5), abs=1e-12)
    first = np.array([probes.random_projection(3, 1, random(n))[:, 0] for n in range(400)])
    assert np.abs(first.mean(0)).max() < 0.1 and np.square(first).mean(0) == pytest.approx([1 / 3] * 3, abs=0.05)


# -- the study ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def probed():
    """What becomes of the pixels of the digits and of one pixel of them, with 10 and 30 labels a class and all."""
    pixels = np.round(IMAGES * 255).astype(np.uint8)
    train, test = (pixels[:1400], LABELS[:1400]), (pixels[1400:], LABELS[1400:])
    labelled = list(probe_codes.draws(train[1], [{"a_class": 10, "draws": 2}, {"a_class": 30, "draws": 1}], run=1))
    one = probe_codes.Projection(np.eye(64)[:, 20:21])
    models = {"pixels": probe_codes.Projection(), "one": one}
    return {name: probe_codes.probed(model, train, test, labelled, True) for name, model in models.items()}


def test_numbers_of_labels_that_a_class_lacks_are_left_out():
    settings = [{"a_class": 10, "draws": 2}, {"a_class": 1000, "draws": 1}]
    assert [(n, draw, len(rows)) for n, draw, rows in probe_codes.draws(LABELS, settings, 1)] == [
        (10, 1, 100),
        (10, 2, 100),
    ]
    assert [(n, draw) for n, draw, _ in probe_codes.draws(LABELS, settings[1:], 1)] == [(174, 1)]
    first, other = (next(probe_codes.draws(LABELS, settings, run))[2] for run in (1, 2))
    assert set(first) != set(other)


def test_more_labels_are_better_and_a_pixel_is_worse_than_all(probed):
    rows, limits = probed["pixels"]
    few, many, every = ([row for row in rows if row["a_class"] == n] for n in (10, 30, 0))
    assert (len(few), len(many), len(every)) == (2, 1, 1)
    for by in ("probe", "nearest"):
        assert few[0][by] < many[0][by] < every[0][by] and every[0][by] > 0.85
        assert probed["one"][0][0][by] < 0.4
    assert limits["ceiling"] == 1 and limits["squared_error"] < probed["one"][1]["squared_error"]


def answered(probed, planes, change=lambda table: table):
    tables = [
        pd.DataFrame([{"representation": name, **row} for row in rows]) for name, (rows, _) in sorted(probed.items())
    ]
    limits = [pd.DataFrame([{"representation": name, **row}]) for name, (_, row) in sorted(probed.items())]
    table = change(answer_representations.by_representation(tables, limits, ["published", "references"]))
    return table, dict(answer_representations.answers(table, planes, ["one"]))


PLANES = pd.DataFrame({"representation": ["a", "b"], "group": "published", "one_nn": [0.5, 0.6], "ten_nn": [0.8, 0.7]})


def test_answers_are_means_over_draws_with_their_limits(probed):
    table, answers = answered(probed, PLANES)
    assert list(table["representation"]) == ["one", "pixels"]
    both = [row["probe"] for row in probed["pixels"][0] if row["a_class"] == 10]
    assert answers["pixels.probe_10"] == pytest.approx(np.mean(both)) and both[0] != both[1]
    assert answers["pixels.nearest_all"] == probed["pixels"][0][-1]["nearest"]
    assert answers["b.one_nn"] == 0.6 and answers["planes.best_ten_nn"] == 0.8
    assert answers["beyond_the_ceiling"] == 0 and answers["linear.least_excess"] > 0.1
    assert answers["pixels.probe_few"] == answers["pixels.probe_10"] and answers["labels.few"] == 10
    assert answers["pixels.nearest_most"] == answers["pixels.nearest_30"] and answers["labels.most"] == 30
    columns = [column for column in table if column.startswith("probe")]
    assert columns == ["probe_10", "probe_30", "probe_all"]


def test_a_linear_code_that_holds_all_pixels_has_no_excess(probed):
    """Whatever its rounding; one that leaves less than the pixels would be seen."""
    for error, excess in ((1e-9, 0), (-1e-9, 0), (-1e-3, -1e-3)):
        same = {"pixels": probed["pixels"], "one": (probed["one"][0], dict(probed["pixels"][1]))}
        same["one"][1]["squared_error"] += error
        assert answered(same, PLANES)[1]["linear.least_excess"] == excess


def test_an_accuracy_above_its_ceiling_is_counted(probed):
    _, answers = answered(probed, PLANES, lambda table: table.assign(ceiling=table["nearest_all"]))
    assert answers["beyond_the_ceiling"] > 0


def test_shares_of_models_that_are_better_than_the_pixels(probed):
    table, _ = answered(probed, PLANES)
    better = table.iloc[[0]].assign(representation="model", probe_10=0.99, nearest_10=0.01)
    answers = dict(answer_representations.answers(pd.concat([table, better]), PLANES, ["one"]))
    assert (answers["models"], answers["better_than_pixels.probe_10"]) == (1, 1)
    assert answers["better_than_pixels.nearest_10"] == 0 and answers["best.probe_10"] == 0.99


def test_classifiers_are_told_apart_by_their_start():
    classifiers = [{"name": "a", "labels": 100, "start": None}, {"name": "b", "labels": 100, "start": "encoder"}]
    table = answer_representations.of_classifiers(classifiers, [{"test_accuracy": 0.5}, {"test_accuracy": 0.75}])
    assert list(table["start"]) == ["random weights", "encoder"]
    assert plot_starts.finding(table.assign(error=100 * (1 - table["accuracy"]))) == (
        "With 100 labels the best start is encoder (25 % wrong)"
    )


# -- the kind dense_classifier -----------------------------------------------------------------------

DENSE = {
    "kind": "dense",
    "image_shape": (8, 8),
    "encoder": {"widths": [12, 5], "activations": ["relu", "linear"]},
    "decoder": {"widths": [12, 64], "activations": ["relu", "sigmoid"]},
    "loss": "mse",
}
CLASSIFIER = {"kind": "dense_classifier", "image_shape": (8, 8), "classes": 10, "encoder": DENSE["encoder"]}


def test_a_classifier_starts_from_the_encoder_and_has_a_head_of_its_own(tmp_path):
    encoder, classifier = architectures.create(DENSE), architectures.create(CLASSIFIER)
    encoder.save(tmp_path / "weights.npz")
    head = classifier.networks["classifier"].get_weights()
    classifier.load(tmp_path / "weights.npz", partly=True)
    assert all(np.array_equal(a, b) for a, b in zip(head, classifier.networks["classifier"].get_weights(), strict=True))
    applied = in_numpy(classifier)
    assert np.abs(applied.through("encoder", IMAGES) - in_numpy(encoder).encode(IMAGES)).max() == 0
    probabilities = applied.encode(IMAGES)
    assert probabilities.shape == (len(IMAGES), 10) and probabilities.sum(1) == pytest.approx(np.ones(len(IMAGES)))
    assert np.abs(probabilities - classifier.code(IMAGES)).max() < 1e-5
    other = architectures.create(CLASSIFIER | {"encoder": {"widths": [11, 5], "activations": ["relu", "linear"]}})
    with pytest.raises(LabError, match="has the shape"):
        other.load(tmp_path / "weights.npz", partly=True)


def test_all_layers_of_the_classifier_are_trained():
    names = architectures.create(CLASSIFIER).description["trained"]
    assert [name.rsplit("/", 2)[-2] for name in names[::2]] == ["encoder_1", "encoder_2", "logits"]


# -- mistakes in the configuration -------------------------------------------------------------------


def changed(change):
    config = small.default()
    change(config["models"], config["studies"]["representations"])
    return config


MISTAKES = {
    "starts_from_another_kind": (
        lambda models, study: models["classifier_few"].update(starts_from="vae_20"),
        r"models\.classifier_few\.starts_from.*'vae_20'.*widths 512-128",
    ),
    "starts_from_other_widths": (
        lambda models, study: models["classifier_few"].update(starts_from="single_128"),
        r"models\.classifier_few\.starts_from.*'single_128'.*widths 512-128",
    ),
    "starts_from_a_model_of_codes": (
        lambda models, study: models["classifier_few"].update(
            starts_from="deep_128_layer_2", encoder={"widths": [128], "activations": ["linear"]}
        ),
        r"models\.classifier_few\.starts_from.*'deep_128_layer_2'.*on images",
    ),
    "another_kind_of_classifier": (
        lambda models, study: study.update(classifiers=["conv_classifier"]),
        r"representations\.classifiers\.0.*conv_classifier of kind conv_classifier.*dense_classifier",
    ),
    "no_classifier": (
        lambda models, study: study.update(classifiers=["dense_2"]),
        r"representations\.classifiers\.0.*'dense_2'.*a classifier",
    ),
    "labels_that_do_not_increase": (
        lambda models, study: study.update(labels=[{"a_class": 100}, {"a_class": 10}]),
        r"representations\.labels.*\[100, 10\] a class.*increasing order",
    ),
    "too_few_labels": (
        lambda models, study: study.update(labels=[{"a_class": 1}]),
        r"representations\.labels\.0\.a_class",
    ),
    "all_labels_of_nothing": (
        lambda models, study: study.update(all_labels_of=["random_3"]),
        r"representations\.all_labels_of\.0.*'random_3'",
    ),
    "neighbours_of_too_small_a_sample": (
        lambda models, study: study["neighbourhoods"].update(images=20, neighbours=10),
        r"representations\.neighbourhoods\.neighbours.*less than half of 20 images",
    ),
    "a_published_share_above_1": (
        lambda models, study: study.update(published_planes=[{"name": "x", "ten_nn": 96.5}]),
        r"representations\.published_planes\.0\.ten_nn",
    ),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_refused(change, message):
    with pytest.raises(ConfigurationError, match=message):
        configuration.load(copy.deepcopy(changed(change)))


def test_random_projections_larger_than_an_image_are_left_out():
    assert list(probe_codes.references(64, [2, 64, 65])) == ["pixels", "random_2", "random_64"]


def test_the_table_of_planes_may_be_empty(probed, tmp_path):
    _, answers = answered(probed, PLANES.iloc[:0])
    assert "planes.best_ten_nn" not in answers
    write_table(tmp_path / "planes.csv", PLANES.iloc[:0])
    assert (tmp_path / "planes.csv").read_text().startswith("representation,group")
