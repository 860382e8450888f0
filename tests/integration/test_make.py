"""What `make` says on a machine that lacks what it takes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from integration.job import ROOT

# Whatever of these somebody exports leads to a machine's packages past PKG_CONFIG_LIBDIR.
PACKAGES_OF_USER = ("PKG_CONFIG_PATH", "PKG_CONFIG_SYSROOT_DIR")


@pytest.fixture
def checkout(tmp_path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("src", "tests/unit"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize("target", ["all", "build/sanitized/depot-build-push", "build/unit/plan/list"])
def test_missing_development_packages_are_named_with_a_cure(checkout, tmp_path, target):
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in PACKAGES_OF_USER}

    ran = subprocess.run(
        ["make", target],
        cwd=checkout,
        env={**environment, "PKG_CONFIG_LIBDIR": str(nothing)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 2
    assert "libarchive" in ran.stderr and "`make install-packages`" in ran.stderr
    assert "CC" not in ran.stdout


def test_the_cure_is_among_the_targets_of_the_help(checkout):
    help_ = subprocess.run(["make", "help"], cwd=checkout, capture_output=True, text=True, check=True).stdout

    assert [line for line in help_.splitlines() if line.startswith("install-packages ")]


def test_dist_is_compared_with_a_repository_only(checkout):
    (checkout / "tests/world").mkdir()
    (checkout / "tests/world/install").write_text("#!/bin/sh\n")
    (checkout / "tests/world/install").chmod(0o755)

    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(checkout.parent)}
    ran = subprocess.run(["make", "check-dist"], cwd=checkout, env=environment, capture_output=True, text=True)

    assert ran.returncode == 2
    assert "not a git repository" in ran.stderr
    assert "commit the result" not in ran.stderr
