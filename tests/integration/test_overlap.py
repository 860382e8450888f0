"""What a step does at the same time, so that its start takes only as long as the longest part; and how many connections
that needs."""

from __future__ import annotations

import threading

import pytest

from integration.cli import FakeClis, Step, docker_builder, docker_info
from integration.gate import Gate, deadline
from integration.job import ChallengedJob, Job, SetupJob
from stand_ins.depot_downloads import DepotDownloads, cli_archive
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.service import Answer, HttpService, Request
from world.runner import Running

VERSION = "2.102.12"
PROGRAM = b"#!/bin/sh\n" + b"#" * 100_000
# How long a test waits before it gives up. What runs at the same time meets long before that.
PATIENCE = 30


@pytest.fixture
def releases():
    with DepotDownloads() as service:
        service.publish(VERSION, cli_archive(PROGRAM))
        yield service


@pytest.fixture
def public_oidc():
    with DepotPublicOidc() as service:
        yield service


@pytest.fixture
def no_depot(tmp_path) -> FakeClis:
    """A runner with docker only."""
    return FakeClis(tmp_path / "docker-only", names=("docker",))


# At the same time


class Meeting:
    """Holds back the first answer of each service that takes part until all have been asked. A service that is asked
    only after another has answered misses the meeting."""

    def __init__(self, *services: HttpService, parties: int = 0):
        self.barrier = threading.Barrier(parties or len(services), timeout=PATIENCE)
        self.missed = False
        for service in services:
            self._hold(service)

    def _hold(self, service: HttpService) -> None:
        answer, first = service.answer, threading.Event()

        def held(request: Request) -> Answer:
            if self.takes_part(request) and not first.is_set():
                first.set()
                self.come()
            return answer(request)

        service.answer = held

    def takes_part(self, request: Request) -> bool:
        """While a claim is made, the only other thing to do is to ask docker."""
        return request.path != "/claim"

    def come(self) -> None:
        try:
            self.barrier.wait()
        except threading.BrokenBarrierError:
            self.missed = True


@pytest.mark.usefixtures("identity")
@pytest.mark.parametrize("asked", ["oidc", "auth"])
def test_the_cli_is_looked_up_while_the_identity_is_asked_for_and_traded(job: Job, no_depot, releases, request, asked):
    job.path, job.downloads = [no_depot.folder], releases.url
    meeting = Meeting(request.getfixturevalue(asked), releases)

    job.succeed()

    assert not meeting.missed


def test_docker_the_lookup_and_the_token_are_asked_at_the_same_time(tmp_path, action, no_depot, releases, public_oidc):
    job = ChallengedJob(tmp_path, action, no_depot, downloads=releases.url, service=public_oidc)
    everyone_is_asked = tmp_path / "everyone is asked"
    docker_waits = [Step("write", "docker-is-asked", ""), Step("wait_for", str(everyone_is_asked))]
    no_depot.docker_can(docker_info(), docker_builder(), before=docker_waits)
    meeting = Meeting(public_oidc, releases, parties=3)

    def docker_comes() -> None:
        no_depot.wait_for("docker-is-asked")
        meeting.come()
        everyone_is_asked.touch()

    docker = threading.Thread(target=docker_comes)
    docker.start()
    result = job.run()
    docker.join()

    assert not meeting.missed
    assert result.exit_code == 0 and f"depot {VERSION} was installed in" in result.raw


# One connection


def test_each_host_of_the_identity_has_one_connection(job: Job, identity, oidc, auth):
    oidc.scripted += [Answer(503, "busy")] * 2
    auth.scripted += [Answer(500, {"ok": False, "error": "busy"})] * 2

    job.succeed()

    assert (len(oidc.requests), len(auth.requests)) == (3, 3)
    assert (oidc.connections, auth.connections) == (1, 1)


def test_the_challenge_has_one_connection(tmp_path, action, cli, public_oidc):
    job = ChallengedJob(tmp_path, action, cli, service=public_oidc)

    job.run()

    assert len(public_oidc.requests) >= 2 and public_oidc.connections == 1


def test_each_host_of_a_download_has_one_connection(setup_job: SetupJob, downloads):
    downloads.publish(VERSION, cli_archive(PROGRAM))

    setup_job.succeed()

    # The lookup, the list of checksums, the archive. The last two are on another host.
    assert (len(downloads.requests), len(downloads.storage.requests)) == (3, 2)
    assert (downloads.connections, downloads.storage.connections) == (1, 1)


# A service that does not answer


def test_a_claim_without_an_answer_does_not_hold_docker_for_ever(tmp_path, action, cli, public_oidc):
    job = ChallengedJob(tmp_path, action, cli, service=public_oidc)
    gate = Gate(public_oidc, seconds=10 * PATIENCE)
    step: Running = job.start()
    gate.wait_for(step)

    cli.wait_for_call()

    assert deadline("CHALLENGE_CLAIM_MS") <= 10
    # The build starts although the service has not answered yet.
    assert not gate.opened.is_set() and cli.call.name == "docker"
    result = job.checked(step.wait())
    gate.opened.set()
    assert result.exit_code == 0
