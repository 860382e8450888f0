"""RS256 signatures (RFC 8017, RSASSA-PKCS1-v1_5 with SHA-256) with a key of this process."""

from __future__ import annotations

import base64
import functools
import hashlib
import subprocess

# The bytes that DER puts before a SHA-256 in a signature.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def sign(message: bytes) -> bytes:
    modulus, _, private = _key()
    padded = int.from_bytes(_padded(message, _size(modulus)), "big")
    return pow(padded, private, modulus).to_bytes(_size(modulus), "big")


def is_signed(message: bytes, signature: bytes) -> bool:
    modulus, public, _ = _key()
    if len(signature) != _size(modulus):
        return False
    opened = pow(int.from_bytes(signature, "big"), public, modulus)
    return opened.to_bytes(_size(modulus), "big") == _padded(message, _size(modulus))


def _padded(message: bytes, size: int) -> bytes:
    end = b"\x00" + DIGEST_INFO + hashlib.sha256(message).digest()
    return b"\x00\x01" + b"\xff" * (size - 2 - len(end)) + end


def _size(modulus: int) -> int:
    return (modulus.bit_length() + 7) // 8


def public_key() -> str:
    """The key as PEM, to check a signature by other means."""
    return _openssl("rsa", "-pubout", text=_pem())


@functools.cache
def _pem() -> str:
    return _openssl("genrsa", "-traditional", "2048")


def _openssl(*arguments: str, text: str = "") -> str:
    return subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, check=True).stdout


@functools.cache
def _key() -> tuple[int, int, int]:
    """The modulus, the public and the private exponent."""
    lines = [line for line in _pem().splitlines() if not line.startswith("-----")]
    _version, modulus, public, private, *_ = _integers(base64.b64decode("".join(lines)))
    return modulus, public, private


def _integers(der: bytes) -> list[int]:
    """The integers of a DER sequence, which is how PKCS #1 encodes an RSA key."""
    _, rest, _ = _element(der)
    found = []
    while rest:
        _, content, rest = _element(rest)
        found.append(int.from_bytes(content, "big"))
    return found


def _element(der: bytes) -> tuple[int, bytes, bytes]:
    """The tag and content of the first element, and what follows it."""
    tag, length, start = der[0], der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    return tag, der[start : start + length], der[start + length :]
