"""Stands in for the HTTP proxy of a company's network: tunnels to the loopback interface, whatever the host."""

from __future__ import annotations

import base64
import contextlib
import socket
import socketserver
import threading

from stand_ins.service import Service


class Proxy(Service):
    def __init__(self, user: str = "", password: str = "") -> None:
        super().__init__()
        self.expected = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}" if user else ""
        self.asked: list[str] = []
        self.refused: list[str] = []

    class handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            proxy: Proxy = self.server.stand_in
            method, target, _ = self.rfile.readline().decode().split()
            fields = dict(line.decode().strip().split(": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
            if proxy.expected not in ("", fields.get("Proxy-Authorization")):
                proxy.refused.append(f"{method} {target}")
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            proxy.asked.append(f"{method} {target}")
            with socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2]))) as server:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, self.connection), daemon=True)
                back.start()
                _pump(self.connection, server)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
