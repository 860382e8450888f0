"""The release that the setup step installs, and what exists afterwards."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from integration.job import SetupJob
from stand_ins.depot_downloads import DepotDownloads

VERSION = "2.102.12"
PLACE = f"depot/{VERSION}/x64"
INSTALLED = sorted(["depot", f"depot/{VERSION}", PLACE, f"{PLACE}.complete", f"{PLACE}/depot"])
MEGABYTE = 1_000_000

# A program of a few megabytes that cannot be compressed, so its download takes many blocks.
PADDING = os.urandom(3 * MEGABYTE)
PROGRAM = b'#!/bin/sh\necho "depot $*"\nexit 0\n' + PADDING


def program_of(job: SetupJob, version: str = VERSION) -> Path:
    return job.tool_cache / f"depot/{version}/x64/depot"


def assert_installed(job: SetupJob, content: bytes = PROGRAM) -> None:
    assert job.cached() == INSTALLED
    assert program_of(job).read_bytes() == content
    assert stat.S_IMODE(program_of(job).stat().st_mode) == 0o755


def half_made(job: SetupJob) -> list[int]:
    return [file.stat().st_size for file in job.tool_cache.glob("depot/.installing-*/depot")]


def fails(job: SetupJob, inputs=None) -> str:
    """The one error of a step that installs nothing and leaves nothing behind."""
    before = job.cached()
    error = job.fail(inputs)
    assert job.cached() == before
    return error


def requests(downloads: DepotDownloads) -> list[str]:
    return [request.path.rpartition("/")[2] for request in downloads.requests]
