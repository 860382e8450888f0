"""The tests' side of fake_cli.py: what the fakes must do, and what they saw."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable

PROGRAM = Path(__file__).with_name("fake_cli.py")
NAMES = ("depot", "docker")

DIGEST = "sha256:" + "d" * 64
IMAGE_ID = "sha256:" + "1" * 64
METADATA = json.dumps(
    {"containerimage.digest": DIGEST, "depot.build": {"buildID": "build1", "projectID": "project1"}}, indent=2
)


class Step(list):
    """One step of a fake CLI, by its name in fake_cli.py: Step("out", "text")."""

    def __init__(self, name: str, *arguments):
        super().__init__([name, *map(_portable, arguments)])


def _portable(value):
    if isinstance(value, str):
        value = value.encode()
    return value.decode("latin-1") if isinstance(value, bytes) else value


def docker_info(buildx: str = "0.15.1", containerd_store: bool = True, **more) -> str:
    """What `docker info` prints about an engine and its client."""
    status = [["driver-type", "io.containerd.snapshotter.v1"]] if containerd_store else [["userxattr", "false"]]
    plugins = [{"Name": "buildx", "Version": buildx}] if buildx else []
    return json.dumps({"DriverStatus": status, "ClientInfo": {"Version": "26.1.5", "Plugins": plugins}, **more}) + "\n"


def docker_builder(driver: str = "docker", platforms: str = "linux/amd64, linux/arm64") -> str:
    """What `docker buildx inspect` prints about a builder."""
    return f"Name:   default\nDriver: {driver}\n\nNodes:\nName:      default\nPlatforms: {platforms}\n"


SUCCESS = (Step("metadata", METADATA), Step("image_id", IMAGE_ID))


@dataclass
class Call:
    """One start of a fake CLI, as fake_cli.py saw it."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    directory: str
    stdin: str
    descriptors: list[int]
    leads_group: bool
    blocked_signals: str
    core_limit: int
    secrets: list[dict]
    private_directory: dict[str, int]
    parent_arguments: str
    parent_environment: str

    @property
    def command(self) -> list[str]:
        return [self.name, *self.arguments]

    def values(self, flag: str) -> list[str]:
        return [value for name, value in zip(self.arguments, self.arguments[1:]) if name == flag]


@dataclass
class FakeClis:
    """Fakes of both CLIs, in a folder for PATH. Their builds succeed unless does() says otherwise."""

    folder: Path
    names: tuple[str, ...] = NAMES
    records: Path = field(init=False)

    def __post_init__(self):
        self.records = self.folder / "records"
        self.records.mkdir(parents=True)
        for name in self.names:
            shutil.copy(PROGRAM, self.folder / name)
        self.does(*SUCCESS)
        self.docker_can(docker_info(), docker_builder())

    def docker_can(self, info: str, builder: str, *create: Step, before: Iterable[Step] = ()) -> None:
        """What docker reports about itself, what it does before that, and what it does to create a builder."""
        no_builder = [] if builder else [Step("leave", 1)]
        answers = {
            "info": [*before, Step("out", info)],
            "buildx inspect": [*before, Step("out", builder), *no_builder],
            "buildx create": list(create),
            "buildx rm": [],
        }
        (self.folder / "docker.json").write_text(json.dumps(answers))

    def answers(self, question: str, *steps: Step) -> None:
        """What docker does for this question from now on."""
        answers = json.loads((self.folder / "docker.json").read_text())
        (self.folder / "docker.json").write_text(json.dumps({**answers, question: list(steps)}))

    def git_is_faked(self) -> None:
        """A fake git, which finds no changes."""
        shutil.copy(PROGRAM, self.folder / "git")
        (self.folder / "git.json").write_text(json.dumps({"": []}))

    @property
    def asked(self) -> list[str]:
        """What docker was asked, besides builds. Questions that are asked at the same time may be in any order."""
        file = self.records / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def does(self, *steps: Step) -> None:
        (self.folder / "steps.json").write_text(json.dumps(steps))

    @property
    def calls(self) -> list[Call]:
        """The builds, one after the other."""
        return self._recorded("[0-9]*.json")

    @property
    def questions(self) -> list[Call]:
        return self._recorded("question-*.json")

    def _recorded(self, names: str) -> list[Call]:
        return [Call(**json.loads(file.read_text())) for file in sorted(self.records.glob(names))]

    @property
    def call(self) -> Call:
        (call,) = self.calls
        return call

    def wait_for(self, note: str) -> str:
        """Waits for a file that a fake writes, and returns its content."""
        until((self.records / note).exists, f"no fake CLI noted {note}")
        return (self.records / note).read_text()

    def wait_for_call(self) -> Call:
        until(lambda: self.calls, "no fake CLI was started")
        return self.call


def until(condition: Callable[[], object], otherwise: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.01)
