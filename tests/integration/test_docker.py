"""Where docker builds: what it is asked first, and the builder that is made where its own is not enough."""

from __future__ import annotations

import json
import re
import signal

import pytest

from integration.cli import Step, docker_builder, docker_info
from integration.job import PLAN, Job
from world.events import pull_request

FORK = pull_request(fork=True)
QUESTIONS = ["buildx inspect", "info --format {{json .}}"]
NAME = r"depot-build-push-\w{6}"
PLAIN = (docker_info(containerd_store=False), docker_builder())
NO_IMAGE = Step("out", "ERROR: moby/buildkit: no such host\n"), Step("leave", 1)
LONG = 600


@pytest.fixture
def fork(job: Job) -> Job:
    job.event = FORK
    return job


def about_builders(cli) -> list[str]:
    return [re.sub(NAME, "NAME", words) for words in cli.asked if words not in QUESTIONS]


CREATE = "buildx create --name NAME --driver docker-container --bootstrap"
REMOVE = "buildx rm --force NAME"


def test_docker_is_not_even_asked_where_depot_builds(job: Job, cli):
    job.succeed({"token": "depot_x"})

    assert cli.asked == []


def test_docker_is_asked_once_where_it_builds(fork: Job, cli):
    fork.succeed()

    assert sorted(cli.asked) == QUESTIONS


def test_the_builder_that_the_user_names_is_the_one_asked_about(fork: Job, cli):
    fork.succeed({"builder": "mine"})

    assert "buildx inspect mine" in cli.asked
    assert cli.call.values("--builder") == ["mine"]


def test_plan_asks_docker_nothing_and_says_what_it_assumes(fork: Job, cli):
    plan = json.loads(fork.run({"provenance": "mode=max"}, script=PLAN).raw)

    assert cli.asked == []
    assert any("plan" in notice and "docker" in notice for notice in plan["notices"])


def test_a_docker_without_an_engine_is_one_error(fork: Job, cli):
    cli.docker_can(docker_info(ServerErrors=["Cannot connect to the Docker daemon at unix:///x"]), "")

    error = fork.fail()

    assert "Cannot connect to the Docker daemon" in error
    assert "/var/run/docker.sock" in error


def test_a_docker_without_an_engine_may_build_elsewhere(fork: Job, cli):
    cli.docker_can(docker_info(ServerErrors=["Cannot connect"]), docker_builder("remote"))

    fork.succeed()


def test_a_docker_without_buildx_builds_all_the_same(fork: Job, cli):
    cli.docker_can(docker_info(buildx=""), "")

    result = fork.succeed({"tags": "app:1", "load": True})

    assert cli.call.arguments[0] == "build"
    assert "--metadata-file" not in cli.call.arguments
    (warning,) = result.messages("warning")
    assert "buildx" in warning
    assert result.outputs["imageid"]
    assert result.outputs["digest"] == ""


def test_a_docker_without_buildx_names_the_inputs_that_need_it(fork: Job, cli):
    cli.docker_can(docker_info(buildx=""), "")

    error = fork.fail({"secrets": "a=b", "push": True})

    assert "`push`, `secrets`" in error
    assert "docker/setup-buildx-action" in error


# A temporary builder


def test_a_builder_is_made_for_what_the_runner_s_cannot_do_and_removed(fork: Job, cli):
    cli.docker_can(*PLAIN, Step("out", "booting\n"))

    result = fork.succeed({"provenance": "mode=max"})

    assert about_builders(cli) == [CREATE, REMOVE]
    (name,) = cli.call.values("--builder")
    assert all(name in words for words in cli.asked[-2:])
    assert "booting" in result.log
    assert any("`provenance`" in notice for notice in result.messages("notice"))


def test_no_builder_is_made_where_nobody_needs_it(fork: Job, cli):
    cli.docker_can(*PLAIN)

    fork.succeed({"load": True, "cache-from": "type=registry,ref=a"})

    assert about_builders(cli) == []
    assert cli.call.values("--attest") == []


def test_a_failing_build_has_its_builder_removed(fork: Job, cli):
    cli.docker_can(*PLAIN)
    cli.does(Step("leave", 3))

    assert fork.run({"sbom": True}).exit_code == 3
    assert about_builders(cli) == [CREATE, REMOVE]


def test_what_cannot_be_had_without_another_builder_is_an_error(fork: Job, cli):
    cli.docker_can(*PLAIN, *NO_IMAGE)

    error = fork.fail({"provenance": "mode=max"})

    assert "`provenance`" in error
    assert "no such host" in error
    assert "docker/setup-buildx-action" in error
    assert about_builders(cli) == [CREATE, REMOVE]


def test_what_a_check_can_do_without_is_left_out(fork: Job, cli):
    cli.docker_can(*PLAIN, *NO_IMAGE)

    result = fork.succeed({"cache-to": "type=registry,ref=a", "secrets": "key=value"})

    (warning,) = result.messages("warning")
    assert "`cache-to`" in warning
    assert not {"--cache-to", "--builder", "--attest"} & set(cli.call.arguments)
    assert cli.call.secrets[0]["content"] == "value"
    assert about_builders(cli) == [CREATE, REMOVE]


def test_a_builder_that_stays_behind_is_told_of(fork: Job, cli):
    cli.docker_can(*PLAIN)
    answers = json.loads((cli.folder / "docker.json").read_text())
    (cli.folder / "docker.json").write_text(json.dumps({**answers, "buildx rm": [Step("leave", 1)]}))

    (warning,) = fork.succeed({"provenance": "true"}).messages("warning")

    assert re.search(f"docker buildx rm --force {NAME}", warning)


ENDING = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


@ENDING
def test_a_signal_during_the_build_has_the_builder_removed(fork: Job, cli, number):
    cli.docker_can(*PLAIN)
    cli.does(Step("out", "building now\n"), Step("sleep", LONG))
    step = fork.start({"provenance": "true"})
    step.wait_for("building now")

    step.signal(number)
    result = fork.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert about_builders(cli) == [CREATE, REMOVE]


@ENDING
def test_a_signal_while_the_builder_is_made_has_it_removed(fork: Job, cli, number):
    cli.docker_can(*PLAIN, Step("out", "booting\n"), Step("sleep", LONG))
    step = fork.start({"provenance": "true"})
    step.wait_for("booting")

    step.signal(number)
    result = fork.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert cli.calls == []
    assert about_builders(cli) == [CREATE, REMOVE]


@ENDING
def test_a_signal_ends_the_wait_for_docker_s_answer(fork: Job, cli, number):
    (cli.folder / "docker.json").write_text(
        json.dumps({"info": [Step("write", "asking", ""), Step("sleep", LONG)], "buildx inspect": []})
    )
    step = fork.start()
    cli.wait_for("asking")

    step.signal(number)
    result = fork.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert cli.calls == []
