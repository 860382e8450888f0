"""What each integration test starts with."""

from __future__ import annotations

import pytest

from integration.cli import FakeClis
from integration.job import Job, SetupJob
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.github_oidc import GithubOidc
from world.action import DEVELOPMENT, ORDINARY, SANITIZED, make_action


@pytest.fixture(scope="session")
def action(tmp_path_factory):
    """The action with the sanitized program, which finds more than any assertion."""
    return make_action(tmp_path_factory.mktemp("action"), SANITIZED)


@pytest.fixture(scope="session")
def ordinary_action(tmp_path_factory):
    return make_action(tmp_path_factory.mktemp("ordinary-action"), ORDINARY)


@pytest.fixture(scope="session")
def development_action(tmp_path_factory):
    return make_action(tmp_path_factory.mktemp("development-action"), DEVELOPMENT)


@pytest.fixture
def cli(tmp_path):
    return FakeClis(tmp_path / "bin")


@pytest.fixture(scope="session")
def no_releases():
    with DepotDownloads() as service:
        yield service.url


@pytest.fixture(scope="session")
def no_challenges():
    with DepotPublicOidc() as service:
        yield service.url


@pytest.fixture
def job(tmp_path, action, cli, no_releases, no_challenges):
    return Job(tmp_path, action, cli, downloads=no_releases, public_oidc=no_challenges)


@pytest.fixture
def downloads():
    with DepotDownloads() as service:
        yield service


@pytest.fixture
def setup_job(tmp_path, action, cli, downloads):
    return SetupJob(tmp_path, action, cli, downloads=downloads.url)


@pytest.fixture
def oidc():
    with GithubOidc() as service:
        yield service


@pytest.fixture
def auth():
    with DepotAuth() as service:
        yield service


@pytest.fixture
def identity(job: Job, oidc, auth):
    """Gives the job `id-token: write`."""
    job.environment |= {**oidc.environment(), "DEPOT_AUTH_URL": auth.url}
