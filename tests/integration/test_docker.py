"""When docker builds: what it is asked first, and the builder that is made if its own is not enough."""

from __future__ import annotations

import base64
import json
import re
import signal
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from integration.cli import DIGEST, IMAGE_ID, SUCCESS, Step, docker_builder, docker_info
from integration.job import PLAN, Job
from world.events import pull_request

FORK = pull_request(fork=True)
QUESTIONS = ["buildx inspect", "info --format {{json .}}"]
NAME = r"depot-build-push-\w{6}"
PLAIN = (docker_info(containerd_store=False), docker_builder())
NO_IMAGE = Step("out", "ERROR: moby/buildkit: no such host\n"), Step("leave", 1)
LONG = 600


@pytest.fixture
def fork(job: Job) -> Job:
    job.event = FORK
    return job


def about_builders(cli) -> list[str]:
    return [re.sub(NAME, "NAME", words) for words in cli.asked if words not in QUESTIONS]


CREATE = "buildx create --name NAME --driver docker-container --bootstrap"
REMOVE = "buildx rm --force NAME"


def test_docker_is_not_even_asked_where_depot_builds(job: Job, cli):
    job.succeed({"token": "depot_x"})

    assert cli.asked == []


def test_docker_is_asked_once_where_it_builds(fork: Job, cli):
    fork.succeed()

    assert sorted(cli.asked) == QUESTIONS


class EngineSocket(socketserver.ThreadingUnixStreamServer):
    """An engine that reports what it is, at the socket that a client's settings name."""

    daemon_threads = True
    status, body = 200, json.dumps({"DriverStatus": [["Backing Filesystem", "extfs"]]})

    class RequestHandlerClass(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(self.server.status if self.path == "/info" else 404)
            self.end_headers()
            self.wfile.write(self.server.body.encode())

        def address_string(self) -> str:
            return "a local client"

        def log_message(self, *_) -> None:
            pass

    def __init__(self, folder: Path):
        super().__init__(str(folder / "engine.sock"), self.RequestHandlerClass)


PLUGIN = "#!/bin/sh\necho '{\"SchemaVersion\": \"0.1.0\"}'\n"


def plugin(folder: Path, content: str) -> None:
    (folder / "docker-buildx").write_text(content)
    (folder / "docker-buildx").chmod(0o755)


@pytest.fixture
def engine(fork: Job, tmp_path_factory):
    plugins = fork.folder / "plugins"
    plugins.mkdir()
    plugin(plugins, PLUGIN)
    settings = fork.folder / "settings"
    settings.mkdir()
    (settings / "config.json").write_text(json.dumps({"cliPluginsExtraDirs": [str(plugins)]}))
    # A socket's path must be short.
    with EngineSocket(tmp_path_factory.mktemp("engine")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        fork.environment |= {"DOCKER_HOST": f"unix://{server.server_address}", "DOCKER_CONFIG": str(settings)}
        yield server
        server.shutdown()


@pytest.mark.parametrize("containerd_store", [False, True])
def test_the_engine_itself_is_asked_about_its_default_builder(fork: Job, cli, engine, containerd_store):
    told = docker_info(containerd_store=containerd_store)
    engine.body = json.dumps({"DriverStatus": json.loads(told)["DriverStatus"]})
    fork.succeed()
    assert cli.asked == []

    del fork.environment["DOCKER_HOST"]
    cli.docker_can(told, docker_builder())
    fork.succeed()

    by_engine, by_commands = [re.sub(NAME, "NAME", " ".join(call.arguments)) for call in cli.calls]
    assert by_engine == by_commands


@pytest.mark.parametrize(
    "status, body", [(500, "{}"), (200, ""), (200, "<html>"), (200, "[]"), (200, "{"), (200, "x" * 100_000)]
)
def test_an_engine_that_gives_no_answer_is_asked_about_by_docker(fork: Job, cli, engine, status, body):
    engine.status, engine.body = status, body

    fork.succeed()

    assert sorted(cli.asked) == QUESTIONS


@pytest.mark.parametrize("content", ["", "<html>", "#!/bin/sh\nexit 1\n", "#!/not/there\n", "#!/bin/sh\n", PLUGIN + "exit 1\n"])
def test_a_buildx_that_does_not_start_is_none(fork: Job, cli, engine, content):
    plugin(fork.folder / "plugins", content)
    cli.docker_can(docker_info(buildx="", containerd_store=False), "")

    result = fork.succeed()

    assert sorted(cli.asked) == QUESTIONS
    assert cli.call.command[:2] == ["docker", "build"]
    (warning,) = result.messages("warning")
    assert "buildx" in warning


@pytest.mark.parametrize(
    "inputs", [{"platforms": "linux/amd64"}, {"call": "check"}, {"builder": "mine"}], ids=lambda inputs: next(iter(inputs))
)
def test_docker_is_asked_what_only_its_commands_tell(fork: Job, cli, engine, inputs):
    fork.succeed(inputs)

    assert len(cli.asked) == len(QUESTIONS)


def test_the_builder_that_the_user_names_is_the_one_asked_about(fork: Job, cli):
    fork.succeed({"builder": "mine"})

    assert "buildx inspect mine" in cli.asked
    assert cli.call.values("--builder") == ["mine"]


def test_plan_asks_docker_nothing_and_says_what_it_assumes(fork: Job, cli):
    plan = json.loads(fork.run({"provenance": "mode=max"}, script=PLAN).raw)

    assert cli.asked == []
    assert any("plan" in notice and "docker" in notice for notice in plan["notices"])


def test_a_docker_without_an_engine_is_one_error(fork: Job, cli):
    cli.docker_can(docker_info(ServerErrors=["Cannot connect to the Docker daemon at unix:///x"]), "")

    error = fork.fail()

    assert "Cannot connect to the Docker daemon" in error
    assert "/var/run/docker.sock" in error


def test_a_docker_without_an_engine_may_build_elsewhere(fork: Job, cli):
    cli.docker_can(docker_info(ServerErrors=["Cannot connect"]), docker_builder("remote"))

    fork.succeed()


def test_a_docker_without_buildx_builds_all_the_same(fork: Job, cli):
    cli.docker_can(docker_info(buildx=""), "")

    result = fork.succeed({"tags": "app:1", "load": True})

    assert cli.call.arguments[0] == "build"
    assert "--metadata-file" not in cli.call.arguments
    (warning,) = result.messages("warning")
    assert "buildx" in warning
    assert result.outputs["imageid"]
    assert result.outputs["digest"] == ""


def test_a_docker_without_buildx_names_the_inputs_that_need_it(fork: Job, cli):
    cli.docker_can(docker_info(buildx=""), "")

    error = fork.fail({"secrets": "a=b", "push": True})

    assert "`push`, `secrets`" in error
    assert "docker/setup-buildx-action" in error


# A temporary builder


def test_a_builder_is_made_for_what_the_runner_s_cannot_do_and_removed(fork: Job, cli):
    cli.docker_can(*PLAIN, Step("out", "booting\n"))

    result = fork.succeed({"provenance": "mode=max"})

    assert about_builders(cli) == [CREATE, REMOVE]
    (name,) = cli.call.values("--builder")
    assert all(name in words for words in cli.asked[-2:])
    assert "booting" in result.log
    assert any("`provenance`" in notice for notice in result.messages("notice"))


def test_a_builder_for_a_registry_on_this_machine_shares_its_network(fork: Job, cli):
    cli.docker_can(*PLAIN)

    fork.succeed({"provenance": "true", "push": True, "tags": "localhost:5000/a"})

    assert about_builders(cli) == [f"{CREATE} --driver-opt network=host", REMOVE]


def test_no_builder_is_made_where_nobody_needs_it(fork: Job, cli):
    cli.docker_can(*PLAIN)

    fork.succeed({"load": True, "cache-from": "type=registry,ref=a"})

    assert about_builders(cli) == []
    assert cli.call.values("--attest") == []


def test_a_failing_build_has_its_builder_removed(fork: Job, cli):
    cli.docker_can(*PLAIN)
    cli.does(Step("leave", 3))

    assert fork.run({"sbom": True}).exit_code == 3
    assert about_builders(cli) == [CREATE, REMOVE]


def test_what_cannot_be_had_without_another_builder_is_an_error(fork: Job, cli):
    cli.docker_can(*PLAIN, *NO_IMAGE)

    error = fork.fail({"provenance": "mode=max"})

    assert "`provenance`" in error
    assert "no such host" in error
    assert "docker/setup-buildx-action" in error
    assert about_builders(cli) == [CREATE, REMOVE]


def test_what_a_check_can_do_without_is_left_out(fork: Job, cli):
    cli.docker_can(*PLAIN, *NO_IMAGE)

    result = fork.succeed({"cache-to": "type=registry,ref=a", "secrets": "key=value"})

    (warning,) = result.messages("warning")
    assert "`cache-to`" in warning
    assert not {"--cache-to", "--builder", "--attest"} & set(cli.call.arguments)
    assert cli.call.secrets[0]["content"] == "value"
    assert about_builders(cli) == [CREATE, REMOVE]


def test_what_was_said_is_not_said_again_of_the_plan_without_a_builder(fork: Job, cli):
    cli.docker_can(*PLAIN, *NO_IMAGE)

    result = fork.succeed({"cache-to": "type=gha\ntype=registry,ref=a", "lint": True})

    assert sorted("gha" in warning for warning in result.messages("warning")) == [False, True]
    assert len([notice for notice in result.messages("notice") if "`lint`" in notice]) == 1


def test_a_builder_that_stays_behind_is_told_of(fork: Job, cli):
    cli.docker_can(*PLAIN)
    answers = json.loads((cli.folder / "docker.json").read_text())
    (cli.folder / "docker.json").write_text(json.dumps({**answers, "buildx rm": [Step("leave", 1)]}))

    (warning,) = fork.succeed({"provenance": "true"}).messages("warning")

    assert re.search(f"docker buildx rm --force {NAME}", warning)


ENDING = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


@ENDING
def test_a_signal_during_the_build_has_the_builder_removed(fork: Job, cli, number):
    cli.docker_can(*PLAIN)
    cli.does(Step("out", "building now\n"), Step("sleep", LONG))
    step = fork.start({"provenance": "true"})
    step.wait_for("building now")

    step.signal(number)
    result = fork.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert about_builders(cli) == [CREATE, REMOVE]


@ENDING
def test_a_signal_while_the_builder_is_made_has_it_removed(fork: Job, cli, number):
    cli.docker_can(*PLAIN, Step("out", "booting\n"), Step("sleep", LONG))
    step = fork.start({"provenance": "true"})
    step.wait_for("booting")

    step.signal(number)
    result = fork.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert cli.calls == []
    assert about_builders(cli) == [CREATE, REMOVE]


@ENDING
def test_a_signal_ends_the_wait_for_docker_s_answer(fork: Job, cli, number):
    (cli.folder / "docker.json").write_text(
        json.dumps({"info": [Step("write", "asking", ""), Step("sleep", LONG)], "buildx inspect": []})
    )
    step = fork.start()
    cli.wait_for("asking")

    step.signal(number)
    result = fork.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert cli.calls == []


# If no Depot builder is available

DEPOT = {"token": "depot_x", "buildx-fallback": True}
LAUNCH = "#1 [depot] build: https://depot.dev/x\n#1 DONE 0.0s\n\n#2 [depot] launching amd64 machine\n"
NO_BUILDER = {
    "an API that is down": "unavailable: dial tcp 127.0.0.1:9: connect: connection refused\n",
    "a token that is refused": "unauthenticated: Invalid token\n",
    "no machine": LAUNCH + "#2 ERROR: unavailable: there is no amd64 machine\nunavailable: there is no amd64 machine\n",
    # The words of the real CLI, after five minutes.
    "a machine out of reach": LAUNCH
    + "#2 DONE 0.0s\n\n#3 [depot] connecting to amd64 machine\n#3 ERROR: timed out connecting to machine: refused\n"
    + "------\n > [depot] connecting to amd64 machine:\n------\n"
    + "timed out connecting to machine: failed to list workers: Unavailable: connection error\n",
}


@pytest.mark.parametrize("words", NO_BUILDER.values(), ids=NO_BUILDER)
def test_docker_builds_where_no_depot_builder_can_be_had(job: Job, cli, words):
    tries = 2 if words == NO_BUILDER["an API that is down"] else 1
    cli.does(Step("only", "depot", [Step("err", words), Step("leave", 1)]), *SUCCESS_OF_DOCKER)

    result = job.succeed({**DEPOT, "secrets": "key=value", "project": "p"})

    assert [call.name for call in cli.calls] == ["depot"] * tries + ["docker"]
    assert sorted(cli.asked) == QUESTIONS
    assert [call.secrets[0]["content"] for call in cli.calls] == ["value"] * (tries + 1)
    assert "DEPOT_TOKEN" not in cli.calls[-1].environment
    (warning,) = [note.message for note in result.annotations if note.title == "No Depot builder"]
    assert words.splitlines()[-1] in warning
    (notice,) = [note for note in result.annotations if note.title == "Building with docker"]
    assert "`buildx-fallback: true`" in notice.message
    assert result.outputs["digest"] == DIGEST
    assert (result.outputs["build-id"], result.outputs["project-id"]) == ("", "")


SUCCESS_OF_DOCKER = (
    Step("metadata", json.dumps({"containerimage.digest": DIGEST})),
    Step("image_id", IMAGE_ID),
)
CONNECTED = LAUNCH + "#3 [depot] connecting to amd64 machine\n#3 DONE 0.1s\n\n"
OWN_FAILURES = {
    "a Dockerfile error": "#5 [internal] load build definition from Dockerfile\n#5 DONE 0.1s\nfailed to solve: parse error\n",
    "lint": "#5 [lint]\nlinting failed\n",
    "a failing step": "#5 [internal] load build definition\n#9 [2/3] RUN false\n#9 ERROR: exit code: 1\nfailed to solve\n",
    "a connection that breaks": "#5 [internal] load build definition\n#9 [2/3] RUN true\nunavailable: error reading from server: EOF\n",
    "no context": "#4 [internal] fetching git attributes\nunable to prepare context\n",
}


@pytest.mark.parametrize("words", OWN_FAILURES.values(), ids=OWN_FAILURES)
def test_a_failure_of_the_build_itself_never_falls_back(job: Job, cli, words):
    cli.does(*SUCCESS, Step("out", CONNECTED + words), Step("leave", 1))

    result = job.run(DEPOT)

    tries = 2 if words == OWN_FAILURES["a connection that breaks"] else 1
    assert result.exit_code == 1
    assert [call.name for call in cli.calls] == ["depot"] * tries
    assert cli.asked == []
    assert len(result.errors) == 1
    assert result.outputs["build-id"] == "build1"


def test_nothing_falls_back_unless_it_is_asked_for(job: Job, cli):
    cli.does(Step("err", "unavailable: none\n"), Step("leave", 1))

    assert job.run({"token": "depot_x"}).exit_code == 1
    assert [call.name for call in cli.calls] == ["depot", "depot"]


def test_steps_are_seen_whatever_form_of_progress_is_asked_for(job: Job, cli):
    job.succeed(DEPOT, environment={"BUILDKIT_PROGRESS": "quiet"})

    assert cli.call.values("--progress") == ["plain"]


def test_a_cli_that_is_not_there_is_no_builder(job: Job, cli):
    (cli.folder / "depot").unlink()
    cli.does(*SUCCESS_OF_DOCKER)

    result = job.succeed(DEPOT)

    assert cli.call.name == "docker"
    assert "`depot`" in result.messages("warning")[0]


def test_a_cli_that_does_not_start_is_no_builder(job: Job, cli):
    program = cli.folder / "depot"
    program.unlink()
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    cli.does(*SUCCESS_OF_DOCKER)

    result = job.succeed(DEPOT)

    assert cli.call.name == "docker"
    assert "depot`: Exec format error; install it again" in result.messages("warning")[0]


def test_a_machine_that_is_never_launched_is_given_up(job: Job, cli):
    cli.does(Step("only", "depot", [Step("out", LAUNCH), Step("sleep", LONG)]), *SUCCESS_OF_DOCKER)

    result = job.succeed(DEPOT, environment={"DEPOT_MACHINE_TIMEOUT": "1"})

    assert [call.name for call in cli.calls] == ["depot", "docker"]
    assert "DEPOT_MACHINE_TIMEOUT" in result.messages("warning")[0]


def test_a_build_that_has_begun_is_given_its_time(job: Job, cli):
    cli.does(Step("out", CONNECTED + "#5 [internal] load build definition\n"), Step("sleep", 2), *SUCCESS)

    job.succeed(DEPOT, environment={"DEPOT_MACHINE_TIMEOUT": "1"})

    assert cli.call.name == "depot"


def test_a_machine_is_waited_for_where_nothing_else_builds(job: Job, cli):
    """For as long as it may take, but not forever."""
    cli.does(Step("out", LAUNCH), Step("sleep", 2), *SUCCESS)

    job.succeed({"token": "depot_x"}, environment={"DEPOT_MACHINE_TIMEOUT": "60"})

    assert cli.call.name == "depot"


def test_a_cancelled_step_does_not_fall_back(job: Job, cli):
    cli.does(Step("out", LAUNCH), Step("sleep", LONG))
    step = job.start(DEPOT)
    step.wait_for("launching")

    step.signal(signal.SIGINT)
    result = job.checked(step.wait(60))

    assert result.exit_code == 128 + signal.SIGINT
    assert cli.call.name == "depot"


def test_neither_builder_is_one_error(job: Job, cli):
    cli.docker_can(docker_info(ServerErrors=["Cannot connect to the Docker daemon"]), "")
    cli.does(Step("err", "unavailable: none\n"), Step("leave", 1))

    result = job.run(DEPOT)

    assert result.exit_code == 1
    (error,) = result.errors
    assert "Cannot connect to the Docker daemon" in error
    assert "unavailable: none" in result.messages("warning")[0]


# What docker says about the build


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WARNING = {
    "short": encoded("FromAsCasing: no: 100%, really"),
    "detail": [encoded("Casing, of\n::error::x")],
    "url": "https://docs.docker.com/rule",
    "sourceInfo": {"filename": "Dockerfile"},
    "range": [{"start": {"line": 3}, "end": {"line": 4}}],
}
WARNED = Step("metadata", json.dumps({"buildx.build.warnings": [WARNING]}))


def test_warnings_of_checks_stand_on_the_dockerfile_s_lines(fork: Job, cli):
    cli.does(WARNED)

    result = fork.succeed({"file": "docker/Dockerfile"})

    assert cli.call.environment["BUILDX_METADATA_WARNINGS"] == "true"
    (note,) = [note for note in result.annotations if note.level == "warning"]
    assert note.message == "FromAsCasing: no: 100%, really. See https://docs.docker.com/rule"
    assert note.properties == {
        "title": "Casing, of\n::error::x",
        "file": "docker/Dockerfile",
        "line": "3",
        "endLine": "4",
    }


def test_warnings_of_checks_may_be_switched_off(fork: Job, cli):
    cli.does(WARNED)

    result = fork.succeed(environment={"DOCKER_BUILD_CHECKS_ANNOTATIONS": "false"})

    assert "BUILDX_METADATA_WARNINGS" not in cli.call.environment
    assert result.messages("warning") == []


VERDICT = "Check complete, 2 warnings have been found!"


def test_checks_are_shown_and_fail_with_their_first_line(job: Job, cli):
    cli.does(Step("err", "#1 [internal] load\n"), Step("out", f"{VERDICT}\n\nWARNING: A\n"), Step("leave", 1))

    result = job.run({"call": "check", "token": "depot_x"})

    assert result.exit_code == 1
    assert "WARNING: A" in result.log
    (error,) = result.errors
    assert error.startswith(VERDICT)


def test_only_checks_have_a_verdict(fork: Job, cli):
    cli.does(Step("out", f"{VERDICT}\nERROR: exit code: 1\n"), Step("leave", 1))

    assert fork.run().errors[0].startswith("exit code: 1")


def test_a_refused_push_of_a_fork_says_how_to_guard_it(fork: Job, cli):
    cli.does(Step("err", "ERROR: failed to push a: denied: access is denied\n"), Step("leave", 1))

    (error,) = fork.run({"push": True, "tags": "a"}).errors

    assert "denied: access is denied" in error
    assert "push: ${{ github.event_name != 'pull_request' }}" in error
