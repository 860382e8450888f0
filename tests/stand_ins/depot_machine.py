"""Doubles one of Depot's build machines, which only Depot's service can start: a TCP port that leads
straight to the BuildKit of a local docker engine."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from pathlib import Path

from stand_ins.service import Service

UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: buildkit\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
CHUNK = 1 << 16


class DepotMachine(Service):
    scheme = "tcp"

    def __init__(self, engine_socket: Path):
        super().__init__()
        self.engine_socket = engine_socket
        self._open: list[socket.socket] = []

    def cut(self) -> None:
        """Ends all connections, as a machine does that is lost."""
        with self.lock:
            for connection in self._open:
                _shut(connection)

    class handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            machine: DepotMachine = self.server.stand_in
            with machine.lock:
                machine._open.append(self.request)
            with _buildkit(machine.engine_socket) as buildkit:
                back = threading.Thread(target=_pump, args=(buildkit, self.request), daemon=True)
                back.start()
                _pump(self.request, buildkit)
                back.join()


def _buildkit(engine_socket: Path) -> socket.socket:
    """A connection to the engine that has become one to its BuildKit."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(engine_socket))
    connection.sendall(UPGRADE)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            break
        head += byte
    if b" 101 " not in head.partition(b"\r\n")[0]:
        connection.close()
        raise ConnectionError(f"the engine did not hand over its BuildKit: {head!r}")
    return connection


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
