"""Sheets: papers that a trade type declares, their lines told as the pages tell them."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ...domain.deadlines import clock_text
from ...domain.events import instant_from
from ...domain.fields import Field
from ...domain.identity import Role
from ...domain.money import daxie, yuan_text
from ...domain.paper import PaperForm, Section
from ...domain.stages.award import award_of
from .paper import Data, Paper, contacts, supervisor

PARTIES = ("principal", "agency", "centre", "supervisor")


def sheet(p: Paper, form: PaperForm) -> Data:
    """The data of a declared paper."""
    values = _values(p)
    return {
        "title": p.say(form.title), "sections": [_section(p, s, values) for s in form.sections], "contacts": contacts(p),
        "supervisor": supervisor(p),
    }  # fmt: skip


def _section(p: Paper, section: Section, values: Mapping[str, object]) -> Data:
    fields = {f.name: f for f in p.trade.form}
    rows = [row for name in section.lines if name in values for row in _rows(p, fields.get(name, Field(name)), values[name])]
    figures = {name: _text(p, fields.get(name, Field(name)), value) for name, value in values.items()}
    text = p.say(section.text, **figures) if section.text else ""
    heading = p.say(section.heading) if section.heading else ""
    return {"rows": rows, **({"heading": heading} if heading else {}), **({"text": text} if text else {})}


def _values(p: Paper) -> dict[str, object]:
    """Everything a line may name, what happened before what was planned."""
    found: dict[str, object] = {**p.lot.terms, **p.lot.schedule}
    found |= {role: name for role in PARTIES if (name := p.name(Role(role).value))}
    winner = award_of(p.lot).standing
    if winner is not None:
        found |= {"winner": winner.bidder, "winner_uscc": winner.uscc, "price": winner.price_fen, "paddle": winner.bid}
    found |= {"lot": p.lot.id, "at": p.source.at}
    return {name: value for name, value in {**found, **p.public}.items() if value not in (None, "", [], {})}


def _rows(p: Paper, field: Field, value: object, above: str = "") -> Iterator[Data]:
    """A line, or one for each part of an object."""
    label = above + _label(p, field.name)
    if isinstance(value, Mapping):
        for f in field.fields or tuple(Field(name) for name in value):
            if value.get(f.name) not in (None, "", [], {}):
                yield from _rows(p, f, value[f.name])
    else:
        yield {"name": label, "value": _text(p, field, value)}


def _label(p: Paper, name: str) -> str:
    known = p.unit.platform.catalogue
    return next((p.say(key) for key in (f"paper.line.{name}", f"field.{name}", f"point.{name}") if known.has(key)), name)


def _text(p: Paper, field: Field, value: object) -> str:
    """A value as people read it; amounts in figures and words."""
    known = p.unit.platform.catalogue
    if isinstance(value, bool):
        return p.say("paper.yes" if value else "paper.no")
    if isinstance(value, int) and (field.name.endswith("_fen") or field.name == "price"):
        return p.say("paper.amount", figures=yuan_text(value), words=daxie(value))
    if field.kind == "instant" and isinstance(value, str):
        return clock_text(instant_from(value))
    if hasattr(value, "isoformat"):
        return clock_text(value)  # type: ignore[arg-type]
    if isinstance(value, Mapping):
        return "；".join(f"{_label(p, str(k))}：{_text(p, Field(str(k)), v)}" for k, v in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "；".join(_text(p, Field("", fields=field.fields), v) for v in cast("Sequence[object]", value))
    key = f"choice.{field.name}.{value}"
    return p.say(key) if known.has(key) else str(value)
