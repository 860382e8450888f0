"""docs/troubleshooting.md has every message of the sources."""

from __future__ import annotations

import re

import pytest

from world.action import ROOT

PAGE = ROOT / "docs/troubleshooting.md"
SOURCES = sorted((ROOT / "src").glob("*/*.c"))

CALL = re.compile(r"\b(?:error_set|command_(?:error|warning|notice))\s*\(")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
PLACEHOLDER = re.compile(r"%[-.*0-9]*(?:ll|l|z)?[a-zA-Z]")
# Shorter pieces occur in every text.
TELLING = 12


def plain(text: str) -> str:
    return " ".join(text.replace("`", "").replace("\\n", " ").replace('\\"', '"').split())


def literals(code: str) -> str:
    """The texts of the literals. Those that the compiler joins are joined."""
    joined = re.sub(r'"\s*\n\s*"', "", code)
    return "\n".join(plain(text) for text in LITERAL.findall(joined))


def arguments(code: str, start: int) -> str:
    """The arguments of a call. `start` is after its opening parenthesis."""
    depth, at, quoted = 1, start, False
    while depth:
        character = code[at]
        if character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
        at += 1
    return code[start : at - 1]


def messages() -> list[str]:
    found = set()
    for source in SOURCES:
        code = source.read_text()
        for call in CALL.finditer(code):
            found |= set(literals(arguments(code, call.end())).splitlines())
    return sorted(found)


def pieces(message: str) -> list[str]:
    parts = (part.strip(" .:") for part in PLACEHOLDER.split(message))
    return [part for part in parts if len(part) >= TELLING]


@pytest.mark.parametrize("message", [message for message in messages() if pieces(message)])
def test_a_message_of_the_sources_is_on_the_page(message):
    page = plain(PAGE.read_text())
    assert [piece for piece in pieces(message) if piece not in page] == []
