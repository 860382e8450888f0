"""What each integration test begins with."""

from __future__ import annotations

import pytest

from integration.cli import FakeClis
from integration.job import ORDINARY, SANITIZED, Job, make_action


@pytest.fixture(scope="session")
def action(tmp_path_factory):
    """The action with the sanitized program, which finds more than any assertion."""
    return make_action(tmp_path_factory.mktemp("action"), SANITIZED)


@pytest.fixture(scope="session")
def ordinary_action(tmp_path_factory):
    return make_action(tmp_path_factory.mktemp("ordinary-action"), ORDINARY)


@pytest.fixture
def cli(tmp_path):
    return FakeClis(tmp_path / "bin")


@pytest.fixture
def job(tmp_path, action, cli):
    return Job(tmp_path, action, cli)
