"""The application's commits: the first sources, and what each of ten commits changes."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Sequence

APPLICATION = Path(__file__).resolve().with_name("application")
PACKAGES = ("server", "web")


class Place(NamedTuple):
    """A text in a file of the image. The file's path begins with `below`."""

    below: str
    text: str


@dataclass(frozen=True)
class Edit:
    """Replaces a text. The build's output contains the new text too, or `built` if it is different there."""

    file: str
    before: str
    after: str
    built: str = ""

    def make(self, sources: Path) -> None:
        file = sources / self.file
        text = file.read_text()
        if self.before not in text:
            raise ValueError(f"{self.file} has no {self.before!r}")
        file.write_text(text.replace(self.before, self.after))

    @property
    def seen(self) -> Place:
        package = self.file.partition("/")[0]
        return Place(f"app/{package}/dist/", self.built or self.after)


@dataclass(frozen=True)
class Update:
    """A newer version of a dependency, as a bot proposes it: in package.json and in the lock file."""

    package: str
    dependency: str
    version: str
    integrity: str
    seen: Place

    def make(self, sources: Path) -> None:
        folder = sources / self.package
        _edit_json(folder / "package.json", self._in_manifest)
        _edit_json(folder / "package-lock.json", self._in_lock)

    def _in_manifest(self, manifest: dict) -> None:
        manifest["dependencies"][self.dependency] = self.version

    def _in_lock(self, lock: dict) -> None:
        self._in_manifest(lock["packages"][""])
        entry = lock["packages"][f"node_modules/{self.dependency}"]
        if "resolved" in entry:
            entry["resolved"] = entry["resolved"].replace(entry["version"], self.version)
        entry.update(version=self.version, integrity=self.integrity)


@dataclass(frozen=True)
class Commit:
    title: str
    changes: Sequence[Edit | Update]


COMMITS = (
    Commit(
        "Raise the price of parcels abroad",
        [Edit("server/src/price.ts", "abroad: 1_100", "abroad: 1_150")],
    ),
    Commit(
        "Say what the button does",
        [Edit("web/src/Frame.tsx", "New parcel", "Send a parcel")],
    ),
    Commit(
        "Tell a missing parcel in a sentence",
        [Edit("server/src/service.ts", "no such parcel", "there is no such parcel")],
    ),
    Commit(
        "Update zod",
        [
            Update(
                *("server", "zod", "4.0.17"),
                "sha512-1PHjlYRevNxxdy2JZ8JcNAw7rX8V9P1AKkP+x/xZfxB0K5FYfuV+Ug6P/6NVSR2jHQ+FzDDoDHS04nYUsOIyLQ==",
                seen=Place("app/server/node_modules/zod/package.json", '"version": "4.0.17"'),
            )
        ],
    ),
    Commit(
        "Make the pages blue",
        [
            Edit("web/src/theme.ts", "#00695c", "#1a5fb4"),
            Edit("web/src/ParcelsPage.tsx", "#00695c", "#1a5fb4"),
        ],
    ),
    Commit(
        "Allow long names",
        [
            Edit("server/src/parcel.ts", ".max(200)", '.max(300, "too long a name")'),
            Edit("web/src/NewParcelPage.tsx", 'label="Recipient"', 'label="Full name"', built="Full name"),
        ],
    ),
    Commit(
        "Print the number of a parcel larger",
        [Edit("server/src/label.ts", 'font-size="24"', 'font-size="28"')],
    ),
    Commit(
        "Update react-router",
        [
            Update(
                *("web", "react-router", "7.8.0"),
                "sha512-r15M3+LHKgM4SOapNmsH3smAizWds1vJ0Z9C4mWaKnT9/wD7+d/0jYcj6LmOvonkrO4Rgdyp4KQ/29gWN2i1eg==",
                seen=Place("app/web/dist/", "7.8.0"),
            )
        ],
    ),
    Commit(
        "Name the columns as the customers do",
        [Edit("web/src/ParcelsPage.tsx", '"Sent"', '"Day of sending"', built="Day of sending")],
    ),
    Commit(
        "Take larger requests",
        [Edit("server/src/service.ts", "100kb", "200kb")],
    ),
)


def check_out(sources: Path, number: int) -> None:
    """Puts the sources after this many commits into a fresh folder."""
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(APPLICATION, sources)
    _resolve(sources)
    for commit in COMMITS[:number]:
        for change in commit.changes:
            change.make(sources)


def seen(commits: Sequence[Commit]) -> list[Place]:
    """What an image contains only because of these commits."""
    return [change.seen for commit in commits for change in commit.changes]


def npm_setting(name: str) -> str:
    return subprocess.run(["npm", "config", "get", name], capture_output=True, text=True, check=True).stdout.strip()


def _resolve(sources: Path) -> None:
    """Completes the lock files as npm writes them by default, with each archive's address at this machine's registry.
    Without the address, npm first asks for the full metadata of each package."""
    registry = npm_setting("registry").rstrip("/")

    def complete(lock: dict) -> None:
        for place, entry in lock["packages"].items():
            if place:
                name = place.rpartition("node_modules/")[2]
                entry["resolved"] = f"{registry}/{name}/-/{name.rpartition('/')[2]}-{entry['version']}.tgz"

    for package in PACKAGES:
        _edit_json(sources / package / "package-lock.json", complete)


def _edit_json(file: Path, edit) -> None:
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(json.dumps(content, indent=2) + "\n")
