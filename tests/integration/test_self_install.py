"""A build step on a machine without the CLI installs it by itself, while it gets its token."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from integration.cli import until
from integration.gate import Gate
from integration.job import Job
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads, Fault, cli_archive
from stand_ins.depot_public_oidc import DepotPublicOidc
from world.events import pull_request

VERSION = "2.102.12"
MEGABYTE = 1_000_000


@pytest.fixture
def job(job: Job, cli, downloads: DepotDownloads, tmp_path):
    """A PATH without depot. The release that can be installed contains the fake one."""
    program = cli.folder / "depot"
    script = f'#!/bin/sh\nexec {program} "$@"\n'.encode() + b"#" * (2 * MEGABYTE)
    downloads.publish(VERSION, cli_archive(script))
    folder = tmp_path / "bare"
    folder.mkdir()
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\nexec {cli.folder / "docker"} "$@"\n')
    docker.chmod(0o755)
    job.path = [folder]
    job.downloads = downloads.url
    return job


@pytest.fixture
def auth(job: Job, oidc):
    with DepotAuth() as service:
        job.environment = {**oidc.environment(), "DEPOT_AUTH_URL": service.url}
        yield service


def installed(job: Job) -> Path:
    return job.tool_cache / f"depot/{VERSION}/x64/depot"


def test_the_cli_is_installed_and_builds(job: Job, cli, auth):
    result = job.succeed({"tags": "a:1"})

    assert installed(job).exists()
    assert cli.call.values("--tag") == ["a:1"]
    assert cli.call.environment["DEPOT_TOKEN"] == auth.issued[0]
    assert result.outputs["build-id"] == "build1"
    # The PATH of later steps stays the same.
    assert result.paths == []


def test_a_second_step_finds_it(job: Job, cli, downloads):
    job.succeed({"cli-version": VERSION})
    downloads.requests.clear()

    job.succeed({"cli-version": VERSION})

    assert downloads.requests == []
    assert len(cli.calls) == 2


@pytest.mark.parametrize("version", ["latest", VERSION, "2.x"])
def test_the_version_is_that_of_the_input(job: Job, downloads, version):
    job.succeed({"cli-version": version})

    assert downloads.requests[0].path == f"/cli/release/linux/x64/{version}"


def test_a_cli_on_path_is_taken_as_it_is(job: Job, cli, downloads):
    job.path = [cli.folder]

    job.succeed({"cli-version": "9.9.9"})

    assert downloads.requests == []
    assert job.cached() == []


def test_token_and_cli_are_had_at_the_same_time(job: Job, downloads, auth):
    gate = Gate(auth)
    step = job.start()
    gate.wait_for(step)
    # The exchange has not answered yet, but the CLI is already there.
    until(lambda: installed(job).exists(), "nothing is installed while the token is waited for")
    gate.opened.set()

    assert job.checked(step.wait()).exit_code == 0


def test_the_token_is_asked_for_while_the_cli_comes(job: Job, downloads, auth):
    downloads.storage.faults.append(Fault(stall_after=MEGABYTE // 1000))
    step = job.start()
    until(lambda: auth.issued, "no token is asked for while the CLI is waited for")
    assert not installed(job).exists()
    step.signal(signal.SIGTERM)
    result = job.checked(step.wait())

    assert result.exit_code == 128 + signal.SIGTERM, result.raw
    assert [note.title for note in result.annotations] == ["Build cancelled"]
    assert job.cached() == []


def test_a_failed_installation_is_one_error(job: Job, cli, downloads, auth):
    downloads.tell_checksums(VERSION, f"{'0' * 64}  depot_{VERSION}_linux_amd64.tar.gz")

    error = job.fail({"secrets": "key=value"})

    assert "`depot`" in error and "PATH" in error and "0" * 64 in error
    assert job.cached() == []


def test_nothing_is_installed_where_docker_builds(job: Job, cli, downloads):
    job.event = pull_request(fork=True)

    job.succeed()

    assert cli.call.name == "docker"
    assert downloads.requests == []


def test_the_cli_comes_while_the_open_source_challenge_is_waited_for(job: Job, cli, downloads):
    job.event = pull_request(fork=True)
    shown = threading.Event()
    with DepotPublicOidc() as service:
        job.public_oidc = service.url
        service.log = lambda: "\n".join(step.lines) if shown.is_set() else ""
        step = job.start()
        until(lambda: installed(job).exists(), "nothing is installed while the service reads the log")
        shown.set()
        result = job.checked(step.wait(120))

    assert (result.exit_code, cli.call.name) == (0, "depot"), result.raw
    assert cli.call.environment["DEPOT_TOKEN"] == service.issued[0]


def test_an_installation_that_is_not_needed_any_more_is_ended(job: Job, cli, downloads, auth):
    """A fork's job with an identity that gets no token builds with docker."""
    job.event = pull_request(fork=True)
    auth.refuse()
    downloads.storage.always = Fault(stall_after=1000)

    job.succeed()

    assert cli.call.name == "docker"
    assert job.cached() == []


def test_a_bad_input_ends_the_installation(job: Job, downloads):
    downloads.storage.always = Fault(stall_after=1000)

    assert "TOKEN" in job.fail({"token": "two words"}).upper()
    assert job.cached() == []


def test_plan_installs_nothing(job: Job, downloads):
    program = '"$GITHUB_ACTION_PATH/dist/$RUNNER_OS-$RUNNER_ARCH/depot-build-push" plan'

    assert job.run(script=program).exit_code == 0
    assert downloads.requests == []
