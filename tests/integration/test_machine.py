"""What a machine may do to a step: each ends by itself, and says so."""

from __future__ import annotations

import itertools

import pytest

from integration.cli import SUCCESS, Step
from integration.job import BUILD, Job

# Closed streams

CLOSED = [
    streams for count in (1, 2, 3) for streams in itertools.combinations(("0<&-", "1>&-", "2>&-"), count)
]


@pytest.mark.parametrize("streams", CLOSED, ids=" ".join)
def test_a_build_needs_none_of_its_streams(job: Job, cli, streams):
    cli.does(Step("out", "x" * 100_000 + "\n"), Step("err", "y" * 100_000 + "\n"), *SUCCESS)

    result = job.run({"secrets": "key=value"}, script=f"{BUILD} {' '.join(streams)}")

    assert result.exit_code == 0
    assert cli.call.stdin == "/dev/null"
    assert [secret["content"] for secret in cli.call.secrets] == ["value"]
    assert result.outputs["digest"].startswith("sha256:")


@pytest.mark.parametrize("streams", CLOSED, ids=" ".join)
def test_a_failed_build_keeps_its_status_without_streams(job: Job, cli, streams):
    cli.does(Step("out", "no\n"), Step("leave", 7))

    assert job.run(script=f"{BUILD} {' '.join(streams)}").exit_code == 7
