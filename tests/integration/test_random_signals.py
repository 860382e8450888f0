"""A signal at any moment of a step: nothing is left behind, the runner has its log back, and there is one error or a
finished build."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

from integration.cli import SUCCESS, FakeClis, Step, docker_builder, docker_info, until
from integration.job import Job, SetupJob
from stand_ins.depot_downloads import cli_archive
from world.events import pull_request
from world.runner import Result, Running

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
SECRETS = {"secrets": "key=hidden value\nother=another one"}
# What a build does, with a short time between any two things.
PAUSE = Step("sleep", 0.03)
BUILD = (Step("out", "::error::obeyed\n"), PAUSE, *SUCCESS, PAUSE, Step("out", "half a line"), PAUSE)
LONG = 600

VERSION = "2.102.12"
# Large enough that a signal can arrive in the middle of its download.
PROGRAM = b"#!/bin/sh\necho ::error::obeyed\nsleep 0.1\nprintf half\nsleep 0.1\nexit 0\n" + os.urandom(1_000_000)


@dataclass
class Way:
    job: Job
    inputs: dict[str, object]
    # What to do before each run, and what the run leaves outside RUNNER_TEMP.
    prepare: Callable[[], None] = lambda: None
    left: Callable[[], list[str]] = lambda: []


def of_depot(job: Job, cli: FakeClis, **_) -> Way:
    return Way(job, {**SECRETS, "token": "depot_x"})


def of_identity(job: Job, cli: FakeClis, request, **_) -> Way:
    request.getfixturevalue("identity")
    return Way(job, SECRETS)


def of_docker(job: Job, cli: FakeClis, **_) -> Way:
    job.event = pull_request(fork=True, private=True)
    return Way(job, SECRETS)


def of_docker_instead(job: Job, cli: FakeClis, **_) -> Way:
    refused = Step("only", "depot", [PAUSE, Step("err", "unauthenticated: Invalid token\n"), Step("leave", 1)])
    cli.does(refused, *BUILD)
    return Way(job, {**SECRETS, "token": "depot_x", "buildx-fallback": "true"})


def of_temporary_builder(job: Job, cli: FakeClis, **_) -> Way:
    """A docker that makes and removes a builder at once. The builder is a file."""
    builder = cli.records / "builder"
    cli.docker_can(docker_info(containerd_store=False), docker_builder(), Step("write", "builder", ""), PAUSE)
    cli.answers("buildx rm", Step("remove", "builder"))
    job.event = pull_request(fork=True, private=True)
    return Way(job, {**SECRETS, "provenance": "mode=max"}, left=lambda: [builder.name] if builder.exists() else [])


def of_setup(setup_job: SetupJob, request, **_) -> Way:
    """It downloads the CLI, gets a token and configures docker."""
    oidc, auth, downloads = (request.getfixturevalue(name) for name in ("oidc", "auth", "downloads"))
    downloads.publish(VERSION, cli_archive(PROGRAM))
    setup_job.environment |= {**oidc.environment(), "DEPOT_AUTH_URL": auth.url}
    place = f"depot/{VERSION}/x64"
    installed = ["depot", f"depot/{VERSION}", place, f"{place}.complete", f"{place}/depot"]
    return Way(
        setup_job,
        {"oidc": True, "configure-docker": True},
        prepare=lambda: shutil.rmtree(setup_job.tool_cache, ignore_errors=True),
        left=lambda: sorted(set(setup_job.cached()) - set(installed)),
    )


WAYS = {
    "depot": of_depot,
    "depot, of an identity": of_identity,
    "docker": of_docker,
    "docker instead of depot": of_docker_instead,
    "a temporary builder": of_temporary_builder,
    "setup": of_setup,
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request, job, setup_job, cli) -> Way:
    cli.does(*BUILD)
    return request.param(job=job, setup_job=setup_job, cli=cli, request=request)


def started(way: Way) -> Running:
    """A step with a program that already handles signals."""
    way.prepare()
    step = way.job.start(way.inputs)
    try:
        until(lambda: catches(step.pid), "it catches no signal", 60)
    except BaseException:
        step.kill()
        raise
    return step


def catches(pid: int) -> bool:
    """Whether the program catches all of them, unlike its shell, or has already ended."""
    try:
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    except OSError:
        return False
    caught = int(fields["SigCgt"], 16)
    return fields["State"].strip().startswith("Z") or all(caught >> (number - 1) & 1 for number in SIGNALS)


def duration(way: Way) -> float:
    begun = time.monotonic()
    result = way.job.checked(started(way).wait(60))
    assert (result.exit_code, result.errors) == (0, []), result.raw
    return time.monotonic() - begun


def check(way: Way, result: Result) -> None:
    way.job.checked(result)
    assert way.left() == [], result.raw
    assert "obeyed" not in result.errors
    assert len(result.errors) == (0 if result.exit_code == 0 else 1), result.raw


def signalled_at_random(way: Way, count: int) -> None:
    seed = random.randrange(2**32)
    instants = random.Random(seed)
    whole = duration(way)
    for i in range(count):
        # One signal in each part of the run and of the short time after it.
        delay = 1.1 * whole * (i + instants.random()) / count
        number = instants.choice(SIGNALS)
        step = started(way)
        time.sleep(delay)
        step.signal(number)
        try:
            check(way, step.wait(60))
        except AssertionError as failure:
            raise AssertionError(f"{number!r} after {delay:.4f} of {whole:.4f} s (seed {seed})") from failure


def test_a_signal_at_any_of_30_instants(way: Way):
    signalled_at_random(way, 30)


@pytest.mark.long
def test_a_signal_at_any_of_300_instants(way: Way):
    signalled_at_random(way, 300)


# A docker that hangs


@pytest.fixture
def temporary(job: Job, cli) -> Job:
    cli.docker_can(docker_info(containerd_store=False), docker_builder())
    job.event = pull_request(fork=True, private=True)
    return job


DEAF = Step("ignore", *map(int, SIGNALS))
HANGS = {
    "and hears": [Step("sleep", LONG)],
    "and is deaf": [DEAF, Step("sleep", LONG)],
    "and has closed its output": [DEAF, Step("close_output"), Step("sleep", LONG)],
    "as its child does": [Step("child", [DEAF, Step("sleep", LONG)]), Step("sleep", LONG)],
}


@pytest.mark.parametrize("steps", HANGS.values(), ids=HANGS)
def test_a_docker_that_hangs_removing_a_builder_is_ended_and_told_of(temporary: Job, cli, steps):
    """The runner kills the step, and all that it has not cleaned up, 10 s after its first signal."""
    cli.answers("buildx rm", Step("write", "removing", ""), *steps)
    cli.does(Step("out", "building now\n"), Step("sleep", LONG))
    step = temporary.start({**SECRETS, "provenance": "mode=max"})
    step.wait_for("building now")
    (secret, _) = cli.call.secrets

    step.signal(signal.SIGINT)
    cli.wait_for("removing")
    # Although docker has not answered yet.
    assert not os.path.exists(secret["src"])
    result = temporary.checked(step.wait(10))

    assert result.exit_code == 128 + signal.SIGINT
    assert len(result.errors) == 1
    (warning,) = result.messages("warning")
    assert f"docker buildx rm --force {cli.call.values('--builder')[0]}" in warning


def test_a_docker_that_hangs_making_a_builder_is_ended(temporary: Job, cli):
    cli.docker_can(docker_info(containerd_store=False), docker_builder(), DEAF, Step("write", "making", ""), Step("sleep", LONG))
    step = temporary.start({**SECRETS, "provenance": "mode=max"})
    cli.wait_for("making")

    result = temporary.checked(step.cancel())

    assert result.exit_code == 128 + signal.SIGINT
    assert len(result.errors) == 1
    assert cli.calls == []


@pytest.mark.parametrize("question", ["info", "buildx inspect"])
def test_a_docker_that_hangs_telling_what_it_can_do_is_ended(temporary: Job, cli, question):
    cli.answers(question, DEAF, Step("write", "asked now", ""), Step("close_output"), Step("sleep", LONG))
    step = temporary.start({**SECRETS, "provenance": "mode=max"})
    cli.wait_for("asked now")

    step.signal(signal.SIGTERM)
    result = temporary.checked(step.wait(10))

    assert result.exit_code == 128 + signal.SIGTERM
    assert len(result.errors) == 1
    assert cli.calls == []


# While the build goes on


@pytest.mark.parametrize("number", SIGNALS)
def test_secrets_go_at_the_first_signal_though_the_build_goes_on(job: Job, cli, number):
    cli.does(DEAF, Step("out", "building now\n"), Step("sleep", LONG))
    step = job.start(SECRETS)
    step.wait_for("building now")
    secrets = [secret["src"] for secret in cli.call.secrets]
    assert all(map(os.path.exists, secrets))

    step.signal(number)
    until(lambda: not any(map(os.path.exists, secrets)), "the secrets are still there")
    assert step.processes(), "the build has ended"
    job.checked(step.cancel())


def test_secrets_go_with_the_build_before_its_builder(temporary: Job, cli):
    cli.answers("buildx rm", Step("write", "removing", ""), Step("wait_for", str(temporary.folder / "go on")))
    step = temporary.start({**SECRETS, "provenance": "mode=max"})
    cli.wait_for("removing")

    assert not any(os.path.exists(secret["src"]) for secret in cli.call.secrets)
    (temporary.folder / "go on").touch()
    assert temporary.checked(step.wait(60)).exit_code == 0


def test_files_of_the_user_are_never_removed(job: Job, cli, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    cli.does(Step("out", "building now\n"), Step("sleep", LONG))
    step = job.start({**SECRETS, "secret-files": f"file={mine}"})
    step.wait_for("building now")

    step.signal(signal.SIGINT)
    job.checked(step.wait(60))

    assert mine.read_text() == "mine"
