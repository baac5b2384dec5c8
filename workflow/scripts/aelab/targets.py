"""Which files the workflow makes, asked of its rules."""

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
            outputs = [apply_wildcards(output, wildcards) for output in rule.output]
            made.update(outputs)
            asked.update(outputs)
            queue += inputs(rule, wildcards)
    return sorted(file for file in made if not is_timing(file))


def inputs(rule, wildcards):
    """Paths of a job's inputs: what Snakemake's `expand_input` finds, without its checks, in a third of the time."""
    for item in rule.input:
        if is_callable(item):
            found, _ = rule.apply_input_function(item, wildcards, is_unpack=is_flagged(item, "unpack"))
            groups = found.values() if isinstance(found, dict) else found if isinstance(found, list) else [found]
            for group in groups:
                yield from [group] if isinstance(group, str) else group
        else:
            yield apply_wildcards(item, wildcards)


def is_timing(file):
    """Whether a file holds timings, by its name or by a folder's."""
    *folders, name = file.split("/")
    return "timings" in (*folders, name, name.rpartition(".")[0])
