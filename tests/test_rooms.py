"""The rooms of the library: each imports from those below it, and only some know TensorFlow, Matplotlib or YAML.

The contracts stand in pyproject.toml; import-linter reads them there.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest
from small import REPOSITORY

LIBRARY = REPOSITORY / "workflow/scripts/aelab"
LONGEST = 300  # lines of a module
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def linted(library):
    """What import-linter says of a library; `library` is the folder that holds the package."""
    command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo", str(REPOSITORY / "pyproject.toml")]
    path = os.pathsep.join([str(library), *(folder for folder in sys.path if folder)])
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    contracts = [line for line in done.stdout.splitlines() if line.endswith((" KEPT", " BROKEN"))]
    assert contracts, done.stdout + done.stderr
    assert (done.returncode == 0) == all(line.endswith(" KEPT") for line in contracts)
    return done.stdout


WRONG = [
    ("files/tables.py", "from aelab.data import idx", "Rooms use the rooms below them"),
    ("analysis/normal.py", "from aelab.report import claims", "Rooms use the rooms below them"),
    ("jobs/guards.py", "from aelab.files import atomic", "Rooms use the rooms below them"),
    ("training/losses.py", "from aelab.kinds import models", "Rooms use the rooms below them"),
    ("plan/effort.py", "from aelab.data import splits", "Planning needs"),
    ("kinds/dense/declaration.py", "import numpy", "Planning needs"),
    ("kinds/stack/declaration.py", "from aelab.kinds.dense import architecture", "Planning needs"),
    ("jobs/log.py", "import numpy", "What decides when a job runs"),
    ("analysis/measures.py", "def late():\n    import keras", "TensorFlow is for"),
    ("inference/layers.py", "import matplotlib.pyplot", "Matplotlib is for"),
    ("inference/operations.py", "import numpy", "Planning needs"),
    ("kinds/models.py", "import keras", "TensorFlow is for"),
    ("training/loop.py", "import yaml", "The configuration is read"),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What is said of a library with all the wrong lines, by the contract's name."""
    folder = tmp_path_factory.mktemp("rooms")
    shutil.copytree(LIBRARY, folder / "aelab", ignore=shutil.ignore_patterns("__pycache__"))
    for module, line, _ in WRONG:
        path = folder / "aelab" / module
        path.write_text(f"{path.read_text()}\n{line}\n")
    _, _, details = linted(folder).partition("Broken contracts\n")
    parts = re.split(r"\n([^\n]+)\n-{10,}\n", details)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_no_module_is_longer_than_is_read_in_one_go():
    lengths = {str(path.relative_to(LIBRARY)): path.read_text().count("\n") for path in LIBRARY.rglob("*.py")}
    assert len(lengths) > 80
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST} == {}


def test_every_room_keeps_its_contracts():
    assert " BROKEN" not in linted(LIBRARY.parent)


@pytest.mark.parametrize(("module", "line", "contract"), WRONG)
def test_an_import_in_the_wrong_direction_is_found(module, line, contract, complaints):
    (found,) = (text for name, text in complaints.items() if name.startswith(contract))
    number = (LIBRARY / module).read_text().count("\n") + 1 + line.count("\n") + 1
    importer = "aelab." + module.removesuffix(".py").replace("/", ".")
    assert re.search(rf"{re.escape(importer)} -> [\w.]+ \([^)]*l\.{number}\b", found), found
