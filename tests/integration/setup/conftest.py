"""What each test of the setup step starts with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integration.job import SetupJob
from integration.setup.release import PROGRAM, VERSION
from stand_ins.depot_downloads import DepotDownloads, cli_archive, real_archive
from world import parts


@pytest.fixture(autouse=True)
def x64():
    if os.uname().machine != "x86_64":
        pytest.skip("NOT X64: THE CLI'S ARCHIVE IS FOR X64")


@pytest.fixture(scope="session")
def depot() -> Path:
    """The real CLI."""
    try:
        return parts.get_depot()
    except parts.PartsMissing as missing:
        pytest.skip(f"THE REAL CLI IS NOT HERE: {missing}")


@pytest.fixture(scope="session")
def real(depot) -> bytes:
    return real_archive(depot)


@pytest.fixture(scope="session")
def archive() -> bytes:
    return cli_archive(PROGRAM)


@pytest.fixture
def job(setup_job) -> SetupJob:
    return setup_job


@pytest.fixture
def released(downloads: DepotDownloads, archive):
    """A release with a small archive."""
    downloads.publish(VERSION, archive)
    return downloads
