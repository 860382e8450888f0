"""Roots that a job's container may have, and how a step gets into one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from world import parts

# Folders of this machine appear in the root under the same names, until the step ends.
ENTER = """root=$1
shift
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
"""


def enter(root: Path, folders: list[Path]) -> list[str | Path]:
    return ["unshare", "--mount", "sh", "-ec", ENTER, "enter", root, *folders, "--"]


def busybox() -> Path:
    return Path(shutil.which("busybox") or "/bin/busybox")


def nothing_but_sh(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    shutil.copy(busybox(), folder / "bin/sh")
    return folder


def like_alpine(folder: Path) -> Path:
    """Busybox and its links. Alpine's bundle is in /etc/ssl/certs, with a link next to it."""
    for name in ("bin", "dev", "etc/ssl/certs", "proc", "sbin", "tmp", "usr/bin", "usr/sbin"):
        (folder / name).mkdir(parents=True)
    shutil.copy(busybox(), folder / "bin/busybox")
    applets = subprocess.run([busybox(), "--list"], capture_output=True, text=True, check=True).stdout.split()
    for applet in {*applets} - {"busybox"}:
        (folder / "bin" / applet).symlink_to("/bin/busybox")
    (folder / "etc/alpine-release").write_text("3.22.0\n")
    (folder / "etc/ssl/cert.pem").symlink_to("certs/ca-bundle-of-alpine.crt")
    return folder


def debian_slim(folder: Path) -> Path:
    shutil.copytree(parts.debian_root(), folder, symlinks=True)
    assert list((folder / "etc/ssl").glob("certs/*")) == []
    return folder
