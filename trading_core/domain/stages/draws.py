"""The state of a lot's draws: who makes each, what the parties promised, and what is known of it so far [08 §8.6, 02 §2.7.2]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from ..draw import combine
from ..lot import Lot
from .offices import CENTRE, HOST, SUPERVISOR

EXPERTS, PARAMETER, LOTS = "experts", "parameter", "lots"
OWNERS: Mapping[str, tuple[str, ...]] = {EXPERTS: (HOST, CENTRE), PARAMETER: (HOST, SUPERVISOR), LOTS: (HOST, SUPERVISOR)}
"""Whose parts make the seed of a draw."""
RESERVE = CENTRE
"""Whose part counts in the draw of a parameter, or by lot, in place of one that is overdue."""
PARTIES: Mapping[str, tuple[str, ...]] = {**OWNERS, **{name: (*OWNERS[name], RESERVE) for name in (PARAMETER, LOTS)}}
"""Who commits to a part of a draw."""


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A frozen row: who may be drawn for a specialty, and how many are wanted."""

    id: str
    specialty: str
    count: int
    substitutes: int
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw. commitments and parts in the order in which the parties committed; answers by expert number; left: who gave up a place,
    in that order. overdue: the parties of
    whom the record says that they have not handed in their parts in time."""

    kind: str
    commitments: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[PoolRow, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    moved_at: datetime | None = None
    drawn: bool = False
    value: str = ""
    overdue: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether as many parts are in as the draw has owners: a reserve comes in only for one of them."""
        return len(self.parts) == len(OWNERS[self.kind])

    @property
    def said(self) -> list[dict[str, str]]:
        """The parts as they are told, in the order of their commitments."""
        return [{"party": p, "part": self.parts[p]} for p in self.commitments if p in self.parts]

    @property
    def seed(self) -> bytes:
        """The seed, once the draw is complete. ValueError before."""
        return combine([bytes.fromhex(p["part"]) for p in self.said])


@dataclass(frozen=True, slots=True)
class Draws:
    """All draws of a lot by name: ``experts``, ``parameter`` and ``lots``."""

    by_name: Mapping[str, Draw] = field(default_factory=dict)

    def of(self, name: str) -> Draw | None:
        return self.by_name.get(name)

    def set(self, name: str, draw: Draw) -> Draws:
        return replace(self, by_name={**self.by_name, name: draw})


def k_candidates(lot: Lot) -> tuple[str, ...]:
    """Published candidates of the parameter K; empty when none is drawn."""
    evaluation = cast("Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]", lot.terms.get("evaluation") or {})
    drawn = (evaluation.get("price") or {}).get("drawn") or {}
    return tuple(drawn.get("candidates") or ())


def unpromised(lot: Lot, name: str) -> tuple[str, ...]:
    """The parties that have not committed to their part of the draw yet; nobody has to where K is not drawn."""
    draw = lot.part(Draws).of(name) or Draw(name)
    wanted = PARTIES[name] if name != PARAMETER or k_candidates(lot) else ()
    return tuple(p for p in wanted if p not in draw.commitments)
