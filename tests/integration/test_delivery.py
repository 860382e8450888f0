"""If the log is full, slow or gone, no command of a build is obeyed, and no command of ours is lost."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from integration.cli import SUCCESS, Step, docker_builder, docker_info
from integration.job import Job
from world.commands import StepLog
from world.events import pull_request

INT, TERM = int(signal.SIGINT), int(signal.SIGTERM)
LONG = 600
HOSTILE = Step("out", "::add-mask::docker\n::error::obeyed\n##[stop-commands]x\n")


def read_as_the_runner(raw: bytes) -> StepLog:
    log = StepLog()
    for line in raw.decode(errors="replace").splitlines():
        log.take(line)
    return log


class SlowReader(threading.Thread):
    """Reads a pipe, a few bytes at a time."""

    def __init__(self, descriptor: int, piece: int = 512, pause: float = 0.001):
        super().__init__(daemon=True)
        self.descriptor, self.piece, self.pause, self.bytes = descriptor, piece, pause, b""
        self.start()

    def run(self):
        while piece := os.read(self.descriptor, self.piece):
            self.bytes += piece
            time.sleep(self.pause)


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def fill(end: int) -> None:
    """Fills the pipe to the last byte, with text that is not a command."""
    blocking = os.get_blocking(end)
    os.set_blocking(end, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(end, b"-" * (size - 1) + b"\n")
        except BlockingIOError:
            pass
    os.set_blocking(end, blocking)


@pytest.mark.parametrize("blocking", [True, False], ids=["it waits", "it does not wait"])
def test_a_log_that_is_full_loses_nothing(job: Job, cli, pipe, blocking):
    cli.does(HOSTILE, *SUCCESS, Step("out", "x" * 300_000 + "\n"))
    read, write = pipe
    fill(write)
    os.set_blocking(write, blocking)
    process = job.popen(stdout=write)
    os.close(write)
    time.sleep(0.5)
    reader = SlowReader(read, 8192)

    assert process.wait(60) == 0
    reader.join(60)
    log = read_as_the_runner(reader.bytes)
    assert [command.data for command in log.obeyed if command.data in ("docker", "obeyed", "x")] == []
    assert not log.stopped
    assert {"x" * 300_000} <= set(log.shown)
    assert [command.data for command in log.obeyed if command.name == "group"][-1] == "Project ID"


@pytest.mark.parametrize("inputs", [{}, {"INPUT_SECRETS": "key=value", "INPUT_TOKEN": "depot_x"}], ids=["bare", "secrets"])
@pytest.mark.parametrize("log", ["/dev/full", "gone"])
def test_nothing_runs_that_cannot_be_kept_from_being_obeyed(job: Job, cli, pipe, log, inputs):
    job.environment |= inputs
    read, write = pipe
    os.close(read)
    with open("/dev/full", "wb") as full:
        process = job.popen(stdout=full if log == "/dev/full" else write)
        assert process.wait(60) == 1

    assert cli.calls == []
    assert list(job.temp.iterdir()) == []


def test_no_temporary_builder_is_made_that_cannot_be_kept_from_being_obeyed(job: Job, cli):
    cli.docker_can(docker_info(containerd_store=False), docker_builder())
    job.event = pull_request(fork=True, private=True)
    job.environment |= {"INPUT_PROVENANCE": "mode=max"}
    with open("/dev/full", "wb") as full:
        assert job.popen(stdout=full).wait(60) == 1

    assert cli.calls == []
    assert not any(words.startswith("buildx create") for words in cli.asked)


@pytest.mark.parametrize("numbers", [[INT, TERM], [TERM]], ids=str)
@pytest.mark.parametrize("line", [b"y" * 1000 + b"\n", b"y"], ids=["lines", "one line"])
def test_a_slow_reader_of_a_cancelled_build_gets_the_end_of_the_pause_and_the_error(job: Job, cli, pipe, numbers, line):
    """To make room for these, the last bytes of the build are dropped, in the middle of a line."""
    cli.does(Step("ignore", INT, TERM), HOSTILE, Step("out", line, 500_000 // len(line)), HOSTILE, Step("sleep", LONG))
    read, write = pipe
    process = job.popen(stdout=write)
    os.close(write)
    begun = os.read(read, 1)
    cli.wait_for_call()
    time.sleep(1)
    for number in numbers:
        process.send_signal(number)
    # Longer than it takes to give up on the build.
    time.sleep(3)
    reader = SlowReader(read, 65536)

    assert process.wait(60) == 128 + signal.SIGKILL
    reader.join(60)
    log = read_as_the_runner(begun + reader.bytes)
    assert not log.stopped
    assert [note.title for note in log.annotations if note.level == "error"] == ["depot build cancelled"]
    assert "docker" not in log.masks
    assert list(job.temp.iterdir()) == []


def test_a_reader_that_never_comes_back_does_not_keep_us_from_cleaning_up(job: Job, cli, pipe):
    """The runner kills the step 10 s after its first signal."""
    cli.does(Step("out", b"y" * 1000 + b"\n", 500), Step("sleep", LONG))
    job.environment |= {"INPUT_SECRETS": "key=value"}
    read, write = pipe
    process = job.popen(stdout=write)
    os.close(write)
    cli.wait_for_call()
    time.sleep(0.5)
    process.send_signal(INT)

    assert process.wait(10) == 128 + signal.SIGINT
    assert list(job.temp.iterdir()) == []


def test_no_file_is_too_large_to_clean_up(job: Job, cli):
    """SIGXFSZ, from a limit that a secret exceeds, ends nothing."""
    result = job.run({"secrets": f"key={'v' * 100_000}"}, script=f"ulimit -f 16\n{job.runner().action.step['run']}")

    assert result.exit_code == 1
    (error,) = result.errors
    assert "the secret `key` could not be stored" in error
    assert cli.calls == []


def test_what_took_its_place_is_no_private_directory(job: Job, cli, tmp_path):
    """If a build replaces the directory with a link, it gets none of our files, and nobody's files are removed."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "secret-0").write_text("mine")
    (mine / "metadata.json").write_text("mine")
    cli.does(Step("move_private_directory", str(mine)))

    result = job.runner().start({"context": ".", "secrets": "key=value"}).wait(60)

    assert sorted(file.name for file in mine.iterdir()) == ["metadata.json", "secret-0"]
    assert (mine / "secret-0").read_text() == "mine"
    moved = next(job.temp.glob("*.moved"))
    assert list(moved.iterdir()) == []
    assert any("cannot remove" in warning for warning in result.messages("warning"))
