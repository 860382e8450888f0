"""From inputs to the CLI's command line, and from its results to the step's outputs."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from integration.cli import DIGEST, IMAGE_ID, METADATA, Step
from integration.job import BUILD, PLAN, Job
from world.events import HEAD_SHA, Event, pull_request, push

TOKEN = {"token": "depot_project_abc"}


# The command

MANY = {
    "add-hosts": "one:10.0.0.1,two:10.0.0.2",
    "allow": "network.host,security.insecure",
    "annotations": "index:org.opencontainers.image.title=A title",
    "attests": "type=sbom,true",
    "build-args": 'A=1\nB=2,3\n"C=line one\nline two"',
    "build-contexts": "base=docker-image://busybox\nrepository={{defaultContext}}:base",
    "cache-from": "type=registry,ref=octo/app:cache",
    "cache-to": "type=inline",
    "file": "docker/Dockerfile",
    "labels": "one=1\ntwo='2'",
    "no-cache": True,
    "outputs": 'type=image,"name=octo/app:1,octo/app:2",push=true',
    "platforms": "linux/amd64,linux/arm64",
    "project": "someproject",
    "provenance": "mode=max",
    "push": True,
    "secrets": "key=value",
    "secret-envs": "variable=HOME",
    "ssh": "default",
    "tags": "octo/app:1\nocto/app:2",
    "target": "release",
}

EVENTS = {
    "push": (push(), TOKEN),
    "push without a token": (push(), {}),
    "pull request": (pull_request(fork=False), TOKEN),
    "fork": (pull_request(fork=True), {}),
    "fork of a private repository": (pull_request(fork=True, private=True), {}),
    "fork with a token": (pull_request(fork=True), TOKEN),
}


def without_private_directory(command: list[str]) -> list[str]:
    return [re.sub(r"[^=,]*/depot-build-push-\w{6}/", "PRIVATE/", argument) for argument in command]


@pytest.mark.parametrize("inputs", [{}, {"context": ""}, {"load": True}, MANY], ids=["path", "git", "load", "many"])
@pytest.mark.parametrize("event, token", EVENTS.values(), ids=EVENTS)
def test_what_is_planned_is_what_is_executed(job: Job, cli, event, token, inputs):
    job.event = event

    plan = json.loads(job.run({**token, **inputs}, script=PLAN).raw)
    assert cli.calls == []
    job.succeed({**token, **inputs})

    assert without_private_directory(cli.call.command) == without_private_directory(plan["command"])
    assert plan["builder"] == cli.call.name
    assert {secret["id"]: secret["source"] for secret in plan["secrets"]} == {
        secret["id"]: "file" if "src" in secret else "env" for secret in cli.call.secrets
    }
    for name, value in plan["environment"].items():
        assert value in ("***", cli.call.environment[name])
    set_by_us = {name for name in cli.call.environment if name.startswith(("DEPOT_", "BUILDX_"))}
    assert set(plan["environment"]) == set_by_us - set(job.services)


def test_the_command_of_depot_is_the_inputs_flags(job: Job, cli):
    job.succeed({**TOKEN, **MANY})

    (arguments,) = [without_private_directory(cli.call.arguments)]
    git_context = f"https://github.com/octo/app.git#{HEAD_SHA}"
    builder_id = "builder-id=https://github.com/octo/app/actions/runs/424242/attempts/1"
    assert pairs(arguments) == [
        ("--add-host", "one:10.0.0.1"),
        ("--add-host", "two:10.0.0.2"),
        ("--allow", "network.host,security.insecure"),
        ("--annotation", "index:org.opencontainers.image.title=A title"),
        ("--attest", "type=sbom,disabled=false"),
        ("--build-arg", "A=1"),
        ("--build-arg", "B=2,3"),
        ("--build-arg", "C=line one\nline two"),
        ("--build-context", "base=docker-image://busybox"),
        ("--build-context", f"repository={git_context}:base"),
        ("--cache-from", "type=registry,ref=octo/app:cache"),
        ("--cache-to", "type=inline"),
        ("--file", "docker/Dockerfile"),
        ("--iidfile", "PRIVATE/image-id"),
        ("--label", "one=1"),
        ("--label", "two='2'"),
        ("--metadata-file", "PRIVATE/metadata.json"),
        ("--no-cache", None),
        ("--output", 'type=image,"name=octo/app:1,octo/app:2",push=true'),
        ("--platform", "linux/amd64,linux/arm64"),
        ("--project", "someproject"),
        ("--provenance", f"mode=max,{builder_id}"),
        ("--push", None),
        ("--secret", "id=variable,env=HOME"),
        ("--secret", "id=key,src=PRIVATE/secret-1"),
        ("--ssh", "default"),
        ("--tag", "octo/app:1"),
        ("--tag", "octo/app:2"),
        ("--target", "release"),
    ]
    assert arguments[0] == "build"
    assert arguments[-1] == "."


def pairs(arguments: list[str]) -> list[tuple[str, str | None]]:
    """Flags with their values, sorted by flag. The values of one flag keep their order."""
    words = arguments[1:-1]
    flags = [
        (word, next_ if not next_.startswith("--") else None)
        for word, next_ in zip(words, [*words[1:], "--"])
        if word.startswith("--")
    ]
    return sorted(flags, key=lambda flag: flag[0])


def test_the_toolkit_s_own_form_of_a_variable_wins(job: Job, cli):
    job.succeed({"add-hosts": "underscore:1"}, script=f'env "INPUT_ADD-HOSTS=hyphen:1" {BUILD}')

    assert cli.call.values("--add-host") == ["hyphen:1"]


def test_plan_changes_and_contacts_nothing(job: Job, cli):
    job.environment = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/idtoken?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request",
    }
    # Also makes the folders that a runner has.
    before = files(job.runner())

    result = job.run({"secrets": "key=hidden"}, script=PLAN)

    plan = json.loads(result.raw)
    assert plan["environment"]["DEPOT_TOKEN"] == "***"
    assert "hidden" not in result.raw
    assert files(job) == before
    assert set(result.outputs.values()) == {""}
    assert cli.calls == []


def files(of) -> set[Path]:
    """The files that a step may change, except the runner's own."""
    return {file for folder in (of.workspace, of.temp) for file in folder.rglob("*")}


def test_plan_and_build_refuse_the_same(job: Job):
    planned = job.run({"push": "yes"}, script=PLAN)
    built = job.run({"push": "yes"})

    assert (planned.exit_code, built.exit_code) == (1, 1)
    assert planned.errors == built.errors != []


# Who builds


def with_head_repository(event: Event, repository: dict | None) -> Event:
    payload = json.loads(json.dumps(event.payload))
    payload["pull_request"]["head"]["repo"] = repository
    return dataclasses.replace(event, payload=payload)


FORK_EVENT = pull_request(fork=True)
GONE = with_head_repository(FORK_EVENT, None)
TARGET = dataclasses.replace(FORK_EVENT, name="pull_request_target")
PRIVATE = pull_request(fork=True, private=True)

BUILDERS = {
    "push": (push(), {}, "depot"),
    "pull request of the repository itself": (pull_request(fork=False), {}, "depot"),
    "fork": (FORK_EVENT, {}, "docker"),
    "fork of a private repository": (PRIVATE, {}, "docker"),
    "fork that is gone": (GONE, {}, "docker"),
    "pull_request_target": (TARGET, {}, "depot"),
    "fork with a token": (FORK_EVENT, TOKEN, "depot"),
    "fork that wants docker": (FORK_EVENT, {"fork-builder": "docker"}, "docker"),
    "fork that wants docker, with a token": (FORK_EVENT, {**TOKEN, "fork-builder": "docker"}, "docker"),
    "fork that wants depot": (FORK_EVENT, {"fork-builder": "depot"}, "depot"),
    "fork-builder where there is no fork": (push(), {**TOKEN, "fork-builder": "docker"}, "depot"),
    "call": (push(), {**TOKEN, "call": "check"}, "docker"),
}


SUBCOMMANDS = {"depot": ["build"], "docker": ["buildx", "build"]}


@pytest.mark.parametrize("event, inputs, builder", BUILDERS.values(), ids=BUILDERS)
def test_who_builds(job: Job, cli, event, inputs, builder):
    job.event = event

    result = job.succeed(inputs)

    assert cli.call.name == builder
    assert cli.call.arguments[: cli.call.arguments.index("build") + 1] == SUBCOMMANDS[builder]
    notices = [note.title for note in result.annotations if note.level == "notice"]
    assert ("Building with docker" in notices) == (builder == "docker")


def test_docker_gets_no_depot_token_even_where_the_job_has_one(job: Job, cli):
    job.event = FORK_EVENT
    job.environment = {"DEPOT_TOKEN": "of-the-job"}

    job.succeed({"fork-builder": "docker"})

    assert "DEPOT_TOKEN" not in cli.call.environment


def test_inputs_that_docker_lacks_are_named_in_one_notice(job: Job, cli):
    job.event = FORK_EVENT

    result = job.succeed({"save": True, "lint": True, "build-platform": "linux/amd64"})

    (notice,) = [text for text in result.messages("notice") if "`save`" in text]
    assert "`lint`" in notice and "`build-platform`" in notice
    assert not {"--save", "--lint", "--build-platform"} & set(cli.call.arguments)


def test_the_error_of_a_job_without_a_token_says_what_to_add(job: Job, cli):
    cli.does(Step("err", "Error: unauthenticated: Invalid token\n"), Step("leave", 1))

    (error,) = job.run().errors

    assert "unauthenticated: Invalid token" in error
    assert "id-token: write" in error


# What the CLI is started with


def test_the_cli_inherits_the_job_s_environment_without_inputs_and_oidc(job: Job, cli):
    job.environment = {
        "FROM_THE_JOB": "line one\nline two = 2",
        "EMPTY": "",
        "DEPOT_TOKEN": "of-the-job",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/?a=b",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request",
    }

    job.succeed({**TOKEN, "secrets": "key=value"})

    environment = cli.call.environment
    assert environment["FROM_THE_JOB"] == "line one\nline two = 2"
    assert environment["EMPTY"] == ""
    assert environment["GITHUB_REPOSITORY"] == "octo/app"
    assert environment["DEPOT_TOKEN"] == TOKEN["token"]
    assert environment["DEPOT_NO_UPDATE_NOTIFIER"] == "1"
    assert [name for name in environment if name.startswith(("INPUT_", "ACTIONS_ID_TOKEN_REQUEST_"))] == []


def test_a_variable_that_a_secret_names_is_passed_on(job: Job, cli):
    job.event = FORK_EVENT
    job.environment = {"DEPOT_TOKEN": "wanted-in-the-build"}

    job.succeed({"fork-builder": "docker", "secret-envs": "token=DEPOT_TOKEN"})

    assert cli.call.environment["DEPOT_TOKEN"] == "wanted-in-the-build"


def test_the_cli_gets_a_clean_process(job: Job, cli):
    job.succeed()

    assert cli.call.stdin == "/dev/null"
    assert cli.call.descriptors == []
    assert cli.call.leads_group
    assert int(cli.call.blocked_signals, 16) == 0


def test_the_cli_works_in_the_step_s_directory(job: Job, cli):
    job.succeed()
    assert cli.call.directory == str(job.workspace)


@pytest.fixture(params=[0o000, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


SECRETS = {
    "plain": "value",
    "equals": "a=b=c==",
    "spaces": "  kept  ",
    "percent": "100%0A::error::x",
    "lines": "-----BEGIN KEY-----\nabc def\n-----END KEY-----\n",
    "comma": 'one,"two",three',
    "unicode": "schlüssel ☃",
}


def as_input(secrets: dict[str, str]) -> str:
    return "\n".join('"{}"'.format(f"{key}={value}".replace('"', '""')) for key, value in secrets.items())


def test_secrets_are_private_files_for_the_time_of_the_build(job: Job, cli, umask):
    job.succeed({**TOKEN, "secrets": as_input(SECRETS)})

    given = {secret["id"]: secret["content"].encode("latin-1").decode() for secret in cli.call.secrets}
    assert given == SECRETS
    for secret in cli.call.secrets:
        assert (secret["mode"], secret["directory_mode"]) == (0o600, 0o700)
        assert secret["src"].startswith(f"{job.temp}/")
        assert not os.path.exists(secret["src"])
    assert set(cli.call.private_directory.values()) == {0o600}


def test_the_github_token_is_for_the_host_of_the_git_context_only(job: Job, cli):
    job.succeed({"context": "", "github-token": "ghs_mine"})

    (secret,) = cli.call.secrets
    assert (secret["id"], secret["content"]) == ("GIT_AUTH_TOKEN.github.com", "ghs_mine")
    assert cli.call.arguments[-1] == f"https://github.com/octo/app.git#{HEAD_SHA}"


MALFORMED_SECRETS = {
    "no value form": ("secrets", "topsecret", "secrets"),
    "empty value": ("secrets", "topsecret=", "secrets"),
    "padding": ("secrets", "topsecret==", "secrets"),
    "comment": ("secrets", "# topsecret", "secrets"),
    "missing file": ("secret-files", "key=/no/such/topsecret", "key"),
    "file without a path": ("secret-files", "topsecret", "secret-files"),
    "variable without a name": ("secret-envs", "topsecret", "secret-envs"),
}


@pytest.mark.parametrize("name, value, named", MALFORMED_SECRETS.values(), ids=MALFORMED_SECRETS)
def test_a_malformed_secret_is_a_warning_and_the_build_goes_on(job: Job, cli, name, value, named):
    result = job.succeed({name: value})

    (warning,) = result.messages("warning")
    assert f"`{named}`" in warning
    assert {line for line in result.lines if "topsecret" in line} <= {f"::add-mask::{value}"}
    assert cli.call.secrets == []


# The log


def test_all_masks_come_before_anything_else(job: Job):
    result = job.succeed({**TOKEN, "secrets": as_input(SECRETS)})

    is_mask = [line.startswith("::add-mask::") for line in result.lines]
    masks = is_mask.count(True)
    assert is_mask == [True] * masks + [False] * (len(is_mask) - masks)
    for value in [TOKEN["token"], *SECRETS.values()]:
        assert set(value.splitlines()) <= set(result.masks)


def test_the_log_is_in_the_order_in_which_it_was_written(job: Job, cli):
    words = [Step("out" if i % 2 else "err", f"word {i}\n") for i in range(200)]
    cli.does(*words)

    result = job.succeed()

    assert [line for line in result.lines if line.startswith("word")] == [f"word {i}" for i in range(200)]


def test_the_log_comes_while_the_build_runs(job: Job, cli, tmp_path):
    go_on = tmp_path / "go on"
    cli.does(Step("out", "half a line"), Step("err", " and the rest\n"), Step("wait_for", str(go_on)))

    step = job.start()
    step.wait_for("half a line and the rest")
    go_on.touch()

    assert job.checked(step.wait()).exit_code == 0


def test_the_command_is_shown_as_a_shell_takes_it(job: Job, cli):
    result = job.succeed({"build-args": "A=it's $HOME; `id` \"x\"", "tags": "octo/app:1"})

    (line,) = [line for line in result.lines if line.startswith("[command]")]
    script = f"printf '%s\\n' {line.removeprefix('[command]')}"
    printed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == cli.call.command


def test_results_are_shown_in_groups(job: Job):
    result = job.succeed()

    log = result.log
    groups = re.findall(r"^##\[group\](.*)\n(.*(?:\n.*)*?)\n##\[endgroup\]", log, re.M)
    shown = dict(groups)
    assert list(shown) == ["ImageID", "Digest", "Metadata", "Build ID", "Project ID"]
    assert (shown["ImageID"], shown["Digest"]) == (IMAGE_ID, DIGEST)
    assert json.loads(shown["Metadata"]) == json.loads(METADATA)


# Outputs


def test_the_outputs_are_those_of_the_build(job: Job):
    outputs = job.succeed().outputs
    assert json.loads(outputs.pop("report"))["result"] == "success"
    assert outputs == {
        "imageid": IMAGE_ID,
        "digest": DIGEST,
        "metadata": METADATA,
        "build-id": "build1",
        "project-id": "project1",
    }


def test_without_a_file_for_outputs_the_build_is_done_all_the_same(job: Job, cli):
    job.environment = {"GITHUB_OUTPUT": ""}
    job.succeed()
    assert len(cli.calls) == 1


NO_METADATA = {
    "no file": [],
    "an empty file": [Step("metadata", "")],
    "white space": [Step("metadata", " \n\n")],
    "null": [Step("metadata", "null\n")],
    "an empty object": [Step("metadata", "{}")],
}


@pytest.mark.parametrize("steps", NO_METADATA.values(), ids=NO_METADATA)
def test_without_metadata_the_outputs_are_empty_and_nobody_is_alarmed(job: Job, cli, steps):
    cli.does(*steps)

    result = job.succeed()

    assert {name: result.outputs[name] for name in ("imageid", "digest", "build-id", "project-id")} == {
        "imageid": "",
        "digest": "",
        "build-id": "",
        "project-id": "",
    }
    assert result.outputs["metadata"] in ("", "{}")
    assert result.messages("warning") == []


BROKEN_METADATA = {
    "cut off": [Step("metadata", METADATA[:-10])],
    "not JSON": [Step("metadata", "<html>")],
    "an array": [Step("metadata", "[1, 2]")],
    "a string": [Step("metadata", '"sha256:0"')],
    "something after it": [Step("metadata", METADATA + "\n::error::x")],
    "deep beyond measure": [Step("metadata", '{"a":' * 100_000)],
    "larger than any": [Step("huge_metadata", 100 * 1024 * 1024)],
}


@pytest.mark.parametrize("steps", BROKEN_METADATA.values(), ids=BROKEN_METADATA)
def test_broken_metadata_is_a_warning_and_the_image_is_built(job: Job, cli, steps):
    cli.does(Step("image_id", IMAGE_ID), *steps)

    result = job.succeed()

    (warning,) = result.messages("warning")
    assert "metadata" in warning.lower()
    assert result.outputs["imageid"] == IMAGE_ID
    assert {result.outputs[name] for name in ("digest", "metadata", "build-id", "project-id")} == {""}


ODD_METADATA = {
    "other types": {"containerimage.digest": 5, "depot.build": "x"},
    "nulls": {"containerimage.digest": None, "depot.build": None},
    "nulls inside": {"depot.build": {"buildID": None, "projectID": []}},
}


@pytest.mark.parametrize("metadata", ODD_METADATA.values(), ids=ODD_METADATA)
def test_metadata_of_another_shape_leaves_its_outputs_empty(job: Job, cli, metadata):
    cli.does(Step("metadata", json.dumps(metadata)))

    result = job.succeed()

    assert json.loads(result.outputs["metadata"]) == metadata
    assert (result.outputs["digest"], result.outputs["build-id"], result.outputs["project-id"]) == ("", "", "")


def test_metadata_of_many_megabytes_arrives_whole(job: Job, cli):
    metadata = json.dumps({"provenance": "x" * 8_000_000, "containerimage.digest": DIGEST})
    cli.does(Step("metadata", metadata))

    result = job.succeed()

    assert result.outputs["metadata"] == metadata
    assert result.outputs["digest"] == DIGEST


HOSTILE_VALUES = (
    "x\n::error::obeyed",
    "x\r::error::obeyed",
    "x\r\n##[error]obeyed",
    "::set-output name=imageid::obeyed",
    "x\nimageid=obeyed",
    "x\nimageid<<E\nobeyed\nE",
)


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_values_of_metadata_are_neither_commands_nor_other_outputs(job: Job, cli, value):
    metadata = {"containerimage.digest": value, "depot.build": {"buildID": value, "projectID": value}}
    cli.does(Step("metadata", json.dumps(metadata)), Step("image_id", value))

    result = job.succeed()

    assert "obeyed" not in {command.data for command in result.obeyed}
    for name in ("digest", "build-id", "project-id", "imageid"):
        # The stand-in reads the file as Python reads text, with one kind of line break.
        assert result.outputs[name] == re.sub("\r\n?", "\n", value)


def test_a_local_output_has_no_image_id_file(job: Job, cli):
    cli.does(Step("metadata", METADATA))

    result = job.succeed({"outputs": "type=local,dest=out"})

    assert "--iidfile" not in cli.call.arguments
    assert result.outputs["imageid"] == ""
    assert result.outputs["digest"] == DIGEST


# How it ends


@pytest.mark.parametrize("code", [1, 2, 17, 125, 255])
def test_the_exit_status_of_the_cli_is_ours(job: Job, cli, code):
    cli.does(Step("err", "ERROR: it broke\n"), Step("leave", code))

    result = job.run()

    assert result.exit_code == code
    (error,) = result.errors
    assert "it broke" in error and str(code) in error


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGABRT])
def test_a_cli_killed_by_a_signal_is_128_and_its_number(job: Job, cli, number):
    cli.does(Step("die", int(number)))

    result = job.run()

    assert result.exit_code == 128 + number
    assert len(result.errors) == 1


def test_a_failed_build_still_has_the_outputs_that_it_left(job: Job, cli):
    cli.does(Step("metadata", METADATA), Step("err", "ERROR: lint failed\n"), Step("leave", 1))

    assert job.run().outputs["build-id"] == "build1"


LAST_LINES = {
    "an error": ("step 1\nERROR: it broke\n", "it broke"),
    "no line break at the end": ("step 1\nERROR: it broke", "it broke"),
    "blank lines after it": ("ERROR: it broke\n\n  \n\t\n\r\n", "it broke"),
    "words after the error": ("error: it broke\nView the build at a page\n", "it broke"),
    "no word of an error": ("step 1\nit broke\n", "it broke"),
    "colours": ("\x1b[31;1mERROR: \x1b[0mit \x1b[4mbroke\x1b[m\x1b[K\n", "it broke"),
    "a coloured blank line after it": ("ERROR: it broke\n\x1b[0m\x1b[K\n", "it broke"),
    "a carriage return": ("ERROR: it broke\r\n", "it broke"),
    "progress on the same line": ("10%\r20%\rERROR: it broke\n", "it broke"),
    "a title of the terminal": ("\x1b]0;title\x07ERROR: it broke\n", "it broke"),
    "nothing of use": ("\x1b[2J\r\n \n\0\n", "It printed nothing"),
    "nothing": ("", "It printed nothing"),
    "percent": ("ERROR: 100%0A of it broke\n", "100%0A of it broke"),
    "letters beyond ASCII": ("ERROR: es ist zerstört ☃\n", "es ist zerstört ☃"),
    "a command": ("::error::it broke\n", "::error::it broke"),
}


@pytest.mark.parametrize("text, expected", LAST_LINES.values(), ids=LAST_LINES)
def test_the_annotation_has_the_last_meaningful_line(job: Job, cli, text, expected):
    cli.does(Step("err", text), Step("leave", 3))

    (error,) = job.run().errors

    assert error == f"{expected} (exit status 3)"


def test_a_line_too_long_for_an_annotation_is_cut(job: Job, cli):
    cli.does(Step("err", "ERROR: " + "x" * 1_000_000 + "\n"), Step("leave", 1))

    (error,) = job.run().errors

    assert error.startswith("xxx")
    assert 100 < len(error) < 10_000


def test_whatever_files_the_cli_leaves_beside_its_results_go_with_them(job: Job, cli, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    cli.does(Step("stray", str(elsewhere)), Step("die", int(signal.SIGKILL)))

    job.run()

    assert elsewhere.read_text() == "kept"


# The workspace


@pytest.fixture
def checkout(job: Job):
    if shutil.which("git") is None:
        pytest.skip("GIT IS NOT INSTALLED: the notice of uncommitted changes is not tested")
    job.workspace.mkdir(parents=True)
    (job.workspace / "Dockerfile").write_text("FROM scratch\n")
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", job.workspace, *command], check=True)
    return job.workspace


def uncommitted(result) -> list[str]:
    return [note.message for note in result.annotations if note.title == "Uncommitted changes"]


@pytest.fixture
def git_is_done(cli):
    """A file that exists once git has ended, wherever the step runs it."""
    done = cli.folder / "git-is-done"
    wrapper = cli.folder / "git"
    wrapper.write_text(f'#!/bin/sh\n{shutil.which("git")} "$@"\nstatus=$?\n: > "{done}"\nexit $status\n')
    wrapper.chmod(0o755)
    return done


@pytest.mark.parametrize("changed, told", [(True, 1), (False, 0)])
def test_changes_that_the_git_context_does_not_see_are_told_once(job: Job, cli, checkout, git_is_done, changed, told):
    cli.does(Step("wait_for", str(git_is_done)))
    if changed:
        (checkout / "generated").write_text("by an earlier step")

    result = job.succeed({"context": ""})

    assert len(uncommitted(result)) == told


def test_changes_that_the_build_sees_are_not_told(job: Job, checkout, git_is_done):
    (checkout / "generated").write_text("by an earlier step")

    result = job.succeed({"context": "."})

    assert uncommitted(result) == []
    assert not git_is_done.exists()
