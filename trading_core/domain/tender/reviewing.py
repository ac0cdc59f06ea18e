"""Preliminary review: motions to reject with votes, answers of bidders, arithmetic corrections [02 §2.5, §2.6]."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..evaluation.rejection import ABOVE_CEILING, BELOW_COST, DETAILED, GROUNDS, PRELIMINARY, majority
from ..events import Event, Recorded, instant_from
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import (
    Clarification,
    Evaluation,
    Motion,
    arithmetic_of,
    binding,
    chair_problems,
    in_play,
    known_bid,
    private,
    seat_of,
    unsettled,
)
from .committee import HOLDER, MEMBERS, Committee
from .opening import BIDDER, Opening


def _propose(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Move to reject a bid on one of the closed grounds; the mover's own vote is not counted by itself [BLR 51]."""
    data, part = command.data, lot.part(Evaluation)
    seat_of(lot, facts)
    found = list(known_bid(lot, str(data["bid"])))
    if data["ground"] not in trade.rejection_grounds:
        found.append(Problem("evaluation.ground_not_in_law", "ground", {"ground": data["ground"]}))
    elif bool(GROUNDS[str(data["ground"])].bases) != bool(data.get("basis")):
        found.append(Problem("evaluation.ground_basis", "basis", {"ground": data["ground"]}))
    if any((m.bid, m.ground, m.basis) == (data["bid"], data["ground"], data.get("basis", "")) for m in part.motions):
        found.append(Problem("evaluation.motion_twice", "ground"))
    refuse_if(found)
    stage = DETAILED if part.reviewed else PRELIMINARY
    said = {"number": len(part.motions) + 1, "stage": stage, "basis": "", **data}
    return [Event("rejection_proposed", {"number": said["number"]}, said)]


def _vote(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    seat, number = seat_of(lot, facts), cast("int", command.data["number"])
    motion = next((m for m in lot.part(Evaluation).motions if m.number == number), None)
    if motion is None:
        raise Refused(Problem("evaluation.no_such_motion", "number", {"number": number}))
    refuse_if([Problem("evaluation.voted_before", "number")] if str(seat.number) in motion.votes else ())
    return [Event("rejection_voted", {"number": number, "seat": seat.number}, {"agree": command.data["agree"]})]


def _answer(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    number = cast("int", command.data["number"])
    asked = next((c for c in lot.part(Evaluation).clarifications if c.number == number), None)
    mine = asked is not None and lot.part(Opening).bids[asked.bid].uscc == facts["actor_uscc"]
    if asked is None or not mine:
        raise Refused(Problem("evaluation.no_question_for_you", "number"))
    found = []
    if asked.answer:
        found.append(Problem("evaluation.answered_before", "number"))
    if command.received_at > instant_from(asked.deadline):
        found.append(Problem("evaluation.answer_late", params={"deadline": asked.deadline}))
    refuse_if(found)
    return [Event("clarification_answered", {"number": number}, {"answer": command.data["answer"]})]


def _answer_correction(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The bidder confirms the arithmetic correction of its price in writing, or refuses it [02 §2.5.1]."""
    bid = next((b.bid for b in lot.part(Opening).valid() if b.uscc == facts["actor_uscc"]), "")
    arithmetic = arithmetic_of(lot, bid) if bid else None
    found = []
    if arithmetic is None or not arithmetic.corrections:
        found.append(Problem("evaluation.nothing_to_correct"))
    if bid in lot.part(Evaluation).corrections:
        found.append(Problem("evaluation.answered_before"))
    refuse_if(found)
    return [Event("correction_answered", {}, {"bid": bid, "answer": command.data["answer"]})]


def _finish_review(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Preliminary review ends when every motion is decided."""
    found = [*chair_problems(lot, facts), *motion_problems(lot)]
    if lot.part(Evaluation).reviewed:
        found.append(Problem("evaluation.reviewed_before"))
    refuse_if(found)
    return [Event("review_finished", {"in_play": len(in_play(lot))})]


def motion_problems(lot: Lot) -> Iterator[Problem]:
    """Motions on bids that still bind, which the missing votes can turn."""
    members, bids = len(lot.part(Committee).seats), {b.bid for b in binding(lot)}
    numbers = [str(m.number) for m in lot.part(Evaluation).motions if m.bid in bids and majority(m.votes, members) == "open"]
    if numbers:
        yield Problem("evaluation.motions_open", params={"numbers": ", ".join(numbers)})


# ------------------------------------------------------------------ what events mean

def _proposed(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Evaluation), private(r)
    motion = Motion(p["number"], p["bid"], p["ground"], p["basis"], p["stage"], p["clause"], p["evidence"])
    return lot.with_part(unsettled(replace(part, motions=(*part.motions, motion))))


def _voted(lot: Lot, r: Recorded) -> Lot:
    part, seat, agree = lot.part(Evaluation), str(r.public["seat"]), bool(private(r)["agree"])
    motions = tuple(replace(m, votes={**m.votes, seat: agree}) if m.number == r.public["number"] else m for m in part.motions)
    return lot.with_part(unsettled(replace(part, motions=motions)))


def _requested(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Evaluation), private(r)
    asked = Clarification(p["number"], p["bid"], p["text"], p["deadline"])
    return lot.with_part(replace(part, clarifications=(*part.clarifications, asked)))


def _answered(lot: Lot, r: Recorded) -> Lot:
    part, answer = lot.part(Evaluation), str(private(r)["answer"])
    known = tuple(replace(c, answer=answer) if c.number == r.public["number"] else c for c in part.clarifications)
    return lot.with_part(replace(part, clarifications=known))


def _corrected(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Evaluation), private(r)
    return lot.with_part(unsettled(replace(part, corrections={**part.corrections, p["bid"]: p["answer"]})))


def _reviewed(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Evaluation), reviewed=True))


def _adjusted(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Evaluation), private(r)
    return lot.with_part(unsettled(replace(part, adjustments={**part.adjustments, p["bid"]: p["amounts"]})))


EVOLVE = {
    "price_adjusted": _adjusted, "rejection_proposed": _proposed, "rejection_voted": _voted, "clarification_requested": _requested,
    "clarification_answered": _answered, "correction_answered": _corrected, "review_finished": _reviewed,
}  # fmt: skip

BID = Field("bid", maximum=32)
NUMBER = Field("number", "integer", minimum=1)
BIDDERS_OWN = frozenset({"actor_uscc"})
ACTS = (
    Act("propose_rejection", "rejection_proposed", MEMBERS, _propose, (
        BID, Field("ground", "choice", choices=tuple(GROUNDS)), Field("clause"), Field("evidence", "long_text"),
        Field("basis", "choice", required=False, choices=(BELOW_COST, ABOVE_CEILING))), needs=HOLDER, rule="BLR 51"),
    Act("vote_rejection", "rejection_voted", MEMBERS, _vote, (NUMBER, Field("agree", "boolean")), needs=HOLDER, rule="BLR 51"),
    Act("answer_clarification", "clarification_answered", BIDDER, _answer, (NUMBER, Field("answer", "long_text", maximum=8000)),
        needs=BIDDERS_OWN, rule="BLR 52"),
    Act("answer_correction", "correction_answered", BIDDER, _answer_correction, (
        Field("answer", "choice", choices=("confirmed", "refused")),), needs=BIDDERS_OWN, irrevocable=True, rule="02 §2.5.1"),
    Act("finish_review", "review_finished", MEMBERS, _finish_review, needs=HOLDER),
)  # fmt: skip
STAGE = Stage(lifecycle.EVALUATION, ACTS, EVOLVE, (Evaluation,))
