"""Tokens for later steps and for docker: from the job's identity, or for a fork from the open-source challenge."""

from __future__ import annotations

import signal

import pytest

from integration.gate import Gate
from integration.job import ChallengedJob, SetupJob
from integration.setup.release import VERSION, program_of
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads, cli_archive
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.github_oidc import GithubOidc
from stand_ins.service import Answer
from world.events import pull_request, push


# OIDC


@pytest.fixture
def identity(job: SetupJob):
    with GithubOidc() as oidc, DepotAuth() as auth:
        job.environment |= {**oidc.environment(), "DEPOT_AUTH_URL": auth.url}
        yield auth


def test_oidc_hands_a_masked_token_to_later_steps(job: SetupJob, released, identity):
    result = job.succeed({"oidc": "true"})

    (token,) = identity.issued
    assert result.environment == {"DEPOT_TOKEN": token}
    assert [line for line in result.lines if token in line] == [f"::add-mask::{token}"]
    assert token not in result.log


def test_without_oidc_no_identity_is_asked_for(job: SetupJob, released, identity):
    assert job.succeed({"oidc": "false"}).environment == {}
    assert identity.requests == []


def test_a_token_that_is_there_stays(job: SetupJob, released, identity):
    job.environment["DEPOT_TOKEN"] = "depot_given"

    assert job.succeed({"oidc": "true"}).environment == {}
    assert identity.requests == []


def test_a_refused_identity_is_a_warning(job: SetupJob, released, identity):
    identity.refuse("No trust relationship")

    result = job.succeed({"oidc": "true"})

    assert result.environment == {}
    (warning,) = result.messages("warning")
    assert "No trust relationship" in warning


def test_no_identity_is_a_warning_with_a_cure(job: SetupJob, released):
    result = job.succeed({"oidc": "true"})

    (warning,) = result.messages("warning")
    assert "`id-token: write`" in warning and "fork" in warning
    assert all(line in result.lines for line in ("permissions:", "  contents: read", "  id-token: write"))


@pytest.mark.parametrize("token", ["depot\nLD_PRELOAD=/x", "depot token", ""])
def test_a_token_that_would_forge_a_line_is_not_exported(job: SetupJob, released, identity, token):
    identity.scripted.append(Answer(200, {"ok": True, "token": token}))

    result = job.succeed({"oidc": "true"})

    assert result.environment == {}
    assert len(result.messages("warning")) == 1


# Forks of open source, which get no identity from GitHub


class ChallengedSetupJob(ChallengedJob, SetupJob):
    pass


@pytest.fixture
def challenged(tmp_path, action, cli, downloads, released):
    with DepotPublicOidc() as service:
        yield ChallengedSetupJob(tmp_path, action, cli, downloads=downloads.url, service=service)


def test_a_fork_of_open_source_has_a_masked_token_by_the_challenge(challenged):
    result = challenged.run({"oidc": "true"})

    (token,) = challenged.service.issued
    assert result.exit_code == 0, result.raw
    assert result.environment == {"DEPOT_TOKEN": token}
    assert [line for line in result.lines if token in line] == [f"::add-mask::{token}"]
    assert f"Waiting for OIDC auth challenge {challenged.service.codes[0]}" in result.lines
    assert result.annotations == []


def test_a_fork_whose_identity_is_refused_has_its_token_by_the_challenge(challenged, identity):
    identity.refuse("No trust relationship")

    result = challenged.run({"oidc": "true"})

    assert result.environment == {"DEPOT_TOKEN": challenged.service.issued[0]}


NOT_CHALLENGED = {
    "a push": (push(private=False), {"oidc": "true"}, {}),
    "a pull request of the repository itself": (pull_request(fork=False), {"oidc": "true"}, {}),
    "a fork of a private repository": (pull_request(fork=True, private=True), {"oidc": "true"}, {}),
    "a fork with a token": (pull_request(fork=True), {"oidc": "true"}, {"DEPOT_TOKEN": "depot_given"}),
    "a fork that asks for none": (pull_request(fork=True), {"oidc": "false"}, {}),
}


@pytest.mark.parametrize("event, inputs, environment", NOT_CHALLENGED.values(), ids=NOT_CHALLENGED)
def test_no_other_run_is_challenged(challenged, event, inputs, environment):
    challenged.event, challenged.environment = event, environment

    result = challenged.run(inputs)

    assert (result.exit_code, result.environment) == (0, {})
    assert challenged.service.requests == []


REFUSED = {
    "a refusal": [Answer(403, {"error": "Not an open-source project"})],
    "no challenge": [Answer(200, {})],
}


@pytest.mark.parametrize("answers", REFUSED.values(), ids=REFUSED)
def test_a_fork_that_is_given_no_token_is_warned(challenged, answers):
    challenged.service.scripted.extend(answers)

    result = challenged.run({"oidc": "true"})

    assert (result.exit_code, result.environment) == (0, {})
    (warning,) = result.messages("warning")
    assert "open source" in warning


def test_what_is_no_token_of_a_fork_is_not_exported(challenged):
    exchange = {"challengeCode": "code", "exchangeURL": f"{challenged.service.url}/exchange"}
    challenged.service.scripted.extend([Answer(200, exchange), Answer(200, "a\x1bb")])

    result = challenged.run({"oidc": "true"})

    assert (result.exit_code, result.environment) == (0, {})
    assert len(result.messages("warning")) == 1


def test_an_event_that_cannot_be_read_is_told(challenged):
    challenged.environment = {"GITHUB_EVENT_PATH": "/not/there"}

    result = challenged.run({"oidc": "true"})

    assert (result.exit_code, result.environment) == (0, {})
    assert any("/not/there" in line for line in result.lines)
    assert challenged.service.requests == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_ends_the_wait_for_a_fork_s_token(challenged, number):
    gate = Gate(challenged.service)
    running = challenged.start({"oidc": "true"})
    gate.wait_for(running)
    running.signal(number)

    result = challenged.checked(running.wait(60))
    gate.opened.set()

    assert result.exit_code == 128 + number
    assert [note.title for note in result.annotations] == ["Setup cancelled"]
    assert result.environment == {}


# docker


def script_release(downloads: DepotDownloads, script: str) -> None:
    downloads.publish(VERSION, cli_archive(f"#!/bin/sh\n{script}\n".encode()))


def test_a_token_that_is_there_is_masked_in_what_the_cli_prints(job: SetupJob, downloads):
    job.environment["DEPOT_TOKEN"] = "depot_given_0123456789"
    script_release(downloads, 'echo "the token is $DEPOT_TOKEN"')

    result = job.succeed({"configure-docker": "true"})

    assert "the token is ***" in result.log


def test_docker_is_configured_by_the_cli(job: SetupJob, downloads, identity, tmp_path):
    record = tmp_path / "record"
    script_release(downloads, f'env > {record}; echo "$*" >> {record}; command -v depot >> {record}; echo ::error::no')

    result = job.succeed({"configure-docker": "true", "oidc": "true"})

    lines = record.read_text().splitlines()
    assert lines[-2:] == ["configure-docker", str(program_of(job))]
    assert f"DEPOT_TOKEN={identity.issued[0]}" in lines
    assert not any(line.startswith(("INPUT_", "ACTIONS_ID_TOKEN")) for line in lines)
    assert "::error::no" in result.lines


def test_a_docker_that_cannot_be_configured_fails_the_step(job: SetupJob, downloads):
    script_release(downloads, "echo 'Error: no docker here' >&2; exit 3")

    result = job.run({"configure-docker": "true"})

    assert result.exit_code == 3
    (error,) = result.errors
    assert "no docker here" in error and "configure-docker" in error


def test_docker_is_left_alone_otherwise(job: SetupJob, downloads, tmp_path):
    script_release(downloads, f"touch {tmp_path / 'called'}")

    job.succeed()

    assert not (tmp_path / "called").exists()
