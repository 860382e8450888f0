"""Stands in for Depot's exchange of a GitHub OIDC token for a Depot token. The hosted one accepts only tokens signed by
GitHub."""

from __future__ import annotations

import json
import secrets
import time

from stand_ins.github_oidc import AUDIENCE, ISSUER, read_claims
from stand_ins.service import Answer, HttpService, Request


class DepotAuth(HttpService):
    def __init__(self) -> None:
        super().__init__()
        self.refusal = ""
        self.issued: list[str] = []
        # The claims of each token that was exchanged.
        self.claims: list[dict] = []

    def refuse(self, error: str = "No trust relationship found for this repository") -> None:
        self.refusal = error

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", "/auth/oidc/github-actions"):
            return Answer(404, {"ok": False, "error": "Not found"})
        error = self.refusal or _fault(request)
        if error:
            return Answer(401, {"ok": False, "error": error})
        token = f"depot_oidc_{secrets.token_hex(24)}"
        self.issued.append(token)
        self.claims.append(read_claims(json.loads(request.body)["token"]))
        return Answer(200, {"ok": True, "token": token})


def _fault(request: Request) -> str:
    try:
        claims = read_claims(json.loads(request.body)["token"])
    except (ValueError, KeyError, IndexError, TypeError):
        return "Invalid request"
    if not request.headers.get("content-type", "").startswith("application/json"):
        return "Invalid content type"
    if (claims.get("iss"), claims.get("aud")) != (ISSUER, AUDIENCE):
        return "Invalid token"
    return "" if claims.get("exp", 0) > time.time() else "Token expired"
