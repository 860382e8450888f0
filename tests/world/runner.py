"""A stand-in for GitHub's runner, for one step: runs an action's own script, with the environment and the handling of
output that the runner provides."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Mapping

import yaml

from stand_ins.service import ANSWERED
from world import boundary
from world.commands import Annotation, Command, StepLog, parse_file_command
from world.events import Event

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ARCHITECTURES = {"x86_64": "X64", "aarch64": "ARM64"}
FILE_COMMANDS = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")

# How the runner ends a cancelled step: the signals, and the seconds before the next one.
CANCELLATION = ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5))


class Action:
    """A composite action with one step, as its action.yml describes it."""

    def __init__(self, folder: Path, file: str = "action.yml"):
        self.folder = folder
        self.description = yaml.safe_load((folder / file).read_text())
        runs = self.description["runs"]
        if runs["using"] != "composite" or len(runs["steps"]) != 1:
            raise ValueError(f"{file} is not a composite action of one step")
        self.step = runs["steps"][0]
        if self.step["shell"] != "sh":
            raise ValueError(f"{file}: shell: {self.step['shell']} is not known here")

    def environment(self, given: Mapping[str, object], github_token: str) -> dict[str, str]:
        """The step's `env:` for these values of `with:`."""
        values = {"github.token": github_token}
        declared = self.description.get("inputs") or {}
        unknown = set(given) - set(declared)
        if unknown:
            raise ValueError(f"action.yml has no input {', '.join(sorted(unknown))}")
        for name, description in declared.items():
            default = _evaluate((description or {}).get("default", ""), values)
            values[f"inputs.{name}"] = _text(given.get(name, default))
        return {name: _evaluate(value, values) for name, value in (self.step.get("env") or {}).items()}

    def outputs(self, of_step: Mapping[str, str]) -> dict[str, str]:
        """The action's outputs, given those that its step has set."""
        described = self.description.get("outputs") or {}
        prefix = f"steps.{self.step.get('id')}.outputs."
        values = {prefix + name: value for name, value in of_step.items()}
        return {name: _evaluate(output["value"], values, prefix) for name, output in described.items()}


@dataclass
class Result:
    exit_code: int
    lines: list[str]
    log: str
    annotations: list[Annotation]
    obeyed: list[Command]
    masks: list[str]
    outputs: dict[str, str]
    environment: dict[str, str]
    paths: list[str]
    summary: str
    # Files that the step left in RUNNER_TEMP, and processes that it left running.
    left: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    commands_stopped: bool = False

    @property
    def raw(self) -> str:
        return "\n".join(self.lines)

    def messages(self, level: str) -> list[str]:
        return [note.message for note in self.annotations if note.level == level]

    @property
    def errors(self) -> list[str]:
        return self.messages("error")


class Runner:
    """A runner's folders, and what a workflow sets for all steps of its job (`environment`, `path`)."""

    def __init__(
        self,
        folder: Path,
        action: Path,
        event: Event,
        environment: Mapping[str, str] | None = None,
        path: list[Path] | None = None,
        github_token: str | None = None,
    ):
        self.action = Action(action)
        self.event = event
        self.environment = dict(environment or {})
        self.path = path or []
        # A command that starts the step's shell, in another root or network, or with less than this machine has.
        self.through: list[str | Path] = []
        self.workspace = folder / "work/app/app"
        self.temp = folder / "work/_temp"
        self.tool_cache = folder / "tools"
        self.home = folder / "home"
        self.files = folder / "files"
        self.github_token = github_token or f"ghs_{uuid.uuid4().hex}"
        # The secrets of the job that the runner itself knows.
        self.registered = [self.github_token]
        for path_ in (self.workspace, self.temp, self.tool_cache, self.home, self.files):
            path_.mkdir(parents=True, exist_ok=True)

    def run(self, inputs: Mapping[str, object], seconds: float = 300, **options) -> Result:
        """Runs the step until it ends. `options` are those of start()."""
        return self.start(inputs, **options).wait(seconds)

    def start(
        self,
        inputs: Mapping[str, object],
        environment: Mapping[str, str] | None = None,
        show: Callable[[str], None] | None = None,
        script: str | None = None,
    ) -> Running:
        """Starts the step with these values of `with:`. `environment` is added to that of the job, `show` is called
        with each line as the log shows it, and `script` replaces the action's own."""
        return Running(self, inputs, environment or {}, show, script or self.action.step["run"])

    def context(self) -> dict[str, str]:
        """The variables that the runner itself sets."""
        payload = self.files / "event.json"
        payload.write_text(json.dumps(self.event.payload))
        owner = self.event.repository.partition("/")[0]
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action.folder),
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(payload),
            "GITHUB_REF": self.event.ref,
            "GITHUB_REPOSITORY": self.event.repository,
            "GITHUB_REPOSITORY_OWNER": owner,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "424242",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": self.event.sha,
            "GITHUB_WORKFLOW": "build",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_ARCH": ARCHITECTURES.get(platform.machine(), "X64"),
            "RUNNER_NAME": "double",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_TOOL_CACHE": str(self.tool_cache),
        }


class Running:
    """A step that is running."""

    def __init__(self, runner: Runner, inputs, environment, show, script: str):
        self._runner = runner
        self._show = show
        self._log = StepLog(runner.registered)
        self._inputs = inputs
        self._answered = len(ANSWERED)
        self._lines: list[str] = []
        self._lock = threading.Lock()
        # The runner uses this variable to find what a job leaves running.
        self._tracking = f"github_{uuid.uuid4()}"
        self._files = {name: runner.files / f"{name.lower()}_{uuid.uuid4()}" for name in FILE_COMMANDS}
        for file in self._files.values():
            file.touch()
        file = runner.files / f"{uuid.uuid4()}.sh"
        file.write_text(script)
        self._variables = self._environment(inputs, environment)
        self._process = subprocess.Popen(
            [*map(str, runner.through), "sh", "-e", str(file)],
            cwd=runner.workspace,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        streams = (self._process.stdout, self._process.stderr)
        self._readers = [threading.Thread(target=self._read, args=(stream,), daemon=True) for stream in streams]
        for reader in self._readers:
            reader.start()

    def wait(self, seconds: float = 300) -> Result:
        try:
            code = self._process.wait(seconds)
        except BaseException:
            self.kill()
            raise
        orphans = self._orphans()
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for reader in self._readers:
            reader.join()
        return self._result(code, list(orphans.values()))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lines(self) -> list[str]:
        """What the step has printed so far."""
        return list(self._lines)

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Waits until the step has printed a line with this text."""
        deadline = time.monotonic() + seconds
        while not any(text in line for line in self.lines):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"the step did not print {text!r}, but:\n" + "\n".join(self._lines[-40:]))
            time.sleep(0.02)

    def cancel(self) -> Result:
        """Ends the step as the runner does when a job is cancelled."""
        for number, seconds in CANCELLATION:
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                return self.wait()
        self.kill()
        return self.wait()

    def kill(self) -> None:
        for pid in (*self._orphans(), self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def processes(self) -> list[str]:
        """The command lines of all processes that belong to the step."""
        return list(self._orphans().values())

    def _environment(self, inputs, environment) -> dict[str, str]:
        runner = self._runner
        return {
            "HOME": str(runner.home),
            "PATH": ":".join([*map(str, runner.path), SYSTEM_PATH]),
            **runner.context(),
            **{name: str(file) for name, file in self._files.items()},
            "RUNNER_TRACKING_ID": self._tracking,
            **runner.environment,
            **environment,
            **runner.action.environment(inputs, runner.github_token),
        }

    def _read(self, stream) -> None:
        # The runner also ends a line at a lone carriage return.
        with open(stream.fileno(), encoding="utf-8", errors="replace", newline=None, closefd=False) as lines:
            for line in lines:
                with self._lock:
                    self._take(line.rstrip("\n"))

    def _take(self, line: str) -> None:
        self._lines.append(line)
        shown = self._log.take(line)
        if shown is not None and self._show:
            self._show(shown)

    def _orphans(self) -> dict[int, str]:
        wanted = f"RUNNER_TRACKING_ID={self._tracking}".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (process / "environ").read_bytes().split(b"\0"):
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        return found

    def _result(self, code: int, orphans: list[str]) -> Result:
        log, read = self._log, {name: file.read_text() for name, file in self._files.items()}
        of_step = {**log.outputs, **parse_file_command(read["GITHUB_OUTPUT"])}
        summary = log.mask_file(read["GITHUB_STEP_SUMMARY"])
        step = boundary.Step(self._inputs, self._variables, ANSWERED[self._answered :], self._runner.registered)
        boundary.check(log, step, [*log.shown, summary], of_step, ended=code >= 0)
        return Result(
            exit_code=code,
            lines=self._lines,
            log="\n".join(log.shown),
            annotations=log.annotations,
            obeyed=log.obeyed,
            masks=log.masks,
            outputs=self._runner.action.outputs(of_step),
            environment=parse_file_command(read["GITHUB_ENV"]),
            paths=read["GITHUB_PATH"].split("\n")[:-1],
            summary=summary,
            left=_files_below(self._runner.temp),
            orphans=orphans,
            commands_stopped=log.stopped,
        )


def copy_context(source: Path, workspace: Path) -> None:
    """Copies a folder, as actions/checkout would."""
    shutil.copytree(source, workspace, dirs_exist_ok=True)


def _files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _evaluate(template: object, values: Mapping[str, str], optional_prefix: str | None = None) -> str:
    def value(found: re.Match) -> str:
        name = found.group(1)
        if name not in values and optional_prefix and name.startswith(optional_prefix):
            return ""
        if name not in values:
            raise ValueError(f"the stand-in for the runner cannot evaluate ${{{{ {name} }}}}")
        return values[name]

    return EXPRESSION.sub(value, _text(template))


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
