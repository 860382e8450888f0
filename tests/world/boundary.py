"""Rules for everything that a step shows, however it ends: the runner obeys nothing that is not ours, and no secret is
visible, nor a part of one."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping

from world.commands import ANNOTATIONS, Annotation, Command, StepLog

SOURCES = Path(__file__).resolve().parents[2] / "src"
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')

OURS = {*ANNOTATIONS, "add-mask", "debug", "endgroup", "group", "stop-commands"}
PROPERTIES = ("title", "file", "line", "endLine")
SECRET_INPUTS = ("token", "github-token")
SECRET_VARIABLES = ("DEPOT_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
SECRET_ANSWERS = ("token", "value")
# Shorter secrets, and shorter parts of one, occur in other texts by chance.
SHORTEST_SECRET = 8
PART = 12
# Tests use this word in output that the runner must not obey.
HOSTILE = "obeyed"


@dataclass
class Step:
    """Where a step's secrets come from."""

    inputs: Mapping[str, object]
    environment: Mapping[str, str]
    answers: list[Any]
    registered: list[str]

    def secrets(self) -> set[str]:
        given = [
            *self.registered,
            *(str(self.inputs.get(name) or "") for name in SECRET_INPUTS),
            *(self.environment.get(name, "") for name in SECRET_VARIABLES),
            *(body[name] for body in self.answers if isinstance(body, dict) for name in SECRET_ANSWERS if name in body),
        ]
        lines = [line for text in given if isinstance(text, str) for line in re.split(r"[\r\n]+", text)]
        lines += secret_values(str(self.inputs.get("secrets") or ""))
        return {line.strip() for line in lines if len(line.strip()) >= SHORTEST_SECRET and is_telling(line)}

    def public(self) -> str:
        """Text that is not secret, and may contain the same characters as a part of a secret."""
        return "\n".join(
            [
                *(value for name, value in self.environment.items() if not holds_secrets(name)),
                *(str(value) for name, value in self.inputs.items() if name not in (*SECRET_INPUTS, "secrets")),
                *(re.split(r"[=\n]", str(self.inputs.get("secrets") or ""))[:1]),
            ]
        )

    def origins(self) -> str:
        """Everything that is masked must occur in this text."""
        texts = [*self.registered, *map(str, self.inputs.values()), *self.environment.values()]
        for body in self.answers:
            texts += map(str, body.values()) if isinstance(body, dict) else [str(body)]
        # Also for an item in quotes.
        return "\n".join([*texts, *(text.replace('""', '"') for text in texts)])


def holds_secrets(variable: str) -> bool:
    return variable in SECRET_VARIABLES or variable.startswith("INPUT_")


def secret_values(text: str) -> list[str]:
    """For each line of the input `secrets`: what follows its name, or the whole line if it has no name."""
    values = []
    for line in re.split(r"[\r\n]+", text):
        named = re.match(r'\s*"?[\w.\-/]+\s*=(?=.*[^=\s])', line, re.A)
        values.append(line[named.end() :] if named else line)
    return [value.strip().strip('"') for value in values]


def is_telling(line: str) -> bool:
    """Whether it is masked (docs/inputs.md, Secrets)."""
    bare = line.strip()
    word = re.sub(r"^[\W_]+|[\W_]+$", "", bare)
    return len(bare) >= 4 and word != "" and word.lower() not in ("true", "false", "null", "none", "yes", "no")


def check(log: StepLog, step: Step, shown: Iterable[str], outputs: Mapping[str, str], ended: bool) -> None:
    assert [line for command, line in log.sources if not is_ours(command, line, step)] == [], "obeyed, and not ours"
    assert groups_match(log.obeyed, ended), "a group was ended that was not open, or the other way round"
    text = "\n".join([*shown, *(value for note in log.annotations for value in texts_of(note))])
    assert visible(step, text + "\n".join(outputs.values())) == [], "a secret is visible"
    dropped = [name for name, value in outputs.items() if any(mask in value for mask in log.masks)]
    assert dropped == [], "outputs that GitHub drops, as they hold what is masked"


def texts_of(note: Annotation) -> list[str]:
    return [note.message, *note.properties.values()]


def is_ours(command: Command, line: str, step: Step) -> bool:
    if command.name not in OURS or not line.startswith(f"::{command.name}") or command.data.startswith(HOSTILE):
        return False
    if command.name in ANNOTATIONS:
        return bool(command.properties.get("title")) and list(command.properties) == [
            name for name in PROPERTIES if name in command.properties
        ]
    if command.properties:
        return False
    if command.name == "add-mask":
        return command.data in step.origins() and is_telling(command.data)
    if command.name == "stop-commands":
        return re.fullmatch("[0-9a-f]{32}", command.data) is not None
    return command.name != "group" or command.data in literals()


@functools.cache
def literals() -> set[str]:
    """The titles that groups may have: the literals of the sources."""
    return {text for file in SOURCES.glob("*/*.c") for text in LITERAL.findall(file.read_text())}


def groups_match(obeyed: Iterable[Command], ended: bool) -> bool:
    open_ = 0
    for command in obeyed:
        open_ += {"group": 1, "endgroup": -1}.get(command.name, 0)
        if open_ not in (0, 1):
            return False
    return open_ == 0 or not ended


def visible(step: Step, text: str) -> list[str]:
    """The secrets that are visible in the text, whole or in part. A part that also occurs in public text does not
    count."""
    secrets, public = step.secrets(), step.public()
    found = [secret for secret in secrets if secret in text and secret not in public]
    for secret in secrets:
        parts = (secret[at : at + PART] for at in range(len(secret) - PART + 1))
        found += [part for part in parts if part in text and part not in public]
    return found
