"""A public draw among those who registered: the list is closed, the parts make the seed, everybody's place follows [07 §7.4 SEL-1].

The parts are committed to before anybody can register, and the list is closed before one is handed in: who knows a part cannot choose
numbers, and who registers cannot know the seed. All places are drawn at once, so the next in the order steps in without another draw.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..draw import order, pool_hash, row_prefix
from ..errors import Problem
from ..events import Event, Recorded
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from . import lifecycle
from .announcing import CLOCK
from .award import Award, Recommended, recommend
from .candidates import Candidate, read, stated
from .drawing import DrawKind, draw_of
from .draws import LOTS, OWNERS, Draw, Draws, unpromised
from .registering import Applicant, Registration

PART_WITHIN = timedelta(hours=2)  # from the closing of the list; then the record says who is awaited, and the reserve may be handed in
ROW = "lots"


def pool(lot: Lot) -> tuple[str, ...]:
    """Numbers of the applications among which is drawn."""
    return tuple(str(a.number) for a in sorted(lot.part(Registration).admitted(), key=lambda a: a.number))


def promised(lot: Lot) -> Iterator[Problem]:
    """Why nobody can register yet: a part that nobody has committed to."""
    if missing := unpromised(lot, LOTS):
        yield Problem("draw.not_promised", params={"parties": ", ".join(missing)})


def _against_commitment(lot: Lot) -> Iterator[Problem]:
    if lot.part(Registration).applicants:
        yield Problem("draw.too_late", "draw", {"draw": LOTS})


def _against_part(lot: Lot, draw: Draw, party: str) -> Iterator[Problem]:
    if lot.status != "SELECTING":
        yield Problem("draw.pool_not_frozen")
    if party not in OWNERS[LOTS] and not draw.overdue:  # or it would choose between two results
        yield Problem("draw.reserve_waits", "part", {"hours": PART_WITHIN // timedelta(hours=1)})


def _drawn(lot: Lot, draw: Draw) -> list[Event]:
    """The order of all, and with it who is selected."""
    placed = order(draw.seed, row_prefix(lot.id, lot.attempt, ROW), pool(lot))
    candidates = [_candidate(lot, rank, number) for rank, number in enumerate(placed, 1)]
    said = [stated(c) for c in candidates]
    return [
        Event("lots_drawn", {"draw": LOTS, "pool_hash": pool_hash(pool(lot)), "order": placed, "parts": draw.said}),
        Event("selected", {k: said[0][k] for k in ("bid", "bidder", "uscc", "price_fen", "form")}, {"candidates": said}),
    ]


def _candidate(lot: Lot, rank: int, number: str) -> Candidate:
    a = cast("Applicant", lot.part(Registration).numbered(int(number)))
    return Candidate(rank, number, a.name, a.uscc, cast("int", lot.terms["price_fen"]), "", {}, a.members)


def _start(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The list is closed and known to everybody; with fewer than the notice asks for there is nothing to draw."""
    numbers, least = pool(lot), cast("int", lot.terms["applicants_min"])
    if len(numbers) < least:
        return [Event("failed", {"reason": "F-08", "count": len(numbers), "minimum": least})]
    return [Event("selection_started", {"numbers": list(numbers), "pool_hash": pool_hash(numbers)})]


def _start_due(trade: TradeType, lot: Lot) -> datetime | None:
    return lot.history.get("registration_closed") if lot.part(Registration).closed and lot.status == "ANNOUNCED" else None


def _note_overdue(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    parts = draw_of(lot, LOTS).parts
    return [Event("draw_part_overdue", {"draw": LOTS, "parties": [p for p in OWNERS[LOTS] if p not in parts]})]


def _parts_over(trade: TradeType, lot: Lot) -> datetime | None:
    begun, draw = lot.history.get("selection_started"), draw_of(lot, LOTS)
    if begun is None or draw.drawn or draw.overdue or lot.status != "SELECTING":
        return None
    return max(begun, lot.history.get("resumed", begun)) + PART_WITHIN


# ------------------------------------------------------------------ what events mean

def _set(lot: Lot, draw: Draw) -> Lot:
    return lot.with_part(lot.part(Draws).set(LOTS, draw))


def _lots_drawn(lot: Lot, r: Recorded) -> Lot:
    return _set(lot, replace(draw_of(lot, LOTS), drawn=True, moved_at=r.at))


def _overdue(lot: Lot, r: Recorded) -> Lot:
    return _set(lot, replace(draw_of(lot, LOTS), overdue=tuple(cast("Sequence[str]", r.public["parties"]))))


def _selected(lot: Lot, r: Recorded) -> Lot:
    found = [read(c) for c in cast("Sequence[Mapping[str, object]]", (r.private or {}).get("candidates", ()))]
    done = recommend(lot, found).with_part(Award(tuple(found), winner=str(r.public["bid"]), decided_at=r.at))
    return done.with_schedule(deal=r.at, award_decided=r.at)


KIND = DrawKind(LOTS, _against_commitment, _against_part, _drawn)
EVOLVE = {"lots_drawn": _lots_drawn, "draw_part_overdue": _overdue, "selected": _selected}
ACTS = (
    Act("start_selection", "selection_started", CLOCK, _start, due=_start_due, rule="07 §7.4"),
    Act("note_overdue_lots", "draw_part_overdue", CLOCK, _note_overdue, due=_parts_over, rule="07 §7.4"),
)
STAGE = Stage(lifecycle.LOTS, ACTS, EVOLVE, (Draws, Recommended, Award))
