"""One runner and one count for all tests: also collects the cmocka programs of tests/unit, and prints the total at the
end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from world.unit_programs import UnitProgram

TESTS = Path(__file__).resolve().parent
UNIT_SOURCES = TESTS / "unit"
UNIT_PROGRAMS = TESTS.parent / "build/unit"

pytest_plugins = ("world.fixtures",)


# The order


# Each worker starts its own engines for these tests. They run first, so that every worker gets its share of them, and
# the quick tests fill the gaps at the end.
FIRST = ("end_to_end", "workflows")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in FIRST)


# The unit tests


def pytest_collect_file(file_path: Path, parent):
    if file_path == TESTS / "conftest.py":
        return UnitTestsThere.from_parent(parent, path=file_path)
    if file_path.suffix == ".c" and file_path.parent.parent == UNIT_SOURCES:
        return UnitTestSource.from_parent(parent, path=file_path)
    return None


class UnitTestsThere(pytest.File):
    """If nothing is built, nothing can fail. So this is a failure."""

    def collect(self):
        yield UnitTestsAreBuilt.from_parent(self, name="unit tests are built")


class UnitTestsAreBuilt(pytest.Item):
    def runtest(self):
        built = [file for file in UNIT_PROGRAMS.glob("*/*") if os.access(file, os.X_OK) and file.is_file()]
        if not built:
            pytest.fail(f"There is no program in {UNIT_PROGRAMS}: run `make test-programs`.", pytrace=False)


class UnitTestSource(pytest.File):
    """A source of tests/unit. Its program lists its tests when it is collected."""

    def collect(self):
        module = self.path.relative_to(UNIT_SOURCES).with_suffix("")
        program = UnitProgram(UNIT_PROGRAMS / module)
        for name in program.names():
            test = UnitTest.from_parent(self, name=name, program=program)
            # The worker that runs the program runs all of its tests.
            test.add_marker(pytest.mark.xdist_group(f"unit/{module}"))
            yield test


class UnitTest(pytest.Item):
    def __init__(self, program: UnitProgram, **kwargs):
        super().__init__(**kwargs)
        self.program = program

    def reportinfo(self):
        return self.path, None, self.name

    def runtest(self):
        outcome = self.program.outcome(self.name)
        if outcome.skip:
            pytest.skip(outcome.skip)
        if outcome.failure:
            pytest.fail(outcome.failure, pytrace=False)


# The total


def pytest_unconfigure(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    # Workers of xdist have no terminal. Their results are in the total of the process that has one.
    if reporter is None or config.option.collectonly:
        return
    passed, failed, errors, skipped = (
        len(reporter.stats.get(name, [])) for name in ("passed", "failed", "error", "skipped")
    )
    sum_ = f"{passed} passed, {failed + errors} failed"
    reporter.write_line(f"{sum_}, {skipped} skipped" if skipped else sum_)
