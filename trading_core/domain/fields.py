"""Form fields as data: the one description from which checking, HTML forms and the OpenAPI schema are derived."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from .errors import Problem, refuse_if
from .events import FIRST_YEAR, LAST_YEAR, instant_from, instant_text
from .leaves import INTEGER_MAX

Kind = Literal[
    "text", "long_text", "integer", "money", "decimal", "boolean", "choice", "date", "instant", "hash", "file", "object", "list", "map",
    "json",
]

TEXT_MAX = 200
LONG_TEXT_MAX = 20_000
LIST_MAX = 2_000
MONEY_MAX_FEN = 10**15  # ten trillion yuan
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls but tab and line feed, what has no width, separators that are no line feed, marks that turn the direction of what is read,
tags, and what is no character at all."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an act's form.

    name: key in the JSON body; its label is the message ``field.<name>``. kind: what it holds: money is integer fen, decimal is
    text (``"0.035"``), instant is ISO 8601 with offset, date is ``YYYY-MM-DD``, hash is 64 hex digits, file is the hash of a
    stored object that the giver's side has sent in (`files_in`), object and list use `fields` (of the object, of each item; a list
    without fields holds texts), map is text to any JSON scalar, json an object of any JSON. choices: allowed values of a choice.
    rule: the rulebook id that asks for the field.
    """

    name: str
    kind: Kind = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    fields: tuple[Field, ...] = ()
    rule: str = ""
    secret: bool = False


def check(fields: Sequence[Field], data: Mapping[str, object]) -> dict[str, object]:
    """The cleaned data: only known fields, instants in the one spelling. Raises `Refused` with every problem at once."""
    cleaned: dict[str, object] = {}
    refuse_if(_check_all(fields, data, cleaned, ""))
    return cleaned


def files_in(fields: Sequence[Field], data: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every stored file that checked data name: path, name as people see it, SHA-256. The file of a row has the row's path."""
    for f in fields:
        value = data.get(f.name)
        if f.kind == "file" and isinstance(value, str):
            row = prefix[:-1] if prefix[:-1].rpartition(".")[2].isdigit() else prefix + f.name
            yield row, str(data.get("name", value[:12])), value
        elif f.kind == "object" and isinstance(value, Mapping):
            yield from files_in(f.fields, value, f"{prefix}{f.name}.")
        elif f.kind == "list" and f.fields and isinstance(value, Sequence):
            for i, row_data in enumerate(value):
                yield from files_in(f.fields, row_data, f"{prefix}{f.name}.{i}.")


def _check_all(fields: Sequence[Field], data: Mapping[str, object], cleaned: dict[str, object], prefix: str) -> Iterator[Problem]:
    known = {f.name for f in fields}
    for name in data:
        if name not in known:
            yield Problem("field.unknown", prefix + name)
    for f in fields:
        value = data.get(f.name)
        if value is None or (isinstance(value, str) and not value.strip() and not UNSEEN.search(value)):
            if f.required:
                yield Problem("field.required", prefix + f.name, rule=f.rule)
            continue
        out: list[object] = []
        found = list(_check_one(f, value, prefix + f.name, out))
        yield from found
        if not found:
            cleaned[f.name] = out[0]


def _check_one(f: Field, value: object, path: str, out: list[object]) -> Iterator[Problem]:
    match f.kind:
        case "object":
            if not isinstance(value, Mapping):
                yield Problem("field.not_object", path)
                return
            inner: dict[str, object] = {}
            yield from _check_all(f.fields, value, inner, path + ".")
            out.append(inner)
        case "list":
            if not isinstance(value, Sequence) or isinstance(value, str | bytes):
                yield Problem("field.not_list", path)
                return
            limit = f.maximum or LIST_MAX
            if len(value) > limit or len(value) < (f.minimum or 0):
                yield Problem("field.list_length", path, {"minimum": f.minimum or 0, "maximum": limit, "length": len(value)}, f.rule)
            items: list[object] = []
            for i, item in enumerate(value[:limit]):
                if f.fields:
                    yield from _check_one(Field(f.name, "object", fields=f.fields), item, f"{path}.{i}", items)
                else:
                    yield from _check_one(Field(f.name, "text", maximum=LONG_TEXT_MAX), item, f"{path}.{i}", items)
            out.append(items)
        case "map":
            if not isinstance(value, Mapping) or not all(isinstance(v, str | int | bool) for v in value.values()):
                yield Problem("field.not_map", path)
                return
            if len(value) > LIST_MAX:
                yield Problem("field.list_length", path, {"minimum": 0, "maximum": LIST_MAX, "length": len(value)})
            out.append(dict(value))
        case "json":
            if not isinstance(value, Mapping):
                yield Problem("field.not_object", path)
                return
            out.append(dict(value))
        case _:
            yield from _check_scalar(f, value, path, out)


def _check_scalar(f: Field, value: object, path: str, out: list[object]) -> Iterator[Problem]:
    match f.kind:
        case "integer" | "money":
            if isinstance(value, bool) or not isinstance(value, int):
                yield Problem("field.not_integer", path)
                return
            money = f.kind == "money"
            low = f.minimum if f.minimum is not None else (0 if money else -INTEGER_MAX)
            high = f.maximum if f.maximum is not None else (MONEY_MAX_FEN if money else INTEGER_MAX)
            if not low <= value <= high:
                if money:
                    yield Problem("field.amount_out_of_range", path, {"minimum_fen": low, "maximum_fen": high, "value_fen": value}, f.rule)
                else:
                    yield Problem("field.out_of_range", path, {"minimum": low, "maximum": high, "value": value}, f.rule)
            out.append(value)
        case "boolean":
            if not isinstance(value, bool):
                yield Problem("field.not_boolean", path)
            out.append(value)
        case _:
            if not isinstance(value, str):
                yield Problem("field.not_text", path)
                return
            yield from _check_text(f, value, path, out)


def _check_text(f: Field, value: str, path: str, out: list[object]) -> Iterator[Problem]:
    match f.kind:
        case "decimal":
            try:
                number = Decimal(value)
            except InvalidOperation:
                yield Problem("field.not_decimal", path)
                return
            if not number.is_finite() or (f.minimum is not None and number < f.minimum) or (f.maximum is not None and number > f.maximum):
                yield Problem("field.out_of_range", path, {"minimum": f.minimum, "maximum": f.maximum, "value": value}, f.rule)
            out.append(value)
        case "choice":
            if value not in f.choices:
                yield Problem("field.not_a_choice", path, {"choices": ", ".join(f.choices)}, f.rule)
            out.append(value)
        case "date":
            try:
                day = date.fromisoformat(value)
                if not FIRST_YEAR < day.year < LAST_YEAR:
                    raise ValueError("a year that reckoning would leave")
                out.append(day.isoformat())
            except ValueError:
                yield Problem("field.not_date", path)
        case "instant":
            try:
                out.append(instant_text(instant_from(value)))
            except ValueError:
                yield Problem("field.not_instant", path)
        case "hash" | "file":
            if not re.fullmatch(r"[0-9a-f]{64}", value):
                yield Problem("field.not_hash", path)
            out.append(value)
        case _:
            limit = f.maximum or (LONG_TEXT_MAX if f.kind == "long_text" else TEXT_MAX)
            if len(value) > limit:
                yield Problem("field.too_long", path, {"maximum": limit, "length": len(value)})
            if UNSEEN.search(value):
                yield Problem("field.control_character", path)
            out.append(value)
