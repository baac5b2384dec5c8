"""Find the files that rules read and make, faster than Snakemake does.

Snakemake's own `expand_input` and `expand_output` also check each file, which takes ten times as long.
"""

from collections.abc import Callable, Iterable

from snakemake.io import apply_wildcards, is_callable, is_flagged
from snakemake.iocontainers import Namedlist, Wildcards
from snakemake.rules import Rule


def produced(targets: Iterable[str], rules: Iterable[Rule]) -> list[str]:
    """Find the files that rules make on the way to some targets.

    Parameters
    ----------
    targets : iterable of str
        Files.
    rules : iterable of snakemake.rules.Rule
        The rules, no two of which make the same file.

    Returns
    -------
    list of str
        The files in alphabetical order. Timings are left out, since they differ from run to run.
    """
    made, queue, asked = set(), [str(target) for target in targets], set()
    rules = list(rules)
    while queue:
        file = queue.pop()
        if file in asked:
            continue
        asked.add(file)
        rule = next((rule for rule in rules if rule.is_producer(file)), None)
        if rule:
            rules.remove(rule)
            rules.insert(0, rule)  # it is likely to make the next file, too
            wildcards = rule.get_wildcards(file)
            outputs = paths(rule.output, rule, wildcards)
            made.update(outputs)
            asked.update(outputs)
            queue += paths(rule.input, rule, wildcards)
    return sorted(file for file in made if not is_timing(file))


def paths(files: Namedlist, rule: Rule, wildcards: Wildcards) -> list[str]:
    """Return the paths of a job's inputs or outputs; the parameters are those of `named`."""
    found = named(files, rule, wildcards).values()
    return [path for each in found for path in ([each] if isinstance(each, str) else each)]


def named(files: Namedlist, rule: Rule, wildcards: Wildcards) -> dict[str, str | list[str]]:
    """Return a job's inputs or outputs by name.

    Parameters
    ----------
    files : snakemake.iocontainers.Namedlist
        `rule.input` or `rule.output`.
    rule : snakemake.rules.Rule
        The job's rule.
    wildcards : snakemake.iocontainers.Wildcards
        The job's wildcards.

    Returns
    -------
    dict
        A path or a list of paths for each name; those without a name have the name "".
    """
    names = dict(files.items())
    unnamed = list(files)[: len(files) - sum(len(file) if isinstance(file, list) else 1 for file in names.values())]
    found, rest = {name: filled(file, rule, wildcards) for name, file in names.items()}, []
    for file in unnamed:
        path = filled(file, rule, wildcards)
        if isinstance(path, dict):
            found.update(path)
        else:
            rest += path if isinstance(path, list) else [path]
    return {**found, "": rest} if rest else found


def filled(file: str | list | Callable, rule: Rule, wildcards: Wildcards) -> str | list | dict:
    """Fill in a job's wildcards: in a pattern, in each pattern of a list, or as arguments of a rule's function."""
    if is_callable(file):
        found = rule.apply_input_function(file, wildcards, is_unpack=is_flagged(file, "unpack"))[0]
        return placed(found, rule)
    if isinstance(file, list):
        return [filled(each, rule, wildcards) for each in file]
    return apply_wildcards(file, wildcards)


def placed(found: str | list | dict, rule: Rule) -> str | list | dict:
    """Put the prefix that a module's rules have before each path of a path, a list or a dict."""
    if isinstance(found, dict):
        return {name: placed(path, rule) for name, path in found.items()}
    if isinstance(found, list):
        return [placed(path, rule) for path in found]
    return str(rule.input_modifier.modify(found, "input"))


def is_timing(file: str) -> bool:
    """Return whether a file holds timings: if it, or a folder in its path, is named `timings`."""
    *folders, name = file.split("/")
    return "timings" in (*folders, name, name.rpartition(".")[0])
