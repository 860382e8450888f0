"""Bad input causes one annotation that names the input or file and the reason, status 1, and no file left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from integration.cli import FakeClis, Step
from integration.job import BUILD, PLAN, Job
from world.events import pull_request, push

ROOT_ONLY = "NOT ROOT: no file system can be mounted, a full disk is not tested"


# Inputs

BAD_INPUTS = {
    "a boolean of YAML 1.1": ({"push": "yes"}, ["`push`", "`yes`"]),
    "a number": ({"load": "1"}, ["`load`", "`1`"]),
    "a boolean in odd case": ({"no-cache": "tRUE"}, ["`no-cache`", "`tRUE`"]),
    "two booleans": ({"pull": "true\nfalse"}, ["`pull`"]),
    "a boolean that is not": ({"save": "${{ inputs.save }}"}, ["`save`"]),
    "a lint that is not": ({"lint": "warn"}, ["`lint`", "`warn`"]),
    "a fallback that is not": ({"buildx-fallback": "maybe"}, ["`buildx-fallback`", "`maybe`"]),
    "an open quote in a split list": ({"tags": 'a,"b'}, ["`tags`", "quote"]),
    "an open quote in a whole list": ({"build-args": 'A=1\n"B=2\nC=3'}, ["`build-args`", "line 2"]),
    "an open quote in a secret": ({"secrets": '"key=topsecret'}, ["`secrets`", "quote"]),
    "an open quote in an attestation": ({"provenance": '"mode=max'}, ["`provenance`", "quote"]),
    "an open quote in an SBOM": ({"sbom": '"generator=x'}, ["`sbom`", "quote"]),
    "an open quote in attests": ({"attests": '"type=sbom'}, ["`attests`", "quote"]),
    "a builder that is not": ({"fork-builder": "kaniko"}, ["`fork-builder`", "`kaniko`", "docker"]),
    "a builder in odd case": ({"fork-builder": "Docker"}, ["`fork-builder`", "`Docker`"]),
    "a token of two lines": ({"token": "topsecret\ntopsecret"}, ["`token`"]),
    "a token with a space": ({"token": "depot topsecret"}, ["`token`"]),
    "a token beyond ASCII": ({"token": "topsecrét"}, ["`token`"]),
}


@pytest.mark.parametrize("inputs, named", BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_a_bad_input_is_named(job: Job, inputs, named):
    error = job.fail(inputs)

    assert [word for word in named if word not in error] == []
    assert "topsecret" not in error


@pytest.mark.parametrize("inputs", [inputs for inputs, _ in BAD_INPUTS.values()], ids=BAD_INPUTS)
def test_plan_names_it_as_well(job: Job, inputs):
    assert len(job.run(inputs, script=PLAN).errors) == 1


@pytest.mark.parametrize("token", ["line one\nline two", "depot_x\n", "a space"])
def test_a_bad_token_in_the_variable_is_named(job: Job, token):
    job.environment = {"DEPOT_TOKEN": token}

    error = job.fail()

    assert "DEPOT_TOKEN" in error
    assert "line two" not in error


def test_without_a_context_and_a_repository_there_is_nothing_to_build(job: Job):
    job.environment = {"GITHUB_REPOSITORY": ""}
    payload(b"{}")(job)

    assert "`context`" in job.fail({"context": ""})


# The event


def unset(job: Job):
    job.environment |= {"GITHUB_EVENT_PATH": ""}
    return "GITHUB_EVENT_PATH"


def payload(content: bytes | None, mention: str = "event.payload"):
    def prepare(job: Job):
        file = job.folder / "event.payload"
        if content is not None:
            file.write_bytes(content)
        job.environment |= {"GITHUB_EVENT_PATH": str(file)}
        return mention

    return prepare


def folder(job: Job):
    job.environment |= {"GITHUB_EVENT_PATH": str(job.folder)}
    return str(job.folder)


def beyond_measure(job: Job):
    mention = payload(b"{}")(job)
    os.truncate(job.folder / mention, 200 * 1024 * 1024)
    return mention


BAD_PAYLOADS = {
    "unset": unset,
    "missing": payload(None),
    "a folder": folder,
    "empty": payload(b""),
    "not JSON": payload(b"<html>"),
    "cut off": payload(json.dumps(push().payload).encode()[:-5]),
    "something after it": payload(json.dumps(push().payload).encode() + b" x"),
    "an array": payload(b"[]"),
    "a string": payload(b'"push"'),
    "null": payload(b"null"),
    "NUL bytes": payload(b"\0" * 100),
    "deep beyond measure": payload(b'{"a":' * 100_000),
    "larger than any": beyond_measure,
}


@pytest.mark.parametrize("prepare", BAD_PAYLOADS.values(), ids=BAD_PAYLOADS)
def test_a_bad_payload_is_named_and_taken_for_a_push_to_a_private_repository(job: Job, cli, prepare):
    job.event = pull_request(fork=True)
    mention = prepare(job)

    result = job.succeed()

    (warning,) = result.messages("warning")
    assert mention in warning and "GITHUB_EVENT_PATH" in warning and "private" in warning
    assert cli.call.name == "depot"
    assert cli.call.values("--provenance")[0].startswith("mode=min,inline-only=true,")


ODD_PAYLOADS = [
    {},
    {"pull_request": None},
    {"pull_request": []},
    {"pull_request": {"head": None}},
    {"pull_request": {"head": {"repo": "x"}}, "repository": {"full_name": 5}},
]


@pytest.mark.parametrize("content", ODD_PAYLOADS, ids=json.dumps)
def test_a_pull_request_that_does_not_say_where_it_comes_from_is_a_fork_s(job: Job, cli, content):
    """What is not known is not trusted."""
    job.event = pull_request(fork=False)
    payload(json.dumps(content).encode())(job)

    job.succeed()

    assert cli.call.name == "docker"


# Files and disks


def output_folder(job: Job) -> str:
    return str(job.folder)


def output_nowhere(job: Job) -> str:
    return str(job.folder / "no/such/folder/output")


def output_full(job: Job) -> str:
    return "/dev/full"


@pytest.mark.parametrize("output", [output_folder, output_nowhere, output_full])
def test_outputs_that_cannot_be_written_are_an_error(job: Job, cli, output):
    job.environment = {"GITHUB_OUTPUT": output(job)}

    result = job.run()

    assert result.exit_code == 1
    (error,) = result.errors
    assert "GITHUB_OUTPUT" in error and output(job) in error
    assert cli.call.name == "depot"


def test_a_build_that_fails_keeps_its_status_where_outputs_cannot_be_written(job: Job, cli):
    cli.does(Step("err", "ERROR: it broke\n"), Step("leave", 7))
    job.environment = {"GITHUB_OUTPUT": "/dev/full"}

    result = job.run()

    assert result.exit_code == 7
    assert any("it broke" in error for error in result.errors)


def test_a_folder_for_temporary_files_that_cannot_be_made_is_named(job: Job, tmp_path):
    (tmp_path / "file").touch()
    job.environment = {"RUNNER_TEMP": str(tmp_path / "file/nowhere")}

    error = job.fail()

    assert "RUNNER_TEMP" in error and str(tmp_path / "file/nowhere") in error


def test_a_file_for_a_folder_of_temporary_files_is_named(job: Job, tmp_path):
    (tmp_path / "file").touch()
    job.environment = {"RUNNER_TEMP": str(tmp_path / "file")}

    assert "RUNNER_TEMP" in job.fail()


@pytest.fixture
def small_disk(job: Job):
    """Mounts a file system with a single page as RUNNER_TEMP."""
    if os.geteuid() != 0:
        pytest.skip(ROOT_ONLY)
    mounted = []

    def mount(options: str) -> Path:
        job.runner()
        run = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", job.temp], capture_output=True, text=True)
        if run.returncode != 0:
            pytest.skip(f"NOTHING CAN BE MOUNTED HERE, a full disk is not tested: {run.stderr.strip()}")
        mounted.append(job.temp)
        return job.temp

    yield mount
    for place in mounted:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("options", ["size=4k", "size=1m,nr_inodes=2"])
def test_a_disk_too_full_for_a_secret_is_an_error_that_names_it(job: Job, small_disk, options):
    small_disk(options)

    error = job.fail({"secrets": f"thekey={'topsecret' * 1000}", "token": "depot_x"})

    assert "`thekey`" in error and "No space left" in error and "RUNNER_TEMP" in error
    assert "topsecret" not in error


def test_a_disk_too_full_for_a_folder_is_an_error(job: Job, small_disk):
    small_disk("size=1m,nr_inodes=1")

    error = job.fail()

    assert "RUNNER_TEMP" in error and "No space left" in error


# The CLI


@pytest.fixture
def bare_path(job: Job, tmp_path):
    """A PATH with only a shell and what the test puts there."""
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "sh").symlink_to("/bin/sh")
    job.environment["PATH"] = str(folder)
    return folder


MISSING_CLIS = {
    "depot": (push(), "not on PATH and could not be installed"),
    "docker": (pull_request(fork=True), "install docker"),
}


@pytest.mark.parametrize("name", MISSING_CLIS)
@pytest.mark.usefixtures("bare_path")
def test_a_cli_that_is_not_there_is_named_with_a_cure(job: Job, name):
    job.event, cure = MISSING_CLIS[name]

    error = job.fail()

    assert f"`{name}`" in error and "PATH" in error
    assert cure in error


@pytest.mark.parametrize("path", ["", ":", "/no/such/folder", "/etc/passwd"])
def test_a_path_of_nothing_is_no_cli(job: Job, path):
    result = job.run(script=f'PATH="{path}" exec {BUILD}')

    assert (result.exit_code, len(result.errors)) == (1, 1)
    assert "`depot`" in result.errors[0]


@pytest.mark.parametrize("entry", ["", ".", "bin"])
def test_a_cli_of_the_checkout_is_not_run_by_a_relative_path(job: Job, bare_path, entry):
    planted = FakeClis(job.runner().workspace / entry)
    job.environment["PATH"] = f"{entry}:{bare_path}:{entry}"

    assert "`depot`" in job.fail()
    assert planted.calls == []


def executable(folder: Path, content: bytes, mode: int = 0o755) -> Path:
    program = folder / "depot"
    program.write_bytes(content)
    program.chmod(mode)
    return program


BROKEN_CLIS = {
    "not executable": (b"#!/bin/sh\n", 0o644),
    "of another system": (b"MZ\x90\0", 0o755),
    "of another machine": (b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0\xff\xff" + b"\0" * 44, 0o755),
    "empty": (b"", 0o755),
    "a script without an interpreter": (b"#!/no/such/interpreter\n", 0o755),
}


@pytest.mark.parametrize("content, mode", BROKEN_CLIS.values(), ids=BROKEN_CLIS)
def test_a_cli_that_cannot_run_is_named(job: Job, bare_path, content, mode):
    program = executable(bare_path, content, mode)

    result = job.run({"secrets": "key=value"})

    assert result.exit_code == 1
    (error,) = result.errors
    assert ("`depot`" if mode == 0o644 else f"`{program}`") in error


def test_the_first_cli_that_can_run_is_taken(job: Job, cli, bare_path):
    executable(bare_path, b"#!/bin/sh\n", 0o644)
    job.environment["PATH"] = f"{bare_path}:{cli.folder}"

    job.succeed()

    assert cli.call.name == "depot"


# Limits of the system

ARGUMENT_LIMIT = 128 * 1024 - 1
CONTEXT = "https://github.com/octo/app.git#89abcdef0123456789abcdef0123456789abcdef"
PLACEHOLDER = "{{defaultContext}}"


def expanding_to(length: int) -> str:
    """An input with an argument of this length. Only text that is replaced can become longer than a variable may be."""
    times = length // len(CONTEXT) - 1
    return PLACEHOLDER * times + "x" * (length - times * len(CONTEXT))


def test_an_argument_of_the_greatest_length_passes(job: Job, cli):
    job.succeed({"build-contexts": f"a={expanding_to(ARGUMENT_LIMIT - 2)}"})

    (argument,) = cli.call.values("--build-context")
    assert len(argument) == ARGUMENT_LIMIT


LONG_INPUTS = {
    "build-contexts": f"a={expanding_to(ARGUMENT_LIMIT - 1)}",
    "context": expanding_to(ARGUMENT_LIMIT + 1),
}


@pytest.mark.parametrize("name", LONG_INPUTS)
def test_an_argument_beyond_the_limit_is_named_with_its_input(job: Job, name):
    error = job.fail({name: LONG_INPUTS[name]})

    assert f"`{name}`" in error and str(ARGUMENT_LIMIT) in error


def test_arguments_beyond_the_limit_of_all_together_are_an_error(job: Job):
    job.environment = {"GITHUB_SERVER_URL": f"https://github.com/{'x' * 10_000}"}

    error = job.fail({"build-contexts": f"a={PLACEHOLDER}\n" * 2000, "secrets": "key=value"})

    assert "depot`" in error and "arguments" in error


# The command line


NO_COMMANDS = [
    *([], [""], ["unknown"], ["--unknown"], ["build", "extra"], ["build", "--unknown"], ["--help", "build"]),
    *(["build", "--trace"], ["plan", "--trace", "file"]),
]
SPEAKING_COMMANDS = [["--help"], ["build", "--help"], ["plan", "--help"], ["version", "--help"], ["version"]]


def run_program(job: Job, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([job.program, *arguments], capture_output=True, text=True, env={})


@pytest.mark.parametrize("arguments", NO_COMMANDS, ids=str)
def test_a_command_line_that_is_none_gets_the_usage(job: Job, cli, arguments):
    run = run_program(job, *arguments)

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("Usage: depot-build-push COMMAND")
    assert cli.calls == []


@pytest.mark.parametrize("arguments", SPEAKING_COMMANDS, ids=str)
def test_help_and_version_are_for_standard_output(job: Job, arguments):
    run = run_program(job, *arguments)

    assert (run.returncode, run.stderr) == (0, "")
    assert "depot-build-push" in run.stdout


def test_the_help_names_every_command(job: Job):
    commands = re.findall(r"^  ([a-z]+) ", run_program(job, "--help").stdout, re.M)

    assert {"build", "plan", "version"} <= set(commands)
    for command in commands:
        assert re.match(rf"Usage: depot-build-push {command}( \[--trace FILE\])?\n", run_program(job, command, "--help").stdout)


@pytest.mark.parametrize("command", ["build", "plan"])
def test_an_empty_environment_is_an_error_in_plain_words(job: Job, command):
    run = run_program(job, command)

    assert run.returncode == 1
    assert "GITHUB_EVENT_PATH" in run.stdout + run.stderr
    assert "::" not in run.stdout + run.stderr
