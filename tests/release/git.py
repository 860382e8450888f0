"""git, set up to commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

IDENTITY = ("-c", "user.name=Mona", "-c", "user.email=mona@example.com")


def git(*arguments: str | Path, folder: Path) -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
