"""Resolutions: what a committee does besides rejecting and scoring it does by majority, never by one member [02 §2.6, §2.7.1, F-02].

A member proposes, the members vote, and with the vote that makes more than half of the whole committee the matter takes effect.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..evaluation.rejection import majority
from ..events import Event, Recorded, instant_from
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import Evaluation, Resolution, in_play, known_bid, private, rules_of, seat_of
from .committee import HOLDER, MEMBERS
from .committee import problems as committee_problems
from .reviewing import BID

RESOLUTIONS_MAX = 500
CLARIFICATION, ADJUSTMENT, FAILURE = "request_clarification", "adjust_price", "recommend_failure"
DEFECT = "find_document_defective"


def outcome(lot: Lot, votes: Mapping[str, bool]) -> str:
    """What these votes decide. They are counted against the committee as it has to be, also while a seat is empty."""
    return {"rejected": "carried", "kept": "dropped", "open": ""}[majority(votes, lot.term_int("committee_size"))]


# ------------------------------------------------------------------ decisions

def _propose(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Any member proposes; the proposer's own vote is not counted by itself."""
    seat_of(lot, facts)
    part, data = lot.part(Evaluation), command.data
    found = list(_problems(trade, lot, command.act, data, command))
    if len(part.resolutions) >= RESOLUTIONS_MAX:
        found.append(Problem("evaluation.too_many_motions", params={"maximum": RESOLUTIONS_MAX}))
    refuse_if(found)
    number = len(part.resolutions) + 1
    return [Event("resolution_proposed", {"number": number, "about": command.act}, {"number": number, "about": command.act, "data": data})]


def _vote(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A vote; the one by which it is carried also says what follows, if that is still possible."""
    seat, number, agree = seat_of(lot, facts), cast("int", command.data["number"]), bool(command.data["agree"])
    resolution = next((r for r in lot.part(Evaluation).resolutions if r.number == number), None)
    if resolution is None:
        raise Refused(Problem("evaluation.no_such_resolution", "number", {"number": number}))
    problems = []
    if str(seat.number) in resolution.votes:
        problems.append(Problem("evaluation.voted_before", "number"))
    if resolution.outcome:
        problems.append(Problem("evaluation.resolution_decided", "number", {"number": number}))
    refuse_if(problems)
    carried = outcome(lot, {**resolution.votes, str(seat.number): agree}) == "carried"
    if carried:
        refuse_if([*committee_problems(trade.committee, lot), *_problems(trade, lot, resolution.about, resolution.data, command)])
    voted = Event("resolution_voted", {"number": number, "seat": seat.number}, {"agree": agree})
    return [voted, _effect(lot, resolution)] if carried else [voted]


def _problems(trade: TradeType, lot: Lot, about: str, data: Mapping[str, object], command: Command) -> Iterator[Problem]:
    """Why the matter is not to be decided, when proposed and again when carried."""
    if about in (CLARIFICATION, ADJUSTMENT):
        yield from known_bid(lot, str(data["bid"]))
    if about == CLARIFICATION and instant_from(str(data["deadline"])) <= command.received_at:
        yield Problem("evaluation.answer_time_over", "deadline", {"deadline": data["deadline"]})
    if about == ADJUSTMENT:
        known = rules_of(lot).adjustments
        for i, amount in enumerate(cast("Sequence[Mapping[str, object]]", data["amounts"])):
            if amount["id"] not in known:
                yield Problem("evaluation.adjustment_unknown", f"amounts.{i}.id", {"id": amount["id"]}, "02 §2.7.1")
    left, code = len(in_play(lot)), data.get("code")
    if (code == "F-03" and left) or (code == "F-02" and left >= trade.min_bids):
        yield Problem("evaluation.bids_left", "code", {"count": left}, str(code))


def _effect(lot: Lot, resolution: Resolution) -> Event:
    data = resolution.data
    if resolution.about == CLARIFICATION:
        number = len(lot.part(Evaluation).clarifications) + 1
        return Event("clarification_requested", {"number": number}, {"number": number, **data})
    if resolution.about == ADJUSTMENT:
        amounts = {str(a["id"]): a["amount_fen"] for a in cast("Sequence[Mapping[str, object]]", data["amounts"])}
        return Event("price_adjusted", {}, {"bid": data["bid"], "amounts": amounts, "reason": data["reason"]})
    if resolution.about == DEFECT:
        return Event("document_defective", {"clause": data["clause"], "reason": data["reason"]})
    return Event("failed", {"reason": data["code"], "explanation": data["reason"], "count": len(in_play(lot))})


# ------------------------------------------------------------------ what events mean

def _proposed(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Evaluation), private(r)
    return lot.with_part(replace(part, resolutions=(*part.resolutions, Resolution(p["number"], p["about"], p["data"]))))


def _voted(lot: Lot, r: Recorded) -> Lot:
    part, vote = lot.part(Evaluation), {str(r.public["seat"]): bool(private(r)["agree"])}
    return lot.with_part(replace(part, resolutions=tuple(
        replace(x, votes={**x.votes, **vote}, outcome=outcome(lot, {**x.votes, **vote})) if x.number == r.public["number"] else x
        for x in part.resolutions
    )))  # fmt: skip


EVOLVE = {"resolution_proposed": _proposed, "resolution_voted": _voted}

ACTS = (
    Act(CLARIFICATION, "resolution_proposed", MEMBERS, _propose, (
        BID, Field("text", "long_text", maximum=4000), Field("deadline", "instant")), needs=HOLDER, rule="BLR 52"),
    Act(ADJUSTMENT, "resolution_proposed", MEMBERS, _propose, (
        BID, Field("amounts", "list", maximum=50, fields=(
            Field("id", maximum=64), Field("amount_fen", "integer", minimum=-(10**15), maximum=10**15))), Field("reason", "long_text")),
        needs=HOLDER, rule="02 §2.7.1"),
    Act(FAILURE, "resolution_proposed", MEMBERS, _propose, (
        Field("code", "choice", choices=("F-02", "F-03")), Field("reason", "long_text")), needs=HOLDER, rule="BL 42"),
    Act(DEFECT, "resolution_proposed", MEMBERS, _propose, (Field("clause"), Field("reason", "long_text")), needs=HOLDER,
        rule="01 §1.2.1"),
    Act("vote_resolution", "resolution_voted", MEMBERS, _vote, (Field("number", "integer", minimum=1), Field("agree", "boolean")),
        needs=HOLDER, rule="BLR 48"),
)  # fmt: skip
STAGE = Stage(lifecycle.RESOLUTIONS, ACTS, EVOLVE, ())
