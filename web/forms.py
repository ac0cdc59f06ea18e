"""Forms from declarations: the same `Field` that checks the JSON body draws the form and reads it back. Works without a script.

A field's name in the form is its path in the JSON body (``schedule.bid_deadline``, ``items.0.name``). Amounts are typed in yuan,
instants in China time; lists of objects are rows, lists of texts one per line, maps ``name = value`` per line,
where a value in double quotes is text though it looks like a number (``full_score = "60"``).
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import instant_from
from trading_core.domain.fields import Field
from trading_core.domain.money import daxie, fen_from_yuan, yuan_text
from trading_core.domain.workcalendar import CST

ROWS_MAX = 200
SPARE_ROWS = 1
MORE = "more"  # name of the button that asks for one more row; its value is the list's path
Keep = Callable[[IO[bytes]], str]


@dataclass(frozen=True)
class Form:
    """A form as the reader sees it: declared fields, typed texts by path, problems by path."""

    fields: tuple[Field, ...]
    values: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    spare: str = ""

    @classmethod
    def of(cls, fields: Sequence[Field], data: Mapping[str, object]) -> Form:
        """A form filled with known data."""
        return cls(tuple(fields), dict(_typed(fields, data, "")))

    def with_problems(self, problems: Sequence[Problem]) -> Form:
        return Form(self.fields, self.values, tuple(problems), self.spare)

    def value(self, path: str) -> str:
        return self.values.get(path, "")

    def wrong(self, path: str) -> list[Problem]:
        """Problems of exactly this field."""
        return [p for p in self.problems if p.path == path]

    def rows(self, path: str) -> int:
        """How many rows a list shows: those filled, and an empty one to go on."""
        filled = max((n + 1 for n in _indexes(self.values, path)), default=0)
        return min(ROWS_MAX, filled + SPARE_ROWS + (self.spare == path))

    def words_of(self, path: str) -> str:
        """The typed amount in words (大写), empty while it is no amount."""
        try:
            return daxie(fen_from_yuan(self.value(path).strip()))
        except (Refused, ValueError):
            return ""

    def paths(self) -> frozenset[str]:
        """Every path that can carry a problem of its own in this form."""
        return frozenset(_paths(self.fields, "", self))


def anchor(path: str) -> str:
    """The element id of a field."""
    return "f-" + path.replace(".", "-")


def posted(fields: Sequence[Field], post: Mapping[str, Any], keep: Keep | None = None) -> tuple[Form, dict[str, object]]:
    """What was sent: the form to show again, and the data for the command. Texts that cannot be read are problems of the form.

    keep stores an uploaded file and names it by its hash; without it files are named by hash in the text field.
    """
    post = _renumbered(fields, post, "")
    values = {k: v for k, v in post.items() if isinstance(v, str)}
    problems: list[Problem] = []
    data = dict(_read_all(fields, post, "", problems, keep))
    return Form(tuple(fields), values, tuple(problems), values.get(MORE, "")), data


def _read_all(
    fields: Sequence[Field], post: Mapping[str, Any], prefix: str, problems: list[Problem], keep: Keep | None
) -> Iterator[tuple[str, object]]:
    for f in fields:
        path = prefix + f.name
        if f.kind == "object":
            inner = dict(_read_all(f.fields, post, path + ".", problems, keep))
            if inner:
                yield f.name, inner
        elif f.kind == "list" and f.fields:
            rows = [dict(_read_all(f.fields, post, f"{path}.{i}.", problems, keep)) for i in _indexes(post, path)[:ROWS_MAX]]
            if filled := [row for row in rows if row]:
                yield f.name, filled
        elif f.kind == "boolean":
            given = post.get(path)
            if given in ("yes", "no", "on"):  # one left open is asked again, never read as no
                yield f.name, given in ("yes", "on")
        else:
            given = post.get(path)
            if f.kind == "file" and keep is not None and hasattr(given, "file"):
                yield f.name, keep(given.file)  # type: ignore[union-attr]
            elif isinstance(given, str) and given.strip():
                value = _read(f, given.strip(), path, problems)
                if value is not None:
                    yield f.name, value


def _read(f: Field, text: str, path: str, problems: list[Problem]) -> object:
    match f.kind:
        case "money":
            try:
                return fen_from_yuan(text)
            except Refused:
                problems.append(Problem("form.not_amount", path))
                return None
        case "integer":
            if not re.fullmatch(r"-?[0-9]{1,18}", text):
                problems.append(Problem("field.not_integer", path))
                return None
            return int(text)
        case "instant":
            return text if re.search(r"(Z|[+-]\d\d:\d\d)$", text) else text + "+08:00"
        case "list":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "map":
            pairs = (line.partition("=") for line in text.splitlines() if line.strip())
            return {name.strip(): _scalar(value.strip()) for name, _, value in pairs}
    return text.replace("\r\n", "\n")


def _scalar(text: str) -> object:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else {"true": True, "false": False}.get(text, text)


def _scalar_text(value: object) -> str:
    if isinstance(value, str):
        return value if _scalar(value) == value else f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _renumbered(fields: Sequence[Field], post: Mapping[str, Any], prefix: str) -> Mapping[str, Any]:
    """The same rows counted from 0 without gaps, so that a problem's path names the row it is shown in."""
    for f in fields:
        path = prefix + f.name
        if f.kind == "object":
            post = _renumbered(f.fields, post, path + ".")
        elif f.kind == "list" and f.fields:
            for new, old in enumerate(_indexes(post, path)):
                if new != old:
                    post = {re.sub(rf"^{re.escape(path)}\.{old}\.", f"{path}.{new}.", k): v for k, v in post.items()}
    return post


def _indexes(post: Mapping[str, Any], path: str) -> list[int]:
    """Row numbers under which something was typed."""
    found = (re.match(re.escape(path) + r"\.([0-9]{1,4})\.", key) for key, value in post.items() if value not in ("", None))
    return sorted({int(m[1]) for m in found if m})


def _typed(fields: Sequence[Field], data: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    """Known data as the texts somebody would have typed."""
    for f in fields:
        value, path = data.get(f.name), prefix + f.name
        if value is None:
            continue
        match f.kind, value:
            case "object", Mapping():
                yield from _typed(f.fields, value, path + ".")
            case "list", [*items] if f.fields:
                for i, item in enumerate(items):
                    yield from _typed(f.fields, item, f"{path}.{i}.")
            case "list", [*items]:
                yield path, "\n".join(map(str, items))
            case "map", Mapping():
                yield path, "\n".join(f"{k} = {_scalar_text(v)}" for k, v in value.items())
            case "money", int():
                yield path, yuan_text(value)
            case "boolean", bool():
                yield path, "yes" if value else "no"
            case "instant", str():
                yield path, instant_from(value).astimezone(CST).strftime("%Y-%m-%dT%H:%M")
            case _:
                yield path, str(value)


def _paths(fields: Sequence[Field], prefix: str, form: Form) -> Iterator[str]:
    for f in fields:
        yield prefix + f.name
        if f.kind == "object":
            yield from _paths(f.fields, f"{prefix}{f.name}.", form)
        elif f.kind == "list" and f.fields:
            for i in range(form.rows(prefix + f.name)):
                yield from _paths(f.fields, f"{prefix}{f.name}.{i}.", form)
