"""Plans of runs, many a second: one process loads Snakemake and a copy of it makes each plan."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import explain
import snakemake_starts


class Planner:
    """A process that plans. `jobs` gives the plan of a folder as `explain.Job`s."""

    def __enter__(self):
        paths = [str(Path(module.__file__).parent) for module in (explain, sys.modules[__name__])]
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": ""},
        )
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def jobs(self, folder, *arguments):
        """All jobs of the workflow whose repository lies in `folder`. Raises `ValueError` where there is no plan."""
        return [explain.Job(**job) for job in self.ask("jobs", folder, arguments)]

    def rules(self, folder, *arguments):
        """The rules of that workflow and their jobs, as `rules_of` gives them."""
        return self.ask("rules", folder, arguments)

    def ask(self, what, folder, arguments):
        """The answer to one request."""
        self.process.stdin.write(json.dumps({"what": what, "folder": str(folder), "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["plan"]


def jobs_of(workflow):
    """The plan's jobs as dicts."""
    return [vars(job) for job in explain.jobs_of(workflow)]


WAYS = ("script", "shell", "run", "notebook", "wrapper", "cwl", "template_engine")


def rules_of(workflow):
    """What each rule says and its jobs have: dicts."""
    from snakemake.io import strip_wildcard_constraints

    jobs = {}
    for job in workflow.dag.jobs:
        jobs.setdefault(job.rule.name, []).append(
            {
                "spec": job.params.get("spec"),
                "inputs": {str(file): bool(file.is_ancient) for file in job.input},
                "outputs": {str(file): bool(file.is_directory) for file in job.output},
            }
        )
    return [
        {
            "name": rule.name,
            "script": rule.script
            and os.path.realpath(rule.basedir.join(rule.script).get_path_or_uri(secret_free=True)),
            "how": [how for how in WAYS if getattr(rule, f"is_{how}")] if not rule.norun else [],
            "params": list(rule.params.keys()) + ["?"] * (len(rule.params) - len(rule.params.keys())),
            "environment": rule.conda_env and str(rule.conda_env),
            "logs": [strip_wildcard_constraints(str(file)) for file in rule.log],
            "benchmark": rule.benchmark and strip_wildcard_constraints(str(rule.benchmark)),
            "inputs": [str(file) for file in rule.input if isinstance(file, str)],
            "outputs": [strip_wildcard_constraints(str(file)) for file in rule.output],
            "jobs": jobs.get(rule.name, []),
        }
        for rule in workflow.rules
    ]


def plan(what, folder, arguments):
    """The answer to one request, made in a process of its own: every plan starts afresh."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.chdir(folder)
        said = tempfile.mkstemp(prefix="plan-")[1]
        try:
            with open(said, "w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            answer = {"plan": explain.planned(arguments, {"jobs": jobs_of, "rules": rules_of}[what])}
        except BaseException as error:
            answer = {"error": f"{error}\n{Path(said).read_text()}"}
        os.unlink(said)
        with os.fdopen(writing, "w") as file:
            file.write(json.dumps(answer))  # by the encoder in C
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer


def serve():
    """Answer requests, a line each, until there are no more."""
    snakemake_starts.load()
    for line in sys.stdin:
        print(plan(**json.loads(line)), flush=True)


if __name__ == "__main__":
    serve()
