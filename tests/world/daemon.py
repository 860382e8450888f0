"""A program that runs in the background: starts it, waits for it, stops it, and keeps its log in a file."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Mapping, Sequence

TAIL_LINES = 25


class DaemonFailed(Exception):
    """The program ended or did not become ready. The message has the end of its log."""


class Daemon:
    def __init__(self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str]):
        self.command = [str(word) for word in command]
        self.name = Path(self.command[0]).name
        self.log = log
        self.environment = dict(environment)
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                # It also dies if the process that started it is killed and cannot stop it.
                ["setpriv", "--pdeathsig", "TERM", *self.command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Only the process that started it receives a Ctrl-C, and then stops it in order.
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process is None or self._process.poll() is not None:
                raise DaemonFailed(f"{self.name} ended before it was ready:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise DaemonFailed(f"{self.name} was not ready after {seconds:.0f} s:\n{self.log_tail()}")
            time.sleep(0.05)

    def stop(self, seconds: float = 20) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:]) or "    (its log is empty)"
