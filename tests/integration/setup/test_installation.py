"""The CLI is downloaded, verified and installed in one pass, even if other processes install it too, and however the
step ends."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from integration.cli import until
from integration.job import SetupJob
from integration.setup.release import MEGABYTE, PLACE, PROGRAM, VERSION, assert_installed, half_made, program_of
from stand_ins.depot_downloads import Fault


# The real CLI


def test_the_real_cli_is_installed_and_on_path(job: SetupJob, downloads, real, depot):
    downloads.publish(VERSION, real)

    result = job.succeed()

    assert_installed(job, depot.read_bytes())
    assert result.paths == [str(job.tool_cache / PLACE)]
    assert (result.outputs, result.environment, result.masks) == ({}, {}, [])
    assert result.annotations == []
    run = subprocess.run([program_of(job), "--version"], capture_output=True, text=True)
    assert VERSION in run.stdout + run.stderr


def test_eight_installs_at_once_into_one_cache(job: SetupJob, downloads, real, depot, ordinary_action):
    job.action = ordinary_action
    downloads.publish(VERSION, real)

    steps = [job.start() for _ in range(8)]
    results = [step.wait(120) for step in steps]

    assert [result.exit_code for result in results] == [0] * 8, [result.raw for result in results]
    assert {path for result in results for path in result.paths} == {str(job.tool_cache / PLACE)}
    assert_installed(job, depot.read_bytes())


def test_whoever_finds_the_mark_finds_the_cli_whole(job: SetupJob, released, ordinary_action):
    job.action = ordinary_action
    over, broken = threading.Event(), []

    def watch():
        while not over.is_set():
            if (job.tool_cache / f"{PLACE}.complete").exists() and program_of(job).read_bytes() != PROGRAM:
                broken.append("a mark before its CLI")

    watcher = threading.Thread(target=watch)
    watcher.start()
    steps = [job.start() for _ in range(4)]
    results = [step.wait(120) for step in steps]
    over.set()
    watcher.join()

    assert [result.exit_code for result in results] == [0] * 4
    assert broken == []


def test_after_a_kill_in_the_middle_the_next_installs_well(job: SetupJob, downloads, real, depot):
    downloads.publish(VERSION, real)
    downloads.storage.faults.append(Fault(stall_after=9 * MEGABYTE))
    step = job.start()
    until(lambda: any(size > MEGABYTE for size in half_made(job)), "nothing is being unpacked")
    step.kill()
    step.wait()
    assert len(half_made(job)) == 1
    assert not program_of(job).exists()

    job.succeed()

    assert_installed(job, depot.read_bytes())


def test_an_installation_under_way_is_not_swept_away(job: SetupJob, released):
    released.storage.faults.append(Fault(stall_after=MEGABYTE))
    first = job.start()
    until(lambda: half_made(job), "nothing is being unpacked")

    job.succeed()
    assert len(half_made(job)) == 1

    first.signal(signal.SIGTERM)
    assert job.checked(first.wait()).exit_code == 128 + signal.SIGTERM
    assert_installed(job)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_ends_a_download_and_leaves_nothing(job: SetupJob, released, number):
    released.storage.faults.append(Fault(stall_after=MEGABYTE))
    step = job.start()
    until(lambda: half_made(job), "nothing is being unpacked")

    step.signal(number)
    result = job.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert [note.title for note in result.annotations] == ["Setup cancelled"]
    assert job.cached() == []


# One pass

# A quarter of the packed size of the real CLI, and a twelfth of its unpacked size.
ADDRESS_SPACE_KIB = 4 * 1024


def test_the_real_cli_passes_through_less_memory_than_it_has(job: SetupJob, downloads, real, depot, ordinary_action):
    job.action = ordinary_action
    downloads.publish(VERSION, real)
    assert min(len(real), depot.stat().st_size) > 4 * ADDRESS_SPACE_KIB * 1024

    job.succeed(script=f'ulimit -v {ADDRESS_SPACE_KIB}\nexec "{job.program}" setup')

    assert_installed(job, depot.read_bytes())


def test_what_is_unpacked_is_written_once_and_nothing_else_is(job: SetupJob, downloads, real, ordinary_action):
    job.action = ordinary_action
    downloads.publish(VERSION, real)
    downloads.storage.faults.append(Fault(stall_after=9 * MEGABYTE))
    before = sum(file.stat().st_size for file in job.folder.rglob("*") if file.is_file())
    step = job.start()
    until(lambda: sum(half_made(job)) > 9 * MEGABYTE, "nothing is being unpacked")
    until(lambda: written_by(step) == written_by(step, after=0.2), "it does not come to rest")

    written, (unpacked,) = written_by(step), half_made(job)
    kept = sum(file.stat().st_size for file in job.folder.rglob("*") if file.is_file())
    step.kill()
    step.wait()

    # The step also writes its log and its requests.
    assert unpacked <= written < unpacked + MEGABYTE
    assert kept - before < unpacked + MEGABYTE


def written_by(step, after: float = 0) -> int:
    """How many bytes its process has passed to write(2) in all (Linux: /proc/PID/io, wchar)."""
    time.sleep(after)
    return int(re.search(r"^wchar: (\d+)$", Path(f"/proc/{step.pid}/io").read_text(), re.M).group(1))
