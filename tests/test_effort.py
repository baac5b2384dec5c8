"""Which training starts first: only the order of jobs depends on it."""

from small import default

from aelab.kinds import declarations
from aelab.plan import configuration, effort, entries


def test_the_longest_chains_of_trainings_start_first():
    config = configuration.load(default())
    found = effort.priorities(config)
    assert {found["conv_32"], found["conv_32_denoising"]} == {max(found.values())}
    for name, entry in config["models"].items():
        for _, before in entries.upstream(entry):
            assert found[before] >= found[name], f"{before} is trained before {name}"
    assert found["pca_2"] == 0 < found["dense_2_corrected"] < found["dense_2"]


def test_arithmetic_of_dense_models():
    config = configuration.load(default())

    def multiply_adds(name):
        entry = config["models"][name]
        return declarations.of(entry).multiply_adds(entry, config)

    assert multiply_adds("dense_2") == 784 * 50 + 50 * 2 + 2 * 784
    assert multiply_adds("vae_20") == 2 * (784 * 100 + 100 * 100 + 100 * 20)
    assert multiply_adds("deep_128_layer_2") == 2 * 512 * 128


def test_updates_decide_over_epochs():
    """A training makes them, whatever the epochs are."""
    config = default()
    config["models"]["dense_2"].update(epochs=1, updates=14)
    fewer, more = configuration.load(config), config
    more["models"]["dense_2"]["updates"] = 1400
    more = configuration.load(more)
    assert effort.epochs(fewer, "dense_2") == 2 and effort.epochs(more, "dense_2") == 200
    assert effort.work(more, "dense_2") == 100 * effort.work(fewer, "dense_2")
    assert effort.minutes(more, "dense_2") >= effort.minutes(fewer, "dense_2")
