"""Where an evaluation stands: motions, questions, corrections, locked scores, the result. The part shared by its three stages.

Every member scores alone; nobody sees another's scores before locking their own. Figures are those of `domain.evaluation`, the same
that anyone can run with ``gongxin evaluate``.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ..errors import Problem, Refused
from ..evaluation.arithmetic import Arithmetic
from ..evaluation.bids import AMOUNT_MAX_FEN, BID_FIELDS, bid_from, check_bids, priced
from ..evaluation.numbers import problems_of
from ..evaluation.reading import CASE_FORMAT
from ..evaluation.rejection import majority
from ..evaluation.rules import Rules, rules_from
from ..events import Recorded
from ..lot import Lot
from ..stages.candidates import Candidate
from ..stages.draws import PARAMETER, Draws
from ..trade import Facts
from .committee import Committee, Seat
from .doubts import Doubt, doubts
from .extending import Validity
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
class Resolution:
    """A matter on which the committee votes. about: the act that proposed it; data: its form; votes by seat; outcome: ``carried`` or
    ``dropped``, empty while it is open."""

    number: int
    about: str
    data: Mapping[str, Any]
    votes: Mapping[str, bool] = field(default_factory=dict)
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Where the evaluation stands. entries: bid to seat to points; comments alike.

    corrections: answers of bidders to arithmetic corrections. adjustments: amounts in fen that the lowest evaluated price adds.
    fixed: seats whose scores stand since the technical result was closed. result, candidates, signatures: see `unsettled`."""

    motions: tuple[Motion, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    adjustments: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    reviewed: bool = False
    entries: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tie_orders: tuple[Mapping[str, object], ...] = ()
    technical: bool = False
    fixed: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    signatures: Mapping[str, str] = field(default_factory=dict)
    round: int = 1


def unsettled(part: Evaluation) -> Evaluation:
    """The evaluation after something changed on which the result rests: it is summarised and signed anew [BLR 53]."""
    return replace(part, result={}, candidates=(), signatures={})


def rules_of(lot: Lot) -> Rules:
    """The evaluation rules that the tender document states."""
    return rules_from(cast("Mapping[str, Any]", lot.terms["evaluation"]))


def binding(lot: Lot) -> tuple[OpenedBid, ...]:
    """The bids that are evaluated: opened, not revoked, and not taken out by refusing to be bound longer [B-05, B-09]."""
    left = lot.part(Validity).left
    return tuple(b for b in lot.part(Opening).valid() if b.bid not in left)


def in_play(lot: Lot) -> tuple[OpenedBid, ...]:
    """The bids still evaluated: those that bind, and are not rejected by a majority."""
    members = len(lot.part(Committee).seats)
    out = {m.bid for m in lot.part(Evaluation).motions if majority(m.votes, members) == "rejected"}
    return tuple(b for b in binding(lot) if b.bid not in out)


def case_of(lot: Lot) -> dict[str, Any]:
    """The evaluation case of a lot as it stands: everything from which the result follows, without a member's name.

    Of a bid that was revoked, or refused to be bound longer, nothing is in it: as if it had not been made [B-05, B-09]."""
    part, drawn, bids, found = lot.part(Evaluation), lot.part(Draws).of(PARAMETER), {b.bid for b in binding(lot)}, doubts(lot)
    case: dict[str, Any] = {
        "format": CASE_FORMAT,
        "rules": lot.terms["evaluation"],
        "members": [str(n) for n in lot.part(Committee).numbers],
        "bids": [_bid(lot, b) | _doubted(found, b) for b in binding(lot)],
        "rejections": [_motion(m) for m in part.motions if m.bid in bids],
        "entries": [
            {"member": seat, "bid": bid, "points": dict(points)}
            for bid, by_seat in sorted(part.entries.items()) if bid in bids for seat, points in sorted(by_seat.items())
        ],
        "tie_decisions": [dict(t) for t in part.tie_orders if bids.issuperset(cast("Sequence[str]", t["order"]))],
    }  # fmt: skip
    if lot.terms.get("ceiling_fen") is not None:
        case["ceiling_fen"] = lot.terms["ceiling_fen"]
    if drawn is not None and drawn.value:
        case["drawn_value"] = drawn.value
    return case


STATED = ("words", "lines", "further_prices", "small_business")  # what a bid's form may say beside its price


def _bid(lot: Lot, bid: OpenedBid) -> dict[str, Any]:
    """A bid as the case takes it. What its form says in no readable way is left out, so that one bidder cannot stop the others: a price
    that is no amount, and everything beside the price when any of it is at fault."""
    part, form = lot.part(Evaluation), bid.form
    bare: dict[str, Any] = {"id": bid.bid, "bidder": bid.uscc}
    price = form.get("price_fen")
    if isinstance(price, int) and not isinstance(price, bool) and 1 <= price <= AMOUNT_MAX_FEN:
        bare["price_fen"] = price
    said = bare | {name: form[name] for name in STATED if name in form}
    if bid.bid in part.corrections:
        said["correction"] = part.corrections[bid.bid]
    if bid.bid in part.adjustments:
        said["adjustments"] = [{"id": k, "amount_fen": v} for k, v in sorted(part.adjustments[bid.bid].items())]
    return bare if _form_problems(lot, said) else said


def _doubted(found: Sequence[Doubt], bid: OpenedBid) -> dict[str, Any]:
    """What was found against a bid, as grounds and facts."""
    facts = sorted({(d.ground, d.problem.code) for d in found if d.bid == bid.bid})
    return {"doubts": [{"ground": ground, "fact": fact} for ground, fact in facts]} if facts else {}


def _form_problems(lot: Lot, said: Mapping[str, Any]) -> list[Problem]:
    found = problems_of(BID_FIELDS, said)
    if said.get("price_fen") == "":  # a field left empty is no fault of a form, but no price either
        found.append(Problem("field.not_integer", "price_fen"))
    return found or list(check_bids([said], rules_of(lot)))


def form_problems(lot: Lot, bid: OpenedBid) -> list[Problem]:
    """What is unreadable in a bid's form: for the committee, which decides what follows from it [RJ-6]."""
    said = {"id": bid.bid, "bidder": bid.uscc, **{name: bid.form[name] for name in ("price_fen", *STATED) if name in bid.form}}
    return _form_problems(lot, said)


def _motion(m: Motion) -> dict[str, Any]:
    said: dict[str, Any] = {"bid": m.bid, "ground": m.ground, "stage": m.stage, "clause": m.clause, "evidence": m.evidence,
                            "votes": dict(m.votes)}  # fmt: skip
    return {**said, "basis": m.basis} if m.basis else said


def arithmetic_of(lot: Lot, bid: str) -> Arithmetic | None:
    """The corrections that a bid's own figures call for, None while its price is sealed or where it is no amount."""
    said = _bid(lot, lot.part(Opening).bids[bid])
    return bid_from(said, rules_of(lot)).arithmetic if priced(said) else None


def seat_of(lot: Lot, facts: Facts) -> Seat:
    """The seat of whoever gives the command. Refused when they have none."""
    seat = lot.part(Committee).seat_of(str(facts["holder"]))
    if seat is None:
        raise Refused(Problem("committee.not_seated"))
    if lot.part(Committee).forming:
        raise Refused(Problem("committee.not_begun"))
    return seat


def chair_problems(lot: Lot, facts: Facts) -> Iterator[Problem]:
    """What only the chair may do."""
    if seat_of(lot, facts).number != lot.part(Committee).chair:
        yield Problem("committee.chair_only")


def known_bid(lot: Lot, bid: str) -> Iterator[Problem]:
    """A bid that is not evaluated (any more)."""
    if bid not in {b.bid for b in in_play(lot)}:
        yield Problem("evaluation.bid_not_in_play", "bid", {"bid": bid})


def private(r: Recorded) -> Mapping[str, Any]:
    """The private part of an event, empty when it is not there."""
    return cast("Mapping[str, Any]", r.private or {})
