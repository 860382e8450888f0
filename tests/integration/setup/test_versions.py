"""Which release is installed, and when the tool cache already has it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from integration.job import SetupJob
from integration.setup.release import PLACE, PROGRAM, VERSION, assert_installed, fails, program_of, requests
from stand_ins.service import Answer


# Versions and the cache


@pytest.mark.parametrize("version", [VERSION, f"v{VERSION}", f"={VERSION}", f" {VERSION}\n"])
def test_an_exact_version_that_is_cached_costs_no_request(job: SetupJob, released, version):
    job.succeed({"version": version})
    assert requests(released)[0] == VERSION
    released.requests.clear()

    result = job.succeed({"version": version})

    assert requests(released) == []
    assert result.paths == [str(job.tool_cache / PLACE)]


@pytest.mark.parametrize("version", ["latest", "", "2.x", "2.102.x", "^2.1", "~2.102"])
def test_another_version_that_is_cached_costs_one_request(job: SetupJob, released, version):
    job.succeed({"version": version})
    released.requests.clear()
    released.storage.requests.clear()

    job.succeed({"version": version})

    assert len(released.requests) == 1
    assert released.storage.requests == []
    assert_installed(job)


def test_a_range_means_the_release_that_the_lookup_says(job: SetupJob, released, archive):
    released.publish("3.0.0", archive)

    job.succeed({"version": "2.x"})

    assert program_of(job).exists() and not program_of(job, "3.0.0").exists()


def test_a_range_with_spaces_arrives_as_it_is(job: SetupJob, released):
    error = fails(job, {"version": ">=2.0 <3 || ../x"})

    assert requests(released) == ["%3E%3D2.0%20%3C3%20%7C%7C%20..%2Fx"]
    assert "`>=2.0 <3 || ../x`" in error


def test_a_prerelease_is_a_version_of_its_own(job: SetupJob, downloads, archive):
    downloads.publish("3.0.0-beta.1", archive)

    job.succeed({"version": "3.0.0-beta.1"})

    assert program_of(job, "3.0.0-beta.1").exists()


def test_versions_live_side_by_side(job: SetupJob, released, archive):
    released.publish("2.0.0", archive)

    job.succeed({"version": "2.0.0"})
    job.succeed({"version": VERSION})

    assert program_of(job).exists() and program_of(job, "2.0.0").exists()


def test_an_entry_that_another_action_made_is_used(job: SetupJob, downloads):
    place = job.tool_cache / PLACE
    place.mkdir(parents=True)
    (place / "depot").write_bytes(PROGRAM)
    (place / "depot").chmod(0o755)
    place.with_name("x64.complete").write_bytes(b"")

    result = job.succeed({"version": VERSION})

    assert result.paths == [str(place)]
    assert downloads.requests == []


def another_machine(program: Path) -> None:
    with open(program, "r+b") as file:
        file.seek(18)
        file.write((183).to_bytes(2, "little"))


def cut_off(program: Path) -> None:
    os.truncate(program, program.stat().st_size // 2)


def in_its_place(kind: str):
    def change(program: Path) -> None:
        program.unlink()
        if kind == "directory":
            (program / "deep/er").mkdir(parents=True)
            (program / "deep/er/file").touch()
        elif kind == "link":
            program.symlink_to("/nowhere")

    return change


def entry_is_a_file(program: Path) -> None:
    shutil.rmtree(program.parent)
    program.parent.write_text("x")


BROKEN = {
    "no mark": lambda program: program.parent.with_name("x64.complete").unlink(),
    "no directory": lambda program: shutil.rmtree(program.parent),
    "no program": Path.unlink,
    "empty": lambda program: os.truncate(program, 0),
    "text": lambda program: program.write_text("<html>Not found</html>"),
    "of another machine": another_machine,
    "cut off": cut_off,
    "not executable": lambda program: program.chmod(0o644),
    "a directory": in_its_place("directory"),
    "a link to nowhere": in_its_place("link"),
    "a file for a directory": entry_is_a_file,
}


@pytest.mark.parametrize("breaks", BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_replaced(job: SetupJob, downloads, real, depot, breaks):
    downloads.publish(VERSION, real)
    place = job.tool_cache / PLACE
    place.mkdir(parents=True)
    shutil.copy(depot, place)
    place.with_name("x64.complete").touch()
    breaks(place / "depot")

    job.succeed({"version": VERSION})

    assert_installed(job, depot.read_bytes())


PLATFORMS = [
    ("Linux", "X64", "linux/x64"),
    ("Linux", "ARM64", "linux/arm64"),
    ("Linux", "ARM", "linux/arm"),
    ("Linux", "X86", "linux/ia32"),
    ("macOS", "X64", "darwin/x64"),
    ("macOS", "ARM64", "darwin/arm64"),
    ("Windows", "X64", "win32/x64"),
    ("Windows", "ARM64", "win32/arm64"),
]


@pytest.mark.parametrize("system, machine, expected", PLATFORMS)
def test_a_platform_is_looked_up_by_its_name_in_node(job: SetupJob, downloads, system, machine, expected):
    # The script looks for a program for that platform.
    script = f'RUNNER_OS={system} RUNNER_ARCH={machine} exec "{job.program}" setup'
    assert job.run(script=script).exit_code == 1

    assert [request.path for request in downloads.requests] == [f"/cli/release/{expected}/latest"]


# The lookup

ANSWERS = {
    "nothing": b"",
    "null": "null",
    "an array": [],
    "no address": {"ok": True},
    "a number": {"ok": True, "url": 5},
    "not ok": {"ok": False, "url": "https://example.com/depot_1.0.0_linux_amd64.tar.gz"},
    "no archive": {"ok": True, "url": "https://example.com/"},
    "a path for a version": {"ok": True, "url": "https://example.com/depot_../../x_linux_amd64.tar.gz"},
    "a version that leads out": {"ok": True, "url": "https://example.com/depot_1.0.0-.._linux.tar.gz"},
}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
def test_garbage_is_no_release(job: SetupJob, released, body):
    released.scripted.extend([Answer(200, body)] * 5)

    fails(job)
    assert released.storage.requests == []


def test_another_version_than_was_asked_for_is_refused(job: SetupJob, released):
    released.archive_url = f"{released.url}/depot/cli/releases/download/v1.0.0/depot_1.0.0_linux_amd64.tar.gz"

    error = fails(job, {"version": VERSION})

    assert VERSION in error and "1.0.0" in error


def test_an_unknown_version_is_named_with_the_service_s_words(job: SetupJob, released):
    error = fails(job, {"version": "9.9.9"})

    assert "`9.9.9`" in error and "No release found" in error
