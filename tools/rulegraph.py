"""Update the diagram in docs/pipeline.md from Snakemake's graph of the rules. `make rulegraph` runs it.

The rules of a study are drawn as one box. The graph is a mermaid diagram between two comments of that page. `--check`
only checks whether it is up to date.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "pipeline.md"
BEGIN, END = "<!-- rulegraph -->", "<!-- end of rulegraph -->"
LEFT_OUT = {"all", "write_manifest"}


def boxes() -> dict[str, str]:
    """Return the study of each rule that belongs to a study."""
    found = {}
    for path in (REPOSITORY / "workflow" / "studies").glob("*/rules.smk"):
        study, text = path.parent.name, path.read_text().replace("{study}", path.parent.name)
        names = re.findall(r'^ *(?:rule |name:\s+f")(\w+)', text, re.MULTILINE)
        found |= dict.fromkeys(names, study)
    return found


def graph() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return the nodes and edges of the diagram.

    Returns
    -------
    sizes : dict of str to int
        Number of rules of each study.
    edges : list of (str, str)
        Pairs of rules or studies; the second uses files of the first.
    """
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:  # an empty folder, so that the graph does not depend on results/
        command += ["--directory", folder, "--configfile", "config/config.yaml"]
        text = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    names = dict(re.findall(r"^\s*(id\d+)\[(\w+)\]", text, re.MULTILINE))
    box = boxes()

    def of(rule: str) -> str:
        return "write_captions" if re.fullmatch(r"write_\w+_captions", rule) else box.get(rule, rule)

    edges = {(of(names[a]), of(names[b])) for a, b in re.findall(r"(id\d+) --> (id\d+)", text)}
    edges = {(a, b) for a, b in edges if a != b and not {a, b} & LEFT_OUT}
    sizes = {study: sum(value == study for value in box.values()) for study in box.values()}
    return sizes, sorted(without_shortcuts(edges))


def without_shortcuts(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Remove each edge between two nodes that are also connected by a longer path.

    The graph may have a cycle, since stacked models train on the codes of others.
    """
    kept = set(edges)
    for a, b in sorted(edges):
        seen, queue = {a}, [a]
        while queue:
            node = queue.pop()
            following = {y for x, y in kept - {(a, b)} if x == node} - seen
            seen |= following
            queue += following
        if b in seen:
            kept.remove((a, b))
    return kept


def drawn() -> str:
    """Return the mermaid diagram as a block of Markdown."""
    sizes, edges = graph()
    lines = ["```mermaid", "flowchart LR"]
    for name in sorted({name for edge in edges for name in edge}):
        shape = f'(["study {name}<br/>{sizes[name]} rules"])' if name in sizes else f"[{name}]"
        lines.append(f"    {name}{shape}")
    lines += [f"    {a} --> {b}" for a, b in edges]
    return "\n".join([*lines, "```"])


def updated(text: str) -> str:
    """Return the text of the page with the current diagram."""
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:start]}\n{drawn()}\n{text[end:]}"


if __name__ == "__main__":
    before = PAGE.read_text()
    after = updated(before)
    if "--check" in sys.argv[1:]:
        sys.exit("docs/pipeline.md shows an old rule graph: run `make rulegraph`" if before != after else 0)
    PAGE.write_text(after)
