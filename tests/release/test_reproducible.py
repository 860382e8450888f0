"""Another user, in another place, builds exactly the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from world.action import PROGRAMS, ROOT
from world.parts import cache_folder

PLATFORM = "Linux-X64"
SOURCES = ("Makefile", "deps", "src")
# The user `nobody` may enter this folder, but not a home or pytest's own folder.
SOMEWHERE = "/var/tmp"
NOBODY = 65534
OTHERWISE = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}
UMASK = 0o027


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def sources():
    """The third-party sources, fetched as the user who runs the tests."""
    fetch = subprocess.run([ROOT / "deps/fetch"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if fetch.returncode != 0:
        pytest.skip(f"THE SOURCES CANNOT BE FETCHED, that the program is reproducible is not tested:\n{fetch.stderr}")
    return cache_folder() / "sources"


@pytest.fixture
def elsewhere(sources):
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT: that another user gets the same program is not tested")
    if os.uname().machine != "x86_64":
        pytest.skip("NOT X64: that the program is reproducible is not tested")
    with tempfile.TemporaryDirectory(dir=SOMEWHERE, prefix="another-folder-") as name:
        folder = Path(name)
        for source in SOURCES:
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, folder / source)
        shutil.copytree(sources, folder / "cache/sources")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        yield folder


def test_another_user_in_another_folder_builds_the_same_program(elsewhere):
    program = f"build/dist/{PLATFORM}/depot-build-push"
    environment = {
        **OTHERWISE,
        "PATH": os.defpath,
        "HOME": str(elsewhere),
        "DEPOT_BUILD_PUSH_CACHE": str(elsewhere / "cache"),
    }

    build = subprocess.run(
        ["make", program],
        **{"user": NOBODY, "group": NOBODY, "extra_groups": [], "umask": UMASK},
        cwd=elsewhere,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    assert build.returncode == 0, build.stdout
    assert sum_of(elsewhere / program) == sum_of(ROOT / program), "it is built from other sources: run `make test-programs`"
    assert (elsewhere / program).stat().st_uid == NOBODY
    licences = elsewhere / "build/deps" / PLATFORM / "THIRD_PARTY_LICENSES"
    assert sum_of(licences) == sum_of(PROGRAMS / "THIRD_PARTY_LICENSES")


def sum_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
