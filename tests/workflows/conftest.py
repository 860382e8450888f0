"""A repository with workflows that run on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stand_ins.github_git import GithubGit
from workflows.engine import Repository
from world import parts as real_parts
from world.action import ROOT

LINTERS = ROOT / "tests/stand_ins/linters"
# The images that the pinned depot CLI asks for.
LINTER_IMAGES = ("hadolint/hadolint:2.12.0", "returntocorp/semgrep:1.34.1")


def go_program(name: str) -> Path:
    try:
        return real_parts.go_program(name)
    except real_parts.PartsMissing as missing:
        pytest.skip(f"NO GO PROGRAMS, WORKFLOWS ARE NOT TESTED: {missing}")


@pytest.fixture(scope="session")
def act() -> Path:
    return go_program("act")


@pytest.fixture(scope="session")
def actionlint() -> Path:
    return go_program("actionlint")


@pytest.fixture(scope="session")
def linters(amd64_machine, parts, tmp_path_factory) -> None:
    """Gives the machine the images that `depot build --lint` runs, as if it had pulled them."""
    context = tmp_path_factory.mktemp("linters")
    shutil.copytree(LINTERS, context, dirs_exist_ok=True)
    shutil.copy(parts.busybox, context)
    for image in LINTER_IMAGES:
        amd64_machine.docker("build", "--tag", image, str(context))


@pytest.fixture
def repository(tmp_path, released_action, act, parts, plain_docker, hosted, registry) -> Repository:
    """Its REGISTRY is a real one. A test may change all of this before it runs a workflow."""
    with GithubGit(tmp_path / "hosting", token="ghs_0123456789abcdefghijklmnopqrstuvwxyz") as git:
        repository = Repository(tmp_path, released_action, act, parts, hosted, plain_docker, git)
        repository.variables["REGISTRY"] = registry.address
        repository.write("depot.json", '{"id": "demoproject"}\n')
        yield repository
