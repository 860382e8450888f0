"""The action's script in a job container that has only a shell: no Node.js, no libc, no certificates.

On GitHub's runner, the action has different paths on the host and in the container, and GITHUB_ACTION_PATH has the
latter. The workflow engine does not show this, because its jobs run on the machine itself.
"""

from __future__ import annotations

import os
import platform
import shutil

import pytest

from world.events import push
from world.runner import ARCHITECTURES, Runner

# The paths of GitHub's runner.
ACTION = "/__w/_actions/depot/build-push-action/v1"
WORKSPACE, TEMP, HOME, EVENT = "/__w/app/app", "/__w/_temp", "/github/home", "/github/workflow"
IMAGE = "job-container:1"


@pytest.fixture
def docker(plain_docker, parts, tmp_path):
    """The runner's docker, with the image of the job container."""
    context = tmp_path / "image"
    context.mkdir()
    shutil.copy(parts.busybox, context / "busybox")
    (context / "Dockerfile").write_text(
        'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'
    )
    plain_docker.docker("build", "--tag", IMAGE, str(context))
    return plain_docker


def test_a_job_container_with_nothing_but_a_shell_builds_and_pushes(docker, released_action, parts, hosted, registry, tmp_path):
    event = push()
    runner = Runner(tmp_path, released_action, event)
    (runner.workspace / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    (runner.files / "output").touch()
    inputs = {"context": ".", "push": True, "tags": registry.image("octo/container:1")}
    environment = {
        **runner.context(),
        **hosted.environment(event),
        **runner.action.environment(inputs, runner.github_token),
        "HOME": HOME,
        "GITHUB_ACTION_PATH": ACTION,
        "GITHUB_EVENT_PATH": f"{EVENT}/event.json",
        "GITHUB_OUTPUT": f"{EVENT}/output",
        "GITHUB_WORKSPACE": WORKSPACE,
        "RUNNER_ARCH": ARCHITECTURES[platform.machine()],
        "RUNNER_TEMP": TEMP,
    }
    mounts = {
        **{released_action / name: f"{ACTION}/{name}:ro" for name in ("action.yml", "dist")},
        **{runner.workspace: WORKSPACE, runner.temp: TEMP, runner.home: HOME, runner.files: EVENT},
        parts.depot: "/bin/depot:ro",
    }

    ran = docker.docker(
        *("run", "--rm", "--network", "host", "--workdir", WORKSPACE),
        *(f"--volume={source}:{target}" for source, target in mounts.items()),
        *(f"--env={name}={value}" for name, value in environment.items()),
        *(IMAGE, "sh", "-e", "-c", runner.action.step["run"]),
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert registry.digest("octo/container", "1") in (runner.files / "output").read_text()
    assert os.listdir(runner.temp) == []
