"""Finds the certificates that are built into a program."""

from __future__ import annotations

# One after the other, each a DER sequence with a length of two bytes.
BEGIN = b"\x30\x82"


def built_in_certificates(program: bytes) -> dict[int, bytes]:
    """The certificates by their offsets: the longest row of them in the program."""
    best: dict[int, bytes] = {}
    start = program.find(BEGIN)
    while start >= 0:
        row = _row_at(program, start)
        best = max(best, row, key=len)
        start = program.find(BEGIN, start + 1)
    return best


def _row_at(program: bytes, at: int) -> dict[int, bytes]:
    row = {}
    while program[at : at + 2] == BEGIN:
        end = at + 4 + int.from_bytes(program[at + 2 : at + 4], "big")
        row[at] = program[at:end]
        at = end
    return row
