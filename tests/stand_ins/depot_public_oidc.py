"""Stands in for Depot's open-source challenge for forks. The hosted one reads the logs of public runs at GitHub."""

from __future__ import annotations

import json
import secrets
from typing import Callable

from stand_ins.service import Answer, HttpService, Request

CLAIMED = {"aud", "eventName", "repo", "runID", "attempt"}


class DepotPublicOidc(HttpService):
    """Knows no repository, so it refuses every claim, until `log` says how to read the log of the run."""

    def __init__(self, log: Callable[[], str] | None = None) -> None:
        super().__init__()
        self.log = log
        self.claims: list[dict[str, str]] = []
        self.codes: list[str] = []
        self.issued: list[str] = []

    def answer(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer(404, {"error": "Not found"})
        if request.path == "/claim":
            return self._claim(json.loads(request.body))
        code = request.path.removeprefix("/exchange/")
        if code not in self.codes or request.body:
            return Answer(404, "Not found")
        if f"Waiting for OIDC auth challenge {code}" not in self.log().splitlines():
            return Answer(400, "Not yet")
        self.issued.append(f"depot_public_{secrets.token_hex(24)}")
        return Answer(200, self.issued[-1])

    def _claim(self, claim: dict[str, str]) -> Answer:
        self.claims.append(claim)
        if not self.log or set(claim) != CLAIMED:
            return Answer(404, {"error": "No such open-source project"})
        self.codes.append(secrets.token_hex(16))
        return Answer(200, {"challengeCode": self.codes[-1], "exchangeURL": f"{self.url}/exchange/{self.codes[-1]}"})
