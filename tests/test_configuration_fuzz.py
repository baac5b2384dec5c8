"""Configurations made from the schemas: wrong ones are refused by the key that is wrong, right ones accepted.

Every wrong configuration is that of the finished run, complete, with one thing changed for the worse at a place and in
a way that the schema (or a rule beside it) forbids. The draws are the same in every run.
"""

import copy
import random
import string

import finished
import small
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aelab.errors import ConfigurationError
from aelab.plan import configuration, entries, likes, schemas

INVALID, INVALID_LIKES, VALID = 1100, 330, 220


def fixed(examples):
    """Settings that draw the same examples in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def base():
    """The default configuration without models that are like others."""
    config = small.default()
    finished.configure(config)
    return config


def complete():
    """That configuration with every default spelled out."""
    return {**written(configuration.load(base())), "sweeps": {}}


def written(loaded):
    """A loaded configuration with its data sets as they are written, every default spelled out."""
    given = schemas.conform(configuration.plain(base()), schemas.rules_of_config(), "")
    return {**loaded, "datasets": given["datasets"]}


BASE = complete()


# -- places: (path, schema) of every key and item that a schema describes --------------------------------


def places(value, schema, root, path=()):
    """Pairs of a path and the schema that holds there."""
    schema = schemas.resolved(schema, root)
    yield path, schema
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for key, item in value.items():
            inner = known.get(key, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                yield from places(item, inner, root, (*path, key))
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for n, item in enumerate(value):
            yield from places(item, schema["items"], root, (*path, n))


def all_places():
    whole = schemas.rules_of_config().schema
    found = list(places(BASE, whole, whole))
    for name, entry in BASE["models"].items():
        own = schemas.rules_of_model(entry["kind"]).schema
        found += places(entry, own, own, ("models", name))
    for name, entry in BASE["studies"].items():
        own = schemas.rules_of_study(name).schema
        found += places(entry, own, own, ("studies", name))
    return [(path, schema) for path, schema in found if path]


PLACES = all_places()


def at(config, path):
    for key in path:
        config = config[key]
    return config


def changed(path, value):
    """The base with `value` at `path`."""
    config = copy.deepcopy(BASE)
    at(config, path[:-1])[path[-1]] = value
    return config


def dotted(path):
    return ".".join(map(str, path))


# -- what can be done wrong at a place: strategies of (configuration, key that the message must name) ------

WORDS = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12)
OF_TYPE = {
    "string": st.text(string.ascii_letters + " ./:-", max_size=12),
    "integer": st.integers(-100, 100),
    "number": st.floats(-100, 100).map(lambda x: x + 0.5 if float(x).is_integer() else x),
    "boolean": st.booleans(),
    "null": st.none(),
    "array": st.lists(st.integers(0, 3), max_size=3),
    "object": st.dictionaries(WORDS, st.integers(0, 3), max_size=2),
}


def wrong_type(path, schema):
    types = schema.get("type")
    if types is None or path[:1] in (("models",), ("studies",)) and len(path) == 2:
        return None
    types = {types} if isinstance(types, str) else set(types)
    allowed = types | ({"integer"} if "number" in types else set())
    return st.one_of([OF_TYPE[name] for name in sorted(OF_TYPE.keys() - allowed)]).map(
        lambda value: (changed(path, value), dotted(path))
    )


def out_of_range(path, schema):
    beyond = []
    if "minimum" in schema:
        beyond.append(st.integers(1, 1000).map(lambda n: schema["minimum"] - n))
    if "exclusiveMinimum" in schema:
        beyond.append(st.floats(0, 100).map(lambda x: schema["exclusiveMinimum"] - x))
    if "maximum" in schema:
        beyond.append(st.integers(1, 1000).map(lambda n: schema["maximum"] + n))
    if "exclusiveMaximum" in schema:
        beyond.append(st.floats(0, 100).map(lambda x: schema["exclusiveMaximum"] + x))
    if schema.get("type") == "number":
        beyond.append(st.sampled_from([float("nan"), float("inf"), float("-inf")]))
    return st.one_of(beyond).map(lambda value: (changed(path, value), dotted(path))) if beyond else None


def not_among(path, schema):
    if "enum" not in schema:
        return None
    values = WORDS.filter(lambda word: word not in schema["enum"])
    near = st.sampled_from(schema["enum"]).map(lambda word: f"{word}s")
    return st.one_of(values, near).map(lambda value: (changed(path, value), dotted(path)))


def number_as_text(path, schema):
    if schema.get("type") not in ("number", "integer"):
        return None
    texts = st.sampled_from(["1e-3", "5e3", "1E5", "10", "0.5", "1_0"])
    return texts.map(lambda text: (changed(path, text), dotted(path)))


def unknown_key(path, schema):
    if schema.get("additionalProperties", True) is not False:
        return None

    def add(word):
        config = copy.deepcopy(BASE)
        at(config, path)[word] = 1
        return config, dotted((*path, word))

    known = list(schema["properties"])
    near = st.sampled_from(known).map(lambda word: word[:-1] if len(word) > 2 else word + "s")
    return st.one_of(WORDS, near, st.integers(0, 9)).filter(lambda word: word not in known).map(add)


def missing_key(path, schema):
    required = schema.get("required", [])
    if not required:
        return None

    def remove(word):
        config = copy.deepcopy(BASE)
        del at(config, path)[word]
        return config, dotted((*path, word))

    return st.sampled_from(required).map(remove)


def wrong_length(path, schema):
    value, wrong = at(BASE, path), []
    if schema.get("minItems"):
        wrong.append(st.just([]))
    if "maxItems" in schema:
        wrong.append(st.just((value * (schema["maxItems"] + 1))[: schema["maxItems"] + 1]))
    if schema.get("uniqueItems") and value:
        wrong.append(st.just([*value, value[0]]))
    return st.one_of(wrong).map(lambda value: (changed(path, value), dotted(path))) if wrong else None


WAYS = (wrong_type, out_of_range, not_among, number_as_text, unknown_key, missing_key, wrong_length)
BY_SCHEMA = [
    strategy for way in WAYS for path, schema in PLACES for strategy in [way(path, schema)] if strategy is not None
]


# -- rules beside the schemas ------------------------------------------------------------------------------

MODELS = sorted(BASE["models"])
REFERENCES = (
    [("models", name, "split") for name in MODELS]
    + [("models", name, "corruption") for name in MODELS if "corruption" in BASE["models"][name]]
    + [("models", name, "evaluation", "corruption") for name in MODELS]
    + [("models", name, key) for name in MODELS for key in ("codes_of", "starts_from") if key in BASE["models"][name]]
    + [("judge",)]
    + [
        ("studies", study, group, n)
        for study, entry in BASE["studies"].items()
        for group in ("asked", "published", "corrected", "baselines")
        for n in range(len(entry.get(group, [])))
    ]
)
NAMED = [("splits", name) for name in BASE["splits"]] + [("models", name) for name in MODELS]
NAMED += [("corruptions", name) for name in BASE["corruptions"]] + [("studies", name) for name in BASE["studies"]]
BAD_NAMES = st.one_of(
    st.sampled_from(["../up", "a/b", "a b", "A", "1a", "a__b", "a_", "", ".", "a.b", "a{b}", "a" * 64, "ä", "a\n"]),
    st.text(min_size=1, max_size=8).filter(lambda text: not text.isascii() or not text.islower()),
)
DENSE = [name for name in MODELS if BASE["models"][name]["kind"] == "dense"]
FIRST = [name for name in DENSE if not entries.upstream(BASE["models"][name])]


def dangling(path):
    return WORDS.map(lambda word: (changed(path, f"{word}_nowhere"), dotted(path)))


def renamed(path, name):
    config = copy.deepcopy(BASE)
    group = at(config, path[:-1])
    config[path[0]] = {name if key == path[1] else key: value for key, value in group.items()}
    return config, f"{path[0]}.{name}"


def cycle(names):
    config = copy.deepcopy(BASE)
    for name, before in zip(names, [*names[1:], names[0]], strict=True):
        config["models"][name]["starts_from"] = before
        config["models"][name]["seeds"] = [1]
    return config, f"{names[0]} -> "


def shapes(name, part, key, change):
    config = copy.deepcopy(BASE)
    stack = config["models"][name][part]
    stack[key] = change(stack[key])
    return config, f"models.{name}.{part}"


def like_in_a_circle(group, names):
    config = copy.deepcopy(BASE)
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        config[group][name] = {"like": other}
    return config, f"{group}.{names[-1]}.like: found a cycle ({names[0]} -> "


def like_nobody(path, other):
    return changed(path, {"like": other}), f"{dotted(path)}.like"


def like_of_another_kind(name, other):
    """With the kind given, or left out and a key kept that only the own kind has."""
    return changed(("models", name), {**BASE["models"][name], "like": other}), f"models.{name}.kind"


def mistake_over_a_like(name, other, path, value):
    """One value, maybe deep in a mapping, laid over an entry of the same kind."""
    over = value
    for key in reversed(path):
        over = {key: over}
    return changed(("models", name), {"like": other, **over}), f"models.{name}.{dotted(path)}"


def mistake_below_a_like(name, other, path, value):
    """The same in the entry that another one is like, which comes first: the message leads from there to it."""
    config = changed(("models", other, *path), value)
    config["models"] = {name: {"like": other}, **{key: v for key, v in config["models"].items() if key != name}}
    return config, f"({name} is like {other}, which says so)"


OTHERS = {
    name: [other for other in MODELS if other != name and BASE["models"][other]["kind"] == BASE["models"][name]["kind"]]
    for name in MODELS
}
STRANGERS = {
    name: [other for other in MODELS if BASE["models"][other]["kind"] != BASE["models"][name]["kind"]]
    for name in MODELS
}
LEARNING = st.sampled_from([(name, other) for name in DENSE for other in OTHERS[name]])
MISTAKES = st.one_of(
    st.tuples(st.just(("optimizer", "learning_rate")), st.floats(-9, 0)),
    st.tuples(st.just(("optimizer", "schedule")), WORDS.map(lambda word: f"{word}_x")),
    st.tuples(st.just(("optimizer", "nothing")), st.integers(-9, 9)),
    st.tuples(st.just(("encoder", "widths")), st.just([])),
    st.tuples(st.just(("evaluation",)), st.integers(-9, 9)),
    st.tuples(st.just(("drawn",)), WORDS.map(lambda word: f"{word}_x")),
)
LIKE = [
    st.sampled_from(["splits", "corruptions", "models"]).flatmap(
        lambda group: st.lists(st.sampled_from(sorted(BASE[group])), min_size=1, max_size=4, unique=True).map(
            # The circle is entered at the entry that comes first.
            lambda names: like_in_a_circle(group, sorted(names, key=list(BASE[group]).index))
        )
    ),
    st.tuples(
        st.sampled_from([path for path in NAMED if path[0] != "studies"]),
        st.one_of(WORDS.map(lambda word: f"{word}_nowhere"), *OF_TYPE.values()).filter(
            lambda other: not isinstance(other, str) or other not in MODELS
        ),
    ).map(lambda drawn: like_nobody(*drawn)),
    st.sampled_from([(name, other) for name in MODELS for other in STRANGERS[name]]).map(
        lambda pair: like_of_another_kind(*pair)
    ),
    st.tuples(LEARNING, MISTAKES).map(lambda drawn: mistake_over_a_like(*drawn[0], *drawn[1])),
    st.tuples(LEARNING, MISTAKES).map(lambda drawn: mistake_below_a_like(*drawn[0], *drawn[1])),
    st.tuples(st.sampled_from(sorted(BASE["corruptions"])), st.one_of(*OF_TYPE.values(), st.just("each_epoch"))).map(
        lambda drawn: (
            changed(("corruptions", drawn[0]), {**BASE["corruptions"][drawn[0]], "drawn": drawn[1]}),
            f"corruptions.{drawn[0]}.drawn",
        )
    ),
    st.tuples(st.sampled_from(MODELS), st.sampled_from(MODELS)).map(
        lambda drawn: (
            changed(("sweeps", "fuzz"), {"base": drawn[0], "grid": {"like": [drawn[1]]}}),
            "sweeps.fuzz.grid.like",
        )
    ),
]
BESIDE = [
    st.sampled_from(REFERENCES).flatmap(dangling),
    st.tuples(st.sampled_from(NAMED), BAD_NAMES).map(lambda drawn: renamed(*drawn)),
    st.lists(st.sampled_from(FIRST), min_size=1, max_size=3, unique=True).map(cycle),
    st.tuples(st.sampled_from(DENSE), st.sampled_from(["encoder", "decoder"]), st.just("activations")).map(
        lambda drawn: shapes(*drawn, lambda activations: [*activations, "relu"])
    ),
    st.tuples(st.sampled_from(DENSE), st.just("decoder"), st.just("widths"), st.integers(1, 783)).map(
        lambda drawn: shapes(*drawn[:3], lambda widths: [*widths[:-1], drawn[3]])
    ),
    st.tuples(st.sampled_from(sorted(BASE["splits"])), st.integers(1, 59_999)).map(
        lambda drawn: (
            changed(("splits", drawn[0]), {**BASE["splits"][drawn[0]], "train": 60_000, "validation": drawn[1]}),
            f"splits.{drawn[0]}.validation",
        )
    ),
    st.tuples(st.sampled_from(["masking", "salt_and_pepper"]), st.floats(1.01, 10)).map(
        lambda drawn: (
            changed(("corruptions", "fuzz"), {"kind": drawn[0], "amount": drawn[1]}),
            "corruptions.fuzz.amount",
        )
    ),
    st.tuples(st.sampled_from(MODELS), WORDS).map(
        lambda drawn: (
            changed(("sweeps", "fuzz"), {"base": drawn[0], "grid": {f"{drawn[1]}_x": [1, 2]}}),
            f"{drawn[1]}_x",
        )
    ),
    WORDS.map(
        lambda word: (
            changed(("sweeps", "fuzz"), {"base": f"{word}_nowhere", "grid": {"epochs": [1]}}),
            "sweeps.fuzz.base",
        )
    ),
    st.tuples(st.sampled_from(DENSE), st.sampled_from(["epochs", "batch_size"]), st.integers(-9, -1)).map(
        lambda drawn: (changed(("sweeps", "fuzz"), {"base": drawn[0], "grid": {drawn[1]: [1, drawn[2]]}}), drawn[1])
    ),
]


def test_invalid_configurations_are_refused_by_name():
    refused = []

    @fixed(INVALID)
    @given(st.one_of(st.sampled_from(BY_SCHEMA).flatmap(lambda s: s), st.one_of(BESIDE)))
    def check(drawn):
        config, key = drawn
        before = copy.deepcopy(config)
        try:
            configuration.load(config)
        except ConfigurationError as error:
            assert key in str(error), f"{error} does not name {key}"
            assert "found" in str(error)
            assert len(str(error)) < 1000 + 12 * len(MODELS)
        else:
            raise AssertionError(f"accepted although {key} is wrong")
        assert repr(config) == repr(before), "the caller's configuration was changed"
        refused.append(key)

    check()
    assert len(refused) >= 1000
    assert len(set(refused)) >= 100


def test_likes_that_cannot_be_are_refused_by_name():
    refused = []

    @fixed(INVALID_LIKES)
    @given(st.one_of(LIKE))
    def check(drawn):
        config, key = drawn
        before = copy.deepcopy(config)
        try:
            configuration.load(config)
        except ConfigurationError as error:
            assert key in str(error), f"{error} does not name {key}"
            assert "found" in str(error)
        else:
            raise AssertionError(f"accepted although {key} is wrong")
        assert repr(config) == repr(before), "the caller's configuration was changed"
        refused.append(key)

    check()
    assert len(refused) >= 300
    assert len(set(refused)) >= 100


# -- right ones ----------------------------------------------------------------------------------------------

# Keys whose values must fit something elsewhere, and names of other entries.
TIED = {"kind", "train", "validation", "watch", "seeds", "widths", "activations", "code_size", "amount", "base"}
TIED |= {"codes_of", "starts_from", "layers", "split", "corruption", "judge", "filters"}
TIED |= {"activation", "loss", "output", "frozen", "tied", "amounts"}


def right_value(schema):
    """A strategy for values that a scalar's schema allows, or None."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    types = schema.get("type")
    types = [types] if isinstance(types, str) else types or []
    if "boolean" in types:
        return st.booleans()
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum", 1000)
    high = schema.get("exclusiveMaximum", high)
    if "integer" in types and low is not None:
        numbers = st.integers(low, high)
        return st.one_of(numbers, numbers.map(float), st.none()) if "null" in types else numbers
    if "number" in types and low is not None:
        return st.floats(low, high, exclude_min="exclusiveMinimum" in schema, exclude_max="exclusiveMaximum" in schema)
    return None


FREE = [
    (path, strategy)
    for path, schema in PLACES
    if path[0] in ("datasets", "splits", "corruptions", "models") and not TIED & set(map(str, path))
    for strategy in [right_value(schema)]
    if strategy is not None
]


def reordered(value, chance):
    """The same value with the keys of every mapping in another order, as `random.Random` has it."""
    if isinstance(value, dict):
        return {key: reordered(value[key], chance) for key in chance.sample(list(value), len(value))}
    return value


# Not a permutation for each of hundreds of mappings: to draw them takes longer than to load what comes out.
CHANCES = st.integers(0, 10**9).map(random.Random)


def rest(own, base):
    """What must be laid over `base` so that `own` comes of it; None where nothing can."""
    if not base.keys() <= own.keys():
        return None
    over = {}
    for key, value in own.items():
        if key not in base or value != base[key]:
            nested = isinstance(value, dict) and isinstance(base.get(key), dict)
            over[key] = rest(value, base[key]) if nested else value
    return over


def rewritten(config, data):
    """The same configuration with some models `like` others, in chains too."""
    config, order = copy.deepcopy(config), data.draw(st.permutations(MODELS))
    for n, name in enumerate(order[1:20], 1):
        other = data.draw(st.sampled_from(order[:n]))  # one before it: no circle
        own, base = BASE["models"][name], BASE["models"][other]
        if own["kind"] == base["kind"] and config["models"][other].keys() >= {"description", "recipe"}:
            own, base = (configured(config["models"], each) for each in (name, other))
            over = rest(own, {key: value for key, value in base.items() if key not in ("description", "recipe")})
            if over is not None:
                config["models"][name] = {"like": other, **over}
    return config


def configured(models, name):
    """An entry as `like` leaves it."""
    return likes.resolve({"models": models})["models"][name]


def test_like_is_a_way_of_writing():
    rewrites = []

    @fixed(60)
    @given(st.data())
    def check(data):
        config = rewritten(BASE, data)
        assert written(configuration.load(reordered(config, data.draw(CHANCES)))) == BASE
        rewrites.append(sum("like" in entry for entry in config["models"].values()))

    check()
    assert max(rewrites) >= 5 and sum(rewrites) >= 100


def test_valid_configurations_are_accepted():
    accepted = []

    @fixed(VALID)
    @given(st.data())
    def check(data):
        config = copy.deepcopy(BASE)
        for path, strategy in data.draw(st.lists(st.sampled_from(FREE), min_size=1, max_size=12)):
            at(config, path[:-1])[path[-1]] = data.draw(strategy)
        for entry in config["models"].values():
            if entry.get("micro_batch"):
                entry["micro_batch"] = min(entry["micro_batch"], entry["batch_size"])
        for split in config["splits"].values():
            if data.draw(st.booleans()):
                split["train"] = data.draw(st.integers(1000, 50_000))
        if data.draw(st.booleans()):
            name, rates = data.draw(st.sampled_from(DENSE)), data.draw(st.lists(st.floats(1e-6, 1), min_size=1))
            config["sweeps"] = {"fuzz": {"base": name, "grid": {"optimizer.learning_rate": sorted(set(rates))[:3]}}}
        for name in data.draw(st.lists(st.sampled_from(MODELS), max_size=3)):
            entry = config["models"][name]
            for key in data.draw(st.lists(st.sampled_from(["description", "evaluation", "precision"]))):
                if key == "evaluation" or key not in entry:
                    continue
                del entry[key]
        loaded = configuration.load(reordered(config, data.draw(CHANCES)) if data.draw(st.booleans()) else config)
        assert set(loaded["models"]) >= set(config["models"])
        assert configuration.load({**written(loaded), "sweeps": {}})["models"] == loaded["models"], (
            "loading twice differs"
        )
        accepted.append(1)

    check()
    assert len(accepted) >= 200
