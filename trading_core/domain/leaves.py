"""What the log commits to: canonical text, salted commitments, leaf hashes. Published in docs/formats.md §2, exact to the byte."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

PRIVATE_DOMAIN = b"gongxin-private-v1\0"
SALT_BYTES = 32
INTEGER_MAX = 2**53 - 1  # what every language's JSON reader keeps exactly


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted by code point, no spaces, UTF-8 kept, integers only.

    Raises ValueError on what has no one text: floats, integers beyond ±(2^53 − 1), text with lone surrogates, keys that are not
    text, objects that are not JSON.
    """
    return _text(_plain(value))


_text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _plain(value: object) -> object:
    if isinstance(value, str):
        return _sound(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise ValueError(f"an integer beyond 2^53 - 1: {value}")
        return int(value)
    if isinstance(value, Mapping):
        return {_key(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise ValueError(f"{type(value).__name__} has no canonical JSON text")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"a key that is not text: {key!r}")
    return _sound(key)


def _sound(text: str) -> str:
    if not text.isascii():
        text.encode("utf-8")  # UnicodeEncodeError, a ValueError, on a lone surrogate
    return str(text)


def private_commitment(salt: bytes, private: str) -> bytes:
    """32 bytes that bind a private part's canonical text without telling it. salt: 32 random bytes, told together with the text."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(PRIVATE_DOMAIN + salt + private.encode()).digest()


def leaf_hash(stream: str, version: int, type: str, public: str, commitment: bytes | None, at: int) -> bytes:
    """The leaf of an event in the log [RFC 9162 2.1.1 over head and public text].

    public: canonical text of the public part. commitment: of the private part, None without one. at: microseconds since 1970 UTC.
    """
    head = canonical(
        {"at": at, "private": commitment.hex() if commitment is not None else None, "stream": stream, "type": type, "version": version}
    ).encode()
    return hashlib.sha256(b"\0" + len(head).to_bytes(4, "big") + head + public.encode()).digest()
