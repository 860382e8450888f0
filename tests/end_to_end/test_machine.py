"""A machine like Depot's: a BuildKit on TCP that requires a certificate, and presents one. All other end-to-end tests
of today's generation build on such a machine. These tests show what keeps a client out."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import re
import socket
import ssl

import pytest

from end_to_end.job import TODAY_ONLY, RealJob, checked
from integration.cli import until
from world.buildkitd import SERVER_NAME, Buildkitd
from world.certificates import PAST, Authority
from world.hosted import Hosted

pytestmark = TODAY_ONLY


@pytest.fixture
def job(job: RealJob) -> RealJob:
    job.dockerfile('CMD ["echo", "built"]')
    return job


@pytest.fixture(scope="module")
def stranger(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger") / "authority", "Somebody else's machine", key="p-256")


def replace(job: RealJob, **credentials: str) -> None:
    own = job.hosted.api.credentials["amd64"]
    job.hosted.api.credentials["amd64"] = dataclasses.replace(own, **credentials)


def test_the_machine_is_reached_by_mutual_tls(job, amd64_machine):
    assert isinstance(amd64_machine, Buildkitd) and SERVER_NAME not in job.hosted.machines["amd64"].url

    job.succeed({"load": True, "tags": "octo/tls:1"})

    assert job.docker.docker("run", "--rm", "octo/tls:1").stdout == "built\n"


def test_the_machine_refuses_a_client_without_a_certificate(amd64_machine):
    context = ssl.create_default_context(cafile=str(amd64_machine.authority.certificate))

    with socket.create_connection(amd64_machine.address) as connection:
        with pytest.raises(ssl.SSLError, match="certificate required"):
            with context.wrap_socket(connection, server_hostname=SERVER_NAME) as tls:
                # With TLS 1.3, a client learns this only when it reads.
                tls.recv(1)


def machine_of_another_authority(job, stranger):
    replace(job, authority=stranger.certificate.read_text())


def client_of_another_authority(job, stranger):
    client = stranger.issue(f"client-{random.randrange(10**9)}", [], key="p-256")
    replace(job, certificate=client.chain.read_text(), key=client.key.read_text())


def another_server_name(job, _):
    replace(job, server_name="another.buildkit.test")


def expired_client(job, _):
    machine = job.machine
    client = machine.authority.issue(f"expired-{random.randrange(10**9)}", [], key="p-256", valid=PAST)
    replace(job, certificate=client.chain.read_text(), key=client.key.read_text())


# The CLI must get some certificates. Without any, it would wait forever for such a machine.
TROUBLE = {
    "a machine of another authority": machine_of_another_authority,
    "a client of another authority": client_of_another_authority,
    "another server name": another_server_name,
    "an expired client": expired_client,
}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
def test_nothing_is_sent_to_a_machine_that_is_not_the_one(job, stranger, amd64_machine, trouble):
    job.machine = amd64_machine
    trouble(job, stranger)
    step = job.start({"load": True, "tags": "octo/tls:2"})
    # The CLI continues for five minutes.
    until(lambda: job.hosted.machines["amd64"].connections >= 2, "the CLI did not try again")

    result = checked(step.cancel())

    assert result.exit_code != 0
    assert "load build definition" not in result.log


@pytest.fixture
def expired(parts, job):
    with Buildkitd(parts, valid=PAST) as machine, Hosted({"amd64": machine}) as hosted:
        job.hosted = hosted
        yield


def test_docker_builds_in_place_of_a_machine_whose_certificate_has_expired(job, expired):
    step = job.start({"buildx-fallback": True, "load": True, "tags": "octo/tls:3"})

    result = checked(step.wait(600))

    assert result.exit_code == 0, result.log
    assert job.docker.docker("run", "--rm", "octo/tls:3").stdout == "built\n"
    assert "certificate has expired" in result.log
    # Both the step and the CLI give up after five minutes.
    words = "DEPOT_MACHINE_TIMEOUT|timed out connecting to machine"
    assert re.search(words, " ".join(result.messages("warning")))
    assert any("`buildx-fallback: true`" in notice for notice in result.messages("notice"))


@pytest.fixture
def doomed(parts, job):
    """A machine for this test only, so that the test can end it."""
    machine = Buildkitd(parts)
    with contextlib.ExitStack() as running:
        running.enter_context(machine)
        job.hosted = running.enter_context(Hosted({"amd64": machine}))
        yield machine


def test_a_machine_that_goes_away_ends_the_step_with_one_error(job, doomed):
    job.dockerfile(f"RUN printf 'is %s\\n' running; sleep 86400.{random.randrange(10**6)}")
    step = job.start({"no-cache": True, "retries": 0})
    step.wait_for("is running")

    doomed.stop()
    result = checked(step.wait())

    assert result.exit_code == 1
    assert len(result.errors) == 1
