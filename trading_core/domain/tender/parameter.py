"""The parameter K of the price formula, drawn at the opening [02 §2.7.2 Random K].

Host and supervisor make the seed. The centre has committed to a reserve before the deadline: once the record says that a part of theirs
is overdue, the reserve counts in its place, and K follows from it and the part that is there. Whoever keeps its part back, by accident or
on purpose, cannot know what comes out instead, and nobody's word or hand decides.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..draw import parameter_index
from ..errors import Problem
from ..events import Event, Recorded, instant_text
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK
from ..stages.drawing import DrawKind
from ..stages.draws import OWNERS, PARAMETER, PARTIES, Draw, Draws, k_candidates
from ..trade import Act, Command, Facts, Stage, TradeType
from .bidding import Closing
from .opening import Opening, stages_at_opening

PART_WITHIN = timedelta(hours=2)
"""From the opening of the last envelope that precedes the draw of K. No law has such a period: after it the record says who is awaited,
and the reserve may be handed in."""


def k_draw(lot: Lot) -> Draw:
    """The draw of K as it stands."""
    return lot.part(Draws).of(PARAMETER) or Draw(PARAMETER)


def not_yet(lot: Lot) -> Iterator[Problem]:
    """Why no part of K is to be handed in now."""
    opened = all(s in lot.part(Opening).stages for s in stages_at_opening(lot))
    if lot.status != "OPENING" or not opened:
        yield Problem("draw.before_opening", rule="02 §2.7.2")
    if not k_candidates(lot):
        yield Problem("draw.no_candidates", rule="02 §2.7.2")


def awaited(lot: Lot) -> tuple[str, ...]:
    """The parties whose part of K can be handed in now: the reserve only once the record says that another is overdue."""
    draw = k_draw(lot)
    if draw.drawn or list(not_yet(lot)):
        return ()
    return tuple(p for p in PARTIES[PARAMETER] if p not in draw.parts and (p in OWNERS[PARAMETER] or draw.overdue))


def parameter_drawn(lot: Lot, draw: Draw) -> Event:
    """K, from a seed nobody could choose and bids nobody could know."""
    candidates, time, root = k_candidates(lot), instant_text(lot.schedule["bid_deadline"]), lot.part(Closing).bid_root
    index = parameter_index(draw.seed, lot.id, lot.attempt, time, root, len(candidates))
    return Event("parameter_drawn", {"draw": PARAMETER, "name": "k", "candidates": list(candidates), "opening_time": time,
                                     "bid_root": root, "parts": draw.said, "index": index, "value": candidates[index]})  # fmt: skip


# ------------------------------------------------------------------ decisions

def _note_overdue(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Say in the record on whom the opening waits: they can still hand in, until the reserve has taken their place."""
    draw = k_draw(lot)
    return [Event("draw_part_overdue", {"draw": PARAMETER, "parties": [p for p in OWNERS[PARAMETER] if p not in draw.parts]})]


def parts_over(trade: TradeType, lot: Lot) -> datetime | None:
    """When the parties' time for K is over; None before it has begun, and once K is drawn or the record has named who is late."""
    draw, opened = k_draw(lot), lot.part(Opening).stages
    if not k_candidates(lot) or draw.drawn or draw.overdue or not all(s in opened for s in stages_at_opening(lot)):
        return None
    begin = max(opened[s] for s in stages_at_opening(lot))
    return max(begin, lot.history.get("resumed", begin)) + PART_WITHIN  # while the lot stood still nobody could hand in [T-12]


# ------------------------------------------------------------------ what events mean

def _drawn(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(lot.part(Draws).set(PARAMETER, replace(k_draw(lot), drawn=True, moved_at=r.at, value=str(r.public["value"]))))


def _overdue(lot: Lot, r: Recorded) -> Lot:
    late = tuple(cast("Sequence[str]", r.public["parties"]))
    return lot.with_part(lot.part(Draws).set(PARAMETER, replace(k_draw(lot), overdue=late)))


def _against_commitment(lot: Lot) -> Iterator[Problem]:
    if "closed" in lot.history:
        yield Problem("draw.too_late", "draw", {"draw": PARAMETER}, "02 §2.7.2")
    if not k_candidates(lot):
        yield Problem("draw.no_candidates", "draw", rule="02 §2.7.2")


def _against_part(lot: Lot, draw: Draw, party: str) -> Iterator[Problem]:
    yield from not_yet(lot)
    if party not in OWNERS[PARAMETER] and not draw.overdue:  # or it would choose between two results
        yield Problem("draw.reserve_waits", "part", {"hours": PART_WITHIN // timedelta(hours=1)}, "02 §2.7.2")


KIND = DrawKind(PARAMETER, _against_commitment, _against_part, lambda lot, draw: [parameter_drawn(lot, draw)])
EVOLVE = {"parameter_drawn": _drawn, "draw_part_overdue": _overdue}

ACTS = (Act("note_overdue_parts", "draw_part_overdue", CLOCK, _note_overdue, due=parts_over, rule="02 §2.7.2"),)
STAGE = Stage(lifecycle.PARAMETER, ACTS, EVOLVE, ())
