"""What goes with reading bids out: who attends, objections answered on the spot, confirmations, the record [01 §1.2 OPENED, §1.3, S-02].

Envelopes that wait for the technical result are read out in a second opening, while the committee sits. It has a record of its own,
closed by the clock once everybody has confirmed or had the time to.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK, HOSTS
from ..stages.draws import k_candidates
from ..stages.excluding import with_credit
from ..stages.remedies import Objections, OnTheSpot
from ..trade import Act, Command, Facts, Stage, TradeType
from .opening import BIDDER, OpenedBid, Opening, later_stages, stages_at_opening

CONFIRMATION_WINDOW = timedelta(minutes=10)
SECOND = "second_opening_finished"


def read_out(lot: Lot) -> datetime | None:
    """When all was read out that can be confirmed now: of the opening, or of the second one. None before, and once its record is closed."""
    part, first = lot.part(Opening), lot.status == "OPENING"
    names = stages_at_opening(lot) if first else later_stages(lot)
    if not names or not all(s in part.stages for s in names) or (not first and SECOND in lot.history):
        return None
    return max(part.stages[s] for s in names)


def agreed(lot: Lot, bid: str) -> bool:
    """Whether its bidder has confirmed all that has been read out so far."""
    part = lot.part(Opening)
    return bid in part.confirmed and part.confirmed[bid] >= max(part.stages.values())


def unanswered(lot: Lot) -> tuple[OnTheSpot, ...]:
    """Objections on the spot that wait for their answer."""
    return tuple(o for o in lot.part(Objections).on_the_spot if not o.answer)


def _begin(lot: Lot, opened: datetime) -> datetime:
    return max(opened, lot.history.get("resumed", opened))  # while the lot stood still nobody could confirm [T-12]


# ------------------------------------------------------------------ decisions

def _attend(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("opening_attended", {"organisation": command.actor.organisation})]


def _object(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if([Problem("opening.not_read_out_yet")] if lot.status != "OPENING" and read_out(lot) is None else ())
    number = len(lot.part(Objections).on_the_spot) + 1
    return [Event("opening_objected", {"number": number, "organisation": command.actor.organisation, "text": command.data["text"]})]


def _answer(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    number = cast("int", command.data["number"])
    found = next((o for o in lot.part(Objections).on_the_spot if o.number == number), None)
    if found is None or found.answer:
        refuse_if([Problem("opening.no_such_objection", "number", {"number": number}, "S-02")])
    return [Event("opening_answered", {"number": number, "answer": command.data["answer"]})]


def _confirm(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    uscc, part = facts["actor_uscc"], lot.part(Opening)
    bid = next((b.bid for b in part.bids.values() if b.uscc == uscc), None)
    problems = []
    if bid is None:
        problems.append(Problem("opening.no_bid_of_yours"))
    if read_out(lot) is None:
        problems.append(Problem("opening.not_read_out_yet"))
    elif bid is not None and agreed(lot, bid):
        problems.append(Problem("opening.confirmed_before"))
    refuse_if(problems)
    return [Event("opening_confirmed", {"bid": bid})]


def _finish(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The record is closed once everything is open, answered, and confirmed or the window for confirming has passed [01 §1.2 OPENED]."""
    part, problems = lot.part(Opening), []
    missing = [s for s in stages_at_opening(lot) if s not in part.stages]
    if missing:
        problems.append(Problem("opening.stages_closed", params={"stages": ", ".join(missing)}))
    open_numbers = [str(o.number) for o in unanswered(lot)]
    if open_numbers:
        problems.append(Problem("opening.objections_open", params={"numbers": ", ".join(open_numbers)}, rule="S-02"))
    if not missing:
        opened_at = max(part.stages[s] for s in stages_at_opening(lot))
        everybody = {b.bid for b in part.valid()} <= set(part.confirmed)
        if not everybody and command.received_at < _begin(lot, opened_at) + CONFIRMATION_WINDOW:
            window = int(CONFIRMATION_WINDOW.total_seconds() // 60)
            problems.append(Problem("opening.confirmation_running", params={"minutes": window}))
    if k_candidates(lot) and "parameter_drawn" not in lot.history:
        problems.append(Problem("opening.parameter_not_drawn"))
    refuse_if(problems)
    counted = [b for b in part.bids.values() if b.status != "withdrawn"]
    if len(counted) < trade.min_bids:  # bids deemed withdrawn no longer count [B-05a]
        return [Event("failed", {"reason": "F-01", "count": len(counted), "minimum": trade.min_bids})]
    finished = Event("opening_finished", {"valid": len(part.valid()), "confirmed": len(part.confirmed)})
    return [with_credit(finished, cast("Sequence[Mapping[str, object]]", facts["bidders_credit"]))]


def _finish_second(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The record of the second opening is closed."""
    stages = list(later_stages(lot))
    return [Event(SECOND, {"stages": stages, "confirmed": sum(agreed(lot, b.bid) for b in read_bids(lot, stages[-1]))})]


def read_bids(lot: Lot, stage: str) -> tuple[OpenedBid, ...]:
    """Bids that count and of which this envelope was read out."""
    return tuple(b for b in lot.part(Opening).valid() if stage in b.envelopes)


def second_over(trade: TradeType, lot: Lot) -> datetime | None:
    """When the record of the second opening is closed: with the last confirmation, or when the time for it has passed, and not before
    every objection has its answer. None where there is nothing to close."""
    opened = read_out(lot) if lot.status != "OPENING" else None
    if opened is None or unanswered(lot):
        return None
    part = lot.part(Opening)
    bids = read_bids(lot, later_stages(lot)[-1])
    confirmed = max((part.confirmed[b.bid] for b in bids), default=opened) if all(agreed(lot, b.bid) for b in bids) else None
    answered = [o.answered_at for o in lot.part(Objections).on_the_spot if o.answered_at is not None]
    return max(confirmed or _begin(lot, opened) + CONFIRMATION_WINDOW, *answered, opened)


# ------------------------------------------------------------------ what events mean

def _attended(lot: Lot, r: Recorded) -> Lot:
    part, who = lot.part(Opening), str(r.public["organisation"])
    return lot.with_part(replace(part, attended=tuple(dict.fromkeys((*part.attended, who)))))


def _objected(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Objections)
    raised = OnTheSpot(cast("int", r.public["number"]), str(r.public["organisation"]), str(r.public["text"]), r.at)
    return lot.with_part(replace(part, on_the_spot=(*part.on_the_spot, raised)))


def _answered(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Objections)
    done = tuple(replace(o, answer=str(r.public["answer"]), answered_at=r.at) if o.number == r.public["number"] else o
                 for o in part.on_the_spot)  # fmt: skip
    return lot.with_part(replace(part, on_the_spot=done))


def _confirmed(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Opening)
    return lot.with_part(replace(part, confirmed={**part.confirmed, str(r.public["bid"]): r.at}))


EVOLVE = {
    "opening_attended": _attended, "opening_objected": _objected, "opening_answered": _answered, "opening_confirmed": _confirmed,
}  # fmt: skip

ACTS = (
    Act("attend_opening", "opening_attended", BIDDER, _attend),
    Act("object_at_opening", "opening_objected", BIDDER, _object, (Field("text", "long_text", maximum=4000),), rule="S-02"),
    Act("answer_at_opening", "opening_answered", HOSTS, _answer, (
        Field("number", "integer", minimum=1), Field("answer", "long_text", maximum=4000)), rule="S-02"),
    Act("confirm_opening", "opening_confirmed", BIDDER, _confirm, needs=frozenset({"actor_uscc"})),
    Act("finish_opening", "opening_finished", HOSTS, _finish, needs=frozenset({"bidders_credit"}), documents=("opening_record",)),
    Act("finish_second_opening", SECOND, CLOCK, _finish_second, due=second_over, documents=("opening_record",), rule="01 §1.3"),
)  # fmt: skip
STAGE = Stage(lifecycle.SECOND_OPENING, ACTS, EVOLVE, ())
