"""Measures how long this action takes to build a real application, one commit after another, with three builders: docker
without a cache, docker with a cache that is saved and loaded as an archive, and the depot CLI with a persistent builder.

All three use the same machine, engine and npm. Each has its own registry, so that none finds there what another pushed.
Every image is checked: it must contain what the commits so far changed, and nothing from later ones."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator

from measure import PROGRAM, ROOT, WORK, machine
from demo import fetch, stop_on_signals
from history import COMMITS, Place, check_out, npm_setting, seen
from world import events, parts
from world.daemon import DaemonFailed
from world.engine import Engine
from world.events import Event
from world.hosted import Hosted
from world.registry import Registry
from world.runner import Runner

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# The same commands as those of actions/cache.
PACK, UNPACK = "zstdmt --long=30", "unzstd --long=30"
STEP_SECONDS = 900

BASE = """FROM scratch
COPY --from=root / /
COPY --from=node bin/node /usr/local/bin/node
COPY --from=npm / /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && echo root:x:0:0:root:/root:/bin/sh > /etc/passwd
ENV PATH=/usr/local/bin:/usr/bin:/bin
"""


class BuildFailed(Exception):
    """The build failed, or built a different image from the expected one."""


class Traffic:
    """How many bytes of blobs a registry receives and sends."""

    def __init__(self, registry: Registry):
        self._registry = registry
        self._stored = self._served = 0
        self.take()

    def take(self) -> dict[str, int]:
        """The traffic since the last call."""
        stored, served = self._all_stored(), self._all_served()
        new = {"bytes_pushed": stored - self._stored, "bytes_pulled": served - self._served}
        self._stored, self._served = stored, served
        return new

    def _all_stored(self) -> int:
        blobs = self._registry.folder / "images/docker/registry/v2/blobs"
        return sum(file.stat().st_size for file in blobs.rglob("data"))

    def _all_served(self) -> int:
        total = 0
        for line in (self._registry.folder / "registry.log").read_text().splitlines():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if entry.get("http.request.method") == "GET" and "/blobs/" in entry.get("http.request.uri", ""):
                    total += int(entry.get("http.response.written", 0))
        return total


class Way:
    """A job that is run for each commit."""

    name = ""
    event: Event

    def __init__(self, folder: Path, real: parts.Parts, registry: Registry, npmrc: Path):
        self.folder, self.real, self.registry, self.npmrc = folder, real, registry, npmrc
        self.traffic = Traffic(registry)

    def build(self, number: int) -> dict:
        raise NotImplementedError

    def step(self, number: int, environment: dict[str, str], more: dict[str, str]) -> tuple[float, str]:
        """Runs the action; returns its seconds and the digest of the image that it pushed."""
        runner = Runner(self.folder, ROOT, self.event, environment, self.real.runner_path)
        check_out(runner.workspace, number)
        # Writing back earlier data must not slow down this step.
        os.sync()
        began = time.monotonic()
        result = runner.run({**self._inputs(number), **more}, STEP_SECONDS)
        seconds = time.monotonic() - began
        if result.exit_code != 0:
            raise BuildFailed(f"{self.name}, commit {number}: status {result.exit_code}\n" + "\n".join(result.lines[-40:]))
        return seconds, result.outputs["digest"]

    def _inputs(self, number: int) -> dict[str, str]:
        arguments = [f"NODE={self.registry.image('node:22')}", f"VERSION={version(number)}"]
        arguments += [f"{name}={os.environ[name]}" for name in PROXIES if name in os.environ]
        return {
            "context": ".",
            "push": "true",
            "tags": self.registry.image(f"octo/app:{number}"),
            "build-args": "\n".join(arguments),
            "secret-files": f"npmrc={self.npmrc}\ncertificates={CERTIFICATES}",
            # The engines cannot reach the network by themselves.
            "network": "host",
            "allow": "network.host",
        }


class WithoutCache(Way):
    """docker on a fresh runner, with an empty cache."""

    name = "docker, no cache"
    event = events.pull_request(fork=True, private=True)

    def build(self, number: int) -> dict:
        with Engine(self.real) as engine:
            seconds, digest = self.step(number, engine.client_environment(self.folder / "home"), {})
        return {"seconds": seconds, "digest": digest}


class CacheInArchive(Way):
    """docker on a fresh runner, with a cache that the step before loads and the step after saves."""

    name = "docker, cache in an archive"
    event = WithoutCache.event

    def build(self, number: int) -> dict:
        archive, cache, fresh = (self.folder / name for name in ("cache.tzst", "cache", "fresh"))
        bytes_loaded = archive.stat().st_size if archive.exists() else 0
        more = {"cache-to": f"type=local,dest={fresh},mode=max"}
        if bytes_loaded:
            more["cache-from"] = f"type=local,src={cache}"
        with Engine(self.real) as engine:
            os.sync()
            loading = timed(lambda: unpack(archive, cache)) if bytes_loaded else 0.0
            step, digest = self.step(number, engine.client_environment(self.folder / "home"), more)
            saving = timed(lambda: pack(fresh, archive))
        for used in (cache, fresh):
            shutil.rmtree(used, ignore_errors=True)
        return {
            "seconds": loading + step + saving,
            "seconds_loading": loading,
            "seconds_saving": saving,
            "bytes_loaded": bytes_loaded,
            "bytes_saved": archive.stat().st_size,
            "digest": digest,
        }


class Persistent(Way):
    """The depot CLI, with a builder that keeps its cache."""

    name = "persistent builder"
    event = events.push()

    def __init__(self, *given, hosted: Hosted):
        super().__init__(*given)
        self.hosted = hosted

    def build(self, number: int) -> dict:
        seconds, digest = self.step(number, self.hosted.environment(self.event), {})
        return {"seconds": seconds, "digest": digest}


def timed(run: Callable[[], object]) -> float:
    began = time.monotonic()
    run()
    return time.monotonic() - began


def pack(folder: Path, archive: Path) -> None:
    subprocess.run(["tar", "--use-compress-program", PACK, "-C", folder, "-cf", archive, "."], check=True)


def unpack(archive: Path, folder: Path) -> None:
    folder.mkdir()
    subprocess.run(["tar", "--use-compress-program", UNPACK, "-C", folder, "-xf", archive], check=True)


def version(number: int) -> str:
    return f"1.0.{number}"


# The image of each build


def check_image(registry: Registry, digest: str, number: int) -> None:
    """Checks that the image is the one of this commit: its version, and what it contains of all commits."""
    manifest = registry.manifest("octo/app", digest)
    if "manifests" in manifest:
        own = next(each for each in manifest["manifests"] if each["platform"]["architecture"] != "unknown")
        manifest = registry.manifest("octo/app", own["digest"])
    settings = json.loads(registry.blob("octo/app", manifest["config"]["digest"]))
    base = {layer["digest"] for layer in registry.manifest("node", "22")["layers"]}
    layers = [layer["digest"] for layer in manifest["layers"] if layer["digest"] not in base]
    found = set().union(*(look(registry.blob("octo/app", layer), seen(COMMITS)) for layer in layers))
    missing, early = set(seen(COMMITS[:number])) - found, found & set(seen(COMMITS[number:]))
    if f"VERSION={version(number)}" not in settings["config"]["Env"] or missing or early:
        raise BuildFailed(f"{digest} is not commit {number}'s image: it lacks {missing}, has {early}, {settings['config']}")


def look(layer: bytes, places: list[Place]) -> set[Place]:
    """Returns the places that have their text in a file below their folder."""
    found = set()
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        for member in archive:
            near = [place for place in places if member.name.startswith(place.below)]
            if near and member.isfile():
                text = archive.extractfile(member).read().decode(errors="replace")
                found |= {place for place in near if place.text in text}
    return found


def check_running(engine: Engine, image: str, number: int) -> None:
    """Checks that the image runs: its server answers with its version, and with the page of the front end."""
    engine.docker("pull", "--quiet", image)
    container = engine.docker("run", "--detach", image).stdout.strip()
    try:
        found = json.loads(engine.docker("inspect", "--format", "{{json .NetworkSettings}}", container).stdout)
        health = fetch(f"http://{found['IPAddress']}:8080/health", 30)
        page = fetch(f"http://{found['IPAddress']}:8080/")
    finally:
        engine.docker("rm", "--force", container, check=False)
    if json.loads(health)["version"] != version(number) or "<title>Parcels</title>" not in page:
        raise BuildFailed(f"{image}, run, is not version {version(number)}: {health}")


# The measurement


def push_base(engine: Engine, image: parts.NodeImage, registries: list[Registry], folder: Path) -> None:
    """Pushes a slim Node.js image to each registry. The measurement includes only that builds pull it."""
    (folder / "Dockerfile").write_text(BASE)
    contexts = [f"--build-context={name}={path}" for name, path in vars(image).items()]
    for registry in registries:
        output = f"--output=type=image,name={registry.image('node:22')},push=true"
        engine.docker("buildx", "build", "--provenance=false", *contexts, output, str(folder))


@contextlib.contextmanager
def started(folder: Path) -> Iterator[list[Way]]:
    real, image = parts.get(print), parts.node_image(print)
    npmrc = folder / "npmrc"
    own = Path(npm_setting("userconfig"))
    npmrc.write_text(own.read_text() if own.exists() else "")
    with contextlib.ExitStack() as running:
        registries = [running.enter_context(Registry(real)) for _ in range(3)]
        with Engine(real) as engine:
            push_base(engine, image, registries, folder)
        builder = running.enter_context(Engine(real))
        hosted = running.enter_context(Hosted({"amd64": builder}))
        places = [folder / name for name in ("none", "archive", "persistent")]
        yield [
            WithoutCache(places[0], real, registries[0], npmrc),
            CacheInArchive(places[1], real, registries[1], npmrc),
            Persistent(places[2], real, registries[2], npmrc, hosted=hosted),
        ]


def measure_series(commits: int) -> dict[str, list[dict]]:
    """Builds the first sources, then each commit, with each builder. The builders take turns at going first."""
    with tempfile.TemporaryDirectory(prefix="commits-") as name, started(Path(name)) as ways:
        found: dict[str, list[dict]] = {way.name: [] for way in ways}
        for number in range(commits + 1):
            turn = number % len(ways)
            for way in ways[turn:] + ways[:turn]:
                found[way.name].append(measure(way, number))
            tell(number, found)
        with Engine(ways[0].real) as engine:
            for way in ways:
                digest = found[way.name][-1]["digest"]
                check_running(engine, way.registry.image(f"octo/app@{digest}"), commits)
    return found


def measure(way: Way, number: int) -> dict:
    title = COMMITS[number - 1].title if number else "The first sources"
    way.traffic.take()
    built = way.build(number)
    built.update(way.traffic.take())
    check_image(way.registry, built["digest"], number)
    way.traffic.take()
    return {"commit": number, "title": title, **built}


def tell(number: int, found: dict[str, list[dict]]) -> None:
    last = {way: builds[-1] for way, builds in found.items()}
    title = next(iter(last.values()))["title"]
    print(f"  {number:2} {title:40}" + "".join(f"{build['seconds']:10.1f}" for build in last.values()), flush=True)


# The results


def versions(real: parts.Parts) -> dict[str, str]:
    commands = {
        "depot-build-push": [PROGRAM, "version"],
        "docker engine": [real.dockerd, "--version"],
        "buildx": [real.docker_plugins / "docker-buildx", "version"],
        "zstd": ["zstd", "--version"],
    }
    found = {"depot CLI": parts.DEPOT_VERSION, "Node.js in the image": parts.NODE_VERSION}
    for name, command in commands.items():
        told = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout
        found[name] = re.search(r"\d+\.\d+[\w.+-]*", told).group()
    return found


def write(all_series: list[dict[str, list[dict]]], command: str) -> None:
    file = WORK / "commits.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    head = {"title": "The build itself", "command": command, "machine": machine(), "versions": versions(parts.get())}
    ways = [{"way": way, "series": [series[way] for series in all_series]} for way in all_series[0]]
    file.write_text(json.dumps({**head, "ways": ways}, indent=2) + "\n")
    print(f"  {file.relative_to(ROOT)}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1, help="how often to build all commits (default 1)")
    parser.add_argument("--commits", type=int, default=len(COMMITS), help="how many of them (default all)")
    given = parser.parse_args()
    if given.series < 1 or not 1 <= given.commits <= len(COMMITS):
        parser.error(f"a series or more, of 1 to {len(COMMITS)} commits")
    return given


def main() -> int:
    given = options()
    stop_on_signals()
    print(f"seconds of each build: {'; '.join(way.name for way in (WithoutCache, CacheInArchive, Persistent))}")
    try:
        all_series = [measure_series(given.commits) for _ in range(given.series)]
    except SystemExit:
        print("\nStopped, and so is everything that was started.", file=sys.stderr)
        raise
    except (BuildFailed, DaemonFailed, parts.PartsMissing, subprocess.SubprocessError, OSError) as failure:
        print(f"\n{failure}\n{getattr(failure, 'stderr', None) or ''}", file=sys.stderr)
        return 1
    words = [f"--series {given.series}"] if given.series > 1 else []
    words += [f"--commits {given.commits}"] if given.commits != len(COMMITS) else []
    write(all_series, " ".join(["python3 bench/commits.py", *words]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
