"""Reads a step's output as GitHub's runner does: obeys workflow commands, masks secrets, and shows the rest.

Source of the rules: actions/runner, ActionCommand.cs, ActionCommandManager.cs, OutputManager.cs, Worker.cs (registered
secrets), FileCommandManager.cs (the summary) and .NET's String and StreamReader.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

ANNOTATIONS = ("error", "warning", "notice")
SHOWN_AS_LEGACY = ("group", "endgroup", "debug")
COMMANDS = {
    *ANNOTATIONS,
    *SHOWN_AS_LEGACY,
    *("add-mask", "add-matcher", "remove-matcher", "echo", "stop-commands"),
    *("set-output", "save-state", "set-env", "add-path"),
}
# The last one must be undone last. Otherwise "%2525" would become "%".
DATA_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
LEGACY_ESCAPES = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))
# A resume token that is shorter than this is not masked in the log.
SHORTEST_MASKED_TOKEN = 7

# White space according to .NET (Char.IsWhiteSpace). Python's definition is wider.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
# Characters that .NET ignores when it compares text as people do. The runner looks for the second `::` that way.
UNSEEN = "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u2060-\u2064\ufeff"
# StreamReader.ReadLine: only CR, LF and CRLF end a line.
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Command:
    name: str
    data: str = ""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Annotation:
    level: str
    message: str
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.properties.get("title", "")


def lines_of(output: bytes) -> list[str]:
    """The lines that the runner reads in a step's output."""
    lines = LINE_END.split(output.decode(errors="replace"))
    return lines if lines[-1] else lines[:-1]


def registered(secret: str) -> list[str]:
    """What the runner masks of one of the job's secrets: the whole, each line, and what shells leave of it."""
    trimmed = secret.strip("\r\n ")
    unquoted = [trimmed[1:-1]] if len(trimmed) > 2 and trimmed[0] == trimmed[-1] in "'\"" else []
    return [part for part in (secret, trimmed, *unquoted, *re.split(r"[\r\n]+", secret)) if part.strip(WHITE_SPACE)]


class StepLog:
    """Takes the raw lines of a step one by one, and keeps what the runner made of them. `secrets` are those that the
    runner knows from the start."""

    def __init__(self, secrets: list[str] | None = None):
        self.shown: list[str] = []
        self.obeyed: list[Command] = []
        self.annotations: list[Annotation] = []
        self.masks: list[str] = []
        self.outputs: dict[str, str] = {}
        # Each command that was obeyed, with its line.
        self.sources: list[tuple[Command, str]] = []
        self._known_secrets = [part for secret in secrets or [] for part in registered(secret)]
        self._resume_token = ""

    def take(self, line: str) -> str | None:
        """What the log shows for this line. For most commands, nothing."""
        text = self._process(line)
        if text is None:
            return None
        text = self.mask(text)
        self.shown += LINE_END.split(text)
        return text

    def mask(self, text: str) -> str:
        known = {*self._known_secrets, *self.masks} - {""}
        # JsonStringEscape, the one of the runner's encoders for masked values that the tests need.
        known |= {json.dumps(secret, ensure_ascii=False)[1:-1] for secret in known}
        secrets = sorted(known, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, secrets)), "***", text) if secrets else text

    def mask_file(self, text: str) -> str:
        """The job summary as it is uploaded."""
        return "".join(self.mask(line) + "\n" for line in lines_of(text.encode()))

    @property
    def stopped(self) -> bool:
        """Whether the step left command processing switched off."""
        return bool(self._resume_token)

    def _process(self, line: str) -> str | None:
        command = parse(line, COMMANDS | {self._resume_token} - {""})
        if command is None:
            return line
        if self._resume_token:
            if command.name.lower() == self._resume_token.lower():
                self._resume_token = ""
            return line
        self.obeyed.append(command)
        self.sources.append((command, line))
        return self._obey(command, line)

    def _obey(self, command: Command, line: str) -> str | None:
        if command.name in ANNOTATIONS:
            # Only the message is masked, not its title or its file.
            self.annotations.append(Annotation(command.name, self.mask(command.data), command.properties))
            return f"##[{command.name}]{command.data}"
        if command.name in SHOWN_AS_LEGACY:
            return f"##[{command.name}]{command.data}"
        if command.name == "stop-commands":
            self._resume_token = command.data
            if len(command.data) >= SHORTEST_MASKED_TOKEN:
                self._known_secrets.append(command.data)
            return line
        if command.name == "add-mask" and command.data.strip(WHITE_SPACE):
            self.masks += [command.data, *(part for part in re.split(r"[\r\n]+", command.data) if part)]
        if command.name == "set-output":
            self.outputs[command.properties.get("name", "")] = command.data
        return None


def parse(line: str, known: set[str]) -> Command | None:
    return _parse_current(line, known) or _parse_legacy(line, known)


CURRENT = re.compile(rf"::(.*?):[{UNSEEN}]*:(.*)\Z", re.S)


def _parse_current(line: str, known: set[str]) -> Command | None:
    found = CURRENT.match(line.lstrip(WHITE_SPACE))
    if not found:
        return None
    name, _, properties = found.group(1).partition(" ")
    return _command(name, properties.strip().split(","), found.group(2), known, DATA_ESCAPES, PROPERTY_ESCAPES)


def _parse_legacy(line: str, known: set[str]) -> Command | None:
    """##[name]data, anywhere in the line: a build's own prefix (`#7 0.1 `) is no protection."""
    found = re.search(r"##\[([^\]]*)\](.*)\Z", line, re.S)
    if not found:
        return None
    name, _, properties = found.group(1).partition(" ")
    return _command(name, properties.split(";"), found.group(2), known, LEGACY_ESCAPES, LEGACY_ESCAPES)


def _command(name, properties, data, known, data_escapes, property_escapes) -> Command | None:
    if name.lower() not in {word.lower() for word in known}:
        return None
    pairs = (pair.split("=", 1) for pair in properties if "=" in pair)
    return Command(
        name=name.lower(),
        data=_unescape(data, data_escapes),
        properties={key: _unescape(value, property_escapes) for key, value in pairs},
    )


def _unescape(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escape, character in escapes:
        text = text.replace(escape, character)
    return text


def parse_file_command(text: str) -> dict[str, str]:
    """The content of GITHUB_OUTPUT or GITHUB_ENV: lines NAME=VALUE, and blocks NAME<<DELIMITER."""
    values: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if not line:
            continue
        name, separator, rest = _split_file_command(line)
        values[name] = rest if separator == "=" else "\n".join(_until(lines, rest))
    return values


def _split_file_command(line: str) -> tuple[str, str, str]:
    found = re.match(r"(.+?)(=|<<)(.*)\Z", line)
    if not found:
        raise ValueError(f"Invalid format '{line}'")
    return found.group(1), found.group(2), found.group(3)


def _until(lines, delimiter: str):
    for line in lines:
        if line == delimiter:
            return
        yield line
    raise ValueError(f"Invalid value. Matching delimiter not found '{delimiter}'")
