"""A stand-in that takes its time."""

from __future__ import annotations

import threading

import pytest

from stand_ins.service import HttpService
from world.runner import Running


class Gate:
    """Holds requests back from a stand-in until it is opened."""

    def __init__(self, service: HttpService):
        self.reached, self.opened = threading.Event(), threading.Event()
        self._answer, service.answer = service.answer, self._hold

    def _hold(self, request):
        self.reached.set()
        self.opened.wait(60)
        return self._answer(request)

    def wait_for(self, step: Running) -> None:
        """Until the step's request is here."""
        if not self.reached.wait(30):
            step.kill()
            pytest.fail(f"no request came, but:\n{step.wait().raw}")
