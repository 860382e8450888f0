"""world/parts.py: the cache of parts, which several workers and runs share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from world import parts


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DEPOT_BUILD_PUSH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_part_that_many_want_at_once_is_made_once():
    made = []

    def fill(folder: Path) -> None:
        made.append(folder)
        time.sleep(0.2)
        (folder / "program").write_text("whole")

    with ThreadPoolExecutor(4) as threads:
        folders = [each.result() for each in [threads.submit(parts._cached, "part-1.0", fill) for _ in range(4)]]

    assert len(made) == 1
    assert {(folder / "program").read_text() for folder in folders} == {"whole"}


def test_a_part_that_could_not_be_made_leaves_nothing_and_is_made_the_next_time(cache):
    def fail(folder: Path) -> None:
        (folder / "program").write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError):
        parts._cached("part-1.0", fail)
    assert [path.name for path in cache.iterdir() if path.is_dir()] == []

    folder = parts._cached("part-1.0", lambda folder: (folder / "program").write_text("whole"))
    assert (folder / "program").read_text() == "whole"


def test_every_part_of_today_is_pinned():
    assert {*parts.TODAY_PARTS} <= {*parts.GO_PROGRAMS}
    assert all(program.version.startswith("v") for program in parts.GO_PROGRAMS.values())
