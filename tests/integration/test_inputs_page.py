"""docs/inputs.md says what the program does, and the tables of the unit tests agree with it."""

from __future__ import annotations

import json
import re

import pytest

from integration.job import PLAN, Job
from integration.test_action_file import ACTION, program_inputs
from world.action import ROOT
from world.events import pull_request

PAGE = (ROOT / "docs/inputs.md").read_text()
UNIT = ROOT / "tests/unit/plan"
ID = "builder-id=https://github.com/octo/app/actions/runs/424242/attempts/1"
BUILDERS = {"depot": "`depot build`", "docker": "`docker buildx build`"}


def rows(section: str) -> list[dict[str, str]]:
    """The rows of the last table of a section. Each maps the table's headings to its cells."""
    body = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    table = re.findall(r"(?:^\|.*\n)+", body, re.M)[-1]
    head, _, *lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def words(cell: str) -> list[str]:
    """What is between backticks. `⏎` is a line break."""
    return [word.replace("⏎", "\n") for word in re.findall(r"`([^`]+)`", cell)]


INPUTS = {words(row["input"])[0]: row for row in rows("The inputs")}


def command(job: Job, builder: str, inputs: dict[str, str]) -> list[str]:
    job.event = pull_request(fork=builder == "docker")
    job.environment["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "true"
    if builder == "depot":
        inputs = {"token": "depot_x", **inputs}
    plan = json.loads(job.run(inputs, script=PLAN).raw)
    assert plan["builder"] == builder
    return plan["command"]


def flags(arguments: list[str], flag: str) -> list[str]:
    return [value for name, value in zip(arguments, arguments[1:]) if name == flag]


def test_the_page_has_every_input_in_its_kind_and_with_its_default():
    of_page = {name: (row["kind"], "".join(words(row["default"]))) for name, row in INPUTS.items()}
    assert of_page == program_inputs()
    assert list(of_page) == list(ACTION["inputs"])


def test_every_kind_is_told_of():
    body = PAGE.split("\n## How an input is read\n")[1]
    told = re.findall(r"^\| ([a-z ,]+) \| ", body.split("\nCSV")[0], re.M)
    assert set(told) - {"kind"} == {kind for kind, _ in program_inputs().values()}


def test_the_page_has_every_output():
    assert [words(row["output"])[0] for row in rows("Outputs")] == list(ACTION["outputs"])


SAMPLES = {
    "string": ("one", ["one"]),
    "bool": ("true", []),
    "split list": ("one,two", ["one", "two"]),
    "whole list": ("one=1\ntwo=2", ["one=1", "two=2"]),
    "whole list, quotes kept": ("type=a\ntype=b", ["type=a", "type=b"]),
    "list of agents": ("default,two=/2", ["default", "two=/2"]),
}


def expected(cell: str, items: list[str]) -> list[str]:
    (flag,) = words(cell)
    if cell.endswith(" joined"):
        return [flag, ",".join(items)]
    return [argument for item in items for argument in (flag, item)] or [flag]


# With `call`, docker builds.
WITH_FLAGS = [
    (name, builder)
    for name, row in INPUTS.items()
    for builder in BUILDERS
    if "`--" in "".join(row.values()) and (name, builder) != ("call", "depot")
]


@pytest.mark.parametrize("name, builder", WITH_FLAGS)
def test_an_input_becomes_the_flags_of_the_page(job: Job, builder, name):
    row = INPUTS[name]
    value, items = SAMPLES[row["kind"]]
    without, with_ = command(job, builder, {}), command(job, builder, {name: value})

    cell = row[BUILDERS[builder]]
    wanted = expected(cell, items) if cell.startswith("`--") else []
    assert sorted(with_) == sorted(without + wanted)
    assert wanted == [] or " ".join(wanted) in " ".join(with_)


LISTS = rows("How an input is read")


@pytest.mark.parametrize("row", LISTS, ids=lambda row: f"{row['input']} {row['value']}")
def test_a_list_has_the_items_of_the_page(job: Job, row):
    (name,), (value,) = words(row["input"]), words(row["value"])
    (flag,) = words(INPUTS[name]["`depot build`"])

    assert flags(command(job, "depot", {name: value}), flag) == words(row["items"])


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("row", rows("Attestations"), ids=lambda row: f"{row['input']} {row['value']}")
def test_an_attestation_is_that_of_the_page(job: Job, builder, row):
    (name,), (value,), (cell,) = words(row["input"]), words(row["value"]), words(row[BUILDERS[builder]])
    flag, attestation = cell.split(" ", 1)

    assert attestation.replace("ID", ID) in flags(command(job, builder, {name: value}), flag)


WHITE_SPACE = [chr(code) for code in [*range(9, 14), 32, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]]


def test_white_space_is_that_of_the_page(job: Job):
    body = " ".join(PAGE.split("Values are trimmed")[1].split("The values")[0].split())
    codes = [int(code, 16) for code in re.findall(r"U\+([0-9A-F]{4})", body)]
    names = ["space", "tab", "line feed", "carriage return", "vertical tab", "form feed"]
    assert all(name in body for name in names)
    assert all(chr(code) in WHITE_SPACE for code in codes)
    around = "".join(WHITE_SPACE)

    assert flags(command(job, "depot", {"target": f"{around}a{around}"}), "--target") == ["a"]


# The unit tests


def table_of(file: str, name: str) -> str:
    """The rows of a C table."""
    return re.search(rf"\b{name}\[\] = {{\n(.*?)\n}};", (UNIT / file).read_text(), re.S).group(1)


KINDS = {
    "STRING": "string",
    "BOOLEAN": "bool",
    "SPLIT": "split list",
    "WHOLE": "whole list",
    "UNTRIMMED": "whole list, untrimmed",
    "AGENTS": "list of agents",
    "LINES": "whole list, quotes kept",
}


def test_the_unit_tests_of_inputs_have_the_kinds_and_defaults_of_the_page():
    of_unit = {
        name: (KINDS[kind], (default or "").strip('"'))
        for name, kind, default in re.findall(r'{"([a-z-]+)", ([A-Z]+), AT\(\w+\), (?:NULL|("[^"]*"))}', table_of("inputs.c", "ROWS"))
    }
    of_page = {name: (row["kind"], "".join(words(row["default"]))) for name, row in INPUTS.items()}
    # Inputs that are more than a text have their own tests.
    for name in ("fork-builder", "retries"):
        of_page.pop(name)
    assert of_unit == of_page


def test_the_unit_tests_of_arguments_have_the_flags_of_the_page():
    of_unit: dict[str, set[str]] = {}
    for row in re.findall(r"^    {(.*?)},?$(?=\n    {|\Z)", table_of("arguments.c", "ROWS"), re.S | re.M):
        for name in re.findall(r'"([a-z-]+)=', row):
            of_unit.setdefault(name, set()).update(re.findall(r"\|(--[a-z-]+)", row))
    for name, row in INPUTS.items():
        of_page = {flag for builder in BUILDERS.values() for flag in words(row[builder]) if flag.startswith("--")}
        assert of_page <= of_unit[name], name


PAGES = {"inputs.c": "The inputs", "arguments.c": "The inputs", "builder.c": "Who builds", "attestations.c": "Attestations"}


@pytest.mark.parametrize("file", PAGES)
def test_a_unit_test_names_the_part_of_the_page_that_it_tests(file):
    assert f"docs/inputs.md, {PAGES[file]}" in (UNIT / file).read_text()
    assert f"\n## {PAGES[file]}\n" in PAGE
