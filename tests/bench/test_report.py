"""bench/report.py: turns measured numbers into tables and charts."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

import chart
import report

HEAD = {"command": "python3 bench/it.py", "machine": {"processor": "one, 2 cores"}, "versions": {"it": "1.0"}}
WAYS = ("docker, no cache", "docker, cache in an archive", "persistent builder")


def spread(median: float) -> dict:
    return {"median": median, "minimum": median / 2, "maximum": median * 2, "runs": 10}


def case(letter: str, this: float, node: float, **more) -> dict:
    measured = "before and after, ms" if letter == "d" else "before, ms"
    ways = {
        name: {measured: spread(ms), "peak memory, MiB": spread(memory)}
        for name, ms, memory in (("this", this, 1), ("Node", node, 50))
    }
    return {"case": letter, "title": "a case", "ways": ways, "phases": {"inputs": 0.1, "build": 5, "token": 1}, **more}


def commits(*series: tuple[float, float, float], number: int = 10) -> dict:
    """In each series: how many seconds a build takes in each way."""

    def builds(seconds: float) -> list[dict]:
        first = {"commit": 0, "title": "First", "seconds": 100, "bytes_saved": 9e9}
        more = [{"commit": each, "title": f"Change {each}", "seconds": seconds} for each in range(1, number + 1)]
        return [first, *({**build, "bytes_saved": 1_000_000} for build in more)]

    ways = [{"way": way, "series": [builds(each[place]) for each in series]} for place, way in enumerate(WAYS)]
    return {**HEAD, "title": "Ten commits", "ways": ways}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes the report for the given measurements. Returns the text of results.md."""
    measured, target = tmp_path / "measured", tmp_path / "bench"
    measured.mkdir()
    target.mkdir()
    for name, value in (("MEASURED", measured), ("TARGET", target), ("ROOT", tmp_path)):
        monkeypatch.setattr(report, name, value)

    def write(**contents: dict) -> str:
        for name, content in contents.items():
            (measured / f"{name}.json").write_text(json.dumps(content))
        report.main()
        return (target / "results.md").read_text()

    return write


def step(*cases: dict) -> dict:
    return {**HEAD, "title": "The step", "cases": list(cases), "download_bytes": {"the program": 1}}


def test_a_target_is_met_or_not(written):
    text = written(step=step(case("a", 1, 100), case("d", 16, 300, **{"bare, ms": spread(200)})))

    assert "| (a) times less wall time | at least 50 | 100 | met |" in text
    assert "| (d) over a bare `docker buildx build`, ms | at most 15 | 16.0 | not met |" in text


def test_round_trips_are_not_held_against_the_step(written):
    more = {"sequential_ms": 120, "fewest_ms": 80, "services, ms": spread(90)}
    text = written(step=step(case("b", 100, 300, **more)))

    assert "| (b) over 120 ms of six round trips, ms | at most 15 | -20.0 | met |" in text
    assert "| (b) over 80 ms of four round trips, ms | at most 15 | 20.0 | not met |" in text
    assert "| (b) over 80 ms and the services' own time, ms | at most 15 | 10.0 | met |" in text


MEASURES = ("from the archive's last byte to the end, ms", "peak memory, MiB", "written to disk, MB")


def installation(*found: float) -> dict:
    ways = {way: {name: spread(10) for name in MEASURES} for way in ("this", "Node")}
    case = {"title": "at full speed", "ways": ways, "parts": dict(zip(MEASURES, map(spread, found)))}
    sizes = {"archive_bytes": 20_000_000, "program_bytes": 50_000_000}
    return {**HEAD, **sizes, "title": "The installation", "cases": [case]}


def test_an_installation_is_held_against_its_part_of_a_node_action_s(written):
    text = written(installation=installation(0.3, 0.2, 0.42))

    assert "| from the archive's last byte to the end, at full speed | at most 1/3 | 0.300 (0.150 – 0.600) | met |" in text
    assert "| peak memory, at full speed | at most 1/10 | 0.200 (0.100 – 0.400) | not met |" in text
    assert "| written to disk, at full speed | at most 1/3 | 0.420 (0.210 – 0.840) | not met |" in text
    assert "20.0 + 2 × 50.0 = 120.0 MB" in text and "0.417" in text
    assert "ran at least 10 times" in " ".join(text.split())


def test_ten_commits_are_told_one_by_one_and_summed_without_the_first_build(written, tmp_path):
    text = written(commits=commits((20, 9, 2.5)))

    assert "| 0. First | 100 | 100 | 100 |" in text
    assert "| 10. Change 10 | 20 | 9 | 2.5 |" in text
    assert "| **all commits**, s | 200 | 90 | 25 |" in text
    assert "| **saved to the cache**, MB | 10 | 10 | 10 |" in text
    assert WAYS[2] in "".join(ElementTree.parse(tmp_path / "bench/commits.svg").getroot().itertext())


def test_what_is_claimed_of_the_persistent_builder_is_measured_or_not(written):
    text = written(commits=commits((20, 9, 2.5)))
    assert "| docker, no cache | at least 5 | 8 | met |" in text
    assert "| docker, cache in an archive | at least 2 | 3.6 | met |" in text

    text = written(commits=commits((20, 9, 5)))
    assert "| docker, no cache | at least 5 | 4 | not met |" in text
    assert "| docker, cache in an archive | at least 2 | 1.8 | not met |" in text


def test_of_several_series_the_spread_is_told_and_ratios_are_taken_series_by_series(written):
    text = written(commits=commits((20, 9, 2.5), (40, 18, 4), (30, 12, 10)))

    assert "| 10. Change 10 | 30 (20 – 40) | 12 (9 – 18) | 4 (2.5 – 10) |" in text
    assert "| docker, no cache | at least 5 | 8 (3 – 10) | met |" in text


def test_one_commit_is_enough_for_a_chart(written):
    assert "Builds of 1 commits in a row" in written(commits=commits((20, 9, 2.5), number=1))


def test_what_was_not_measured_is_left_out(written, tmp_path):
    text = written(commits=commits((20, 9, 2.5)))

    assert "## Ten commits" in text and "## The step" not in text
    assert [file.name for file in (tmp_path / "bench").glob("*.svg")] == ["commits.svg"]


def test_what_was_not_measured_again_keeps_its_section(written, tmp_path):
    measured = {**commits((20, 9, 2.5)), "command": "python3 bench/commits.py"}
    before = written(step=step(case("a", 1, 100)), commits=measured)
    (tmp_path / "measured/commits.json").unlink()

    assert written(step=step(case("a", 1, 100))) == before


NUMBERS = {0: "0", 0.654: "0.65", 3: "3", 12.34: "12.3", 1234.5: "1,234"}


@pytest.mark.parametrize("value", NUMBERS)
def test_a_number_has_the_digits_that_are_known(value):
    assert chart.number(value) == NUMBERS[value]


def test_a_logarithmic_axis_is_marked_at_powers_of_ten():
    assert chart.Scale(0.1, 1000, 0, 100, logarithmic=True).ticks() == [0.1, 1, 10, 100, 1000]


def test_a_linear_axis_is_marked_at_round_numbers():
    assert chart.Scale(0, 63, 0, 100).ticks() == [0, 20, 40, 60]
