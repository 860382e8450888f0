"""What an installation of the CLI costs, against the way of a Node action: download to disk, `tar` to a second place,
copy to a third. Both from one local server, with the real CLI's archive; runs alternate.

The server sends as fast as it can, or at a steady rate, which is what a runner sees of the internet."""

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from stand_ins.depot_downloads import DepotDownloads, Fault, real_archive  # noqa: E402
from world import parts  # noqa: E402

RUNS = 7
VERSION = parts.DEPOT_VERSION
RATES = {"as fast as the server can": 0, "at 40 MB/s": 40_000_000}
MEASURES = ("in all, s", "after the last byte was sent, s", "peak memory, MB", "written to disk, MB")

# The steps of the Node action, without the libraries that it loads for them.
NODE = r"""
const fs = require('fs'), path = require('path'), http = require('http')
const {pipeline} = require('stream/promises'), {execFileSync} = require('child_process')
const [base, cache, temp, version] = process.argv.slice(2)
const get = url => new Promise((resolve, reject) => http.get(url, {agent: false}, response => {
  if (response.statusCode !== 302) return resolve(response)
  response.resume()
  resolve(get(response.headers.location))
}).on('error', reject))
async function main() {
  const chunks = []
  for await (const chunk of await get(`${base}/cli/release/linux/x64/latest`)) chunks.push(chunk)
  const {url} = JSON.parse(Buffer.concat(chunks))
  const archive = path.join(temp, 'archive'), unpacked = path.join(temp, 'unpacked')
  await pipeline(await get(url), fs.createWriteStream(archive))
  fs.mkdirSync(unpacked)
  execFileSync('tar', ['xz', '-C', unpacked, '-f', archive])
  const place = path.join(cache, 'depot', version, 'x64')
  fs.mkdirSync(place, {recursive: true})
  await fs.promises.copyFile(path.join(unpacked, 'bin', 'depot'), path.join(place, 'depot'))
  fs.writeFileSync(`${place}.complete`, '')
}
main()
"""


class Peak(threading.Thread):
    """The most memory that a process ever held. Its ru_maxrss would count what it was forked from."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.status, self.kilobytes = Path(f"/proc/{pid}/status"), 0

    def run(self) -> None:
        while True:
            try:
                found = re.search(r"^VmHWM:\s+(\d+)", self.status.read_text(), re.M)
            except OSError:
                return
            if not found:
                return
            self.kilobytes = int(found.group(1))
            time.sleep(0.005)


def measure(way: str, program: str, server: DepotDownloads, folder: Path) -> list[float]:
    """The MEASURES of one installation into an empty cache."""
    cache, temp = folder / "cache", folder / "temp"
    for place in (cache, temp):
        place.mkdir()
    if way == "node":
        script = folder / "install.js"
        script.write_text(NODE)
        command = [shutil.which("node"), str(script), server.url, str(cache), str(temp), VERSION]
    else:
        command = [program, "setup"]
    variables = {
        **{"PATH": os.environ["PATH"], "RUNNER_TOOL_CACHE": str(cache), "RUNNER_TEMP": str(temp)},
        **{"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", **server.environment()},
    }
    began = time.monotonic()
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    peak = Peak(process.pid)
    peak.start()
    # Of the process and all that it waited for.
    _, status, usage = os.wait4(process.pid, 0)
    ended = time.monotonic()
    peak.join()
    process.returncode = status
    installed = cache / "depot" / VERSION / "x64/depot"
    if status != 0 or not installed.exists():
        raise SystemExit(f"the {way} way ended with status {status} and installed nothing")
    return [
        ended - began,
        ended - server.storage.sent_last_byte,
        peak.kilobytes * 1024 / 1e6,
        usage.ru_oublock * 512 / 1e6,
    ]


def compare(program: str, server: DepotDownloads) -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = {"node": [], "this": []}
    for _ in range(RUNS):
        for way, values in found.items():
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
                values.append(measure(way, program, server, Path(folder)))
    return found


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def main() -> None:
    program = str(Path(sys.argv[1]).resolve())
    if not shutil.which("node"):
        raise SystemExit("node is not installed: there is nothing to compare with")
    with DepotDownloads() as server:
        archive = real_archive(parts.get_depot(print))
        server.publish(VERSION, archive)
        print(f"{RUNS} pairs of runs, {os.cpu_count()} processors, Linux {platform.release()}; ", end="")
        print(f"archive of {len(archive) / 1e6:.1f} MB; median (least–most)\n")
        print("| | | the Node way | this | this / Node |\n|---|---|---|---|---|")
        for name, rate in RATES.items():
            server.storage.always = Fault(bytes_a_second=rate)
            found = compare(program, server)
            for measured, node, this in zip(MEASURES, zip(*found["node"]), zip(*found["this"])):
                ratio = statistics.median(this) / (statistics.median(node) or 1)
                print(f"| {name} | {measured} | {spread(node)} | {spread(this)} | {ratio:.2f} |", flush=True)


main()
