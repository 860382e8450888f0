"""Everything that the pages name exists: links, anchors, files, make targets, workflows, commands."""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from world.action import PROGRAMS, ROOT

LISTED = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
PAGES = [ROOT / name for name in LISTED.splitlines() if "node_modules" not in name]

LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.M | re.S)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
# Made by a command that the page names, so a fresh checkout does not have them.
MADE = ("build/",)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@functools.cache
def prose(page: Path) -> str:
    """The page without its code blocks."""
    return CODE_BLOCK.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes from headings: lower case, without punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    texts = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {text.strip().replace(" ", "-") for text in texts}


def links(page: Path) -> list[str]:
    return [link for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]


def files(page: Path) -> set[str]:
    """Paths in code spans that begin with a folder of this repository."""
    spans = (span.removeprefix("./") for span in CODE_SPAN.findall(prose(page)))
    plain = re.compile(r"[\w.-]+(/[\w.-]+)+/?")
    return {span for span in spans if plain.fullmatch(span) and span.split("/")[0] in FOLDERS}


def scripts(page: Path) -> list[str]:
    return [text for _, language, text in CODE_BLOCK.findall(page.read_text()) if language in ("sh", "bash", "console")]


def targets(page: Path) -> set[str]:
    spans = [*CODE_SPAN.findall(prose(page)), *"\n".join(scripts(page)).splitlines()]
    return {name for span in spans for name in re.findall(r"(?:^|&& )make(?: [A-Z_]+=\S+)* ([a-z][\w-]*)(?![\w/-])", span)}


MAKE_TARGETS = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.M))


def test_there_are_pages():
    assert ROOT / "README.md" in PAGES
    assert any(links(page) for page in PAGES) and any(files(page) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_the_page_leads_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_that_the_page_names_is_there(page):
    missing = {name for name in files(page) if not name.startswith(MADE) and not (ROOT / name).exists()}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_that_the_page_names_is_one(page):
    assert targets(page) - MAKE_TARGETS == set()


def test_the_plan_of_the_readme_is_printed(tmp_path):
    (script,) = (text for text in scripts(ROOT / "README.md") if "depot-build-push plan" in text)
    (tmp_path / "dist").symlink_to(PROGRAMS)
    run = subprocess.run(["sh", "-euc", script], cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/bin"})
    assert run.returncode == 0, run.stderr
    plan = json.loads(run.stdout)
    assert plan["command"][0] == plan["builder"] == "depot"
    assert shlex.split(script)[-1] == "plan"


def test_the_tests_of_links_find_a_broken_one():
    page = ROOT / "README.md"
    assert "no-such-heading" not in anchors(page)
    assert LINK.findall("see [a](b.md#c) and [![x](y.svg)](z)") == ["b.md#c", "z"]
