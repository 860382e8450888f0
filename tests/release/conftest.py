"""What each test of the released programs starts with."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from release.job import ReleasedJob, Services, StaticCli
from release.roots import nothing_but_sh
from world.certificates import Authority

HERE = Path(__file__).resolve().parent


def compiled(source: str, folder: Path) -> Path:
    program = folder / Path(source).stem
    subprocess.run(["gcc", "-Os", "-static", "-o", program, HERE / source], check=True)
    return program


@pytest.fixture(scope="session")
def static_cli(tmp_path_factory):
    return compiled("static_cli.c", tmp_path_factory.mktemp("static-cli"))


@pytest.fixture(scope="session")
def refuse_newer(tmp_path_factory):
    return compiled("refuse_newer.c", tmp_path_factory.mktemp("refuse-newer"))


@pytest.fixture(scope="session")
def action(released_action):
    return released_action


@pytest.fixture
def cli(tmp_path, static_cli):
    return StaticCli(tmp_path / "bin", static_cli)


@pytest.fixture
def job(tmp_path, action, cli):
    """On this machine."""
    return ReleasedJob(tmp_path / "job", action, cli, seen=[cli.folder])


@pytest.fixture(scope="session")
def chroot():
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT: nothing is tested in a bare root")
    probe = subprocess.run(["unshare", "--mount", "chroot", "/", "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"NO BARE ROOT IS POSSIBLE HERE, nothing is tested in one: {probe.stderr.strip()}")


@pytest.fixture
def bare_job(job: ReleasedJob, tmp_path, chroot):
    """In a root with only `sh`, /dev, and what the test puts there."""
    if shutil.which("busybox") is None:
        pytest.skip("BUSYBOX IS NOT INSTALLED: nothing is tested in a bare root")
    job.root = nothing_but_sh(tmp_path / "root")
    job.seen.append(Path("/dev"))
    return job


@pytest.fixture
def services():
    return Services()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("trusted") / "authority", "Trusted by the test")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger") / "authority", "Trusted by nobody")


@pytest.fixture(scope="session")
def identity(authority):
    """The identity of a server that every client should accept."""
    hosts = ["localhost", "127.0.0.1", "identity.test", "host", "host.team"]
    return authority.issue("server", hosts)
