"""Stands in for where the depot CLI is downloaded from: Depot's release lookup, GitHub's release page, and the storage
that it redirects to. The storage can fail in every way that a network can."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from stand_ins.service import Answer, Delivery, HttpService, Request

# Depot's release files name platforms as Go does, and its lookup as Node.js does.
GO_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
GO_ARCHITECTURES = {"x64": "amd64", "arm64": "arm64", "arm": "arm", "ia32": "386"}


def tar(*members: tarfile.TarInfo | tuple[str, bytes], level: int = 1) -> bytes:
    """A .tar.gz. A member is a name with its content, or a TarInfo for what is not a file."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=level, mtime=0) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for member in members:
                if isinstance(member, tarfile.TarInfo):
                    archive.addfile(member)
                else:
                    archive.addfile(file_info(*member), io.BytesIO(member[1]))
    return packed.getvalue()


def file_info(name: str, content: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o755
    return info


def cli_archive(program: bytes) -> bytes:
    """The archive of a release, with the other files that it contains."""
    return tar(("LICENSE", b"MIT\n"), ("README.md", b"# depot\n"), ("bin/depot", program))


def real_archive(depot: Path) -> bytes:
    return cli_archive(depot.read_bytes())


@dataclass(frozen=True)
class Fault(Delivery):
    """What happens to one request for an archive."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    ignores_ranges: bool = False
    wrong_range: bool = False


class Storage(HttpService):
    """The storage of release files. Supports ranges, and faults, one for each request."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.faults: deque[Fault] = deque()
        self.always = Fault()

    def answer(self, request: Request) -> Answer:
        name = request.path.partition("?")[0].rpartition("/")[2]
        fault = self.faults.popleft() if name.endswith(".tar.gz") and self.faults else self.always
        content = self.files.get(name)
        if content is None or fault.status != 200:
            return Answer(404 if content is None else fault.status, "none", dict(fault.headers))
        found = None if fault.ignores_ranges else re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if not found:
            return Answer(200, content, delivery=fault)
        start = int(found.group(1))
        if start >= len(content):
            return Answer(416, "none")
        told = start + 1 if fault.wrong_range else start
        range_ = {"Content-Range": f"bytes {told}-{len(content) - 1}/{len(content)}"}
        return Answer(206, content[start:], range_, fault)


class DepotDownloads(HttpService):
    """The lookup and the release page. The releases are those of publish()."""

    def __init__(self) -> None:
        super().__init__()
        self.storage = Storage()
        self.versions: list[str] = []
        self.checksums: dict[str, list[str]] = {}
        # Changes the addresses in the answers.
        self.archive_url = ""
        self.redirect: str | None = None

    def start(self) -> None:
        self.storage.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.storage.stop()

    def environment(self) -> dict[str, str]:
        return {"DEPOT_DOWNLOAD_URL": self.url}

    def publish(self, version: str, archive: bytes, system: str = "linux", architecture: str = "amd64") -> str:
        """Publishes a release, which is then the latest. Returns the SHA-256 of its archive."""
        name = f"depot_{version}_{system}_{architecture}.tar.gz"
        digest = hashlib.sha256(archive).hexdigest()
        if version not in self.versions:
            self.versions.append(version)
        self.storage.files[name] = archive
        self.tell_checksums(version, *self.checksums.get(version, []), f"{digest}  {name}")
        return digest

    def tell_checksums(self, version: str, *lines: str) -> None:
        self.checksums[version] = list(lines)
        self.storage.files[f"depot_{version}_checksums.txt"] = "".join(f"{line}\n" for line in lines).encode()

    @property
    def archive_requests(self) -> list[Request]:
        return [request for request in self.storage.requests if ".tar.gz" in request.path]

    def answer(self, request: Request) -> Answer:
        lookup = re.fullmatch(r"/cli/release/(\w+)/(\w+)/([^/]*)", request.path)
        page = re.fullmatch(r"/depot/cli/releases/download/v[^/]+/([^/]+)", request.path)
        if lookup:
            return self._look_up(*lookup.groups())
        if page:
            target = self.redirect or f"{self.storage.url}/objects/{page.group(1)}?signature=of-this-hour"
            return Answer(302, "", {"Location": target})
        return Answer(404, "not found")

    def _look_up(self, system: str, architecture: str, wanted: str) -> Answer:
        version = self._resolve(wanted)
        if not version or system not in GO_SYSTEMS or architecture not in GO_ARCHITECTURES:
            return Answer(404, {"ok": False, "error": f"No release found for {wanted}"})
        name = f"depot_{version}_{GO_SYSTEMS[system]}_{GO_ARCHITECTURES[architecture]}.tar.gz"
        url = self.archive_url or f"{self.url}/depot/cli/releases/download/v{version}/{name}"
        return Answer(200, {"ok": True, "url": url})

    def _resolve(self, wanted: str) -> str:
        """Supports enough of npm's ranges: `latest`, `2.x`, `2.102.x`, `~2.102`, `^2.1`."""
        if wanted == "latest":
            return self.versions[-1] if self.versions else ""
        if wanted in self.versions:
            return wanted
        range_ = re.fullmatch(r"(%5E|~|)(\d+)((?:\.\d+)*)((?:\.[x*])*)", wanted)
        if not range_:
            return ""
        kind, major, rest, _ = range_.groups()
        beginning = f"{major}." if kind == "%5E" else f"{major}{rest}."
        return next((version for version in reversed(self.versions) if version.startswith(beginning)), "")
