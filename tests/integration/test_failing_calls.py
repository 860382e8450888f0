"""Makes each call of the program that can fail fail once. The step must end by itself, with one clear error or with
success. Nothing is left behind, and no success is claimed if there was none."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integration.cli import SUCCESS, FakeClis, Step, docker_builder, docker_info
from integration.job import BUILD, Job, SetupJob
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads, cli_archive
from stand_ins.github_oidc import GithubOidc
from world.action import DEVELOPMENT
from world.events import pull_request
from world.runner import Result

VERSION = "2.102.12"
AT_ONCE = 4
CRASHES = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV)
# The outputs that only an image has.
IMAGE = ("imageid", "digest", "metadata")
# If one of these fails, something is left behind, and a warning says so.
CLEAN_UP = {"unlinkat", "rmdir", "fdopendir", "remove", "nftw", "unlink"}


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("fail-call") / "fail_call.so"
    source = Path(__file__).with_name("fail_call.c")
    subprocess.run(["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-O1", source, "-o", file, "-ldl"], check=True)
    return file


class Way:
    """One way through the program, with a new machine for each run."""

    inputs: dict[str, object] = {}
    script = BUILD

    def __init__(self, folder: Path, action: Path, library: Path, **services: str):
        self.folder, self.action, self.library, self.services = folder, action, library, services
        self.numbers = itertools.count()

    def job(self) -> Job:
        folder = self.folder / str(next(self.numbers))
        folder.mkdir()
        cli = FakeClis(folder / "bin")
        cli.does(Step("out", "building\n"), *SUCCESS)
        cli.docker_can(docker_info(containerd_store=False), docker_builder(driver="docker"))
        return Job(folder, self.action, cli)

    def run(self, **variables: str) -> tuple[Job, Result]:
        job = self.job()
        settings = " ".join(f"{name}='{value}'" for name, value in variables.items())
        script = f"{settings} LD_PRELOAD='{self.library}' {self.script}"
        return job, job.start(self.inputs, script=script).wait(60)

    def places(self) -> list[tuple[str, str]]:
        """The places where the program calls a function that may fail: names, and offsets in its file."""
        log = self.folder / "places"
        job, result = self.run(FAIL_LOG=str(log))
        assert self.complaints("", job, result) == [], result.raw
        return [tuple(line.split()) for line in sorted(set(log.read_text().splitlines()))]

    def complaints(self, call: str, job: Job, result: Result) -> list[str]:
        """What is wrong with how the step ended after this call failed."""
        errors, warnings = result.errors, result.messages("warning")
        well = result.exit_code == 0
        checks = {
            "a success with an error": well and errors,
            "a failure without one error": not well and len(errors) != 1,
            "a false claim of success": well and not self.succeeded(job, result),
            "a success claimed": not well and self.claimed(job, result),
            "a crash": result.exit_code < 0 or result.exit_code - 128 in CRASHES,
            "commands stopped": result.commands_stopped,
            "orphans": result.orphans,
            "files left": result.left and not (call in CLEAN_UP and warnings),
        }
        return [complaint for complaint, found in checks.items() if found]

    def succeeded(self, job: Job, result: Result) -> bool:
        return len(job.cli.calls) == 1 and all(result.outputs[name] for name in IMAGE)

    def claimed(self, job: Job, result: Result) -> bool:
        """A builder that is ended because its log cannot be passed on may already have made its image."""
        report = result.outputs["report"]
        return bool(report) and json.loads(report)["result"] == "success"


class DepotWay(Way):
    inputs = {"secrets": "key=a secret value"}

    def job(self) -> Job:
        job = super().job()
        job.environment |= self.services
        return job


class DockerWay(Way):
    """With a temporary builder, because the engine's cannot do what is asked for."""

    inputs = {"secrets": "key=a secret value", "provenance": "mode=max"}

    def job(self) -> Job:
        job = super().job()
        job.event = pull_request(fork=True)
        return job


class SetupWay(Way):
    def job(self) -> Job:
        job = super().job()
        self.script = f"'{job.program}' setup"
        return SetupJob(job.folder, self.action, job.cli, downloads=self.services["downloads"])

    def succeeded(self, job: Job, result: Result) -> bool:
        return f"depot/{VERSION}/x64.complete" in job.cached() and len(result.paths) == 1

    def claimed(self, job: Job, result: Result) -> bool:
        return bool(result.paths)


@pytest.fixture
def depot(tmp_path, development_action, library):
    with GithubOidc() as oidc, DepotAuth() as auth:
        yield DepotWay(tmp_path, development_action, library, **oidc.environment(), DEPOT_AUTH_URL=auth.url)


@pytest.fixture
def docker(tmp_path, development_action, library):
    return DockerWay(tmp_path, development_action, library)


@pytest.fixture
def setup(tmp_path, development_action, library):
    if os.uname().machine != "x86_64":
        pytest.skip("NOT X64: THE CLI'S ARCHIVE IS FOR X64")
    with DepotDownloads() as downloads:
        downloads.publish(VERSION, cli_archive(b"#!/bin/sh\n" + b"#" * 100_000))
        yield SetupWay(tmp_path, development_action, library, downloads=downloads.url)


def source_of(offset: str) -> str:
    """The function and the line of the call. The offset is that of the instruction after the call."""
    command = ["addr2line", "-f", "-i", "-e", DEVELOPMENT, hex(int(offset, 16) - 1)]
    names = subprocess.run(command, capture_output=True, text=True).stdout.split("\n")
    return f"{names[0]} {names[1].rpartition('/src/')[2]}"


@pytest.mark.parametrize("name", ["depot", "docker", "setup"])
def test_a_call_that_fails_ends_in_one_error_or_none(name, request):
    way: Way = request.getfixturevalue(name)
    places = way.places()
    assert {"open", "write", "malloc", "posix_spawn"} - {"posix_spawn" if name == "setup" else ""} <= {
        call for call, _ in places
    }

    def attempt(place: tuple[str, str]) -> str:
        call, offset = place
        try:
            job, result = way.run(FAIL_AT=offset)
        except subprocess.TimeoutExpired:
            return f"{call} in {source_of(offset)}: it does not end"
        found = way.complaints(call, job, result)
        return f"{call} in {source_of(offset)}: {', '.join(found)}\n{result.raw}" if found else ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        complaints = [complaint for complaint in pool.map(attempt, places) if complaint]

    assert complaints == [], "\n".join(complaints)
