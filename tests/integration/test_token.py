"""Where the Depot token comes from, and what happens to it. (test_hygiene.py tests where it must never be.)"""

from __future__ import annotations

import json

import pytest

from integration.cli import Step
from integration.gate import Gate
from integration.job import Job
from stand_ins.service import Answer, Delivery, HttpService
from world.events import pull_request

TOKEN = "depot_project_marked_0123456789abcdef"
OTHER = "depot_project_other_fedcba9876543210"
ATTEMPTS = 5


class Elsewhere(HttpService):
    """Another host. Nothing may arrive here."""

    def answer(self, request):
        return Answer(200, {"ok": True, "value": "stray", "token": "stray"})


@pytest.fixture
def elsewhere():
    with Elsewhere() as service:
        yield service


def warning_without_token(job: Job, cli) -> str:
    """The one warning of a job that got no token. Its build continues with the CLI's own credentials."""
    result = job.succeed()
    assert "DEPOT_TOKEN" not in cli.call.environment
    (warning,) = result.messages("warning")
    return warning


# The chain


@pytest.mark.usefixtures("identity")
def test_the_input_comes_first(job: Job, cli, oidc):
    job.environment["DEPOT_TOKEN"] = OTHER

    result = job.succeed({"token": f"  {TOKEN}\n"})

    assert cli.call.environment["DEPOT_TOKEN"] == TOKEN
    assert TOKEN in result.masks
    assert oidc.requests == []


@pytest.mark.usefixtures("identity")
def test_then_comes_the_variable(job: Job, cli, oidc):
    job.environment["DEPOT_TOKEN"] = OTHER

    result = job.succeed({"token": "  "})

    assert cli.call.environment["DEPOT_TOKEN"] == OTHER
    assert OTHER in result.masks
    assert oidc.requests == []


@pytest.mark.usefixtures("identity")
def test_then_the_job_s_identity_is_exchanged(job: Job, cli, oidc, auth):
    job.environment["DEPOT_TOKEN"] = ""

    result = job.succeed()

    (token,) = auth.issued
    (jwt,) = oidc.issued
    assert cli.call.environment["DEPOT_TOKEN"] == token
    assert [json.loads(request.body) for request in auth.requests] == [{"token": jwt}]
    assert {token, jwt} <= set(result.masks)
    assert result.messages("warning") == []


@pytest.mark.usefixtures("identity")
def test_depot_is_connected_to_while_github_is_asked(job: Job, cli, oidc, auth, monkeypatch):
    answer = oidc.answer
    monkeypatch.setattr(oidc, "answer", lambda request: answer(request) if auth.greeted.wait(10) else Answer(403))

    job.succeed()

    assert cli.call.environment["DEPOT_TOKEN"] == auth.issued[0]
    assert [request.method for request in auth.requests] == ["POST"]


REFUSED = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: "
# The answer to a HEAD request: immediately, and too late.
GREETINGS = {
    "a body at once": (REFUSED + b'14\r\n\r\n{"ok": false} ', b""),
    "a late body": (REFUSED + b"13\r\n\r\n", b'{"ok": false}'),
    "a late page": (REFUSED + b"6\r\n\r\n", b"<html>"),
    "a late end of a chunked body": (REFUSED[:-16] + b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"),
    "late line ends": (REFUSED + b"4\r\n\r\n", b"\r\n\r\n"),
    "late bytes": (REFUSED + b"9\r\n\r\n", bytes(range(247, 256))),
    "a garbage status line": (b"garbage\r\n\r\n", b""),
    "an old status line": (b"ICY 200 OK\r\n\r\n", b""),
    "a status of no number": (b"HTTP/1.1 abc\r\n\r\n", b""),
    "bytes": (bytes(range(256)), b""),
    "line ends": (b"\r\n" * 100, b""),
    "a header without end": (REFUSED + b"0\r\nX: " + b"x" * 200_000, b""),
    "an answer twice": (2 * (REFUSED + b"0\r\n\r\n"), b""),
}


@pytest.mark.parametrize("greeting", GREETINGS.values(), ids=GREETINGS)
@pytest.mark.usefixtures("identity")
def test_whatever_opens_the_connection_the_token_comes(job: Job, cli, auth, greeting):
    auth.greeting, auth.late_greeting = greeting

    job.succeed()

    assert cli.call.environment["DEPOT_TOKEN"] in auth.issued


@pytest.mark.parametrize("service", ["oidc", "auth"])
@pytest.mark.parametrize("line", [b"garbage", b"ICY 200 OK", b"HTTP/1.1 abc", b"HTTP/9 200", b"\0", b"{}"], ids=repr)
@pytest.mark.usefixtures("identity")
def test_one_garbage_status_line_is_asked_again(job: Job, cli, auth, request, service, line):
    garbage = Delivery(garbage=line + b"\r\n\r\n")
    request.getfixturevalue(service).scripted.append(Answer(200, delivery=garbage))

    job.succeed()

    assert cli.call.environment["DEPOT_TOKEN"] in auth.issued


def test_without_any_the_cli_is_left_to_its_own_credentials(job: Job, cli):
    result = job.succeed()

    assert cli.call.name == "depot"
    assert "DEPOT_TOKEN" not in cli.call.environment
    assert result.masks == []


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
@pytest.mark.usefixtures("identity")
def test_half_an_identity_is_none(job: Job, cli, oidc, missing):
    job.environment[missing] = ""

    job.succeed()

    assert oidc.requests == []
    assert "DEPOT_TOKEN" not in cli.call.environment


@pytest.mark.usefixtures("identity")
def test_no_identity_is_exchanged_where_docker_builds(job: Job, oidc, auth):
    job.event = pull_request(fork=True)

    job.succeed({"fork-builder": "docker"})

    assert (oidc.requests, auth.requests) == ([], [])


# Faults


@pytest.mark.parametrize("status", [500, 502, 503, 408, 429])
@pytest.mark.usefixtures("identity")
def test_what_may_pass_is_tried_again(job: Job, cli, oidc, auth, status):
    oidc.scripted += [Answer(status, "busy")]
    auth.scripted += [Answer(status, "busy"), Answer(status, {"ok": False, "error": "busy"})]

    result = job.succeed()

    assert (len(oidc.requests), len(auth.requests)) == (2, 3)
    assert cli.call.environment["DEPOT_TOKEN"] == auth.issued[0]
    assert result.messages("warning") == []


@pytest.mark.usefixtures("identity")
def test_what_hangs_is_asked_again(job: Job, cli, oidc, auth):
    oidc.scripted.append(Answer(200, {}, delivery=Delivery(stall_after=0)))

    job.succeed()

    assert len(oidc.requests) == 2
    assert cli.call.environment["DEPOT_TOKEN"] == auth.issued[0]


@pytest.mark.usefixtures("identity")
def test_what_does_not_pass_is_given_up(job: Job, cli, auth):
    auth.scripted += [Answer(500, "broken")] * 20

    assert "500" in warning_without_token(job, cli)
    assert len(auth.requests) == ATTEMPTS


@pytest.mark.usefixtures("identity")
def test_a_refused_exchange_is_told_once_with_the_service_s_words(job: Job, cli, auth):
    auth.refuse("No trust relationship\n::error::for this repository")

    warning = warning_without_token(job, cli)

    assert "No trust relationship" in warning and "401" in warning
    assert len(auth.requests) == 1


@pytest.mark.usefixtures("identity")
def test_a_refused_exchange_shows_the_claims(job: Job, auth, oidc):
    auth.refuse("No trust relationship")

    result = job.succeed()

    claims = oidc.claims()
    assert f"sub: {claims['sub']}" in result.log
    assert f"job_workflow_ref: {claims['job_workflow_ref']}" in result.log


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.usefixtures("identity")
def test_a_refusal_by_github_is_told_once(job: Job, cli, oidc, auth, status):
    oidc.scripted += [Answer(status, {"message": "no"})]

    assert str(status) in warning_without_token(job, cli)
    assert (len(oidc.requests), len(auth.requests)) == (1, 0)


GARBAGE = {
    "nothing": b"",
    "null": "null",
    "an array": "[]",
    "a number": {"value": 5, "ok": True, "token": 5},
    "nothing of it": {"ok": True},
    "cut off": '{"value": "abc", "ok": true, "token": "abc',
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("service", ["oidc", "auth"])
@pytest.mark.usefixtures("identity")
def test_garbage_is_no_token(job: Job, cli, request, service, body):
    request.getfixturevalue(service).scripted += [Answer(200, body)] * ATTEMPTS

    warning = warning_without_token(job, cli)

    assert "token" in warning or "127.0.0.1" in warning


@pytest.mark.usefixtures("identity")
def test_a_service_that_is_not_there_is_named(job: Job, cli, auth):
    auth.stop()
    assert "no answer from 127.0.0.1: Connection refused" in warning_without_token(job, cli)


# Where requests may go


UNSAFE = [
    "http://depot.example",
    "http://10.0.0.1:80",
    "http://127.0.0.1.depot.example",
    "http://127.0.0.1@depot.example",
    "ftp://127.0.0.1",
    "file:///etc",
]


@pytest.mark.parametrize("address", UNSAFE)
@pytest.mark.parametrize("variable", ["DEPOT_AUTH_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"])
@pytest.mark.usefixtures("identity")
def test_plain_http_is_for_the_loopback_only(job: Job, cli, elsewhere, variable, address):
    # If there were a proxy, it would see the request.
    job.environment |= {variable: f"{address}/?a=b", "http_proxy": elsewhere.url, "ALL_PROXY": elsewhere.url}
    job.environment["no_proxy"] = "127.0.0.1"

    assert "https://" in warning_without_token(job, cli)
    assert elsewhere.requests == []


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.usefixtures("identity")
def test_no_proxy_sees_what_goes_to_the_loopback(job: Job, cli, elsewhere, auth, variable):
    job.environment[variable] = elsewhere.url

    job.succeed()

    assert elsewhere.requests == []
    assert cli.call.environment["DEPOT_TOKEN"] in auth.issued


@pytest.mark.parametrize("more", ["\nX-Other: 1", "\r\nX-Other: 1", "\rX-Other: 1", "\n", "\t"], ids=repr)
@pytest.mark.usefixtures("identity")
def test_a_request_token_adds_no_header(job: Job, cli, oidc, more):
    job.environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] += more

    assert "the credential for 127.0.0.1 has a line break" in warning_without_token(job, cli)
    assert oidc.requests == []


@pytest.mark.parametrize("more", ["\nX", "\r\n\r\nGET /", " HTTP/1.1\r\nX: 1", "\t"], ids=repr)
@pytest.mark.usefixtures("identity")
def test_a_request_url_adds_no_line(job: Job, cli, oidc, more):
    job.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] += more

    warning_without_token(job, cli)

    assert oidc.requests == []


@pytest.mark.usefixtures("identity")
def test_a_request_url_without_a_query_gets_one(job: Job, oidc):
    job.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{oidc.url}/idtoken"

    job.succeed()

    assert oidc.requests[0].path.startswith("/idtoken?audience=")


# Hygiene


@pytest.mark.usefixtures("identity")
def test_the_identity_is_masked_before_it_is_used(job: Job, oidc, auth):
    gate = Gate(auth)
    step = job.start()
    gate.wait_for(step)

    step.wait_for(f"::add-mask::{oidc.issued[0]}")

    gate.opened.set()
    assert job.checked(step.wait()).exit_code == 0


@pytest.mark.usefixtures("identity")
def test_a_token_is_masked_before_the_cli_starts(job: Job, cli, auth):
    cli.does(Step("out", "started\n"))

    lines = job.succeed().lines

    assert lines.index(f"::add-mask::{auth.issued[0]}") < lines.index("started")
