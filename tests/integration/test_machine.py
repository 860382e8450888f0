"""What can go wrong with a machine: each step ends by itself, and says so."""

from __future__ import annotations

import itertools

import pytest

from integration.cli import SUCCESS, Step
from integration.job import BUILD, Job, SetupJob
from stand_ins.depot_downloads import cli_archive
from world.events import pull_request

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

# No memory

# The fakes are Python programs, which need some memory.
ADDRESS_SPACE_KIB = 250 * 1024


def test_a_shortage_of_memory_is_an_error_of_its_own(job: Job, cli, ordinary_action):
    job.action = ordinary_action
    entries = ",".join(["0"] * 4_000_000)
    cli.does(Step("metadata", f'{{"containerimage.digest": "sha256:{"d" * 64}", "large": [{entries}]}}'))

    result = job.run(script=f"ulimit -v {ADDRESS_SPACE_KIB}\n{BUILD}")

    assert result.exit_code == 1
    (error,) = result.annotations
    assert (error.level, error.title) == ("error", "Out of memory")
    assert not any(result.outputs.values())


# Little stack

# In KiB, for everything that runs. The shells that start the fakes need more than the program, and so does the loader of
# the machine's own libraries (glibc 2.41).
LITTLE_STACK = "ulimit -S -s 16\n"
SOME_STACK = "ulimit -S -s 32\n"


@pytest.fixture
def roomy(job: Job, cli, tmp_path):
    """The fakes are Python programs, which need more stack than that. They raise the limit again."""
    folder = tmp_path / "roomy"
    folder.mkdir()
    for name in cli.names:
        (folder / name).write_text(f'#!/bin/sh\nulimit -S -s 8192\nexec "{cli.folder}/{name}" "$@"\n')
        (folder / name).chmod(0o755)
    job.path.insert(0, folder)


@pytest.fixture(params=["development", "static"])
def small_job(request, job: Job, ordinary_action, development_action, roomy):
    job.action = ordinary_action if request.param == "static" else development_action
    return job


@pytest.mark.usefixtures("identity")
def test_depot_builds_on_little_stack(small_job: Job, cli, auth):
    cli.does(Step("out", "x" * 100_000 + "\n"), *SUCCESS)

    result = small_job.succeed({"secrets": "key=value"}, script=f"{SOME_STACK}{BUILD}")

    assert cli.call.environment["DEPOT_TOKEN"] in auth.issued
    assert result.outputs["digest"].startswith("sha256:")


def test_docker_builds_on_little_stack(small_job: Job, cli):
    small_job.event = pull_request(fork=True)

    small_job.succeed({"provenance": "mode=max", "platforms": "linux/arm64"}, script=f"{SOME_STACK}{BUILD}")

    assert cli.call.name == "docker"


@pytest.mark.parametrize("kind, stack", [("development", SOME_STACK), ("static", LITTLE_STACK)])
def test_setup_installs_on_little_stack(setup_job: SetupJob, downloads, kind, stack, ordinary_action, development_action):
    setup_job.action = ordinary_action if kind == "static" else development_action
    downloads.publish("2.102.12", cli_archive(b"#!/bin/sh\n" + b"#" * 1_000_000))

    setup_job.succeed(script=f"{stack}exec '{setup_job.program}' setup")

    assert (setup_job.tool_cache / "depot/2.102.12/x64/depot").exists()
