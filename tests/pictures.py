#!/usr/bin/python3
"""Makes the pictures in docs/summary: builds an application in three ways with the real depot CLI and BuildKit, renders
each job summary with cmark-gfm and a stylesheet like GitHub's, and takes pictures with chromium."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from world import parts
from world.action import make_action
from world.engine import Engine
from world.events import push
from world.hosted import Hosted
from world.registry import Registry
from world.runner import Result, Runner

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/development/depot-build-push"
PICTURES = ROOT / "docs/summary"
WIDTH, SCALE = 860, 2
CHROMIUM = (
    "chromium",
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)
EXTENSIONS = ("table", "autolink", "strikethrough", "tagfilter")

# Replaces the registry's address, which only this machine knows.
SHOWN_REGISTRY = "ghcr.io"

APPLICATION = {
    "Dockerfile": """\
FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
WORKDIR /app

FROM base AS packages
COPY packages.lock .
RUN sleep 2.3 && wc -l packages.lock

FROM packages AS build
COPY . .
RUN sleep 1.1 && grep -c price prices > compiled

FROM build AS test
RUN --mount=type=cache,target=/tmp/cache ./test prices

FROM base
COPY --from=test /app/compiled .
CMD ["cat", "compiled"]
""",
    "packages.lock": "express 5.1.0\n",
    "prices": "price of a parcel: 490\nprice of a letter: 95\n",
    "test": """\
#!/bin/sh
echo "checks $1"
sleep 0.4
while IFS=: read -r what price; do
  if [ "$price" -gt 500 ]; then
    echo "not ok - $what is$price, which is more than 500" >&2
    exit 1
  fi
  echo "ok - $what"
done < "$1"
""",
}

# For two platforms. This machine can run only one of them, so the build runs no program.
SITE = """\
FROM scratch AS site
COPY . /site/

FROM site
COPY prices /
"""
PHOTOS = 40 << 20


def write(runner: Runner, busybox: Path, **changed: str) -> None:
    """The application, with some of its files replaced."""
    for name, text in {**APPLICATION, **changed}.items():
        file = runner.workspace / name
        file.write_text(text)
        file.chmod(0o755)
    shutil.copy(busybox, runner.workspace)


def build(runner: Runner, registry: Registry, busybox: Path) -> dict[str, Result]:
    inputs = {"context": ".", "push": True, "tags": registry.image("acme/shop:latest")}
    two = f"{inputs['tags']},{registry.image('acme/shop:1.4.2')}"
    write(runner, busybox)
    results = {"first": runner.run(inputs)}
    write(runner, busybox, prices="price of a parcel: 500\nprice of a letter: 95\n")
    results["success"] = runner.run({**inputs, "build-args": "VERSION=1.4.2"})
    write(runner, busybox, prices="price of a parcel: 490\nprice of a letter: 950\n")
    results["failure"] = runner.run(inputs)
    write(runner, busybox, Dockerfile=SITE)
    (runner.workspace / "photos").write_bytes(os.urandom(PHOTOS))
    results["platforms"] = runner.run({**inputs, "platforms": "linux/amd64,linux/arm64", "tags": two})
    for name, result in results.items():
        assert (result.exit_code == 0) is (name != "failure"), result.log
    del results["first"]
    return results


def summaries(folder: Path) -> dict[str, str]:
    """The Markdown that the builds wrote."""
    real = parts.get(print)
    with contextlib.ExitStack() as running:
        machines = {name: running.enter_context(Engine(real)) for name in ("amd64", "arm64")}
        docker = running.enter_context(Engine(real, containerd_store=False))
        registry = running.enter_context(Registry(real))
        hosted = running.enter_context(Hosted(machines))
        event = push()
        environment = {**hosted.environment(event), **docker.client_environment(folder / "home")}
        runner = Runner(folder / "run", make_action(folder / "action", PROGRAM), event, environment, real.runner_path)
        results = build(runner, registry, real.busybox)
        return {name: each.summary.replace(registry.address, SHOWN_REGISTRY) for name, each in results.items()}


def page(markdown: str, theme: str) -> str:
    extensions = [word for name in EXTENSIONS for word in ("--extension", name)]
    html = subprocess.run(
        ["cmark-gfm", "--unsafe", *extensions], input=markdown, check=True, capture_output=True, text=True
    ).stdout
    style = (PICTURES / "github.css").read_text()
    # The page reports its height, and the window is set to that.
    script = "<script>document.body.dataset.height = document.documentElement.offsetHeight</script>"
    head = f'<!doctype html><html data-theme="{theme}"><meta charset="utf-8"><style>{style}</style>'
    return f"{head}<body>{html}{script}"


def take(folder: Path, html: str, picture: Path) -> None:
    file = folder / "page.html"
    file.write_text(html)

    def chromium(*options: str) -> str:
        command = [*CHROMIUM, f"--user-data-dir={folder}/profile", *options, file.as_uri()]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    shown = chromium(f"--window-size={WIDTH},600", "--dump-dom")
    height = re.search(r'data-height="(\d+)"', shown).group(1)
    chromium(f"--window-size={WIDTH},{height}", f"--force-device-scale-factor={SCALE}", f"--screenshot={picture}")
    subprocess.run(["pngquant", "--force", "--strip", "--ext", ".png", "16", picture], check=True)
    subprocess.run(["optipng", "-quiet", "-o5", picture], check=True)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pictures-") as name:
        folder = Path(name)
        for kind, markdown in summaries(folder).items():
            for theme in ("light", "dark"):
                take(folder, page(markdown, theme), PICTURES / f"{kind}-{theme}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
