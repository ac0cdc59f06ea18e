"""How a lot ends before its time, and how it begins anew: failure, termination, invalidity, new attempt [01 §1.7, §1.9]."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Decide, Facts, Stage, TradeType
from . import lifecycle
from .announcing import HOSTS, REASON
from .archiving import Archive
from .award import award_of, invalidated
from .delegating import principals
from .suspending import BASIS, ORDER, cleared, phase

SUPERVISOR = frozenset({Role.SUPERVISOR})
ENDED = frozenset({"FAILED", "TERMINATED", "INVALIDATED"})


Ground = Callable[[Lot, datetime], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class FailureReason:
    """A reason for which a lot may be declared failed: who may, in which states (also while suspended from one of them), and what
    speaks against it at a given instant."""

    code: str
    roles: frozenset[Role]
    states: frozenset[str]
    against: Ground = lambda lot, now: ()


def nobody_left(lot: Lot, now: datetime) -> Iterator[Problem]:
    """A lot whose winner stands, or that lost no candidate, is not offered anew."""
    award = award_of(lot)
    if not award.lost:
        yield Problem("failure.nobody_lost", "failure")
    if award.standing is not None:
        yield Problem("award.winner_stands", "failure", {"bid": award.winner})


# ------------------------------------------------------------------ decisions

def _failing(reasons: Sequence[FailureReason]) -> Decide:
    """The decision to declare a lot failed, for a reason of the closed list and by whom it belongs to [01 §1.7]."""
    def decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
        data = command.data
        reason = next(f for f in reasons if f.code == data["failure"])
        problems = []
        if command.actor.role not in reason.roles:
            roles = ", ".join(sorted(r.value for r in reason.roles))
            problems.append(Problem("failure.not_yours", "failure", {"failure": reason.code, "roles": roles}, "01 §1.7"))
        if phase(lot) not in reason.states:
            problems.append(Problem("failure.other_state", "failure", {"failure": reason.code, "state": phase(lot)}, "01 §1.7"))
        if command.actor.role is Role.SUPERVISOR and not (data.get("decision_number") and data.get("document")):
            problems.append(Problem("failure.decision_missing", "document"))
        refuse_if([*problems, *reason.against(lot, command.received_at)])
        more = {k: data[k] for k in ("decision_number", "document") if k in data}
        return [Event("failed", {"reason": reason.code, "explanation": data["reason"], **more})]
    return decide


def _terminate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The principal gives the tender up; fees, deposits and interest go back [S-05, F-06]."""
    return [Event("terminated", {"reason": command.data["reason"], "basis": command.data["legal_basis"], "refunds_due": True})]


def _invalidate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("invalidated", dict(command.data))]


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


EVOLVE = {
    "failed": _ended, "terminated": _ended, "document_illegal": _given_up, "document_defective": _given_up,
    "invalidated": _invalid,
}  # fmt: skip

def stage(*reasons: FailureReason) -> Stage:
    """How lots end; reasons: for which this trade lets one be declared failed."""
    acts = (
        Act("declare_failed", "failed", HOSTS | SUPERVISOR, principals(_failing(reasons)), (
            Field("failure", "choice", choices=tuple(f.code for f in reasons)), REASON,
            *(Field(f.name, f.kind, required=False) for f in ORDER if f.name in ("decision_number", "document"))),
            irrevocable=True, documents=("notice",), rule="01 §1.7"),
        Act("terminate", "terminated", HOSTS, principals(_terminate), (BASIS, REASON), irrevocable=True, documents=("notice",),
            rule="S-05"),
        Act("invalidate", "invalidated", SUPERVISOR, _invalidate, ORDER, irrevocable=True, documents=("notice",), rule="BLR 81"),
        Act("create_attempt", "attempt_created", HOSTS, _attempt, (
            Field("lot", maximum=40), Field("analysis", "long_text", maximum=8000)), needs=frozenset({"attempt"}), rule="BLR 44"),
    )  # fmt: skip
    return Stage(lifecycle.ENDING, acts, EVOLVE)
