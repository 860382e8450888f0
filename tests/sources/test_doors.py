"""The doors of the sources: which code writes to the log, keeps the runner from obeying it, and runs a builder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"

# A function of stdio that takes no stream, or standard output under any of its names.
PRINTS = re.compile(r"\b(?:v?printf|puts|putchar|perror|stdout|STDOUT_FILENO)\b|\b(?:d?printf|write)\s*\(\s*1\b")
# The standard output of a child, and what github/commands is told to write to.
NOT_OURS = re.compile(
    r"posix_spawn_file_actions_adddup2\(&files, output, STDOUT_FILENO\)|commands_start\(STDOUT_FILENO,"
    r"|__attribute__\(\(format\(printf,"
)
GUARD = re.compile(r"\b(?:commands_stop|commands_resume|commands_log|stop-commands)\b")
RUN = re.compile(r"\bprocess_run\b|\[command\]")

COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', re.S)


def code_of(text: str) -> str:
    """The source without its comments, which may name what the code must not."""
    return COMMENT_OR_TEXT.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)


def files_with(pattern: re.Pattern) -> set[str]:
    return {
        str(file.relative_to(SOURCES))
        for file in [*SOURCES.rglob("*.c"), *SOURCES.rglob("*.h")]
        if pattern.search(NOT_OURS.sub("", code_of(file.read_text())))
    }


def test_only_github_writes_to_standard_output_besides_help_and_version():
    assert {file for file in files_with(PRINTS) if not file.startswith("github/")} == {"main.c"}


def test_the_guard_is_opened_around_a_process_by_execute_alone():
    assert files_with(GUARD) == {"github/commands.c", "github/commands.h", "run/execution.c"}


def test_a_program_whose_output_is_shown_is_run_and_announced_by_execute_alone():
    assert files_with(RUN) == {"system/process.c", "system/process.h", "run/execution.c"}


def test_one_function_inherits_an_environment():
    """All other environments have a few variables, or are for a question to a program, with the environment of a
    plan."""
    assert files_with(re.compile(r'"ACTIONS_ID_TOKEN_REQUEST_"')) == {"plan/plan.c"}


FORBIDDEN = ['puts("a");', 'printf("%s", a);', "fputs(a, stdout);", "fwrite(a, 1, 2, stdout);", "putchar('a');"]
FORBIDDEN += ["write(1, a, 2);", "write( STDOUT_FILENO, a, 2);", "dprintf(1, a);", "vprintf(a, b);", "fflush(stdout);"]
ALLOWED = ['snprintf(a, 1, "b");', "fputs(a, stderr);", "outputs(a);", "write(10, a, 2);", "/* printf(a) */", "fprintf(file, a);"]


@pytest.mark.parametrize("line", FORBIDDEN)
def test_what_writes_to_standard_output_is_seen(line):
    assert PRINTS.search(code_of(line))


@pytest.mark.parametrize("line", ALLOWED)
def test_what_does_not_is_left_alone(line):
    assert not PRINTS.search(code_of(line))
