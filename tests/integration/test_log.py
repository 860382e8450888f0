"""The log is a boundary: the runner obeys nothing that a build prints, and every byte arrives."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import threading

import pytest

from integration.cli import SUCCESS, Step
from integration.job import BUILD, PLAN, Job
from world.commands import COMMANDS, Command, StepLog, lines_of, parse

MIB = 1024 * 1024


def obeyed(result) -> list[Command]:
    """What the runner obeyed. The data of stop-commands is new and random in each run."""
    return [Command(c.name, "" if c.name == "stop-commands" else c.data, c.properties) for c in result.obeyed]


@pytest.fixture
def of_a_quiet_build(job: Job):
    return obeyed(job.succeed())


def assert_nothing_obeyed(result, of_a_quiet_build) -> None:
    assert obeyed(result) == of_a_quiet_build
    assert (result.environment, result.paths) == ({}, [])
    assert set(result.outputs) == {"imageid", "digest", "metadata", "build-id", "project-id", "report"}
    # The report and the summary may quote what was printed. Every test checks the summary.
    json.loads(result.outputs.pop("report"))
    assert "obeyed" not in "".join(result.outputs.values())


def current(name: str) -> str:
    return f"::{name} name=digest,file=x,line=1::obeyed"


def legacy(name: str) -> str:
    return f"##[{name} name=digest;file=x;line=1]obeyed"


ATTACKS = {
    **{current(name): current(name) for name in sorted(COMMANDS)},
    **{legacy(name): legacy(name) for name in sorted(COMMANDS)},
    "a command in capitals": "::ERROR::obeyed",
    "a command after white space": " \t\v ::error::obeyed",
    "a command after a byte order mark": "\ufeff::error::obeyed",
    "a command after a step's prefix": "#7 0.123 ##[error]obeyed",
    "a command without data": "::error::",
    "a guessed token": "::pause-logging::",
    "an empty token": "::::",
    "a space for a token": ":: ::",
    "a token of zeros": f"::{'0' * 32}::",
    "its own pause": "::stop-commands::mine\n::mine::\n::error::obeyed",
    "a pause without a token": "::stop-commands::\n::::\n::error::obeyed",
}


@pytest.mark.parametrize("stream", ["out", "err"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=repr)
def test_no_command_of_a_build_is_obeyed(job: Job, cli, of_a_quiet_build, ending, stream):
    lines = [line + ending for attack in ATTACKS.values() for line in attack.split("\n")]
    cli.does(*SUCCESS, Step(stream, "".join(lines)))

    assert_nothing_obeyed(job.succeed(), of_a_quiet_build)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_command_of_a_line_without_an_end_is_obeyed(job: Job, cli, of_a_quiet_build, attack):
    cli.does(*SUCCESS, Step("out", attack))

    assert_nothing_obeyed(job.succeed(), of_a_quiet_build)


def test_the_token_of_an_earlier_run_resumes_nothing(job: Job, cli, of_a_quiet_build):
    tokens = []
    for _ in range(5):
        cli.does(*SUCCESS, *(Step("out", f"::{token}::\n::error::obeyed\n") for token in tokens))
        result = job.succeed()
        assert_nothing_obeyed(result, of_a_quiet_build)
        tokens += [command.data for command in result.obeyed if command.name == "stop-commands"]

    assert len(set(tokens)) == len(tokens) >= 5
    assert all(re.fullmatch("[0-9a-f]{32,}", token) for token in tokens)


def test_the_token_is_not_to_be_had_by_the_build(job: Job, cli):
    result = job.succeed({"secrets": "key=value"})

    (token, *_) = [command.data for command in result.obeyed if command.name == "stop-commands"]
    call = cli.call
    seen = [*call.environment.values(), *call.arguments, *call.private_directory, call.parent_environment]
    assert not any(token in text for text in seen)


ODD_OUTPUT = {
    "an unfinished last line": b"the end",
    "an unfinished command": b"::error::obey",
    "a colon at the end": b"text\n:",
    "two colons at the end": b"text\n::",
    "NUL bytes": b"\0" * 5000 + b"::error::obeyed\n\0",
    "a NUL before a command": b"\0::error::obeyed\n",
    "bytes that are no text": bytes(range(256)) * 100,
    "line breaks only": b"\n" * 10_000,
    "carriage returns only": b"\r" * 10_000,
}


@pytest.mark.parametrize("text", ODD_OUTPUT.values(), ids=ODD_OUTPUT)
def test_odd_output_passes_and_ends_on_a_line_of_its_own(job: Job, cli, of_a_quiet_build, text):
    cli.does(*SUCCESS, Step("out", text))

    result = job.succeed()

    assert_nothing_obeyed(result, of_a_quiet_build)
    (token, *_) = [command.data for command in result.obeyed if command.name == "stop-commands"]
    assert f"::{token}::" in result.lines


@pytest.mark.parametrize("text", ODD_OUTPUT.values(), ids=ODD_OUTPUT)
def test_every_byte_arrives_as_it_is(job: Job, cli, text):
    cli.does(*SUCCESS, Step("out", text))

    assert text in raw_output(job)


def raw_output(job: Job) -> bytes:
    """The log, before the stand-in for the runner splits it into lines."""
    copy = job.folder / "copy"
    result = job.run(script=f'{BUILD} > "{copy}" 2>&1')
    assert result.exit_code == 0, copy.read_bytes()[-1000:]
    return copy.read_bytes()


def test_wherever_the_log_is_cut_nothing_of_the_build_is_obeyed(job: Job, cli, of_a_quiet_build):
    """As if nobody read the rest."""
    cli.does(*SUCCESS, Step("out", "\n".join(ATTACKS.values())), Step("err", "\r".join(ATTACKS.values())))
    whole = raw_output(job)
    places = random.Random(13)

    for _ in range(300):
        log = StepLog()
        for line in lines_of(whole[: places.randrange(len(whole))]):
            log.take(line)
        for one in log.obeyed:
            data = "" if one.name == "stop-commands" else one.data
            assert any(one.name == own.name and own.data.startswith(data) for own in of_a_quiet_build), one


def test_a_line_of_ten_megabytes_passes_whole_and_inert(job: Job, cli, of_a_quiet_build):
    line = "::error::" + "x" * 10 * MIB
    cli.does(*SUCCESS, Step("out", line + "\n"))

    result = job.succeed()

    assert line in result.lines
    assert_nothing_obeyed(result, of_a_quiet_build)


def test_a_process_that_left_the_group_is_cut_off(job: Job, cli, of_a_quiet_build, tmp_path):
    go_on = tmp_path / "go on"
    late = [
        Step("ignore", int(signal.SIGPIPE)),
        Step("wait_for", str(go_on)),
        Step("out", "::error::obeyed\n"),
    ]
    cli.does(*SUCCESS, Step("child", late, True), Step("out", "built\n"))

    step = job.start()
    step.wait_for("::endgroup::")
    go_on.touch()
    result = step.wait()

    assert result.exit_code == 0
    assert "built" in result.lines
    assert_nothing_obeyed(result, of_a_quiet_build)
    assert not result.commands_stopped


def test_a_process_that_left_the_group_and_writes_for_ever_does_not_hold_the_step(job: Job, cli, of_a_quiet_build):
    cli.does(*SUCCESS, Step("child", [Step("out", "::error::obeyed\n", 10_000_000)], True), Step("out", "built\n"))

    result = job.start().wait(120)

    assert result.exit_code == 0
    assert "built" in result.lines
    assert_nothing_obeyed(result, of_a_quiet_build)


HOSTILE_INPUTS = {
    "a tag": {"tags": "x\r::error::obeyed"},
    "a build argument": {"build-args": '"A=x\n::error::obeyed\n##[error]obeyed"'},
    "a label": {"labels": '"A=\n::stop-commands::obeyed\n"'},
    "a secret's key": {"secrets": '"x\n::error::obeyed="'},
    "a secret's file": {"secret-files": '"key=/x\n::error::obeyed"'},
}


@pytest.mark.parametrize("inputs", HOSTILE_INPUTS.values(), ids=HOSTILE_INPUTS)
def test_what_an_input_holds_is_no_command(job: Job, cli, inputs):
    result = job.succeed(inputs)

    assert "obeyed" not in {command.data for command in result.obeyed}


@pytest.mark.parametrize("inputs", HOSTILE_INPUTS.values(), ids=HOSTILE_INPUTS)
@pytest.mark.parametrize("attack", ["##[error]obeyed", "#\u200b#[error]obeyed", "####[error]obeyed"])
def test_what_a_plan_shows_of_an_input_is_no_command(job: Job, inputs, attack):
    result = job.succeed({**inputs, "target": f"x {attack}"}, script=PLAN)

    assert "obeyed" not in {command.data for command in result.obeyed}
    plan = json.loads("\n".join(line for line in result.lines if not line.startswith("::")))
    assert f"x {attack}" in plan["command"]


HOSTILE_ERRORS = {
    "a boolean": {"push": "x\n::error::obeyed"},
    "a builder": {"fork-builder": "x\r\n##[error]obeyed"},
    "a quote": {"tags": '"x\n::error::obeyed'},
    "a token": {"token": "x\n::error::obeyed"},
}


@pytest.mark.parametrize("inputs", HOSTILE_ERRORS.values(), ids=HOSTILE_ERRORS)
def test_an_error_that_quotes_an_input_is_one_command(job: Job, inputs):
    result = job.run(inputs)

    errors = [command.data for command in result.obeyed if command.name == "error"]
    assert len(errors) == 1 and errors[0] != "obeyed"


@pytest.mark.parametrize("attack", ["::error::obeyed", "##[error]obeyed", "x ##[add-mask]a", "::add-mask::a"])
def test_a_failing_build_s_last_line_is_quoted_and_not_obeyed(job: Job, cli, attack):
    cli.does(Step("err", f"ERROR: {attack}\n{attack}"), Step("leave", 1))

    result = job.run()

    (error,) = result.errors
    assert attack in error
    assert result.masks == []


def test_a_log_without_a_runner_has_no_commands(job: Job, cli):
    job.environment = {"GITHUB_ACTIONS": ""}

    result = job.run({"token": "depot_x", "secrets": "key=hidden", "push": True})

    assert [line for line in result.lines if parse(line, COMMANDS)] == []
    assert "hidden" not in result.raw and "depot_x" not in result.raw


# Size


class Drain(threading.Thread):
    """Reads a pipe to its end, and keeps the number of bytes and the last of them."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.count, self.tail = stream, 0, b""
        self.start()

    def run(self):
        while piece := os.read(self.stream.fileno(), MIB):
            self.count += len(piece)
            self.tail = (self.tail + piece)[-10_000:]


def peak_memory(job: Job, cli, lines: Step) -> tuple[int, int]:
    """The peak of the program's memory in KiB, and the bytes of its log."""
    (cli.records / "peak").unlink(missing_ok=True)
    cli.does(*SUCCESS, lines, Step("out", "\nthe end\n"), Step("note_peak"))
    with job.popen(stdout=subprocess.PIPE) as process:
        drain = Drain(process.stdout)
        assert process.wait(500) == 0
        drain.join()
    assert b"\nthe end\n" in drain.tail and b"::endgroup::" in drain.tail
    return int(cli.wait_for("peak")), drain.count


LONG_LOGS = {
    "in lines": b"::error::obeyed " * 4 + b"\n",
    "in one line": b"x" * 64,
}


@pytest.mark.parametrize("text", LONG_LOGS.values(), ids=LONG_LOGS)
def test_a_log_of_500_megabytes_passes_in_the_memory_of_a_short_one(job: Job, cli, ordinary_action, text):
    # The sanitizers use memory of their own, which does not count.
    job.action = ordinary_action
    block = text * (64 * 1024 // len(text))

    short, _ = peak_memory(job, cli, Step("out", block, MIB // len(block)))
    long, size = peak_memory(job, cli, Step("out", block, 500 * MIB // len(block) + 1))

    assert size > 500 * MIB
    # The kernel counts some pages in batches.
    assert abs(long - short) < 300, f"{short} KiB for 1 MB, {long} KiB for 500 MB"
