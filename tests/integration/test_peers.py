"""Builds that work with docker/build-push-action or with the Node action work here too. There is a row for each case
that did not."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field, replace

import pytest

from integration.cli import DIGEST, Step, docker_builder, docker_info
from integration.job import Job
from stand_ins.depot_downloads import cli_archive
from stand_ins.depot_public_oidc import DepotPublicOidc
from world.events import DEPENDABOT, Event, pull_request, push, review

TOKEN = {"token": "depot_project_abc"}
FORK = pull_request(fork=True)
BUILDER = "builder-id=https://github.com/octo/app/actions/runs/424242/attempts/1"


# Runs


def dependabot(event: Event) -> dict:
    return {"event": event, "environment": {"GITHUB_ACTOR": DEPENDABOT}}


def elsewhere(url: str) -> dict:
    return {"event": FORK, "environment": {"GITHUB_SERVER_URL": url}}


PULL_REQUEST = pull_request(fork=False)
SECRETS = "add DEPOT_TOKEN to the Dependabot secrets"
FROM_FORK = "comes from a fork"


@dataclass
class Run:
    """The builder, and what the log says about it."""

    builder: str
    said: str
    event: Event
    environment: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    challenged: bool = False


RUNS = {
    "Dependabot's pull request": Run("docker", SECRETS, **dependabot(PULL_REQUEST)),
    "Dependabot's pull request in a private repository": Run("docker", SECRETS, **dependabot(pull_request(False, private=True))),
    "Dependabot's push": Run("docker", SECRETS, **dependabot(push())),
    "Dependabot's review": Run("docker", SECRETS, **dependabot(replace(PULL_REQUEST, name="pull_request_review"))),
    "Dependabot's new branch": Run("docker", SECRETS, **dependabot(replace(push(), name="create"))),
    "Dependabot's pull request with a token": Run("depot", "`token`", inputs=TOKEN, **dependabot(PULL_REQUEST)),
    "Dependabot's pull request that has a token and asks for docker": Run(
        "depot", "`token`", inputs={**TOKEN, "fork-builder": "docker"}, **dependabot(PULL_REQUEST)
    ),
    "Dependabot's pull request that asks for docker": Run(
        "docker", "`fork-builder: docker`", inputs={"fork-builder": "docker"}, **dependabot(PULL_REQUEST)
    ),
    "Dependabot's pull request that asks for depot": Run(
        "depot", "`fork-builder: depot`", inputs={"fork-builder": "depot"}, **dependabot(PULL_REQUEST)
    ),
    "Dependabot's run of the target": Run("depot", "credentials", **dependabot(replace(FORK, name="pull_request_target"))),
    "a run that somebody else started": Run("depot", "credentials", PULL_REQUEST, {"GITHUB_ACTOR": "octocat"}),
    "a review of a fork": Run("docker", FROM_FORK, review(True)),
    "a review of a fork of a private repository": Run("docker", FROM_FORK, review(True, private=True)),
    "a comment of a review of a fork": Run("docker", FROM_FORK, review(True, "pull_request_review_comment")),
    "a review of a fork that asks for depot": Run("depot", "`fork-builder: depot`", inputs={"fork-builder": "depot"}, event=review(True)),
    "a review of a fork with a token": Run("depot", "`token`", inputs=TOKEN, event=review(True)),
    "a review of a branch": Run("depot", "credentials", review(False)),
    "a comment on a fork's pull request": Run("depot", "credentials", review(True, "issue_comment")),
    "a fork on an enterprise server": Run("docker", FROM_FORK, **elsewhere("https://git.example.com")),
    "a fork on a server with a similar name": Run("docker", FROM_FORK, **elsewhere("https://github.com.example.com")),
    "a fork in an enterprise's cloud": Run("docker", FROM_FORK, **elsewhere("https://octo.ghe.com/")),
    "a fork on github.com": Run("docker", "gave none", FORK, challenged=True),
    "a fork on github.com with a slash": Run("docker", "gave none", **elsewhere("https://github.com/"), challenged=True),
    "a fork without a server": Run("docker", "gave none", **elsewhere(""), challenged=True),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_builder_is_that_of_the_run(job: Job, cli, run: Run):
    job.event = run.event
    job.environment |= run.environment
    with DepotPublicOidc() as service:
        job.public_oidc = service.url
        result = job.succeed(run.inputs)

    assert cli.call.name == run.builder
    assert run.said in " ".join([*result.messages("notice"), *result.lines])
    assert bool(service.requests) == run.challenged


def test_dependabot_s_identity_makes_an_ordinary_run(job: Job, cli, identity):
    job.event, job.environment["GITHUB_ACTOR"] = PULL_REQUEST, DEPENDABOT

    job.succeed({"fork-builder": "docker"})

    assert cli.call.name == "depot"


def test_dependabot_s_identity_that_is_refused_does_not_fail_the_run(job: Job, cli, identity, auth):
    auth.refuse("No trust relationship")
    job.event, job.environment["GITHUB_ACTOR"] = PULL_REQUEST, DEPENDABOT

    result = job.succeed()

    assert cli.call.name == "docker"
    (notice,) = result.messages("notice")
    assert SECRETS in notice and "exchanged" in notice


ADVICE = {
    "GitHub": ({}, ["`id-token: write`", "`token`"], "id-token: write"),
    "Forgejo": ({"FORGEJO_ACTIONS": "true", "GITEA_ACTIONS": "true"}, ["`enable-openid-connect: true`", "`token`"], "enable-openid-connect: true"),
    "Gitea": ({"GITEA_ACTIONS": "true"}, ["`token`"], None),
}


@pytest.mark.parametrize("environment, words, line", ADVICE.values(), ids=ADVICE)
def test_the_advice_fits_the_server(job: Job, cli, environment, words, line):
    job.environment |= environment
    cli.does(Step("err", "Error: missing API token, please run `depot login`\n"), Step("leave", 1))

    result = job.run()

    (error,) = result.errors
    assert all(word in error for word in words)
    assert ("id-token" in error + "\n".join(result.lines)) == (line == "id-token: write")
    assert line is None or line in [each.strip() for each in result.lines]


# Where the run is

SHA = push().sha
CONTEXTS = {
    "the server is not set": ({"GITHUB_SERVER_URL": ""}, f"https://github.com/octo/app.git#{SHA}"),
    "the server ends in a slash": ({"GITHUB_SERVER_URL": "https://git.example.com/"}, f"https://git.example.com/octo/app.git#{SHA}"),
    "the server ends in slashes": ({"GITHUB_SERVER_URL": "https://git.example.com/a//"}, f"https://git.example.com/a/octo/app.git#{SHA}"),
    "the repository is not set": ({"GITHUB_REPOSITORY": ""}, f"https://github.com/octo/app.git#{SHA}"),
    "neither is set": ({"GITHUB_REPOSITORY": "", "GITHUB_SERVER_URL": ""}, f"https://github.com/octo/app.git#{SHA}"),
}


@pytest.mark.parametrize("environment, context", CONTEXTS.values(), ids=CONTEXTS)
def test_the_context_and_the_builder_are_those_of_the_run(job: Job, cli, environment, context):
    job.environment |= environment

    job.succeed({**TOKEN, "context": ""})

    assert cli.call.arguments[-1] == context
    (provenance,) = cli.call.values("--provenance")
    assert provenance.endswith(f"builder-id={context.partition('.git#')[0]}/actions/runs/424242/attempts/1")


def test_the_folder_for_temporary_files_is_made(job: Job, cli):
    job.environment["RUNNER_TEMP"] = str(job.folder / "not/there/yet")

    job.succeed({**TOKEN, "secrets": "key=value"})

    assert cli.call.values("--metadata-file")[0].startswith(str(job.folder / "not/there/yet/depot-build-push-"))
    assert list((job.folder / "not/there/yet").iterdir()) == []


MACHINES = {"x86_64": ("X64", "amd64", "x86_64"), "aarch64": ("ARM64", "arm64", "aarch64")}[platform.machine()]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("command", ["build", "setup"])
def test_the_architecture_is_known_by_any_of_its_names(job: Job, setup_job, downloads, command, machine):
    step = job if command == "build" else setup_job
    step.environment["RUNNER_ARCH"] = machine
    downloads.publish("2.102.12", cli_archive(b"#!/bin/sh\n"))

    step.succeed(TOKEN if command == "build" else {})


# What builds in docker's place

PODMAN = json.dumps({"host": {"arch": "amd64"}, "store": {}, "version": {"Version": "5.0.0"}}) + "\n"
PODMANS = {
    "without `buildx inspect`": (PODMAN, ""),
    "with `buildx inspect`": (PODMAN, docker_builder(driver="podman")),
    "that only shows itself there": ("", docker_builder(driver="podman")),
}


@pytest.mark.parametrize("info, builder", PODMANS.values(), ids=PODMANS)
@pytest.mark.parametrize("inputs", [{}, {"push": "true"}, {"call": "check"}], ids=["none", "push", "call"])
def test_podman_is_named_by_one_error(job: Job, cli, info, builder, inputs):
    job.event = FORK
    cli.docker_can(info, builder)

    error = job.fail(inputs)

    assert "podman" in error and "buildx" in error and "token" in error


ABLE = "Features:\n Cache export:         true\n Docker exporter:      true\n Multi-platform build: true\n OCI exporter:         true\n"
UNABLE = ABLE.replace("Cache export:         true", "Cache export:         false")
CREATE = "buildx create"
DRIVERS = {
    "that is not known": ("other", "", True),
    "that says what it can do": ("other", ABLE, False),
    "that says what it cannot do": ("other", UNABLE, True),
    "of a container": ("docker-container", "", False),
    "elsewhere": ("remote", "", False),
    "of a cluster": ("kubernetes", "", False),
    "of Docker's cloud": ("cloud", "", False),
}


@pytest.mark.parametrize("driver, features, temporary", DRIVERS.values(), ids=DRIVERS)
def test_a_driver_is_asked_for_what_it_can_do(job: Job, cli, driver, features, temporary):
    job.event = FORK
    cli.docker_can(docker_info(), docker_builder(driver=driver) + features)

    job.succeed({"provenance": "mode=max"})

    assert any(words.startswith(CREATE) for words in cli.asked) == temporary
    assert bool(cli.call.values("--builder")) == temporary


def test_nothing_that_nobody_asked_for_is_asked_of_an_unknown_driver(job: Job, cli):
    job.event = FORK
    cli.docker_can(docker_info(), docker_builder(driver="other"))

    job.succeed()

    assert cli.call.values("--attest") == []
    assert not any(words.startswith(CREATE) for words in cli.asked)


# Inputs


@dataclass
class Row:
    """What the CLI gets for these inputs: the values of each flag."""

    inputs: dict[str, str]
    flags: dict[str, list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    event: Event = field(default_factory=push)


ATTESTATIONS = {
    "a provenance of attests has its builder": Row({"attests": "type=provenance,mode=max"}, {"--attest": [f"type=provenance,mode=max,{BUILDER}"]}),
    "a provenance of attests that names its builder": Row(
        {"attests": "type=provenance,builder-id=mine"}, {"--attest": ["type=provenance,builder-id=mine"]}
    ),
    "an SBOM of attests has none": Row(
        {"attests": "type=sbom", "provenance": "false"}, {"--attest": ["type=sbom"], "--provenance": ["false"]}
    ),
    "provenance on lines": Row({"provenance": "mode=max\nversion=v1"}, {"--provenance": [f"mode=max,version=v1,{BUILDER}"]}),
    "provenance on lines that end in commas": Row(
        {"provenance": "mode=max,\r\nversion=v1,\r\n"}, {"--provenance": [f"mode=max,version=v1,{BUILDER}"]}
    ),
    "sbom on lines": Row(
        {"sbom": "generator=image\nscan=stage", "provenance": "false"},
        {"--sbom": ["generator=image,scan=stage"], "--provenance": ["false"]},
    ),
    "attests with a line break in quotes": Row(
        {"attests": '"type=sbom\ngenerator=image"', "provenance": "false"},
        {"--attest": ["type=sbom,generator=image"], "--provenance": ["false"]},
    ),
}

WIDE = "\u00a0\u1680\u2000\u2005\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
WHITE_SPACE = {
    "of a boolean": Row({"pull": "true\u00a0", "provenance": "false"}, {"--provenance": ["false"]}),
    "of a string": Row({"target": f"{WIDE}release{WIDE}"}, {"--target": ["release"]}),
    "of a list's items": Row({"tags": f"a{WIDE},{WIDE}b\n{WIDE}"}, {"--tag": ["a", "b"]}),
    "of a whole list's items": Row({"build-args": f"{WIDE}A=1{WIDE}\n{WIDE}B={WIDE}2"}, {"--build-arg": ["A=1", f"B={WIDE}2"]}),
    "of an output": Row({"outputs": "type=registry\u00a0\n"}, {"--output": ["type=registry"]}),
    "of an attestation": Row({"provenance": "\u00a0mode=max\u00a0"}, {"--provenance": [f"mode=max,{BUILDER}"]}),
    "but not what is none": Row({"target": "\u200brelease\u180e"}, {"--target": ["\u200brelease\u180e"]}),
}

SSH = {
    "two agents on a line": Row({"ssh": "default,github=/agent.sock"}, {"--ssh": ["default", "github=/agent.sock"]}),
    "two agents in the other order": Row({"ssh": "github=/agent.sock, default"}, {"--ssh": ["github=/agent.sock", "default"]}),
    "two agents on two lines": Row({"ssh": "default\ngithub=/agent.sock"}, {"--ssh": ["default", "github=/agent.sock"]}),
    "an agent with two keys": Row({"ssh": "id=/key1,/key2"}, {"--ssh": ["id=/key1,/key2"]}),
    "two agents with two keys": Row({"ssh": "a=/1,/2,b=/3,/4"}, {"--ssh": ["a=/1,/2", "b=/3,/4"]}),
    "agents in quotes": Row({"ssh": '"a=/1,/2"\n"default"'}, {"--ssh": ["a=/1,/2", "default"]}),
}

ROWS = {
    f"{about}: {name}": row
    for about, rows in {"attestations": ATTESTATIONS, "white space": WHITE_SPACE, "ssh": SSH}.items()
    for name, row in rows.items()
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_an_input_is_read_as_the_peers_users_mean_it(job: Job, cli, row: Row):
    job.event = row.event
    job.environment |= row.environment

    job.succeed({**TOKEN, **row.inputs})

    assert {flag: cli.call.values(flag) for flag in row.flags} == row.flags


OPEN_QUOTES = {
    "provenance": 'mode=max\n"version=v1',
    "sbom": 'generator=image\nscan=stage\n"a',
    "attests": '"type=sbom\n""a"',
}


@pytest.mark.parametrize("name", OPEN_QUOTES)
def test_a_quote_that_is_open_on_any_line_is_the_error(job: Job, name):
    error = job.fail({**TOKEN, name: OPEN_QUOTES[name]})

    assert f"`{name}`" in error and "quote" in error


# Metadata

PROVENANCE = {"buildx.build.provenance": {"buildType": "x" * 120_000}}
BY_PLATFORM = {f"buildx.build.provenance/linux/{name}": {"buildType": "x" * 60_000} for name in ("amd64", "arm64")}
OTHERS = {"containerimage.digest": DIGEST, "depot.build": {"buildID": "b", "projectID": "p"}}


@pytest.mark.parametrize("provenance", [PROVENANCE, BY_PLATFORM], ids=["one", "of each platform"])
def test_provenance_that_no_environment_holds_is_left_out_of_the_output(job: Job, cli, provenance):
    cli.does(Step("metadata", json.dumps({**provenance, **OTHERS})))

    result = job.succeed(TOKEN)

    assert json.loads(result.outputs["metadata"]) == OTHERS
    assert result.outputs["digest"] == DIGEST
    (notice,) = (notice for notice in result.messages("notice") if "BUILDX_METADATA_PROVENANCE" in notice)


@pytest.mark.parametrize(
    "metadata, environment",
    [
        ({**PROVENANCE, **OTHERS}, {"BUILDX_METADATA_PROVENANCE": "max"}),
        ({"buildx.build.provenance": {"buildType": "x" * 90_000}, **OTHERS}, {}),
        ({"buildx.build.ref": "x" * 120_000, **OTHERS}, {}),
    ],
    ids=["asked for", "small", "of something else"],
)
def test_other_metadata_arrives_as_it_is(job: Job, cli, metadata, environment):
    job.environment |= environment
    cli.does(Step("metadata", json.dumps(metadata)))

    result = job.succeed(TOKEN)

    assert result.outputs["metadata"] == json.dumps(metadata)
    assert result.messages("notice") == []


@pytest.mark.parametrize("where", ["value", "name"])
def test_an_escaped_nul_costs_no_other_output(job: Job, cli, where):
    odd = {"a": ["b\0c"]} if where == "value" else {"a\0": 1}
    text = json.dumps({**odd, **OTHERS})
    cli.does(Step("metadata", text))

    result = job.succeed(TOKEN)

    names = ("metadata", "digest", "build-id", "project-id")
    assert tuple(result.outputs[name] for name in names) == (text, DIGEST, "b", "p")
    assert result.messages("warning") == []


# What docker cannot do names the input that asks for it

PLAIN = docker_info(containerd_store=False), docker_builder(platforms="linux/amd64, linux/arm64")
REFUSED = {
    "load": ({"load": "true", "push": "true", "provenance": "mode=max"}, "leave out `load`"),
    "outputs": ({"outputs": "type=docker", "push": "true", "provenance": "mode=max"}, "leave out `outputs: type=docker`"),
    "two outputs": ({"outputs": "type=docker\ntype=registry", "sbom": "true"}, "leave out `outputs: type=docker`"),
    "platforms": (
        {"outputs": "type=docker", "push": "true", "platforms": "linux/amd64,linux/arm64"},
        "leave out `outputs: type=docker`",
    ),
}


@pytest.mark.parametrize("inputs, named", REFUSED.values(), ids=REFUSED)
def test_an_error_names_the_input_that_is_set(job: Job, cli, inputs, named):
    job.event = FORK
    cli.docker_can(*PLAIN)

    assert named in job.fail(inputs)
