"""The model of how the runner reads a log, and whether it notices what must not be there."""

from __future__ import annotations

import pytest

from world import boundary
from world.commands import StepLog, lines_of

SECRET = "correct horse battery staple"
TOKEN = "0123456789abcdef" * 2


def read(output: str | bytes, secrets=()) -> StepLog:
    log = StepLog(list(secrets))
    for line in lines_of(output if isinstance(output, bytes) else output.encode()):
        log.take(line)
    return log


# The model

OBEYED = {
    "a line": "::error::x",
    "capitals": "::ERROR::x",
    "the old form": "##[error]x",
    "the old form within a line": "#7 0.1 a ##[error]x",
    "blanks": " \t::error::x",
    "a no-break space": "\u00a0::error::x",
    "an ideographic space": "\u3000::error::x",
    "a line separator": "\u2028::error::x",
    "a next line": "\x85::error::x",
    "a carriage return": "text\r::error::x",
    "CRLF": "text\r\n::error::x",
    "what is not seen between the colons": "::error:\u00ad:x",
    "a command after an unknown one": "::unknown::a\n::error::x",
}
NOT_OBEYED = {
    "within a line": "a ::error::x",
    "half": "::error:x",
    "a byte order mark": "\ufeff::error::x",
    "a separator of files": "\x1c::error::x",
    "a vertical tab within a line": "a\v::error::x",
    "a form feed within a line": "a\f::error::x",
    "an unknown one": "::errors::x",
    "the old form, half": "##[error",
    "one colon more": ":::error::x",
}


@pytest.mark.parametrize("output", OBEYED.values(), ids=OBEYED)
def test_what_the_runner_obeys(output):
    assert [command.name for command in read(output).obeyed] == ["error"]


@pytest.mark.parametrize("output", NOT_OBEYED.values(), ids=NOT_OBEYED)
def test_what_the_runner_shows(output):
    assert read(output).obeyed == []


def test_a_pause_ends_with_its_token_only():
    log = read("::stop-commands::token\n::error::x\n::tokens::\n::error::y\n ::TOKEN::\n::error::z")

    assert [command.data for command in log.obeyed] == ["token", "z"]
    assert not log.stopped


def test_a_pause_in_a_pause_is_none():
    log = read("::stop-commands::one\n::stop-commands::two\n::two::\n::error::x\n::one::\n::error::y")

    assert [command.data for command in log.obeyed] == ["one", "y"]


MASKED = {
    "the whole": (SECRET, SECRET, "***"),
    "within": (SECRET, f"a {SECRET}.", "a ***."),
    "a line": ("first line\nsecond line", "the second line", "the ***"),
    "a line that ends with a carriage return": ("first line\r\nsecond line\r\n", "the first line.", "the ***."),
    "the blanks around it": (f" {SECRET}\n", f"a{SECRET}", "a***"),
    "the quotes around it": (f"'{SECRET}'", SECRET, "***"),
    "as JSON writes it": ('a "quoted"\tsecret', '{"x": "a \\"quoted\\"\\tsecret"}', '{"x": "***"}'),
    "the longest first": ("secret\nsecret words", "secret words", "***"),
}


@pytest.mark.parametrize("secret, line, shown", MASKED.values(), ids=MASKED)
def test_what_the_runner_masks(secret, line, shown):
    assert read(line, [secret]).shown == [shown]
    assert read(line, [secret]).mask_file(f"# {line}\n") == f"# {shown}\n"


@pytest.mark.parametrize("line", ["correct horse", "correct\thorse battery staple", "correct  horse battery staple"])
def test_what_was_cut_or_rewritten_is_not_masked(line):
    assert read(line, [SECRET]).shown == [line]


def test_a_mask_hides_what_comes_after_it():
    log = read(f"{SECRET}\n::add-mask::{SECRET}\n{SECRET}\n::error title={SECRET}::{SECRET}")

    assert log.shown == [SECRET, "***", "##[error]***"]
    assert (log.annotations[0].message, log.annotations[0].title) == ("***", SECRET)


def test_a_mask_of_several_lines_hides_each():
    assert read("::add-mask::one line%0Aother line\nan other line").shown == ["an ***"]


# What it must notice

STEP = boundary.Step(
    inputs={"context": ".", "secrets": f'"key={SECRET}\nsecond line of it"', "tags": "a public tag"},
    environment={"GITHUB_REPOSITORY": "octo/app", "DEPOT_TOKEN": "depot_0123456789"},
    answers=[{"ok": True, "token": "depot_given_by_a_service"}, "Not found"],
    registered=["ghs_0123456789abcdef"],
)
GOOD = {
    "nothing": "",
    "text": "a text\nof two lines",
    "commands": "::group::Digest\ntext\n::endgroup::\n::error title=A title::text\n::debug::text",
    "a place": "::warning title=A title,file=Dockerfile,line=1,endLine=2::text",
    "a pause": f"::stop-commands::{TOKEN}\n::error::obeyed\n::{TOKEN}::",
    "masks": f"::add-mask::{SECRET}\n::add-mask::depot_given_by_a_service\n{SECRET}, depot_given_by_a_service",
    "what the runner knows": "ghs_0123456789abcdef",
    "what is public": "a public tag",
}
BAD = {
    "an annotation without a title": "::error::text",
    "a title that is not the first": "::error file=x,title=y::text",
    "another property": "::error title=x,col=1::text",
    "the old form": "##[error]text",
    "the old form in a line": "Depot refused: nope ##[group]Digest",
    "a blank before it": " ::group::Digest\n::endgroup::",
    "an output": "::set-output name=digest::x",
    "a variable": "::set-env name=PATH::x",
    "a matcher": "::add-matcher::x.json",
    "a mask of others": "::add-mask::not a secret",
    "a pause of others": "::stop-commands::mine",
    "a group of others": "::group::Not a title of ours\n::endgroup::",
    "a group that is not open": "::endgroup::",
    "a group that is not ended": "::group::Digest",
    "a secret": f"a {SECRET}",
    "a secret before its mask": f"{SECRET}\n::add-mask::{SECRET}",
    "the end of a secret": "horse battery staple",
    "the beginning of a secret": "correct horse",
    "a secret, rewritten": "correct horse battery\tstaple",
    "a line of a secret": "the second line of it",
    "a secret in a title": f"::add-mask::{SECRET}\n::error title={SECRET}::text",
    "a token of the environment": "depot_0123456789",
    "a token of a service": "depot_given_by_a_service",
}


def check(log: StepLog, summary: str = "", outputs=(), ended: bool = True) -> None:
    boundary.check(log, STEP, [*log.shown, log.mask_file(summary)], dict(outputs), ended)


@pytest.mark.parametrize("output", GOOD.values(), ids=GOOD)
def test_it_lets_pass_what_may_be_there(output):
    check(read(output, STEP.registered))


@pytest.mark.parametrize("output", BAD.values(), ids=BAD)
def test_it_sees_what_must_not_be_there(output):
    with pytest.raises(AssertionError):
        check(read(output, STEP.registered))


def test_it_sees_a_secret_in_the_summary():
    masked = read(f"::add-mask::{SECRET}")

    check(masked, f"# {SECRET}\n")
    with pytest.raises(AssertionError):
        check(masked, SECRET[:-1])


def test_it_sees_outputs_that_hold_what_is_masked():
    check(read("::add-mask::public tag"), outputs={"digest": "sha256:0"})
    with pytest.raises(AssertionError):
        check(read("::add-mask::public tag"), outputs={"metadata": "a public tag"})


def test_a_step_that_was_killed_may_leave_a_group_open():
    check(read("::group::Digest\ntext"), ended=False)
