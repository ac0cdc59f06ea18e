"""How a lot ends before its time, and how it begins anew: failure, termination, invalidity, re-evaluation, new attempt [01 §1.7, §1.9]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, TradeType
from .announcing import HOSTS, REASON
from .archiving import Archive
from .awarding import award_of, invalidated, reopened
from .delegating import principals
from .extending import bid_validity_end
from .suspending import BASIS, ORDER, cleared, phase, re_evaluable

SUPERVISOR = frozenset({Role.SUPERVISOR})
ENDED = frozenset({"FAILED", "TERMINATED", "INVALIDATED"})


@dataclass(frozen=True, slots=True)
class FailureReason:
    """A reason for which a lot may be declared failed: who may, and in which states (also while suspended from one of them)."""

    code: str
    roles: frozenset[Role]
    states: frozenset[str]


FAILURES = (
    FailureReason("F-05", SUPERVISOR, frozenset({
        "PREQ_REVIEW", "ANNOUNCED", "ISSUING", "BIDDING", "CLOSED", "OPENING", "OPENED", "EVALUATING", "EVALUATED", "PUBLICITY", "AWARDED",
        "NOTIFIED"})),
    FailureReason("opening_impossible", SUPERVISOR, frozenset({"CLOSED", "OPENING", "EVALUATING"})),
    FailureReason("validity_over", HOSTS, frozenset({"EVALUATING", "EVALUATED", "PUBLICITY", "AWARDED"})),
    FailureReason("re_tender", HOSTS, frozenset({"PUBLICITY", "AWARDED", "NOTIFIED"})),
)  # fmt: skip
"""Reasons declared by hand. Too few bids (F-01, F-08) the clock finds, all bids rejected (F-03) the committee."""


# ------------------------------------------------------------------ decisions

def _fail(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Declare the lot failed, for a reason of the closed list and by whom it belongs to [01 §1.7]."""
    data = command.data
    reason = next(f for f in FAILURES if f.code == data["failure"])
    problems = []
    if command.actor.role not in reason.roles:
        roles = ", ".join(sorted(r.value for r in reason.roles))
        problems.append(Problem("failure.not_yours", "failure", {"failure": reason.code, "roles": roles}, "01 §1.7"))
    if phase(lot) not in reason.states:
        problems.append(Problem("failure.other_state", "failure", {"failure": reason.code, "state": phase(lot)}, "01 §1.7"))
    if command.actor.role is Role.SUPERVISOR and not (data.get("decision_number") and data.get("document")):
        problems.append(Problem("failure.decision_missing", "document"))
    problems += _ground_problems(reason.code, lot, command.received_at)
    refuse_if(problems)
    more = {k: data[k] for k in ("decision_number", "document") if k in data}
    return [Event("failed", {"reason": reason.code, "explanation": data["reason"], **more})]


def _ground_problems(code: str, lot: Lot, now: datetime) -> Iterator[Problem]:
    end, award = bid_validity_end(lot), award_of(lot)
    if code == "validity_over" and (end is None or now < end):
        yield Problem("failure.validity_runs", "failure")
    if code == "re_tender" and not award.lost:
        yield Problem("failure.nobody_lost", "failure")
    if code == "re_tender" and award.standing is not None:
        yield Problem("award.winner_stands", "failure", {"bid": award.winner})


def _terminate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The principal gives the tender up; fees, deposits and interest go back [S-05, F-06]."""
    return [Event("terminated", {"reason": command.data["reason"], "basis": command.data["legal_basis"], "refunds_due": True})]


def _invalidate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("invalidated", dict(command.data))]


def _re_evaluate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The supervisor orders a new evaluation; while suspended only where the lot had got that far [BLR 70, 81]."""
    if not re_evaluable(trade, lot):
        raise Refused(Problem("lot.illegal_transition", params={"state": phase(lot), "event": "re_evaluation_ordered"}))
    return [Event("re_evaluation_ordered", dict(command.data))]


def _attempt(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Name the new lot that takes this one up again: the tenderer first says why it failed and what is done about it [30号令 38]."""
    new, number = cast("Mapping[str, object] | None", facts["attempt"]), str(command.data["lot"])
    problems = []
    if lot.status not in ENDED and lot.part(Archive).outcome not in ENDED:
        problems.append(Problem("attempt.not_ended", params={"state": lot.status}))
    if "attempt_created" in lot.history:
        problems.append(Problem("attempt.created_before"))
    if new is None or new["previous"] != lot.id or new["attempt"] != lot.attempt + 1:
        problems.append(Problem("attempt.other_lot", "lot", {"lot": number}))
    refuse_if(problems)
    return [Event("attempt_created", {"lot": number, "attempt": lot.attempt + 1, "analysis": command.data["analysis"]})]


# ------------------------------------------------------------------ what events mean

def _ended(lot: Lot, r: Recorded) -> Lot:
    return cleared(lot)


def _given_up(lot: Lot, r: Recorded) -> Lot:
    """An unlawful or defective document terminates the lot: deposits, archive and whoever follows it see it end like any other."""
    return replace(cleared(lot), history={**lot.history, "terminated": r.at})


def _invalid(lot: Lot, r: Recorded) -> Lot:
    return invalidated(cleared(lot))


def _reopened(lot: Lot, r: Recorded) -> Lot:
    return reopened(cleared(lot))


EVOLVE = {
    "failed": _ended, "terminated": _ended, "document_illegal": _given_up, "document_defective": _given_up,
    "invalidated": _invalid, "re_evaluation_ordered": _reopened,
}  # fmt: skip

ACTS = (
    Act("declare_failed", "failed", HOSTS | SUPERVISOR, principals(_fail), (
        Field("failure", "choice", choices=tuple(f.code for f in FAILURES)), REASON,
        *(Field(f.name, f.kind, required=False) for f in ORDER if f.name in ("decision_number", "document"))),
        irrevocable=True, documents=("notice",), rule="01 §1.7"),
    Act("terminate", "terminated", HOSTS, principals(_terminate), (BASIS, REASON), irrevocable=True, documents=("notice",), rule="S-05"),
    Act("invalidate", "invalidated", SUPERVISOR, _invalidate, ORDER, irrevocable=True, documents=("notice",), rule="BLR 81"),
    Act("order_re_evaluation", "re_evaluation_ordered", SUPERVISOR, _re_evaluate, (
        *ORDER, Field("committee", "choice", choices=("same", "new"))), irrevocable=True, documents=("notice",),
        rule="BLR 81"),
    Act("create_attempt", "attempt_created", HOSTS, _attempt, (
        Field("lot", maximum=40), Field("analysis", "long_text", maximum=8000)), needs=frozenset({"attempt"}), rule="BLR 44"),
)  # fmt: skip
