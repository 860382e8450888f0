"""Failures that may pass are tried again, and only these, with the real CLI, builders and registry."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import socket
import socketserver
import struct
import threading

import pytest

from end_to_end.job import checked
from stand_ins.depot_api import Refusal
from stand_ins.service import Service
from world.action import ROOT
from world.events import pull_request

HASH = "sha256:[0-9a-f]{64}"
CHUNK = 1 << 16


def retried(result) -> list[str]:
    return [note.message for note in result.annotations if note.title == "Trying again"]


def succeeded_at_the_second_try(result) -> None:
    checked(result)
    assert (result.exit_code, result.errors) == (0, []), result.log
    assert len(retried(result)) == 1, result.log
    assert "Try 2 of 2" in result.lines


def unique() -> str:
    """Content that no cache has."""
    return f"echo {random.randrange(10**9)}"


class FaultyRegistry(Service):
    """Forwards to a registry, or does something else with each request while there is a `fault`."""

    def __init__(self, address: str):
        super().__init__()
        self.target = address.rsplit(":", 1)
        self.fault = ""
        self.held = threading.Event()
        self.go_on = threading.Event()

    class handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            proxy: FaultyRegistry = self.server.stand_in
            host, port = proxy.target
            with contextlib.suppress(OSError), socket.create_connection((host, int(port))) as registry:
                back = threading.Thread(target=self._pump, args=(registry, self.request, proxy), daemon=True)
                back.start()
                while data := self.request.recv(CHUNK):
                    if proxy.fault and not self._fails(proxy, data):
                        break
                    registry.sendall(data)
                registry.shutdown(socket.SHUT_RDWR)
                back.join()

        def _fails(self, proxy: FaultyRegistry, data: bytes) -> bool:
            """Makes the request fail. Returns whether it still goes on to the registry."""
            if proxy.fault == "half a body":
                return True
            if proxy.fault == "stall":
                proxy.held.set()
                proxy.go_on.wait(60)
                return True
            if proxy.fault == "reset":
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.request.close()
                return False
            status = {"503": "503 Service Unavailable", "429": "429 Too Many Requests"}[proxy.fault]
            self.request.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return False

        def _pump(self, source, target, proxy: FaultyRegistry) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(CHUNK):
                    if proxy.fault == "half a body" and b"200 OK" in data and len(data) > 400:
                        target.sendall(data[: len(data) - 100])
                        break
                    target.sendall(data)
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def faulty(registry):
    with FaultyRegistry(registry.address) as proxy:
        yield proxy
        proxy.go_on.set()


@pytest.mark.parametrize("fault", ["503", "429", "reset"])
def test_a_push_to_a_registry_in_trouble(job, registry, faulty, fault):
    job.dockerfile(f"RUN {unique()}")
    faulty.fault = fault
    name = f"octo/retried-{fault}"

    step = job.start({"push": True, "tags": f"{faulty.address}/{name}:1"})
    step.wait_for("Trying again", 120)
    faulty.fault = ""
    result = step.wait()

    succeeded_at_the_second_try(result)
    assert result.outputs["digest"] == registry.digest(name, "1")


@pytest.mark.parametrize("fault", ["503", "429", "reset", "half a body"])
def test_a_pull_from_a_registry_in_trouble(job, registry, faulty, fault, full_docker):
    job.dockerfile(f"RUN {unique()}")
    base = f"octo/base-{random.randrange(10**9)}"
    # Docker makes it, so that the machine has nothing of it.
    runner_docker, job.docker, of_push, job.event = job.docker, full_docker, job.event, pull_request(fork=True, private=True)
    job.succeed({"push": True, "tags": registry.image(f"{base}:1"), "no-cache": True})
    job.docker, job.event = runner_docker, of_push
    job.write("Dockerfile", f"FROM {faulty.address}/{base}:1\nRUN {unique()}\n")
    faulty.fault = fault

    step = job.start({})
    step.wait_for("Trying again", 120)
    faulty.fault = ""

    succeeded_at_the_second_try(step.wait())


def test_a_registry_that_stays_in_trouble_is_one_error(job, faulty):
    job.dockerfile()
    faulty.fault = "503"

    result = job.run({"push": True, "tags": f"{faulty.address}/octo/never:1"})

    assert result.exit_code == 1
    assert len(result.errors) == 1 and "503" in result.errors[0]
    assert len(retried(result)) == 1


@pytest.mark.parametrize("inputs", [{}, {"load": True, "tags": "octo/retried:1"}], ids=["build", "load"])
def test_a_machine_that_is_lost_in_a_run(job, inputs):
    job.dockerfile(f"RUN {unique()}; printf 'is %s\\n' running; sleep 4", 'CMD ["echo", "made it"]')
    step = job.start(inputs)
    step.wait_for("is running")
    job.hosted.machines["amd64"].cut()
    result = step.wait()

    succeeded_at_the_second_try(result)
    assert len(job.hosted.api.calls_of("CreateBuild")) == 2
    assert len(set(job.hosted.auth.issued)) == 2
    if inputs:
        assert re.fullmatch(HASH, result.outputs["imageid"])
        assert job.docker.docker("run", "--rm", "octo/retried:1").stdout == "made it\n"


def test_a_machine_that_is_lost_in_an_export(job, registry, faulty):
    job.dockerfile(f"RUN {unique()}")
    faulty.fault = "stall"
    step = job.start({"push": True, "tags": f"{faulty.address}/octo/exported:1"})
    assert faulty.held.wait(60)
    job.hosted.machines["amd64"].cut()
    faulty.fault = ""
    faulty.go_on.set()
    result = step.wait()

    succeeded_at_the_second_try(result)
    assert result.outputs["digest"] == registry.digest("octo/exported", "1")


def test_an_api_that_is_down_at_first(job):
    job.dockerfile()
    job.hosted.api.refusals["CreateBuild"] = Refusal("unavailable", "upstream connect error")
    step = job.start({})
    step.wait_for("Trying again")
    del job.hosted.api.refusals["CreateBuild"]

    succeeded_at_the_second_try(step.wait())


def test_one_of_two_platforms_that_is_lost(job):
    job.dockerfile()
    base = (job.workspace / "Dockerfile").read_text().replace("FROM scratch", "FROM --platform=$BUILDPLATFORM scratch AS base")
    job.write("Dockerfile", base + f"RUN {unique()}; printf 'is %s\\n' running; sleep 4; echo a > /a\nFROM scratch\nCOPY --from=base /a /\n")
    step = job.start({"platforms": "linux/amd64,linux/arm64"})
    step.wait_for("is running")
    job.hosted.machines["arm64"].cut()

    succeeded_at_the_second_try(step.wait())


def test_a_step_that_is_cancelled_in_the_wait(job):
    job.dockerfile()
    job.hosted.api.refuse("CreateBuild", "unavailable", "upstream connect error")
    step = job.start({"retries": 2, "secrets": "key=squeamish ossifrage"})
    step.wait_for("Trying again")
    assert not any(b"ossifrage" in file.read_bytes() for file in step._runner.temp.rglob("*") if file.is_file())

    step.signal(signal.SIGINT)
    result = checked(step.wait())

    assert result.exit_code == 128 + signal.SIGINT
    (error,) = result.errors
    assert "cancelled before try 2 of 3" in error


def test_a_docker_build_is_tried_again(job, registry, faulty, full_docker):
    job.docker = full_docker
    job.event = pull_request(fork=True, private=True)
    job.dockerfile(f"RUN {unique()}")
    faulty.fault = "503"
    step = job.start({"push": True, "tags": f"{faulty.address}/octo/of-docker:1"})
    step.wait_for("Trying again", 120)
    faulty.fault = ""
    result = step.wait()

    succeeded_at_the_second_try(result)
    assert result.outputs["digest"] == registry.digest("octo/of-docker", "1")


def test_a_run_that_prints_all_of_the_table_and_fails_runs_once(job):
    words = re.findall(r'\{"([^"]+)",', (ROOT / "src/buildkit/transient.c").read_text())
    assert len(words) > 80
    job.dockerfile("COPY words /", "RUN cat /words; cat /words >&2; exit 1")
    job.write("words", "".join(f"ERROR: failed to solve: {line}\n{line}\n" for line in words))

    result = job.run({"retries": 3})

    assert result.exit_code == 1
    assert retried(result) == []
    assert len(job.hosted.api.calls_of("CreateBuild")) == 1
    assert "exit code: 1" in result.errors[0]
