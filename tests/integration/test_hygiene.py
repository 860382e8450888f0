"""Where secrets are, however a run goes: in the environment of Depot's CLI, in the build's own secret files while it
runs, and in the lines that mask them. The tests search everything else, where they must not be."""

from __future__ import annotations

import os
import signal
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable

import pytest

from integration.cli import SUCCESS, Call, FakeClis, Step, until
from integration.job import ChallengedJob, Job
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.github_oidc import GithubOidc
from stand_ins.service import Answer
from world.events import pull_request
from world.runner import Result, Running

FAILURE = (Step("err", "ERROR: broke\n"), Step("leave", 1))
REFUSED = (Step("err", "unauthenticated: Invalid token\n"), Step("leave", 1))
# Where a program leaves files that belong in RUNNER_TEMP.
SHARED = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm")]


def marked() -> str:
    return f"marked_{uuid.uuid4().hex}"


@dataclass
class Services:
    oidc: GithubOidc
    auth: DepotAuth
    public_oidc: DepotPublicOidc

    def identity(self) -> dict[str, str]:
        return {**self.oidc.environment(), "DEPOT_AUTH_URL": self.auth.url}


@dataclass
class Way:
    """One way that a run may go."""

    builders: tuple[str, ...] = ("depot",)
    exit_code: int = 0
    # Where the Depot token comes from.
    source: str = "input"
    refused: bool = False
    inputs: dict[str, object] = field(default_factory=dict)
    depot: tuple[Step, ...] = ()  # what only Depot's CLI does, before the build pauses
    build: tuple[Step, ...] = SUCCESS
    signal: int = 0


WAYS = {
    "the input": Way(),
    "the variable": Way(source="variable"),
    "the job's identity": Way(source="identity"),
    "an exchange that is refused": Way(source="identity", refused=True),
    "an exchange after retries": Way(source="busy identity"),
    "the challenge": Way(source="challenge"),
    "a challenge that is refused": Way(builders=("docker",), source="challenge", refused=True),
    "a challenge whose token is refused": Way(builders=("depot", "docker"), source="challenge", depot=REFUSED),
    "a fork that docker builds": Way(builders=("docker",), source="fork's variable", inputs={"fork-builder": "docker"}),
    "a build that fails": Way(build=FAILURE, exit_code=1),
    "a build that fails, of an identity": Way(source="identity", build=FAILURE, exit_code=1),
    "a build that is killed": Way(build=(Step("die", 9),), exit_code=137),
    "a build that is stopped": Way(signal=signal.SIGTERM, exit_code=143),
    "a build that is stopped, of an identity": Way(source="identity", signal=signal.SIGINT, exit_code=130),
    "docker in Depot's place": Way(
        builders=("depot", "docker"), source="variable", inputs={"buildx-fallback": "true"}, depot=REFUSED
    ),
    "docker in Depot's place, of an identity": Way(
        builders=("depot", "docker"), source="identity", inputs={"buildx-fallback": "true"}, depot=REFUSED
    ),
    "docker in Depot's place, stopped": Way(
        builders=("depot", "docker"),
        inputs={"buildx-fallback": "true"},
        depot=REFUSED,
        signal=signal.SIGTERM,
        exit_code=143,
    ),
}


@dataclass
class Secrets:
    """The secrets of a run: Depot's token, if there is one, and where the others belong during the run."""

    token: str | None
    of_the_build: list[str]
    others: list[str]

    def all(self) -> list[str]:
        return [*([self.token] if self.token else []), *self.of_the_build, *self.others]


@pytest.fixture
def services():
    with GithubOidc() as oidc, DepotAuth() as auth, DepotPublicOidc() as public_oidc:
        yield Services(oidc, auth, public_oidc)


@pytest.fixture(params=["sanitized", "ordinary"])
def program(request, action, ordinary_action):
    return action if request.param == "sanitized" else ordinary_action


def make_job(way: Way, folder: Path, program: Path, cli: FakeClis, services: Services) -> Job:
    if way.source == "challenge":
        job = ChallengedJob(folder, program, cli, service=services.public_oidc)
        if way.refused:
            services.public_oidc.scripted.append(Answer(403, {"error": "no"}))
        return job
    job = Job(folder, program, cli)
    if "identity" in way.source:
        job.environment |= services.identity()
    if way.source == "busy identity":
        services.oidc.scripted.append(Answer(503, "busy"))
        services.auth.scripted.append(Answer(503, "busy"))
    if way.source == "fork's variable":
        job.event = pull_request(fork=True)
    if way.refused:
        services.auth.refuse()
    return job


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_secrets_are_where_they_must_be_and_nowhere_else(tmp_path, program, cli, services, way: Way):
    job = make_job(way, tmp_path, program, cli, services)
    token, of_the_build, of_github = marked(), [marked(), marked()], marked()
    inputs = {"secrets": '"key={}\n{}"'.format(*of_the_build), "github-token": of_github, "context": "", **way.inputs}
    if way.source == "input":
        inputs["token"] = token
    if "variable" in way.source:
        job.environment |= {"DEPOT_TOKEN": token}
    job.environment |= {"RUNNER_DEBUG": "1"}
    before = shared()

    step = start(job, way, inputs)
    try:
        issued = [*services.auth.issued, *services.public_oidc.issued]
        given = token if way.source in ("input", "variable") else next(iter(issued), None)
        others = [services.oidc.request_token, *services.oidc.issued, *([] if given == token else [token])]
        secrets = Secrets(given, [*of_the_build, of_github], others)
        in_files = files_with(secrets, [job.folder], cli.folder)
        command_lines = step.processes()
    except BaseException:
        step.kill()
        raise
    result = go_on(job, step, way)

    assert (result.exit_code, tuple(call.name for call in cli.calls)) == (way.exit_code, way.builders), result.raw
    # While the build ran:
    assert command_lines and not any(secret in line for secret in secrets.all() for line in command_lines)
    assert in_files == {secret["src"] for secret in cli.calls[-1].secrets}
    assert {line for secret in cli.calls[-1].secrets for line in secret["content"].split("\n")} == {
        *secrets.of_the_build
    }
    for call in [*cli.calls, *cli.questions]:
        assert_withheld(secrets, call, depots=call.name == "depot")
    assert {question.name for question in cli.questions} >= {"git", *way.builders} - {"depot"}
    # After it had ended:
    assert_in_masks_only(secrets, result)
    assert files_with(secrets, [job.folder], cli.folder) == set()
    assert files_with(secrets, shared() - before, cli.folder) == set()


def start(job: Job, way: Way, inputs) -> Running:
    """A step with its last build paused. The limit of core dumps is as high as it can be."""
    cli = job.cli
    cli.git_is_faked()
    (job.workspace / ".git").mkdir(parents=True)
    pause = [Step("write", "paused", ""), Step("wait_for", str(job.folder / "go on"))]
    cli.does(*([Step("only", "depot", list(way.depot))] if way.depot else []), *pause, *way.build)
    script = f"ulimit -S -c $(ulimit -H -c)\n{job.runner().action.step['run']}"
    step = job.start(inputs, script=script)
    try:
        cli.wait_for("paused")
        # It runs at the same time as the build, which does not wait for it.
        until(lambda: "git" in {question.name for question in cli.questions}, "git was not started")
    except TimeoutError as reason:
        step.kill()
        pytest.fail(f"{reason}:\n{step.wait().raw}")
    return step


def go_on(job: Job, step: Running, way: Way) -> Result:
    if way.signal:
        step.signal(way.signal)
    else:
        (job.folder / "go on").touch()
    return job.checked(step.wait(60))


def files_with(secrets: Secrets, places: Iterable[Path], except_below: Path) -> set[str]:
    """The files that contain a secret, among these places and everything below them."""
    found = set()
    for place in places:
        # Not with rglob, which fails if another process's folder is removed meanwhile.
        inside = [Path(folder, name) for folder, _, names in os.walk(place) for name in names]
        for file in [place, *inside]:
            if except_below not in file.parents and any(secret.encode() in content(file) for secret in secrets.all()):
                found.add(str(file))
    return found


def content(file: Path) -> bytes:
    # Other processes may have files there too, and remove them meanwhile.
    try:
        return file.read_bytes() if file.is_file() and not file.is_symlink() else b""
    except OSError:
        return b""


def shared() -> set[Path]:
    return {path for folder in SHARED for path in folder.iterdir()}


def assert_withheld(secrets: Secrets, call: Call, depots: bool) -> None:
    """A process that was started has the token only if it is Depot's, and no other secret."""
    has = {(name, secret) for name, value in call.environment.items() for secret in secrets.all() if secret in value}
    assert has == ({("DEPOT_TOKEN", secrets.token)} if depots and secrets.token else set()), call.command
    assert call.environment.get("DEPOT_TOKEN") in (None, secrets.token)
    assert not any(name.startswith(("INPUT_", "ACTIONS_ID_TOKEN")) for name in call.environment)
    # Our program's own, from its start and during the build.
    seen = [*call.arguments, call.parent_arguments, call.parent_environment]
    assert not any(secret in text for secret in secrets.all() for text in seen)
    assert call.core_limit == 0


def assert_in_masks_only(secrets: Secrets, result: Result) -> None:
    for secret in secrets.all():
        assert {line for line in result.lines if secret in line} <= {f"::add-mask::{secret}"}
        assert secret not in result.log + result.summary + "".join(result.outputs.values())
        assert secret not in "".join(result.environment.values())
    used = [*secrets.of_the_build, *([secrets.token] if secrets.token else [])]
    assert set(used) <= set(result.masks)
