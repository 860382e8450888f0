"""What a user reads when something is wrong: what happened, why, and what to do."""

from __future__ import annotations

import time

import pytest

from integration.cli import Step
from integration.job import Job
from stand_ins.github_oidc import jwt
from stand_ins.service import Answer
from world.events import pull_request

TOKEN = "depot_project_marked_0123456789abcdef"
NO_TOKEN = Step("err", "missing API token, please run `depot login`\n")
REFUSED = Step("err", "Error: unauthenticated: Invalid token\n")
TO_ADD = ["permissions:", "  contents: read", "  id-token: write"]


def error_of(job: Job, cli, step: Step, inputs=None) -> str:
    """The one error of a build that fails with these words."""
    return failure_of(job, cli, step, inputs)[0]


def failure_of(job: Job, cli, step: Step, inputs=None):
    cli.does(step, Step("leave", 1))
    result = job.run(inputs)
    assert result.exit_code == 1, result.raw
    (error,) = result.errors
    return error, result


def debug_lines(result) -> list[str]:
    return [command.data for command in result.obeyed if command.name == "debug"]


# No token


def test_a_job_without_a_token_is_shown_the_lines_to_add(job: Job, cli):
    error, result = failure_of(job, cli, NO_TOKEN)

    assert "`id-token: write`" in error and "`token`" in error
    at = result.lines.index("::group::Add to the workflow")
    assert result.lines[at + 1 : at + 5] == [*TO_ADD, "::endgroup::"]


def test_a_fork_is_told_that_permissions_cannot_help(job: Job, cli):
    job.event = pull_request(fork=True)

    error, result = failure_of(job, cli, NO_TOKEN, {"fork-builder": "depot"})

    assert "fork" in error and "cannot change that" in error and "`auto`" in error
    assert not any(line in result.lines for line in TO_ADD)


@pytest.mark.usefixtures("identity")
def test_what_the_exchange_said_is_said_again_where_the_build_fails_for_it(job: Job, cli, auth):
    auth.refuse("No trust relationship found")

    assert "No trust relationship found" in error_of(job, cli, NO_TOKEN)


# A token that Depot does not accept


def test_a_refused_token_is_named_by_where_it_comes_from(job: Job, cli):
    assert "the input `token`" in error_of(job, cli, REFUSED, {"token": TOKEN})


def test_a_refused_token_of_the_variable_is_named(job: Job, cli):
    job.environment["DEPOT_TOKEN"] = TOKEN

    assert "DEPOT_TOKEN" in error_of(job, cli, REFUSED)


def test_a_token_that_has_expired_is_said_to_have(job: Job, cli):
    expired = jwt({"exp": int(time.time()) - 3600})

    error = error_of(job, cli, REFUSED, {"token": expired})

    assert "it expired on" in error and "UTC" in error
    assert not any(part in error for part in expired.split("."))


# The exchange


@pytest.mark.usefixtures("identity")
@pytest.mark.parametrize("skew, word", [(7200, "behind"), (-7200, "ahead of")])
def test_a_clock_that_differs_from_github_s_is_told(job: Job, oidc, auth, skew, word):
    oidc.scripted.append(Answer(200, {"value": jwt({**oidc.claims(), "iat": int(time.time()) + skew})}))
    auth.refuse("token used before issued")

    (warning,) = job.succeed().messages("warning")

    assert "clock" in warning and word in warning


@pytest.mark.usefixtures("identity")
def test_a_clock_that_is_right_is_not_mentioned(job: Job, auth):
    auth.refuse()

    (warning,) = job.succeed().messages("warning")

    assert "clock" not in warning


# Retries


@pytest.mark.usefixtures("identity")
def test_each_retry_is_a_line_of_the_debug_log(job: Job, oidc, auth):
    oidc.scripted.append(Answer(503, "busy"))
    auth.scripted += [Answer(429, "busy"), Answer(500, "broken")]

    result = job.succeed()

    host = "127.0.0.1"
    assert [line.partition(":")[0] for line in debug_lines(result)] == [
        f"{host} answered with status 503",
        f"{host} answered with status 429",
        f"{host} answered with status 500",
    ]
    assert [line.split("attempt ")[1][0] for line in debug_lines(result)] == ["2", "2", "3"]


@pytest.mark.usefixtures("identity")
def test_what_is_not_tried_again_has_none(job: Job, auth):
    auth.scripted.append(Answer(403, {"ok": False, "error": "no"}))

    assert debug_lines(job.succeed()) == []


# The project


NO_PROJECT = {
    "of newer CLIs": "no project ID specified. Please provide a project ID via the --project flag\n",
    "of older CLIs": "Error: error retrieving projects: permission_denied: Not authorized\n",
    "of a user's token": "Error: missing project ID; please run `depot init` or `depot build --project <id>`\n",
}


@pytest.mark.parametrize("words", NO_PROJECT.values(), ids=NO_PROJECT)
def test_a_build_without_a_project_is_told_where_to_name_one(job: Job, cli, words):
    error = error_of(job, cli, Step("err", words), {"context": "app", "file": "docker/Dockerfile", "token": TOKEN})

    for place in ("`project`", "DEPOT_PROJECT_ID", "depot.json", f"`{job.workspace}`", "`app`", "`docker/Dockerfile`"):
        assert place in error


@pytest.mark.parametrize("source", ["input", "variable"])
def test_a_project_that_is_not_there_is_named(job: Job, cli, source):
    inputs = {"token": TOKEN, "project": "abc123" if source == "input" else ""}
    job.environment["DEPOT_PROJECT_ID"] = "" if source == "input" else "abc123"

    error = error_of(job, cli, Step("err", NO_PROJECT["of older CLIs"]), inputs)

    assert "no project `abc123`" in error


# The network of the CLI


WORDS = {
    "NODE_EXTRA_CA_CERTS": "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "HTTPS_PROXY": "unavailable: proxyconnect tcp: dial tcp 192.0.2.1:3128: i/o timeout",
    "clock": "x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before",
}


@pytest.mark.parametrize("cure, words", WORDS.items(), ids=WORDS)
def test_what_the_network_does_to_the_cli_is_explained(job: Job, cli, cure, words):
    assert cure in error_of(job, cli, Step("err", f"{words}\n"), {"token": TOKEN})
