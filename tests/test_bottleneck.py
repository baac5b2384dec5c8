"""The bottleneck study: rules of thumb read off mean codes, on which scale images are read, and what is answered."""

import answer_bottleneck
import decode_points
import numpy as np
import pandas as pd
import plot_bottleneck_codes
import pytest

from aelab.data.shown import Shown
from aelab.plan import strict_yaml
from aelab.plan.results import WORKFLOW

# Printed in the publication: mean codes of digits and the points made up by its rules of thumb.
PRINTED = {
    0: ([10.978588, 12.026303, 6.9547396, 8.330039], [50, 60, 30, 40], [1, 1, 0.5, 0.5]),
    1: ([37.925915, 15.457135, 71.48261, 12.837233], [50, 10, 90, 10], [0.5, 0, 1, 0]),
    9: ([10.887202, 9.4659815, 18.285233, 18.306738], [50, 50, 90, 90], [0.5, 0.5, 1, 1]),
}


@pytest.mark.parametrize("digit", PRINTED)
def test_the_relations_are_those_that_were_published(digit):
    """The words for them (big, half as big, small) too, and the published points keep them."""
    mean, point, relation = PRINTED[digit]
    np.testing.assert_array_equal(decode_points.relations(np.array([mean, point])), [relation, relation])


def test_rule_points_are_about_as_large_as_the_published_ones():
    points = decode_points.rule_points(np.array([mean for mean, *_ in PRINTED.values()]))
    np.testing.assert_allclose(points["rule"].max(axis=1), 71.48261)
    np.testing.assert_allclose(points["rule_near"].max(axis=1), [12.026303, 71.48261, 18.306738])
    for (_, published, _), point in zip(PRINTED.values(), points["rule"], strict=True):
        assert 2 / 3 < np.max(published) / point.max() < 3 / 2


def test_relations_keep_signs_and_take_a_dead_code():
    found = decode_points.relations(np.array([[-8.0, 3.0, 1.0], [0, 0, 0]]))
    np.testing.assert_array_equal(found, [[-1, 0.5, 0], [0, 0, 0]])
    assert [decode_points.in_words(each) for each in found] == ["-1 ½ 0", "0 0 0"]


class Decoder:
    """Decodes by direction alone: pixel n of an image is how much of the code lies along the n-th pattern."""

    def __init__(self, patterns):
        self.patterns = patterns / np.linalg.norm(patterns, axis=1, keepdims=True)

    def decode(self, codes):
        return (codes @ self.patterns.T).astype(np.float32)


class Brightest:
    """Reads an image as the number of its brightest pixel; of several equal ones as none."""

    def read(self, images):
        first = images.argmax(axis=1)
        alone = (images == images.max(axis=1, keepdims=True)).sum(axis=1) == 1
        return np.where(alone, first, images.shape[1] - 1), images.max(axis=1)


DATA = Shown((1, 4), ["a", "b", "c", "none"], "letter", "letters")
PATTERNS = np.array([[1, 1, 0.5, 0.5], [0.5, 0, 1, 0], [0.5, 0.5, 1, 1]])


def codes_of(patterns, generator, noise=0.4):
    labels = np.repeat(np.arange(3), 200)
    sizes = np.array([12.0, 70, 18])[labels, None]
    return patterns[labels] * sizes + noise * generator.standard_normal((600, patterns.shape[1])), labels


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [2, 0, 3, 1]])
def test_rules_are_found_in_whatever_order_the_numbers_of_the_code_come(order):
    """The published coordinates work in one order alone; the procedure in any."""
    patterns = PATTERNS[:, order]
    codes, labels = codes_of(patterns, np.random.default_rng(1))
    points = decode_points.derived_points(codes, labels)
    points += [("published", n, np.array(PRINTED[digit][1]), "") for n, digit in enumerate(PRINTED)]
    decoder = Decoder(np.vstack([patterns, np.full(4, 1e-3)]))
    table, images = decode_points.decode(decoder, Brightest(), points, codes, DATA)
    right = (table["read_as"] == table["digit"]).groupby(table["source"]).sum()
    assert right["rule"] == 3
    assert (right["published"] == 3) == (order == [0, 1, 2, 3])
    assert images.min() >= 0 and images.max() <= 1 and len(images) == len(table) == 3 * 4 + 3
    words = table[table["source"] == "rule"].set_index("digit")["relation"]
    assert words["a"] == decode_points.in_words(patterns[0])


def test_a_rule_that_two_classes_share_decodes_to_one_of_them():
    patterns = np.array([[1, 0.5], [0.9, 0.45], [0, 1]])
    codes, labels = codes_of(patterns, np.random.default_rng(1), noise=0.01)
    points = decode_points.derived_points(codes, labels)
    decoder = Decoder(np.array([[1, 0.5], [1, 0.49], [0, 1], [-1, 0]]))
    table, _ = decode_points.decode(decoder, Brightest(), points, codes, DATA)
    rule = table[table["source"] == "rule"]
    assert rule["relation"].nunique() == 2 and (rule["read_as"] == rule["digit"]).sum() == 2


def test_far_points_are_read_on_their_own_scale():
    """Clipped, the two bright pixels of the image are equal."""
    points = [("published", 0, np.array([9.0, 5.0]), ""), ("mean", 0, np.array([0.9, 0.5]), "1 1")]
    decoder = Decoder(np.array([[1, 0], [0, 1]]))
    data = Shown((1, 2), ["bright", "none"], "thing", "things")
    table, images = decode_points.decode(decoder, Brightest(), points, np.zeros((5, 2)), data)
    assert table["scale"].tolist() == ["own", "unit"]
    assert table["read_as"].tolist() == ["bright", "bright"]
    assert table["read_as_on_other_scale"].tolist() == ["none", "bright"]
    np.testing.assert_allclose(images, [[1, 0], [0.9, 0.5]], rtol=1e-6)


def test_the_scatter_takes_the_first_images_of_each_digit():
    labels = np.array([3, 1, 3, 3, 1, 2])
    assert plot_bottleneck_codes.chosen(labels, 2).tolist() == [1, 4, 5, 0, 2]


def test_answers_of_a_known_table():
    shares = np.full((10, 10), 0.01)
    np.fill_diagonal(shares, [0.5, 0.95, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3, 0.2, 0.4])
    shares[9, [4, 7]], shares[7, 9] = [0.2, 0.25], 0.35
    table = pd.DataFrame({f"read_as_{n}": shares[:, n] for n in range(10)})
    table.insert(0, "digit", range(10))
    table["read_as_its_digit"] = shares.diagonal()
    history = pd.DataFrame({"training_loss": [1.0, 0.3, 0.2, 0.25], "validation_loss": [1.1, 0.4, 0.5, 0.3]})
    points = pd.DataFrame(
        [("m", "mean", 0, "1 ½", 0, 0), ("m", "mean", 1, "1 ½", 0, 1), ("m", "rule", 0, "1 ½", 3, 0)],
        columns=["model", "source", "digit", "relation", "read_as", "read_as_on_other_scale"],
    )
    classes = [str(digit) for digit in range(10)]
    rows = answer_bottleneck.answers([{"name": "m"}], [table], [history], points, 0.5, classes, epoch=2)
    found = dict(rows)
    assert len(found) == len(rows)
    assert [found[f"m.rank.{digit}"] for digit in (1, 0, 9, 7, 2, 8)] == [1, 2, 3, 4, 5, 5]
    assert found["m.digits_recognised"] == 2
    assert (found["m.nines_read_as_seven"], found["m.sevens_read_as_nine"]) == (0.25, 0.35)
    assert found["m.nines_misread_as"] == 7
    assert (found["m.lowest_training_loss"], found["m.lowest_validation_loss"]) == (0.2, 0.3)
    assert found["m.share_of_fall_by_epoch_2"] == pytest.approx(0.7 / 0.8)
    assert (found["m.mean_points_right"], found["m.mean_points_right_on_other_scale"]) == (1, 2)
    assert (found["m.mean_point_right.0"], found["m.mean_point_right.1"], found["m.rule_point_right.0"]) == (1, 0, 0)
    assert found["m.distinct_relations"] == 1
    others = dict(answer_bottleneck.answers([{"name": "m"}], [table], [history], points, 0.5, ["x"] * 10, epoch=2))
    assert not any("nines" in name for name in others)


@pytest.mark.parametrize("study", ["bottleneck", "tangents"])
def test_every_published_claim_says_where_it_stands_and_is_judged_on_published_models(study):
    """References, which are linear, may stand beside both; other models to compare with beside corrected ones alone."""
    import small

    models = small.default()["models"]
    linear = {name for name, entry in models.items() if entry["kind"] == "pca"}
    allowed = {
        "checks": linear | {name for name, entry in models.items() if entry.get("recipe") == "published"},
        "corrected": linear | {name for name in models if models[name].get("recipe") in ("corrected", "baseline")},
    }
    for claim in strict_yaml.parse_yaml(WORKFLOW / "studies" / study / "claims.yaml"):
        assert {"claim", "source", "place", "certainty", "published", "why"} <= claim.keys(), claim["claim"]
        assert claim.keys() & allowed.keys(), claim["claim"]
        for key in claim.keys() & allowed.keys():
            for check in claim[key]:
                named = {part for value in map(str, check.values()) for part in value.split(".") if part in models}
                assert named <= allowed[key], check
