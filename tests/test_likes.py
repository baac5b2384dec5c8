"""`like` is a way of writing: a configuration means what it means with every entry written out."""

import copy
import random

import fast_yaml
import pytest
import small
from snakemake.utils import update_config

from aelab.errors import ConfigurationError
from aelab.plan import configuration, likes
from aelab.plan.plan import Plan

GROUPS = ("splits", "corruptions", "models")


def overlaid(base, own):
    """`own` over `base`, by the words of config/README.md and without the code that is tested."""
    if not (isinstance(base, dict) and isinstance(own, dict)):
        return own
    return {key: overlaid(base.get(key), own[key]) if key in own else base[key] for key in {**base, **own}}


def written_out(entries, name):
    """An entry of a group as it would be without `like`."""
    entry = entries[name]
    if "like" not in entry:
        return entry
    base = {key: v for key, v in written_out(entries, entry["like"]).items() if key not in ("description", "recipe")}
    return overlaid(base, {key: value for key, value in entry.items() if key != "like"})


def without_like(config):
    """The configuration with every entry written out, as JSON-like data that shares nothing."""
    groups = {group: {name: written_out(config[group], name) for name in config[group]} for group in GROUPS}
    return copy.deepcopy({**config, **groups})


def all_specs(config):
    """Every spec that depends on an entry, by job."""
    plan = Plan(config)
    found = {("evaluate", run): plan.evaluation(*run) for run in plan.runs()}
    for name, entry in plan.models.items():
        for seed in entry["seeds"]:
            found["inputs", name, seed] = plan.training_inputs(name, seed), plan.evaluation_inputs(name, seed)
        found["train", name] = plan.training(name, entry["seeds"][0])
    found |= {("corrupt", name): plan.corrupting(name, 1, "train") for name in plan.corruptions}
    found |= {("split", name): plan.splitting(name) for name in plan.splits}
    found |= {("study", name): (plan.members(name), plan.curves(name)) for name in plan.studies}
    return found | {"collect": plan.collecting(), "priorities": plan.priorities}


def assert_the_same(config, other):
    loaded, expected = configuration.load(config), configuration.load(other)
    assert loaded == expected
    assert all_specs(loaded) == all_specs(expected)


def quick():
    return fast_yaml.safe_load((small.REPOSITORY / "config" / "quick.yaml").read_text())


def test_the_default_configuration_means_the_same_written_out():
    config = small.written()
    assert sum("like" in entry for entry in config["models"].values()) > 20
    assert_the_same(config, without_like(config))


def test_the_quick_configuration_means_the_same_laid_over_entries_written_out():
    """What it changes in an entry reaches the corrected models that are like it as it does today: not at all."""
    config, out = small.written(), without_like(small.written())
    update_config(config, quick())
    update_config(out, quick())
    assert_the_same(config, out)


def like_chain():
    config = small.written()
    config["models"] |= {
        "third": {"like": "second", "epochs": 7},
        "second": {"like": "first", "optimizer": {"schedule": "cosine"}, "encoder": {"widths": [9, 2]}},
        "first": {"like": "dense_2", "micro_batch": None, "description": "first of all", "recipe": "baseline"},
    }
    return config


def test_a_chain_is_laid_over_link_by_link():
    entries = configuration.load(like_chain())["models"]
    third, base = entries["third"], entries["dense_2"]
    assert third["epochs"] == 7 and third["micro_batch"] is None and base["micro_batch"] == 256
    assert third["optimizer"] == base["optimizer"] | {"schedule": "cosine"}
    assert third["encoder"] == {"widths": [9, 2], "activations": base["encoder"]["activations"]}
    assert third["seeds"] == base["seeds"] == [1, 2]
    assert (third["description"], third["recipe"]) == ("", "support") and entries["first"]["recipe"] == "baseline"
    assert all("like" not in entry for entry in entries.values())
    assert_the_same(like_chain(), without_like(like_chain()))


def test_the_order_of_entries_means_nothing():
    config = like_chain()
    for seed in range(5):
        names = list(config["models"])
        random.Random(seed).shuffle(names)
        shuffled = config | {"models": {name: config["models"][name] for name in names}}
        assert configuration.load(shuffled) == configuration.load(config)


def test_entries_that_are_like_each_other_share_nothing():
    config = {"models": {"a": {"x": {"y": [1]}}, "b": {"like": "a"}, "c": {"like": "b"}}}
    before = copy.deepcopy(config)
    out = likes.resolve(config)["models"]
    out["c"]["x"]["y"].append(2)
    out["b"]["x"]["z"] = 3
    assert out["a"] == {"x": {"y": [1]}} and out["b"]["x"]["y"] == [1] and config == before


def test_an_overlay_reaches_the_entries_that_are_like_it():
    config = like_chain()
    update_config(config, {"models": {"first": {"batch_size": 99}, "third": {"epochs": 4}}})
    loaded = configuration.load(config)["models"]
    assert [loaded[name]["batch_size"] for name in ("first", "second", "third", "dense_2")] == [99, 99, 99, 8192]
    assert [loaded[name]["epochs"] for name in ("second", "third")] == [800, 4]


def test_a_sweep_varies_an_entry_as_it_is_written_out():
    sweep = {"sweeps": {"lr": {"base": "third", "grid": {"optimizer.learning_rate": [0.5], "encoder.widths.0": [8]}}}}
    loaded = configuration.load(like_chain() | sweep)["models"]
    (made,) = [entry for name, entry in loaded.items() if name.startswith("lr_")]
    assert made["optimizer"] == loaded["third"]["optimizer"] | {"learning_rate": 0.5}
    assert made["encoder"]["widths"] == [8, 2] and made["epochs"] == 7


def test_splits_and_corruptions_may_be_like_others():
    config = small.written()
    config["corruptions"]["holes"] = {"like": "clipped_noise", "kind": "masking"}
    config["splits"]["fewer"] = {"like": "permutation_50k", "train": 1000}
    loaded = configuration.load(config)
    assert loaded["corruptions"]["holes"] == {"kind": "masking", "amount": 0.4, "clip": True, "seed": 0}
    assert loaded["splits"]["fewer"] == loaded["splits"]["permutation_50k"] | {"train": 1000}


WRONG = {
    "unknown": ({"like": "dense_22"}, "models.twin.like: found 'dense_22'; .*an entry of models .did you mean dense_2"),
    "a list": ({"like": ["dense_2"]}, r"models.twin.like: found \['dense_2'\]; allowed: an entry of models"),
    "null": ({"like": None}, "models.twin.like: found None; allowed: an entry of models"),
    "of another kind": (
        {"like": "pca_2", "kind": "dense"},
        "models.twin.kind: found 'dense'; allowed: pca, the kind of",
    ),
    "itself": ({"like": "twin"}, r"models.twin.like: found a cycle \(twin -> twin\); one of them must be written out"),
    "a split": ({"like": "all_60k"}, "models.twin.like: found 'all_60k'; allowed: an entry of models"),
    "a key of another kind": ({"like": "pca_2", "epochs": 3}, "models.twin.epochs: found an unknown key"),
    "its own mistake": ({"like": "dense_2", "epochs": -3}, "models.twin.epochs: found -3; allowed: at least 0$"),
    "no kind": ({"lik": "dense_2"}, "models.twin.kind: found nothing; .*or another model in `like`"),
    "does not fit what it has from the other": (
        {"like": "dense_2", "encoder": {"widths": [50, 20, 2]}},
        "models.twin.encoder.activations: found 2 activations; .*3 widths .twin is like dense_2, which says so",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_like_that_cannot_be(name):
    entry, message = WRONG[name]
    config = small.written()
    config["models"] = {"twin": entry, **config["models"]}
    with pytest.raises(ConfigurationError, match=message):
        configuration.load(config)


def test_a_longer_circle_is_named_link_by_link():
    config = like_chain()
    config["models"]["first"]["like"] = "third"
    with pytest.raises(ConfigurationError, match=r"a cycle \(third -> second -> first -> third\)"):
        configuration.load(config)
    config["models"] = {"outside": {"like": "second"}, **config["models"]}
    with pytest.raises(ConfigurationError, match=r"models.third.like: .*cycle \(second -> first -> third -> second\)"):
        configuration.load(config)


def test_a_mistake_that_is_inherited_names_where_it_comes_from():
    config = like_chain()
    config["models"]["first"]["epochs"] = "many"
    with pytest.raises(ConfigurationError, match=r"models.second.epochs: found 'many'.* .second is like first, which"):
        configuration.load(config)


def test_a_default_is_no_mistake_of_the_other_entry():
    config = small.written()
    config["models"]["twin"] = {"like": "dense_2", "split": "all_60k"}
    with pytest.raises(ConfigurationError, match="models.twin.watch: .*test or none$"):
        configuration.load(config)


def test_a_sweep_does_not_vary_like():
    config = small.written() | {"sweeps": {"s": {"base": "dense_2", "grid": {"like": ["dense_4"]}}}}
    with pytest.raises(ConfigurationError, match="sweeps.s.grid.like: found a key that is not swept"):
        configuration.load(config)


def test_thousands_of_links_are_followed():
    config = small.written()
    config["models"] |= {f"link_{n}": {"like": f"link_{n + 1}"} for n in range(3000)} | {"link_3000": {"like": "pca_2"}}
    assert configuration.load(config)["models"]["link_0"]["code_size"] == 2


# -- how noise is drawn ------------------------------------------------------------------------------------------


def test_drawn_inside_a_corruption_is_told_where_it_belongs():
    config = small.written()
    config["corruptions"]["noise_of_codes"]["drawn"] = "each_epoch"
    message = (
        r"corruptions.noise_of_codes.drawn: found 'each_epoch'; remove this line: .*"
        r"Write `drawn: each_epoch` beside `corruption: noise_of_codes` in models.stacked_784_layer_2, models.stacked"
    )
    with pytest.raises(ConfigurationError, match=message):
        configuration.load(config)
    config["corruptions"]["noise_of_codes"]["drawn"] = "once"
    with pytest.raises(ConfigurationError, match="drawn: found 'once'; remove this line: .* is their default"):
        configuration.load(config)


def test_how_noise_is_drawn_is_swept_like_any_key():
    sweep = {"base": "single_128_denoising", "grid": {"drawn": ["once", "each_epoch"], "corruption": ["clipped_noise"]}}
    plan = Plan(configuration.load(small.written() | {"sweeps": {"s": sweep}}))
    once, anew = (plan.entry(f"s_corruption_clipped_noise_drawn_{drawn}") for drawn in ("once", "each_epoch"))
    assert once["corruption"] == {
        "name": "clipped_noise", "kind": "gaussian", "amount": 0.4, "clip": True, "drawn": "once", "seed": 0,
    }  # fmt: skip
    assert anew["corruption"] == {"kind": "gaussian", "amount": 0.4, "clip": True, "drawn": "each_epoch"}
    assert "drawn" not in once and "drawn" not in anew


def test_what_each_model_draws_is_seeded_by_the_names_that_it_was_published_with():
    """The draws for all epochs by the corruption's name, those anew by the model's; else other bits would come out."""
    plan = Plan(configuration.load(small.written()))
    once = {
        name: entry["corruption"]["name"]
        for name in plan.models
        if (entry := plan.entry(name)).get("corruption") and entry["corruption"]["drawn"] == "once"
    }
    assert once == {
        "conv_32_denoising": "clipped_noise",
        "single_128_denoising": "noise_unclipped",
        "deep_128_layer_1_denoising": "noise_unclipped",
        "deep_128_layer_2_denoising": "noise_of_codes",
        "deep_128_finetuned_denoising": "noise_unclipped",
        "deep_128_finetuned_denoising_10": "noise_unclipped",
        "deep3_128_layer_2_denoising": "noise_of_codes",
        "deep3_128_layer_3_denoising": "noise_of_codes",
    }
