"""Every workflow and every action.yml is well-formed, and uses only what this action has."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from workflows.engine import EXAMPLES, LOGIN_ACTION
from world.action import ROOT

WORKFLOWS = sorted([*EXAMPLES.rglob("*.yml"), *ROOT.glob(".github/workflows/*.yml")])
ACTIONS = {
    "depot/build-push-action@v1": ROOT / "action.yml",
    "depot/build-push-action/setup@v1": ROOT / "setup/action.yml",
    "docker/login-action@v3": LOGIN_ACTION / "action.yml",
}
SCHEMA = json.loads(Path(__file__).with_name("action.schema.json").read_text())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def load(file: Path) -> dict:
    if not file.exists():
        pytest.skip(f"THERE IS NO {named(file)}: IT IS NOT CHECKED")
    return yaml.safe_load(file.read_text())


# Workflows


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_actionlint_finds_nothing_in_the_workflow(actionlint, workflow):
    found = subprocess.run([actionlint, "-no-color", "-pyflakes=", workflow], capture_output=True, text=True)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_actionlint_does_find_faults(actionlint, tmp_path):
    faulty = tmp_path / "faulty.yml"
    faulty.write_text("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ no.such }}'}]}}\n")
    assert subprocess.run([actionlint, faulty], capture_output=True).returncode == 1


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_a_workflow_gives_an_action_only_inputs_that_it_has(workflow):
    for job in load(workflow)["jobs"].values():
        for step in job.get("steps", []):  # a job that calls a workflow has no steps
            if step.get("uses") in ACTIONS:
                known = load(ACTIONS[step["uses"]])["inputs"]
                assert set(step.get("with") or {}) <= set(known), step["uses"]


@pytest.mark.parametrize("workflow", sorted(EXAMPLES.rglob("*.yml")), ids=named)
def test_an_example_uses_only_actions_that_the_tests_can_run(workflow):
    known = {*ACTIONS, "actions/checkout@v4"}
    if workflow.name == "before.yml":
        known.add("docker/build-push-action@v6")
    steps = [step for job in load(workflow)["jobs"].values() for step in job["steps"]]
    assert {step["uses"] for step in steps if "uses" in step} <= known


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_git_may_read_what_a_container_has_checked_out(workflow):
    """The folder belongs to the runner's own user, not root, so git refuses it. actions/checkout makes an exception
    only for its own step."""
    for job in load(workflow)["jobs"].values():
        names = [step.get("uses", "").partition("@")[0] for step in job.get("steps", [])]
        if "container" in job and "actions/checkout" in names:
            later = job["steps"][names.index("actions/checkout") + 1 :]
            scripts = [step["run"] for step in later if "run" in step]
            assert scripts[0] == 'git config --global --add safe.directory "$GITHUB_WORKSPACE"'


@pytest.mark.parametrize("workflow", sorted(EXAMPLES.rglob("*.yml")), ids=named)
def test_each_job_of_an_example_logs_in_to_the_registry_that_it_uses(workflow):
    """A login does not reach another job, and an image in a new package of ghcr.io is private."""
    for job in load(workflow)["jobs"].values():
        logins = [step["with"]["registry"] for step in job["steps"] if step.get("uses") == "docker/login-action@v3"]
        used = set(re.findall(r"\$\{\{ vars\.(?:REGISTRY|MIRROR) \}\}", json.dumps(job)))
        assert used == set(logins)


@pytest.mark.parametrize("workflow", sorted(EXAMPLES.rglob("*.yml")), ids=named)
def test_an_example_begins_with_the_secrets_and_variables_that_it_needs(workflow):
    text = workflow.read_text()
    comment = "".join(re.match(r"(?:#.*\n)+", text).group().splitlines())
    assert "Needs:" in comment
    for name in re.findall(r"(?:vars|secrets)\.(\w+)", text):
        assert re.search(rf"\b{name}\b", comment), name


def test_every_example_is_run_by_a_test():
    tests = Path(__file__).with_name("test_examples.py").read_text()
    ran = set(re.findall(r'(?:run|succeed)\((?:repository|bare), "([\w-]+)"', tests))
    assert {file.stem for file in EXAMPLES.glob("*.yml")} == ran


# Actions


@pytest.mark.parametrize("file", ACTIONS.values(), ids=named)
def test_an_action_file_follows_the_schema_of_its_metadata(file):
    jsonschema.validate(load(file), SCHEMA)


FAULTS = {
    "no shell": lambda action: action["runs"]["steps"][0].pop("shell"),
    "no description": lambda action: action.pop("description"),
    "Node.js": lambda action: action["runs"].update(using="node20"),
    "a default that is no text": lambda action: action["inputs"]["push"].update(default=False),
    "an input with a type": lambda action: action["inputs"]["push"].update(type="boolean"),
    "an output without an expression": lambda action: action["outputs"]["digest"].update(value="digest"),
    "an unknown colour": lambda action: action["branding"].update(color="pink"),
    "a variable that sh drops": lambda action: action["runs"]["steps"][0]["env"].update({"INPUT_NO-CACHE": ""}),
}


@pytest.mark.parametrize("spoil", FAULTS.values(), ids=FAULTS)
def test_the_schema_finds_faults(spoil):
    action = load(ROOT / "action.yml")
    spoil(action)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(action, SCHEMA)
