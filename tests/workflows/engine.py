"""Runs a workflow file in `act`, a workflow engine that we did not write, and reads the result.

GitHub decides some things outside of a job, and act does not, so they are decided here: only a job with `id-token:
write` has an identity, a fork's pull request has neither that nor secrets nor variables, and Dependabot has its own
secrets.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

import yaml

from stand_ins.github_git import GithubGit
from world.action import ROOT
from world.engine import Engine
from world.events import DEPENDABOT, Event
from world.hosted import Hosted
from world.parts import Parts
from world.runner import SYSTEM_PATH

EXAMPLES = ROOT / "examples"
SECONDS = 300
ANNOTATIONS = ("error", "warning", "notice")
IDENTITY = "ACTIONS_ID_TOKEN_REQUEST_"
LOGIN_ACTION = ROOT / "tests/stand_ins/actions/login-action"


@dataclass(frozen=True)
class Annotation:
    level: str
    message: str
    title: str = ""


@dataclass
class Run:
    """What a run of a workflow left. `records` is act's log, one dictionary for each line."""

    exit_code: int
    records: list[dict]
    errors: str = ""

    @property
    def log(self) -> str:
        """Everything that a reader of the log sees."""
        return "\n".join(record["msg"].rstrip("\n") for record in self.records) + self.errors

    @property
    def printed(self) -> list[str]:
        """The lines that steps printed, as the log shows them."""
        return [record["msg"].rstrip("\r\n") for record in self.records if record.get("raw_output")]

    @property
    def jobs(self) -> dict[str, str]:
        """Each job's result, by its ID and its part of a matrix: `image (api)`."""
        return {_name(record): record["jobResult"] for record in self.records if "jobResult" in record}

    @property
    def annotations(self) -> list[Annotation]:
        return [
            Annotation(record["command"], record["arg"], record["kvPairs"].get("title", ""))
            for record in self.records
            if record.get("command") in ANNOTATIONS
        ]

    def messages(self, level: str) -> list[str]:
        return [note.message for note in self.annotations if note.level == level]

    @property
    def summaries(self) -> list[str]:
        return [record["content"] for record in self.records if record.get("command") == "summary"]


@dataclass
class Repository:
    """A repository on GitHub with workflows, secrets and variables, and the runner of its jobs."""

    folder: Path
    action: Path
    act: Path
    parts: Parts
    hosted: Hosted
    docker: Engine
    git: GithubGit
    secrets: dict[str, str] = field(default_factory=dict)
    dependabot_secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    # Folders for the PATH of the jobs, and further variables of the runner.
    path: list[Path] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def contents(self) -> Path:
        return self.folder / "contents"

    def write(self, name: str, text: str) -> Path:
        file = self.contents / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def dockerfile(self, *lines: str, name: str = "Dockerfile") -> None:
        """A Dockerfile with these lines on a base of busybox."""
        base = ("FROM scratch", "COPY busybox /bin/busybox", 'RUN ["/bin/busybox", "--install", "-s", "/bin"]')
        self.write(name, "\n".join((*base, *lines)) + "\n")
        shutil.copy(self.parts.busybox, self.contents / "busybox")

    def run(self, workflow: Path, event: Event) -> Run:
        file = self.write(f".github/workflows/{workflow.name}", workflow.read_text())
        sha = self.git.publish(event.repository, self.contents)
        checkout = self._check_out(event)
        command = [
            *(self.act, event.name, "--json", "--platform", "ubuntu-latest=-self-hosted"),
            *("--directory", checkout, "--workflows", checkout / file.relative_to(self.contents)),
            *("--eventpath", self._payload(event), "--actor", event.actor),
            *("--no-cache-server", "--action-cache-path", self.folder / "act", "--concurrent-jobs", "1"),
            *("--local-repository", f"depot/build-push-action@v1={self.action}"),
            *("--local-repository", f"docker/login-action@v3={LOGIN_ACTION}"),
            *_options("--env", self._context(event, sha)),
            *_options("--secret", {"GITHUB_TOKEN": self.git.token, **self._secrets(event)}),
            *_options("--var", self.variables if event.trusted else {}),
        ]
        return self._read(command, self._environment(event, sha, workflow))

    def _secrets(self, event: Event) -> dict[str, str]:
        if event.actor == DEPENDABOT:
            return self.dependabot_secrets
        return self.secrets if event.trusted else {}

    def _check_out(self, event: Event) -> Path:
        """What act copies if a step uses actions/checkout."""
        checkout = self.folder / "checkout"
        shutil.rmtree(checkout, ignore_errors=True)
        hosting = self.git.folder / f"{event.repository}.git"
        subprocess.run(["git", "clone", "--quiet", hosting, checkout], check=True)
        return checkout

    def _payload(self, event: Event) -> Path:
        file = self.folder / "event.json"
        file.write_text(json.dumps(event.payload))
        return file

    def _context(self, event: Event, sha: str) -> dict[str, str]:
        return {
            "GITHUB_REPOSITORY": event.repository,
            "GITHUB_REPOSITORY_OWNER": event.repository.partition("/")[0],
            "GITHUB_RUN_ID": "424242",
            "GITHUB_SERVER_URL": self.git.url,
            # act's name for GITHUB_SHA
            "SHA_REF": sha,
        }

    def _environment(self, event: Event, sha: str, workflow: Path) -> dict[str, str]:
        services = self.hosted.environment(event)
        oidc, description = self.hosted.oidc, yaml.safe_load(workflow.read_text())
        oidc.sha, oidc.workflow, oidc.workflow_file = sha, description["name"], workflow.name
        if not _wants_identity(description):
            services = {name: value for name, value in services.items() if not name.startswith(IDENTITY)}
        path = self.path or self.parts.runner_path
        return {
            **services,
            **self.docker.client_environment(self.folder / "home"),
            "PATH": ":".join([*map(str, path), SYSTEM_PATH]),
            **self.environment,
        }

    def _read(self, command: list, environment: dict[str, str]) -> Run:
        # act reads .env, .secrets and .actrc in its working directory.
        here = self.folder / "empty"
        here.mkdir(exist_ok=True)
        done = subprocess.run(
            list(map(str, command)),
            cwd=here,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        return Run(done.returncode, [json.loads(line) for line in lines], done.stderr)


def _name(record: dict) -> str:
    values = ", ".join(map(str, record["matrix"].values()))
    return record["jobID"] + (f" ({values})" if values else "")


def _wants_identity(workflow: dict) -> bool:
    """Whether it says `id-token: write`. act has one environment for all jobs, so if one job may, all may."""
    permissions = [place.get("permissions") or {} for place in (workflow, *workflow["jobs"].values())]
    return any(each == "write-all" or "id-token" in each and each["id-token"] == "write" for each in permissions)


def _options(option: str, values: Mapping[str, str]) -> list[str]:
    return [f"{option}={name}={value}" for name, value in values.items()]
