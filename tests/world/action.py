"""The action as a release of this tree would have it: with the programs of build/dist, not the committed ones."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from world.runner import ARCHITECTURES

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/dist"
PLATFORM = f"Linux-{ARCHITECTURES[platform.machine()]}"
ORDINARY = PROGRAMS / PLATFORM / "depot-build-push"
DEVELOPMENT = ROOT / "build/development/depot-build-push"
SANITIZED = ROOT / "build/sanitized/depot-build-push"


def make_action(folder: Path, program: Path | None = None) -> Path:
    """A copy of the action, so that a build during the tests does not change what they test. If `program` is given, it
    is the only one in the copy."""
    source = program or ORDINARY
    if not source.exists():
        raise FileNotFoundError(f"{source} is not built: run `make test-programs`")
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "action.yml", folder)
    shutil.copytree(ROOT / "setup", folder / "setup")
    if program:
        place = folder / "dist" / PLATFORM
        place.mkdir(parents=True)
        shutil.copy(program, place)
    else:
        shutil.copytree(PROGRAMS, folder / "dist")
    return folder
