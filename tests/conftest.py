"""One runner for all tests and one count: also collects the cmocka programs of tests/unit, and ends with the sum."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
UNIT_SOURCES = TESTS / "unit"
UNIT_PROGRAMS = TESTS.parent / "build/unit"
UNIT_TIMEOUT = 300

pytest_plugins = ("world.fixtures",)


# The unit tests


def pytest_collect_file(file_path: Path, parent):
    if file_path == TESTS / "conftest.py":
        return UnitTestsThere.from_parent(parent, path=file_path)
    if file_path.suffix == ".c" and file_path.parent.parent == UNIT_SOURCES:
        return UnitTestProgram.from_parent(parent, path=file_path)
    return None


class UnitTestsThere(pytest.File):
    """Where nothing is built, nothing fails: that is a failure of its own."""

    def collect(self):
        yield UnitTest.from_parent(self, name="unit tests are built", failure=self._failure())

    @staticmethod
    def _failure() -> str:
        built = [file for file in UNIT_PROGRAMS.glob("*/*") if os.access(file, os.X_OK) and file.is_file()]
        return "" if built else f"There is no program in {UNIT_PROGRAMS}: run `make test-programs`."


class UnitTestProgram(pytest.File):
    """A source of tests/unit, whose program runs when it is collected: only the run tells its tests' names."""

    def collect(self):
        program = UNIT_PROGRAMS / self.path.relative_to(UNIT_SOURCES).with_suffix("")
        for outcome in run_program(program):
            yield UnitTest.from_parent(self, name=outcome.name, failure=outcome.failure, skip=outcome.skip)


class UnitTest(pytest.Item):
    def __init__(self, failure: str = "", skip: str = "", **kwargs):
        super().__init__(**kwargs)
        self.failure, self.skip = failure, skip

    def reportinfo(self):
        return self.path, None, self.name

    def runtest(self):
        if self.skip:
            pytest.skip(self.skip)
        if self.failure:
            pytest.fail(self.failure, pytrace=False)


@dataclass
class Outcome:
    name: str
    failure: str = ""
    skip: str = ""


TAP_PLAN = re.compile(r"^1\.\.(\d+)$", re.M)
TAP_REMARKS = re.compile(r"(?:\n#.*)*")
TAP_RESULT = re.compile(r"^(not ok|ok) \d+ (?:- )?(# SKIP )?(.*?)\s*$", re.M)


def run_program(program: Path) -> list[Outcome]:
    """The outcomes of its tests, and one more where the program itself did not do as it should."""
    if not program.exists():
        return [Outcome("the program is built", f"There is no {program}: run `make test-programs`.")]
    try:
        run = subprocess.run(
            [program],
            env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=UNIT_TIMEOUT,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as reason:
        return [Outcome("the program runs to its end", str(reason))]
    return read_outcomes(run.returncode, run.stdout)


def read_outcomes(returncode: int, output: str) -> list[Outcome]:
    results, start = [], 0
    for found in TAP_RESULT.finditer(output):
        verdict, skip, name = found.groups()
        # What a test has to say of its failure stands before its result and behind it.
        end = TAP_REMARKS.match(output, found.end()).end()
        failure = output[start:end].strip() if verdict == "not ok" and not skip else ""
        results.append(Outcome(name, failure, "skipped by cmocka" if skip else ""))
        start = end
    planned = sum(map(int, TAP_PLAN.findall(output)))
    failed = sum(bool(result.failure) for result in results)
    # A sanitizer's report and a crash leave a status of their own, or fewer results than were planned.
    if planned == 0 or len(results) != planned or (returncode != 0) != (failed > 0) or returncode < 0:
        results.append(
            Outcome(
                "the program runs to its end",
                f"It exited with {returncode}, and {len(results)} of {planned} tests told their result:\n{output}",
            )
        )
    return results


# The sum


def pytest_unconfigure(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.collectonly:
        return
    passed, failed, errors, skipped = (
        len(reporter.stats.get(name, [])) for name in ("passed", "failed", "error", "skipped")
    )
    sum_ = f"{passed} passed, {failed + errors} failed"
    reporter.write_line(f"{sum_}, {skipped} skipped" if skipped else sum_)
