"""dist/ must be what the sources produce, from the commit that rebuilds it until they change."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from release.git import git
from world.action import ROOT


@pytest.fixture
def repository(tmp_path) -> Path:
    folder = tmp_path / "repository"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/dist-is-current", folder / ".ci")
    git("init", "--quiet", folder=folder)
    commit(folder, "src/main.c", "deps/sources", "Makefile", "dist/SHA256SUMS")
    return folder


def commit(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        with (folder / name).open("a") as file:
            file.write("changed\n")
    git("add", *names, folder=folder)
    git("commit", "--quiet", "--message", "Change", folder=folder)


def is_current(folder: Path) -> bool:
    done = subprocess.run([folder / ".ci/dist-is-current"], capture_output=True, text=True)
    assert (done.returncode in (0, 1), done.stderr) == (True, "")
    return done.returncode == 0


@pytest.mark.parametrize("name", ["src/main.c", "src/run/new.c", "deps/sources", "Makefile"])
def test_a_change_of_the_sources_leaves_dist_behind_until_it_is_rebuilt(repository, name):
    (repository / "src/run").mkdir()
    assert is_current(repository)

    commit(repository, name)
    assert not is_current(repository)

    commit(repository, "dist/SHA256SUMS")
    assert is_current(repository)


@pytest.mark.parametrize("names", [("README.md",), ("tests/new.py", "docs/new.md"), ("src/main.c", "dist/SHA256SUMS")])
def test_dist_stays_current_with_other_changes_and_with_its_own(repository, names):
    commit(repository, *names)

    assert is_current(repository)


def test_a_merge_of_changed_sources_leaves_dist_behind(repository):
    git("switch", "--quiet", "--create", "change", folder=repository)
    commit(repository, "src/main.c")
    git("switch", "--quiet", "-", folder=repository)
    commit(repository, "README.md")
    git("merge", "--quiet", "--no-edit", "change", folder=repository)

    assert not is_current(repository)
