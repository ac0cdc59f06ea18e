"""Time to evaluate: when more than a third of the committee hold that it is too short, the host must extend it [01 §1.10, BLR 48].

The platform ends no evaluation by the clock. Until the host has given more time, no report is handed in.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import HOSTS, REASON
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import seat_of
from .committee import HOLDER, MEMBERS


@dataclass(frozen=True, slots=True)
class EvaluationTime:
    """seats: whose members hold that time is short, since it was last extended."""

    seats: tuple[int, ...] = ()


def is_short(lot: Lot) -> bool:
    """Whether more than a third of the whole committee, as it has to be, hold that time is short."""
    return 3 * len(lot.part(EvaluationTime).seats) > lot.term_int("committee_size")


def time_problems(lot: Lot) -> Iterator[Problem]:
    """What keeps the report back."""
    if is_short(lot):
        yield Problem("evaluation_time.to_extend", params=_figures(lot), rule="01 §1.10")


def _figures(lot: Lot) -> dict[str, object]:
    return {"count": len(lot.part(EvaluationTime).seats), "size": lot.term_int("committee_size")}


def _call(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    seat = seat_of(lot, facts)
    refuse_if([Problem("evaluation_time.called_before")] if seat.number in lot.part(EvaluationTime).seats else ())
    return [Event("time_called_short", {"seat": seat.number}, {"reason": command.data["reason"]})]


def _extend(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    until, problems = str(command.data["evaluation_until"]), []
    if not is_short(lot):
        problems.append(Problem("evaluation_time.not_short", params=_figures(lot), rule="01 §1.10"))
    if instant_from(until) <= command.received_at:
        problems.append(Problem("evaluation_time.past", "evaluation_until"))
    refuse_if(problems)
    return [Event("evaluation_time_extended", {"evaluation_until": until, **_figures(lot), "reason": command.data["reason"]})]


def _called(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(EvaluationTime((*lot.part(EvaluationTime).seats, cast("int", r.public["seat"]))))


def _left(lot: Lot, r: Recorded) -> Lot:
    """Who had to leave holds nothing any more."""
    part = lot.part(EvaluationTime)
    return lot.with_part(replace(part, seats=tuple(s for s in part.seats if s != r.public["seat"])))


def _settled(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(EvaluationTime())


EVOLVE = {
    "time_called_short": _called, "evaluation_time_extended": _settled, "seat_recused": _left, "re_evaluation_ordered": _settled,
}  # fmt: skip

ACTS = (
    Act("call_time_short", "time_called_short", MEMBERS, _call, (REASON,), needs=HOLDER, rule="01 §1.10"),
    Act("extend_evaluation_time", "evaluation_time_extended", HOSTS, _extend, (Field("evaluation_until", "instant"), REASON),
        rule="01 §1.10"),
)  # fmt: skip
STAGE = Stage(lifecycle.EVALUATION_TIME, ACTS, EVOLVE, (EvaluationTime,))
