"""What each end-to-end test begins with, in the world that they share."""

from __future__ import annotations

import pytest

from end_to_end.job import RealJob


@pytest.fixture
def job(tmp_path, released_action, parts, plain_docker, hosted) -> RealJob:
    return RealJob(tmp_path, released_action, parts, hosted, docker=plain_docker)
