"""A job on the stand-in for the runner, with real CLIs, builders and registry."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from world import parts as real_parts
from world.engine import Engine
from world.events import Event, push
from world.hosted import Hosted
from world.parts import TODAY, YESTERDAY
from world.runner import Result, Runner, Running

BASE = """\
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
"""

# The generation for a test that does not run on both.
YESTERDAY_ONLY = pytest.mark.parametrize("generation", [YESTERDAY], indirect=True)
TODAY_ONLY = pytest.mark.parametrize("generation", [pytest.param(TODAY, marks=pytest.mark.long)], indirect=True)


@dataclass
class RealJob:
    """A push to the repository. A test may change this before it runs the step."""

    folder: Path
    action: Path
    parts: real_parts.Parts
    hosted: Hosted
    docker: Engine
    event: Event = field(default_factory=push)
    environment: dict[str, str] = field(default_factory=dict)
    # Folders at the front of PATH.
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
        return Runner(self.folder, self.action, self.event, environment, path, self.github_token)

    def docker_client(self, *arguments: str) -> None:
        """Runs docker as an earlier step of the job would."""
        environment = {"PATH": os.defpath, **self.docker.client_environment(self.folder / "home")}
        subprocess.run([self.parts.docker, *arguments], env=environment, check=True, capture_output=True)

    def start(self, inputs: dict, **options) -> Running:
        return self.runner().start({"context": ".", **inputs}, **options)

    def run(self, inputs: dict, **options) -> Result:
        """Runs the step, and checks the rules for every run, however it ends."""
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
