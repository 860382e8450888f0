"""Stands in for GitHub's OIDC token endpoint, which exists only inside a job on GitHub's own runners."""

from __future__ import annotations

import base64
import json
import secrets
import time
from urllib.parse import parse_qs, urlsplit

from stand_ins import rs256
from stand_ins.service import Answer, HttpService, Request

AUDIENCE = "https://depot.dev"
ISSUER = "https://token.actions.githubusercontent.com"
LIFETIME = 300


class GithubOidc(HttpService):
    def __init__(self, repository: str = "octo/app", ref: str = "refs/heads/main", event: str = "push"):
        super().__init__()
        self.request_token = f"request-{secrets.token_hex(16)}"
        self.repository, self.ref, self.event = repository, ref, event
        self.sha = "0123456789abcdef0123456789abcdef01234567"
        self.visibility = "private"
        self.workflow, self.workflow_file = "build", "build.yml"
        self.issued: list[str] = []

    def environment(self) -> dict[str, str]:
        """The environment of a job with `id-token: write`."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/idtoken?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }

    def answer(self, request: Request) -> Answer:
        address = urlsplit(request.path)
        query = parse_qs(address.query)
        if request.method != "GET" or address.path != "/idtoken":
            return Answer(404, {"message": "Not Found"})
        if request.bearer != self.request_token:
            return Answer(401, {"message": "Unauthorized"})
        if query.get("api-version") != ["2.0"]:
            return Answer(400, {"message": "The query string of the request URL was lost"})
        if query.get("audience") != [AUDIENCE]:
            return Answer(400, {"message": f"The audience is not {AUDIENCE}"})
        token = jwt(self.claims())
        self.issued.append(token)
        return Answer(200, {"count": 1, "value": token})

    def claims(self) -> dict:
        now = int(time.time())
        owner = self.repository.partition("/")[0]
        workflow = f"{self.repository}/.github/workflows/{self.workflow_file}@{self.ref}"
        is_pull_request = self.event == "pull_request"
        subject = "pull_request" if is_pull_request else f"ref:{self.ref}"
        return {
            "jti": secrets.token_hex(16),
            "sub": f"repo:{self.repository}:{subject}",
            "aud": AUDIENCE,
            "ref": self.ref,
            "sha": self.sha,
            "repository": self.repository,
            "repository_owner": owner,
            "repository_owner_id": "1001",
            "repository_id": "2002",
            "repository_visibility": self.visibility,
            "run_id": "424242",
            "run_number": "7",
            "run_attempt": "1",
            "actor": "mona",
            "actor_id": "3003",
            "workflow": self.workflow,
            "workflow_ref": workflow,
            "head_ref": "feature" if is_pull_request else "",
            "base_ref": "main" if is_pull_request else "",
            "event_name": self.event,
            "ref_type": "branch",
            "ref_protected": "false" if is_pull_request else "true",
            "workflow_sha": self.sha,
            "job_workflow_ref": workflow,
            "job_workflow_sha": self.sha,
            "runner_environment": "github-hosted",
            "iss": ISSUER,
            "nbf": now - 5,
            "iat": now,
            "exp": now + LIFETIME,
        }


def jwt(claims: dict) -> str:
    """A token like GitHub's, signed in the same way, with a key that replaces GitHub's."""
    header = {"typ": "JWT", "alg": "RS256", "kid": "38826b17-6a30-5f9b-b169-8beb8202f723"}
    signed = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_encode(rs256.sign(signed.encode()))}"


def read_claims(token: str) -> dict:
    """The claims of a token with a valid signature."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(_decode(part)) for part in signed.split("."))
    if header["alg"] != "RS256" or not rs256.is_signed(signed.encode(), _decode(signature)):
        raise ValueError("the signature is not that of GitHub")
    return claims


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
