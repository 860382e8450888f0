"""Stands in for Depot's API, which needs an account: gives the real CLI a build and the machines to run it on.

It speaks Connect (protobuf) over HTTP/2 without TLS, as the CLI does with an `http://` DEPOT_API_URL.
"""

from __future__ import annotations

import gzip
import json
import secrets
import socketserver
from dataclasses import dataclass, field
from typing import Callable

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from stand_ins import protobuf
from stand_ins.service import Request, Service

PLATFORMS = {1: "amd64", 2: "arm64"}
END_OF_STREAM = 2
HTTP_STATUS = {
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "unimplemented": 404,
    "unavailable": 503,
}


@dataclass
class Refusal(Exception):
    """An error in the form of Connect."""

    code: str
    message: str

# How long the CLI must wait before it asks again.
LAUNCHING_MS = 200


@dataclass(frozen=True)
class Credentials:
    """What the CLI needs to reach a machine by mutual TLS. The texts are PEM."""

    server_name: str
    certificate: str
    key: str
    authority: str


@dataclass
class Call:
    method: str
    bearer: str
    message: dict[int, list[int | bytes]]
    headers: dict[str, str] = field(default_factory=dict)


class DepotApi(Service):
    """`machines` maps an architecture to the address (tcp://…) of its machine. `accepts` says which tokens may create a
    build. `calls` has the requests, in order."""

    def __init__(self, machines: dict[str, str], accepts: Callable[[str], bool] = bool, project: str = "demoproject"):
        super().__init__()
        self.machines = machines
        # By architecture, for machines that need them. The others are reached without TLS.
        self.credentials: dict[str, Credentials] = {}
        self.accepts = accepts
        self.project = project
        self.calls: list[Call] = []
        self.refusals: dict[str, Refusal] = {}
        # Whether machines never become ready.
        self.launching = False
        self._build_tokens: set[str] = set()

    def refuse(self, method: str, code: str, message: str) -> None:
        """From now on, `method` (for example CreateBuild) fails with this Connect error."""
        self.refusals[method] = Refusal(code, message)

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def respond(self, call: Call) -> dict:
        with self.lock:
            self.calls.append(call)
        if call.method in self.refusals:
            raise self.refusals[call.method]
        answer = ANSWERS.get(call.method)
        if not answer:
            raise Refusal("unimplemented", f"the stand-in knows no {call.method}")
        return answer(self, call)

    def create_build(self, call: Call) -> dict:
        if not self.accepts(call.bearer):
            raise Refusal("unauthenticated", "Invalid token")
        build, token = f"build{secrets.token_hex(5)}", f"build_{secrets.token_hex(16)}"
        self._build_tokens.add(token)
        project = protobuf.text(call.message, 1) or self.project
        return {1: build, 2: token, 5: f"https://depot.dev/orgs/demo/projects/{project}/builds/{build}", 6: project}

    def get_buildkit_connection(self, call: Call) -> dict:
        self._check_build_token(call)
        platform = PLATFORMS.get(protobuf.number(call.message, 2), "amd64")
        if self.launching:
            return {1: {1: LAUNCHING_MS}}
        if platform not in self.machines:
            raise Refusal("unavailable", f"there is no {platform} machine")
        return {2: {1: self.machines[platform], **_tls(self.credentials.get(platform))}}

    def nothing(self, call: Call) -> dict:
        self._check_build_token(call)
        return {}

    def _check_build_token(self, call: Call) -> None:
        if call.bearer not in self._build_tokens:
            raise Refusal("unauthenticated", "Invalid build token")

    class handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            _Connection(self.request, self.server.stand_in).serve()


ANSWERS: dict[str, Callable[[DepotApi, Call], dict]] = {
    "CreateBuild": DepotApi.create_build,
    "GetBuildKitConnection": DepotApi.get_buildkit_connection,
    "ReportBuildHealth": DepotApi.nothing,
    "ReportTimings": DepotApi.nothing,
    "ReportBuildContext": DepotApi.nothing,
    "ReportStatusStream": DepotApi.nothing,
    "FinishBuild": DepotApi.nothing,
}


def _tls(credentials: Credentials | None) -> dict:
    if credentials is None:
        return {2: "buildkit"}
    client = {1: credentials.certificate, 2: credentials.key}
    return {2: credentials.server_name, 3: client, 4: {1: credentials.authority}}


class _Connection:
    """One HTTP/2 connection. Collects each request until it is complete, then answers it."""

    def __init__(self, peer, api: DepotApi):
        self.peer = peer
        self.api = api
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.open: dict[int, Request] = {}

    def serve(self) -> None:
        self.http.initiate_connection()
        self._flush()
        try:
            while data := self.peer.recv(1 << 16):
                for event in self.http.receive_data(data):
                    self._on(event)
                self._flush()
        except (OSError, h2.exceptions.ProtocolError):
            pass

    def _on(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            headers = {name.decode(): value.decode() for name, value in event.headers}
            self.open[event.stream_id] = Request(headers[":method"], headers[":path"], headers)
        elif isinstance(event, h2.events.DataReceived):
            self.open[event.stream_id].body += event.data
            self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self._answer(event.stream_id, self.open.pop(event.stream_id))
        elif isinstance(event, h2.events.StreamReset):
            self.open.pop(event.stream_id, None)

    def _answer(self, stream: int, request: Request) -> None:
        status, kind, body = _answer(self.api, request)
        self.http.send_headers(stream, [(":status", str(status)), ("content-type", kind)])
        self.http.send_data(stream, body, end_stream=True)

    def _flush(self) -> None:
        self.peer.sendall(self.http.data_to_send())


def _answer(api: DepotApi, request: Request) -> tuple[int, str, bytes]:
    kind = request.headers.get("content-type", "")
    streaming = kind.startswith("application/connect+")
    try:
        message = protobuf.encode(api.respond(_call(request, streaming)))
    except Refusal as refusal:
        return _refuse(refusal, kind, streaming)
    if streaming:
        return 200, kind, _envelope(0, message) + _envelope(END_OF_STREAM, b"{}")
    return 200, kind, message


def _refuse(refusal: Refusal, kind: str, streaming: bool) -> tuple[int, str, bytes]:
    error = {"code": refusal.code, "message": refusal.message}
    if streaming:
        return 200, kind, _envelope(END_OF_STREAM, json.dumps({"error": error}).encode())
    return HTTP_STATUS.get(refusal.code, 500), "application/json", json.dumps(error).encode()


def _call(request: Request, streaming: bool) -> Call:
    body = request.body
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    method = request.path.rpartition("/")[2]
    # What a stream reports is not used here. It is enough that it arrived.
    message = {} if streaming else protobuf.decode(body)
    return Call(method, request.bearer, message, request.headers)


def _envelope(flags: int, message: bytes) -> bytes:
    return bytes((flags,)) + len(message).to_bytes(4, "big") + message
