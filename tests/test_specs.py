"""Digests, specs and what keeps them true while jobs run."""

import ast
import json
import os
import shutil
import subprocess
import sys

import pytest
from snakemake_starts import snakemake

from aelab.errors import LabError
from aelab.jobs import digests, frame
from aelab.plan import environments, provenance, snakemake_gaps, specs

SOURCE = '''
"""A module."""
import os

def area(width, height=1.5):
    """Width times height."""
    # a comment
    return width * height if width else f"{height:.2f}"
'''


# -- digests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a comment", "# another comment, a longer one"),
        ('"""Width times height."""', '"""The area."""'),
        ('"""A module."""\n', ""),
        ("width * height", "(width*height)"),
        ("import os\n\n", "import os\n\n\n\n"),
        ('f"{height:.2f}"', "f'{height:.2f}'"),
        ("(width, height=1.5)", "(\n    width,\n    height=1.5,\n)"),
        ("1.5", "1.50"),
        ("(width, height=1.5):", "(width: int, height: float = 1.5) -> float:"),
    ],
)
def test_what_changes_nothing_changes_no_digest(old, new):
    assert SOURCE.count(old) == 1
    assert digests.source_digest(SOURCE.replace(old, new)) == digests.source_digest(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.5", "1.6"),
        ("1.5", "None"),
        ("width * height", "height * width"),
        ("import os", "import os as system"),
        ("if width else", "if height else"),
        (".2f", ".3f"),
        ("def area(width", "def area(*width"),
        ('return width * height if width else f"{height:.2f}"', "return"),
        ('return width * height if width else f"{height:.2f}"', "return None"),
        ("    # a comment\n", '    "not a docstring"\n'),
    ],
)
def test_every_change_of_code_changes_the_digest(old, new):
    assert SOURCE.count(old) == 1
    assert digests.source_digest(SOURCE.replace(old, new)) != digests.source_digest(SOURCE)


def test_small_differences_are_not_left_out():
    pairs = [("return", "return None"), ("x[1:]", "x[:1]"), ("f(a)", "f(*a)"), ("f(a=b)", "f(**b)"), ("{**a}", "{a}")]
    pairs += [
        ("x = ()", "x = []"),
        ("x: int", "x: int = None"),
        ("x: int", "x: str"),
        ("1", "1.0"),
        ("1", "True"),
        ("'a'", "b'a'"),
    ]
    for one, other in pairs:
        texts = [f"def f():\n    {line}" for line in (one, other)]
        assert digests.source_digest(texts[0]) != digests.source_digest(texts[1]), (one, other)


def test_every_python_gives_the_same_digest():
    """The number was computed with Python 3.11, 3.12 and 3.13, whose syntax trees have other fields."""
    assert digests.source_digest(SOURCE) == "6862f971c26b6044"
    assert digests.described(ast.parse("def f(): pass")) == (
        "Module(body=[FunctionDef(name='f',args=arguments(),body=[Pass()])])"
    )


# -- the code of a script --------------------------------------------------------------------------


@pytest.fixture
def scripts(tmp_path):
    """A folder with scripts and a package that import one another in every way."""
    files = {
        "scripts/run.py": "from aelab import one\n",
        "scripts/other.py": "import json\n",
        "scripts/apply.py": "from aelab.kinds.models import read_model\n",
        "scripts/aelab/__init__.py": "",
        "scripts/aelab/one.py": "def f():\n    from .two import g\n    return g\n",
        "scripts/aelab/two.py": "import aelab.parts.deep as deep\n",
        "scripts/aelab/parts/__init__.py": "from . import sibling\n",
        "scripts/aelab/parts/deep.py": "from ..kinds import architectures\n",
        "scripts/aelab/parts/sibling.py": "if False:\n    from aelab.three import *\n",
        "scripts/aelab/three.py": "",
        "scripts/aelab/unused.py": "",
        "scripts/aelab/kinds/__init__.py": "",
        "scripts/aelab/kinds/architectures.py": "",
        "scripts/aelab/kinds/models.py": "",
        "scripts/aelab/kinds/sparse/__init__.py": "",
        "scripts/aelab/kinds/sparse/inference.py": "",
        "scripts/aelab/kinds/dense/__init__.py": "",
        "scripts/aelab/kinds/dense/architecture.py": "from aelab.base import A\n",
        "scripts/aelab/kinds/vae/architecture.py": "",
        "scripts/aelab/base.py": "",
        "scripts/aelab/errors.py": "from aelab import one\n",
        "scripts/aelab/jobs/__init__.py": "",
        "scripts/aelab/jobs/frame.py": "from aelab import errors, three\nfrom aelab.jobs import log\n",
        "scripts/aelab/jobs/log.py": "import beside\nWORD = 'a word of the log'\n",
        "scripts/beside.py": "WORD = 'a word that counts'\n",
        "scripts/framed.py": "from aelab.jobs import frame\n",
        "studies/one/scripts/draw.py": "import beside\nimport strokes\n",
        "studies/one/scripts/strokes.py": "",
        "studies/two/scripts/strokes.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_what_is_found_about_code_is_kept_by_its_content(tmp_path, monkeypatch):
    """What is kept is read instead of the code; what cannot be read or written changes nothing."""
    code, package = b"import os.path\nfrom .two import g\n", ("aelab", "one.py")
    found = provenance.analysed(code, package)
    assert found == (["aelab", "aelab.two", "aelab.two.g", "os", "os.path"], digests.source_digest(code.decode()))
    assert not provenance.KEPT.exists()  # no folder of Snakemake's is there yet
    provenance.KEPT.parent.mkdir()
    assert provenance.analysed(code, package) == found
    (kept,) = provenance.KEPT.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(provenance.ast, "parse", None)
        assert provenance.analysed(code, package) == found
        for other in ((code + b"x = 1\n", package), (code, ("aelab", "parts", "one.py"))):
            with pytest.raises(TypeError):
                provenance.analysed(*other)
        kept.write_text('["half a li')
        with pytest.raises(TypeError):
            provenance.analysed(code, package)
    assert provenance.analysed(code, package) == found
    assert [path.read_text() for path in provenance.KEPT.iterdir()] == [json.dumps(list(found))]


def test_every_module_that_is_imported_counts_and_no_other(scripts):
    library = {"__init__", "one", "two", "three", "parts/__init__", "parts/deep", "parts/sibling"}
    library |= {"kinds/__init__", "kinds/architectures"}
    always = {"scripts/run.py"} | {f"scripts/aelab/{name}.py" for name in library}
    assert provenance.code("scripts/run.py", root=scripts).keys() == always
    dense = {f"scripts/aelab/{name}.py" for name in ("kinds/dense/__init__", "kinds/dense/architecture", "base")}
    assert provenance.code("scripts/run.py", {"dense"}, root=scripts).keys() == always | dense
    assert provenance.code("scripts/run.py", {"dense"}, {"sparse"}, scripts).keys() == always | dense
    assert provenance.code("scripts/other.py", {"dense"}, root=scripts).keys() == {"scripts/other.py"}
    library = {"__init__", "kinds/__init__", "kinds/models"}
    apply = {"scripts/apply.py"} | {f"scripts/aelab/{name}.py" for name in library}
    assert provenance.code("scripts/apply.py", {"dense"}, root=scripts).keys() == apply
    sparse = {f"scripts/aelab/kinds/sparse/{name}.py" for name in ("__init__", "inference")}
    assert provenance.code("scripts/apply.py", {"dense"}, {"sparse"}, scripts).keys() == apply | sparse


def test_what_decides_when_a_job_runs_does_not_count_but_what_it_imports_does(scripts):
    counted = {"scripts/framed.py", "scripts/beside.py"}
    library = {"__init__", "one", "two", "three", "parts/__init__", "parts/deep", "parts/sibling"}
    library |= {"kinds/__init__", "kinds/architectures"}
    counted |= {f"scripts/aelab/{name}.py" for name in library}
    assert provenance.code("scripts/framed.py", root=scripts).keys() == counted


def test_a_script_of_a_study_finds_the_library_and_what_lies_beside_it(scripts):
    found = {"studies/one/scripts/draw.py", "studies/one/scripts/strokes.py", "scripts/beside.py"}
    assert provenance.code("studies/one/scripts/draw.py", root=scripts).keys() == found


# -- specs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 10.0}, {"a": 10}),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        ({"a": 0.001}, {"a": 1.0e-3}),
        ({"a": -0.0}, {"a": 0}),
    ],
)
def test_the_same_settings_have_one_text(one, other):
    assert specs.canonical(one) == specs.canonical(other)
    assert specs.parse(specs.canonical(one)) == specs.parse(specs.canonical(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": [1, 2]}, {"a": [2, 1]}), ({"a": 1}, {"a": True}), ({"a": 1}, {"a": "1"}), ({"a": None}, {})],
)
def test_other_settings_have_another_text(one, other):
    assert specs.canonical(one) != specs.canonical(other)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(ValueError):
        specs.canonical({"a": value})


def test_an_environment_is_what_it_installs(tmp_path):
    def digest(text, name="one"):
        (tmp_path / f"{name}.yaml").write_text(text)
        environments.environment_digest.cache_clear()
        return environments.environment_digest(name, tmp_path)

    text = "name: one\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - pip\n  - pip:\n"
    text += '      - "numpy==2.0"\n      - "pandas==3.0"\n'
    same = text.replace("name: one", "# words\nname: two")
    assert digest(text) == digest(same)
    for channels in ("", "channels: [https://mirror.example/conda-forge]\n", "channels: [conda-forge, nodefaults]\n"):
        assert digest(text) == digest(text.replace("channels: [conda-forge]\n", channels)), channels
    swapped = text.replace("numpy==2.0", "x").replace("pandas==3.0", "numpy==2.0").replace('"x"', '"pandas==3.0"')
    assert digest(text) == digest(swapped)
    for old, new in (("2.0", "2.1"), ("3.12", "3.13"), ("  - pip\n", "")):
        assert digest(text) != digest(text.replace(old, new)), old
    cpu = text + "      - \"tensorflow-cpu==2.21.0 ; sys_platform != 'darwin'\"\n"
    gpu = text + '      - "tensorflow==2.21.0"\n      - "nvidia-cublas-cu12==12.9"\n'
    assert digest(cpu) == digest(gpu) != digest(gpu.replace("2.21.0", "2.22.0"))
    before = digest(text)
    (tmp_path / "one.post-deploy.sh").write_text("pip install something\n")
    assert digest(text) != before


def test_timings_are_known_by_their_names():
    assert snakemake_gaps.is_timing("results/models/dense_2/seed-1/timings.json")
    assert snakemake_gaps.is_timing("results/timings/train_model/dense_2/seed-1.tsv")
    assert not snakemake_gaps.is_timing("results/models/timings_of_the_year/seed-1/weights.npz")


# -- while jobs run --------------------------------------------------------------------------------


@pytest.fixture
def planned(tmp_path):
    """A script and a module as they were planned, in a run that began before they can be touched."""
    (tmp_path / "script.py").write_text("VALUE = 1\n")
    (tmp_path / "module.py").write_text(SOURCE)
    return {name: digests.file_digest(tmp_path / name) for name in ("script.py", "module.py")}


@pytest.fixture
def since(planned, tmp_path):
    """When the code was planned."""
    return os.stat(tmp_path / "script.py").st_ctime


def test_a_job_runs_the_code_that_was_planned(planned, since, tmp_path):
    frame.check_code(planned, since, tmp_path)
    (tmp_path / "module.py").write_text(SOURCE + "# a comment\n")
    frame.check_code(planned, since, tmp_path)


@pytest.mark.parametrize("time", [None, 1_000_000_000])
def test_a_job_whose_code_was_edited_after_planning_stops(planned, since, tmp_path, time):
    (tmp_path / "script.py").write_text("VALUE = 2\n")
    if time:
        os.utime(tmp_path / "script.py", (time, time))
    with pytest.raises(LabError, match="script.py was edited after this run was planned"):
        frame.check_code(planned, since, tmp_path)
    (tmp_path / "script.py").write_text("VALUE = 1\n")
    frame.check_code(planned, since, tmp_path)


def test_a_job_whose_code_is_gone_stops(planned, since, tmp_path):
    (tmp_path / "module.py").unlink()
    with pytest.raises(LabError, match="module.py was edited"):
        frame.check_code(planned, since, tmp_path)


def test_code_that_nobody_touched_is_not_read(planned, since, tmp_path):
    frame.check_code(dict.fromkeys(planned, "another digest"), since + 60, tmp_path)


def test_numerics_use_one_thread():
    code = (
        "import numpy, sklearn, threadpoolctl, os\n"
        "from aelab import numerics\n"
        "numerics.use_one_thread()\n"
        "assert all(pool['num_threads'] == 1 for pool in threadpoolctl.threadpool_info())\n"
        "assert os.environ['OMP_NUM_THREADS'] == '1'\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(provenance.WORKFLOW / "scripts"),
        "OPENBLAS_NUM_THREADS": "4",
        "OMP_NUM_THREADS": "4",
    }
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


# -- what Snakemake alone would let through ----------------------------------------------------------


def test_touching_results_does_not_make_them_new(edited, planner):
    """`--touch` would record settings and code that never ran."""
    edited.apply({"config": {"models.dense_2.epochs": 2}})
    done = snakemake("--touch", "--cores", "1", cwd=edited.folder)
    assert done.returncode == 1 and "--touch would record" in done.stdout + done.stderr
    assert any(job.needed for job in planner.jobs(edited.folder) if job.label == "train_model dense_2/1")


def test_results_without_records_are_refused(edited):
    records = edited.folder / ".snakemake" / "metadata"
    records.rename(edited.folder / "records")
    try:
        done = snakemake("--dry-run", cwd=edited.folder)
        assert (
            done.returncode == 1 and ".snakemake/metadata, which says how they were made" in done.stdout + done.stderr
        )
    finally:
        shutil.rmtree(records, ignore_errors=True)
        (edited.folder / "records").rename(records)


def test_columns_are_written_as_pandas_writes_them(tmp_path):
    pandas, numpy = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    from aelab.files import atomic

    columns = {
        "digit": numpy.arange(4),
        "mse": numpy.array([0.1, 1 / 3, float("nan"), 1e-12]),
        "share": [1.0, 123456789.0, 2.5, 0.0],
        "count": [1, 2, 3, 4],
    }
    atomic.write_columns(tmp_path / "columns.csv", columns)
    atomic.write_table(tmp_path / "table.csv", pandas.DataFrame(columns))
    assert (tmp_path / "columns.csv").read_bytes() == (tmp_path / "table.csv").read_bytes()
    empty = {"epoch": [], "training_loss": []}
    atomic.write_columns(tmp_path / "columns.csv", empty)
    atomic.write_table(tmp_path / "table.csv", pandas.DataFrame(empty))
    assert (tmp_path / "columns.csv").read_bytes() == (tmp_path / "table.csv").read_bytes()
