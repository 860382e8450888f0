"""deps/fetch: a third-party source that was changed or is not available is never used, and an error says so."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from world.action import ROOT

CONTENT = b"the file that was pinned"
WANTED = hashlib.sha256(CONTENT).hexdigest()
FILE = "library-1.0.tar.gz"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Fetch:
    """A row of deps/sources that Debian no longer has. Upstream may still have it."""

    def __init__(self, folder: Path, upstream: str):
        self.deps, self.cache = folder / "deps", folder / "cache"
        self.deps.mkdir()
        shutil.copy(ROOT / "deps/fetch", self.deps)
        row = ("library", "1.0", "debian", "library=1.0", FILE, WANTED, "MIT", f"{upstream}/{FILE}")
        (self.deps / "sources").write_text(" ".join(row) + "\n")
        self.path = folder / "bin"
        self.path.mkdir()
        # apt has no such version. A bare Debian does not have the other commands.
        for name in ("apt-get", "curl", "wget"):
            self.write(name, "exit 100")

    def write(self, name: str, script: str) -> None:
        """A command that is found before this machine's."""
        (self.path / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.path / name).chmod(0o755)

    @property
    def cached(self) -> Path:
        return self.cache / "sources" / FILE

    def run(self, *names: str) -> subprocess.CompletedProcess:
        environment = {
            **os.environ,
            "DEPOT_BUILD_PUSH_CACHE": str(self.cache),
            "PATH": f"{self.path}:{os.environ['PATH']}",
            "DEBIAN_MIRROR": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        return subprocess.run([self.deps / "fetch", *names], env=environment, capture_output=True, text=True)

    def fail(self, *names: str) -> str:
        done = self.run(*names)
        assert (done.returncode, done.stdout) == (1, "")
        assert "deps/fetch: error: library 1.0: " in done.stderr
        return done.stderr


@pytest.fixture
def upstream(tmp_path):
    folder = tmp_path / "upstream"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.folder = folder
        yield server
        server.shutdown()


@pytest.fixture
def fetch(tmp_path, upstream) -> Fetch:
    return Fetch(tmp_path, f"http://127.0.0.1:{upstream.server_port}")


def test_a_file_is_fetched_once(fetch, upstream):
    (upstream.folder / FILE).write_bytes(CONTENT)
    first = fetch.run()
    (upstream.folder / FILE).unlink()
    second = fetch.run("library")

    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, f"{fetch.cached}\n")
    assert fetch.cached.read_bytes() == CONTENT


def test_two_at_once_wait_for_each_other(fetch, upstream):
    (upstream.folder / FILE).write_bytes(CONTENT)
    running = fetch.cache / "running"
    # Like apt: the second process gives up.
    fetch.write("apt-get", f"mkdir -p {fetch.cache}; mkdir {running} || exit 100; sleep 0.3; rmdir {running}; exit 100")

    with ThreadPoolExecutor() as threads:
        both = [each.result() for each in [threads.submit(fetch.run) for _ in range(2)]]

    for done in both:
        assert (done.returncode, done.stdout) == (0, f"{fetch.cached}\n")
        assert "mkdir" not in done.stderr


def test_a_file_that_has_changed_is_not_used(fetch, upstream):
    (upstream.folder / FILE).write_bytes(b"another")

    error = fetch.fail()

    assert "has changed, it is not used" in error
    assert WANTED in error and hashlib.sha256(b"another").hexdigest() in error
    assert list(fetch.cached.parent.iterdir()) == []


def test_a_file_of_the_cache_that_has_changed_is_not_used(fetch):
    fetch.cached.parent.mkdir(parents=True)
    fetch.cached.write_bytes(b"another")

    error = fetch.fail()

    assert str(fetch.cached) in error
    assert WANTED in error and hashlib.sha256(b"another").hexdigest() in error


def test_a_file_that_nobody_has_any_more_is_told_with_the_ways_out(fetch):
    error = fetch.fail()

    assert f"{FILE} cannot be fetched from debian as library=1.0" in error
    assert f"put a copy of the file at {fetch.cached}" in error
    assert "edit its row in deps/sources" in error
    assert list(fetch.cached.parent.iterdir()) == []


def test_a_row_that_is_not_there_is_named(fetch):
    done = fetch.run("nothing")

    assert done.returncode == 1
    assert "nothing: no row of that name" in done.stderr
