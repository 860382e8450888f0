"""Services that fail in every way that a network can. Each step ends by itself, with one clear message, and does not
send its secrets to anybody else."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, NamedTuple

import pytest

from integration.cli import FakeClis
from integration.gate import deadline
from integration.job import ChallengedJob, Job, SetupJob
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads, cli_archive
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.github_oidc import GithubOidc
from stand_ins.service import Answer, Delivery, HttpService, Request
from world.runner import Result

# Most of a step's time is spent waiting for a server that does not answer.
AT_ONCE = 20
MEGABYTE = 1_000_000
VERSION = "2.102.12"


# What happens to the answers


class Scene(NamedTuple):
    right: Answer  # what the service should have answered
    here: str  # its address
    elsewhere: str  # the address of another host
    token: str  # the token in the right answer


@dataclass
class Fault:
    make: Callable[[Scene], Answer]
    taken: bool = False  # it still counts as the right answer
    says: tuple[str, ...] = ()  # what must be in the message


def delivered(**how) -> Fault:
    """The right answer, long enough that it can break in the middle of its body."""
    return Fault(lambda scene: replace(padded(scene.right), delivery=Delivery(**how)))


def padded(answer: Answer) -> Answer:
    text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    return replace(answer, body=" " * 10_000 + text)


def with_headers(**headers: str) -> Fault:
    return Fault(lambda scene: replace(scene.right, headers=headers))


def labelled(content_type: str) -> Fault:
    return Fault(lambda scene: replace(scene.right, headers={"Content-Type": content_type}), taken=True)


def body(text: str | bytes, **more) -> Fault:
    return Fault(lambda _: Answer(200, text, {"Content-Type": "text/html"} if "says" in more else {}), **more)


def redirect(status: int, to: Callable[[Scene], str]) -> Fault:
    return Fault(lambda scene: Answer(status, "", {"Location": to(scene)}), says=(str(status),))


def with_token(character: str) -> Fault:
    """The right answer, but its token has more in it than a token may have."""

    def make(scene: Scene) -> Answer:
        text = scene.right.body if isinstance(scene.right.body, str) else json.dumps(scene.right.body)
        escaped = character if isinstance(scene.right.body, str) else json.dumps(character)[1:-1]
        return replace(scene.right, body=text.replace(scene.token, f"{scene.token}{escaped}::error::obeyed"))

    return Fault(make)


WEB_PAGE = ("web page", "proxy", "captive portal")
FAULTS = {
    "a reset before the answer": delivered(reset_after=0),
    "a reset within the head": delivered(reset_after=20),
    "a reset within the body": delivered(reset_after=5000),
    "an end before the answer": delivered(end_after=0),
    "an end within the body": delivered(end_after=5000),
    "silence before the answer": delivered(stall_after=0),
    "silence within the body": delivered(stall_after=5000),
    "a byte now and then": delivered(bytes_a_second=2),
    "a huge header": with_headers(**{"X-Huge": "x" * MEGABYTE}),
    "very many headers": with_headers(**{f"X-{number}": "x" * 1000 for number in range(1000)}),
    "an endless body": delivered(endless=True),
    "JSON nested 100,000 deep": body("[" * 100_000),
    "JSON nested as deep as an answer may be long": body('{"a":' * 12_000),
    "a redirect to itself": redirect(301, lambda scene: scene.here),
    "a redirect to plain http": redirect(302, lambda _: "http://depot.example/"),
    "a redirect to another host": redirect(307, lambda scene: scene.elsewhere),
    "a redirect of another method": redirect(303, lambda scene: scene.elsewhere),
    "an endless redirect": redirect(308, lambda scene: scene.elsewhere),
    "a token with a line break": with_token("\n"),
    "a token with a carriage return": with_token("\r"),
    "a token with an escape": with_token("\x1b[2J"),
    "a token with a NUL": with_token("\0"),
    "a token with a space": with_token(" "),
    "a token with letters beyond ASCII": with_token("\u00e9"),
    "another label": labelled("application/octet-stream"),
    "the label of a page": labelled("text/html; charset=utf-8"),
    "a page": body("\r\n <!DOCTYPE html><title>Welcome to the hotel</title>", says=WEB_PAGE),
    "a page after a byte order mark": body("\ufeff<html>Welcome to the hotel</html>", says=WEB_PAGE),
}


# Who answers


class Elsewhere(HttpService):
    """Another host. Nothing may arrive here."""

    def answer(self, request: Request) -> Answer:
        return Answer(200, {"ok": True, "value": "stray", "token": "stray", "url": "stray"})


@dataclass
class Outcome:
    """The result of a step with a service that failed."""

    result: Result
    cli: FakeClis
    service: HttpService
    elsewhere: HttpService
    secrets: list[str]
    taken: bool

    def one_message(self) -> str:
        """All that the step says about the fault."""
        raise NotImplementedError


class Host:
    """A service that a step asks. The other services answer correctly."""

    outcome: type[Outcome]
    deadline: str
    path = ""

    def __init__(self, folder: Path, action: Path):
        self.folder, self.action = folder, action
        self.cli = FakeClis(folder / "bin")
        self.stack = ExitStack()
        # This text, in a token, is visible wherever it goes.
        self.secrets = [f"depot_marked_{uuid.uuid4().hex}"]

    def job(self) -> tuple[Job, HttpService, dict]:
        """The job, the service that fails, and the inputs."""
        raise NotImplementedError

    def right(self, token: str) -> Answer:
        raise NotImplementedError

    def other_secrets(self) -> list[str]:
        return []

    def run(self, fault: Fault) -> Outcome:
        with self.stack:
            elsewhere = self.stack.enter_context(Elsewhere())
            job, service, inputs = self.job()
            scene = Scene(self.right(self.secrets[0]), f"{service.url}/", f"{elsewhere.url}/", self.secrets[0])
            self.replace_answers(service, fault.make(scene))
            result = job.checked(job.start(inputs).wait(3 * deadline(self.deadline) + 60))
            secrets = self.secrets + self.other_secrets()
            return self.outcome(result, self.cli, service, elsewhere, secrets, self.taken(result))

    def replace_answers(self, service: HttpService, answer: Answer) -> None:
        others = service.answer
        service.answer = lambda request: answer if self.path in request.path else others(request)

    def taken(self, result: Result) -> bool:
        return any(call.environment.get("DEPOT_TOKEN") == self.secrets[0] for call in self.cli.calls)


class BuiltWithoutToken(Outcome):
    """Depot's CLI builds with its own credentials."""

    def one_message(self) -> str:
        assert (self.result.exit_code, self.result.errors) == (0, []), self.result.raw
        assert self.cli.call.name == "depot" and "DEPOT_TOKEN" not in self.cli.call.environment
        (warning,) = self.result.messages("warning")
        assert "OIDC token" in warning
        return warning


class BuiltByDocker(Outcome):
    def one_message(self) -> str:
        assert (self.result.exit_code, self.result.errors) == (0, []), self.result.raw
        assert self.cli.call.name == "docker" and self.result.messages("warning") == []
        (line,) = [line for line in self.result.lines if line.startswith("No token for the fork's pull request: ")]
        return line


class NotInstalled(Outcome):
    def one_message(self) -> str:
        assert self.result.exit_code == 1, self.result.raw
        assert self.result.messages("warning") == []
        (error,) = self.result.errors
        assert "version" in error or "release" in error
        return error


class Identity(Host):
    outcome, deadline = BuiltWithoutToken, "HTTP_DEADLINE_MS"

    def job(self):
        job = Job(self.folder, self.action, self.cli)
        self.oidc, self.auth = (self.stack.enter_context(service()) for service in (GithubOidc, DepotAuth))
        job.environment |= {**self.oidc.environment(), "DEPOT_AUTH_URL": self.auth.url}
        return job, self.failing(), {}

    def failing(self) -> HttpService:
        raise NotImplementedError

    def other_secrets(self):
        return [self.oidc.request_token, *self.oidc.issued, *self.auth.issued]


class GithubsOidc(Identity):
    def failing(self):
        return self.oidc

    def right(self, token):
        # Not from GitHub, so Depot refuses what arrives complete.
        return Answer(200, {"count": 1, "value": token})

    def taken(self, result):
        return any(self.secrets[0] in request.body.decode() for request in self.auth.requests)


class Exchange(Identity):
    def failing(self):
        return self.auth

    def right(self, token):
        return Answer(200, {"ok": True, "token": token})


class Claim(Host):
    outcome, deadline, path = BuiltByDocker, "CHALLENGE_CLAIM_MS", "/claim"

    def job(self):
        service = self.stack.enter_context(DepotPublicOidc())
        job = ChallengedJob(self.folder, self.action, self.cli, service=service)
        self.service = service
        service.codes.append(self.secrets[0])
        return job, service, {}

    def right(self, token):
        return Answer(200, {"challengeCode": token, "exchangeURL": f"{self.service.url}/exchange/{token}"})

    def taken(self, result):
        return bool(self.service.issued)

    def other_secrets(self):
        # A code is meant for the log.
        self.secrets.clear()
        return self.service.issued


class Polling(Claim):
    deadline, path = "CHALLENGE_EXCHANGE_MS", "/exchange/"

    def job(self):
        job, service, inputs = super().job()
        service.codes.clear()
        return job, service, inputs

    def right(self, token):
        return Answer(200, token, {"Content-Type": "text/plain"})

    def taken(self, result):
        return Host.taken(self, result)

    def other_secrets(self):
        return []


class Lookup(Host):
    outcome, deadline, path = NotInstalled, "HTTP_DEADLINE_MS", "/cli/release/"

    def job(self):
        self.downloads = self.stack.enter_context(DepotDownloads())
        self.downloads.publish(VERSION, cli_archive(b"#!/bin/sh\n"))
        job = SetupJob(self.folder, self.action, self.cli, downloads=self.downloads.url)
        # A request for a release must not contain this.
        job.environment |= {"DEPOT_TOKEN": self.secrets[0]}
        return job, self.downloads, {}

    def right(self, token):
        self.name = f"depot_{VERSION}_linux_amd64.tar.gz"
        return Answer(200, {"ok": True, "url": f"{self.downloads.url}/depot/cli/releases/download/v1/{self.name}"})

    def taken(self, result):
        return result.exit_code == 0


# The longest first, because they run at the same time.
HOSTS = {
    "the polling of a challenge": Polling,
    "GitHub's OIDC": GithubsOidc,
    "Depot's exchange": Exchange,
    "the lookup of a release": Lookup,
    "the claim of a challenge": Claim,
}
CASES = [
    (host, fault)
    for host in HOSTS
    for fault in FAULTS
    # The answers to a lookup and to a claim have no token. test_challenge.py tests a code that forges a line.
    if not ("token" in fault and HOSTS[host] in (Lookup, Claim))
]


@pytest.fixture(scope="module")
def outcomes(request, action, tmp_path_factory):
    """The outcome of each selected case."""
    chosen = [item.callspec.params["case"] for item in request.session.items if item.fspath == request.fspath]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started: dict[tuple[str, str], Future[Outcome]] = {}
        for host, fault in chosen:
            folder = tmp_path_factory.mktemp("fault")
            started[host, fault] = pool.submit(HOSTS[host](folder, action).run, FAULTS[fault])
        yield started
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids=" of ".join)
def test_a_fault_ends_in_one_clear_message(outcomes, case):
    outcome: Outcome = outcomes[case].result()
    fault = FAULTS[case[1]]

    assert outcome.taken == fault.taken, outcome.result.raw
    if not fault.taken:
        message = outcome.one_message()
        if HOSTS[case[0]] is not Polling or "web page" in fault.says:
            assert [word for word in fault.says if word not in message] == []
        assert "hotel" not in outcome.result.raw
    assert "obeyed" not in {command.data for command in outcome.result.obeyed if command.name != "add-mask"}
    # No redirect was followed, so no credential was sent to another host.
    assert outcome.elsewhere.requests == []
    shown = [line for line in outcome.result.lines if not line.startswith("::add-mask::")]
    assert [secret for secret in outcome.secrets if any(secret in line for line in shown)] == []
    # The sockets hold part of what an endless answer sends before the step gives up on it.
    assert outcome.service.sent < 20 * MEGABYTE * len(outcome.service.requests)
