"""A rule for every job summary: text that is not the step's own is in code spans and fenced blocks."""

from __future__ import annotations

import re

LIMIT = 64 * 1024
LINK = re.compile(r"\[See this build at Depot\]\(https://depot\.dev/[A-Za-z0-9/_-]+\)")
FOLDED = re.compile(r"<details><summary>[A-Za-z0-9 ]+</summary>|</details>")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
OWN = re.compile(r"[A-Za-z0-9 .,:;'\"()/=%?_|*·✅❌⚪#-]*")


def check(summary: str) -> None:
    assert len(summary.encode()) <= LIMIT
    fence = ""
    for line in re.split(r"\r\n|[\n\r]", summary):
        ticks = re.fullmatch("`{3,}", line)
        if fence:
            fence = "" if ticks and len(line) >= len(fence) else fence
        elif ticks:
            fence = line
        else:
            rest = SPAN.sub("", FOLDED.sub("", LINK.sub("", line)))
            assert OWN.fullmatch(rest), line
    assert not fence, "a block that is not closed"


def blocks(summary: str) -> list[str]:
    """The texts of the fenced blocks."""
    return [text for _, text in re.findall(r"^(`{3,})\n(.*?)\n\1$", summary, re.M | re.S)]


def headings(summary: str) -> list[str]:
    return re.findall(r"^### (.*)$", summary, re.M)
