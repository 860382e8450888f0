"""What all measurements share: how to start a run, what is measured of it, pairs of runs, and the file of the results,
which report.py reads."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "bench"
WORK = ROOT / "build/bench"
BIN = WORK / "bin"
YARDSTICK = WORK / "yardstick"
sys.path.insert(0, str(ROOT / "tests"))

ARCHITECTURES = {"x86_64": "X64", "aarch64": "ARM64"}
# DIST=build/dist measures what `make static` built. For an older program, set another folder of the same layout.
DIST = ROOT / os.environ.get("DIST", "dist")
PROGRAM = DIST / f"Linux-{ARCHITECTURES.get(platform.machine(), 'X64')}/depot-build-push"
C_FLAGS = ("-std=c11", "-D_GNU_SOURCE", "-O2", "-static", "-Wall", "-Wextra")


# The programs of the measurement


def compile_programs() -> None:
    """Compiles launch, and the probe under the name of the CLI that it replaces."""
    BIN.mkdir(parents=True, exist_ok=True)
    for source, program in (("launch.c", "launch"), ("probe.c", "depot")):
        _run(["cc", *C_FLAGS, "-o", BIN / program, SOURCES / source])


def bundle_yardstick() -> None:
    """Bundles each program of the yardstick into one file, as actions are released. It is minified, which favours it."""
    YARDSTICK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCES / "yardstick" / name, YARDSTICK)
    if not (YARDSTICK / "node_modules/.bin/esbuild").exists():
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=YARDSTICK)
    for name in ("step", "setup"):
        source, target = SOURCES / f"yardstick/{name}.js", YARDSTICK / f"{name}.cjs"
        options = ("--bundle", "--minify", "--platform=node", "--target=node18", "--log-level=warning")
        environment = {**os.environ, "NODE_PATH": str(YARDSTICK / "node_modules")}
        _run([YARDSTICK / "node_modules/.bin/esbuild", source, *options, f"--outfile={target}"], env=environment)


def node() -> str:
    found = shutil.which("node")
    if not found:
        raise SystemExit("node is not installed: there is nothing to compare with")
    return found


def yardstick(name: str = "step") -> list[str]:
    return [node(), str(YARDSTICK / f"{name}.cjs")]


def _run(command: Sequence[object], **options) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{Path(str(command[0])).name} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


# A job


@dataclass
class Job:
    """The folders and variables of a job. Runs steps in it, and measures them."""

    folder: Path
    path: list[Path] = field(default_factory=lambda: [BIN])
    inputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    event: tuple[str, dict] = ("push", {"repository": {"full_name": "acme/app", "private": False}})

    def environment(self) -> dict[str, str]:
        name, payload = self.event
        event, temp, cache = self.folder / "event.json", self.folder / "temp", self.folder / "tools"
        temp.mkdir(exist_ok=True)
        cache.mkdir(exist_ok=True)
        if not event.exists():
            event.write_text(json.dumps(payload))
        for file in ("output", "path"):
            (self.folder / file).touch()
        return {
            **{"PATH": ":".join(map(str, self.path)), "RUNNER_TEMP": str(temp), "RUNNER_TOOL_CACHE": str(cache)},
            **{"RUNNER_OS": "Linux", "RUNNER_ARCH": ARCHITECTURES.get(platform.machine(), "X64")},
            **{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(event)},
            **{"GITHUB_OUTPUT": str(self.folder / "output"), "GITHUB_PATH": str(self.folder / "path")},
            **{"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": "0" * 40},
            **{"GITHUB_REF": "refs/heads/main", "GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "1"},
            **{"BENCH_REPORT": str(self.folder / "cli")},
            **{f"INPUT_{name.upper().replace('-', '_')}": value for name, value in self.inputs.items()},
            **self.variables,
        }

    def run(self, command: Sequence[object], stdout: Any = subprocess.DEVNULL) -> Run:
        """Runs the command until it ends. It must succeed."""
        report, cli = self.folder / "launch", self.folder / "cli"
        cli.unlink(missing_ok=True)
        words = [str(BIN / "launch"), str(report), *map(str, command)]
        done = subprocess.run(
            words, env=self.environment(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE
        )
        numbers = [int(word) for word in report.read_text().split()]
        if done.returncode != 0 or numbers[2] != 0:
            raise SystemExit(f"{words[2]} ended with status {numbers[2]}:\n{done.stderr.decode(errors='replace')}")
        builds = [tuple(map(int, line.split())) for line in cli.read_text().splitlines()] if cli.exists() else []
        return Run(*numbers, builds[-1] if builds else (0, 0))


@dataclass
class Run:
    """What launch.c reports about a run, and the probe about its build. Times are in ns."""

    began: int
    ended: int
    status: int
    cpu_us: int
    disk_bytes: int
    peak_kib: int
    build: tuple[int, int]

    @property
    def wall_ms(self) -> float:
        return (self.ended - self.began) / 1e6

    @property
    def before_ms(self) -> float:
        """From the start of the step to the first instruction of its CLI."""
        return (self.build[0] - self.began) / 1e6

    @property
    def after_ms(self) -> float:
        """From the last instruction of its CLI to the end of the step."""
        return (self.ended - self.build[1]) / 1e6

    @property
    def cpu_ms(self) -> float:
        return self.cpu_us / 1e3

    @property
    def peak_mib(self) -> float:
        return self.peak_kib / 1024


# Numbers


def in_turn(runs: int, ways: Mapping[str, Callable[[], Any]], warm_up: int = 1) -> dict[str, list]:
    """The results of each way. They run alternately, so that other load on the machine affects all of them."""
    found: dict[str, list] = {name: [] for name in ways}
    for number in range(-warm_up, runs):
        for name, run in ways.items():
            result = run()
            if number >= 0:
                found[name].append(result)
    return found


def spread(values: Iterable[float]) -> dict[str, float]:
    known = list(values)
    return {"median": statistics.median(known), "minimum": min(known), "maximum": max(known), "runs": len(known)}


def difference(left: Sequence[Run], right: Sequence[Run], of: Callable[[Run], float]) -> dict[str, float]:
    """The differences, one for each pair of runs."""
    return spread([of(one) - of(other) for one, other in zip(left, right)])


# The file


def machine() -> dict[str, str]:
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M)
    system = re.search(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release").read_text(), re.M)
    return {
        "processor": f"{cpu.group(1).strip() if cpu else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory.group(1)) / 1024 / 1024:.0f} GiB" if memory else "unknown",
        "system": f"{system.group(1) if system else 'Linux'}, Linux {platform.release().partition('-')[0]}",
        # Over the last five minutes: other load on the machine affects the numbers.
        "load": f"load average {os.getloadavg()[1]:.1f}",
    }


def versions(**more: str) -> dict[str, str]:
    lock = json.loads((SOURCES / "yardstick/package-lock.json").read_text())["packages"]
    packages = {
        name.removeprefix("node_modules/"): package["version"]
        for name, package in lock.items()
        if name.startswith("node_modules/@actions/") and name.count("node_modules") == 1
    }
    return {
        "depot-build-push": _run([PROGRAM, "version"]).split()[-1],
        "Node.js": _run([node(), "--version"]).strip().lstrip("v"),
        **packages,
        **more,
    }


def write(name: str, title: str, content: Mapping[str, Any], more_versions: Mapping[str, str] | None = None) -> None:
    file = WORK / f"{name}.json"
    head = {
        "title": title,
        "command": f"{f'DIST={DIST.relative_to(ROOT)} ' if DIST != ROOT / 'dist' else ''}python3 bench/{name}.py",
        "machine": machine(),
        "versions": versions(**(more_versions or {})),
    }
    file.write_text(json.dumps({**head, **content}, indent=2) + "\n")
    print(f"  {file.relative_to(ROOT)}", flush=True)


def options(description: str, runs: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help=f"of each way, alternately (default {runs})")
    return parser.parse_args()
