"""Where the Depot token comes from, what becomes of it, and where it never is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.cli import SUCCESS, Step
from integration.gate import Gate
from integration.job import Job
from stand_ins.service import Answer, HttpService
from world.events import pull_request

TOKEN = "depot_project_marked_0123456789abcdef"
OTHER = "depot_project_other_fedcba9876543210"
ATTEMPTS = 5


class Elsewhere(HttpService):
    """Another host: whatever arrives here went astray."""

    def answer(self, request):
        return Answer(200, {"ok": True, "value": "stray", "token": "stray"})


@pytest.fixture
def elsewhere():
    with Elsewhere() as service:
        yield service


def warning_without_token(job: Job, cli) -> str:
    """The one warning of a job that got no token, whose build goes on with the CLI's own credentials."""
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
def test_a_refused_exchange_shows_the_claims_and_not_the_token(job: Job, auth, oidc):
    auth.refuse("No trust relationship")

    result = job.succeed()

    claims = oidc.claims()
    assert f"sub: {claims['sub']}" in result.log
    assert f"job_workflow_ref: {claims['job_workflow_ref']}" in result.log
    (token,) = oidc.issued
    shown = [line for line in result.lines if not line.startswith("::add-mask::")]
    assert not any(part in line for line in shown for part in token.split("."))


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
    assert "127.0.0.1" in warning_without_token(job, cli)


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
    # A proxy would see the request, if there were one.
    job.environment |= {variable: f"{address}/?a=b", "http_proxy": elsewhere.url, "ALL_PROXY": elsewhere.url}
    job.environment["no_proxy"] = "127.0.0.1"

    assert "https://" in warning_without_token(job, cli)
    assert elsewhere.requests == []


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


ENDINGS = {
    "success": SUCCESS,
    "failure": [Step("err", "ERROR: broke\n"), Step("leave", 1)],
    "killed": [Step("die", 9)],
}


@pytest.fixture(params=["sanitized", "ordinary"])
def either(request, job: Job, ordinary_action):
    if request.param == "ordinary":
        job.action = ordinary_action
    return job


@pytest.mark.parametrize("steps", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("source", ["input", "variable", "identity"])
def test_the_token_is_in_the_cli_s_environment_and_its_mask_only(either: Job, cli, oidc, auth, source, steps):
    job = either
    cli.does(*steps)
    if source == "variable":
        job.environment["DEPOT_TOKEN"] = TOKEN
    if source == "identity":
        job.environment |= {**oidc.environment(), "DEPOT_AUTH_URL": auth.url}

    result = job.run({"token": TOKEN} if source == "input" else {})

    secrets = [*oidc.issued, *auth.issued] if source == "identity" else [TOKEN]
    if source == "identity":
        assert_absent(oidc.request_token, result, cli, job, where_visible=())
    for secret in secrets:
        assert [line for line in result.lines if secret in line] == [f"::add-mask::{secret}"]
        assert secret not in result.log
        in_environment = ("DEPOT_TOKEN",) if secret == secrets[-1] else ()
        assert_absent(secret, result, cli, job, where_visible=in_environment)


def assert_absent(secret: str, result, cli, job: Job, where_visible) -> None:
    call = cli.call
    assert tuple(name for name, value in call.environment.items() if secret in value) == where_visible
    assert not any(secret in argument for argument in call.arguments)
    assert secret not in call.parent_arguments
    assert secret not in call.parent_environment
    assert secret not in "".join(result.outputs.values()) + result.summary
    assert files_with(secret, job.folder, except_below=cli.records) == []


def files_with(secret: str, folder: Path, except_below: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file() and except_below not in file.parents)
    return [file for file in files if secret.encode() in file.read_bytes()]


def test_a_secret_of_the_build_is_in_its_file_and_its_mask_only(either: Job, cli):
    job = either
    result = job.succeed({"secrets": f"key={TOKEN}", "token": OTHER})

    assert [line for line in result.lines if TOKEN in line] == [f"::add-mask::{TOKEN}"]
    assert [secret["content"] for secret in cli.call.secrets] == [TOKEN]
    assert_absent(TOKEN, result, cli, job, where_visible=())


def test_neither_the_program_nor_the_cli_leaves_a_core_dump(job: Job, cli, ordinary_action):
    # AddressSanitizer turns core dumps off by itself.
    job.action = ordinary_action
    script = f"ulimit -S -c $(ulimit -H -c)\n{job.runner().action.step['run']}"

    job.succeed({"token": TOKEN}, script=script)

    assert cli.call.core_limit == 0
