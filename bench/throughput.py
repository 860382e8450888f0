"""Measures how fast a build's log passes through the step. A CLI prints 1 GB as fast as it can, through this program,
the Node yardstick and `cat`, to /dev/null and to a pipe that is read, as the runner reads it.

    python3 bench/throughput.py [--runs N] [--bytes N]"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Callable

import measure
from measure import BIN, PROGRAM, Job, Run, in_turn, spread, yardstick

INPUTS = {"context": ".", "token": "depot_project_0123456789abcdef"}
SINKS = ("/dev/null", "a pipe")
MEMORY_SIZES = (10_000_000, 100_000_000, 1_000_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10, help="of each way and sink, alternately")
    parser.add_argument("--bytes", type=int, default=1_000_000_000, help="that the CLI prints")
    options = parser.parse_args()
    measure.compile_programs()
    measure.bundle_yardstick()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        here = Job(Path(folder), inputs=INPUTS)
        rows = [row for sink in SINKS for row in compare(here, sink, options)]
        memory = [peak(here, size) for size in MEMORY_SIZES if size <= options.bytes]
    content = {"bytes": options.bytes, "rows": rows, "memory": memory}
    measure.write("throughput", f"Throughput of a log of {options.bytes / 1e9:g} GB", content)


def ways() -> dict[str, list]:
    cat = ["/bin/sh", "-c", f"'{BIN / 'depot'}' build | /bin/cat"]
    return {"cat": cat, "this": [PROGRAM, "build"], "Node": yardstick()}


def compare(here: Job, sink: str, options: argparse.Namespace) -> list[dict]:
    def way(command: list) -> Callable[[], Run]:
        return lambda: printing(here, command, sink, options.bytes)

    found = in_turn(options.runs, {name: way(command) for name, command in ways().items()}, warm_up=0)
    return [
        {
            **{"way": name, "sink": sink, "MB/s": spread(rate(run, options.bytes) for run in runs)},
            **{"peak memory, MiB": spread(run.peak_mib for run in runs), "CPU, ms": spread(run.cpu_ms for run in runs)},
        }
        for name, runs in found.items()
    ]


def rate(run: Run, size: int) -> float:
    """The rate from the first instruction of the CLI to the end of the step, when all of the log has passed."""
    return size / 1e6 / ((run.ended - run.build[0]) / 1e9)


def printing(here: Job, command: list, sink: str, size: int) -> Run:
    here.variables["BENCH_OUTPUT"] = str(size)
    if sink == "/dev/null":
        return here.run(command)
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        run = here.run(command, stdout=reader.stdin)
        reader.stdin.close()
    return run


def peak(here: Job, size: int) -> dict:
    run = printing(here, [PROGRAM, "build"], "a pipe", size)
    return {"bytes": size, "peak memory, MiB": run.peak_mib}


if __name__ == "__main__":
    main()
