"""A failure that may pass is tried again, and only such a failure."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest

from integration.cli import DIGEST, METADATA, SUCCESS, Step, docker_builder, docker_info
from integration.job import PLAN, ChallengedJob, Job
from stand_ins.depot_public_oidc import DepotPublicOidc
from world.action import ROOT
from world.events import pull_request

DEPOT = {"token": "depot_x"}
BEGAN = "#5 [internal] load build definition from Dockerfile\n#5 DONE 0.1s\n\n"
LOST = "unavailable: error reading from server: EOF\n"
LAUNCH = "#2 [depot] launching amd64 machine\n"
FAILING_RUN = "#9 [2/2] RUN false\n#9 ERROR: process \"/bin/sh -c false\" did not complete successfully: exit code: 1\n"
FAILED_RUN = "ERROR: failed to solve: process \"/bin/sh -c false\" did not complete successfully: exit code: 1\n"
LONG = 600

# The words of the table, as each row has them.
TRANSIENT = re.findall(r'\{"([^"]+)",[^}]*\.cause', (ROOT / "src/buildkit/transient.c").read_text())
NEVER = [
    "dockerfile parse error on line 3: unknown instruction: FRM",
    'failed to calculate checksum of ref a::b: "/missing": not found',
    "pull access denied, repository does not exist or may require authorization",
    "unexpected status from HEAD request to https://registry.example/v2/app: 401 Unauthorized",
    "unexpected status from HEAD request to https://registry.example/v2/app: 404 Not Found",
    "dial tcp: lookup registry.example: no such host",
    "write /var/lib/buildkit/a: no space left on device",
    "toomanyrequests: You have reached your pull rate limit",
    "rpc error: code = ResourceExhausted desc = grpc: received message larger than max",
    'image "docker.io/library/app:1": already exists',
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "linting failed",
    "unavailable: write /a: no space left on device",
]


def fails(words: str = LOST, *, began: bool = True) -> list[Step]:
    return [Step("err", (BEGAN if began else "") + words), Step("leave", 1)]


def tries(job: Job, cli, *steps: list[Step], otherwise: list[Step] = SUCCESS) -> None:
    """What the CLI does in its first try, its second, and so on, and in all others."""
    cli.does(Step("in_turn", list(steps), list(otherwise)))


def retried(result) -> list[str]:
    return [note.message for note in result.annotations if note.title == "Trying again"]


def test_a_lost_connection_is_tried_again(job: Job, cli):
    tries(job, cli, [Step("metadata", '{"containerimage.digest": "of the first"}'), *fails()])

    result = job.succeed({**DEPOT, "secrets": "key=value"})

    first, second = cli.calls
    assert [secret["content"] for call in cli.calls for secret in call.secrets] == ["value", "value"]
    assert first.private_directory != second.private_directory or "metadata.json" not in second.private_directory
    assert result.outputs["digest"] == DIGEST
    (warning,) = retried(result)
    assert warning.startswith("Try 1 of 2 failed because the connection to a builder, a registry or an API was lost: ")
    assert "error reading from server: EOF" in warning
    assert "Try 2 begins in" in warning
    assert "Try 2 of 2" in result.lines
    assert result.lines.index("Try 2 of 2") > result.lines.index(LOST.strip())
    assert result.masks.count("value") >= 1


def test_what_a_try_left_is_gone_before_the_next(job: Job, cli):
    tries(job, cli, [Step("metadata", METADATA), Step("image_id", "sha256:first"), *fails()], otherwise=[])

    result = job.succeed(DEPOT)

    assert (result.outputs["digest"], result.outputs["imageid"]) == ("", "")
    assert all(set(call.private_directory) <= {f"secret-{i}" for i in range(9)} for call in cli.calls)


def test_the_last_try_tells_the_failure_and_the_outputs(job: Job, cli):
    last = [Step("metadata", METADATA), *fails(FAILING_RUN + FAILED_RUN)]
    tries(job, cli, [Step("metadata", '{"containerimage.digest": "of the first"}'), *fails()], otherwise=last)

    result = job.run({**DEPOT, "retries": 5})

    assert (result.exit_code, len(cli.calls)) == (1, 2)
    (error,) = result.errors
    assert "exit code: 1" in error and "EOF" not in error
    assert result.outputs["digest"] == DIGEST


@pytest.mark.parametrize("count", [0, 1, 2])
def test_it_is_tried_as_often_as_the_input_says(job: Job, cli, count):
    cli.does(*fails())

    result = job.run({**DEPOT, "retries": count})

    assert len(cli.calls) == count + 1
    assert len(result.errors) == 1
    assert len(retried(result)) == count
    assert [line for line in result.lines if re.fullmatch(r"Try \d of \d", line)] == [
        f"Try {i} of {count + 1}" for i in range(2, count + 2)
    ]


@pytest.mark.parametrize("value", ["11", "-1", "two", "1.5"])
def test_another_number_is_one_clear_error(job: Job, value):
    error = job.fail({**DEPOT, "retries": value})

    assert "`retries`" in error and f"`{value}`" in error and "0 to 10" in error


def test_plan_shows_the_number_of_retries(job: Job):
    assert json.loads(job.succeed({"retries": 3}, script=PLAN).raw)["retries"] == 3
    assert json.loads(job.succeed(script=PLAN).raw)["retries"] == 1


def test_a_run_that_prints_all_that_may_pass_and_fails_runs_once(job: Job, cli):
    printed = "".join(f"#9 0.{i:03} {words}\n" for i, words in enumerate(TRANSIENT))
    again = "".join(f"0.{i:03} {words}\n" for i, words in enumerate(TRANSIENT))
    block = f"------\n > [2/2] RUN false:\n{again}------\n"
    cli.does(*fails("#9 [2/2] RUN false\n" + printed + FAILING_RUN.split("\n", 1)[1] + block + FAILED_RUN))

    result = job.run(DEPOT)

    assert (len(cli.calls), retried(result)) == (1, [])


@pytest.mark.parametrize("words", NEVER)
def test_what_lasts_is_not_tried_again(job: Job, cli, words):
    cli.does(*fails(f"ERROR: failed to solve: {words}\n"))

    result = job.run(DEPOT)

    assert (len(cli.calls), retried(result)) == (1, [])


def test_a_step_that_is_killed_is_not_tried_again(job: Job, cli):
    cli.does(Step("out", BEGAN), Step("die", 9))

    assert job.run(DEPOT).exit_code == 137
    assert len(cli.calls) == 1


# Docker


def test_docker_is_tried_again_too(job: Job, cli):
    job.event = pull_request(fork=True, private=True)
    registry = "ERROR: failed to solve: failed to do request: unexpected status from GET request: 503 Service Unavailable\n"
    tries(job, cli, fails(registry))

    result = job.succeed()

    assert [call.name for call in cli.calls] == ["docker", "docker"]
    assert len(retried(result)) == 1


def test_a_temporary_builder_is_made_anew(job: Job, cli):
    cli.docker_can(docker_info(containerd_store=False), docker_builder())
    job.event = pull_request(fork=True, private=True)
    tries(job, cli, fails())

    job.succeed({"provenance": "mode=max"})

    made = [words.split()[3] for words in cli.asked if words.startswith("buildx create")]
    removed = [words.split()[3] for words in cli.asked if words.startswith("buildx rm")]
    assert made == removed == [call.values("--builder")[0] for call in cli.calls]
    assert len(set(made)) == 2


def test_a_temporary_builder_that_could_not_be_made_is_made_anew(job: Job, cli):
    cli.docker_can(docker_info(containerd_store=False), docker_builder())
    cli.answers("buildx create", Step("in_turn", [[Step("err", "ERROR: dial tcp: i/o timeout\n"), Step("leave", 1)]], []))
    job.event = pull_request(fork=True, private=True)

    result = job.succeed({"provenance": "mode=max"})

    assert len(cli.calls) == 1
    assert len(retried(result)) == 1
    assert cli.call.values("--attest")


FALLBACK = {**DEPOT, "buildx-fallback": True}


def test_docker_builds_after_the_last_try_and_has_its_own_count(job: Job, cli):
    docker = Step("in_turn", [fails()], list(SUCCESS))
    cli.does(Step("only", "depot", fails("unavailable: dial tcp 127.0.0.1:9: connection refused\n", began=False)), docker)

    result = job.succeed(FALLBACK)

    assert [call.name for call in cli.calls] == ["depot", "depot", "docker", "docker"]
    titles = [note.title for note in result.annotations if note.level == "warning"]
    assert titles == ["Trying again", "No Depot builder", "Trying again"]


def test_the_last_try_decides_who_builds(job: Job, cli):
    """It had a machine, so the failure is the build's own."""
    first = fails("unavailable: connection refused\n", began=False)
    tries(job, cli, first, otherwise=fails())

    result = job.run(FALLBACK)

    assert [call.name for call in cli.calls] == ["depot", "depot"]
    assert result.exit_code == 1 and len(result.errors) == 1


AT_ONCE = {
    "a refused token": "unauthenticated: Invalid token\n",
    "a machine out of reach": "timed out connecting to machine: failed to list workers: Unavailable: connection error\n",
}


@pytest.mark.parametrize("words", AT_ONCE.values(), ids=AT_ONCE)
def test_docker_builds_at_once_for(job: Job, cli, words):
    cli.does(Step("only", "depot", fails(words, began=False)), *SUCCESS)

    result = job.succeed(FALLBACK)

    assert [call.name for call in cli.calls] == ["depot", "docker"]
    assert retried(result) == []


def test_a_token_of_the_challenge_is_kept(tmp_path, action, cli, no_releases):
    with DepotPublicOidc() as service:
        job = ChallengedJob(tmp_path, action, cli, downloads=no_releases, service=service)
        tries(job, cli, fails())

        assert job.run().exit_code == 0
        assert len(service.claims) == 1
    assert {call.environment["DEPOT_TOKEN"] for call in cli.calls} == set(service.issued)


# The identity


def test_an_identity_is_exchanged_anew_for_each_try(job: Job, cli, identity, auth):
    tries(job, cli, fails())

    result = job.succeed()

    assert [call.environment["DEPOT_TOKEN"] for call in cli.calls] == auth.issued
    assert len(set(auth.issued)) == 2
    assert set(auth.issued) <= set(result.masks)


def test_an_old_token_is_used_if_there_is_no_new_one(job: Job, cli, identity, auth):
    tries(job, cli, [Step("write", "first", ""), Step("wait_for", str(job.folder / "go on")), *fails()])
    step = job.start()
    cli.wait_for("first")
    auth.refuse()
    (job.folder / "go on").touch()
    result = job.checked(step.wait(60))

    assert (result.exit_code, result.errors) == (0, []), result.raw
    assert [call.environment["DEPOT_TOKEN"] for call in cli.calls] == auth.issued * 2


# The wait


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_wait(job: Job, cli, number):
    cli.does(Step("metadata", METADATA), *fails())
    step = job.start({**DEPOT, "secrets": "key=value", "retries": 2})
    step.wait_for("Trying again")
    files = [path for path in job.temp.rglob("*") if path.is_file()]
    assert not any(b"value" in path.read_bytes() for path in files)

    step.signal(number)
    result = job.checked(step.wait(60))

    assert result.exit_code == 128 + number
    (error,) = result.errors
    assert "cancelled before try 2 of 3" in error
    assert result.outputs["digest"] == DIGEST
    assert len(cli.calls) == 1


def test_there_is_a_wait(job: Job, cli):
    tries(job, cli, fails())
    begun = time.monotonic()

    job.succeed(DEPOT)

    assert time.monotonic() - begun >= 4


# A machine that is not ready


def test_a_machine_that_is_never_launched_is_given_up_without_a_fallback(job: Job, cli):
    cli.does(Step("out", LAUNCH), Step("sleep", LONG))

    result = job.run({**DEPOT, "retries": 0}, environment={"DEPOT_MACHINE_TIMEOUT": "1"})

    assert "DEPOT_MACHINE_TIMEOUT" in result.errors[0]
    assert len(cli.calls) == 1


def test_a_machine_that_was_late_is_asked_for_again(job: Job, cli):
    tries(job, cli, [Step("out", LAUNCH), Step("sleep", LONG)])

    result = job.succeed(DEPOT, environment={"DEPOT_MACHINE_TIMEOUT": "1"})

    assert "DEPOT_MACHINE_TIMEOUT" in retried(result)[0]


def test_a_second_platform_that_never_comes_is_given_up(job: Job, cli):
    amd64 = "#2 [depot] launching amd64 machine\n#2 DONE 0.1s\n\n#3 [depot] launching arm64 machine\n\n"
    builds = "#5 [linux/amd64 internal] load build definition\n"
    done = "#5 DONE 2.0s\n\n#3 [depot] launching arm64 machine\n#3 ...\n"
    cli.does(Step("out", amd64 + builds), Step("sleep", 2), Step("out", done), Step("sleep", LONG))

    result = job.run({**DEPOT, "retries": 0}, environment={"DEPOT_MACHINE_TIMEOUT": "1"})

    assert "#5 DONE 2.0s" in result.lines
    assert "DEPOT_MACHINE_TIMEOUT" in result.errors[0]


@pytest.mark.parametrize("words", ["#4 [internal] load metadata for docker.io/library/alpine\n", "#4 [internal] load build context\n"])
def test_what_is_slow_while_a_machine_is_there_has_its_time(job: Job, cli, words):
    machine = LAUNCH + "#2 DONE 0.1s\n\n#3 [depot] connecting to amd64 machine\n#3 DONE 0.1s\n\n"
    cli.does(Step("out", machine + words), Step("sleep", 2.5), *SUCCESS)

    job.succeed(DEPOT, environment={"DEPOT_MACHINE_TIMEOUT": "1"})


def test_what_runs_while_another_machine_is_asked_for_has_its_time(job: Job, cli):
    words = LAUNCH + "#2 DONE 0.1s\n\n#3 [depot] launching arm64 machine\n\n#5 [linux/amd64 2/2] RUN make\n"
    cli.does(Step("out", words), Step("sleep", 2.5), *SUCCESS)

    job.succeed(DEPOT, environment={"DEPOT_MACHINE_TIMEOUT": "1"})
