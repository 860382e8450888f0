"""What each end-to-end test starts with, in the world that they share. Each runs with both generations of parts, unless
it names one."""

from __future__ import annotations

import pytest

from end_to_end.job import RealJob
from world.parts import TODAY, YESTERDAY


# Today's parts must be built, and every test then runs once more. That takes too long for `make test`.
@pytest.fixture(scope="session", params=[YESTERDAY, pytest.param(TODAY, marks=pytest.mark.long)])
def generation(request) -> str:
    return request.param


@pytest.fixture
def job(tmp_path, released_action, parts, plain_docker, hosted) -> RealJob:
    return RealJob(tmp_path, released_action, parts, hosted, docker=plain_docker)
