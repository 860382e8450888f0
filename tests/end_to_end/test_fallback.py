"""When docker builds instead of Depot: real engines of both kinds, and the real CLI in trouble."""

from __future__ import annotations

import random
import re
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from end_to_end.job import YESTERDAY_ONLY, checked
from world.action import ROOT
from world.events import pull_request
from world.parts import GO_PROGRAMS, TODAY_PARTS
from world.registry import Registry

DOCUMENT = ROOT / "docs/fallback.md"
ENGINES = {"docker's own": "plain_docker", "with containerd's store": "full_docker"}
HASH = "sha256:[0-9a-f]{64}"
FORK = pull_request(fork=True, private=True)


# The table of docs/fallback.md


@dataclass
class Row:
    name: str
    inputs: dict[str, str]
    outcomes: dict[str, str]


def read_table() -> list[Row]:
    lines = re.findall(r"^\| (.*) \|$", DOCUMENT.read_text(), re.M)
    heads, *rows = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return [
        Row(row[0], dict(text.split(": ", 1) for text in re.findall(r"`([^`]*)`", row[0])), dict(zip(heads[1:], row[1:])))
        for row in rows
    ]


ROWS = [row for row in read_table() if "sbom" not in row.inputs]  # its scanner is an image from Docker Hub
CELLS = [
    pytest.param(row, kind, outcome, id=f"{row.name.replace('`', '')}-{kind}")
    for row in ROWS
    for kind, outcome in row.outcomes.items()
]


@pytest.mark.parametrize("row, kind, outcome", CELLS)
def test_the_documented_outcome_is_the_real_one(job, registry, agent, request, row, kind, outcome):
    job.docker = request.getfixturevalue(ENGINES.get(kind, "plain_docker"))
    if kind not in ENGINES:
        use_another_builder(job)
    job.event = FORK
    job.environment["SSH_AUTH_SOCK"] = agent
    job.dockerfile("ARG NAME", "RUN --mount=type=secret,id=key echo $NAME > /greeting", "FROM scratch AS last", "COPY Dockerfile /")
    inputs = {name: value.replace("REGISTRY", registry.address) for name, value in row.inputs.items()}
    image = f"octo/{uuid.uuid4().hex}"

    result = job.run({"tags": registry.image(f"{image}:1"), **inputs})

    # No image can be pulled from Docker Hub here, so there can be no temporary builder.
    outcome = outcome.removeprefix("builder, otherwise ")
    assert (result.exit_code == 0) == (outcome != "error"), result.log
    assert len(result.errors) == (outcome == "error")
    assert len(result.messages("warning")) == (outcome == "warning")
    unused = [text for text in result.messages("notice") if text.startswith("Only Depot supports")]
    assert len(unused) == (outcome == "notice")
    assert temporary_builders(job) == []
    if outcome != "error":
        check_what_was_made(job, registry, image, kind, inputs, outcome, result)
    if not inputs:
        assert ("--attest" in built_with(result)) == (outcome == "yes")


def use_another_builder(job):
    """Makes a BuildKit that is not docker's own the builder of all later steps of the job."""
    options = []
    credentials = job.hosted.api.credentials.get("amd64")
    if credentials:
        texts = {"cacert": credentials.authority, "cert": credentials.certificate, "key": credentials.key}
        files = {name: job.write(f"../{name}.pem", text) for name, text in texts.items()}
        options = [f"--driver-opt={name}={value}" for name, value in {**files, "servername": credentials.server_name}.items()]
    job.docker_client("buildx", "create", "--driver", "remote", *options, "--use", job.hosted.machines["amd64"].url)


def temporary_builders(job) -> list[str]:
    """What is left of them: buildx's record of each, and its container."""
    records = (job.folder / "home/.docker/buildx/instances").glob("depot-build-push*")
    containers = job.docker.docker("ps", "--all", "--format", "{{.Names}}").stdout.split()
    return [record.name for record in records] + [name for name in containers if "depot-build-push" in name]


def built_with(result) -> str:
    return next(line for line in result.lines if line.startswith("[command]docker buildx build"))


def check_what_was_made(job, registry, image, kind, inputs, outcome, result):
    output = inputs.get("outputs", "")
    loaded = "load" in inputs or output == "type=docker"
    pushed = "push" in inputs or "push=true" in output or output == "type=registry"
    archived = output.startswith("type=") and "dest=" in output and "local" not in output and "=tar" not in output
    # Docker's own builder keeps each image. For an image that they only build, the others report no ID.
    identified = loaded or pushed or archived or (not output and kind in ENGINES)
    assert bool(re.fullmatch(HASH, result.outputs["imageid"])) == identified
    for place in re.findall(r"dest=([^,]+)", " ".join(inputs.values())):
        assert (job.workspace / place).exists() == (outcome == "yes")
    if loaded:
        job.docker.docker("image", "inspect", registry.image(f"{image}:1"))
    if pushed:
        check_what_was_pushed(registry, image, inputs, result)
        # If it pushes and loads at once, such a builder reports the digest of what it loads.
        assert registry.digest(image, "1") == result.outputs["digest"] or (loaded and kind not in ENGINES)


def check_what_was_pushed(registry, image, inputs, result):
    parts = registry.manifest(image, "1").get("manifests", [])
    attestations = [part for part in parts if "attestation-manifest" in str(part.get("annotations"))]
    assert bool(attestations) or "--attest" not in built_with(result)
    assert "--attest" in built_with(result) or "provenance" not in inputs
    if "platforms" in inputs:
        assert len(parts) - len(attestations) == len(inputs["platforms"].split(","))


@pytest.fixture(scope="session")
def agent(tmp_path_factory):
    """The socket of an SSH agent, which nothing asks here."""
    with socket.socket(socket.AF_UNIX) as listening:
        path = str(tmp_path_factory.mktemp("agent") / "socket")
        listening.bind(path)
        listening.listen()
        yield path


def test_every_input_has_its_row_or_is_named_below_the_table():
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    rows = {name for row in read_table() for name in row.inputs}
    others = set(re.findall(r"`([a-z-]+)`", re.search(r"^The other inputs:(.*?)\n\n", DOCUMENT.read_text(), re.M | re.S)[1]))

    assert rows | others == set(inputs)
    assert not rows & others


def test_the_versions_that_were_tried_are_those_that_are_pinned():
    document = DOCUMENT.read_text()

    for name, part in GO_PROGRAMS.items():
        assert name not in TODAY_PARTS or part.version.lstrip("v") in document


@pytest.mark.parametrize("engine", ENGINES.values())
def test_a_refused_push_says_that_forks_have_no_credentials(job, parts, request, engine):
    job.docker = request.getfixturevalue(engine)
    job.event = FORK
    job.dockerfile()
    with Registry(parts, private=True) as registry:
        result = job.run({"push": True, "tags": registry.image("octo/guarded:1")})

    assert result.exit_code == 1
    (error,) = result.errors
    assert "push: ${{ github.event_name != 'pull_request' }}" in error


def test_caches_that_need_credentials_do_not_fail_a_fork_s_check(job, full_docker, private_registry):
    job.docker = full_docker
    job.event = FORK
    job.dockerfile()
    cache = f"type=registry,ref={private_registry.image('octo/cache:1')}"

    result = job.succeed({"cache-from": cache, "cache-to": cache, "load": True, "tags": "octo/cached:1"})

    # BuildKit read and wrote, was refused, and continued.
    assert len(re.findall("^#[0-9]+ ERROR: .*401 Unauthorized", result.log, re.M)) == 2
    job.docker.docker("image", "inspect", "octo/cached:1")


@YESTERDAY_ONLY
def test_a_call_that_buildx_is_too_old_for_is_an_error(job):
    job.dockerfile()

    (error,) = job.run({"call": "check"}).errors

    assert "0.15" in error


# Without buildx


SYSTEM_PLUGINS = ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def without_buildx(job, request, tmp_path):
    """A job with a docker that has no buildx."""
    installed = [place for place in SYSTEM_PLUGINS if Path(place, "docker/cli-plugins/docker-buildx").exists()]
    if installed:
        pytest.skip(f"THIS MACHINE ALREADY HAS A BUILDX IN {installed[0]}: A DOCKER WITHOUT ONE IS NOT TESTED")
    job.docker = request.getfixturevalue(request.param)
    job.event = FORK
    job.environment["DOCKER_CONFIG"] = str(tmp_path / "no-settings")
    return job


# Many workflows set this variable to request BuildKit. Docker without buildx then refuses to build.
@pytest.mark.parametrize("buildkit", ["", "0", "1"])
def test_docker_builds_without_buildx(without_buildx, buildkit):
    job = without_buildx
    job.environment["DOCKER_BUILDKIT"] = buildkit
    job.dockerfile("ARG NAME", "RUN echo built for $NAME > /greeting", 'CMD ["cat", "/greeting"]')

    result = job.succeed({"load": True, "tags": "octo/classic:1", "build-args": "NAME=a stranger"})

    assert job.docker.docker("run", "--rm", "octo/classic:1").stdout == "built for a stranger\n"
    assert re.fullmatch(HASH, result.outputs["imageid"])
    (warning,) = result.messages("warning")
    assert "buildx" in warning


def test_inputs_that_need_buildx_are_named_where_it_is_missing(without_buildx):
    without_buildx.dockerfile()

    (error,) = without_buildx.run({"push": True, "secrets": "key=value", "tags": "octo/classic:2"}).errors

    assert "`push`, `secrets` need docker buildx" in error


# buildx-fallback


def down(job):
    job.environment["DEPOT_API_URL"] = "http://127.0.0.1:9"


def refused_token(job):
    job.environment["DEPOT_TOKEN"] = "depot_project_revoked"


def no_machine(job):
    job.hosted.api.machines = {}


def no_capacity(job):
    job.hosted.api.refuse("CreateBuild", "unavailable", "no capacity")


def machine_out_of_reach(job):
    # The CLI itself gives up after five minutes.
    job.hosted.api.machines = {"amd64": "tcp://127.0.0.1:9"}
    job.environment["DEPOT_MACHINE_TIMEOUT"] = "3"


def machine_never_launched(job):
    job.hosted.api.launching = True
    job.environment["DEPOT_MACHINE_TIMEOUT"] = "3"


TROUBLE = {
    "API down": (down, "connection refused"),
    "token refused": (refused_token, "Invalid token"),
    "no machine": (no_machine, "there is no amd64 machine"),
    "no capacity": (no_capacity, "no capacity"),
    "machine out of reach": (machine_out_of_reach, "DEPOT_MACHINE_TIMEOUT"),
    "machine never launched": (machine_never_launched, "DEPOT_MACHINE_TIMEOUT"),
}


@pytest.mark.parametrize("trouble, words", TROUBLE.values(), ids=TROUBLE)
def test_docker_builds_where_depot_cannot(job, trouble, words):
    job.dockerfile('CMD ["echo", "built by docker"]')
    trouble(job)

    result = job.succeed({"buildx-fallback": True, "load": True, "tags": "octo/fallback:1"})

    assert job.docker.docker("run", "--rm", "octo/fallback:1").stdout == "built by docker\n"
    assert words in " ".join(result.messages("warning"))
    assert any("`buildx-fallback: true`" in notice for notice in result.messages("notice"))
    assert (result.outputs["build-id"], result.outputs["project-id"]) == ("", "")


def wrong_dockerfile(job):
    job.write("Dockerfile", "FRUM scratch\n")


def no_dockerfile(job):
    job.write("other", "")


def failing_step(job):
    job.dockerfile("RUN echo half-way", "RUN exit 7")


def failing_lint(job):
    job.dockerfile()


OWN_FAULTS = {
    "wrong Dockerfile": (wrong_dockerfile, {}, "unknown instruction"),
    "no Dockerfile": (no_dockerfile, {}, "no such file"),
    "failing step": (failing_step, {}, "exit code: 7"),
    # The linter's image is not available here, so that step fails as it would if the linter found something.
    "lint": (failing_lint, {"lint": True}, "hadolint"),
}


@pytest.mark.parametrize("fault, inputs, words", OWN_FAULTS.values(), ids=OWN_FAULTS)
def test_the_user_s_own_fault_is_never_built_again(job, fault, inputs, words):
    fault(job)

    result = job.run({"buildx-fallback": True, "no-cache": True, **inputs})

    assert result.exit_code == 1
    assert words in " ".join(result.errors)
    assert "docker buildx build" not in result.log


def test_a_machine_that_is_lost_half_way_is_not_replaced_by_docker(job):
    job.dockerfile(f"RUN printf 'is %s\\n' running; sleep 86400.{random.randrange(10**6)}")
    step = job.start({"buildx-fallback": True, "no-cache": True, "retries": 0})
    step.wait_for("is running")

    job.hosted.machines["amd64"].cut()
    result = checked(step.wait())

    assert result.exit_code == 1
    assert len(result.errors) == 1
    assert "docker buildx build" not in result.log
