"""The open-source challenge: how a fork's pull request to a public repository gets a Depot token."""

from __future__ import annotations

import signal

import pytest

from integration.cli import Step
from integration.gate import Gate
from integration.job import ChallengedJob
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.service import Answer, Delivery
from world.events import pull_request, push

WAITING = "Waiting for OIDC auth challenge"


@pytest.fixture
def service():
    with DepotPublicOidc() as running:
        yield running


@pytest.fixture
def challenged(tmp_path, action, cli, no_releases, service):
    return ChallengedJob(tmp_path, action, cli, downloads=no_releases, service=service)


def test_depot_builds_with_the_token_of_a_code_that_is_in_the_log(challenged, service, cli):
    result = challenged.run()

    (token,) = service.issued
    assert (result.exit_code, cli.call.name) == (0, "depot")
    assert cli.call.environment["DEPOT_TOKEN"] == token
    assert token in result.masks
    assert f"{WAITING} {service.codes[0]}" in result.lines


def test_the_claim_says_which_run_it_is(challenged, service):
    challenged.run()

    assert service.claims == [
        {"aud": "https://depot.dev", "eventName": "pull_request", "repo": "octo/app", "runID": "424242", "attempt": "1"}
    ]


NOT_CHALLENGED = {
    "a push": (push(), {}),
    "a pull request of the repository itself": (pull_request(fork=False), {}),
    "a fork of a private repository": (pull_request(fork=True, private=True), {}),
    "a fork for which docker is asked": (pull_request(fork=True), {"fork-builder": "docker"}),
    "a fork for which depot is asked": (pull_request(fork=True), {"fork-builder": "depot"}),
    "a fork with a token": (pull_request(fork=True), {"token": "depot_x"}),
    "a call": (pull_request(fork=True), {"call": "check"}),
}


@pytest.mark.parametrize("event, inputs", NOT_CHALLENGED.values(), ids=NOT_CHALLENGED)
def test_no_other_run_is_challenged(challenged, service, event, inputs):
    challenged.event = event

    challenged.run(inputs)

    assert service.requests == []


CLAIMS = {
    "a refusal": Answer(403, {"error": "Not an open-source project"}),
    "no code": Answer(200, {"exchangeURL": "https://localhost/"}),
    "no address": Answer(200, {"challengeCode": "code"}),
    "a code that would forge a line": Answer(200, {"challengeCode": "x\n::error::obeyed", "exchangeURL": "https://localhost/"}),
    "an address that is not https": Answer(200, {"challengeCode": "code", "exchangeURL": "http://192.0.2.1/"}),
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_without_a_challenge_docker_builds(challenged, service, cli, claim):
    service.scripted.append(claim)

    result = challenged.run()

    assert (result.exit_code, cli.call.name, len(service.requests)) == (0, "docker", 1)
    assert "DEPOT_TOKEN" not in cli.call.environment
    assert any("No token for the fork's pull request" in line for line in result.lines)
    assert not any("obeyed" in command.data for command in result.obeyed)


# The runner obeys the old form anywhere in a line, and ignores invisible characters.
HOSTILE_WORDS = {
    "an end of all masks": "nope ##[stop-commands]x",
    "an error": "##[error]obeyed",
    "an old command with a zero-width space in it": "nope #\u200b#[stop-commands]x",
    "a command after a carriage return": "nope\r::error::obeyed",
    "a command on a separate line": "nope\n::add-mask::docker",
}


@pytest.mark.parametrize("words", HOSTILE_WORDS.values(), ids=HOSTILE_WORDS)
def test_the_words_of_a_refusal_are_not_obeyed(challenged, service, words):
    service.scripted.append(Answer(403, {"error": words}))

    result = challenged.run({"secrets": "key=hidden value"})

    assert not any(command.data in ("x", "obeyed", "docker") for command in result.obeyed)
    assert "hidden value" in result.masks
    assert any(words.split()[0] in line for line in result.lines)


@pytest.mark.parametrize("code", ["##[stop-commands]x", "::stop-commands::x", "#\u200b#[stop-commands]x"])
def test_a_code_is_not_obeyed(challenged, service, code):
    service.scripted.append(Answer(200, {"challengeCode": code, "exchangeURL": f"{service.url}/exchange"}))
    service.scripted.append(Answer(500, "no"))
    service.scripted.append(Answer(200, "token"))

    result = challenged.run()

    assert "x" not in {command.data for command in result.obeyed}


def test_a_service_that_is_not_there_leaves_the_build_to_docker(challenged, cli):
    challenged.public_oidc = "http://127.0.0.1:9"

    result = challenged.run()

    assert (result.exit_code, cli.call.name) == (0, "docker")


def test_what_is_not_yet_a_token_is_asked_for_again(challenged, service, cli):
    claimed = service._claim({name: "" for name in ("aud", "eventName", "repo", "runID", "attempt")})
    service.scripted.extend([claimed, Answer(500, "broken"), Answer(202, "later")])

    result = challenged.run()

    assert (result.exit_code, cli.call.name) == (0, "depot")
    assert sum(line.startswith(WAITING) for line in result.lines) >= 2


def test_what_hangs_is_asked_again(challenged, service, cli):
    claimed = service._claim({name: "" for name in ("aud", "eventName", "repo", "runID", "attempt")})
    service.scripted.extend([claimed, Answer(200, "x", delivery=Delivery(stall_after=0))])

    result = challenged.run()

    assert (result.exit_code, cli.call.name) == (0, "depot")
    # Meanwhile the service is shown its code.
    assert sum(line.startswith(WAITING) for line in result.lines) >= 3


def test_docker_builds_where_depot_refuses_the_token_before_the_build(challenged, service, cli):
    cli.does(Step("only", "depot", [Step("err", "unauthenticated: Invalid token\n"), Step("leave", 1)]))

    result = challenged.run()

    assert [call.name for call in cli.calls] == ["depot", "docker"]
    assert result.exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait(challenged, service, cli, number):
    gate = Gate(service)
    running = challenged.start()
    gate.wait_for(running)
    running.signal(number)

    result = challenged.checked(running.wait(60))
    gate.opened.set()

    assert result.exit_code == 128 + number
    assert cli.calls == []


def test_a_signal_ends_the_polling(challenged, service, cli):
    claimed = service._claim({name: "" for name in ("aud", "eventName", "repo", "runID", "attempt")})
    service.scripted.extend([claimed, *[Answer(404, "not yet")] * 1000])
    running = challenged.start()
    running.wait_for(WAITING)
    running.signal(signal.SIGINT)

    result = challenged.checked(running.wait(60))

    assert result.exit_code == 128 + signal.SIGINT
    assert cli.calls == []
