"""Making foreign text fit a paper. What bidders and the public wrote stands in the record as it is; on paper it must never keep a
paper from being printed, nor take minutes to typeset.

Runs of blanks become one, of empty lines one; a text too long for its place is cut and ends in …; a character that the fonts lack
becomes 〓, the printer's mark for a missing sort; an amount that is none is left out where the kind allows it.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from ...domain.events import Json
from ...domain.fields import LONG_TEXT_MAX, MONEY_MAX_FEN, TEXT_MAX, UNSEEN, Field
from .fonts import Fonts

LACKING, CUT = "〓", "…"
LINES_MAX = 1_000
BLANKS = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r"\n(?: ?\n)+")


def fitted(fields: Sequence[Field], data: Json, fonts: Fonts) -> dict[str, object]:
    """The data as the paper can show them. What is missing or of a wrong kind is left as it is, for the check to name."""
    known = {f.name: f for f in fields}
    made = {name: _fitted(known[name], value, fonts) if name in known else value for name, value in data.items()}
    return {name: value for name, value in made.items() if value is not None or data[name] is None}


def _fitted(f: Field, value: object, fonts: Fonts) -> object:
    match f.kind, value:
        case "text" | "long_text", str():
            return _text(f, value, fonts)
        case "object", Mapping():
            return fitted(f.fields, cast("Json", value), fonts)
        case "list", [*items]:
            item = Field(f.name, "object", fields=f.fields) if f.fields else Field(f.name, "long_text")
            return [_fitted(item, i, fonts) for i in items]
        case "money" | "integer", _ if not f.required and not _is_amount(f, value):
            return None
    return value


def _text(f: Field, text: str, fonts: Fonts) -> str:
    text = BLANKS.sub(" ", UNSEEN.sub(LACKING, text.replace("\r\n", "\n")))
    text = (EMPTY_LINES.sub("\n\n", text) if f.kind == "long_text" else " ".join(text.split())).strip()
    for c in fonts.missing_characters(text):
        text = text.replace(c, LACKING)
    lines = text.split("\n")
    if len(lines) > LINES_MAX:
        text = "\n".join([*lines[: LINES_MAX - 1], CUT])
    limit = f.maximum or (LONG_TEXT_MAX if f.kind == "long_text" else TEXT_MAX)
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def _is_amount(f: Field, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    return f.kind != "money" or (f.minimum or 0) <= value <= (f.maximum or MONEY_MAX_FEN)
