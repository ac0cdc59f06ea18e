"""The lot (标段): the unit of state. What every trade shares of it; each mechanism keeps its own parts beside."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lot:
    """The folded state of one attempt at trading one lot.

    terms: what was announced, by field name of the trade type's forms (money in fen, decimals as text). schedule: instants by the
    names that periods use (``issue_start``, ``bid_deadline`` …), planned ones first, real ones once they happened.
    parties: role to organisation id. parts: state of the mechanisms, by part name (see `Part`). history: what happened when, by
    event type, the latest instant of each.
    """

    id: str
    trade: str = ""
    rules: str = ""
    attempt: int = 1
    previous: str = ""
    status: str = ""
    resume_to: str = ""
    suspended_at: datetime | None = None
    parties: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, object] = field(default_factory=dict)
    schedule: Mapping[str, datetime] = field(default_factory=dict)
    history: Mapping[str, datetime] = field(default_factory=dict)
    parts: Mapping[str, object] = field(default_factory=dict)

    def part(self, kind: type[T]) -> T:
        """The state of one mechanism, its empty state when it has none yet."""
        value = self.parts.get(part_name(kind))
        return value if isinstance(value, kind) else kind()

    def with_part(self, value: object) -> Lot:
        return replace(self, parts={**self.parts, part_name(type(value)): value})

    def with_schedule(self, **moments: datetime) -> Lot:
        return replace(self, schedule={**self.schedule, **moments})

    def term_int(self, name: str) -> int:
        """An integer term (money in fen, counts). KeyError when it was never stated."""
        value = self.terms[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} is not an integer")
        return value

    def term_text(self, name: str, default: str = "") -> str:
        value = self.terms.get(name, default)
        return value if isinstance(value, str) else str(value)


def part_name(kind: type[object]) -> str:
    """Parts are stored under the name of their class: one class, one part."""
    return kind.__name__
