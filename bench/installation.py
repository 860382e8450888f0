"""Measures what it costs to install the CLI: the setup step, compared with a Node action that downloads the archive to
disk, unpacks it with `tar` to a second place, and copies that to a third.

    python3 bench/installation.py [--runs N]"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import measure
from measure import PROGRAM, Job, in_turn, spread, yardstick

from stand_ins.depot_downloads import DepotDownloads, Fault, real_archive  # noqa: E402 - measure.py has set the path
from world import parts

OURS, NODE = "this", "Node"
RATES = {"at full speed": 0, "at 40 MB/s": 40_000_000}


@dataclass
class Cost:
    after_last_byte_ms: float
    peak_mib: float
    written_mb: float
    wall_ms: float
    cpu_ms: float


MEASURES = {
    "from the archive's last byte to the end, ms": "after_last_byte_ms",
    "peak memory, MiB": "peak_mib",
    "written to disk, MB": "written_mb",
    "the whole step, ms": "wall_ms",
    "CPU, ms": "cpu_ms",
}


def main() -> None:
    options = measure.options(__doc__.partition("\n")[0], runs=15)
    measure.compile_programs()
    measure.bundle_yardstick()
    depot = parts.get_depot(print)
    archive = real_archive(depot)
    with DepotDownloads() as server:
        server.publish(parts.DEPOT_VERSION, archive)
        cases = [case(name, rate, server, depot, options.runs) for name, rate in RATES.items()]
    sizes = {"archive_bytes": len(archive), "program_bytes": depot.stat().st_size}
    measure.write("installation", "What it costs to install the CLI", {**sizes, "cases": cases}, {"depot": parts.DEPOT_VERSION})


def case(name: str, rate: int, server: DepotDownloads, depot: Path, runs: int) -> dict:
    server.storage.always = Fault(bytes_a_second=rate)
    ways = {OURS: [PROGRAM, "setup"], NODE: yardstick("setup")}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        here = Job(
            Path(folder),
            path=[Path("/usr/bin"), Path("/bin")],
            inputs={"version": parts.DEPOT_VERSION},
            variables={**server.environment(), "HOME": folder},
        )
        found = in_turn(runs, {way: lambda way=way: installed(here, ways[way], server, depot) for way in ways})
    return {
        "title": name,
        "ways": {way: {name: spread(values(found[way], of)) for name, of in MEASURES.items()} for way in ways},
        # For each pair of runs.
        "parts": {
            name: spread(ours / node for ours, node in zip(values(found[OURS], of), values(found[NODE], of)))
            for name, of in MEASURES.items()
        },
    }


def values(costs: list[Cost], of: str) -> list[float]:
    return [getattr(cost, of) for cost in costs]


def installed(here: Job, command: list, server: DepotDownloads, depot: Path) -> Cost:
    """What an installation into an empty tool cache costs. It must succeed."""
    for name in ("tools", "temp"):
        shutil.rmtree(here.folder / name, ignore_errors=True)
    run = here.run(command)
    (program,) = here.folder.glob("tools/depot/*/*/depot")
    if program.stat().st_size != depot.stat().st_size:
        raise SystemExit(f"{command[0]} installed another program than the server has")
    return Cost(
        after_last_byte_ms=run.ended / 1e6 - server.storage.sent_last_byte * 1e3,
        peak_mib=run.peak_mib,
        written_mb=run.disk_bytes / 1e6,
        wall_ms=run.wall_ms,
        cpu_ms=run.cpu_ms,
    )


if __name__ == "__main__":
    main()
