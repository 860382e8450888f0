"""action.yml, the program's table of inputs and README agree."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from integration.job import Job
from world.action import ORDINARY, ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
(STEP,) = ACTION["runs"]["steps"]
README = ROOT / "README.md"

# README explains these defaults in words, because the value depends on the job.
SPOKEN_DEFAULTS = {"context": "Git context", "provenance": "see below", "token": "`DEPOT_TOKEN`"}


def help_text(command: str) -> str:
    return subprocess.run([ORDINARY, command, "--help"], capture_output=True, text=True, check=True).stdout


def program_inputs(command: str = "build") -> dict[str, tuple[str, str]]:
    """The kind and the default of each input, in the order of the table in C."""
    rows = re.findall(r"^  ([a-z0-9-]+) +(\S.*?)  +(\S+)$", help_text(command), re.M)
    return {name: (kind, "" if default == "-" else default) for name, kind, default in rows}


def readme_rows(section: str) -> list[dict[str, str]]:
    """The first table of a section of README. Each row maps the table's headings to its cells."""
    body = README.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    table = re.search(r"(?:^\|.*\n)+", body, re.M)
    head, _, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.group().splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def readme_names(section: str) -> list[str]:
    return [next(iter(row.values())).strip("`") for row in readme_rows(section)]


def variable(name: str) -> str:
    return f"INPUT_{name.upper().replace('-', '_')}"


# The inputs


def test_the_help_tells_every_input_in_the_order_of_the_alphabet():
    names = list(program_inputs())
    assert len(names) > 40
    # `save-tag` comes before `save-tags`, and `lint` before `lint-fail-on`.
    assert names == sorted(names)


def test_action_yml_has_the_inputs_of_the_program_and_no_others():
    assert list(ACTION["inputs"]) == list(program_inputs())


def test_readme_has_the_inputs_of_the_program_and_no_others():
    assert readme_names("Inputs") == list(program_inputs())


def test_every_input_is_mapped_to_its_variable_and_nothing_else_is():
    assert STEP["env"] == {variable(name): f"${{{{ inputs.{name} }}}}" for name in program_inputs()}


@pytest.mark.parametrize("name", ACTION["inputs"])
def test_the_default_is_the_same_everywhere(name):
    of_action = ACTION["inputs"][name].get("default", "")
    _, of_program = program_inputs()[name]
    (row,) = (row for row in readme_rows("Inputs") if row["input"] == f"`{name}`")

    # The runner computes the value of an expression. The program only gets the result.
    assert of_program == ("" if "${{" in of_action else of_action)
    assert row["default"] == SPOKEN_DEFAULTS.get(name, f"`{of_action}`" if of_action else "")


@pytest.mark.parametrize("name", ACTION["inputs"])
def test_the_kind_in_readme_is_that_of_the_program(name):
    kind, _ = program_inputs()[name]
    (row,) = (row for row in readme_rows("Inputs") if row["input"] == f"`{name}`")
    assert row["kind"] == kind


def test_no_input_is_required_and_each_is_described():
    for name, description in ACTION["inputs"].items():
        assert not description.get("required"), name
        assert description["description"].strip(), name


# The outputs


def test_every_output_is_that_of_the_step():
    of_step = {name: f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}" for name in ACTION["outputs"]}
    assert {name: output["value"] for name, output in ACTION["outputs"].items()} == of_step


def test_readme_has_the_outputs_of_action_yml_and_no_others():
    assert readme_names("Outputs") == list(ACTION["outputs"])


def test_the_program_sets_every_output_of_action_yml_and_no_others(job: Job):
    step = job.start()
    job.checked(step.wait())
    (file,) = (job.folder / "files").glob("github_output_*")
    assert re.findall(r"^(.+?)<<", file.read_text(), re.M) == list(ACTION["outputs"])


# The setup action

SETUP = yaml.safe_load((ROOT / "setup/action.yml").read_text())
(SETUP_STEP,) = SETUP["runs"]["steps"]


def test_setup_has_the_inputs_of_the_program_and_no_others():
    inputs = program_inputs("setup")
    assert {"version", "oidc", "configure-docker", "sha256"} == set(inputs)
    assert list(SETUP["inputs"]) == list(inputs)
    assert readme_names("Setup") == list(inputs)
    assert SETUP_STEP["env"] == {variable(name): f"${{{{ inputs.{name} }}}}" for name in inputs}


@pytest.mark.parametrize("name", SETUP["inputs"])
def test_a_default_of_setup_is_the_same_everywhere(name):
    of_action = SETUP["inputs"][name].get("default", "")
    kind, of_program = program_inputs("setup")[name]
    (row,) = (row for row in readme_rows("Setup") if row["input"] == f"`{name}`")

    assert of_program == of_action
    assert row["default"] == (f"`{of_action}`" if of_action else "")
    assert row["kind"] == kind
    assert SETUP["inputs"][name]["description"].strip() and not SETUP["inputs"][name].get("required")


def test_setup_is_one_step_in_plain_sh_without_outputs():
    assert SETUP["runs"]["using"] == "composite"
    assert "outputs" not in SETUP
    assert SETUP_STEP["shell"] == "sh"
    assert "${{" not in SETUP_STEP["run"]


@pytest.mark.parametrize("system, machine", [("Linux", "S390X"), ("Windows", "X64")])
def test_setup_on_a_platform_without_a_program_is_one_error(setup_job, system, machine):
    setup_job.environment = {"RUNNER_OS": system, "RUNNER_ARCH": machine}

    error = setup_job.fail()

    assert f"{system}-{machine}" in error
    assert "run the job on one of Linux-X64, or" in error


# The script


def test_it_is_a_composite_action_of_one_step_in_plain_sh():
    assert ACTION["runs"]["using"] == "composite"
    assert STEP["shell"] == "sh"
    # Text inside an expression would become code of the script.
    assert "${{" not in STEP["run"]


@pytest.fixture(params=["dash", "busybox"])
def shell(request, tmp_path):
    """A folder for PATH in which this shell is `sh`."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"{request.param.upper()} IS NOT INSTALLED: the script is not tested under it")
    folder = tmp_path / "shell"
    folder.mkdir()
    (folder / "sh").symlink_to(program)
    return folder


HYPHENATED = {"build-args": "A=1\nB=two words, \"quoted\" $HOME `id`", "no-cache-filters": "stage", "save-tag": "one"}


def test_hyphenated_inputs_pass_through_the_shell(job: Job, cli, shell):
    job.path.insert(0, shell)

    job.succeed(HYPHENATED)

    assert cli.call.values("--build-arg") == ["A=1", 'B=two words, "quoted" $HOME `id`']
    assert cli.call.values("--no-cache-filter") == ["stage"]
    assert cli.call.values("--save-tag") == ["one"]


@pytest.mark.parametrize("system, machine", [("Linux", "S390X"), ("Windows", "X64"), ("macOS", "ARM64")])
def test_a_platform_without_a_program_is_one_error(job: Job, shell, system, machine):
    job.path.insert(0, shell)
    job.environment = {"RUNNER_OS": system, "RUNNER_ARCH": machine}

    error = job.fail()

    assert f"{system}-{machine}" in error
    assert f"{job.action}/dist/{system}-{machine}/depot-build-push" in error
    assert "run the job on one of Linux-X64, or" in error


def test_a_checkout_without_any_program_is_one_error(job: Job, tmp_path):
    job.action = tmp_path / "empty action"
    job.action.mkdir()
    shutil.copy(ROOT / "action.yml", job.action)

    assert "There is no depot-build-push" in job.fail()
