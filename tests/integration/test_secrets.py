"""Secrets of every shape, entered as people enter them: no part of one is shown, and none is read as a name."""

from __future__ import annotations

import base64
import json
import re
import secrets as random
import uuid

import pytest
import yaml

from integration.cli import SUCCESS, Step
from integration.job import PLAN, Job
from stand_ins.service import Answer
from world.action import ROOT


def word() -> str:
    return uuid.uuid4().hex


def encoded(size: int) -> str:
    """Base64 in lines, as `base64` and `openssl` write it."""
    return base64.encodebytes(random.token_bytes(size)).decode().strip()


def lines(*texts: str) -> str:
    return "\n".join(texts)


KINDS = {
    "base64 without padding": lambda: encoded(114),
    "base64 with one =": lambda: encoded(113),
    "base64 with two =": lambda: encoded(112),
    "base64 of which a line is short": lambda: encoded(57 + 4),
    "PEM": lambda: lines("-----BEGIN PRIVATE KEY-----", encoded(151), "-----END PRIVATE KEY-----"),
    "PEM with headers": lambda: lines(
        *("-----BEGIN RSA PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED", f"DEK-Info: AES-128-CBC,{word()}", ""),
        *(encoded(149), "-----END RSA PRIVATE KEY-----"),
    ),
    "JSON": lambda: lines(
        "{", '  "auths": {', '    "registry.example": {', f'      "auth": "{word()}="', "    }", "  },", '  "a": true', "}"
    ),
    "JSON that is not indented": lambda: lines("{", '"type": "service_account",', f'"private_key": "{word()}"', "}"),
    "JSON in a line": lambda: '{"user": "me", "password": "%s"}' % word(),
    ".npmrc": lambda: lines(
        "//registry.example/:_authToken=" + word(), f"//registry.example/:_password={word()}==", "save=true"
    ),
    ".netrc": lambda: lines(f"machine host.example login me password {word()}", "machine other", f"password {word()}="),
    "addresses": lambda: lines(
        f"https://me:{word()}@host.example/index?x=", f"https://me:{word()}@host.example/index?x=y", f"x://{word()}/=="
    ),
    "words": lambda: f"correct horse {word()} battery staple",
    "tabs": lambda: f"host\t5432\tme\t{word()}",
    "what looks like a command": lambda: lines(f"::error::{word()}", f"##[error]{word()}"),
    "a comment": lambda: lines(f"# {word()}", f"#{word()}=x", word()),
    "a percent sign": lambda: f"100%25 {word()}%0A",
}
# And whether GitHub knows it as a secret of the job.
PLACES = {
    "first": ("CONFIG={}\nOTHER=another\nLAST=the last", False),
    "in the middle": ("FIRST=the first\nCONFIG={}\nLAST=the last", False),
    "in the middle, known": ("FIRST=the first\nCONFIG={}\nLAST=the last", True),
    "last": ("FIRST=the first\nOTHER=another\nCONFIG={}", False),
}


def in_quotes(value: str) -> str:
    return '"CONFIG={}"'.format(value.replace('"', '""'))


def print_all(secret: str) -> list[Step]:
    """A build that prints the secret as BuildKit prints the output of a RUN, and fails because of it."""
    shown = "".join(f"#7 0.123 {line}\n" for line in re.split("\r?\n", secret))
    return [Step("out", "#7 [2/2] RUN cat\n" + shown)]


def assert_hidden(result, secret: str) -> None:
    shown = result.log + "\n".join(value for note in result.annotations for value in [note.message, note.title])
    for line in re.split("[\r\n]+", secret):
        pieces = [line.strip(), *re.split(r"[\s=:/@\"]+", line)]
        assert [piece for piece in pieces if len(piece) >= 16 and piece in shown] == []


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("place, known", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_lines_without_quotes_are_hidden(job: Job, cli, kind, place, known, end):
    secret = kind().replace("\n", end)
    job.registered = [secret] if known else []
    cli.does(*SUCCESS, *print_all(secret))

    result = job.succeed({"secrets": place.format(secret)})

    assert_hidden(result, secret)
    assert {"FIRST", "OTHER", "CONFIG", "LAST", "save"} >= {each["id"] for each in cli.call.secrets}
    assert any("`secrets`" in warning for warning in result.messages("warning")) == ("\n" in secret)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_value_in_quotes_is_whole_and_hidden(job: Job, cli, kind, end):
    secret = kind().replace("\n", end)
    cli.does(*SUCCESS, *print_all(secret))

    result = job.succeed({"secrets": in_quotes(secret)})

    assert [(each["id"], each["content"]) for each in cli.call.secrets] == [("CONFIG", secret)]
    assert_hidden(result, secret)
    assert result.messages("warning") == []


@pytest.mark.parametrize("name", ["secrets", "secret-files", "secret-envs"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_no_entry_is_shown_nowhere(job: Job, kind, name):
    secret = kind()

    assert_hidden(job.run({name: secret}), secret)
    assert_hidden(job.run({name: secret}, script=PLAN), secret)


def test_a_plan_shows_no_secret_that_its_command_holds(job: Job):
    secret = f'{word()}\t"{word()}"'
    inputs = {"secrets": f"KEY={secret}", "build-args": f'A={secret}', "labels": f"B={secret}"}

    result = job.run(inputs, script=PLAN)

    assert '"A=***"' in result.raw and '"B=***"' in result.raw
    assert_hidden(result, secret)


INPUTS = [name for name in yaml.safe_load((ROOT / "action.yml").read_text())["inputs"] if name != "secrets"]


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_holds_a_secret_shows_none_of_it(job: Job, name):
    """Wherever it ends up: in an argument, an error, a warning, a group, or a row of the summary."""
    secret = f'{word()}\t"{word()}"'

    for script in (None, PLAN):
        result = job.start({"secrets": f"KEY={secret}", name: secret}, script=script).wait()
        assert_hidden(result, secret)
        assert not any(part in text for part in secret.split() for text in [result.summary, *result.outputs.values()])


def test_the_command_is_shown_without_the_secrets_in_it(job: Job, cli):
    secret = f"{word()}'{word()}"

    result = job.succeed({"secrets": f"KEY={secret}", "build-args": f"A={secret}"})

    assert cli.call.values("--build-arg") == [f"A={secret}"]
    assert_hidden(result, secret)


def test_the_command_is_shown_so_that_the_runner_finds_a_secret_that_it_knows(job: Job, cli):
    one, other = f"{word()}'s", f'"{word()}" $HOME'
    job.registered = [one, other]

    result = job.succeed({"build-args": f"A={one}\nB={other}"})

    assert cli.call.values("--build-arg") == [f"A={one}", f"B={other}"]
    assert_hidden(result, one + "\n" + other)


# Among the words of a builder, which are rewritten and cut for the annotation of a failure.
FAILURES = {
    "a tab": lambda secret: f"ERROR: it says\t{secret}\n",
    "escape sequences": lambda secret: f"ERROR: \033[31mit says {secret}\033[0m\n",
    "across the cut": lambda secret: f"ERROR: {'x ' * 1015}{secret} and more\n",
    "a line without an end": lambda secret: f"it says {secret}",
    "JSON": lambda secret: "ERROR: " + json.dumps(secret) + "\n",
}


@pytest.mark.parametrize("say", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("name", ["words", "tabs", "JSON in a line", "a percent sign"])
def test_an_annotation_shows_no_secret(job: Job, cli, name, say):
    secret = KINDS[name]()
    cli.does(Step("err", say(secret)), Step("leave", 1))

    result = job.run({"secrets": f"KEY={secret}"})

    assert len(result.errors) == 1
    assert_hidden(result, secret)
    for piece in secret.split():
        assert len(piece) < 5 or piece not in result.errors[0]


def test_the_title_of_an_error_shows_no_value_of_a_build_argument(job: Job, cli):
    """BuildKit writes them into the name of a step, and the runner masks no titles."""
    given, inherited = f"{word()} {word()}", word()
    job.registered = [given, inherited]
    job.environment["INHERITED"] = inherited
    name = f"RUN login {given} --key={inherited} {given} --mode=on"
    cli.does(Step("out", f"#5 [2/2] {name}\n#5 ERROR: exit code: 1\nERROR: failed to solve: exit code: 1\n"), Step("leave", 1))

    result = job.run({"build-args": f"GIVEN={given}\nINHERITED\nMISSING\nMODE=on"})

    (error,) = [note for note in result.annotations if note.level == "error"]
    assert error.title == "RUN login *** --key=*** *** --mode=on"


def test_the_words_of_a_service_show_no_part_of_a_token(job: Job, auth, identity):
    auth.answer = lambda request: Answer(401, {"ok": False, "error": "x " * 80 + json.loads(request.body)["token"]})

    result = job.run()

    (warning,) = [text for text in result.messages("warning") if "refused" in text]
    assert "x x x" in warning and "eyJ" not in warning


ORDINARY = ["1", "true", "false", "null", "no", "{", "}", "=", "abc", "  }", "true,", "[]"]


@pytest.mark.parametrize("value", ORDINARY)
def test_an_ordinary_value_is_not_masked(job: Job, value):
    alone = f"DEBUG={value}\n" if value != "=" else ""
    result = job.succeed({"secrets": f'{alone}"MORE={{\n{value}\n}}"'})

    assert result.masks == []
    assert result.outputs["digest"]


def test_a_value_keeps_its_blanks_and_is_hidden_with_and_without_them(job: Job, cli):
    secret = f"  {word()} "
    cli.does(*SUCCESS, Step("out", f"{secret}|{secret.strip()}|\n"))

    result = job.succeed({"secrets": f"KEY={secret}"})

    assert cli.call.secrets[0]["content"] == secret
    assert "***|***|" in result.log


def test_names_are_not_masked(job: Job):
    result = job.succeed({"secrets": "a line\ngithub=a secret value\nregistry=another value"})

    assert set(result.masks) == {"a line", "a secret value", "another value"}


def test_no_format_cuts_a_text():
    """`%.100s` could cut a text in the middle of a secret. Only system/redaction may cut."""
    sources = [*(ROOT / "src").glob("*.c"), *(ROOT / "src").glob("*/*.c")]

    assert [file.name for file in sources if re.search(r"%\.\d+s", file.read_text())] == []
