"""PostHog's case: a workflow that built its image with docker/build-push-action builds it on Depot after one line is
changed and one permission is added."""

from __future__ import annotations

import difflib

from workflows.engine import EXAMPLES
from world.events import pull_request, push

BEFORE, AFTER = EXAMPLES / "posthog/before.yml", EXAMPLES / "posthog/after.yml"


def app(repository) -> None:
    commit = ("ARG COMMIT_HASH", "RUN echo $COMMIT_HASH > /commit")
    repository.dockerfile(*commit, "COPY check /bin/check", 'CMD ["cat", "/commit"]')
    repository.write("check", "#!/bin/sh\nread -r commit < /commit && echo checked $commit\n").chmod(0o755)


def test_the_switch_is_one_line_and_a_permission():
    before, after = ([line for line in file.read_text().splitlines() if line[:1] != "#"] for file in (BEFORE, AFTER))
    lines = difflib.ndiff(before, after)
    assert [line for line in lines if line[0] in "+-"] == [
        "+   id-token: write",
        "-         uses: docker/build-push-action@v6",
        "+         uses: depot/build-push-action@v1",
    ]


def test_a_push_builds_on_depot_and_pushes(repository, registry):
    app(repository)
    image = repository.variables["IMAGE"] = registry.image("posthog/posthog")

    result = repository.run(AFTER, push())

    sha = repository.hosted.oidc.sha
    assert result.exit_code == 0, result.log
    assert repository.docker.docker("run", "--rm", "--quiet", f"{image}:{sha}").stdout == f"{sha}\n"
    (build,) = repository.hosted.api.calls_of("CreateBuild")
    assert build.bearer in repository.hosted.auth.issued


def test_a_pull_request_of_a_branch_builds_on_depot_and_is_checked(repository):
    app(repository)

    result = repository.run(AFTER, pull_request(fork=False))

    assert result.exit_code == 0, result.log
    assert f"checked {repository.hosted.oidc.sha}" in result.printed
    assert repository.hosted.api.calls_of("CreateBuild")


def test_a_fork_s_pull_request_builds_with_docker_and_is_checked(repository):
    app(repository)

    result = repository.run(AFTER, pull_request(fork=True))

    assert result.exit_code == 0, result.log
    assert f"checked {repository.hosted.oidc.sha}" in result.printed
    assert repository.hosted.api.calls == []
    assert repository.hosted.oidc.requests == []
