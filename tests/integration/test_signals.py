"""A step that is told to stop: everything that it started ends, nothing is left behind, and the runner has its log
back."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time

import pytest

from integration.cli import SUCCESS, Step, until
from integration.gate import Gate
from integration.job import Job
from stand_ins.depot_auth import DepotAuth
from stand_ins.github_oidc import GithubOidc
from stand_ins.service import Answer

INT, TERM, HUP, QUIT = (int(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT))
ENDING = pytest.mark.parametrize("number", [INT, TERM, HUP, QUIT], ids=["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
SECRETS = {"secrets": "key=value", "token": "depot_x"}
# Longer than any test: a process that sleeps this long stays until it is ended.
LONG = 600

STARTED = Step("out", "started\n")
SLEEP = Step("sleep", LONG)


def started(job: Job, cli, *steps: Step, inputs=SECRETS):
    """A step with a build that has started and waits."""
    cli.does(*steps, STARTED, SLEEP)
    step = job.start(inputs)
    step.wait_for("started")
    return step


def end(job: Job, step, *numbers: int):
    for number in numbers:
        step.signal(number)
    return job.checked(step.wait(60))


def cancelled(result) -> bool:
    return any("cancelled" in note.title for note in result.annotations)


# During the build


@ENDING
def test_a_signal_ends_the_build_and_its_status_is_ours(job: Job, cli, number):
    result = end(job, started(job, cli), number)

    assert result.exit_code == 128 + number
    assert cancelled(result)


@ENDING
def test_the_build_gets_the_signal_that_we_got_and_may_end_by_itself(job: Job, cli, number):
    step = started(job, cli, Step("leave_on", number, 42))

    assert end(job, step, number).exit_code == 42
    assert (cli.records / f"signal-{number}").exists()


def test_a_build_that_finishes_all_the_same_has_its_outputs(job: Job, cli, tmp_path):
    go_on = tmp_path / "go on"
    cli.does(*SUCCESS, Step("ignore", INT), STARTED, Step("wait_for", str(go_on)))
    step = job.start(SECRETS)
    step.wait_for("started")

    step.signal(INT)
    go_on.touch()
    result = job.checked(step.wait(60))

    assert result.exit_code == 0
    assert result.outputs["build-id"] == "build1"


def test_a_build_that_ignores_the_first_signal_ends_at_the_second(job: Job, cli):
    step = started(job, cli, Step("note", INT))
    step.signal(INT)
    cli.wait_for(f"signal-{INT}")

    assert end(job, step, TERM).exit_code == 128 + TERM


def test_a_build_that_ignores_all_is_killed(job: Job, cli):
    step = started(job, cli, Step("ignore", INT, TERM, HUP, QUIT))

    assert end(job, step, INT, TERM).exit_code == 128 + signal.SIGKILL


def test_a_build_that_ignores_all_is_killed_before_the_runner_kills_us(job: Job, cli):
    step = started(job, cli, Step("ignore", INT, TERM))

    result = job.checked(step.cancel())

    assert result.exit_code == 128 + signal.SIGKILL
    assert cancelled(result)


def test_a_signal_that_comes_again_and_again_does_no_harm(job: Job, cli):
    step = started(job, cli, Step("note", INT))

    result = end(job, step, *[INT] * 50, *[TERM] * 50)

    assert result.exit_code == 128 + TERM


@pytest.mark.parametrize("numbers", [[INT], [TERM], [INT, TERM]], ids=str)
def test_grandchildren_go_with_the_build(job: Job, cli, numbers):
    step = started(job, cli, Step("child", [SLEEP]), Step("child", [Step("child", [SLEEP]), SLEEP]))
    # The processes of the step, the CLI, its children and their child.
    until(lambda: len(step.processes()) == 5, "not all processes are there")

    end(job, step, *numbers)


@ENDING
def test_grandchildren_that_ignore_signals_go_as_well(job: Job, cli, number):
    deaf = Step("ignore", INT, TERM, HUP, QUIT)
    step = started(job, cli, Step("child", [deaf, SLEEP]))

    end(job, step, number)


def test_grandchildren_go_with_a_build_that_ends_by_itself(job: Job, cli):
    deaf = Step("ignore", INT, TERM, HUP, QUIT)
    cli.does(*SUCCESS, Step("child", [deaf, SLEEP]), Step("child", [SLEEP]))

    job.succeed(SECRETS)


@ENDING
def test_secret_files_are_gone_after_a_signal(job: Job, cli, number):
    step = started(job, cli)
    (secret,) = cli.call.secrets
    assert os.path.exists(secret["src"])

    result = end(job, step, number)

    assert not os.path.exists(os.path.dirname(secret["src"]))
    assert result.left == []


@ENDING
def test_the_log_is_resumed_after_a_signal(job: Job, cli, number):
    step = started(job, cli, Step("out", "::error::obeyed\n"))

    result = end(job, step, number)

    assert not result.commands_stopped
    assert "obeyed" not in result.errors
    assert len(result.errors) == 1


def test_an_unfinished_line_does_not_hide_the_resumption(job: Job, cli):
    cli.does(Step("out", "::error::obeyed\n"), Step("out", "started"), Step("write", "half-way", ""), SLEEP)
    step = job.start(SECRETS)
    cli.wait_for("half-way")

    result = end(job, step, TERM)

    assert not result.commands_stopped
    assert "obeyed" not in result.errors


def test_what_the_build_prints_on_its_way_out_is_in_the_log(job: Job, cli):
    step = started(job, cli, Step("say_on", INT, "cleaning up\n", 7))

    result = end(job, step, INT)

    assert "cleaning up" in result.lines
    assert result.exit_code == 7


# Where the log stalls


@pytest.fixture
def stalled(job: Job, cli, tmp_path):
    """A build that has filled a log that nobody reads. Starts the program itself."""
    cli.does(Step("leave_on", INT, 42), Step("leave_on", TERM, 42), Step("out", "x" * 1023 + "\n", 10_000), SLEEP)
    process = job.popen(stdout=subprocess.PIPE)
    wait_until_full(process.stdout)
    yield process
    process.kill()
    process.stdout.close()
    process.wait()


def wait_until_full(pipe) -> None:
    """A pipe is full if its writer has made no progress for a while. The kernel has no other way to tell."""
    before, now = -1, 0
    while now == 0 or before != now:
        before = now
        time.sleep(0.5)
        now = int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("number", [INT, TERM])
def test_a_signal_reaches_the_build_while_nobody_reads_the_log(cli, stalled, number):
    stalled.send_signal(number)

    cli.wait_for(f"signal-{number}")


def test_a_log_that_nobody_takes_any_more_ends_the_build(job: Job, cli, stalled):
    stalled.stdout.close()

    assert stalled.wait(60) != 0
    assert (cli.records / f"signal-{TERM}").exists()
    assert list(job.temp.iterdir()) == []


# During the token exchange


@pytest.fixture(params=["oidc", "auth"])
def stalled_service(request, job: Job):
    """One of the two services receives the request and does not answer."""
    with GithubOidc() as oidc, DepotAuth() as auth:
        gate = Gate(oidc if request.param == "oidc" else auth)
        job.environment = {**oidc.environment(), "DEPOT_AUTH_URL": auth.url}
        yield gate
        gate.opened.set()


@ENDING
def test_a_signal_ends_the_wait_for_a_token(job: Job, cli, stalled_service, number):
    step = job.start({"secrets": "key=value"})
    stalled_service.wait_for(step)

    result = end(job, step, number)

    assert result.exit_code == 128 + number
    assert cli.calls == []
    assert len(result.annotations) <= 1


@ENDING
def test_a_signal_ends_the_wait_before_another_try(job: Job, cli, number):
    with GithubOidc() as oidc:
        oidc.scripted += [Answer(503, "", {"Retry-After": "25"})] * 5
        job.environment = oidc.environment()
        step = job.start()
        until(lambda: oidc.requests, "no request came")

        result = end(job, step, number)

        assert len(oidc.requests) == 1
    assert result.exit_code == 128 + number
    assert cli.calls == []

