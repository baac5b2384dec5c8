"""Which files the workflow reads and makes, asked of its rules.

Snakemake says so too (`expand_input`, `expand_output`), checks each file on the way and takes ten times as long.
"""

from snakemake.io import apply_wildcards, is_callable, is_flagged


def produced(targets, rules):
    """Every file that the rules of a workflow make on the way to its targets, without timings, in order.

    `rules` are Snakemake's, each file made by one of them. Timings differ from run to run and lie in
    files and folders of that name.
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
            rules.insert(0, rule)  # the next file is likely to be one of its own
            wildcards = rule.get_wildcards(file)
            outputs = paths(rule.output, rule, wildcards)
            made.update(outputs)
            asked.update(outputs)
            queue += paths(rule.input, rule, wildcards)
    return sorted(file for file in made if not is_timing(file))


def paths(files, rule, wildcards):
    """The paths of a job's inputs or outputs."""
    found = named(files, rule, wildcards).values()
    return [path for each in found for path in ([each] if isinstance(each, str) else each)]


def named(files, rule, wildcards):
    """A job's inputs or outputs as a dict from name ("" where they have none) to path or list of paths.

    `files` is `rule.input` or `rule.output`.
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


def filled(file, rule, wildcards):
    """The path that a pattern or a function of a rule gives for a job's wildcards; of a list, a list."""
    if is_callable(file):
        return rule.apply_input_function(file, wildcards, is_unpack=is_flagged(file, "unpack"))[0]
    if isinstance(file, list):
        return [filled(each, rule, wildcards) for each in file]
    return apply_wildcards(file, wildcards)


def is_timing(file):
    """Whether a file holds timings, by its name or by a folder's."""
    *folders, name = file.split("/")
    return "timings" in (*folders, name, name.rpartition(".")[0])
