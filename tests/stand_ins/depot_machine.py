"""Stands in for one of Depot's build machines, which only Depot's service can start: a TCP port that leads to a local
BuildKit."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from typing import Callable

from stand_ins.service import Service

CHUNK = 1 << 16


class DepotMachine(Service):
    scheme = "tcp"

    def __init__(self, connect: Callable[[], socket.socket]):
        """`connect` makes a connection to the BuildKit."""
        super().__init__()
        self.connect = connect
        self._open: list[socket.socket] = []

    def cut(self) -> None:
        """Closes all connections, as happens when a machine is lost."""
        with self.lock:
            for connection in self._open:
                _shut(connection)

    class handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            machine: DepotMachine = self.server.stand_in
            with machine.lock:
                machine._open.append(self.request)
            with machine.connect() as buildkit:
                back = threading.Thread(target=_pump, args=(buildkit, self.request), daemon=True)
                back.start()
                _pump(self.request, buildkit)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(CHUNK):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        _shut(end)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
