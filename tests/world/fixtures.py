"""What the end-to-end tests and the workflow tests share: the real parts, started once for all of them."""

from __future__ import annotations

import contextlib

import pytest

from world import parts as real_parts
from world.action import make_action
from world.buildkitd import Buildkitd
from world.engine import Engine, EngineImpossible
from world.hosted import Hosted
from world.parts import YESTERDAY
from world.registry import Registry


@pytest.fixture(scope="session")
def released_action(tmp_path_factory):
    return make_action(tmp_path_factory.mktemp("released-action"))


@pytest.fixture(scope="session")
def generation() -> str:
    """The generation of the parts that build. Tests that run on both use it as a parameter."""
    return YESTERDAY


@pytest.fixture(scope="session")
def parts(generation) -> real_parts.Parts:
    try:
        return real_parts.get(generation=generation)
    except real_parts.PartsMissing as missing:
        pytest.skip(f"NO REAL PARTS, NOTHING IS TESTED END TO END: {missing}")


@contextlib.contextmanager
def _engine(parts: real_parts.Parts, containerd_store: bool = True):
    try:
        with Engine(parts, containerd_store) as engine:
            yield engine
    except EngineImpossible as reason:
        pytest.skip(f"NO DOCKER ENGINE CAN RUN HERE, NOTHING IS TESTED END TO END: {reason}")


def _machine(parts: real_parts.Parts, architecture: str):
    """Today's machine is like Depot's. Debian has no such BuildKit, so yesterday's is that of an engine."""
    return Buildkitd(parts, architecture) if parts.today else _engine(parts)


@pytest.fixture(scope="session")
def amd64_machine(parts):
    with _machine(parts, "amd64") as machine:
        yield machine


@pytest.fixture(scope="session")
def arm64_machine(parts):
    with _machine(parts, "arm64") as machine:
        yield machine


@pytest.fixture(scope="session")
def full_docker(parts):
    """A docker with a builder that can do everything that BuildKit can."""
    with _engine(parts) as engine:
        yield engine


@pytest.fixture(scope="session")
def plain_docker(parts):
    """A docker like that of a hosted runner."""
    with _engine(parts, containerd_store=False) as engine:
        yield engine


@pytest.fixture(scope="session")
def registry(parts):
    with Registry(parts) as registry:
        yield registry


@pytest.fixture(scope="session")
def private_registry(parts):
    with Registry(parts, private=True) as registry:
        yield registry


@pytest.fixture
def hosted(amd64_machine, arm64_machine):
    with Hosted({"amd64": amd64_machine, "arm64": arm64_machine}) as hosted:
        yield hosted
