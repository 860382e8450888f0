"""A real registry on a free port of the loopback, which docker engines trust over plain HTTP."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import urllib.request
from pathlib import Path

from world.daemon import Daemon
from world.parts import Parts

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class Registry:
    def __init__(self, parts: Parts, folder: Path | None = None, guarded: bool = False):
        """A guarded one wants credentials, which nobody here has."""
        self._parts = parts
        self._guarded = guarded
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="registry-"))
        self._daemon: Daemon | None = None
        self.address = ""

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def __enter__(self) -> Registry:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        settings = self.folder / "config.json"
        settings.write_text(json.dumps(self._settings()))
        log = self.folder / "registry.log"
        self._daemon = Daemon([self._parts.registry, "serve", settings], log, {"OTEL_TRACES_EXPORTER": "none"})
        self._daemon.start()
        try:
            self._daemon.wait_until(self._announced)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._daemon:
            self._daemon.stop()
            self._daemon = None
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def image(self, path: str) -> str:
        """The name of an image of this registry: image("team/app:1")."""
        return f"{self.address}/{path}"

    def manifest(self, repository: str, reference: str) -> dict:
        return json.loads(self._get(f"{repository}/manifests/{reference}")[1])

    def digest(self, repository: str, reference: str) -> str:
        return self._get(f"{repository}/manifests/{reference}")[0]["Docker-Content-Digest"]

    def blob(self, repository: str, digest: str) -> bytes:
        return self._get(f"{repository}/blobs/{digest}")[1]

    def _get(self, path: str):
        request = urllib.request.Request(f"{self.url}/v2/{path}", headers={"Accept": MANIFESTS})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers, answer.read()

    def _settings(self) -> dict:
        # The registry itself makes the file, with a user of its own.
        users = {"htpasswd": {"realm": "tests", "path": str(self.folder / "users")}}
        guard = {"auth": users} if self._guarded else {}
        return {
            **guard,
            "version": "0.1",
            "log": {"level": "info", "formatter": "json", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "images")}, "delete": {"enabled": True}},
            "http": {"addr": "127.0.0.1:0"},
        }

    def _announced(self) -> bool:
        log = self.folder / "registry.log"
        found = re.search(r"listening on ([\d.]+:\d+)", log.read_text(errors="replace"))
        self.address = found.group(1) if found else ""
        return bool(found)
