"""Which entry of the tool cache is used: one from the right archive that no other user could have written."""

from __future__ import annotations

import hashlib
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.job import SetupJob
from integration.setup.release import PROGRAM, VERSION, assert_installed, program_of

EVIL = b"#!/bin/sh\nexit 66\n"
NOBODY = 65534
ELSEWHERE = f"depot-tools/depot/{VERSION}/x64"


def plant(job: SetupJob, content: bytes = EVIL) -> list[Path]:
    """An entry as another action makes it: its directory, its program and its mark."""
    program = program_of(job)
    program.parent.mkdir(parents=True)
    program.write_bytes(content)
    mark = program.parent.with_name("x64.complete")
    mark.touch()
    parts = [program.parent, program, mark]
    for part in parts:
        part.chmod(0o755)
    return parts


PARTS = pytest.mark.parametrize("part", [0, 1, 2], ids=["directory", "program", "mark"])


@PARTS
@pytest.mark.parametrize("mode", [0o777, 0o757, 0o1777], ids=oct)
def test_an_entry_that_anybody_may_write_is_replaced(job: SetupJob, released, part, mode):
    plant(job)[part].chmod(mode)

    job.succeed({"version": VERSION})

    assert_installed(job)


@PARTS
def test_an_entry_of_another_user_is_replaced(job: SetupJob, released, part):
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT: nothing can be given to another user")
    os.chown(plant(job)[part], NOBODY, -1)

    job.succeed({"version": VERSION})

    assert_installed(job)


@PARTS
def test_an_entry_that_a_group_may_write_is_used(job: SetupJob, released, part):
    plant(job)[part].chmod(0o775)

    job.succeed({"version": VERSION})

    assert program_of(job).read_bytes() == EVIL
    assert released.requests == []


def test_directories_above_are_not_judged(job: SetupJob, released):
    for folder in plant(job)[0].parents[:2]:
        folder.chmod(0o777)

    job.succeed({"version": VERSION})

    assert program_of(job).read_bytes() == EVIL


# A pinned archive


def digest_of(archive: bytes) -> str:
    return hashlib.sha256(archive).hexdigest()


@pytest.mark.parametrize("mark", [b"", b"sha256:" + b"0" * 64 + b"\n", b"sha256:"], ids=["empty", "another", "cut off"])
def test_with_a_sum_an_entry_of_another_archive_is_replaced(job: SetupJob, released, archive, mark):
    plant(job)[2].write_bytes(mark)

    job.succeed({"version": VERSION, "sha256": digest_of(archive)})

    assert_installed(job)


def test_with_a_sum_the_entry_of_its_archive_is_used(job: SetupJob, released, archive):
    job.succeed({"version": VERSION})
    seen = len(released.requests)

    job.succeed({"version": VERSION, "sha256": digest_of(archive).upper()})

    assert_installed(job)
    assert len(released.requests) == seen


def test_a_sum_that_no_archive_has_leaves_the_entry(job: SetupJob, released):
    plant(job)

    assert "SHA-256" in job.fail({"version": VERSION, "sha256": "0" * 64})

    assert program_of(job).read_bytes() == EVIL


# An entry that cannot be replaced


@contextmanager
def read_only(folder: Path):
    def run(*command) -> bool:
        return subprocess.run(["mount", *command, str(folder)], capture_output=True).returncode == 0

    if os.geteuid() != 0 or not run("--bind", str(folder)):
        pytest.skip("NOTHING CAN BE MOUNTED HERE: an entry that cannot be replaced is not tested")
    try:
        assert run("-o", "remount,bind,ro")
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("above", [".", "depot", f"depot/{VERSION}"])
def test_what_cannot_be_replaced_is_installed_for_this_job(job: SetupJob, released, archive, above):
    plant(job)[1].chmod(0o777)
    inputs = {"version": VERSION}

    with read_only(job.tool_cache / above):
        first = job.start(inputs).wait()
        seen = len(released.requests)
        second = job.start(inputs).wait()

    (line,) = [line for line in first.lines if "tool cache" in line]
    assert "is not trusted and cannot be replaced" in line and "Read-only file system" in line
    for result in (first, second):
        assert (result.exit_code, result.annotations) == (0, []), result.raw
        assert result.paths == [str(job.temp / ELSEWHERE)]
    assert (job.temp / ELSEWHERE / "depot").read_bytes() == PROGRAM
    assert len(released.requests) == seen, "it is downloaded once a job"


def test_a_cache_that_is_only_read_and_lacks_the_entry_is_an_error(job: SetupJob, released):
    job.tool_cache.mkdir(exist_ok=True)
    with read_only(job.tool_cache):
        assert "Read-only file system" in job.fail({"version": VERSION})
