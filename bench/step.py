"""Measures what the step costs besides its build: the time before its CLI starts and after its CLI ends, compared with a
Node action and, if docker builds, with a bare `docker buildx build`. Also measures where that time goes.

    python3 bench/step.py [--runs N]"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import shutil
import ssl
import statistics
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import measure
from delay import DelayedNetwork
from measure import BIN, PROGRAM, ROOT, YARDSTICK, Job, Run, difference, in_turn, spread, yardstick

from world.certificates import Authority  # noqa: E402 - measure.py has set the path
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads, Fault, cli_archive
from stand_ins.github_oidc import GithubOidc, jwt
from stand_ins.service import Answer, HttpService
from world import parts as real_parts
from world.engine import Engine, EngineImpossible

OURS, NODE, BARE = "this", "Node", "bare"
INPUTS = {
    **{"context": ".", "tags": "registry.example/app:1", "push": "true", "platforms": "linux/amd64,linux/arm64"},
    **{"labels": "org.opencontainers.image.title=app\norg.opencontainers.image.licenses=MIT", "build-args": "A=1\nB=2"},
}
TOKEN = {"token": "depot_project_0123456789abcdef"}
ROUND_TRIPS_MS = (0, 20, 80)
# Each host takes three: the TCP handshake, the TLS 1.3 handshake, and the request. One host after the other takes six.
# Only the request to the exchange needs the issuer's answer, so four are enough.
SEQUENTIAL_ROUND_TRIPS, FEWEST_ROUND_TRIPS = 2 * 3, 3 + 1
SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
RATES = {"at full speed": 0, "at 40 MB/s": 40_000_000}
TRACED_RUNS = 10


def main() -> None:
    options = measure.options(__doc__.partition("\n")[0], runs=20)
    measure.compile_programs()
    measure.bundle_yardstick()
    cases, more = [], {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        cases += [token_given(options.runs, Path(folder))]
        cases += exchange(options.runs, Path(folder))
        cases += installation(max(10, options.runs // 2), Path(folder))
        cases += docker(options.runs, more)
    content = {"download_bytes": download_bytes(), "cases": cases}
    measure.write("step", "What the step costs besides its build", content, more)


# (a) to (c): a probe in place of the CLI


def token_given(runs: int, folder: Path) -> dict:
    with job(folder, inputs={**INPUTS, **TOKEN}) as here:
        return compare("a", "token given", here, runs)


def exchange(runs: int, folder: Path) -> list[dict]:
    cases = []
    for round_trip in ROUND_TRIPS_MS:
        with identity_services(folder, round_trip / 1000) as variables:
            with job(folder, inputs=INPUTS, variables=variables) as here:
                case = compare("b", f"OIDC and exchange, {round_trip} ms of round trip", here, runs)
                case["services, ms"] = services_alone(here)
        case["sequential_ms"] = round_trip * SEQUENTIAL_ROUND_TRIPS
        case["fewest_ms"] = round_trip * FEWEST_ROUND_TRIPS
        cases.append(case)
    return cases


def services_alone(here: Job) -> dict[str, float]:
    """How long the two services and the network take with a client that costs next to nothing: exchange.py, which is
    already running, has loaded its certificates, and uses OpenSSL."""
    words = ["/usr/bin/python3", str(measure.SOURCES / "exchange.py")]
    done = subprocess.run(words, env=here.environment(), capture_output=True, text=True, check=True)
    return spread(float(line) for line in done.stdout.splitlines())


def installation(runs: int, folder: Path) -> list[dict]:
    cases = []
    archive = heavy_archive()
    with DepotDownloads() as server:
        server.publish(real_parts.DEPOT_VERSION, archive)
        variables = {**server.environment(), "HOME": str(folder)}
        for name, rate in RATES.items():
            server.storage.always = Fault(bytes_a_second=rate)
            with job(folder, path=[Path("/usr/bin"), Path("/bin")], inputs={**INPUTS, **TOKEN}, variables=variables) as here:
                case = compare("c", f"CLI to be installed, {len(archive) / 1e6:.0f} MB {name}", here, runs, installing=server)
            cases.append(case)
    return cases


@contextlib.contextmanager
def job(folder: Path, **options) -> Iterator[Job]:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        yield Job(Path(own), **options)


def compare(letter: str, title: str, here: Job, runs: int, installing: DepotDownloads | None = None) -> dict:
    """Both programs, without the time that the CLI takes by itself, for each pair of runs."""
    found = in_turn(
        runs,
        {
            BARE: lambda: here.run([BIN / "depot", "build"]),
            OURS: lambda: measured(here, [[PROGRAM, "build"]], installing),
            NODE: lambda: measured(here, [yardstick("setup")] * bool(installing) + [yardstick()], installing),
        },
    )
    bare = found[BARE]
    post = in_turn(runs, {NODE: lambda: post_step(here)})[NODE]
    ways: dict[str, dict] = {way: summary(found[way], bare) for way in (OURS, NODE)}
    ways[NODE]["post step, ms"] = spread(run.wall_ms for run in post)
    return {"case": letter, "title": title, "ways": ways, "phases": phases(here, installing)}


@dataclass
class Cost:
    """What all processes of a run cost together."""

    before_ms: float
    after_ms: float
    cpu_ms: float
    peak_mib: float
    disk_mb: float
    after_last_byte_ms: float | None


def measured(here: Job, commands: list[list], installing: DepotDownloads | None) -> Cost:
    if installing:
        shutil.rmtree(here.folder / "tools", ignore_errors=True)
        (here.folder / "path").unlink(missing_ok=True)
    first: list[Run] = []
    *others, step = commands
    for command in others:
        first.append(here.run(command))
    with path_of_later_steps(here):
        last = here.run(step)
    runs = [*first, last]
    sent = installing.storage.sent_last_byte * 1e9 if installing else 0
    return Cost(
        before_ms=sum(run.wall_ms for run in first) + last.before_ms,
        after_ms=last.after_ms,
        cpu_ms=sum(run.cpu_ms for run in runs),
        peak_mib=max(run.peak_mib for run in runs),
        disk_mb=sum(run.disk_bytes for run in runs) / 1e6,
        after_last_byte_ms=(last.build[0] - sent) / 1e6 if installing else None,
    )


@contextlib.contextmanager
def path_of_later_steps(here: Job) -> Iterator[None]:
    """What earlier steps wrote to GITHUB_PATH."""
    before, file = here.path, here.folder / "path"
    added = file.read_text().split() if file.exists() else []
    here.path = [*map(Path, added), *before]
    try:
        yield
    finally:
        here.path = before


def post_step(here: Job) -> Run:
    """The yardstick's post step, which removes its files. A composite action has no post step."""
    return Job(here.folder, here.path, here.inputs, {**here.variables, "STATE_post": "true"}).run(yardstick())


def summary(costs: list[Cost], bare: list[Run]) -> dict[str, Any]:
    found = {
        "before, ms": spread(cost.before_ms - run.before_ms for cost, run in zip(costs, bare)),
        "after, ms": spread(cost.after_ms - run.after_ms for cost, run in zip(costs, bare)),
        "CPU, ms": spread(cost.cpu_ms - run.cpu_ms for cost, run in zip(costs, bare)),
        "peak memory, MiB": spread(cost.peak_mib for cost in costs),
    }
    if costs[0].after_last_byte_ms is not None:
        found["before, from the archive's last byte on, ms"] = spread(cost.after_last_byte_ms for cost in costs)
        found["written to disk, MB"] = spread(cost.disk_mb for cost in costs)
    return found


@contextlib.contextmanager
def identity_services(folder: Path, round_trip_s: float) -> Iterator[dict[str, str]]:
    """GitHub's issuer and Depot's exchange, with TLS and a simulated network. Yields the job's variables for them."""
    with tempfile.TemporaryDirectory(dir=folder) as own, contextlib.ExitStack() as running:
        authority = Authority(Path(own) / "authority", "benchmark")
        identity = authority.issue_through_another("services", ["localhost"])
        oidc, auth = QuickOidc(), DepotAuth()
        ports = {}
        for service in (oidc, auth):
            service.tls = server_context(identity)
            running.enter_context(service)
            network = running.enter_context(DelayedNetwork(service.port, round_trip_s))
            ports[service.url] = f"https://localhost:{network.port}"
        found = {**oidc.environment(), "DEPOT_AUTH_URL": ports[auth.url]}
        found["ACTIONS_ID_TOKEN_REQUEST_URL"] = found["ACTIONS_ID_TOKEN_REQUEST_URL"].replace(oidc.url, ports[oidc.url])
        # As on a hosted runner: the system's bundle in one file, here with one more certificate.
        bundle = Path(own) / "bundle.pem"
        bundle.write_text(SYSTEM_BUNDLE.read_text() + authority.certificate.read_text())
        trusted = {"SSL_CERT_FILE": str(bundle), "NODE_EXTRA_CA_CERTS": str(authority.certificate)}
        yield {**found, **trusted}


def server_context(identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.chain, identity.key)
    return context


class QuickOidc(GithubOidc):
    """Signs one token, once, because signing takes this stand-in longer than everything that is measured."""

    def start(self) -> None:
        super().start()
        HttpService.handler.disable_nagle_algorithm = True
        self.token = jwt(self.claims())

    def answer(self, request) -> Answer:
        return Answer(200, {"count": 1, "value": self.token})


def heavy_archive() -> bytes:
    """A release with the probe as its CLI, followed by the real CLI, so that it has the size of a real archive."""
    return cli_archive((BIN / "depot").read_bytes() + real_parts.get_depot(print).read_bytes())


# (d): the real docker


DOCKERFILE = "FROM scratch\nCOPY file /file\n"


def docker(runs: int, more: dict[str, str]) -> list[dict]:
    try:
        parts = real_parts.get(print)
    except real_parts.PartsMissing as missing:
        print(f"  (d) is left out, because the real parts are not available: {missing}")
        return []
    try:
        with Engine(parts) as engine, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            more["docker"] = engine.docker("version", "--format", "{{.Client.Version}}").stdout.strip()
            more["docker buildx"] = engine.docker("buildx", "version").stdout.split()[1]
            return [docker_builds(engine, Path(folder), runs)]
    except EngineImpossible as reason:
        print(f"  (d) is left out, because no engine can run here: {reason}")
        return []


def docker_builds(engine: Engine, folder: Path, runs: int) -> dict:
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "file").write_text("content\n")
    here = Job(
        folder,
        path=[engine.parts.docker.parent, Path("/usr/bin"), Path("/bin")],
        inputs={"context": ".", "tags": "app:1", "fork-builder": "docker"},
        variables={**engine.client_environment(folder / "home"), "YARDSTICK_BUILDER": "docker"},
        event=("pull_request", fork_event()),
    )
    bare = [engine.parts.docker, *planned_command(here)[1:]]
    found = in_turn(
        runs,
        {
            BARE: lambda: here.run(bare),
            OURS: lambda: here.run([PROGRAM, "build"]),
            NODE: lambda: here.run(yardstick()),
        },
        warm_up=3,
    )
    ways = {way: over_bare(found[way], found[BARE]) for way in (OURS, NODE)}
    ways[OURS]["peak memory, MiB"] = spread(run.peak_mib for run in found[OURS])
    ways[NODE]["peak memory, MiB"] = spread(run.peak_mib for run in found[NODE])
    ways[NODE]["post step, ms"] = spread(run.wall_ms for run in in_turn(runs, {NODE: lambda: post_step(here)})[NODE])
    return {
        "case": "d",
        "title": "docker builds a fork's pull request",
        "bare, ms": spread(run.wall_ms for run in found[BARE]),
        "ways": ways,
        "phases": phases(here, None),
    }


def fork_event() -> dict:
    repository = {"full_name": "acme/app", "private": True}
    return {"repository": repository, "pull_request": {"head": {"sha": "0" * 40, "repo": {"full_name": "mona/app"}}}}


def planned_command(here: Job) -> list[str]:
    """The command that the step would run, to run it by hand."""
    printed = subprocess.run(
        [PROGRAM, "plan"], env=here.environment(), cwd=here.folder, capture_output=True, text=True, check=True
    )
    command = json.loads(printed.stdout)["command"]
    return [str(here.folder / Path(word).name) if word.startswith("$RUNNER_TEMP/") else word for word in command]


def over_bare(runs: list[Run], bare: list[Run]) -> dict[str, Any]:
    return {
        "before and after, ms": difference(runs, bare, lambda run: run.wall_ms),
        "CPU, ms": difference(runs, bare, lambda run: run.cpu_ms),
    }


# Where the time goes


def phases(here: Job, installing: DepotDownloads | None) -> dict[str, float]:
    """The median of each phase in traced runs, in ms, in the order of the phases."""
    runs = [traced(here, installing) for _ in range(TRACED_RUNS)]
    return {name: statistics.median(run.get(name, 0.0) for run in runs) for name in runs[0]}


def traced(here: Job, installing: DepotDownloads | None) -> dict[str, float]:
    if installing:
        shutil.rmtree(here.folder / "tools", ignore_errors=True)
    file = here.folder / "trace.json"
    run = here.run([PROGRAM, "build", "--trace", file])
    return durations(json.loads(file.read_text())["traceEvents"], run)


def durations(events: list[dict], run: Run) -> dict[str, float]:
    """The time of each phase, without the phases inside it. Time outside all phases is in `between`. The loader, before
    the first phase, and the kernel's part of the exit, after the last, are phases too."""
    found: dict[str, float] = {"program start": events[0]["ts"] / 1e3 - run.began / 1e6}
    main_track = events[0]["tid"]
    stacks: dict[int, list[tuple[str, float, list[float]]]] = {}
    for event in events:
        stack = stacks.setdefault(event["tid"], [])
        if event["ph"] == "B":
            stack.append((event["name"], event["ts"] / 1e3, [0.0]))
            continue
        name, began, inner = stack.pop()
        length = event["ts"] / 1e3 - began
        if stack:
            stack[-1][2][0] += length
        if event["tid"] == main_track:
            found[name] = found.get(name, 0.0) + length - inner[0]
        elif not stack:
            found[f"{name} (beside)"] = length
    last = max(event["ts"] for event in events if event["tid"] == main_track) / 1e3
    known = sum(length for name, length in found.items() if not name.endswith("(beside)"))
    found["between"] = last - run.began / 1e6 - known
    found["program end"] = run.ended / 1e6 - last
    return found


# What a runner downloads


def download_bytes() -> dict[str, int]:
    """The size of the program alone, of the repository's archive that a runner downloads for `uses:`, and of the
    smallest possible action like the yardstick."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    program = PROGRAM.read_bytes()
    return {
        "the program": len(program),
        "the program, gzip": len(gzip.compress(program, mtime=0)),
        "the repository with all of it, tar.gz": len(gzip.compress(archive, mtime=0)),
        "the yardstick's two bundles": sum(len((YARDSTICK / f"{name}.cjs").read_bytes()) for name in ("step", "setup")),
        "the yardstick's two bundles, tar.gz": len(gzip.compress(tar_of_yardstick(), mtime=0)),
    }


def tar_of_yardstick() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("step.cjs", "setup.cjs"):
            archive.add(YARDSTICK / name, arcname=name)
    return packed.getvalue()


if __name__ == "__main__":
    main()
