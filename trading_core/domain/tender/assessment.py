"""Where an evaluation stands: motions, questions, corrections, locked scores, the result. The part shared by its three stages.

Every member scores alone; nobody sees another's scores before locking their own. Figures are those of `domain.evaluation`, the same
that anyone can run with ``gongxin evaluate``.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ..errors import Problem, Refused
from ..evaluation.arithmetic import Arithmetic
from ..evaluation.bids import bid_from
from ..evaluation.reading import CASE_FORMAT
from ..evaluation.rejection import majority
from ..evaluation.rules import Rules, rules_from
from ..events import Recorded
from ..lot import Lot
from ..trade import Facts
from .candidates import Candidate
from .committee import Committee, Seat
from .drawing import PARAMETER, Draws
from .opening import OpenedBid, Opening


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion to reject a bid with its ground, the clause of the document, the evidence, and the votes by seat."""

    number: int
    bid: str
    ground: str
    basis: str
    stage: str
    clause: str
    evidence: str
    votes: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clarification:
    """A written question of the committee to one bidder, who sees only its own [BLR 52]."""

    number: int
    bid: str
    text: str
    deadline: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Where the evaluation stands. entries: bid to seat to points; comments alike. void: seats whose holder left."""

    motions: tuple[Motion, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    reviewed: bool = False
    entries: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tie_orders: tuple[Mapping[str, object], ...] = ()
    technical: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    signatures: Mapping[str, str] = field(default_factory=dict)
    round: int = 1


def rules_of(lot: Lot) -> Rules:
    """The evaluation rules that the tender document states."""
    return rules_from(cast("Mapping[str, Any]", lot.terms["evaluation"]))


def in_play(lot: Lot) -> tuple[OpenedBid, ...]:
    """The bids still evaluated: opened, and not rejected by a majority."""
    members = len(lot.part(Committee).seats)
    out = {m.bid for m in lot.part(Evaluation).motions if majority(m.votes, members) == "rejected"}
    return tuple(b for b in lot.part(Opening).valid() if b.bid not in out)


def case_of(lot: Lot) -> dict[str, Any]:
    """The evaluation case of a lot as it stands: everything from which the result follows, without a member's name."""
    part, drawn = lot.part(Evaluation), lot.part(Draws).of(PARAMETER)
    case: dict[str, Any] = {
        "format": CASE_FORMAT,
        "rules": lot.terms["evaluation"],
        "members": [str(n) for n in lot.part(Committee).numbers],
        "bids": [_bid(b, part) for b in lot.part(Opening).valid()],
        "rejections": [_motion(m) for m in part.motions],
        "entries": [
            {"member": seat, "bid": bid, "points": dict(points)}
            for bid, by_seat in sorted(part.entries.items()) for seat, points in sorted(by_seat.items())
        ],
        "tie_decisions": [dict(t) for t in part.tie_orders],
    }  # fmt: skip
    if lot.terms.get("ceiling_fen") is not None:
        case["ceiling_fen"] = lot.terms["ceiling_fen"]
    if drawn is not None and drawn.value:
        case["drawn_value"] = drawn.value
    return case


def _bid(bid: OpenedBid, part: Evaluation) -> dict[str, Any]:
    form = bid.form
    said: dict[str, Any] = {"id": bid.bid, "price_fen": form.get("price_fen"), "bidder": bid.uscc}
    said |= {name: form[name] for name in ("words", "lines") if name in form}
    if bid.bid in part.corrections:
        said["correction"] = part.corrections[bid.bid]
    return said


def _motion(m: Motion) -> dict[str, Any]:
    said: dict[str, Any] = {"bid": m.bid, "ground": m.ground, "stage": m.stage, "clause": m.clause, "evidence": m.evidence,
                            "votes": dict(m.votes)}  # fmt: skip
    return {**said, "basis": m.basis} if m.basis else said


def arithmetic_of(lot: Lot, bid: str) -> Arithmetic | None:
    """The corrections that a bid's own figures call for, None while its price is sealed."""
    opened = lot.part(Opening).bids[bid]
    if opened.form.get("price_fen") is None:
        return None
    return bid_from(_bid(opened, lot.part(Evaluation)), rules_of(lot)).arithmetic


def seat_of(lot: Lot, facts: Facts) -> Seat:
    """The seat of whoever gives the command. Refused when they have none."""
    seat = lot.part(Committee).seat_of(str(facts["holder"]))
    if seat is None:
        raise Refused(Problem("committee.not_seated"))
    return seat


def chair_problems(lot: Lot, facts: Facts) -> Iterator[Problem]:
    """What only the chair may do."""
    if seat_of(lot, facts).number != lot.part(Committee).chair:
        yield Problem("committee.chair_only", rule="E-C7")


def known_bid(lot: Lot, bid: str) -> Iterator[Problem]:
    """A bid that is not evaluated (any more)."""
    if bid not in {b.bid for b in in_play(lot)}:
        yield Problem("evaluation.bid_not_in_play", "bid", {"bid": bid})


def private(r: Recorded) -> Mapping[str, Any]:
    """The private part of an event, empty when it is not there."""
    return cast("Mapping[str, Any]", r.private or {})
