"""What all stand-ins share: a server on a free port of the loopback, run by threads of this process."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    # stop() does not wait for connections that a client keeps open.
    block_on_close = False
    request_queue_size = 64
    stand_in: Service

    def get_request(self):
        connection, address = super().get_request()
        tls = self.stand_in.tls
        if tls:
            # The handshake is for the thread of the connection: one that hangs must not hold up the others.
            connection = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address) -> None:
        """A client that goes away in the middle is part of what the tests do."""


class Service:
    """One stand-in: `handler` is a socketserver handler that finds it as `self.server.stand_in`."""

    handler: type[socketserver.BaseRequestHandler]
    scheme = "http"
    # Set before it starts: then it speaks TLS, and `host` is its name.
    tls: ssl.SSLContext | None = None
    host = "localhost"

    def __init__(self) -> None:
        self._server: _Server | None = None
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        assert self._server, f"{type(self).__name__} is not started"
        host, port = self._server.server_address[:2]
        return f"{host}:{port}"

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}" if self.tls else f"{self.scheme}://{self.address}"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", 0), self.handler)
        self._server.stand_in = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class HttpService(Service):
    """A stand-in that speaks HTTP/1.1: `answer` turns a request into an answer, whose body is sent as JSON
    unless it is text or bytes. Answers put into `scripted` are given first, one a request."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.scripted: deque[Answer] = deque()
        self.greeted = threading.Event()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def handle(self, request: Request) -> Answer:
        with self.lock:
            self.requests.append(request)
            if self.scripted:
                return self.scripted.popleft()
        return self.answer(request)

    class handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = self.server.stand_in.handle(Request(self.command, self.path, headers, self.rfile.read(size)))
            body = _as_bytes(answer.body)
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def do_HEAD(self) -> None:
            """What opens a connection for a later request: nothing is asked."""
            self.server.stand_in.greeted.set()
            self.send_response(405)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_) -> None:
            pass


def _as_bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return b"" if body is None else json.dumps(body).encode()
