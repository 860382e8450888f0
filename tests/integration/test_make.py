"""What `make` says on a machine without what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from world.action import ROOT

# If one of these is exported, it leads to a machine's packages in spite of PKG_CONFIG_LIBDIR.
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


# dist/


# Replaces the compiler. Its output depends only on the sources.
COMPILER = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" != -o ] || program=$2; shift; done
cat src/*/*.c >"$program"
"""
BUILD = """#!/bin/sh
case $1,$2 in
--print,cc) echo deps/compiler ;;
--print,*) ;;
*) mkdir -p "build/deps/$1" && echo licences >"build/deps/$1/THIRD_PARTY_LICENSES" ;;
esac
"""


@pytest.fixture
def released(checkout) -> Path:
    """A checkout in which dist/ matches the sources."""
    for name, text in (("deps/build", BUILD), ("deps/compiler", COMPILER), ("tests/world/install", "#!/bin/sh\n")):
        file = checkout / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    make(checkout, "dist")
    return checkout


def make(checkout: Path, target: str, status: int = 0) -> str:
    ran = subprocess.run(["make", target], cwd=checkout, capture_output=True, text=True)
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stderr


def change(checkout: Path) -> None:
    with (checkout / "src/plan/plan.c").open("a") as file:
        file.write("/* changed */\n")


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_dist_is_accepted_if_it_is_what_the_sources_make(released):
    assert {"SHA256SUMS", "THIRD_PARTY_LICENSES", "Linux-X64/depot-build-push"} <= {*content(released / "dist")}

    make(released, "check-dist")


def test_dist_is_refused_if_the_sources_have_changed_and_only_make_dist_changes_it(released):
    before = content(released / "dist")
    change(released)

    assert "docs/release.md" in make(released, "check-dist", status=2)
    make(released, "static")
    assert content(released / "dist") == before

    make(released, "dist")
    assert content(released / "dist") != before
    make(released, "check-dist")


@pytest.mark.parametrize("name", ["SHA256SUMS", "THIRD_PARTY_LICENSES", "Linux-X64/depot-build-push", "more"])
def test_dist_is_refused_if_one_file_of_it_differs(released, name):
    with (released / "dist" / name).open("a") as file:
        file.write("changed")

    assert "docs/release.md" in make(released, "check-dist", status=2)
