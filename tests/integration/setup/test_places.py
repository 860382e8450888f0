"""Where the CLI is installed, and inputs that cannot be read."""

from __future__ import annotations

import os
import subprocess

import pytest

from integration.job import SetupJob
from integration.setup.release import PLACE, fails


# Where it is installed


def test_without_a_tool_cache_there_is_an_error(job: SetupJob, downloads):
    job.environment = {"RUNNER_TOOL_CACHE": ""}

    assert "RUNNER_TOOL_CACHE" in job.fail()
    assert downloads.requests == []


def test_a_tool_cache_that_is_missing_is_made(job: SetupJob, released, tmp_path):
    job.environment = {"RUNNER_TOOL_CACHE": str(tmp_path / "not/yet/there")}

    job.succeed()

    assert (tmp_path / "not/yet/there" / PLACE / "depot").exists()


def test_a_tool_cache_that_is_a_file_is_named(job: SetupJob, released, tmp_path):
    (tmp_path / "file").touch()
    job.environment = {"RUNNER_TOOL_CACHE": str(tmp_path / "file")}

    error = job.fail()

    assert "RUNNER_TOOL_CACHE" in error and str(tmp_path / "file") in error


@pytest.mark.parametrize("size", ["4k", "2m"])
def test_a_full_disk_is_told(job: SetupJob, released, size):
    job.runner()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(job.tool_cache)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("NOTHING CAN BE MOUNTED HERE: a full disk is not tested")
    try:
        error = fails(job)
    finally:
        subprocess.run(["umount", str(job.tool_cache)], check=True)

    assert "No space left" in error


def test_a_path_file_that_cannot_be_written_is_named(job: SetupJob, released):
    job.environment = {"GITHUB_PATH": "/dev/full"}

    assert "GITHUB_PATH" in job.fail()


# Inputs


@pytest.mark.parametrize("name", ["oidc", "configure-docker"])
def test_a_boolean_that_is_none_is_named(job: SetupJob, downloads, name):
    error = fails(job, {name: "yes"})

    assert f"`{name}`" in error and "`yes`" in error
    assert downloads.requests == []
