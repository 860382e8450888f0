"""A job that runs the programs that users get, in the kinds of places where users run them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from integration.cli import IMAGE_ID, METADATA
from integration.job import Job
from release.roots import enter
from stand_ins.depot_auth import DepotAuth
from stand_ins.github_oidc import GithubOidc
from world.certificates import Identity
from world.runner import Result, Runner

TOKEN = "depot_project_marked_0123456789abcdef"
OUTPUTS = {"imageid": IMAGE_ID, "metadata": METADATA, "build-id": "build1", "project-id": "project1"}


@dataclass
class Call:
    arguments: list[str]
    environment: dict[str, str]


@dataclass
class StaticCli:
    """The tests' side of static_cli.c."""

    folder: Path
    program: Path

    def __post_init__(self):
        (self.folder / "records").mkdir(parents=True)
        shutil.copy(self.program, self.folder / "depot")
        (self.folder / "metadata").write_text(METADATA)
        (self.folder / "image_id").write_text(IMAGE_ID)

    @property
    def calls(self) -> list[Call]:
        if not (self.folder / "records/arguments").exists():
            return []
        environment = dict(variable.split("=", 1) for variable in self._record("environment"))
        return [Call(self._record("arguments")[1:], environment)]

    @property
    def call(self) -> Call:
        (call,) = self.calls
        return call

    def _record(self, name: str) -> list[str]:
        return (self.folder / "records" / name).read_text().split("\0")[:-1]


@dataclass
class ReleasedJob(Job):
    # The step sees this root and, in it, the job's own folder. If it is not set, the root is this machine's.
    root: Path | None = None
    # Further folders of this machine that the step sees in the root.
    seen: list[Path] = field(default_factory=list)
    through: list[str | Path] = field(default_factory=list)

    def runner(self) -> Runner:
        runner = super().runner()
        runner.through = list(self.through)
        if self.root:
            runner.through += enter(self.root, [self.folder, self.action, *self.seen])
        return runner

    def write(self, path: str, content: str) -> str:
        """Writes a file in the root."""
        file = Path(f"{self.root}{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return path


@dataclass
class Services:
    """The services that give a job its token without a secret, over TLS."""

    oidc: GithubOidc = field(default_factory=GithubOidc)
    auth: DepotAuth = field(default_factory=DepotAuth)

    def environment(self) -> dict[str, str]:
        return {**self.oidc.environment(), "DEPOT_AUTH_URL": self.auth.url}

    @property
    def both(self) -> tuple[GithubOidc, DepotAuth]:
        return self.oidc, self.auth

    def start(self) -> None:
        for service in self.both:
            service.start()

    @contextmanager
    def running(self, identity: Identity, host: str = "localhost", start=lambda action: action(), **versions):
        """`start` runs a function that makes the sockets."""
        for service in self.both:
            service.tls, service.host = identity.context(**versions), host
        try:
            start(self.start)
            yield self
        finally:
            for service in self.both:
                service.stop()


def assert_built(result: Result, outputs: dict[str, str] = OUTPUTS) -> None:
    assert {name: result.outputs[name] for name in outputs} == outputs


def succeed_with_exchange(job: ReleasedJob, services: Services) -> Result:
    """The step gets its token from the services, and builds with it."""
    result = job.succeed()
    assert result.messages("warning") == [], result.raw
    (token,) = services.auth.issued
    assert job.cli.call.environment["DEPOT_TOKEN"] == token
    assert token in result.masks
    assert_built(result)
    return result


def warning_without_token(job: ReleasedJob, services: Services) -> str:
    """The one warning of a job that got no token. Its build continues with the CLI's own credentials."""
    result = job.succeed()
    assert services.auth.issued == []
    assert "DEPOT_TOKEN" not in job.cli.call.environment
    (warning,) = result.messages("warning")
    return warning
