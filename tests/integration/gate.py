"""A stand-in that is slow to answer."""

from __future__ import annotations

import math
import re
import threading

import pytest

from stand_ins.service import HttpService
from world.action import ROOT
from world.runner import Running


def deadline(name: str) -> float:
    """A deadline in the sources, in s."""
    sources = "\n".join(header.read_text() for header in (ROOT / "src").glob("*/*.h"))
    factors = re.search(rf"\b{name} = ([0-9* ]+),", sources).group(1).split("*")
    return math.prod(map(int, factors)) / 1000


class Gate:
    """Holds back requests to a stand-in until it is opened."""

    def __init__(self, service: HttpService, seconds: float = 60):
        self.reached, self.opened = threading.Event(), threading.Event()
        self.seconds = seconds
        self._answer, service.answer = service.answer, self._hold

    def _hold(self, request):
        self.reached.set()
        self.opened.wait(self.seconds)
        return self._answer(request)

    def wait_for(self, step: Running) -> None:
        """Waits until the step's request is here."""
        if not self.reached.wait(30):
            step.kill()
            pytest.fail(f"no request came, but:\n{step.wait().raw}")
