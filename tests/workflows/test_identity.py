"""The stand-ins for GitHub's issuer and Depot's exchange are as strict as the real services: a run that they accept
would be accepted there."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request

import pytest

from stand_ins import rs256
from stand_ins.depot_auth import DepotAuth
from stand_ins.github_oidc import AUDIENCE, GithubOidc, jwt
from world.events import pull_request, push


@pytest.fixture
def oidc():
    with GithubOidc() as oidc:
        yield oidc


@pytest.fixture
def auth():
    with DepotAuth() as auth:
        yield auth


def ask(oidc: GithubOidc, audience: str = AUDIENCE, bearer: str = "") -> tuple[int, dict]:
    address = f"{oidc.environment()['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={audience}"
    return fetch(urllib.request.Request(address, headers={"Authorization": f"bearer {bearer or oidc.request_token}"}))


def exchange(auth: DepotAuth, token: str) -> tuple[int, dict]:
    body = json.dumps({"token": token}).encode()
    headers = {"Content-Type": "application/json"}
    return fetch(urllib.request.Request(f"{auth.url}/auth/oidc/github-actions", body, headers))


def fetch(request: urllib.request.Request) -> tuple[int, dict]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def test_a_job_s_own_token_is_exchanged(oidc, auth):
    status, identity = ask(oidc)

    assert status == 200
    assert exchange(auth, identity["value"])[0] == 200


def test_only_the_job_s_own_request_token_gets_an_identity(oidc):
    assert ask(oidc, bearer="another")[0] == 401


def test_only_depot_s_audience_gets_an_identity(oidc):
    assert ask(oidc, audience="sts.amazonaws.com")[0] == 400


@pytest.mark.parametrize("change", [{"aud": "another"}, {"iss": "https://example.com"}, {"exp": 1}], ids=str)
def test_a_signed_token_of_another_kind_is_not_exchanged(oidc, auth, change):
    assert exchange(auth, jwt({**oidc.claims(), **change}))[0] == 401


def test_a_token_whose_claims_were_changed_is_not_exchanged(oidc, auth):
    header, _, signature = jwt(oidc.claims()).split(".")
    _, claims, _ = jwt({**oidc.claims(), "repository": "stranger/app"}).split(".")

    assert exchange(auth, f"{header}.{claims}.{signature}")[0] == 401


SUBJECTS = {
    "a push": (push(), "repo:octo/app:ref:refs/heads/main"),
    "a pull request": (pull_request(fork=False), "repo:octo/app:pull_request"),
}


@pytest.mark.parametrize("event, subject", SUBJECTS.values(), ids=SUBJECTS)
def test_the_subject_is_that_of_the_event(oidc, event, subject):
    oidc.repository, oidc.ref, oidc.event = event.repository, event.ref, event.name

    assert oidc.claims()["sub"] == subject


def test_openssl_takes_our_signature_for_one(tmp_path):
    (tmp_path / "key.pem").write_text(rs256.public_key())
    (tmp_path / "message").write_bytes(b"header.claims")
    (tmp_path / "signature").write_bytes(rs256.sign(b"header.claims"))

    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout == "Verified OK\n"
