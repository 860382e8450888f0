"""Simulates a network's round-trip time on the loopback interface: a TCP proxy that passes data on after half that time.

On the loopback interface, the kernel opens a connection at once. On a real network, that takes a round trip too. So the
proxy holds the client's first bytes on each connection for one more round trip. The client sends nothing before it is
connected, so it waits as long as it would on a real network."""

from __future__ import annotations

import queue
import socket
import threading
import time


class DelayedNetwork:
    """A proxy for a server on the loopback interface. Clients use `port` instead of the server's port."""

    def __init__(self, server_port: int, round_trip_s: float):
        self.server_port, self.round_trip_s = server_port, round_trip_s
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> DelayedNetwork:
        return self

    def __exit__(self, *_) -> None:
        # Wakes the thread that waits in accept(). close() alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Direction(client, server, self.round_trip_s / 2, self.round_trip_s)
            _Direction(server, client, self.round_trip_s / 2, 0)


class _Direction:
    """Passes data in one direction. One thread reads it, another writes it when it is due."""

    def __init__(self, source: socket.socket, target: socket.socket, delay_s: float, first_s: float):
        self.source, self.target, self.delay_s, self.first_s = source, target, delay_s, first_s
        self.under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    def _read(self) -> None:
        # Bytes never overtake those that were sent before them.
        arrives, data = time.monotonic() + self.first_s, b"-"
        while data:
            try:
                data = self.source.recv(65536)
            except OSError:
                data = b""
            arrives = max(arrives, time.monotonic() + self.delay_s + self.first_s)
            self.first_s = 0
            self.under_way.put((arrives, data))

    def _write(self) -> None:
        while True:
            arrives, data = self.under_way.get()
            time.sleep(max(0.0, arrives - time.monotonic()))
            try:
                if not data:
                    self.target.shutdown(socket.SHUT_WR)
                    return
                self.target.sendall(data)
            except OSError:
                return
