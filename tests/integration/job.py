"""A job on the stand-in for the runner, with fake CLIs, and the rules for every step, however it ends."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

from integration.cli import FakeClis
from stand_ins.depot_public_oidc import DepotPublicOidc
from world import summary
from world.action import PLATFORM
from world.events import Event, pull_request, push
from world.runner import SYSTEM_PATH, Action, Result, Runner, Running

# For scripts that replace the action's own.
PROGRAM = '"$GITHUB_ACTION_PATH/dist/$RUNNER_OS-$RUNNER_ARCH/depot-build-push"'
BUILD = f"{PROGRAM} build"
PLAN = f"{PROGRAM} plan"


@dataclass
class Job:
    """A push to a private repository, without credentials. A test changes this before it runs the step."""

    folder: Path
    action: Path
    cli: FakeClis
    event: Event = field(default_factory=push)
    environment: dict[str, str] = field(default_factory=dict)
    # Folders at the front of PATH.
    path: list[Path] = field(default_factory=list)
    # The job's secrets, as far as the runner itself knows them.
    registered: list[str] = field(default_factory=list)
    # The service where the CLI's releases are looked up. It has none unless a test says otherwise.
    downloads: str = "http://127.0.0.1:9"
    # The service that gives tokens to open source. It gives none unless a test says otherwise.
    public_oidc: str = "http://127.0.0.1:9"

    def __post_init__(self):
        self.path = self.path or [self.cli.folder]

    @property
    def workspace(self) -> Path:
        return self.folder / "work/app/app"

    @property
    def temp(self) -> Path:
        return self.folder / "work/_temp"

    @property
    def services(self) -> dict[str, str]:
        # The job must not use an engine that this machine may have.
        engine = f"unix://{self.folder}/no-engine.sock"
        return {"DEPOT_DOWNLOAD_URL": self.downloads, "DEPOT_PUBLIC_OIDC_URL": self.public_oidc, "DOCKER_HOST": engine}

    def runner(self) -> Runner:
        reports = f"log_path={self.folder / 'sanitizer'}"
        sanitizers = {"ASAN_OPTIONS": reports, "UBSAN_OPTIONS": f"{reports}:print_stacktrace=1"}
        environment = {**sanitizers, **self.services, **self.environment}
        runner = Runner(self.folder, self.action, self.event, environment, self.path)
        runner.registered += self.registered
        return runner

    @property
    def tool_cache(self) -> Path:
        return self.folder / "tools"

    @property
    def program(self) -> Path:
        return self.action / "dist" / PLATFORM / "depot-build-push"

    def popen(self, **options) -> subprocess.Popen:
        """Starts the program itself, for tests in which a runner that reads its log, or a shell, would be in the
        way."""
        runner = self.runner()
        environment = {"INPUT_CONTEXT": ".", "PATH": f"{self.cli.folder}:{SYSTEM_PATH}", **runner.context()}
        return subprocess.Popen([self.program, "build"], env=environment, cwd=runner.workspace, **options)

    def start(self, inputs: Mapping[str, object] | None = None, **options) -> Running:
        return self.runner().start({"context": ".", **(inputs or {})}, **options)

    def run(self, inputs: Mapping[str, object] | None = None, **options) -> Result:
        return self.checked(self.start(inputs, **options).wait(120))

    def checked(self, result: Result) -> Result:
        assert self.sanitizer_reports() == [], result.raw
        assert result.left == [], "files left in RUNNER_TEMP"
        assert result.orphans == [], "processes left running"
        assert not result.commands_stopped, "the runner's commands left switched off"
        summary.check(result.summary)
        return result

    def succeed(self, inputs: Mapping[str, object] | None = None, **options) -> Result:
        result = self.run(inputs, **options)
        assert (result.exit_code, result.errors) == (0, []), result.raw
        return result

    def fail(self, inputs: Mapping[str, object] | None = None, **options) -> str:
        """The one error of a step that cannot even start to build."""
        result = self.run(inputs, **options)
        assert result.exit_code == 1, result.raw
        assert self.cli.calls == []
        (error,) = result.errors
        return error

    def cached(self) -> list[str]:
        """Everything in the tool cache."""
        return sorted(str(path.relative_to(self.tool_cache)) for path in self.tool_cache.rglob("*"))

    def sanitizer_reports(self) -> list[str]:
        return [file.read_text() for file in self.folder.glob("sanitizer.*")]


class SetupJob(Job):
    """A job with the step of setup/action.yml."""

    def runner(self) -> Runner:
        runner = super().runner()
        runner.action = Action(self.action / "setup")
        return runner

    def start(self, inputs: Mapping[str, object] | None = None, **options) -> Running:
        return self.runner().start(inputs or {}, **options)


@dataclass
class ChallengedJob(Job):
    """A fork's pull request to a public repository. The service of the open-source challenge reads its log."""

    service: DepotPublicOidc | None = None
    running: Running | None = None

    def __post_init__(self):
        super().__post_init__()
        self.event = pull_request(fork=True)
        self.public_oidc = self.service.url
        self.service.log = lambda: "\n".join(self.running.lines if self.running else [])

    def start(self, inputs: Mapping[str, object] | None = None, **options) -> Running:
        self.running = super().start(inputs, **options)
        return self.running
