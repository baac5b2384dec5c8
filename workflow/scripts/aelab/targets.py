"""Which files the workflow makes, asked of its rules."""


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
            outputs = [str(output) for output in rule.expand_output(wildcards)[0]]
            made.update(outputs)
            asked.update(outputs)
            queue += [str(needed) for needed in rule.expand_input(wildcards)[0]]
    return sorted(file for file in made if not is_timing(file))


def is_timing(file):
    """Whether a file holds timings, by its name or by a folder's."""
    *folders, name = file.split("/")
    return "timings" in (*folders, name, name.rpartition(".")[0])
