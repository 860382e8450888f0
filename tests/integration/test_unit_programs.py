"""world/unit_programs.py notices every failure of a unit test, and every unexpected end of its program."""

from __future__ import annotations

import pytest

from world.unit_programs import WHOLE, UnitProgram

LIST = 'if [ -n "$UNIT_LIST" ]; then printf "one\\ntwo: a row\\n"; exit 0; fi\n'
BOTH_PASS = "echo 1..2; echo ok 1 - one; echo ok 2 - two: a row"
ONE_FAILS = 'echo 1..2; echo ok 1 - one; echo "2 != 3"; echo not ok 2 - two: a row; echo "# test.c:7: error"'


@pytest.fixture
def program(tmp_path):
    def write(script: str) -> UnitProgram:
        file = tmp_path / "program"
        file.write_text(f"#!/bin/sh\necho started >> {tmp_path}/starts\n{script}\n")
        file.chmod(0o755)
        return UnitProgram(file)

    return write


def failures(program: UnitProgram) -> dict[str, str]:
    return {name: program.outcome(name).failure for name in program.names() if program.outcome(name).failure}


def test_names_are_told_without_a_run_and_one_run_tells_all_outcomes(program, tmp_path):
    passing = program(LIST + BOTH_PASS)

    assert passing.names() == ["one", "two: a row", WHOLE]
    assert failures(passing) == {}
    assert (tmp_path / "starts").read_text().count("started") == 3  # names twice, one run


def test_a_failure_is_told_with_what_the_program_said_of_it(program):
    (failure,) = failures(program(f"{LIST}{ONE_FAILS}; exit 1")).items()

    assert failure == ("two: a row", '2 != 3\nnot ok 2 - two: a row\n# test.c:7: error')


def test_tests_of_one_name_are_told_apart(program):
    names = 'printf "row:\\nrow: \\nrow:  \\n"; [ -z "$UNIT_LIST" ] || exit 0\n'
    failing = program(names + "echo 1..3; echo ok 1 - row:; echo 'not ok 2 - row: '; echo 'ok 3 - row:  '; exit 1")

    assert failing.names() == ["row:", "row: (2)", "row: (3)", WHOLE]
    assert [*failures(failing)] == ["row: (2)"]


def test_a_test_that_is_skipped_is_no_pass(program):
    skipping = program(LIST + "echo 1..2; echo ok 1 - one; echo 'ok 2 # SKIP two: a row'")

    assert (failures(skipping), skipping.outcome("two: a row").skip) == ({}, "skipped by cmocka")


@pytest.mark.parametrize(
    "end",
    [
        f"{BOTH_PASS}; echo AddressSanitizer; exit 1",
        f"{BOTH_PASS}; kill -SEGV $$",
        f"{ONE_FAILS}; exit 0",
        f"{ONE_FAILS}; kill -ABRT $$",
        "echo 1..2; echo ok 1 - one; exit 0",
        "echo 1..2; echo ok 1 - one; exit 1",
        "exit 0",
        "exit 3",
    ],
)
def test_a_program_that_does_not_end_as_its_tests_is_a_failure(program, end):
    assert WHOLE in failures(program(LIST + end))


def test_a_test_that_the_program_tells_nothing_of_is_a_failure(program):
    assert "two: a row" in failures(program(LIST + "echo 1..1; echo ok 1 - one"))


@pytest.mark.parametrize("script", ["exit 1", "kill -SEGV $$"])
def test_a_program_that_cannot_tell_its_names_is_a_failure(program, script):
    assert [*failures(program(script))] == [WHOLE]


def test_a_program_that_is_not_built_is_a_failure(tmp_path):
    assert "make test-programs" in failures(UnitProgram(tmp_path / "nothing"))[WHOLE]
