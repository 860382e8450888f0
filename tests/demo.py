#!/usr/bin/python3
"""Runs the whole action on one machine, with a real depot CLI, BuildKit, docker and registry, and local stand-ins for
the hosted services. Runs the script of action.yml twice: for a push, and for a pull request from a fork."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from world import events, parts
from world.daemon import DaemonFailed
from world.engine import Engine
from world.events import Event
from world.hosted import Hosted
from world.registry import Registry
from world.runner import Result, Runner, copy_context

ROOT = Path(__file__).resolve().parent.parent
CONTEXT = ROOT / "examples/demo"
SHOWN_OUTPUTS = ("imageid", "digest", "build-id", "project-id")


class DemoFailed(Exception):
    pass


@dataclass
class Demo:
    """What both runs share: the real parts, the stand-ins, and a folder."""

    folder: Path
    real: parts.Parts
    docker: Engine
    registry: Registry
    hosted: Hosted

    def run_step(self, event: Event, inputs: dict) -> Result:
        runner = self._runner(event)
        copy_context(CONTEXT, runner.workspace)
        shutil.copy(self.real.busybox, runner.workspace / "busybox")
        say("- uses: depot/build-push-action@v1")
        say("  with:")
        for name, value in inputs.items():
            say(f"    {name}: {as_yaml(value)}")
        print()
        result = runner.run(inputs, show=lambda line: print(f"   | {line}", flush=True))
        print()
        expect(result.exit_code == 0, "the step succeeded", f"status {result.exit_code}")
        expect(not result.left, "the step left no file in RUNNER_TEMP", ", ".join(result.left))
        return result

    def _runner(self, event: Event) -> Runner:
        folder = self.folder / event.name
        environment = {**self.hosted.environment(event), **self.docker.client_environment(folder / "home")}
        return Runner(folder, ROOT, event, environment, self.real.runner_path)

    def page_of(self, image: str) -> str:
        """Runs the image on the runner's docker and fetches the page that it serves."""
        name = "demo"
        self.docker.docker("run", "--detach", "--rm", "--name", name, image)
        try:
            network = self.docker.docker("inspect", "--format", "{{json .NetworkSettings}}", name).stdout
            return fetch(f"http://{json.loads(network)['IPAddress']}:8080/")
        finally:
            self.docker.docker("kill", name, check=False)


def on_push(demo: Demo) -> Result:
    image = demo.registry.image("octo/app:1")
    inputs = {"context": ".", "push": True, "tags": image, "build-args": "VERSION=1.0"}
    result = demo.run_step(events.push(), inputs)
    digest = result.outputs["digest"]
    expect(len(demo.hosted.oidc.issued) == 1, "the step asked GitHub for an identity token")
    expect(demo.hosted.api.calls_of("CreateBuild"), "the depot CLI created a build")
    expect(demo.hosted.auth.issued[-1] not in result.log, "the Depot token is not in the log")
    expect(demo.registry.digest("octo/app", "1") == digest, "the registry has the image with the digest of the outputs")
    pulled = demo.registry.image(f"octo/app@{digest}")
    demo.docker.docker("pull", "--quiet", pulled)
    expect("version 1.0" in demo.page_of(pulled), "the image, pulled back and run, serves the page of version 1.0")
    return result


def on_fork(demo: Demo) -> Result:
    built = len(demo.hosted.api.calls)
    inputs = {"context": ".", "load": True, "tags": "octo/app:pr-7", "build-args": "VERSION=pr-7"}
    result = demo.run_step(events.pull_request(fork=True, private=True), inputs)
    expect(len(demo.hosted.api.calls) == built, "Depot's API was not asked for anything")
    expect(result.outputs["imageid"], "the step has an image ID among its outputs")
    expect("version pr-7" in demo.page_of("octo/app:pr-7"), "the image, run, serves the page of version pr-7")
    return result


RUNS = (
    (
        "A push to the repository",
        "The job has `id-token: write`. The step trades its GitHub identity for a short-lived Depot\n"
        "token, and the depot CLI builds on a Depot machine and pushes to the registry.",
        on_push,
    ),
    (
        "A pull request from a fork",
        "GitHub gives it no secrets and no identity token, so the same step builds with docker.",
        on_fork,
    ),
)


def play(folder: Path) -> None:
    heading(1, "The parts")
    real = parts.get(say)
    with contextlib.ExitStack() as running:
        machine = running.enter_context(Engine(real))
        say("a docker engine, its BuildKit is the Depot machine         real")
        docker = running.enter_context(Engine(real, containerd_store=False))
        say("a docker engine, the one of the runner                     real")
        registry = running.enter_context(Registry(real))
        say(f"a registry at {registry.address:<45}real")
        say(f"the depot CLI {parts.DEPOT_VERSION:<45}real")
        hosted = running.enter_context(Hosted({"amd64": machine}))
        say("GitHub's OIDC, Depot's token exchange and Depot's API      stand-ins")
        demo = Demo(folder, real, docker, registry, hosted)
        results = {}
        for number, (title, text, run) in enumerate(RUNS, start=2):
            heading(number, title)
            print(indent(text) + "\n")
            results[title] = run(demo)
        heading(len(RUNS) + 2, "The outputs")
        print_table(results)


def print_table(results: dict[str, Result]) -> None:
    for title, result in results.items():
        say(title)
        for name in SHOWN_OUTPUTS:
            say(f"    {name:<12}{result.outputs.get(name) or '-'}")


def expect(fact: object, what: str, instead: str = "") -> None:
    say(f"{'✓' if fact else '✗'} {what}" + (f": {instead}" if instead and not fact else ""))
    if not fact:
        raise DemoFailed(f"This did not hold: {what}.")


def fetch(url: str, seconds: float = 10) -> str:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while True:
        try:
            return direct.open(url, timeout=5).read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def heading(number: int, text: str) -> None:
    print(f"\n{number}. {text}\n", flush=True)


def say(text: str) -> None:
    print(indent(text), flush=True)


def indent(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.splitlines())


def as_yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def stop_on_signals() -> None:
    def stop(number, _frame) -> None:
        # A second Ctrl-C must not interrupt the clean-up.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def main() -> int:
    stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        try:
            play(Path(folder))
        except SystemExit:
            print("\nStopped, with everything that was started.", file=sys.stderr)
            raise
        except (DemoFailed, DaemonFailed) as failure:
            print(f"\n{failure}", file=sys.stderr)
            return 1
        except parts.PartsMissing as missing:
            print(f"\nThe demo needs parts that are not available here:\n{missing}", file=sys.stderr)
            return 1
    print("\nEverything worked, and everything that was started has been stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
