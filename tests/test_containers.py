"""The image's definition and the Kubernetes profile agree with the repository, as far as plans can tell."""

import fnmatch
import http.server
import json
import os
import re
import shlex
import subprocess
import sys
import threading

import environments
import fast_yaml
import lock
import pytest
import small
from small import REPOSITORY
from snakemake_starts import snakemake
from test_modules import reduced
from test_platforms import offline

DOCKERFILE = (REPOSITORY / "containers/Dockerfile").read_text().replace("\\\n", " ")
KUBERNETES = REPOSITORY / "containers/kubernetes"
PROFILE = fast_yaml.safe_load((KUBERNETES / "config.yaml").read_text())
PREFIX = "/opt/environments"
BUCKET = (
    b'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>aelab</Name>'
    b"<KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
)


def lines(instruction):
    """What follows an instruction of the Dockerfile, wherever it stands."""
    return re.findall(rf"^{instruction} (.*)$", DOCKERFILE, re.MULTILINE)


def dry_run(command, folder, python=sys.executable, **variables):
    """What a `snakemake` command of the image plans in a folder, with the stand-in for conda."""
    here = {"/data": str(folder), "/tmp/plan": str(folder), PREFIX: str(folder / "envs")}
    words = [here.get(word, re.sub("^/opt/aelab(?=/)", str(REPOSITORY), word)) for word in command]
    words = [word for word in words if word not in ("snakemake", "--conda-create-envs-only")]
    environment = {
        **os.environ,
        "PATH": f"{environments.STAND_IN}:{os.environ['PATH']}",
        "CONDA_STAND_IN": str(folder / "conda"),
        **variables,
    }
    if python == sys.executable:
        return snakemake("--dry-run", *words, cwd=REPOSITORY, env=environment)
    command = [str(python), "-m", "snakemake", "--dry-run", *words]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)


def test_the_image_copies_files_that_exist_and_are_not_ignored():
    ignored = (REPOSITORY / ".dockerignore").read_text().split()
    sent = [pattern[1:] for pattern in ignored if pattern.startswith("!")]
    for copied in lines("COPY"):
        for source in copied.split()[:-1]:
            assert (REPOSITORY / source).exists(), source
            assert any(fnmatch.fnmatch(source, pattern) for pattern in sent), source
    assert {source for copied in lines("COPY") for source in copied.split()[:-1]} == set(sent)


def test_snakemake_in_the_image_is_the_locks():
    (created,) = re.findall(r"conda env create \S+ --name aelab --file (\S+)", DOCKERFILE)
    assert REPOSITORY / created == lock.CONTAINER
    environment = fast_yaml.safe_load(lock.CONTAINER.read_text())
    assert (environment["name"], environment["channels"]) == ("aelab", ["conda-forge"])
    version = [pin for pin in lock.pinned((REPOSITORY / "envs/workflow.yaml").read_text()) if "snakemake==" in pin]
    pins = environments.pins(lock.CONTAINER)
    assert set(version) <= set(pins)
    for name in (REPOSITORY / "requirements/kubernetes.in").read_text().split():
        assert any(pin.startswith(f"{name}==") for pin in pins), name


@pytest.mark.parametrize("accelerator", ["auto", "gpu"])
def test_the_image_makes_the_environments_of_all_jobs(accelerator, tmp_path):
    (made,) = [line for line in lines("RUN") if line.startswith("snakemake ")]
    command = shlex.split(made.split("&&")[0].replace("${ACCELERATOR}", accelerator))
    done = dry_run(command, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    named = set(re.findall(r"Conda environment \S*envs/(\S+)\.yaml will be created", done.stdout + done.stderr))
    assert named == {"fetch", "analysis", "tensorflow-gpu" if accelerator == "gpu" else "tensorflow"}


def test_the_image_runs_the_whole_workflow(tmp_path):
    (entry,) = lines("ENTRYPOINT")
    done = dry_run([*json.loads(entry), "--cores", "4"], tmp_path)
    assert done.returncode == 0 and re.search(r"^train_model +\d+$", done.stdout, re.MULTILINE), done.stdout


def test_pods_find_the_environments_of_the_image():
    assert PROFILE["conda-prefix"] == PREFIX and PROFILE["software-deployment-method"] == ["conda"]
    assert DOCKERFILE.count(f"--conda-prefix {PREFIX}") == 1 and f'"--conda-prefix", "{PREFIX}"' in DOCKERFILE


def test_the_profile_repeats_the_common_lines():
    default = fast_yaml.safe_load((REPOSITORY / "profiles/default/config.yaml").read_text())
    common = ("rerun-triggers", "rerun-incomplete", "max-checksum-file-size")
    assert {key: PROFILE[key] for key in common} == {key: default[key] for key in common}


class EmptyBucket(http.server.BaseHTTPRequestHandler):
    """An S3 store that has a bucket and no object in it."""

    protocol_version = "HTTP/1.1"  # one connection for all questions

    def do_HEAD(self):
        self.answer(404 if "/" in self.path.strip("/") else 200)

    def do_GET(self):
        self.answer(200, BUCKET)

    def answer(self, status, text=b""):
        self.server.asked.append(self.path)
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def store():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyBucket)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_kubernetes_plans_a_run(store, tmp_path):
    """Of one study: each file is asked for in the store, one after the other."""
    if offline():
        pytest.skip(offline())
    command = ["--workflow-profile", str(KUBERNETES), "--quiet", "rules", "--directory", str(tmp_path)]
    command += ["--configfile", str(small.write(tmp_path, change=reduced)), "--conda-prefix", str(tmp_path / "envs")]
    done = dry_run(
        [*command, "--storage-s3-endpoint-url", f"http://127.0.0.1:{store.server_port}"],
        tmp_path,
        environments.host(lock.CONTAINER, "kubernetes"),
        **dict.fromkeys(PROFILE["envvars"], "key"),
        PYTHONPATH="",
        NO_PROXY="127.0.0.1",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^train_model +\d+$", done.stdout, re.MULTILINE)
    assert any("results" in path and "manifest.sha256" in path for path in store.asked)
