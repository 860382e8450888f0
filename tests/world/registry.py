"""A real registry on a free port of the loopback interface. Docker engines trust it over plain HTTP."""

from __future__ import annotations

import base64
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

# The only account of a private registry: the password in bcrypt, with the fewest rounds.
USER, PASSWORD = "mona", "correct horse"
ACCOUNTS = f"{USER}:$2b$04$/kWQsORDq0x2m195AEaac.LaXGrJ/zuQHJAbOU5BUhef6.2pAaN5C\n"


class Registry:
    """With `private`, it serves only clients that know USER and PASSWORD."""

    def __init__(self, parts: Parts, folder: Path | None = None, private: bool = False):
        self._parts = parts
        self._private = private
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
        (self.folder / "accounts").write_text(ACCOUNTS)
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
        account = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Accept": MANIFESTS, "Authorization": f"Basic {account}"}
        request = urllib.request.Request(f"{self.url}/v2/{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers, answer.read()

    def _settings(self) -> dict:
        accounts = {"htpasswd": {"realm": "registry", "path": str(self.folder / "accounts")}}
        return {
            "version": "0.1",
            "log": {"level": "info", "formatter": "json", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "images")}, "delete": {"enabled": True}},
            "http": {"addr": "127.0.0.1:0"},
            **({"auth": accounts} if self._private else {}),
        }

    def _announced(self) -> bool:
        log = self.folder / "registry.log"
        found = re.search(r"listening on ([\d.]+:\d+)", log.read_text(errors="replace"))
        self.address = found.group(1) if found else ""
        return bool(found)
