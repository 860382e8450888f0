"""The canary, as far as it can run here: without the jobs that need a hosted runner's docker, Depot's downloads or
GitHub's API. docs/release.md names them."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time

import pytest
import yaml

from workflows.engine import ROOT, Repository
from world.events import push
from world.hosted import STATIC_TOKEN

CANARY = ROOT / ".github/workflows/canary.yml"
FILES = ROOT / ".github/canary"
JOBS = ("token", "oidc", "failing")
SECRET = "a secret of the canary"


@pytest.fixture
def canary(repository: Repository, amd64_machine, tmp_path_factory) -> Repository:
    """The repository of the action itself, with a base image that would come from Docker Hub."""
    base = tmp_path_factory.mktemp("base")
    shutil.copy(repository.parts.busybox, base / "busybox")
    (base / "Dockerfile").write_text(
        'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'
    )
    amd64_machine.docker("build", "--tag", "busybox:1.37", str(base))
    shutil.copytree(repository.action, repository.contents, dirs_exist_ok=True)
    shutil.copytree(FILES, repository.contents / ".github/canary")
    repository.secrets = {"DEPOT_TOKEN": STATIC_TOKEN, "CANARY_SECRET": SECRET}
    repository.variables["DEPOT_PROJECT"] = "someproject"
    return repository


def only(folder, job: str):
    """The workflow with only this job, on this machine."""
    workflow = yaml.safe_load(CANARY.read_text())
    del workflow[True]  # YAML reads `on` as true
    workflow["on"] = "push"
    workflow["jobs"] = {job: {**workflow["jobs"][job], "runs-on": "ubuntu-latest"}}
    workflow["jobs"][job]["strategy"]["matrix"]["runner"] = ["here"]
    file = folder / "canary.yml"
    file.write_text(yaml.safe_dump(workflow))
    return file


@pytest.mark.parametrize("job", JOBS)
def test_a_job_of_the_canary_succeeds(canary, tmp_path, job):
    result = canary.run(only(tmp_path, job), push())

    assert set(result.jobs.values()) == {"success"}, result.log
    assert SECRET not in result.log and STATIC_TOKEN not in result.log


def test_the_verification_names_jobs_that_the_canary_has():
    jobs = yaml.safe_load(CANARY.read_text())["jobs"]
    script = (FILES / "verify").read_text()
    assert set(jobs["verify"]["needs"]) == set(jobs) - {"verify"}
    named = {line.split()[1] for line in script.splitlines() if line.startswith("annotations ")}
    assert named == {"failing", "retries"}


def test_the_server_of_the_canary_is_out_of_order_at_first(tmp_path):
    server = subprocess.Popen(["python3", FILES / "flaky.py"])
    try:
        answers = []
        deadline = time.monotonic() + 30
        while answers[-1:] != [200] and time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", 8765)
                connection.request("GET", "/file")
                answers.append(connection.getresponse().status)
            except OSError:
                pass
            time.sleep(0.1)
        assert answers[0] == 503 and answers[-1] == 200
    finally:
        server.kill()
        server.wait()
