"""Reads a step's output as the GitHub runner does: obeys workflow commands, masks, and shows the rest.

Source of the rules: actions/runner, ActionCommand.cs and ActionCommandManager.cs.
"""

from __future__ import annotations

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
# The last one must be undone last, or "%2525" would become "%".
DATA_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
LEGACY_ESCAPES = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))
# A resume token shorter than this is not masked in the log.
SHORTEST_MASKED_TOKEN = 7


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


class StepLog:
    """Takes the raw lines of a step one by one; holds what the runner made of them."""

    def __init__(self, secrets: list[str] | None = None):
        self.shown: list[str] = []
        self.obeyed: list[Command] = []
        self.annotations: list[Annotation] = []
        self.masks: list[str] = []
        self.outputs: dict[str, str] = {}
        self._known_secrets = list(secrets or [])
        self._resume_token = ""

    def take(self, line: str) -> str | None:
        """What the log shows for this line; nothing for most commands."""
        text = self._process(line)
        if text is None:
            return None
        text = self.mask(text)
        self.shown.append(text)
        return text

    def mask(self, text: str) -> str:
        secrets = sorted({*self._known_secrets, *self.masks} - {""}, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, secrets)), "***", text) if secrets else text

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
        return self._obey(command, line)

    def _obey(self, command: Command, line: str) -> str | None:
        if command.name in ANNOTATIONS:
            self.annotations.append(Annotation(command.name, command.data, command.properties))
            return f"##[{command.name}]{command.data}"
        if command.name in SHOWN_AS_LEGACY:
            return f"##[{command.name}]{command.data}"
        if command.name == "stop-commands":
            self._resume_token = command.data
            if len(command.data) >= SHORTEST_MASKED_TOKEN:
                self._known_secrets.append(command.data)
            return line
        if command.name == "add-mask" and command.data.strip():
            self.masks += [command.data, *(part for part in re.split(r"[\r\n]+", command.data) if part)]
        if command.name == "set-output":
            self.outputs[command.properties.get("name", "")] = command.data
        return None


def parse(line: str, known: set[str]) -> Command | None:
    return _parse_current(line, known) or _parse_legacy(line, known)


def _parse_current(line: str, known: set[str]) -> Command | None:
    found = re.match(r"\s*::(.*?)::(.*)\Z", line, re.S)
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
    """The content of GITHUB_OUTPUT or GITHUB_ENV: NAME=VALUE lines and NAME<<DELIMITER blocks."""
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
