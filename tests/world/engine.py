"""A separate real docker engine with its BuildKit. It shares nothing with the machine's docker."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from world.daemon import Daemon, DaemonFailed
from world.parts import Parts

UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: buildkit\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
CGROUPS = Path("/sys/fs/cgroup")
SOCKET_PATH_LIMIT = 100

# Drivers with and without the containerd image store. The first of each is for a folder that can be the upper layer of
# an overlay. The second copies, for a folder that cannot be one (such as inside a container).
STORAGE_DRIVERS = {True: ("overlayfs", "native"), False: ("overlay2", "vfs")}


class EngineImpossible(DaemonFailed):
    """This machine cannot run an engine at all."""


class Engine:
    """dockerd and all that it starts, below one folder. With `containerd_store`, it is a full BuildKit (push,
    attestations, many platforms). Without, it is like the default docker driver of a runner."""

    def __init__(self, parts: Parts, containerd_store: bool = True, folder: Path | None = None):
        self.parts = parts
        self.containerd_store = containerd_store
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="engine-"))
        self.socket = self.folder / "docker.sock"
        # Names a bridge and a cgroup. What is in them is ours, and must be gone at the end.
        self.name = f"dbp-{uuid.uuid4().hex[:8]}"
        self._daemon: Daemon | None = None

    @property
    def host(self) -> str:
        """The value of DOCKER_HOST."""
        return f"unix://{self.socket}"

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        self._check_machine()
        for name in ("data", "run", "home"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_settings()
        try:
            # dockerd's own default bridge has a fixed name. With this one, several engines can run at once.
            _ip("link", "add", self.name, "type", "bridge")
            self._daemon = Daemon(self._command(), self.folder / "dockerd.log", self._environment())
            self._daemon.start()
            self._daemon.wait_until(self._answers)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._daemon:
            self._daemon.stop()
            self._daemon = None
        kill_all(self.folder, self.name)
        unmount_below(self.folder)
        with contextlib.suppress(EngineImpossible):
            _ip("link", "delete", self.name)
        remove_cgroups(self.name)
        for name in ("data", "run"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def docker(self, *arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Runs the docker client with this engine."""
        return subprocess.run(
            [str(self.parts.docker), *arguments],
            env={"PATH": f"{self.parts.engine_path}:{os.defpath}", **self.client_environment(self.folder / "home")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=check,
            **options,
        )

    def client_environment(self, home: Path) -> dict[str, str]:
        """Variables that lead a docker client to this engine, and to the buildx plugin by the settings below `home`."""
        settings = home / ".docker"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "config.json").write_text(json.dumps({"cliPluginsExtraDirs": [str(self.parts.docker_plugins)]}))
        return {"HOME": str(home), "DOCKER_HOST": self.host}

    def buildkit(self) -> socket.socket:
        """A connection to the engine that was turned into one to its BuildKit."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.socket))
        connection.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                break
            head += byte
        if b" 101 " not in head.partition(b"\r\n")[0]:
            connection.close()
            raise ConnectionError(f"the engine did not hand over its BuildKit: {head!r}")
        return connection

    def _check_machine(self) -> None:
        check_machine()
        if len(str(self.socket)) > SOCKET_PATH_LIMIT:
            raise DaemonFailed(f"the path {self.socket} is too long for a socket")

    def _command(self) -> list[str | Path]:
        return [
            self.parts.dockerd,
            *("--config-file", self.folder / "daemon.json"),
            *("--data-root", self.folder / "data"),
            *("--exec-root", self.folder / "run"),
            *("--pidfile", self.folder / "dockerd.pid"),
            *("--host", self.host),
            *("--bridge", self.name),
            *("--cgroup-parent", f"/{self.name}"),
            *("--exec-opt", "native.cgroupdriver=cgroupfs"),
            # Builds and containers here need no network, so the machine's firewall stays as it is.
            *("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--userland-proxy=false"),
        ]

    def _write_settings(self) -> None:
        preferred, anywhere = STORAGE_DRIVERS[self.containerd_store]
        settings = {
            # Debian 12's runc does not support time namespaces, which docker 29 gives its containers.
            "features": {"containerd-snapshotter": self.containerd_store, "time-namespaces": False},
            "storage-driver": preferred if can_overlay(self.folder) else anywhere,
        }
        (self.folder / "daemon.json").write_text(json.dumps(settings))

    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self.parts.engine_path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder / "home")}

    def _answers(self) -> bool:
        try:
            with UnixConnection(self.socket) as connection:
                connection.request("GET", "/_ping")
                return connection.getresponse().status == 200
        except OSError:
            return False


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, timeout: float = 5):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))

    def __enter__(self) -> UnixConnection:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _ip(*arguments: str) -> None:
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    except OSError as error:
        raise EngineImpossible(f"ip (package iproute2): {error.strerror}") from error
    if done.returncode != 0:
        raise EngineImpossible(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def can_overlay(folder: Path) -> bool:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        below, above, work, merged = (Path(scratch) / name for name in ("below", "above", "work", "merged"))
        for path in (below, above, work, merged):
            path.mkdir()
        options = f"lowerdir={below},upperdir={above},workdir={work}"
        mounted = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, merged], capture_output=True)
        if mounted.returncode == 0:
            subprocess.run(["umount", merged], check=True)
        return mounted.returncode == 0


def check_machine() -> None:
    if os.geteuid() != 0:
        raise EngineImpossible("a docker engine needs root")


def kill_all(folder: Path, name: str, seconds: float = 10) -> None:
    """Kills the processes that were started with a path below the folder, or that are in the cgroup of that name.
    Repeats this until none are left, because one may be starting another."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [int(process.name) for process in Path("/proc").glob("[0-9]*") if _belongs(process, folder, name)]
        if not found:
            return
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)


def _belongs(process: Path, folder: Path, name: str) -> bool:
    try:
        command = (process / "cmdline").read_bytes().split(b"\0")
        cgroups = (process / "cgroup").read_text()
    except OSError:
        return False
    below = str(folder).encode() + b"/"
    return int(process.name) != os.getpid() and (any(word.startswith(below) for word in command) or f"/{name}/" in cgroups)


def unmount_below(folder: Path) -> None:
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed([point for point in mounts if point.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", point], capture_output=True)


def remove_cgroups(name: str) -> None:
    for top in (*CGROUPS.glob(name), *CGROUPS.glob(f"*/{name}")):
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
