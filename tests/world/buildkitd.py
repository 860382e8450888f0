"""A real BuildKit, set up like a Depot machine: on TCP, with a certificate from its own authority, and only for clients
that have a certificate from that authority."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
import uuid
from pathlib import Path

from stand_ins.depot_api import Credentials
from world.certificates import NOW, Authority
from world.daemon import Daemon
from world.engine import can_overlay, check_machine, kill_all, remove_cgroups, unmount_below
from world.parts import Parts

# The name in its certificate. No host has it.
SERVER_NAME = "machine.buildkit.test"


class Buildkitd:
    """`valid` is the time during which its own certificate is valid."""

    def __init__(self, parts: Parts, architecture: str = "amd64", valid: tuple[str, str] = NOW):
        self.parts = parts
        self.architecture = architecture
        self.folder = Path(tempfile.mkdtemp(prefix="buildkitd-"))
        self.name = f"dbp-{uuid.uuid4().hex[:8]}"
        self.authority = Authority(self.folder / "authority", "Depot machine", key="p-256")
        self.identity = self.authority.issue("machine", [SERVER_NAME], key="p-256", valid=valid)
        self.client = self.authority.issue("client", [], key="p-256")
        self.address = ("127.0.0.1", _free_port())
        self._daemon: Daemon | None = None

    @property
    def credentials(self) -> Credentials:
        """What a client needs to be admitted, and to verify this machine."""
        files = (self.client.chain, self.client.key, self.authority.certificate)
        return Credentials(SERVER_NAME, *(file.read_text() for file in files))

    def buildkit(self) -> socket.socket:
        return socket.create_connection(self.address)

    def __enter__(self) -> Buildkitd:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        check_machine()
        settings = self.folder / "buildkitd.toml"
        settings.write_text(self._settings())
        environment = {"PATH": f"{self.parts.engine_path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)}
        log = self.folder / "buildkitd.log"
        self._daemon = Daemon([self.parts.buildkitd, "--config", settings], log, environment)
        try:
            self._daemon.start()
            self._daemon.wait_until(lambda: "running server on" in log.read_text(errors="replace"))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._daemon:
            self._daemon.stop()
            self._daemon = None
        kill_all(self.folder, self.name)
        unmount_below(self.folder)
        remove_cgroups(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _settings(self) -> str:
        host, port = self.address
        grpc = {"address": [f"tcp://{host}:{port}"]}
        tls = {
            "cert": str(self.identity.chain),
            "key": str(self.identity.key),
            "ca": str(self.authority.certificate),
        }
        worker = {
            "enabled": True,
            "platforms": [f"linux/{self.architecture}"],
            "snapshotter": "overlayfs" if can_overlay(self.folder) else "native",
            "networkMode": "host",
            "defaultCgroupParent": f"/{self.name}",
        }
        tables = {"grpc": grpc, "grpc.tls": tls, "worker.oci": worker, "worker.containerd": {"enabled": False}}
        # As docker/setup-buildx-action allows it for its builders.
        top = {"root": str(self.folder / "data"), "insecure-entitlements": ["network.host", "security.insecure"]}
        return _lines(top) + "".join(f"[{name}]\n{_lines(values)}" for name, values in tables.items())


def _lines(values: dict) -> str:
    """Lines of TOML, which writes scalars and lists as JSON does."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
