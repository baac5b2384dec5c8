"""The locks serve every platform that `make` takes: each package has a wheel there whose hash is in the lock.

Resolved with the network and without installing or downloading anything, in less than a second each.
"""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from functools import cache

import machine
import pytest
from small import REPOSITORY
from test_project import tool

# Pure Python, published as a source archive alone: pip builds it on every platform.
SOURCES = {"connection-pool"}
PYTHONS = ("3.11", "3.13")  # the oldest and the newest
GLIBC = ("glibc", "2.36")


@cache
def offline():
    """Why nothing can be resolved here, in words; None with a network."""
    try:
        urllib.request.urlopen("https://pypi.org/simple/connection-pool/", timeout=5).close()
    except (urllib.error.URLError, OSError) as error:
        return f"no network: {error}"
    return None


def resolved(lock, target, version, tmp_path):
    """What uv would install from a lock on another platform, each package with a hash of the lock."""
    requirements = re.split(r"\n(?=\S)", (REPOSITORY / lock).read_text().strip())
    kept = [text for text in requirements if text.split("==")[0] not in SOURCES]
    assert len(kept) == len(requirements) - len(SOURCES)
    (tmp_path / "lock").write_text("\n".join(kept) + "\n")
    command = [tool("uv"), "pip", "install", "--dry-run", "--no-config", "--no-deps", "--require-hashes"]
    command += ["--python", sys.executable, "--only-binary", ":all:", "--target", str(tmp_path / "nothing")]
    command += ["--python-platform", target, "--python-version", version, "--requirement", str(tmp_path / "lock")]
    return subprocess.run(command, capture_output=True, text=True)


CASES = [
    (lock, platform)
    for lock in ("requirements.lock", "requirements-gpu.lock")
    for platform in machine.PLATFORMS.values()
    if platform.gpu or "gpu" not in lock
]


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize(("lock", "platform"), CASES, ids=lambda value: getattr(value, "target", value))
def test_every_platform_resolves_from_the_lock(lock, platform, version, tmp_path):
    if offline():
        pytest.skip(offline())
    done = resolved(lock, platform.target, version, tmp_path)
    assert done.returncode == 0, done.stderr
    (found,) = re.findall(r"^ \+ (tensorflow(?:-cpu)?)==", done.stderr, re.MULTILINE)
    light = "gpu" not in lock and platform.target.startswith("x86_64")
    assert found == ("tensorflow-cpu" if light else "tensorflow")


@pytest.mark.parametrize("target", ["x86_64-apple-darwin", "x86_64-unknown-linux-musl"])
def test_where_make_refuses_a_package_has_no_wheel(target, tmp_path):
    if offline():
        pytest.skip(offline())
    done = resolved("requirements.lock", target, PYTHONS[0], tmp_path)
    assert done.returncode and re.search("has no (usable wheels|wheels with a matching)", done.stderr), done.stderr


@pytest.mark.parametrize("key", machine.PLATFORMS)
def test_a_machine_that_has_all_is_told_nothing(key):
    assert machine.problem(*key, GLIBC) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ("darwin", "x86_64", ("", "")),
            "TensorFlow has no package for darwin on x86_64; it has for: Linux on",
        ),
        (("linux", "riscv64", GLIBC), "TensorFlow has no package for linux on riscv64"),
        (("linux", "x86_64", ("", "")), "needs glibc 2.28 or newer; this is another C library"),
        (("linux", "x86_64", ("glibc", "2.17")), "needs glibc 2.28 or newer; this is glibc 2.17"),
        (("linux", "x86_64", GLIBC, ["venv"]), "has no ensurepip: on Debian and Ubuntu install python3-venv"),
        (("darwin", "arm64", ("", ""), machine.MODULES, True), "no CUDA build for macOS on Apple silicon"),
    ],
)
def test_a_machine_that_lacks_something_is_told_in_one_line(given, message):
    said = machine.problem(*given)
    assert message in said and "\n" not in said


def test_make_asks_before_it_installs():
    makefile = (REPOSITORY / "Makefile").read_text()
    assert makefile.index("tools/machine.py") < makefile.index("-I -m venv")
    done = subprocess.run([sys.executable, "-I", "tools/machine.py"], cwd=REPOSITORY, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
