"""The parts of the protobuf wire format that the stand-ins need: integers, strings, bytes and messages by field
number."""

from __future__ import annotations

from typing import Iterator, Union

Value = Union[int, str, bytes, "dict[int, Value]"]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED_SIZES = {FIXED64: 8, FIXED32: 4}


def encode(message: dict[int, Value]) -> bytes:
    return b"".join(_field(number, value) for number, value in message.items())


def decode(data: bytes) -> dict[int, list[int | bytes]]:
    """The values of every field, in order. A message inside is left as bytes, because only its reader knows that it is
    one."""
    fields: dict[int, list[int | bytes]] = {}
    for number, value in _fields(data):
        fields.setdefault(number, []).append(value)
    return fields


def text(fields: dict[int, list[int | bytes]], number: int) -> str:
    value = fields.get(number, [b""])[-1]
    return value.decode() if isinstance(value, bytes) else str(value)


def number(fields: dict[int, list[int | bytes]], field: int) -> int:
    value = fields.get(field, [0])[-1]
    return value if isinstance(value, int) else 0


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3 | VARINT) + _varint(value)
    if isinstance(value, dict):
        value = encode(value)
    if isinstance(value, str):
        value = value.encode()
    return _varint(number << 3 | BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _read_varint(data, at)
        elif kind == BYTES:
            size, at = _read_varint(data, at)
            value, at = data[at : at + size], at + size
        elif kind in FIXED_SIZES:
            size = FIXED_SIZES[kind]
            value, at = int.from_bytes(data[at : at + size], "little"), at + size
        else:
            raise ValueError(f"protobuf: wire type {kind}")
        yield key >> 3, value


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
