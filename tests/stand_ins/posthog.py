"""Stands in for PostHog's endpoint for single events, because the hosted one would keep them.

Source of the rules: https://posthog.com/docs/api/capture.
"""

from __future__ import annotations

import json

from stand_ins.service import Answer, HttpService, Request


class Posthog(HttpService):
    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.events: list[dict] = []

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", "/i/v0/e/"):
            return Answer(404, {"detail": "Not found"})
        try:
            event = json.loads(request.body)
        except ValueError:
            return Answer(400, {"detail": "The body is not JSON"})
        missing = [name for name in ("api_key", "event", "distinct_id") if not event.get(name)]
        if missing or not request.headers.get("content-type", "").startswith("application/json"):
            return Answer(400, {"detail": f"missing: {missing}"})
        if event["api_key"] != self.key:
            return Answer(401, {"detail": "Project API key invalid"})
        self.events.append(event)
        return Answer(200, {"status": 1})
