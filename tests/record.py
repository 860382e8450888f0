#!/usr/bin/python3
"""Records what both CLIs print and write, with both generations of parts: tests/recorded/SCENARIO/GENERATION-CLI.log,
and .metadata.json if there is one. The reader of progress is tested with these. Run it again when one of the parts
changes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from world import parts as real_parts
from world.buildkitd import Buildkitd
from world.engine import Engine
from world.events import push
from world.hosted import STATIC_TOKEN, Hosted
from world.parts import GENERATIONS, TODAY
from world.registry import Registry

BASE = """\
FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
"""

RECORDED = Path(__file__).resolve().parent / "recorded"

# Each has a Dockerfile, and further arguments. The first is built twice, so everything in its second build is cached.
SCENARIOS = {
    "success": (
        BASE + "WORKDIR /app\nCOPY Dockerfile .\nRUN echo one; sleep 0.3; echo two >&2; printf 'no end'\n"
        "FROM base AS other\nRUN seq 3\nFROM base\nCOPY --from=other /bin/busybox /other\nADD big /big\nUSER 1000\n",
        (),
    ),
    "cached": ("", ()),
    "load": ("FROM scratch\nCOPY Dockerfile /\nCOPY big /\n", ("--load", "--tag=recorded/load:1")),
    "push": ("FROM scratch\nCOPY Dockerfile /\nCOPY big /\n", ("--push", "--tag=REGISTRY/recorded/push:1")),
    "failing-push": ("FROM scratch\nCOPY Dockerfile /\n", ("--push", "--tag=127.0.0.1:9/recorded/push:1")),
    "two-platforms": ("FROM scratch\nCOPY Dockerfile /one\nCOPY big /two\n", ("--platform=linux/amd64,linux/arm64",)),
    "failing-run": (BASE + "\n# A comment\nRUN seq 15 && \\\n    echo wrong >&2 && \\\n    exit 7\nRUN echo never\n", ()),
    "failing-command-not-found": (BASE + "RUN no-such-command --at-all\n", ()),
    "failing-copy": (BASE + "COPY no-such-file /\n", ()),
    "failing-copy-from-stage": (BASE + "FROM base\nCOPY --from=base /no-such-file /\n", ()),
    "failing-target": (BASE, ("--target=no-such-stage",)),
    "failing-base": ("FROM 127.0.0.1:9/no/such:image\n", ()),
    "failing-secret": (BASE + "RUN --mount=type=secret,id=key,required=true cat /run/secrets/key\n", ()),
    "failing-one-of-two": (
        BASE + "FROM base AS slow\nRUN echo slow; sleep 30\nFROM base AS wrong\nRUN sleep 1; echo wrong; exit 3\n"
        "FROM base\nCOPY --from=slow /bin/busybox /a\nCOPY --from=wrong /bin/busybox /b\n",
        (),
    ),
    "parse-error": ("FROM scratch\nFRUM scratch\n", ()),
    "parse-error-flag": (BASE + "COPY --no-such-flag a b\n", ()),
    "no-dockerfile": (None, ()),
    "hostile": (
        BASE + "RUN printf '::error::a\\n#1 DONE 0.0s\\r::warning::b\\r\\n#7 [x 1/1] RUN y\\n\\033[31mred\\n------\\n > z:\\n'\n",
        (),
    ),
    "heredoc": (BASE + "RUN <<END\necho in a heredoc\nexit 9\nEND\n", ()),
    "warnings": ("from scratch as base\nCOPY Dockerfile /\nENV key value\nFROM base AS last\nMAINTAINER me\n", ()),
    "check": ("from scratch as base\nCOPY Dockerfile /\nENV key value\nFROM base AS last\nMAINTAINER me\n", ("--call=check",)),
    "check-json": (
        "from scratch as base\nCOPY Dockerfile /\nENV key value\nFROM base AS last\nMAINTAINER me\n",
        ("--call=check,format=json",),
    ),
    "check-nothing": ("FROM scratch\nCOPY Dockerfile /\n", ("--call=check",)),
    "check-parse-error": ("FROM scratch\nFRUM scratch\n", ("--call=check",)),
}


def record(cli: str, command: list, environment: dict[str, str], busybox: Path, generation: str, registry: str) -> None:
    with tempfile.TemporaryDirectory(prefix="recorded-") as scratch:
        for name, (dockerfile, more) in SCENARIOS.items():
            context = Path(scratch) / "context"
            context.mkdir(exist_ok=True)
            shutil.copy(busybox, context)
            (context / "big").write_bytes(os.urandom(3_000_000) if name != "cached" else (context / "big").read_bytes())
            if dockerfile is None:
                (context / "Dockerfile").unlink()
            elif dockerfile:
                (context / "Dockerfile").write_text(dockerfile)
            more = [word.replace("REGISTRY", registry) for word in more]
            write(RECORDED / name, f"{generation}-{cli}", [*command, *more], environment, context)
            if dockerfile:
                (RECORDED / name / "Dockerfile").write_text(dockerfile)


def write(folder: Path, name: str, command: list, environment: dict[str, str], context: Path) -> None:
    folder.mkdir(exist_ok=True)
    metadata = folder / f"{name}.metadata.json"
    metadata.unlink(missing_ok=True)
    done = subprocess.run(
        [*map(str, command), "--progress=plain", f"--metadata-file={metadata}", "."],
        cwd=context,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    # Names that differ in each run.
    text = done.stdout.replace(str(context.parent).encode(), b"/tmp/context")
    (folder / f"{name}.log").write_bytes(re.sub(rb"127\.0\.0\.1:(?!9/)\d+", b"127.0.0.1:1", text))
    print(f"{folder.name}/{name}: status {done.returncode}", flush=True)


def main() -> None:
    for generation in sys.argv[1:] or GENERATIONS:
        parts = real_parts.get(print, generation)
        with contextlib.ExitStack() as running:
            start = running.enter_context
            machines = [start(Buildkitd(parts, name) if generation == TODAY else Engine(parts)) for name in ("amd64", "arm64")]
            docker = start(Engine(parts))
            registry = start(Registry(parts))
            hosted = start(Hosted(dict(zip(("amd64", "arm64"), machines))))
            home = Path(start(tempfile.TemporaryDirectory(prefix="home-")))
            environment = {
                **hosted.environment(push()),
                **docker.client_environment(home),
                "PATH": os.defpath,
                "DEPOT_TOKEN": STATIC_TOKEN,
                "CI": "true",
            }
            depot = [parts.depot, "build", "--project=demoproject"]
            record("depot", depot, environment, parts.busybox, generation, registry.address)
            record("docker", [parts.docker, "buildx", "build"], environment, parts.busybox, generation, registry.address)


if __name__ == "__main__":
    main()
