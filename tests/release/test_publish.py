"""The release workflow's own scripts: what users download fits its list of checksums, and the major version's tag moves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from integration.job import ROOT

STEPS = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]["publish"]["steps"]
# Keeps the files that it is given as GitHub does: by their names, without their folders.
GH = '#!/bin/sh\nfor word; do [ ! -f "$word" ] || cp "$word" "$ASSETS"; done\n'


def script(name: str) -> str:
    (step,) = (step for step in STEPS if step.get("name") == name)
    return step["run"]


def git(*arguments: str | Path, folder: Path) -> str:
    identity = ("-c", "user.name=Mona", "-c", "user.email=mona@example.com")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def assets(tmp_path) -> Path:
    """What the step `Release` of this checkout gives to the release."""
    folder, checkout, gh = tmp_path / "assets", tmp_path / "checkout", tmp_path / "bin/gh"
    folder.mkdir()
    gh.parent.mkdir()
    gh.write_text(GH)
    gh.chmod(0o755)
    shutil.copytree(ROOT / "dist", checkout / "dist")
    environment = {"PATH": f"{gh.parent}:{os.environ['PATH']}", "ASSETS": str(folder), "GITHUB_REF_NAME": "v1.2.3"}
    subprocess.run(["bash", "-e", "-c", script("Release")], cwd=checkout, env=environment, check=True)
    return folder


def test_each_program_is_released_under_the_name_of_its_platform(assets):
    programs = {f"depot-build-push-{program.parent.name}": program for program in ROOT.glob("dist/*/depot-build-push")}

    assert programs
    assert {file.name for file in assets.iterdir()} == {*programs, "SHA256SUMS", "THIRD_PARTY_LICENSES"}
    for name, program in programs.items():
        assert (assets / name).read_bytes() == program.read_bytes()


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
