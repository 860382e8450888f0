"""Writes bench/results.md and its charts from the measurements in build/bench/*.json. Measures nothing itself: what has
no measurement there keeps the section that it has.

    python3 bench/report.py"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any, Callable, Sequence

import chart
from measure import spread

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "build/bench"
TARGET = ROOT / "bench"

WAYS = {"this": "this action", "Node": "a Node action", "cat": "cat"}
LEAST_TIMES_FASTER, LEAST_TIMES_SMALLER, MOST_OVER_MS = 50, 15, 15
# An installation may cost at most one part in this many of what a Node action's costs.
MOST_PARTS = {
    "from the archive's last byte to the end, ms": 3,
    "peak memory, MiB": 10,
    "written to disk, MB": 3,
}
# How many times faster the persistent builder is claimed to be than each other way.
CLAIMED_FASTER = {"docker, no cache": 5, "docker, cache in an archive": 2}
# The groups that the phases of a trace belong to, in the order of a run. `build`, the CLI's own time, is in none.
GROUPS = {
    "program": ("program start", "program end"),
    "inputs and plan": ("inputs", "plan"),
    "CLI": ("CLI lookup",),
    "docker": ("ask docker", "hear docker"),
    "token": ("token",),
    "start": ("start",),
    "results, clean-up": ("results", "clean-up", "temporary builder"),
    "between": ("between",),
}

INTRODUCTION = """# What the step costs

`make bench` measures these numbers and writes this page, except for the last section. Each section names its command.
To measure one section again, run that command, then `python3 bench/report.py`. *this* is the program in `dist/`, or
in the folder that the command sets as DIST. *Node* is the yardstick: [a small action](yardstick/step.js) that we
wrote for this comparison. It does the same work as the Node actions, in the same order, with `@actions/core`,
`@actions/exec` and `@actions/http-client`, bundled into one file and minified.

A cell shows the median (minimum – maximum). The programs of a comparison run alternately, so that other load on the
machine affects all of them. Differences are taken between runs of the same pair.
"""

STEP_NOTES = """\
*Before* is the time from the start of the step to the first instruction of its CLI. *After* is the time from the
CLI's last instruction to the end of the step. The time that the same CLI takes to start by itself is subtracted, also
from CPU time. The runner's own work (a shell, the download) is not included. Peak memory is that of the step's
largest process, without the CLI. A Node action also has a post step: another process, which runs at the end of the
job.

- **(b)** The step sends requests to two hosts, GitHub's issuer and Depot's exchange, through TLS 1.3 and a proxy that
  delays each direction by half the round trip. Each host takes three round trips: the TCP handshake, the TLS
  handshake, and the request. The Node yardstick contacts one host after the other, which takes six. Only the request
  to the exchange needs the issuer's answer, so four are enough, and this action takes four. DNS is not counted: names
  come from a local file. Time beyond the round trips is spent in two places: in the services and the proxy of this
  test, and in the program, which loads the system's certificates and computes the TLS handshakes. A [*bare
  client*](exchange.py), which is already running and takes four round trips, shows how much the services and the
  proxy take.
- **(c)** The archive of the real CLI comes from a server on the loopback interface. The Node yardstick takes two
  steps: setup and build.
- **(d)** The real docker and its engine. The yardstick asks docker the same questions as the docker action. Before
  and after are one number: the time of the step minus that of a bare `docker buildx build` with the same arguments.
"""

COMMITS_NOTES = """\
[The application](application) has a TypeScript server and a React front end. Its Dockerfile installs the dependencies
of both, then lints, tests and builds them. Each [commit](history.py) changes a few lines or updates a dependency.
Each build is a run of this action that pushes an image. Each image is checked: it must contain what the commits so
far changed, and nothing from later commits. The images of the last commit are also run.

- **docker, no cache**: an engine with an empty cache, as on a fresh hosted runner.
- **docker, cache in an archive**: the same engine, with a cache of all stages (`mode=max`) that is unpacked before
  the step and packed after it, as `actions/cache` does it. Both are part of the time.
- **persistent builder**: the depot CLI, with a builder that keeps its layers and its cache mounts.

All three run on this machine, with the same engine and processors, so the numbers do not show what a larger builder
saves. They also leave out the start of an engine or builder, and the network: the cache, the builder and the registry
are local here. The megabytes below show how much data the network would have to carry. What npm fetches comes from
npm's registry in all three, and is not part of those megabytes.
"""

# For each sum over the commits: its name, its unit, and the factor for that unit.
COMMIT_SUMS = {
    "seconds": ("all commits", "s", 1),
    "seconds_loading": ("of which loading the cache", "s", 1),
    "seconds_saving": ("of which saving the cache", "s", 1),
    "bytes_loaded": ("loaded from the cache", "MB", 1e-6),
    "bytes_saved": ("saved to the cache", "MB", 1e-6),
    "bytes_pulled": ("pulled from the registry", "MB", 1e-6),
    "bytes_pushed": ("pushed to the registry", "MB", 1e-6),
}


def main() -> None:
    found = {name: read(name) for name in ("step", "installation", "throughput", "growth", "commits")}
    writers: dict[str, Callable[[dict], list[str]]] = {
        "step": step,
        "installation": installation,
        "throughput": throughput,
        "growth": growth,
        "commits": commits,
    }
    lines = [INTRODUCTION]
    for name, content in found.items():
        if content:
            lines += [f"## {content['title']}\n", f"`{content['command']}`\n", *writers[name](content), about(content)]
        else:
            print(f"  {name} was not measured: its section stays as it is")
            lines += kept_section(name)
    lines.append(Path(__file__).with_name("before_and_now.md").read_text())
    (TARGET / "results.md").write_text("\n".join(lines))
    print(f"  {(TARGET / 'results.md').relative_to(ROOT)}")


def kept_section(name: str) -> list[str]:
    """What the report says about a measurement now, if anything."""
    report = TARGET / "results.md"
    sections = re.split(r"^(?=## )", report.read_text(), flags=re.M) if report.exists() else []
    command = re.compile(rf"## .*\n\n`.*bench/{name}\.py`\n")
    return [section.rstrip("\n") + "\n" for section in sections if command.match(section)]


def read(name: str) -> dict | None:
    file = MEASURED / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def about(content: dict) -> str:
    machine = "; ".join(content["machine"].values())
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    return f"Machine: {machine}. Versions: {versions}.\n"


# Tables


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows)) + "\n"


def cell(spread: dict[str, float] | None) -> str:
    if spread is None:
        return ""
    median, least, most = (chart.number(round(spread[key], 2)) for key in ("median", "minimum", "maximum"))
    return f"{median} ({least} – {most})"


def times(this: dict[str, float], other: dict[str, float]) -> str:
    ratio = other["median"] / this["median"] if this["median"] > 0 else float("inf")
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.1f}×"


def verdict(met: bool) -> str:
    return "met" if met else "not met"


def draw(name: str, svg: str, about_it: str) -> str:
    (TARGET / f"{name}.svg").write_text(svg)
    return f"![{about_it}]({name}.svg)\n"


# 1 and 2: the step


def step(content: dict) -> list[str]:
    cases = content["cases"]
    runs = min(spread["runs"] for case in cases for spread in case["ways"]["this"].values())
    return [
        overview(cases),
        STEP_NOTES,
        f"Each program ran at least {runs} times.\n",
        "### Targets\n",
        targets(cases),
        *(f"### ({case['case']}) {case['title']}\n\n{comparison(case)}" for case in cases),
        "### Where the time goes\n",
        phase_chart(cases),
        "Medians of traced runs (`build --trace FILE`), in ms. `build` is the CLI's own time; the chart does not show "
        "it. A phase marked *(beside)* runs in another thread, and `CLI lookup` waits for it.\n",
        phase_table(cases),
        "### What a runner downloads\n",
        table(["", "bytes"], [[name, f"{size:,}"] for name, size in content["download_bytes"].items()]),
        "Node.js itself comes with the runner, so it is not counted. The repository's archive contains the programs "
        "for each platform, the sources and the tests.\n",
    ]


def waiting(way: dict[str, Any]) -> dict[str, float]:
    return way.get("before, ms") or way["before and after, ms"]


def overview(cases: list[dict]) -> str:
    rows = [(f"({case['case']}) {case['title']}", [waiting(case["ways"][way]) for way in ("this", "Node")]) for case in cases]
    title = "Time that the step adds before its CLI starts"
    return draw("overview", chart.dot_plot(title, "ms", [WAYS["this"], WAYS["Node"]], rows), title)


def targets(cases: list[dict]) -> str:
    rows = []
    for case in cases:
        this, node = case["ways"]["this"], case["ways"]["Node"]
        if case["case"] == "a":
            rows.append(_ratio("(a) times less wall time", this["before, ms"], node["before, ms"], LEAST_TIMES_FASTER))
            rows.append(
                _ratio("(a) times less memory", this["peak memory, MiB"], node["peak memory, MiB"], LEAST_TIMES_SMALLER)
            )
        elif case["case"] == "b" and case["fewest_ms"]:
            before = this["before, ms"]["median"]
            sequential, fewest = case["sequential_ms"], case["fewest_ms"]
            rows.append(_over(f"(b) over {sequential} ms of six round trips, ms", before - sequential))
            rows.append(_over(f"(b) over {fewest} ms of four round trips, ms", before - fewest))
            services = case["services, ms"]["median"]
            rows.append(_over(f"(b) over {fewest} ms and the services' own time, ms", before - services))
        elif case["case"] == "d":
            rows.append(_over("(d) over a bare `docker buildx build`, ms", this["before and after, ms"]["median"]))
    return table(["", "target", "measured", ""], rows)


def _ratio(name: str, this: dict, node: dict, least: float) -> list[str]:
    found = node["median"] / this["median"]
    return [name, f"at least {least}", f"{found:.0f}", verdict(found >= least)]


def _over(name: str, found: float) -> list[str]:
    return [name, f"at most {MOST_OVER_MS}", f"{found:.1f}", verdict(found <= MOST_OVER_MS)]


def comparison(case: dict) -> str:
    this, node = case["ways"]["this"], case["ways"]["Node"]
    names = list(dict.fromkeys([*this, *node]))
    rows = []
    if "bare, ms" in case:
        rows.append(["the bare build by itself, ms", cell(case["bare, ms"]), "", ""])
    for name in names:
        both = name in this and name in node
        rows.append([name, cell(this.get(name)), cell(node.get(name)), times(this[name], node[name]) if both else ""])
        if name == "before, ms" and case.get("fewest_ms"):
            for of_what, less in (("four round trips", case["fewest_ms"]), ("bare client", case["services, ms"]["median"])):
                over = [{key: way[name][key] - less for key in ("median", "minimum", "maximum")} for way in (this, node)]
                rows.append([f"over {chart.number(less)} ms of the {of_what}, ms", cell(over[0]), cell(over[1]), ""])
    return table(["", WAYS["this"], WAYS["Node"], "Node / this"], rows)


def phase_chart(cases: list[dict]) -> str:
    rows = [
        (f"({case['case']}) {case['title']}", [sum(case["phases"].get(name, 0) for name in names) for names in GROUPS.values()])
        for case in cases
    ]
    title = "Where the time goes that the step adds"
    return draw("phases", chart.stacked_bars(title, list(GROUPS), rows, "ms"), title)


def phase_table(cases: list[dict]) -> str:
    names = list(dict.fromkeys(name for case in cases for name in case["phases"]))
    rows = [[name, *(f"{case['phases'][name]:.2f}" if name in case["phases"] else "" for case in cases)] for name in names]
    return table(["phase", *(f"({case['case']}) {case['title']}" for case in cases)], rows)


# The setup step


INSTALLATION_NOTES = """\
The setup step installs the real CLI, {program:.1f} MB, into an empty tool cache. A server on the loopback interface
sends its archive, {archive:.1f} MB. *Node* installs the CLI as Node actions install a tool: [download the archive to
disk, unpack it with `tar` to a second place, copy that to a third](yardstick/setup.js). The time of the archive's
last byte is when the server has passed it to its socket. Peak memory is that of the program or of Node.js, without
`tar`. Written to disk is all that the processes wrote, `tar` included, also to files that are removed later. Each
program ran at least {runs} times.
"""

WRITTEN_NOTES = """\
A third of what Node writes is out of reach. The cache must hold the program once, {program:.1f} MB. Node writes the
archive once and the program twice: {archive:.1f} + 2 × {program:.1f} = {node:.1f} MB. One copy instead of these three
files is {part:.3f} of that, and no installation can write less. It would be a third only if the archive were not
compressed at all.
"""


def installation(content: dict) -> list[str]:
    program, archive = content["program_bytes"] / 1e6, content["archive_bytes"] / 1e6
    node = archive + 2 * program
    runs = min(part["runs"] for case in content["cases"] for part in case["parts"].values())
    return [
        INSTALLATION_NOTES.format(program=program, archive=archive, runs=runs),
        "### Targets of the setup step\n",
        table(
            ["this / Node, for each pair of runs", "target", "measured", ""],
            [
                _part(f"{name.rpartition(', ')[0]}, {case['title']}", case["parts"][name], most)
                for case in content["cases"]
                for name, most in MOST_PARTS.items()
            ],
        ),
        WRITTEN_NOTES.format(program=program, archive=archive, node=node, part=program / node),
        *(f"### The CLI {case['title']}\n\n{comparison(case)}" for case in content["cases"]),
    ]


def _part(name: str, found: dict, most: int) -> list[str]:
    median, least, greatest = (f"{found[key]:.3f}" for key in ("median", "minimum", "maximum"))
    return [name, f"at most 1/{most}", f"{median} ({least} – {greatest})", verdict(found["median"] <= 1 / most)]


# 4: throughput


def throughput(content: dict) -> list[str]:
    rows = content["rows"]
    sinks = list(dict.fromkeys(row["sink"] for row in rows))
    ways = ["this", "Node", "cat"]

    def of(sink: str, way: str) -> dict:
        return next(row for row in rows if (row["sink"], row["way"]) == (sink, way))

    title = f"Throughput of a log of {content['bytes'] / 1e9:g} GB"
    groups = [(f"into {sink}", [of(sink, way)["MB/s"] for way in ways]) for sink in sinks]
    measures = ("MB/s", "CPU, ms", "peak memory, MiB")
    lines = [[f"{WAYS[row['way']]}, into {row['sink']}", *(cell(row[name]) for name in measures)] for row in rows]
    memory = [[f"{point['bytes'] / 1e6:,.0f} MB", f"{point['peak memory, MiB']:.2f}"] for point in content["memory"]]
    return [
        draw("throughput", chart.bars(title, "MB/s", [WAYS[way] for way in ways], groups), title),
        "From the first instruction of a CLI that prints as fast as it can, to the end of the step. CPU time is that "
        "of the step and its CLI together. For `cat`, it includes the shell that connects the two, and peak memory is "
        "that of the shell.\n",
        table(["", *measures], lines),
        "Memory of this action by the length of the log:\n",
        table(["log", "peak memory, MiB"], memory),
    ]


# 5: growth


def growth(content: dict) -> list[str]:
    whole = [series for series in content["series"] if "`plan`" in series["title"]]
    title = "Time to plan by the size of the inputs"
    panels = [
        chart.Panel(
            *(series["title"].replace(", `plan`", ""), series["unit"], "ms"),
            *([("median", [(point["size"], point["ms"]["median"]) for point in series["points"]])], True),
        )
        for series in whole
    ]
    lines = [
        draw("growth", chart.panels(title, panels), title),
        "The exponent *p* of *time = fixed + c · sizeᵖ* is fitted to the three largest sizes: 1 is linear, 2 is "
        "quadratic. If it is a little more than 1, the data no longer fits the processor's caches. One variable holds "
        "at most 128 KiB, so the items for `plan` are spread over eight inputs. The tables after those for `plan` show "
        "how long it takes to read one list, of any length.\n",
    ]
    for series in content["series"]:
        lines += [f"**{series['title']}**, exponent {series['exponent']:.2f}\n", points_table(series)]
    return lines


def points_table(series: dict) -> str:
    of_process = "peak memory, MiB" in series["points"][0]
    unit, factor = ("ms", 1) if of_process else ("µs", 1000)
    rows = []
    for point in series["points"]:
        time = {key: factor * point["ms"][key] for key in ("median", "minimum", "maximum")}
        row = [f"{point['size']:,}", cell(time), f"{1e6 * point['ms']['median'] / point['size']:,.0f}"]
        rows.append([*row, cell(point["peak memory, MiB"])] if of_process else row)
    head = [series["unit"], unit, f"ns / {series['unit'].rstrip('s')}"]
    return table([*head, "peak memory, MiB"] if of_process else head, rows)


# 3: ten commits


def commits(content: dict) -> list[str]:
    ways = content["ways"]
    first, *builds = ways[0]["series"][0]
    number = len(builds)
    rows = [
        [f"{build['commit']}. {build['title']}", *(of_series(_each(way, place)) for way in ways)]
        for place, build in enumerate([first, *builds])
    ]
    sums = [
        [f"**{name}**, {unit}", *(of_series(_totals(way, key, factor)) for way in ways)]
        for key, (name, unit, factor) in COMMIT_SUMS.items()
    ]
    several = len(ways[0]["series"])
    return [
        commits_chart(ways, number),
        COMMITS_NOTES,
        f"Series of builds: {several}. The sums are over {number} commits. They leave out the first build, of commit "
        "0, for which nothing is cached yet.\n",
        commit_claims(ways),
        table(["commit, s", *(way["way"] for way in ways)], [*rows, *sums]),
    ]


def commits_chart(ways: list[dict], number: int) -> str:
    each = {way["way"]: [spread(_each(way, place))["median"] for place in range(number + 1)] for way in ways}
    lines = [(name, list(enumerate(seconds))) for name, seconds in each.items()]
    summed = [(name, list(enumerate(itertools.accumulate(seconds[1:], initial=0)))) for name, seconds in each.items()]
    title = f"Builds of {number} commits in a row"
    content = [chart.Panel("each build", "commit", "s", lines), chart.Panel("all commits so far", "commit", "s", summed)]
    return draw("commits", chart.panels(title, content), title)


def commit_claims(ways: list[dict]) -> str:
    """The ratio of the sums, for each series, because the builds of one series ran close together."""
    persistent = _totals(ways[-1], "seconds")
    rows = []
    for way in ways[:-1]:
        ratios = [own / least for own, least in zip(_totals(way, "seconds"), persistent)]
        claimed = CLAIMED_FASTER[way["way"]]
        met = spread(ratios)["median"] >= claimed
        rows.append([way["way"], f"at least {claimed}", of_series(ratios), verdict(met)])
    return table([f"how many times faster the {ways[-1]['way']} is than", "claimed", "measured", ""], rows)


def of_series(values: list[float]) -> str:
    return cell(spread(values)) if len(values) > 1 else chart.number(round(values[0], 2))


def _each(way: dict, place: int) -> list[float]:
    return [series[place]["seconds"] for series in way["series"]]


def _totals(way: dict, key: str, factor: float = 1) -> list[float]:
    return [factor * sum(build.get(key, 0) for build in series[1:]) for series in way["series"]]


if __name__ == "__main__":
    main()
