"""`build --trace FILE`: where the time of a run goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.cli import Step
from integration.job import BUILD, Job

PHASES = ["inputs", "CLI lookup", "ask docker", "token", "hear docker", "plan", "CLI lookup"]
SECRETS = {"token": "depot_secret_token", "secrets": "key=secret value", "build-args": "NAME=an input's value"}


@pytest.fixture
def trace(tmp_path) -> Path:
    return tmp_path / "trace.json"


def traced(trace: Path) -> dict[str, str]:
    return {"script": f"{BUILD} --trace '{trace}'"}


def phases(trace: Path) -> list[str]:
    """The names of the phases, in the order in which they begin. Checks that each has ended after its beginning."""
    names, open_phases = [], {}
    for event in json.loads(trace.read_text())["traceEvents"]:
        began = open_phases.setdefault(event["tid"], [])
        if event["ph"] == "B":
            names.append(event["name"])
            began.append(event["ts"])
        else:
            assert event["ph"] == "E" and event["ts"] >= began.pop()
    assert not any(open_phases.values())
    return names


def test_a_trace_has_the_phases_of_the_run(job: Job, trace):
    job.succeed(SECRETS, **traced(trace))

    assert phases(trace) == [*PHASES, "build", "start", "results", "summary", "clean-up"]


def test_a_trace_tells_nothing_of_inputs(job: Job, trace):
    job.succeed(SECRETS, **traced(trace))

    assert not any(value in trace.read_text() for value in ("secret_token", "secret value", "an input's value"))


def test_a_build_that_fails_has_a_trace(job: Job, cli, trace):
    cli.does(Step("leave", 3))

    assert job.run({"token": "depot_token"}, **traced(trace)).exit_code == 3
    assert phases(trace)[-1] == "clean-up"


def test_a_step_that_cannot_begin_has_a_trace(job: Job, trace):
    job.fail({"push": "perhaps"}, **traced(trace))

    assert phases(trace) == ["inputs"]


def test_an_installation_is_a_track_of_its_own(job: Job, cli, trace):
    (cli.folder / "depot").unlink()

    job.fail({"token": "depot_token"}, **traced(trace))

    assert "installation" in phases(trace)
    assert len({event["tid"] for event in json.loads(trace.read_text())["traceEvents"]}) == 2


def test_a_trace_that_cannot_be_written_is_said_before_the_build(job: Job, cli, trace):
    result = job.run({"token": "depot_token"}, **traced(trace / "missing"))

    assert result.exit_code == 1
    assert "cannot write the trace" in result.raw
    assert cli.calls == []


def test_the_trace_leads_to_no_other_outcome(job: Job):
    result = job.run({"token": "depot_token"}, **traced(Path("/dev/full")))

    assert result.exit_code == 0
    assert "cannot write the trace" in result.raw
