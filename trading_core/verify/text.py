"""Reading what was published: canonical JSON, hex, base64, instants. Everything is read strictly, with the place of a fault."""
from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from .report import Malformed

INTEGER_MAX = 2**53 - 1
JSON_MAX = 16 << 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def canonical(value: object) -> str:
    """The one JSON text of a value of text, integers, booleans, null, lists and objects (docs/formats.md §1)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def read_json(text: str | bytes, where: str) -> Value:
    """The value of a JSON text without fractions, big integers, keys twice or lone surrogates. Raises `Malformed`."""
    if len(text) > JSON_MAX:
        raise Malformed(where, f"at most {JSON_MAX} bytes")
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        decoded.encode("utf-8")
        value = json.loads(decoded, object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse, parse_int=_integer)
        canonical(value).encode("utf-8")  # an escape may hide a lone surrogate
    except (ValueError, RecursionError) as error:
        raise Malformed(where, f"JSON as published ({type(error).__name__}: {str(error)[:120]})") from None
    return Value(value, where)


def read_canonical(text: str | bytes, where: str) -> Value:
    """As `read_json`, and the text must be the canonical one. Raises `Malformed`."""
    value = read_json(text, where)
    again = canonical(value.raw)
    if (again.encode() if isinstance(text, bytes) else again) != text:
        raise Malformed(where, "canonical JSON text")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(text: str) -> object:
    raise ValueError(f"{text[:40]} is not an integer")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(value := int(text)) > INTEGER_MAX or text == "-0":
        raise ValueError(f"{text[:40]} is not a plain integer up to 2^53 - 1")
    return value


class Value:
    """A JSON value with the place where it stands. Its accessors raise `Malformed` when it is not what was asked for."""

    __slots__ = ("raw", "where")

    def __init__(self, raw: object, where: str) -> None:
        self.raw, self.where = raw, where

    def __getitem__(self, key: str) -> Value:
        if key not in self.mapping():
            raise Malformed(self.where, f"a member {key!r}")
        return Value(self.mapping()[key], f"{self.where} {key}")

    def get(self, key: str) -> Value | None:
        """The member, None when it is missing."""
        return self[key] if key in self.mapping() else None

    def only(self, *keys: str, optional: tuple[str, ...] = ()) -> Value:
        """Itself, when it is an object with exactly these members (and perhaps the optional ones)."""
        found = set(self.mapping())
        if not set(keys) <= found <= {*keys, *optional}:
            raise Malformed(self.where, "exactly the members " + ", ".join(keys))
        return self

    def mapping(self) -> dict[str, object]:
        if not isinstance(self.raw, dict):
            raise Malformed(self.where, "an object")
        return self.raw

    def members(self) -> Iterator[tuple[str, Value]]:
        return ((key, self[key]) for key in self.mapping())

    def entries(self) -> list[Value]:
        if not isinstance(self.raw, list):
            raise Malformed(self.where, "a list")
        return [Value(v, f"{self.where}[{i}]") for i, v in enumerate(self.raw)]

    def text(self) -> str:
        if not isinstance(self.raw, str):
            raise Malformed(self.where, "a text")
        return self.raw

    def texts(self) -> list[str]:
        return [v.text() for v in self.entries()]

    def word(self) -> str:
        """A text that can be a part of a message joined by ``|`` or newlines."""
        if not (text := self.text()) or "|" in text or "\n" in text:
            raise Malformed(self.where, "a word without | and without line ends")
        return text

    def choice(self, *choices: str) -> str:
        if self.text() not in choices:
            raise Malformed(self.where, "one of " + ", ".join(choices))
        return self.text()

    def integer(self, minimum: int = 0) -> int:
        if isinstance(self.raw, bool) or not isinstance(self.raw, int) or self.raw < minimum:
            raise Malformed(self.where, f"an integer from {minimum} on")
        return self.raw

    def boolean(self) -> bool:
        if not isinstance(self.raw, bool):
            raise Malformed(self.where, "true or false")
        return self.raw

    def hex(self, size: int = 32) -> bytes:
        """So many bytes, written in lower-case hex."""
        if not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", self.text()):
            raise Malformed(self.where, f"{size} bytes in lower-case hex")
        return bytes.fromhex(self.text())

    def hexes(self) -> list[bytes]:
        return [v.hex() for v in self.entries()]

    def base64(self) -> bytes:
        return base64_bytes(self.text(), self.where)

    def instant(self) -> datetime:
        """An instant written in ISO 8601 with an offset."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise Malformed(self.where, "an instant in ISO 8601") from None
        if moment.tzinfo is None or not 1970 < moment.year < 3000:
            raise Malformed(self.where, "an instant with an offset, from 1971 to 2999")
        return moment.astimezone(UTC)

    def date(self) -> date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", self.text()):
            raise Malformed(self.where, "a date as YYYY-MM-DD")
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            raise Malformed(self.where, "a date of the calendar") from None


def base64_bytes(text: str, where: str) -> bytes:
    """Standard base64 in its one spelling. Raises `Malformed`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(where, "base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Malformed(where, "base64 in its one spelling")
    return raw


def instant_of(micros: int) -> datetime:
    """The instant so many microseconds after 1970 UTC."""
    return EPOCH + timedelta(microseconds=micros)
