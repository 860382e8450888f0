"""Measures how time and memory grow with the size of the inputs: lists of 10 to 100,000 items, and event payloads of
1 KB to 50 MB.

    python3 bench/growth.py [--runs N]

One variable holds at most 128 KiB, so 100,000 items are spread over several inputs. growth.c measures how long it takes
to read one list of any length, and to read a log, without starting a process each time."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import tempfile
from pathlib import Path

import measure
from measure import BIN, PROGRAM, ROOT, Job, in_turn, spread

ITEMS = (10, 100, 1_000, 10_000, 100_000)
PAYLOADS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)
# Lists of each kind. Each holds 128 KiB, and an item takes five bytes of that.
LISTS = ("add-hosts", "allow", "no-cache-filters", "labels", "annotations", "build-args", "ulimit", "ssh")
COMMIT = {
    **{"id": "0" * 40, "message": "Say \"what\" changed\n\nand why: \u00e9", "timestamp": "2026-01-01T00:00:00Z"},
    **{"author": {"name": "Mona", "email": "mona@example.com"}, "added": [], "modified": ["src/main.c", "README.md"]},
}


def main() -> None:
    options = measure.options(__doc__.partition("\n")[0], runs=10)
    measure.compile_programs()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        series = [
            whole_step("list items, `plan`", "items", Path(folder), ITEMS, items_job, options.runs),
            whole_step("bytes of the event's payload, `plan`", "bytes", Path(folder), PAYLOADS, payload_job, options.runs),
            *readings(),
        ]
    measure.write("growth", "Growth with the inputs", {"series": series})


def whole_step(title: str, unit: str, folder: Path, sizes: tuple[int, ...], make, runs: int) -> dict:
    """Measures the whole program. The smallest size shows the fixed cost of starting a process."""
    jobs = {str(size): make(folder / f"{unit}-{size}", size) for size in sizes}
    found = in_turn(runs, {name: (lambda job=job: job.run([PROGRAM, "plan"])) for name, job in jobs.items()})
    points = [
        {
            **{"size": size, "ms": spread(run.wall_ms for run in found[str(size)])},
            "peak memory, MiB": spread(run.peak_mib for run in found[str(size)]),
        }
        for size in sizes
    ]
    return {"title": title, "unit": unit, "points": points, "exponent": exponent(points)}


def items_job(folder: Path, count: int) -> Job:
    folder.mkdir()
    lists = {name: items(count * number // len(LISTS), count * (number + 1) // len(LISTS)) for number, name in enumerate(LISTS)}
    return Job(folder, inputs={"context": ".", **lists})


def items(first: int, last: int) -> str:
    """Items such as `a=00`, some of them in quotes, to give the CSV parser work."""
    return "\n".join('"a,b"' if number % 10 == 0 else f"a={number % 100:02}" for number in range(first, last))


def payload_job(folder: Path, size: int) -> Job:
    folder.mkdir()
    repository = {"full_name": "acme/app", "private": False}
    count = max(1, size // len(json.dumps(COMMIT)))
    commits = [COMMIT] * count
    event = {"ref": "refs/heads/main", "repository": repository, "commits": commits}
    event["padding"] = "x" * max(0, size - len(json.dumps({**event, "padding": ""})))
    return Job(folder, inputs={"context": "."}, event=("push", event))


def readings() -> list[dict]:
    """Measures only the reading of lists and logs, for each shape."""
    subprocess.run(["make", "-s", "build/bench/bin/growth"], cwd=ROOT, check=True)
    printed = subprocess.run([BIN / "growth"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[dict]] = {}
    for line in printed.splitlines():
        shape, count, *times = line.split("\t")
        median, least, most = (int(time) / 1e6 for time in times)
        point = {"size": int(count), "ms": {"median": median, "minimum": least, "maximum": most, "runs": 11}}
        found.setdefault(shape, []).append(point)
    return [series(shape, points) for shape, points in found.items()]


def series(shape: str, points: list[dict]) -> dict:
    if shape.startswith("log"):
        return {"title": f"bytes of a {shape}", "unit": "bytes", "points": points, "exponent": exponent(points)}
    if shape.startswith("secret"):
        return {"title": shape, "unit": "lines", "points": points, "exponent": exponent(points)}
    if shape.startswith("context"):
        return {"title": f"items of a {shape}", "unit": "items", "points": points, "exponent": exponent(points)}
    return {"title": f"list items, {shape}", "unit": "items", "points": points, "exponent": exponent(points)}


def exponent(points: list[dict]) -> float:
    """p in time = fixed + c * size^p, fitted to the three largest sizes by least squares: 1 is linear, 2 quadratic."""
    fixed = points[0]["ms"]["minimum"]
    sizes = [math.log(point["size"]) for point in points[-3:]]
    times = [math.log(max(point["ms"]["minimum"] - fixed, 1e-6)) for point in points[-3:]]
    return statistics.linear_regression(sizes, times).slope


if __name__ == "__main__":
    main()
