"""A repository whose workflows run on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from stand_ins.github_git import GithubGit
from workflows.engine import Repository
from world import parts as real_parts


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


@pytest.fixture
def repository(tmp_path, act, parts, plain_docker, hosted, registry) -> Repository:
    """Its REGISTRY is a real one. A test may change all before it runs a workflow."""
    with GithubGit(tmp_path / "hosting", token="ghs_0123456789abcdefghijklmnopqrstuvwxyz") as git:
        repository = Repository(tmp_path, act, parts, hosted, plain_docker, git)
        repository.variables["REGISTRY"] = registry.address
        repository.write("depot.json", '{"id": "demoproject"}\n')
        yield repository
