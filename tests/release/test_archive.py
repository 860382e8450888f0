"""What a job downloads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from release.job import ReleasedJob, assert_built
from world.action import ROOT

LARGEST = 1_250_000
CONTENT = {"action.yml", "setup", "dist", "README.md", "LICENSE"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """The archive that GitHub would make of the current commit, but with the attributes of the working tree."""
    file = tmp_path_factory.mktemp("archive") / "archive.tar.gz"
    command = ["git", "-c", f"safe.directory={ROOT}", "archive", "--worktree-attributes", "--format=tar.gz"]
    subprocess.run([*command, "--prefix=action/", f"--output={file}", "HEAD"], cwd=ROOT, check=True)
    return file


@pytest.fixture(scope="module")
def unpacked(archive) -> Path:
    subprocess.run(["tar", "-xzf", archive], cwd=archive.parent, check=True)
    return archive.parent / "action"


def test_it_holds_what_a_job_runs_and_what_its_reader_wants_to_know(unpacked):
    assert {path.name for path in unpacked.iterdir()} == CONTENT
    assert {path.name for path in (unpacked / "dist").iterdir()} >= {"Linux-X64", "SHA256SUMS", "THIRD_PARTY_LICENSES"}


def test_it_is_small(archive):
    assert archive.stat().st_size <= LARGEST


def test_its_checksums_fit(unpacked):
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked / "dist", check=True)


def test_the_action_runs_out_of_it(unpacked, tmp_path, cli):
    job = ReleasedJob(tmp_path / "job", unpacked, cli)

    assert_built(job.succeed())
