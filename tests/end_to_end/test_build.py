"""The step end to end, with the real depot CLI, BuildKit, docker and registry."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import re
import shlex
import time
from pathlib import Path
from typing import Callable

import pytest

from end_to_end.job import checked
from stand_ins.github_git import GithubGit
from world.events import pull_request, push
from world.hosted import STATIC_TOKEN

HASH = "sha256:[0-9a-f]{64}"
SECRET = "squeamish ossifrage"


def run_image(engine, image: str) -> str:
    return engine.docker("run", "--rm", image).stdout


def exposed(secret: str, result) -> list[str]:
    """The lines that would show the secret if the runner did not mask it."""
    return [line for line in result.lines if secret in line and not line.startswith("::add-mask::")]


# Who builds, and with which credentials


def test_a_push_builds_on_depot_with_the_job_s_own_identity(job, registry):
    job.dockerfile('CMD ["echo", "pushed"]')
    image = registry.image("octo/push:1")

    result = job.succeed({"push": True, "tags": image})

    assert re.fullmatch(HASH, result.outputs["digest"])
    assert result.outputs["digest"] == registry.digest("octo/push", "1")
    assert re.fullmatch(HASH, result.outputs["imageid"])
    assert run_image(job.docker, registry.image(f"octo/push@{result.outputs['digest']}")) == "pushed\n"

    (token,) = job.hosted.auth.issued
    (build,) = job.hosted.api.calls_of("CreateBuild")
    assert build.bearer == token
    assert token in result.masks
    assert exposed(token, result) == []
    assert exposed(job.hosted.oidc.issued[0], result) == []


def test_the_outputs_name_the_build_and_hold_its_metadata(job):
    job.dockerfile()

    result = job.succeed({"load": True, "tags": "metadata:1", "project": "someproject"})

    metadata = json.loads(result.outputs["metadata"])
    assert metadata["depot.build"] == {"buildID": result.outputs["build-id"], "projectID": "someproject"}
    assert result.outputs["project-id"] == "someproject"
    assert result.outputs["build-id"] in result.log


def test_a_token_input_is_used_and_no_identity_asked_for(job):
    job.dockerfile()

    result = job.succeed({"token": STATIC_TOKEN})

    assert job.hosted.oidc.requests == []
    assert job.hosted.api.calls_of("CreateBuild")[0].bearer == STATIC_TOKEN
    assert exposed(STATIC_TOKEN, result) == []


def test_a_build_that_names_no_project_is_told_where_to_name_one(job):
    job.dockerfile()
    job.hosted.api.refuse("CreateBuild", "not_found", "Not found")
    job.hosted.api.refuse("ListProjects", "permission_denied", "Not authorized")

    (error,) = job.run({}).errors

    assert "`project`" in error and "DEPOT_PROJECT_ID" in error and str(job.workspace) in error


def test_a_refused_exchange_is_told_in_the_annotation(job):
    job.dockerfile()
    job.hosted.auth.refuse("No trust relationship found for this repository")

    result = job.run({})

    assert result.exit_code != 0
    assert any("No trust relationship found" in error for error in result.errors + result.messages("warning"))


def test_a_job_without_the_permission_is_told_which_to_add(job):
    job.dockerfile()
    job.event = pull_request(fork=False)
    without = {name: "" for name in job.hosted.oidc.environment()}

    result = job.run({}, environment=without)

    assert result.exit_code == 1
    assert "id-token: write" in " ".join(result.errors)


def test_a_token_that_the_service_refuses_is_an_error(job):
    job.dockerfile()

    result = job.run({"token": "depot_project_revoked"})

    assert result.exit_code == 1
    assert "Invalid token" in " ".join(result.errors)


@pytest.mark.parametrize("docker", ["plain_docker", "full_docker"])
def test_a_fork_s_pull_request_builds_with_docker(job, docker, request):
    job.docker = request.getfixturevalue(docker)
    job.event = pull_request(fork=True, private=True)
    job.dockerfile("ARG NAME", "RUN echo built for $NAME > /greeting", 'CMD ["cat", "/greeting"]')

    result = job.succeed({"load": True, "tags": "octo/fork:1", "build-args": "NAME=a stranger"})

    assert run_image(job.docker, "octo/fork:1") == "built for a stranger\n"
    assert re.fullmatch(HASH, result.outputs["imageid"])
    assert (result.outputs["build-id"], result.outputs["project-id"]) == ("", "")
    assert job.hosted.api.calls == []
    assert job.hosted.oidc.requests == []


def test_a_fork_that_insists_on_docker_builds_with_it_at_once(job):
    job.event = pull_request(fork=True, private=False)
    job.dockerfile()

    job.succeed({"load": True, "fork-builder": "docker"})

    assert job.hosted.api.calls == []
    assert job.hosted.auth.requests == []


# What is built


def test_a_loaded_image_runs_on_the_runner_s_docker(job):
    job.dockerfile('CMD ["echo", "loaded"]')

    job.succeed({"load": True, "tags": "octo/load:1"})

    assert run_image(job.docker, "octo/load:1") == "loaded\n"


def test_two_platforms_make_one_image_index(job, registry):
    job.write("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
    job.workspace.joinpath("busybox").touch()

    result = job.succeed({"push": True, "platforms": "linux/amd64,linux/arm64", "tags": registry.image("octo/both:1")})

    index = registry.manifest("octo/both", "1")
    found = {manifest["platform"]["architecture"] for manifest in index["manifests"]}
    assert found >= {"amd64", "arm64"}
    assert registry.digest("octo/both", "1") == result.outputs["digest"]
    assert all(machine.connections for machine in job.hosted.machines.values())


def test_build_args_arrive_as_they_are_written(job):
    job.dockerfile("ARG LIST", "ARG TEXT", 'RUN echo "$LIST|$TEXT" > /args', 'CMD ["cat", "/args"]')

    job.succeed({"load": True, "tags": "octo/args:1", "build-args": "LIST=a,b,c\nTEXT=it's 100% = fine"})

    assert run_image(job.docker, "octo/args:1") == "a,b,c|it's 100% = fine\n"


def test_a_local_output_has_no_image_id(job):
    job.write("Dockerfile", "FROM scratch\nCOPY Dockerfile /copy\n")

    result = job.succeed({"outputs": "type=local,dest=out"})

    assert (job.workspace / "out/copy").exists()
    assert result.outputs["imageid"] == ""


@pytest.mark.parametrize("event", ["push", "fork"])
def test_secrets_reach_the_run_and_not_the_log(job, event):
    if event == "fork":
        job.event = pull_request(fork=True, private=True)
    job.write("secret.txt", "from a file")
    job.write(".dockerignore", "secret.txt\n")
    given = {"plain": 'line one\nline two = "x", y', "file": "from a file", "variable": "from a variable"}
    hashes = " ".join(hashlib.sha256(value.encode()).hexdigest() for value in given.values())
    mounts = " ".join(f"--mount=type=secret,id={name}" for name in given)
    files = " ".join(f"/run/secrets/{name}" for name in given)
    job.dockerfile(
        f"RUN {mounts} sha256sum {files} | cut -d ' ' -f 1 | xargs echo > /hashes",
        "RUN --mount=type=secret,id=plain cat /run/secrets/plain",
        'CMD ["cat", "/hashes"]',
    )

    result = job.succeed(
        {
            "load": True,
            "tags": "octo/secrets:1",
            "no-cache": True,
            "secrets": '"plain=line one\nline two = ""x"", y"',
            "secret-files": "file=secret.txt",
            "secret-envs": "variable=A_VARIABLE",
        },
        environment={"A_VARIABLE": "from a variable"},
    )

    assert run_image(job.docker, "octo/secrets:1").strip() == hashes
    assert "line one" not in result.log
    assert "line two" not in result.log


def test_the_default_context_is_the_commit_of_the_event_read_with_the_job_s_token(job, tmp_path):
    job.dockerfile("COPY greeting /", 'CMD ["cat", "/greeting"]')
    job.write("greeting", "committed\n")
    with GithubGit(tmp_path / "hosting", job.github_token) as git:
        job.event = push(sha=git.publish("octo/app", job.workspace))
        job.write("greeting", "changed by an earlier step\n")

        result = job.succeed(
            {"context": "", "load": True, "tags": "octo/git:1"},
            environment={"GITHUB_SERVER_URL": git.url},
        )

    assert run_image(job.docker, "octo/git:1") == "committed\n"
    assert exposed(job.github_token, result) == []


# How it ends


def test_a_failing_dockerfile_fails_with_buildkit_s_own_words(job):
    job.dockerfile("RUN echo something is wrong >&2; exit 7")

    result = job.run({})

    assert result.exit_code == 1
    assert "something is wrong" in result.log
    assert any("did not complete successfully: exit code: 7" in error for error in result.errors)


def test_a_fork_s_failing_dockerfile_fails_as_well(job):
    job.event = pull_request(fork=True, private=True)
    job.dockerfile("RUN exit 7")

    result = job.run({"load": True})

    assert result.exit_code == 1
    assert any("did not complete successfully: exit code: 7" in error for error in result.errors)


HOSTILE = (
    "::error::obeyed",
    "::add-mask::a",
    "::set-output name=digest::obeyed",
    "::set-env name=PATH::obeyed",
    "::stop-commands::obeyed",
    "::group::obeyed",
    "##[error]obeyed",
    "##[add-mask]a",
)


@pytest.mark.parametrize("event", ["push", "fork"])
@pytest.mark.parametrize("separator", [r"\n", r"\r", r"\r\n"])
def test_nothing_that_a_build_prints_is_obeyed(job, event, separator):
    if event == "fork":
        job.event = pull_request(fork=True, private=True)
    text = separator.join(["", *HOSTILE, ""])
    job.dockerfile(f"RUN printf {shlex.quote(text)}; printf {shlex.quote(text)} >&2")

    result = job.succeed({"load": True, "no-cache": True})

    assert not [command for command in result.obeyed if "obeyed" in (command.data, *command.properties.values())]
    assert "a" not in result.masks
    assert result.errors == []
    assert "obeyed" not in result.outputs.values()


@pytest.mark.parametrize("event", ["push", "fork"])
def test_a_cancelled_step_stops_its_build_and_leaves_nothing(job, event):
    if event == "fork":
        job.event = pull_request(fork=True, private=True)
    seconds = f"86400.{random.randrange(10**6)}"
    job.dockerfile(f"RUN printf 'is %s\\n' running; sleep {seconds}")
    step = job.start({"load": True, "no-cache": True, "secrets": "key=value"})
    step.wait_for("is running")

    result = checked(step.cancel())

    assert result.exit_code != 0
    assert eventually(lambda: f"sleep {seconds}" not in running_commands()), "the build went on"


def running_commands() -> str:
    commands = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            commands.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(commands)


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    """BuildKit takes some time to end a RUN after the client has gone."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# The plan


def test_plan_prints_the_very_command_that_build_runs(job, registry):
    job.dockerfile()
    ran = job.folder / "ran"
    recorder = job.folder / "bin/depot"
    recorder.parent.mkdir()
    recorder.write_text(f'#!/bin/sh\nprintf "%s\\0" depot "$@" > {ran}\nexec {job.parts.depot} "$@"\n')
    recorder.chmod(0o755)
    job.path = [recorder.parent]
    inputs = {
        "push": True,
        "tags": f"{registry.image('octo/plan:1')}\n{registry.image('octo/plan:2')}",
        "build-args": "A=1\nB=2,3",
        "labels": "l=1",
        "secrets": f"key={SECRET}",
        "provenance": "mode=max",
        "platforms": "linux/amd64",
    }

    planned = job.succeed(inputs, script=subcommand("plan"))
    job.succeed(inputs)

    plan = json.loads(planned.raw)
    assert plan["builder"] == "depot"
    assert plan["command"] == in_terms_of_the_plan(ran.read_text().split("\0")[:-1], job)
    assert {"id": "key", "source": "file"} in plan["secrets"]
    assert SECRET not in planned.log


def subcommand(name: str) -> str:
    return f'exec "$GITHUB_ACTION_PATH/dist/$RUNNER_OS-$RUNNER_ARCH/depot-build-push" {name}'


def in_terms_of_the_plan(command: list[str], job) -> list[str]:
    """The plan cannot know the name of the folder for temporary files."""
    folder = re.compile(re.escape(f"{job.folder}/work/_temp/") + r"(depot-build-push-)\w{6}")
    return [folder.sub(r"$RUNNER_TEMP/\1XXXXXX", word) for word in command]
