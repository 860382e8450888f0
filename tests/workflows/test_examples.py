"""Every workflow in examples/ runs unchanged, as a user would copy it."""

from __future__ import annotations

import hashlib
import json
import re

import jsonschema
import pytest

from stand_ins.posthog import Posthog
from workflows.engine import EXAMPLES, Repository, Run
from stand_ins.depot_downloads import DepotDownloads, real_archive
from world.action import ROOT
from world.events import Event, pull_request, push
from world.hosted import STATIC_TOKEN
from world.parts import DEPOT_VERSION
from world.registry import PASSWORD, USER

HASH = "sha256:[0-9a-f]{64}"


def run(repository: Repository, name: str, event: Event) -> Run:
    return repository.run(EXAMPLES / f"{name}.yml", event)


def succeed(repository: Repository, name: str, event: Event) -> Run:
    result = run(repository, name, event)
    assert result.exit_code == 0, result.log
    assert set(result.jobs.values()) == {"success"}
    return result


def run_image(repository: Repository, image: str) -> str:
    return repository.docker.docker("run", "--rm", "--pull", "always", "--quiet", image).stdout


def labels(repository: Repository, image: str) -> dict[str, str]:
    return json.loads(repository.docker.docker("inspect", "--format", "{{json .Config.Labels}}", image).stdout)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# Who builds, and with which credentials


def test_a_push_builds_with_the_job_s_own_identity(repository, registry):
    repository.dockerfile('CMD ["echo", "pushed with OIDC"]')

    result = succeed(repository, "push-oidc", push())

    assert run_image(repository, registry.image("octo/app:latest")) == "pushed with OIDC\n"
    (token,) = repository.hosted.auth.issued
    (build,) = repository.hosted.api.calls_of("CreateBuild")
    assert build.bearer == token
    assert token not in result.log
    assert repository.hosted.oidc.issued[0] not in result.log


def test_the_identity_names_the_workflow_and_the_commit(repository):
    repository.dockerfile()

    succeed(repository, "push-oidc", push())

    (claims,) = repository.hosted.auth.claims
    assert claims["sub"] == "repo:octo/app:ref:refs/heads/main"
    assert claims["workflow_ref"] == "octo/app/.github/workflows/push-oidc.yml@refs/heads/main"
    assert re.fullmatch("[0-9a-f]{40}", claims["sha"])


def test_a_push_builds_with_a_project_token(repository, registry):
    repository.dockerfile('CMD ["echo", "pushed with a token"]')
    repository.secrets["DEPOT_TOKEN"] = STATIC_TOKEN
    repository.variables["DEPOT_PROJECT"] = "someproject"

    result = succeed(repository, "push-token", push())

    assert run_image(repository, registry.image("octo/app:latest")) == "pushed with a token\n"
    (build,) = repository.hosted.api.calls_of("CreateBuild")
    assert build.bearer == STATIC_TOKEN
    assert STATIC_TOKEN not in result.log
    assert repository.hosted.oidc.requests == []


def test_a_token_that_depot_does_not_know_fails_the_job_with_one_annotation(repository):
    repository.dockerfile()
    repository.secrets["DEPOT_TOKEN"] = "depot_project_revoked"

    result = run(repository, "push-token", push())

    assert result.jobs == {"image": "failure"}
    (error,) = result.messages("error")
    assert "Invalid token" in error


def test_a_commit_is_built_without_a_checkout(repository, registry):
    repository.dockerfile("COPY greeting /", 'CMD ["cat", "/greeting"]')
    repository.write("greeting", "committed\n")
    repository.variables["DEPOT_PROJECT"] = "someproject"

    result = succeed(repository, "git-context", push())

    (sha,) = set(re.findall(r"/app\.git#([0-9a-f]{40})", result.log))
    assert run_image(repository, registry.image(f"octo/app:{sha}")) == "committed\n"
    assert repository.git.token not in result.log


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_pull_request_of_the_same_repository_builds_on_depot(repository, private):
    repository.dockerfile('CMD ["echo", "from a branch"]')

    result = succeed(repository, "pull-request", pull_request(fork=False, private=private))

    assert "from a branch" in result.printed
    assert repository.hosted.api.calls_of("CreateBuild")
    assert repository.hosted.auth.claims[0]["sub"] == "repo:octo/app:pull_request"


@pytest.mark.parametrize("docker", ["plain_docker", "full_docker"])
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_fork_s_pull_request_builds_with_docker(repository, private, docker, request):
    repository.docker = request.getfixturevalue(docker)
    repository.dockerfile('CMD ["echo", "from a fork"]')

    result = succeed(repository, "pull-request", pull_request(fork=True, private=private))

    assert "from a fork" in result.printed
    assert repository.hosted.api.calls == []
    assert repository.hosted.oidc.requests == []
    assert any("docker" in notice for notice in result.messages("notice"))


# What is built


def test_two_platforms_make_one_image_index(repository, registry):
    repository.write("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
    tag = "refs/tags/v1.2.3"
    event = push()

    succeed(repository, "platforms", Event("push", tag, event.sha, {**event.payload, "ref": tag}))

    index = registry.manifest("octo/app", "v1.2.3")
    assert {manifest["platform"]["architecture"] for manifest in index["manifests"]} >= {"amd64", "arm64"}
    assert all(machine.connections for machine in repository.hosted.machines.values())


def test_one_build_goes_to_two_registries_under_several_tags(repository, registry, private_registry):
    repository.dockerfile('CMD ["echo", "everywhere"]')
    repository.variables |= {"MIRROR": private_registry.address, "MIRROR_USER": USER}
    repository.secrets["MIRROR_PASSWORD"] = PASSWORD

    result = succeed(repository, "registries-and-tags", push())

    sha = repository.hosted.oidc.sha
    places = [(place, tag) for place in (registry, private_registry) for tag in ("latest", f"sha-{sha}")]
    (digest,) = {place.digest("octo/app", tag) for place, tag in places}
    image = registry.image(f"octo/app@{digest}")
    assert run_image(repository, image) == "everywhere\n"
    assert labels(repository, image) == {
        "org.opencontainers.image.title": "octo/app",
        "org.opencontainers.image.description": 'A server, a client, and "quotes"',
        "org.opencontainers.image.revision": sha,
    }
    assert PASSWORD not in result.log


def test_an_image_that_is_loaded_runs_on_the_runner_s_docker(repository, registry):
    repository.dockerfile('ENTRYPOINT ["echo", "app"]')

    result = succeed(repository, "load-and-run", push())

    assert "app --version" in result.printed
    assert registry.digest("octo/app", repository.hosted.oidc.sha)


def test_a_matrix_builds_an_image_for_each_service(repository, registry):
    services = ("api", "worker")
    for name in services:
        lines = ("ARG SERVICE", f"RUN test $SERVICE = {name}", f'CMD ["echo", "{name}"]')
        repository.dockerfile(*lines, name=f"services/{name}/Dockerfile")

    result = succeed(repository, "matrix", push())

    assert set(result.jobs) == {"image (api)", "image (worker)"}
    images = [registry.image(f"octo/app/{name}:latest") for name in services]
    assert [run_image(repository, image) for image in images] == ["api\n", "worker\n"]


def test_secrets_of_all_three_kinds_reach_the_build_and_not_the_log(repository):
    repository.secrets = {"NPM_TOKEN": "npm, with = signs", "SETTINGS": "[one]\ntwo=3", "API_KEY": "key of the API"}
    mounts = " ".join(f"--mount=type=secret,id={name}" for name in ("npm-token", "settings", "api-key"))
    repository.write(".dockerignore", "settings.ini\n")
    repository.dockerfile(
        f"RUN {mounts} cd /run/secrets && cat npm-token settings api-key | sha256sum | cut -c 1-64 > /hash",
        "RUN --mount=type=secret,id=api-key cat /run/secrets/api-key",
        'CMD ["cat", "/hash"]',
    )

    result = succeed(repository, "build-secrets", push())

    assert sha256("".join(repository.secrets.values())) in result.printed
    for secret in repository.secrets.values():
        assert not [line for line in secret.splitlines() if line in result.log]


def test_the_outputs_reach_a_later_step_and_a_later_job(repository, registry):
    repository.dockerfile('CMD ["echo", "by its digest"]')

    result = succeed(repository, "outputs", push())

    digest = registry.digest("octo/app", "latest")
    assert result.jobs == {"image": "success", "deploy": "success"}
    assert "by its digest" in result.printed
    assert any(re.fullmatch("Build build[0-9a-f]+ of demoproject", line) for line in result.printed)
    assert any(digest in line for line in result.printed if "containerimage.digest" in line)


# How it ends


def test_a_build_that_fails_is_annotated_and_fails_the_job(repository):
    repository.dockerfile("RUN echo something is wrong >&2; exit 7")

    result = run(repository, "failure", push())

    assert result.exit_code == 1
    assert result.jobs == {"image": "failure"}
    (error,) = result.messages("error")
    assert "did not complete successfully: exit code: 7" in error
    assert any("something is wrong" in line for line in result.printed)
    of_build, *_, of_step = result.summaries
    assert of_build.startswith("### ❌ ")
    assert of_step == f"The image of {repository.hosted.oidc.sha} does not build\n"


def test_a_build_that_succeeds_leaves_the_steps_for_failures_out(repository):
    repository.dockerfile()

    # For a step in a composite action, act reports it again for the action.
    (of_build,) = set(succeed(repository, "failure", push()).summaries)
    assert of_build.startswith("### ✅ ")


def test_a_build_may_fail_with_continue_on_error(repository):
    repository.dockerfile("ARG BASE=current", "RUN test $BASE = current")

    result = run(repository, "continue-on-error", push())

    assert result.exit_code == 0, result.log
    assert result.jobs == {"next": "success"}
    assert any("exit code: 1" in error for error in result.messages("error"))
    assert [note.title for note in result.annotations if note.level == "warning"] == ["Next version"]


@pytest.mark.usefixtures("linters")
def test_a_dockerfile_that_lint_accepts_is_built(repository):
    repository.dockerfile()

    result = succeed(repository, "lint", pull_request(fork=False))

    assert any("[lint]" in line for line in result.printed)


@pytest.mark.usefixtures("linters")
def test_what_lint_finds_fails_the_job(repository):
    repository.dockerfile("MAINTAINER Mona")

    result = run(repository, "lint", pull_request(fork=False))

    assert result.jobs == {"image": "failure"}
    assert any("MAINTAINER is deprecated" in line for line in result.printed)
    assert any("linting failed" in error for error in result.messages("error"))


# Metrics


POSTHOG_KEY = "phc_0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def posthog(repository):
    with Posthog(POSTHOG_KEY) as service:
        repository.variables["POSTHOG_HOST"] = service.url
        repository.secrets["POSTHOG_KEY"] = POSTHOG_KEY
        yield service


def report_of(posthog: Posthog) -> dict:
    (event,) = posthog.events
    report = event["properties"]["report"]
    jsonschema.validate(report, json.loads((ROOT / "docs/report.schema.json").read_text()))
    assert event["distinct_id"] == "octo/app"
    assert event["timestamp"] == report["times"]["started"]
    assert event["properties"]["result"] == report["result"]
    return report


def test_posthog_gets_the_report_of_a_build(repository, posthog):
    repository.dockerfile("RUN echo built")

    result = succeed(repository, "metrics", push())

    report = report_of(posthog)
    assert (report["result"], report["builder"], report["tries"]) == ("success", "depot", 1)
    assert report["build"]["project"] == "demoproject"
    assert report["steps"]["total"] == 3
    assert POSTHOG_KEY not in result.log


def test_posthog_gets_the_report_of_a_build_that_fails(repository, posthog):
    repository.dockerfile("RUN echo '\"); $(touch /tmp/x)' && exit 7")

    result = run(repository, "metrics", push())

    assert result.jobs == {"image": "failure"}
    report = report_of(posthog)
    assert report["result"] == "failure"
    assert report["failed_step"]["instruction"].startswith("RUN echo")
    assert '"); $(touch /tmp/x)' in report["failed_step"]["lines"]


def test_a_fork_s_build_sends_nothing_and_is_green(repository, posthog):
    repository.dockerfile()

    result = succeed(repository, "metrics", pull_request(fork=True))

    assert "No key or no report: nothing is sent" in result.printed
    assert posthog.requests == []


def test_a_build_is_green_although_posthog_takes_no_report(repository, posthog):
    repository.dockerfile()
    posthog.key = "another"

    result = succeed(repository, "metrics", push())

    assert "The report could not be sent to PostHog" in result.messages("warning")
    assert posthog.events == []


# A runner without the CLI


@pytest.fixture
def bare(repository, parts) -> Repository:
    """A repository with a runner that has no CLI, but can download it."""
    repository.path = [parts.docker.parent]
    with DepotDownloads() as downloads:
        downloads.publish(DEPOT_VERSION, real_archive(parts.depot))
        repository.environment |= downloads.environment()
        yield repository


def test_the_setup_step_hands_its_token_to_a_plain_depot_build(bare, registry):
    bare.dockerfile('CMD ["echo", "built by a plain depot build"]')

    result = succeed(bare, "setup", push())

    assert run_image(bare, registry.image("octo/app:latest")) == "built by a plain depot build\n"
    (token,) = bare.hosted.auth.issued
    assert [build.bearer for build in bare.hosted.api.calls_of("CreateBuild")] == [token]
    assert token not in result.log


def test_a_build_installs_the_cli_where_there_is_none(bare, registry):
    bare.dockerfile('CMD ["echo", "built by a CLI of its own"]')

    succeed(bare, "push-oidc", push())

    assert run_image(bare, registry.image("octo/app:latest")) == "built by a CLI of its own\n"
