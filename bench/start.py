"""What the step costs before its CLI runs, with a token given: from the start of `depot-build-push build` to the
first instruction of `depot`, less what it takes to start that program directly. Runs alternate between the two."""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 200


def environment(folder: Path) -> dict[str, str]:
    event = folder / "event.json"
    event.write_text(json.dumps({"repository": {"full_name": "acme/app", "private": False}}))
    inputs = {"CONTEXT": ".", "TAGS": "registry.example/app:1", "PUSH": "true", "TOKEN": "depot_token", "PLATFORMS": "linux/amd64,linux/arm64"}
    return {
        "PATH": str(folder), "RUNNER_TEMP": str(folder), "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event), "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": "0" * 40,
        "GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "1",
        **{f"INPUT_{name}": value for name, value in inputs.items()},
    }


def measure(command: list[str], variables: dict[str, str]) -> tuple[float, int]:
    """Milliseconds to the probe's start, and the peak memory of its parent in KiB."""
    reader, writer = os.pipe()
    os.dup2(writer, 9)
    os.close(writer)
    began = time.monotonic_ns()
    subprocess.run(command, env=variables, stdout=subprocess.DEVNULL, check=True, close_fds=False)
    os.close(9)
    with os.fdopen(reader) as report:
        started, peak = report.read().split()
    return (int(started) - began) / 1e6, int(peak)


def spread(values: list[float]) -> str:
    return f"{min(values):.2f} | {statistics.median(values):.2f} | {max(values):.2f}"


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        probe = folder / "depot"
        subprocess.run(["cc", "-O2", "-static", "-o", probe, Path(__file__).with_name("probe.c")], check=True)
        variables = environment(folder)
        direct, through, peaks = [], [], []
        for _ in range(RUNS):
            direct.append(measure([str(probe)], variables)[0])
            elapsed, peak = measure([program, "build"], variables)
            through.append(elapsed)
            peaks.append(peak / 1024)
    print(f"{RUNS} pairs of runs, {os.cpu_count()} processors, Linux {platform.release()}\n")
    print("| | minimum | median | maximum |\n|---|---|---|---|")
    print(f"| start of the CLI by itself, ms | {spread(direct)} |")
    print(f"| start of the CLI through the step, ms | {spread(through)} |")
    print(f"| difference pair by pair, ms | {spread([a - b for a, b in zip(through, direct)])} |")
    print(f"| peak memory of the step by then, MiB | {spread(peaks)} |")


main()
