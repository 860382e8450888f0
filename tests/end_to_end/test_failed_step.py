"""The error annotation of a failed build is on the Dockerfile's line, and never on a wrong one: real Dockerfiles that
fail, built with both CLIs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stand_ins.github_git import GithubGit
from world.events import pull_request, push

BASE = """\
FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
"""
# Each has the instruction that fails, its line, and a part of the message.
FAILING = {
    "a process": (BASE + "RUN echo one; echo two; exit 7\n", "RUN echo one; echo two; exit 7", 4, "one\ntwo"),
    "a continuation": (
        BASE + "\n# a comment\nENV A=1\nRUN echo a && \\\n    # inside\n\n    exit 3\nRUN true\n",
        "RUN echo a &&     exit 3",
        7,
        "exit code: 3",
    ),
    "a heredoc": (BASE + "RUN <<EOF\necho a\nexit 4\nEOF\nRUN true\n", "RUN <<EOF (echo a...)", 4, "exit code: 4"),
    "after heredocs": (
        BASE + "COPY <<A <<-B /x/\nRUN a\nA\n\tRUN b\n\tB\nRUN cat /x/A; false\n",
        "RUN cat /x/A; false",
        9,
        "RUN a",
    ),
    "a copy": (BASE + "RUN true\nCOPY missing /\n", "COPY missing /", 5, "missing"),
    "an addition": (BASE + "ADD missing.tar /\n", "ADD missing.tar /", 4, "missing.tar"),
    "a directory": (BASE + "WORKDIR /bin/busybox\n", "WORKDIR /bin/busybox", 4, "not a directory"),
    "the other escape": ("# escape=`\n" + BASE + "RUN echo a && `\n  false\n", "RUN echo a &&   false", 5, "a"),
    "a stage without a name": (
        BASE + "FROM base\nRUN echo b\nFROM base\nCOPY --from=1 /bin/busybox /x\nRUN false\n",
        "RUN false",
        8,
        "exit code: 1",
    ),
    "a stage with a name": (
        BASE + "FROM base AS first\nRUN echo a && false\nFROM base\nCOPY --from=first /bin/busybox /x\n",
        "RUN echo a && false",
        5,
        "a",
    ),
    "a stage of nothing": (
        BASE + "FROM scratch\nCOPY --from=base /bin/busybox /x\nCOPY nothing /\n",
        "COPY nothing /",
        6,
        "nothing",
    ),
    "a list and a path in quotes": (
        BASE + 'WORKDIR "/a b"\nCOPY ["missing file", "/"]\n',
        "COPY [missing file, /]",
        5,
        "missing file",
    ),
    "after quotes, escapes and a tab": (
        BASE + "COPY 'busybox' /a\\b\nRUN cat <<\\EOF\na\nEOF\nRUN\ttrue\nRUN test -e /c || touch /c\nRUN false\nRUN false\n",
        "RUN false",
        10,
        "exit code: 1",
    ),
    "another stage's file": (BASE + "FROM base\nCOPY --from=base /nothing /x\n", "COPY --from=base /nothing /x", 5, "nothing"),
    "a program that is not there": (BASE + 'RUN ["/nothing"]\n', 'RUN ["/nothing"]', 4, "exit code: 1"),
    "lower case": (BASE + "run false\n", "RUN false", 4, "exit code: 1"),
    "one of two equal instructions": (BASE + "RUN test -e /a || touch /a\nRUN false\nRUN false\n", "RUN false", 5, "exit code"),
    "a build argument": (BASE + "ARG A=b\nRUN echo $A && false\n", "RUN echo b && false", 5, "b"),
    "a secret": (
        BASE + "RUN --mount=type=secret,id=a,required=true cat /run/secrets/a\n",
        "RUN --mount=type=secret,id=a,required=true cat /run/secrets/a",
        4,
        "not found",
    ),
    "carriage returns in the file": ((BASE + "# c\nRUN echo a && \\\n exit 1\n").replace("\n", "\r\n"), "RUN echo a &&  exit 1", 5, "a"),
    "no end of the last line": (BASE + "RUN false", "RUN false", 4, "exit code: 1"),
    "scratch by an argument": ("ARG X=scratch\nFROM $X\nCOPY busybox /b\nRUN [\"/b\", \"false\"]\n", 'RUN ["/b", "false"]', 4, "exit code: 1"),
    "settings before it": (BASE + 'ENV A=b\nSHELL ["/bin/sh", "-ec"]\nEXPOSE 80\nRUN false\n', "RUN false", 7, "exit code: 1"),
    "a user that is not there": (BASE + "USER nobody\nRUN false\n", "RUN false", 5, "unable to find user"),
    "a long command": (BASE + "RUN true " + "&& true " * 400 + "&& exit 9\n", "RUN true && true", 4, "exit code: 9"),
    "ordinary output that looks like errors": (
        BASE + r"RUN printf '10%%\r50%%\rERROR: no\n#9 ERROR: no\n------\n'; exit 5" + "\n",
        "RUN printf",
        4,
        "exit code: 5",
    ),
}
PARSE_ERRORS = {
    "an instruction that does not exist": (BASE + "FOO bar\n", 4),
    "a stage with too many words": ("\nFROM a b c d\n", 2),
}


@pytest.fixture(params=["depot", "docker"])
def builder(job, request) -> str:
    job.dockerfile()
    if request.param == "docker":
        job.event = pull_request(fork=True, private=True)
    return request.param


def annotation(result):
    (error,) = [note for note in result.annotations if note.level == "error"]
    assert len(error.message) <= 4096
    return error


def place(error) -> tuple:
    return error.properties.get("file"), error.properties.get("line")


@pytest.mark.parametrize("dockerfile, title, line, said", FAILING.values(), ids=FAILING)
def test_the_annotation_stands_on_the_instruction(job, builder, dockerfile, title, line, said):
    (job.workspace / "Dockerfile").write_bytes(dockerfile.encode())

    error = annotation(job.run({"no-cache": True}))

    assert error.title.startswith(title)
    assert len(error.title.encode()) <= 200
    assert said in error.message
    assert place(error) == ("Dockerfile", str(line))


@pytest.mark.parametrize("dockerfile, line", PARSE_ERRORS.values(), ids=PARSE_ERRORS)
def test_the_annotation_stands_on_a_line_that_cannot_be_parsed(job, builder, dockerfile, line):
    job.write("Dockerfile", dockerfile)

    error = annotation(job.run({}))

    assert "parse error" in error.message
    assert place(error) == ("Dockerfile", str(line))


def test_two_platforms_that_fail_alike_are_one_annotation(job):
    job.write("Dockerfile", "FROM scratch\nCOPY Dockerfile /\nCOPY missing /\n")

    error = annotation(job.run({"platforms": "linux/amd64,linux/arm64"}))

    assert error.title == "COPY missing /"
    assert place(error) == ("Dockerfile", "3")


FAILING_LAST = BASE + "RUN echo printed; exit 7\n"


def test_a_file_in_a_folder_is_named_from_the_workspace(job, builder):
    job.write("docker/app.Dockerfile", FAILING_LAST)

    error = annotation(job.run({"file": "docker/app.Dockerfile"}))

    assert place(error) == ("docker/app.Dockerfile", "4")


def test_a_link_within_the_workspace_is_resolved(job, builder):
    job.write("docker/Dockerfile.app", FAILING_LAST)
    (job.workspace / "Dockerfile").unlink()
    (job.workspace / "Dockerfile").symlink_to("docker/Dockerfile.app")

    error = annotation(job.run({}))

    assert place(error) in (("docker/Dockerfile.app", "4"), (None, None))


@pytest.mark.parametrize("file", ["../outside/Dockerfile", "link/Dockerfile"])
def test_a_file_out_of_the_workspace_is_in_the_message_only(job, builder, file):
    outside = job.workspace.parent / "outside"
    outside.mkdir()
    (outside / "Dockerfile").write_text(FAILING_LAST)
    (job.workspace / "link").symlink_to(outside)

    error = annotation(job.run({"file": file}))

    assert place(error) == (None, None)
    assert f"on line 4 of {file}" in error.message
    assert "printed" in error.message


def test_an_onbuild_of_the_base_image_moves_no_line(job, builder, registry):
    image = registry.image(f"onbuild/{builder}:1")
    trigger = "ONBUILD RUN true\nONBUILD ENV A=1\nONBUILD COPY Dockerfile /d\n"
    event, job.event = job.event, push()
    job.write("Dockerfile", BASE + trigger)
    job.succeed({"push": True, "tags": image})
    job.event = event
    job.write("Dockerfile", f"FROM {image}\n# own\nRUN echo own && false\n")

    error = annotation(job.run({}))

    assert error.title == "RUN echo own && false"
    assert place(error) == ("Dockerfile", "3")


def git(*arguments: str) -> None:
    environment = {"PATH": os.defpath, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    subprocess.run(["git", *arguments], env=environment, check=True, capture_output=True)


def check_out(workspace: Path, bare: Path) -> None:
    git("-C", str(workspace), "init", "--quiet")
    git("-C", str(workspace), "fetch", "--quiet", str(bare), "main")
    git("-C", str(workspace), "reset", "--quiet", "FETCH_HEAD")


CHANGES = {
    "as it is": (lambda job: None, ("Dockerfile", "4")),
    "changed": (lambda job: job.write("Dockerfile", "# more\n" + FAILING_LAST), (None, None)),
    "of another commit": (lambda job: git("-C", str(job.workspace), *AUTHOR, "commit", "--quiet", "--allow-empty", "-m", "x"), (None, None)),
}
AUTHOR = ("-c", "user.name=Mona", "-c", "user.email=mona@example.com")


@pytest.mark.parametrize("change, expected", CHANGES.values(), ids=CHANGES)
def test_a_file_of_the_default_context_must_be_the_one_that_was_built(job, tmp_path, change, expected):
    job.dockerfile()
    job.write("Dockerfile", FAILING_LAST)
    with GithubGit(tmp_path / "hosting", job.github_token) as hosting:
        job.event = push(sha=hosting.publish("octo/app", job.workspace))
        check_out(job.workspace, hosting.folder / "octo/app.git")
        change(job)

        error = annotation(job.run({"context": ""}, environment={"GITHUB_SERVER_URL": hosting.url}))

    assert error.title == "RUN echo printed; exit 7"
    assert place(error) == expected


def test_another_repository_has_no_line_in_this_one(job, tmp_path):
    job.dockerfile()
    job.write("Dockerfile", FAILING_LAST)
    with GithubGit(tmp_path / "hosting", job.github_token) as hosting:
        job.event = push(sha=hosting.publish("octo/app", job.workspace))
        check_out(job.workspace, hosting.folder / "octo/app.git")

        result = job.run(
            {"context": f"{hosting.url}/octo/app.git#main"}, environment={"GITHUB_SERVER_URL": hosting.url}
        )

    assert place(annotation(result)) == (None, None)


def test_a_secret_in_what_a_step_printed_is_not_in_the_annotation(job, builder):
    secret = "squeamish ossifrage"
    job.write("Dockerfile", BASE + "RUN --mount=type=secret,id=a cat /run/secrets/a; echo; exit 7\n")

    error = annotation(job.run({"secrets": f"a={secret}"}))

    assert "ossifrage" not in error.message + error.title
    assert "***" in error.message
