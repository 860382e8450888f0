"""The release workflow's own scripts: the files that users download match the list of checksums, and the major
version's tag moves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from release.git import git
from world.action import ROOT

STEPS = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]["publish"]["steps"]
# Stores the files that it is given as GitHub does: by their names, without their folders.
GH = '#!/bin/sh\nfor word; do [ ! -f "$word" ] || cp "$word" "$ASSETS"; done\n'

SOURCES = "depot-build-push-sources.tar.gz"
# Enough of the tree: some with export-ignore, some without.
TREE = ("dist", "src", "README.md", "Makefile", ".gitattributes")


def script(name: str) -> str:
    (step,) = (step for step in STEPS if step.get("name") == name)
    return step["run"]


@pytest.fixture
def assets(tmp_path) -> Path:
    """The files that this checkout's step `Release` adds to the release."""
    folder, checkout, gh = tmp_path / "assets", tmp_path / "checkout", tmp_path / "bin/gh"
    for made in (folder, checkout, gh.parent):
        made.mkdir()
    gh.write_text(GH)
    gh.chmod(0o755)
    for name in TREE:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, checkout / name)
    git("init", "--quiet", folder=checkout)
    git("add", ".", folder=checkout)
    environment = {"PATH": f"{gh.parent}:{os.environ['PATH']}", "ASSETS": str(folder), "GITHUB_REF_NAME": "v1.2.3"}
    subprocess.run(["bash", "-e", "-c", script("Release")], cwd=checkout, env=environment, check=True)
    return folder


def test_each_program_is_released_under_the_name_of_its_platform(assets):
    programs = {f"depot-build-push-{program.parent.name}": program for program in ROOT.glob("dist/*/depot-build-push")}

    assert programs
    assert {file.name for file in assets.iterdir()} == {*programs, SOURCES, "SHA256SUMS", "THIRD_PARTY_LICENSES"}
    for name, program in programs.items():
        assert (assets / name).read_bytes() == program.read_bytes()


def test_the_sources_that_a_job_does_not_download_are_released(assets, tmp_path):
    subprocess.run(["tar", "-xzf", assets / SOURCES], cwd=tmp_path, check=True)

    (folder,) = tmp_path.glob("depot-build-push-*")
    assert folder.name == "depot-build-push-v1.2.3"
    for name in TREE:
        subprocess.run(["diff", "-r", ROOT / name, folder / name], check=True)


def test_the_list_of_checksums_fits_what_is_downloaded(assets):
    checked = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=assets, capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    programs = sorted(file.name for file in assets.glob("depot-build-push-*"))
    assert sorted(line.partition(":")[0] for line in checked.stdout.splitlines()) == programs


def test_the_tag_of_the_major_version_moves(tmp_path):
    hosting, checkout = tmp_path / "hosting.git", tmp_path / "checkout"
    git("init", "--quiet", "--bare", hosting, folder=tmp_path)
    git("clone", "--quiet", hosting, checkout, folder=tmp_path)
    for version in ("v1.0.0", "v1.1.0"):
        git("commit", "--quiet", "--allow-empty", "--message", version, folder=checkout)
        commit = git("rev-parse", "HEAD", folder=checkout)
        environment = {**os.environ, "GITHUB_REF_NAME": version, "GITHUB_SHA": commit}
        move = ["bash", "-e", "-c", script("Move the major version's tag")]
        subprocess.run(move, cwd=checkout, env=environment, check=True)

        assert git("rev-parse", "v1^{commit}", folder=hosting) == commit
