"""Runs that get no secrets from GitHub: Dependabot's, and reviews of a fork's pull request."""

from __future__ import annotations

import pytest

from workflows.engine import Repository, Run
from world.events import Event, dependabot, pull_request, push, review
from world.hosted import STATIC_TOKEN

WORKFLOW = """\
name: Check
on: [push, pull_request, pull_request_review, pull_request_review_comment]
permissions:
  contents: read
{permission}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: depot/build-push-action@v1
        with:
          context: .
          load: true
          tags: app:checked
          token: ${{{{ secrets.DEPOT_TOKEN }}}}
      - run: docker run --rm app:checked
"""

PULL_REQUEST = dependabot(pull_request(fork=False))
WITHOUT_CREDENTIALS = {
    "Dependabot's pull request": (PULL_REQUEST, "Dependabot secrets"),
    "Dependabot's pull request in a private repository": (dependabot(pull_request(False, private=True)), "Dependabot secrets"),
    "Dependabot's push": (dependabot(push()), "Dependabot secrets"),
    "a review of a fork": (review(fork=True), "fork"),
    "a comment of a review of a fork": (review(True, "pull_request_review_comment"), "fork"),
    "a review of a fork of a private repository": (review(fork=True, private=True), "fork"),
}


def check(repository: Repository, event: Event, identity: bool = False) -> Run:
    """The run of the workflow, which must succeed."""
    repository.dockerfile('CMD ["echo", "it runs"]')
    repository.secrets["DEPOT_TOKEN"] = STATIC_TOKEN
    file = repository.folder / "check.yml"
    file.write_text(WORKFLOW.format(permission="  id-token: write" if identity else ""))
    result = repository.run(file, event)
    assert result.exit_code == 0, result.log
    assert "it runs" in result.printed
    return result


@pytest.mark.parametrize("event, said", WITHOUT_CREDENTIALS.values(), ids=WITHOUT_CREDENTIALS)
def test_docker_builds_a_run_without_credentials(repository, event, said):
    result = check(repository, event)

    assert repository.hosted.api.calls == []
    (notice,) = [note.message for note in result.annotations if note.title == "Building with docker"]
    assert said in notice


def test_dependabot_s_own_secret_makes_an_ordinary_run(repository):
    repository.dependabot_secrets["DEPOT_TOKEN"] = STATIC_TOKEN

    check(repository, PULL_REQUEST)

    (build,) = repository.hosted.api.calls_of("CreateBuild")
    assert build.bearer == STATIC_TOKEN


def test_dependabot_s_identity_makes_an_ordinary_run(repository):
    check(repository, PULL_REQUEST, identity=True)

    (build,) = repository.hosted.api.calls_of("CreateBuild")
    assert build.bearer in repository.hosted.auth.issued


def test_a_review_of_a_branch_is_an_ordinary_run(repository):
    check(repository, review(fork=False))

    assert repository.hosted.api.calls_of("CreateBuild")
