"""Today's BuildKit checks real Dockerfiles: each warning is on its line of the user's file."""

from __future__ import annotations

import dataclasses

import pytest

from end_to_end.job import TODAY_ONLY
from stand_ins.github_git import GithubGit
from world.events import pull_request

pytestmark = TODAY_ONLY

# Line by line, so that a test can name a line.
DOCKERFILE = """\
# What it is built on
FROM scratch AS base

ENV greeting hello
COPY --chown=1000:1000 \\
    . \\
    /app
from base as last
MAINTAINER mona
"""
WARNINGS = {
    ("LegacyKeyValueFormat", "4", "4"),
    ("ConsistentInstructionCasing", "8", "8"),
    ("MaintainerDeprecated", "9", "9"),
}


@pytest.fixture
def fork(job):
    job.event = pull_request(fork=True, private=True)
    return job


def told(result) -> set[tuple[str, str, str]]:
    notes = [note for note in result.annotations if note.level == "warning"]
    return {
        (note.message.partition(":")[0], note.properties.get("line", ""), note.properties.get("endLine", ""))
        for note in notes
    }


def files(result) -> set[str]:
    return {note.properties.get("file", "") for note in result.annotations if note.level == "warning"}


PLACES = {
    "the context": ({"context": "."}, "Dockerfile"),
    "a folder": ({"context": "services/api"}, "services/api/Dockerfile"),
    "a folder with a dot": ({"context": "./services/api/"}, "services/api/Dockerfile"),
    "a file of another folder": ({"context": "services/api", "file": "docker/api.Dockerfile"}, "docker/api.Dockerfile"),
    "a file of the context": ({"context": ".", "file": "./services/api/Dockerfile"}, "services/api/Dockerfile"),
}


@pytest.mark.parametrize("inputs, file", PLACES.values(), ids=PLACES)
def test_a_build_s_warnings_stand_on_the_lines_of_its_dockerfile(fork, inputs, file):
    (fork.workspace / "services/api").mkdir(parents=True)
    fork.write(file, DOCKERFILE)

    result = fork.succeed({"load": True, "tags": "octo/checked:1", **inputs})

    assert told(result) == WARNINGS
    assert files(result) == {file}


GIT_CONTEXTS = {"the Git context": ("", "Dockerfile"), "a folder of it": ("{{defaultContext}}:services/api", "services/api/Dockerfile")}


@pytest.mark.parametrize("context, file", GIT_CONTEXTS.values(), ids=GIT_CONTEXTS)
def test_so_do_those_of_a_dockerfile_of_the_git_context(fork, tmp_path, context, file):
    fork.write(file, DOCKERFILE)
    with GithubGit(tmp_path / "hosting", fork.github_token) as git:
        fork.event = dataclasses.replace(fork.event, sha=git.publish("octo/app", fork.workspace))

        result = fork.succeed(
            {"context": context, "load": True, "tags": "octo/checked:2"}, environment={"GITHUB_SERVER_URL": git.url}
        )

    assert told(result) == WARNINGS
    assert files(result) == {file}


def test_a_build_without_warnings_has_none_on_its_dockerfile(fork):
    fork.write("Dockerfile", "FROM scratch\nCOPY . /\n")

    assert told(fork.succeed({"load": True, "tags": "octo/checked:3"})) == set()


def test_call_check_fails_with_what_was_found(fork):
    fork.write("Dockerfile", DOCKERFILE)

    result = fork.run({"call": "check"})

    assert result.exit_code == 1
    (error,) = result.errors
    assert "3 warnings have been found" in error
    assert told(result) == WARNINGS
    assert files(result) == {"Dockerfile"}
    assert "Dockerfile:9" in result.log


def test_call_check_succeeds_if_nothing_was_found(fork):
    fork.write("Dockerfile", "FROM scratch\nCOPY . /\n")

    assert "no warnings found" in fork.succeed({"call": "check"}).log


def test_call_check_of_what_cannot_be_parsed_is_one_error(fork):
    fork.write("Dockerfile", "FROM scratch\nFRUM scratch\n")

    result = fork.run({"call": "check"})

    (error,) = result.errors
    assert "unknown instruction: FRUM" in error
