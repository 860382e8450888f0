"""Stands in for GitHub's hosting of a private repository, because a test cannot choose that repository's contents and
tokens: git's own HTTP server, with the kind of password that GitHub requires."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from stand_ins.service import Answer, HttpService, Request

CHALLENGE = {"WWW-Authenticate": 'Basic realm="GitHub"', "Content-Type": "text/plain"}
# The settings of the user and of the machine must have no effect.
GIT_ENVIRONMENT = {"PATH": os.defpath, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
AUTHOR = ("-c", "user.name=Mona", "-c", "user.email=mona@example.com")


class GithubGit(HttpService):
    """Serves the bare repositories below `folder` to clients that know `token`."""

    def __init__(self, folder: Path, token: str):
        super().__init__()
        self.folder = folder
        self.token = token

    def publish(self, repository: str, contents: Path) -> str:
        """Makes `contents` the only commit of a new repository. Returns its SHA."""
        bare = self.folder / f"{repository}.git"
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        # As GitHub does: a job builds the commit of its event, although the branch may have moved on.
        _git("-C", str(bare), "config", "uploadpack.allowAnySHA1InWant", "true")
        here = ("--git-dir", str(bare), "--work-tree", str(contents), *AUTHOR)
        _git(*here, "add", "--all")
        _git(*here, "commit", "--quiet", "--message", "First")
        return _git(*here, "rev-parse", "HEAD").strip()

    def answer(self, request: Request) -> Answer:
        if not self._knows(request.headers.get("authorization", "")):
            return Answer(401, "Authentication required", CHALLENGE)
        address = urlsplit(request.path)
        variables = {
            **GIT_ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": address.path,
            "QUERY_STRING": address.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        backend = subprocess.run(["git", "http-backend"], input=request.body, env=variables, stdout=subprocess.PIPE)
        return _from_cgi(backend.stdout)

    def _knows(self, authorization: str) -> bool:
        password = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return authorization.lower() == f"basic {password}".lower()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], env=GIT_ENVIRONMENT, capture_output=True, text=True, check=True).stdout


def _from_cgi(output: bytes) -> Answer:
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    status = int(headers.pop("Status", "200").split()[0])
    return Answer(status, body, headers)
