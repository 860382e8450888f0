"""Measures the reader of a build's log against logs with labels.

    python3 bench/labels.py progress.json

The file is a list of objects with `name`, `log` and `expected`: members that bench/read.c prints, or `retry` or `never`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from measure import BIN, ROOT


def read(log: str) -> dict:
    printed = subprocess.run([BIN / "read"], input=log.encode(), capture_output=True, check=True).stdout
    return json.loads(printed.decode(errors="replace"))


def differences(found: dict, expected: dict | str) -> list[str]:
    if isinstance(expected, str):
        expected = {"retry": expected == "retry"}
    return [f"{name} is {found[name]!r}, not {value!r}" for name, value in expected.items() if not same(found[name], value)]


def same(found: object, expected: object) -> bool:
    """Whether two values are equal. The reader keeps only the first 200 bytes of a name."""
    if isinstance(found, str) and isinstance(expected, str):
        return found == expected.encode()[:200].decode(errors="ignore")
    return found == expected


def main() -> None:
    subprocess.run(["make", "-s", BIN.relative_to(ROOT) / "read"], cwd=ROOT, check=True)
    cases = json.loads(Path(sys.argv[1]).read_text())
    wrong = {case["name"]: differences(read(case["log"]), case["expected"]) for case in cases}
    for name, reasons in wrong.items():
        if reasons:
            print(f"{name}: {'; '.join(reasons)}")
    print(f"{sum(not reasons for reasons in wrong.values())} of {len(cases)} are read as labelled")


if __name__ == "__main__":
    main()
