"""A network that has only a loopback interface, with a name server in it."""

from __future__ import annotations

import ctypes
import os
import socket
import socketserver
import struct
import subprocess
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Callable

CLONE_NEWNET = 0x40000000
UDP_LIMIT = 512
ADDRESS_TYPES = {1: 4, 28: 6}
NO_SUCH_NAME, TRUNCATED, RECURSIVE_ANSWER = 3, 0x200, 0x8180

START = "ip link set lo up && echo ready && exec cat"


class Network:
    def __enter__(self) -> Network:
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._holder.stdout.readline() != b"ready\n":
            raise OSError("no network namespace is possible here")
        return self

    def __exit__(self, *_) -> None:
        self._holder.communicate()

    @property
    def enter(self) -> list[str]:
        """The command that starts another one inside the network."""
        return ["nsenter", f"--net={self._name}", "--"]

    @property
    def _name(self) -> str:
        return f"/proc/{self._holder.pid}/ns/net"

    def run(self, action: Callable[[], None]) -> None:
        """Runs a function inside. The sockets that it makes stay there, and so do the threads that it starts."""
        failures = []
        thread = threading.Thread(target=self._run, args=(action, failures))
        thread.start()
        thread.join()
        for failure in failures:
            raise failure

    def _run(self, action: Callable[[], None], failures: list) -> None:
        try:
            namespace = os.open(self._name, os.O_RDONLY)
            # Only for this thread. Python 3.12 and newer have os.setns().
            if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            os.close(namespace)
            action()
        except OSError as failure:
            failures.append(failure)


@dataclass
class NameServer:
    """Knows the addresses of some names, never answers for those in `silent`, and says that all others have none. Like
    every name server, it leaves out of a datagram what does not fit."""

    names: dict[str, list[str]]
    silent: tuple[str, ...] = ()
    address: str = "127.0.0.1"
    queries: list[tuple[str, str]] = field(default_factory=list)

    def start(self) -> None:
        self._servers = [
            socketserver.ThreadingUDPServer((self.address, 53), _datagram(self)),
            socketserver.ThreadingTCPServer((self.address, 53), _stream(self)),
        ]
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, transport: str, query: bytes) -> bytes | None:
        name, end = _read_name(query)
        (kind,) = struct.unpack_from(">H", query, end)
        self.queries.append((transport, name))
        if name in self.silent:
            return None
        known = [ip_address(address) for address in self.names.get(name, [])]
        wanted = [address.packed for address in known if address.version == ADDRESS_TYPES.get(kind)]
        code = 0 if name in self.names else NO_SUCH_NAME
        answer = _message(query, end, code, wanted, kind)
        return _message(query, end, TRUNCATED, [], kind) if transport == "udp" and len(answer) > UDP_LIMIT else answer


def _read_name(query: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    return ".".join(labels), at + 1


def _message(query: bytes, end: int, code: int, addresses: list[bytes], kind: int) -> bytes:
    head = query[:2] + struct.pack(">HHHHH", RECURSIVE_ANSWER | code, 1, len(addresses), 0, 0)
    records = (b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(address)) + address for address in addresses)
    return head + query[12 : end + 4] + b"".join(records)


def _datagram(server: NameServer):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            query, sender = self.request
            answer = server.answer("udp", query)
            if answer:
                sender.sendto(answer, self.client_address)

    return Handler


def _stream(server: NameServer):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            (length,) = struct.unpack(">H", self.rfile.read(2))
            answer = server.answer("tcp", self.rfile.read(length))
            if answer:
                self.wfile.write(struct.pack(">H", len(answer)) + answer)

    return Handler


class SilentHost:
    """Listens, but never answers another SYN, because its queue is full."""

    def __init__(self, address: str, port: int):
        self._held = [socket.socket(socket.AF_INET6) for _ in range(3)]
        self._held[0].bind((address, port))
        self._held[0].listen(0)
        for client in self._held[1:]:
            client.setblocking(False)
            client.connect_ex((address, port))

    def stop(self) -> None:
        for held in self._held:
            held.close()
