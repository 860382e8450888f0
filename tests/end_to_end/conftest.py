"""The world of the end-to-end tests: started once for all of them, and each test's own runner and project in it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

from world import parts as real_parts  # noqa: E402 - needs the path
from world.engine import Engine, EngineImpossible  # noqa: E402
from world.events import Event, push  # noqa: E402
from world.hosted import Hosted  # noqa: E402
from world.registry import Registry  # noqa: E402
from world.runner import Result, Runner, Running  # noqa: E402

BASE = """\
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
"""


@pytest.fixture(scope="session")
def parts() -> real_parts.Parts:
    try:
        return real_parts.get()
    except real_parts.PartsMissing as missing:
        pytest.skip(f"NO REAL PARTS, NOTHING IS TESTED END TO END: {missing}")


@contextlib.contextmanager
def _engine(parts: real_parts.Parts, containerd_store: bool = True):
    try:
        with Engine(parts, containerd_store) as engine:
            yield engine
    except EngineImpossible as reason:
        pytest.skip(f"NO DOCKER ENGINE CAN RUN HERE, NOTHING IS TESTED END TO END: {reason}")


@pytest.fixture(scope="session")
def amd64_engine(parts):
    with _engine(parts) as engine:
        yield engine


@pytest.fixture(scope="session")
def arm64_engine(parts):
    with _engine(parts) as engine:
        yield engine


@pytest.fixture(scope="session")
def full_docker(parts):
    """A docker whose builder can do all that BuildKit can."""
    with _engine(parts) as engine:
        yield engine


@pytest.fixture(scope="session")
def plain_docker(parts):
    """A docker as a hosted runner has it."""
    with _engine(parts, containerd_store=False) as engine:
        yield engine


@pytest.fixture(scope="session")
def registry(parts):
    with Registry(parts) as registry:
        yield registry


@pytest.fixture
def hosted(amd64_engine, arm64_engine):
    with Hosted({"amd64": amd64_engine, "arm64": arm64_engine}) as hosted:
        yield hosted


@pytest.fixture
def job(tmp_path, parts, plain_docker, hosted) -> Job:
    """A job of a push to the repository; a test may change it before it runs the step."""
    return Job(tmp_path, parts, hosted, docker=plain_docker)


@dataclass
class Job:
    folder: Path
    parts: real_parts.Parts
    hosted: Hosted
    docker: Engine
    event: Event = field(default_factory=push)
    environment: dict[str, str] = field(default_factory=dict)
    # Folders before all others in PATH.
    path: list[Path] = field(default_factory=list)
    github_token: str = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"

    @property
    def workspace(self) -> Path:
        return self.folder / "work/app/app"

    def write(self, name: str, text: str) -> Path:
        file = self.workspace / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def dockerfile(self, *lines: str) -> None:
        """A Dockerfile with these lines on a base of busybox."""
        self.write("Dockerfile", BASE + "\n".join(lines) + "\n")
        shutil.copy(self.parts.busybox, self.workspace / "busybox")

    def runner(self) -> Runner:
        environment = {
            **self.hosted.environment(self.event),
            **self.docker.client_environment(self.folder / "home"),
            **self.environment,
        }
        path = [*self.path, *self.parts.runner_path]
        return Runner(self.folder, ROOT, self.event, environment, path, self.github_token)

    def start(self, inputs: dict, **options) -> Running:
        return self.runner().start({"context": ".", **inputs}, **options)

    def run(self, inputs: dict, **options) -> Result:
        """Runs the step, and checks what holds for every run, however it ends."""
        return checked(self.start(inputs, **options).wait())

    def succeed(self, inputs: dict, **options) -> Result:
        result = self.run(inputs, **options)
        assert result.exit_code == 0, result.log
        return result


def checked(result: Result) -> Result:
    assert result.left == [], "files left in RUNNER_TEMP"
    assert result.orphans == [], "processes left running"
    assert not result.commands_stopped, "the runner's commands left switched off"
    return result
