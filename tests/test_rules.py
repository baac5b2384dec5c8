"""By construction, not by habit: what every rule, script and module keeps to, so that reruns are exact."""

import ast
import json
import os
import re
import shutil
import sys
import types
from functools import cache
from pathlib import Path

import fast_yaml
import finished
import pytest
import small
from small import REPOSITORY

from aelab import numerics
from aelab.jobs import events, frame, record
from aelab.plan import environments, provenance, specs

WORKFLOW = REPOSITORY / "workflow"
KINDS = "scripts/aelab/kinds"
ENVIRONMENTS = ("fetch", "analysis", "tensorflow")

# Rules whose results are the same whatever code and environment make them: they are checked by their hashes.
FIXED = {"fetch_dataset"}

# Rules that only name what they want: everything, all of one study, or what is made when it is asked for.
APART = {"all", "models", "searches", "sweeps"}
TARGETS = {*APART, *(path.parent.name for path in WORKFLOW.glob("studies/*/rules.smk"))}

# Kinds of model that are another kind with something more, and change with it.
BUILT_ON = {
    "beta_vae": {"vae"},
    "blind": {"dense"},
    "conv_classifier": {"classifier", "conv_plane"},
    "dense_classifier": {"classifier"},
}

# What only some modules may do, by the module's file below workflow/.
MAY = {
    "choose modules at run time": {
        *(f"{KINDS}/{name}.py" for name in ("architectures", "declarations", "models")),
        "scripts/aelab/plan/studies.py",
        "scripts/aelab/jobs/starter.py",
    },
    "read the code": {
        *(f"scripts/aelab/plan/{name}.py" for name in ("provenance", "environments", "results", "schemas", "datasets")),
        "scripts/aelab/plan/durations.py",
        *(f"scripts/aelab/plan/snakemake_gaps/{name}.py" for name in ("isolation", "shared_starts", "specs")),
        f"{KINDS}/declarations.py",
        *("scripts/aelab/jobs/frame.py", "scripts/aelab/jobs/starter.py"),
    },
    "read the environment": {
        "scripts/aelab/training/devices.py",
        "scripts/aelab/numerics.py",
        *(f"scripts/aelab/plan/snakemake_gaps/{name}.py" for name in ("isolation", "shared_starts")),
        "scripts/aelab/data/sources.py",
        *(
            f"scripts/aelab/jobs/{name}.py"
            for name in (
                "starter",
                "frame",
                "gpus",
                "guards",
                "log",
                "progress",
                "record",
                "runs",
                "checkpoints",
                "events",
            )
        ),
    },
    "tell the time": {
        "scripts/aelab/plan/snakemake_gaps/shared_starts.py",
        "scripts/aelab/training/loop.py",
        "scripts/train_model.py",
        *(f"scripts/aelab/jobs/{name}.py" for name in ("guards", "runs", "locks", "checkpoints", "events")),
    },
    "draw at random": {
        "scripts/aelab/data/randomness.py",
        "scripts/aelab/data/splits.py",
        "scripts/aelab/data/made.py",
    },
    "write files": {
        "scripts/aelab/plan/provenance.py",
        "scripts/aelab/plan/snakemake_gaps/shared_starts.py",
        "scripts/aelab/files/atomic.py",
        "scripts/aelab/data/sources.py",
        "scripts/aelab/data/own.py",
        *(
            f"scripts/aelab/jobs/{name}.py"
            for name in ("log", "progress", "checkpoints", "locks", "record", "runs", "events")
        ),
    },
}


# -- the rules -------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["auto", "gpu"])
def rules(request, planner, tmp_path_factory):
    """The rules of the whole workflow and their jobs, in a folder where nothing is made yet."""
    folder = tmp_path_factory.mktemp(request.param)
    small.write(folder, change=finished.configure)
    arguments = ["--directory", str(folder), "--config", f"accelerator={request.param}"]
    rules = planner.rules(REPOSITORY, *arguments)
    assert {rule["name"] for rule in rules} >= {"train_model", "all", "write_manifest"}
    return rules


@pytest.fixture
def computing(rules):
    """The rules that compute: all but the targets."""
    return [rule for rule in rules if rule["name"] not in TARGETS]


def test_every_rule_is_a_script_with_one_spec(computing):
    for rule in computing:
        assert rule["how"] == ["script"], rule["name"]
        assert rule["params"] == ["spec"], rule["name"]
        assert rule["environment"], rule["name"]


def test_a_rule_its_script_its_log_and_its_timings_have_one_name(computing):
    """`results/logs/<rule>/<wildcards>.log`; several rules of one script have names of their own."""
    rules_of = {}
    for rule in computing:
        rules_of.setdefault(rule["script"], []).append(rule["name"])
        (log,) = rule["logs"]
        assert re.fullmatch(rf"results/logs/{rule['name']}((/[a-z-]*{{\w+}})*)\.log", log), (rule["name"], log)
        assert rule["benchmark"] == log.replace("/logs/", "/timings/").replace(".log", ".tsv"), rule["name"]
    for script, names in rules_of.items():
        assert names == [Path(script).stem] or len(names) > 1, (script, names)


def test_a_target_asks_for_every_figure_and_table_of_its_study(rules):
    by_name = {rule["name"]: rule for rule in rules}
    for study in TARGETS - APART:
        files = [file for rule in rules for file in rule["outputs"] if file.startswith(f"results/studies/{study}/")]
        made = {file for file in files if file.endswith((".png", "answers.csv")) and "{" not in file}
        assert made and made <= set(by_name[study]["inputs"]), study


def test_the_small_configuration_uses_every_rule(computing):
    # MNIST is fetched, searches and sweeps are runs of their own (`test_searches.py`, `test_sweeps.py`), and models are
    # exported on demand.
    unused = {rule["name"] for rule in computing if not rule["jobs"]}
    of_sweeps = {"tabulate_sweep", "plot_sweep", "write_sweep_caption", "write_sweep_page"}
    assert unused == {"make_dataset", "choose_settings", "export_model", *of_sweeps}


def test_every_spec_is_canonical_and_holds_code_environment_and_files(computing):
    for rule in computing:
        for job in rule["jobs"]:
            spec = specs.parse(job["spec"])
            assert specs.canonical(spec) == job["spec"], rule["name"]
            assert {"code", "environment", "wiring"} <= spec.keys(), rule["name"]
            wired = json.dumps(spec["wiring"])
            assert all(file in wired for file in [*job["inputs"], *job["outputs"]]), rule["name"]


def test_every_spec_holds_the_code_of_its_rules_script(computing):
    for rule in computing:
        script = script_of(rule)
        for job in rule["jobs"]:
            code = specs.parse(job["spec"])["code"]
            if rule["name"] in FIXED:
                assert code == {}
                continue
            assert script in code, f"{rule['name']} runs {script}; its spec has {sorted(code)}"
            assert provenance.code(script).items() <= code.items(), rule["name"]


def test_every_spec_holds_the_environment_of_its_rule(computing):
    for rule in computing:
        environment = Path(rule["environment"]).stem
        assert (REPOSITORY / "envs" / f"{environment}.yaml").exists()
        expected = None if rule["name"] in FIXED else environments.environment_digest(environment)
        for job in rule["jobs"]:
            assert specs.parse(job["spec"])["environment"] == expected, rule["name"]


def test_both_builds_of_tensorflow_count_as_one_environment(rules):
    digests = {name: environments.environment_digest(name) for name in (*ENVIRONMENTS, "tensorflow-gpu")}
    assert digests["tensorflow"] == digests["tensorflow-gpu"]
    assert len(set(digests.values())) == 3


def test_no_input_is_ancient(computing):
    """Snakemake does not look at a job by itself that follows another through such inputs: it would stay stale."""
    for rule in computing:
        for job in rule["jobs"]:
            assert not any(job["inputs"].values()), rule["name"]


def test_every_output_is_a_file_under_results(computing):
    """Snakemake compares no contents of folders."""
    for rule in computing:
        for job in rule["jobs"]:
            for file, is_folder in job["outputs"].items():
                assert not is_folder and file.startswith("results/"), f"{rule['name']}: {file}"


def test_the_target_needs_the_manifest_and_the_manifest_all_that_is_made(rules):
    by_name = {rule["name"]: rule for rule in rules}
    assert "results/manifest.sha256" in by_name["all"]["jobs"][0]["inputs"]
    listed = set(by_name["write_manifest"]["jobs"][0]["inputs"])
    made = {file for rule in rules for job in rule["jobs"] for file in job["outputs"]}
    left_out = made - listed - {"results/manifest.sha256"}
    assert listed < made
    assert left_out and all(Path(file).name == "timings.json" for file in left_out)


@pytest.mark.parametrize("profile", sorted(path.parent.name for path in REPOSITORY.glob("profiles/*/config.yaml")))
def test_every_profile_has_the_triggers_that_the_specs_are_made_for(profile):
    """A named profile replaces the default one."""
    lines = fast_yaml.safe_load((REPOSITORY / "profiles" / profile / "config.yaml").read_text())
    assert sorted(lines["rerun-triggers"]) == ["input", "mtime", "params"]
    assert lines["rerun-incomplete"] is True
    assert lines["max-checksum-file-size"] == "1GB"


# -- scripts and modules ---------------------------------------------------------------------------


def sources():
    """Every file of code below `workflow`, relative to it."""
    files = (Path(folder) / name for folder, _, names in os.walk(WORKFLOW) for name in names)
    return sorted(path.relative_to(WORKFLOW).as_posix() for path in files if path.suffix == ".py")


def scripts():
    """The scripts of the rules, those of the studies among them."""
    found = [*WORKFLOW.glob("scripts/*.py"), *WORKFLOW.glob("studies/*/scripts/*.py")]
    return sorted(path.relative_to(WORKFLOW).as_posix() for path in found)


def script_of(rule):
    """The script of a rule, relative to `workflow`."""
    return Path(rule["script"]).relative_to(WORKFLOW).as_posix()


@cache
def tree(file):
    return ast.parse((WORKFLOW / file).read_text())


@cache
def said(file):
    """What a file names outside of type hints: dotted names as written, calls as `name()`, text constants apart."""
    found, hints = set(), set()
    for node in ast.walk(tree(file)):
        for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            hints.update(ast.walk(hint) if hint else ())
    for node in ast.walk(tree(file)):
        if node in hints:
            continue
        if isinstance(node, ast.Import):
            found.update(f"import {alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(f"import {'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, (ast.Attribute, ast.Name)):
            found.add(ast.unparse(node))
        elif isinstance(node, ast.Call):
            found.add(f"{ast.unparse(node.func)}()")
    return found


def breaking(patterns, what=None, files=None):
    """Sentences `file: what it says`, for files that say anything that matches and may not."""
    return [
        f"{file}: {name}"
        for file in files or sources()
        if file not in MAY.get(what, ())
        for name in sorted(said(file))
        if any(re.fullmatch(pattern, name) for pattern in patterns)
    ]


@cache
def third_party(file, top_level_only=False):
    """Packages outside the standard library and ours that a file imports."""
    nodes = tree(file).body if top_level_only else list(ast.walk(tree(file)))
    nodes = nodes + [inner for node in nodes if isinstance(node, ast.With) for inner in node.body]
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    ours = WORKFLOW / "scripts"
    return {name for name in names if name not in sys.stdlib_module_names and not provenance.module_file(name, ours)}


def closure(script):
    """The files of a script and of all that it imports, every kind of model included."""
    return [path.relative_to(WORKFLOW).as_posix() for path in provenance.closure(script, tuple(sorted(kinds())))]


def kinds():
    """The kinds of model that have an architecture."""
    return {path.parent.name for path in (WORKFLOW / KINDS).glob("*/architecture.py")}


def environment_of(script, computing):
    return {Path(rule["environment"]).stem for rule in computing if script_of(rule) == script}


def test_every_script_belongs_to_a_rule(computing):
    assert {script_of(rule) for rule in computing} == set(scripts())


def test_nothing_is_imported_that_the_digest_cannot_see():
    patterns = (
        r"import (importlib|imp|runpy|pkgutil|zipimport|code|codeop)(\..*)?",
        r"(importlib|runpy|pkgutil)\..*",
        r"(builtins\.)?(__import__|exec|eval|compile)\(\)",
        r"__(import|builtins|loader|spec|path)__",
        r"sys\.(path|modules|meta_path|path_hooks)(\..*)?",
        r"import .*\.\*",
    )
    found = breaking(patterns, "choose modules at run time")
    assert [line for line in found if not line.startswith("scripts/aelab/training/devices.py: sys.modules")] == []


def test_kinds_are_the_only_modules_chosen_at_run_time():
    """Jobs import one module of a kind's folder, to train or to apply a model; planning imports its declaration."""
    calls = [
        ast.unparse(node)
        for file in ("architectures", "declarations", "models")
        for node in ast.walk(tree(f"{KINDS}/{file}.py"))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module")
    ]
    assert calls == [
        """importlib.import_module(f"aelab.kinds.{entry['kind']}.architecture")""",
        """importlib.import_module(f'aelab.kinds.{kind}.declaration')""",
        """importlib.import_module(f'aelab.kinds.{kind}.inference')""",
    ]


def test_docstrings_and_sources_are_not_read():
    """They are no part of the digest."""
    assert breaking([r".*__(doc|file)__(\..*)?", r"import inspect(\..*)?", r"inspect\..*"], "read the code") == []


def test_no_job_reads_the_configuration():
    """Not Snakemake's, not the file's, not through the plan, and of Snakemake's object only what has a place."""
    allowed = (
        r"snakemake",
        r"snakemake\.(params|params\.spec|input|output|log|wildcards|rule|resources)(\[.*\]|\..*)?",
    )
    for file in sources():
        for name in said(file):
            if name.split(".")[0].split("[")[0] == "snakemake":
                assert any(re.fullmatch(pattern, name.removesuffix("()")) for pattern in allowed), f"{file}: {name}"
    assert breaking([r"snakemake\.params\.(?!spec$).*", r"snakemake\.(config|threads|scriptdir).*"]) == []
    with_resources = {"scripts/fetch_dataset.py", "scripts/make_dataset.py", "scripts/train_model.py"}
    assert breaking([r"snakemake\.resources.*"], files=sorted(set(scripts()) - with_resources)) == []
    frame = {"scripts/aelab/jobs/frame.py"}
    assert breaking([r"snakemake\.(wildcards|rule).*"], files=sorted(set(sources()) - frame)) == []
    may_be_read = {f"scripts/aelab/plan/{name}.py" for name in ("__init__", "specs")}
    planning = {file for file in sources() if file.startswith("scripts/aelab/plan/")} - may_be_read
    for script in scripts():
        files = closure(script)
        assert not planning & set(files), script
        assert not {"yaml", "snakemake", "jsonschema"} & {name for file in files for name in third_party(file)}, script


def test_results_depend_on_no_surroundings():
    environment = [
        r"os\.(environ|getenv|environb)(\..*)?(\(\))?",
        r"import os\.environ",
        r"(socket|platform|getpass|locale)\..*",
    ]
    assert breaking(environment, "read the environment") == []
    clock = [
        r"time\.\w+\(\)",
        r"import (datetime|uuid|secrets)(\..*)?",
        r"(datetime|uuid|secrets)\..*",
        r"id\(\)",
        r"hash\(\)",
    ]
    assert breaking(clock, "tell the time") == []
    draws = [
        r"import random(\..*)?",
        r"random\.\w+(\(\))?",
        r"(np|numpy)\.random(\..*)?",
        r"import (numpy|tensorflow)\.random.*",
        r"(tf|tensorflow)\.random\.(?!stateless_|split|fold_in|experimental\.stateless_)\w+(\(\))?",
        r"(keras\.)?random\..*",
    ]
    assert breaking(draws, "draw at random") == []


def test_results_are_written_by_one_module():
    patterns = (
        r".*\.(write_text|write_bytes|to_csv|to_json|to_pickle|savefig|savetxt|tofile|imsave|save_weights)\(\)",
        r"(np|numpy)\.(save|savez|savez_compressed)\(\)",
        r"json\.dump\(\)",
        r"import (pickle|shelve|marshal)(\..*)?",
    )
    found = breaking(patterns, "write files")
    assert [line for line in found if line != "scripts/aelab/report/figures.py: figure.savefig()"] == []
    for file in set(sources()) - MAY["write files"]:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "io.open", "os.open"):
                modes = [
                    ast.unparse(argument) for argument in [*node.args[1:], *(word.value for word in node.keywords)]
                ]
                reading = not any(set(mode.strip("'\"")) & set("wax+") for mode in modes if mode.startswith(("'", '"')))
                assert reading or file == "scripts/aelab/training/devices.py", f"{file}: {ast.unparse(node)}"


@pytest.mark.parametrize("script", scripts())
def test_what_draws_and_tabulates_does_not_load_tensorflow(script, computing):
    environments = environment_of(script, computing)
    packages = {name for file in closure(script) for name in third_party(file)}
    if not any(environment.startswith("tensorflow") for environment in environments):
        assert not {"tensorflow", "keras"} & packages
    else:
        assert "matplotlib" not in packages
    if environments == {"fetch"}:
        assert packages <= {"pooch", "numpy", "threadpoolctl"}
        assert not third_party(script, top_level_only=True)


def test_a_kind_of_model_imports_no_other_kind():
    """So that an edit to one reruns the models of that kind alone, and of kinds that are built on it."""
    assert BUILT_ON.keys() <= kinds()
    for kind in kinds():
        imports = provenance.source(WORKFLOW / KINDS / kind / "architecture.py", WORKFLOW).imports
        others = {name.split(".")[2] for name in imports if name.startswith("aelab.kinds.")}
        assert others <= BUILT_ON.get(kind, set()), kind


# -- the digest's border -----------------------------------------------------------------------------------


def outside():
    """The files that are in no job's digest."""
    return [file for file in sources() if file.startswith(provenance.OUTSIDE)]


def test_what_only_decides_when_a_job_runs_is_in_no_spec(computing):
    assert {file.split("/")[2] for file in outside()} == {"jobs", "errors.py"}
    for rule in computing:
        for job in rule["jobs"]:
            assert not set(outside()) & specs.parse(job["spec"])["code"].keys(), rule["name"]


def test_what_is_in_no_digest_cannot_change_a_result():
    """It computes nothing, and writes nothing but its log, its locks, its plan, its events and its line."""
    for file in outside():
        assert not third_party(file), file
        ours = provenance.source(WORKFLOW / file, WORKFLOW).imports.keys() - {"aelab", "aelab.jobs", "aelab.errors"}
        assert {name for name in ours if not name.startswith("aelab.jobs.")} <= {"aelab.numerics"}, file
    writing = r".*\.(write_text|write_bytes|replacing|write_\w+)(\(\))?"
    run, telling = "scripts/aelab/jobs/record.py", "scripts/aelab/jobs/events.py"
    assert breaking([writing], files=[file for file in outside() if file != run]) == []
    assert breaking([r"json\.dumps?(\(\))?"], files=sorted({*outside()} - {run, telling})) == []
    assert set(breaking([writing], files=[run])) == {f"{run}: PLAN.write_text", f"{run}: PLAN.write_text()"}
    opened = [
        node for node in ast.walk(tree(telling)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "open"
    ]
    assert {ast.unparse(node.args[0]) for node in opened} == {"own_file(name)", "entry.path"}
    assert record.PLAN.parts[0] == record.RUN.parts[0] == events.FOLDER.parts[0] == ".snakemake"


def test_what_can_change_a_result_is_in_every_digest(computing):
    for rule in computing:
        for job in rule["jobs"] if rule["name"] not in FIXED else []:
            code = specs.parse(job["spec"])["code"]
            assert {"scripts/aelab/numerics.py", "scripts/aelab/files/atomic.py"} <= code.keys(), rule["name"]


def test_a_job_computes_with_the_threads_of_the_digest(tmp_path, monkeypatch):
    """The frame is in no digest: that it takes its settings from `aelab.numerics` is held here."""
    called = []
    for name in ("use_one_thread", "keep_memory"):
        monkeypatch.setattr(numerics, name, lambda name=name: called.append(name))
    snakemake = types.SimpleNamespace(
        rule="rule",
        wildcards=[],
        output=["results/x"],
        log=[str(tmp_path / "log")],
        params=types.SimpleNamespace(spec='{"code": {}}'),
    )
    with frame.job(snakemake):
        assert sorted(called) == ["keep_memory", "use_one_thread"]


def test_the_checks_of_a_study_need_the_standard_library_alone():
    for path in [*WORKFLOW.glob("studies/*/checks.py"), WORKFLOW / "template" / "checks.py"]:
        assert not third_party(path.relative_to(WORKFLOW).as_posix()), path


# -- the tests themselves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "test"),
    [
        ("snakemake.config['models']", test_no_job_reads_the_configuration),
        ("snakemake.params.other", test_no_job_reads_the_configuration),
        ("snakemake.threads", test_no_job_reads_the_configuration),
        ("import yaml", test_no_job_reads_the_configuration),
        ("from aelab.plan import plan", test_no_job_reads_the_configuration),
        ("__import__('os')", test_nothing_is_imported_that_the_digest_cannot_see),
        ("import importlib", test_nothing_is_imported_that_the_digest_cannot_see),
        ("exec('1')", test_nothing_is_imported_that_the_digest_cannot_see),
        ("from aelab.files.tables import *", test_nothing_is_imported_that_the_digest_cannot_see),
        ("print(__doc__)", test_docstrings_and_sources_are_not_read),
        ("import os\nos.environ['HOME']", test_results_depend_on_no_surroundings),
        ("import random", test_results_depend_on_no_surroundings),
        ("import numpy as np\nnp.random.rand()", test_results_depend_on_no_surroundings),
        ("open('results/x', 'w')", test_results_are_written_by_one_module),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_script_that_breaks_a_rule_is_found(line, test, tmp_path, monkeypatch):
    """Each of these tests fails when what it names breaks."""
    folder = tmp_path / "workflow"
    shutil.copytree(WORKFLOW, folder, ignore=shutil.ignore_patterns("__pycache__"))
    script = folder / "scripts" / "encode_images.py"
    script.write_text(f"{script.read_text()}\n{line}\n")
    monkeypatch.setitem(globals(), "WORKFLOW", folder)
    original = provenance.closure
    monkeypatch.setattr(provenance, "closure", lambda script, kinds=(): original(script, kinds, root=folder))
    for function in (tree, said, third_party):
        function.cache_clear()
    try:
        with pytest.raises(AssertionError, match="encode_images"):
            test()
    finally:
        for function in (tree, said, third_party):
            function.cache_clear()
