"""The cmocka programs of tests/unit: their tests, and the result of each."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

SECONDS = 300
# A separate test, because a sanitizer's report or a crash belongs to no other.
WHOLE = "the program runs to its end"

TAP_PLAN = re.compile(r"^1\.\.(\d+)$", re.M)
TAP_REMARKS = re.compile(r"(?:\n#.*)*")
TAP_RESULT = re.compile(r"^(not ok|ok) \d+ (?:- )?(# SKIP )?(.*?)\s*$", re.M)


@dataclass
class Outcome:
    failure: str = ""
    skip: str = ""


@dataclass(frozen=True)
class UnitProgram:
    program: Path

    def names(self) -> list[str]:
        """Only asks for the names (UNIT_LIST, see unit.h). A program that cannot list them has one test, which
        fails."""
        try:
            return [*unique(self._run(UNIT_LIST="1", check=True).stdout.splitlines()), WHOLE]
        except (OSError, subprocess.SubprocessError):
            return [WHOLE]

    def outcome(self, name: str) -> Outcome:
        missing = Outcome(f"{self.program} told nothing of this test: see {WHOLE!r}")
        return self._outcomes().get(name, missing)

    # Runs once for all its tests.
    @functools.lru_cache(maxsize=None)
    def _outcomes(self) -> dict[str, Outcome]:
        if not self.program.exists():
            return {WHOLE: Outcome(f"There is no {self.program}: run `make test-programs`.")}
        try:
            run = self._run(CMOCKA_MESSAGE_OUTPUT="TAP")
        except (OSError, subprocess.TimeoutExpired) as reason:
            return {WHOLE: Outcome(str(reason))}
        return read_outcomes(run.returncode, run.stdout)

    def _run(self, check: bool = False, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.program],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            text=True,
            errors="replace",
            check=check,
        )


def unique(names: Iterable[str]) -> list[str]:
    """Rows of a table may differ only in white space, which the TAP result does not keep."""
    seen, told = Counter(), []
    for name in map(str.strip, names):
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def read_outcomes(returncode: int, output: str) -> dict[str, Outcome]:
    results, start = {}, 0
    told = list(TAP_RESULT.finditer(output))
    for found, name in zip(told, unique(found.group(3) for found in told)):
        verdict, skip, _ = found.groups()
        # The details of a failed test are before its result and after it.
        end = TAP_REMARKS.match(output, found.end()).end()
        failure = output[start:end].strip() if verdict == "not ok" and not skip else ""
        results[name] = Outcome(failure, "skipped by cmocka" if skip else "")
        start = end
    planned = sum(map(int, TAP_PLAN.findall(output)))
    failed = any(result.failure for result in results.values())
    # After a sanitizer's report or a crash, the status is different, or there are fewer results than planned.
    ended = planned > 0 and len(results) == planned and (returncode != 0) == failed and returncode >= 0
    told = f"It exited with {returncode}, and {len(results)} of {planned} tests told their result:\n{output}"
    return {**results, WHOLE: Outcome("" if ended else told)}
