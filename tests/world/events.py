"""The events that start a workflow, with the parts of their payloads that matter to an action."""

from __future__ import annotations

from dataclasses import dataclass, replace

REPOSITORY = "octo/app"
FORK = "stranger/app"
DEPENDABOT = "dependabot[bot]"
HEAD_SHA = "89abcdef0123456789abcdef0123456789abcdef"
MERGE_SHA = "fedcba9876543210fedcba9876543210fedcba98"


@dataclass(frozen=True)
class Event:
    name: str
    ref: str
    sha: str
    payload: dict
    # Whether GitHub gives the job an OIDC token and secrets. A fork's pull request never gets them.
    trusted: bool = True
    # The account that started the run.
    actor: str = "mona"

    @property
    def repository(self) -> str:
        return self.payload["repository"]["full_name"]


def push(private: bool = True, sha: str = HEAD_SHA) -> Event:
    ref = "refs/heads/main"
    return Event("push", ref, sha, {"ref": ref, "after": sha, "repository": _repository(REPOSITORY, private)})


def pull_request(fork: bool, private: bool = False, number: int = 7) -> Event:
    head = _repository(FORK if fork else REPOSITORY, private, fork=fork)
    payload = {
        "action": "opened",
        "number": number,
        "pull_request": {
            "number": number,
            "head": {"ref": "feature", "sha": HEAD_SHA, "repo": head},
            "base": {"ref": "main", "repo": _repository(REPOSITORY, private)},
        },
        "repository": _repository(REPOSITORY, private),
    }
    return Event("pull_request", f"refs/pull/{number}/merge", MERGE_SHA, payload, trusted=not fork)


def review(fork: bool, name: str = "pull_request_review", private: bool = False) -> Event:
    """A review of a pull request, which GitHub treats like the pull request."""
    return replace(pull_request(fork, private), name=name)


def dependabot(event: Event) -> Event:
    """The same event, started by Dependabot, which has its own secrets instead of the repository's."""
    return replace(event, actor=DEPENDABOT)


def _repository(full_name: str, private: bool, fork: bool = False) -> dict:
    owner, _, name = full_name.partition("/")
    return {
        "full_name": full_name,
        "name": name,
        "owner": {"login": owner},
        "private": private,
        "visibility": "private" if private else "public",
        "fork": fork,
        "default_branch": "main",
    }
