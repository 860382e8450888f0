"""What all stand-ins share: a server on a free port of the loopback interface, run by threads of this process."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

BLOCK = 64 * 1024

# Everything that the stand-ins of this process have answered: JSON and texts.
ANSWERED: list[dict | str] = []


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    # stop() does not wait for connections that a client keeps open.
    block_on_close = False
    request_queue_size = 64
    stand_in: Service

    def get_request(self):
        connection, address = super().get_request()
        self.stand_in.connections += 1
        tls = self.stand_in.tls
        if tls:
            # The connection's thread does the handshake, so one that hangs does not hold up the others.
            connection = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address) -> None:
        """The tests include clients that disconnect early."""


class Service:
    """One stand-in. `handler` is a socketserver handler that finds it as `self.server.stand_in`."""

    handler: type[socketserver.BaseRequestHandler]
    scheme = "http"
    # If this is set before the start, the server speaks TLS, and `host` is its name.
    tls: ssl.SSLContext | None = None
    host = "localhost"

    def __init__(self) -> None:
        self._server: _Server | None = None
        self.lock = threading.Lock()
        # The number of connections since it started.
        self.connections = 0

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


@dataclass(frozen=True)
class Delivery:
    """How an answer is sent. By default it is sent completely and at once. Several of these may apply together."""

    # After this many bytes of the answer, including its head, the connection is reset, closed, or goes silent.
    reset_after: int = -1
    end_after: int = -1
    stall_after: int = -1
    bytes_a_second: int = 0
    without_length: bool = False
    # The body is sent again and again, without a length.
    endless: bool = False
    # These bytes are sent instead of the answer, and the connection is closed.
    garbage: bytes = b""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery()


class HttpService(Service):
    """A stand-in that speaks HTTP/1.1. `answer` turns a request into an answer. The body is sent as JSON unless it is
    text or bytes. Answers in `scripted` are given first, one for each request."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.scripted: deque[Answer] = deque()
        self.greeted = threading.Event()
        # The answer to a HEAD request, and the part of it that comes only with the answer to the next request.
        self.greeting = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"
        self.late_greeting = b""
        # Ends what stalls.
        self.released = threading.Event()
        self.sent = 0
        self.sent_last_byte = 0.0

    def stop(self) -> None:
        self.released.set()
        super().stop()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def handle(self, request: Request) -> Answer:
        with self.lock:
            self.requests.append(request)
            scripted = self.scripted.popleft() if self.scripted else None
        answer = scripted or self.answer(request)
        if isinstance(answer.body, (dict, str)):
            ANSWERED.append(answer.body)
        return answer

    class handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        late = b""

        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(self.server.stand_in.handle(Request(self.command, self.path, headers, self.rfile.read(size))))

        do_POST = do_GET

        def do_HEAD(self) -> None:
            """A client only opens a connection for a later request: nothing is asked."""
            service = self.server.stand_in
            service.greeted.set()
            self.wfile.write(service.greeting)
            self.late = service.late_greeting

        def _send(self, answer: Answer) -> None:
            how, body = answer.delivery, _as_bytes(answer.body)
            self.wfile.write(self.late)
            self.late = b""
            endings = [after for after in (how.reset_after, how.end_after, how.stall_after) if after >= 0]
            whole = how.garbage or _head(answer, len(body)) + body
            self._write(memoryview(whole)[: min(endings, default=None)], how.bytes_a_second)
            while how.endless:
                self._write(body, how.bytes_a_second)
            if how.stall_after >= 0:
                self.server.stand_in.released.wait(600)
            if how.reset_after >= 0:
                # Closing without lingering sends a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if endings or how.without_length or how.garbage:
                self.close_connection = True

        def _write(self, data: bytes | memoryview, bytes_a_second: int) -> None:
            service = self.server.stand_in
            block = min(BLOCK, max(1, bytes_a_second // 20)) if bytes_a_second else BLOCK
            while data:
                self.wfile.write(data[:block])
                service.sent += len(data[:block])
                service.sent_last_byte = time.monotonic()
                data = data[block:]
                if bytes_a_second and service.released.wait(block / bytes_a_second):
                    data = b""

        def log_message(self, *_) -> None:
            pass


def _head(answer: Answer, length: int) -> bytes:
    headers = {"Content-Type": "application/json", **answer.headers}
    if not (answer.delivery.without_length or answer.delivery.endless):
        headers["Content-Length"] = str(length)
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _as_bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return b"" if body is None else json.dumps(body).encode()
