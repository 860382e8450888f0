"""Stand-ins for the hosted services of a build, on the loopback interface and connected to each other: GitHub's OIDC,
Depot's auth and API, and a machine for each builder."""

from __future__ import annotations

import contextlib

from stand_ins.depot_api import DepotApi
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_machine import DepotMachine
from stand_ins.github_oidc import GithubOidc
from world.buildkitd import Buildkitd
from world.engine import Engine
from world.events import Event

STATIC_TOKEN = "depot_project_0123456789abcdef0123456789abcdef"


class Hosted:
    """`builders` maps an architecture to the BuildKit that acts as its machine: an engine, which is reached without
    TLS, or a buildkitd, which is reached as Depot's machines are."""

    def __init__(self, builders: dict[str, Engine | Buildkitd]):
        self.oidc = GithubOidc()
        self.auth = DepotAuth()
        self.machines = {name: DepotMachine(builder.buildkit) for name, builder in builders.items()}
        self.api = DepotApi({}, accepts=lambda token: token == STATIC_TOKEN or token in self.auth.issued)
        self.api.credentials = {
            name: builder.credentials for name, builder in builders.items() if isinstance(builder, Buildkitd)
        }
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Hosted:
        with contextlib.ExitStack() as starting:
            for service in (self.oidc, self.auth, self.api, *self.machines.values()):
                starting.enter_context(service)
            self.api.machines = {name: machine.url for name, machine in self.machines.items()}
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    def environment(self, event: Event) -> dict[str, str]:
        """The environment of a job for this event, including where the services are."""
        self.oidc.repository, self.oidc.ref, self.oidc.event = event.repository, event.ref, event.name
        self.oidc.sha = event.sha
        self.oidc.visibility = event.payload["repository"]["visibility"]
        addresses = {
            "DEPOT_API_URL": self.api.url,
            "DEPOT_AUTH_URL": self.auth.url,
            # Knows no challenges, and answers 404.
            "DEPOT_PUBLIC_OIDC_URL": self.auth.url,
            "DEPOT_NO_UPDATE_NOTIFIER": "1",
            "DEPOT_ERROR_TELEMETRY": "off",
        }
        return {**addresses, **(self.oidc.environment() if event.trusted else {})}
