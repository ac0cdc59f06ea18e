"""From the deal to its confirmation and publication, where the bids themselves decide who wins [04 §4.2, §4.7, 05 §5.5, 12 §12.6].

Nobody chooses: the winner follows from the bidding. A winner who refuses loses the deposit; whether the next may then step in, the notice
says, and if it says nothing the lot is offered anew.
"""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from . import lifecycle
from .announcing import HOSTS, LATE, REASON
from .award import Award, award_of, candidate_problems, chosen, letter_issued, lost, result_published, winner_problems
from .candidates import Candidate, stated
from .delegating import principals
from .ending import SUPERVISOR, FailureReason, nobody_left
from .limits import limit, timeliness
from .remedies import open_problems

REFUSES = "refuses_deal"
GROUNDS = (REFUSES, "no_payment", "false_documents", "collusion", "illegality")
KEEPING = frozenset({REFUSES, "no_payment", "false_documents", "collusion"})
"""Grounds on which the deposit may be kept."""
NEXT_MAY = "next_bidder"
"""The term by which a notice lets the next highest bidder step in."""


def _confirm(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Both sides sign what was agreed; the winner's originals were checked [L-T07, M-16]."""
    award, now = award_of(lot), command.received_at
    refuse_if([*winner_problems(award), *open_problems(lot)])
    winner, since = cast("Candidate", award.standing), cast("datetime", award.decided_at)
    said = {k: v for k, v in stated(winner).items() if k not in ("rank", "total", "form")}
    due = limit(trade, lot, "deal", "deal_confirmed", since, facts.calendar)
    contract = limit(trade, lot, "award_letter", "contract_signed", now, facts.calendar)
    by = instant_text(contract.at) if contract is not None and contract.at is not None else ""
    return [Event("deal_confirmed", {**said, "contract_due": by, **timeliness(due, now, command.data.get("late_reason"))})]


def _publish(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    award, now = award_of(lot), command.received_at
    refuse_if([*winner_problems(award), *([Problem("award.result_published_before")] if award.result_at is not None else [])])
    due = limit(trade, lot, "deal", "result_published", cast("datetime", award.decided_at), facts.calendar)
    said = {k: v for k, v in stated(cast("Candidate", award.standing)).items() if k not in ("form", "total", "rank")}
    return [Event("result_published", {**said, **timeliness(due, now, command.data.get("late_reason"))})]


def _lose(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The winner drops out on a ground that the host proves."""
    data, award = command.data, award_of(lot)
    refuse_if(candidate_problems(award, award.winner))
    said = {"bid": award.winner, "ground": data["ground"], "reason": data["reason"]}
    return [Event("candidate_lost", said, {"evidence": data["evidence"]})]


def _give_up(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    award = award_of(lot)
    own = award.standing
    if own is None or own.uscc != facts["actor_uscc"]:
        raise Refused(Problem("deal.not_yours"))
    return [Event("candidate_lost", {"bid": own.bid, "ground": REFUSES, "reason": command.data["reason"]})]


def _next(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The next highest steps in at its own last bid, where the notice says so [05 §5.5]."""
    award = award_of(lot)
    refuse_if([*_next_problems(lot, award), *open_problems(lot)])
    first = award.remaining()[0]
    return [Event("next_candidate_chosen", {k: v for k, v in stated(first).items() if k not in ("form", "total")})]


def _next_problems(lot: Lot, award: Award) -> Iterator[Problem]:
    if lot.terms.get(NEXT_MAY) is not True:
        yield Problem("deal.next_not_announced")
    if award.standing is not None:
        yield Problem("award.winner_stands", params={"bid": award.winner})
    elif not award.remaining():
        yield Problem("deal.nobody_next")


EVOLVE = {
    "deal_confirmed": letter_issued, "result_published": result_published, "candidate_lost": lost, "next_candidate_chosen": chosen,
}  # fmt: skip
ACTS = (
    Act("confirm_deal", "deal_confirmed", HOSTS, principals(_confirm), (LATE,), irrevocable=True, documents=("deal_confirmation",),
        rule="12 §12.6"),
    Act("publish_deal", "result_published", HOSTS, _publish, (LATE,), irrevocable=True, documents=("result_notice",), rule="01 §1.3"),
    Act("report_winner_lost", "candidate_lost", HOSTS, principals(_lose), (
        Field("ground", "choice", choices=GROUNDS), REASON, Field("evidence", "file")), irrevocable=True, rule="05 §5.5"),
    Act("give_up_deal", "candidate_lost", frozenset({Role.BIDDER}), _give_up, (REASON,), needs=frozenset({"actor_uscc"}),
        irrevocable=True, rule="05 §5.5"),
    Act("choose_next_bidder", "next_candidate_chosen", HOSTS, principals(_next), irrevocable=True, rule="05 §5.5"),
)  # fmt: skip
STAGE = Stage(lifecycle.DEAL, ACTS, EVOLVE, (Award,))

FAILURES = (
    FailureReason("F-05", SUPERVISOR, frozenset({*lifecycle.HALL.split(), "ANNOUNCED", "DEAL", "NOTIFIED"})),
    FailureReason("re_offer", HOSTS, frozenset({"DEAL", "NOTIFIED"}), nobody_left),
)
"""Reasons for which a lot of this kind is declared failed by hand; no bid or none that reaches the reserve the clock finds [F-07]."""


