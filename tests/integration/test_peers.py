"""Whatever docker/build-push-action and the Node action build, this one builds: a row for each way in which it did not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from integration.cli import DIGEST, SUCCESS, Step, docker_builder, docker_info
from integration.job import Job
from world.events import Event, pull_request, push

TOKEN = {"token": "depot_project_abc"}
FORK = pull_request(fork=True)
BUILDER = "builder-id=https://github.com/octo/app/actions/runs/424242/attempts/1"


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
