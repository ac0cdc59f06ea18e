"""The parameter K of the price formula, drawn at the opening [02 §2.7.2 Random K].

Both parties' parts give it by arithmetic that anyone can repeat. Where the host's part is not handed in when its time is over,
representatives of the bidders draw it publicly by hand from the same candidates. That draw rests on its record, so nobody may gain by it:
only a party whose own part is there records it, the signed record is a file of that party, and it takes effect by a second act of the
supervisor, given by somebody else. While the supervisor owes its part there is no such draw.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..draw import parameter_index
from ..errors import Problem, Refused, refuse_if
from ..events import Event, Json, Recorded, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, TradeType
from .announcing import CLOCK, REASON
from .bidding import Closing
from .draws import PARAMETER, PARTIES, Draw, Draws, HandDraw, k_candidates
from .opening import Opening, stages_at_opening
from .trustees import SUPERVISOR, trustee_of

PART_WITHIN = timedelta(hours=2)
"""From the opening of the last envelope that precedes the draw of K. No law has such a period: after it the record says who is awaited,
and K may be drawn by hand."""
BY_HAND = "public_draw"
SUPERVISORS = frozenset({Role.SUPERVISOR})
WITNESSES_MIN, WITNESSES_MAX = 2, 20


def k_draw(lot: Lot) -> Draw:
    """The draw of K as it stands."""
    return lot.part(Draws).of(PARAMETER) or Draw(PARAMETER)


def out_of_reach(lot: Lot) -> tuple[str, ...]:
    """The parties whose part was not there when its time was over, promised or not, as the record says, and has not come since."""
    draw = k_draw(lot)
    return tuple(p for p in draw.overdue if p not in draw.parts)


def drawn_by_hand(lot: Lot) -> bool:
    """Whether a public draw of K may be recorded now."""
    draw = k_draw(lot)
    return not draw.drawn and draw.by_hand is None and SUPERVISOR in draw.parts and bool(out_of_reach(lot)) and not list(not_yet(lot))


def not_yet(lot: Lot) -> Iterator[Problem]:
    """Why K is not to be drawn now, by whatever means."""
    opened = all(s in lot.part(Opening).stages for s in stages_at_opening(lot))
    if lot.status != "OPENING" or not opened:
        yield Problem("draw.before_opening", rule="02 §2.7.2")
    if not k_candidates(lot):
        yield Problem("draw.no_candidates", rule="02 §2.7.2")


def by_arithmetic(lot: Lot, draw: Draw) -> Event:
    """K, from a seed nobody could choose and bids nobody could know."""
    candidates, time, root = k_candidates(lot), instant_text(lot.schedule["bid_deadline"]), lot.part(Closing).bid_root
    index = parameter_index(draw.seed, lot.id, lot.attempt, time, root, len(candidates))
    parts = [{"party": p, "part": draw.parts[p]} for p in draw.commitments]
    return Event("parameter_drawn", {"draw": PARAMETER, "name": "k", "candidates": list(candidates), "opening_time": time,
                                     "bid_root": root, "parts": parts, "index": index, "value": candidates[index]})  # fmt: skip


# ------------------------------------------------------------------ decisions

def _draw_by_hand(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Record the public draw: what came out, who drew, who saw it, and the record they signed. Only where another's part fails."""
    data, candidates, missing = command.data, k_candidates(lot), out_of_reach(lot)
    party = trustee_of(lot, command.actor) or ""
    refuse_if([*_hand_problems(lot, party, missing), *_record_problems(lot, data, candidates)])
    said = {name: data[name] for name in ("value", "drawn_by", "record", "reason")}
    return [Event("hand_draw_recorded", {
        "draw": PARAMETER, "name": "k", "way": BY_HAND, "candidates": list(candidates), "index": candidates.index(str(data["value"])),
        "missing": list(missing), "party": party, "witnesses": list(cast("Sequence[str]", data["witnesses"])), **said,
    })]  # fmt: skip


def _hand_problems(lot: Lot, party: str, missing: Sequence[str]) -> Iterator[Problem]:
    draw = k_draw(lot)
    yield from not_yet(lot)
    if draw.drawn:
        yield Problem("draw.drawn_before", rule="02 §2.7.2")
    elif draw.by_hand is not None:
        yield Problem("draw.recorded_by_hand", rule="02 §2.7.2")
    elif not missing:
        yield Problem("draw.parts_first", params={"hours": PART_WITHIN // timedelta(hours=1)}, rule="02 §2.7.2")
    elif party not in draw.parts:
        yield Problem("draw.own_part_first", rule="02 §2.7.2")


def _record_problems(lot: Lot, data: Json, candidates: Sequence[str]) -> Iterator[Problem]:
    witnesses = cast("Sequence[str]", data["witnesses"])
    if data["value"] not in candidates:
        yield Problem("draw.not_a_candidate", "value", {"candidates": ", ".join(candidates)}, "02 §2.7.2")
    if data["drawn_by"] not in {b.name for b in lot.part(Opening).bids.values() if b.name}:
        yield Problem("draw.not_a_bidder", "drawn_by", rule="02 §2.7.2")
    if len({*witnesses} - {data["drawn_by"]}) < WITNESSES_MIN:
        yield Problem("draw.witnesses", "witnesses", {"minimum": WITNESSES_MIN}, "02 §2.7.2")


def _check_hand_draw(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The supervisor looks at the record a second time: with its consent K is drawn, without it the record falls and says why."""
    hand, agrees = k_draw(lot).by_hand, bool(command.data["confirms"])
    if hand is None:
        raise Refused(Problem("draw.nothing_recorded", rule="02 §2.7.2"))
    problems = []
    if command.actor.person == hand.person:
        problems.append(Problem("draw.second_person", rule="02 §2.7.2"))
    if not agrees and not command.data.get("reason"):
        problems.append(Problem("field.required", "reason", rule="02 §2.7.2"))
    refuse_if(problems)
    checked = Event("hand_draw_checked", {"draw": PARAMETER, "agrees": agrees, "record": hand.said["record"],
                                          "reason": command.data.get("reason", "")})  # fmt: skip
    return [checked, Event("parameter_drawn", dict(hand.said))] if agrees else [checked]


def _note_overdue(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Say in the record on whom the opening waits: they can still hand in, or K is drawn by hand."""
    draw = k_draw(lot)
    return [Event("draw_part_overdue", {"draw": PARAMETER, "parties": [p for p in PARTIES[PARAMETER] if p not in draw.parts]})]


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


def _recorded(lot: Lot, r: Recorded) -> Lot:
    said = {k: v for k, v in r.public.items() if k != "by"}
    hand = HandDraw(said, str((r.private or {}).get("person", "")))
    return lot.with_part(lot.part(Draws).set(PARAMETER, replace(k_draw(lot), by_hand=hand)))


def _checked(lot: Lot, r: Recorded) -> Lot:
    draw = k_draw(lot)
    return lot.with_part(lot.part(Draws).set(PARAMETER, draw if r.public["agrees"] else replace(draw, by_hand=None)))


EVOLVE = {"parameter_drawn": _drawn, "draw_part_overdue": _overdue, "hand_draw_recorded": _recorded, "hand_draw_checked": _checked}

ACTS = (
    Act("note_overdue_parts", "draw_part_overdue", CLOCK, _note_overdue, due=parts_over, rule="02 §2.7.2"),
    Act("draw_by_hand", "hand_draw_recorded", SUPERVISORS, _draw_by_hand, (
        Field("value", "decimal"), Field("drawn_by", maximum=200), Field("witnesses", "list", minimum=1, maximum=WITNESSES_MAX),
        Field("record", "file"), REASON), irrevocable=True, rule="02 §2.7.2"),
    Act("check_hand_draw", "hand_draw_checked", SUPERVISORS, _check_hand_draw, (
        Field("confirms", "boolean"), Field("reason", "long_text", required=False, maximum=4000)), irrevocable=True, rule="02 §2.7.2"),
)  # fmt: skip
