"""Fewer bidders than a procedure needs: what follows, by procedure and stage [03 §3.12a, 01 F-01, F-02]."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

DEADLINE, QUALIFIED, CONFORMING, FINAL_OFFERS = STAGES = ("deadline", "qualified", "conforming", "final_offers")
LATER = (QUALIFIED, CONFORMING, FINAL_OFFERS)
FAILED_TENDER, RESEARCH, EMERGENCY = "failed_tender", "research", "emergency"
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Fewer:
    """What follows. code: ``not_opened``, ``no_evaluation``, ``cancel``, ``stop``, ``terminate``, or ``committee_judges``, where the
    committee writes whether competition is lacking. then: what the law leaves for afterwards. rule: where it stands."""

    code: str
    then: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What follows in one procedure at some stages, of acts announced on `since` or later."""

    procedure: str
    stages: tuple[str, ...]
    follows: Fewer
    since: date = date.min


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where fewer are enough. procedure, bought and ground limit it; empty means any."""

    least: int
    stages: tuple[str, ...]
    procedure: str = ""
    bought: str = ""
    ground: str = ""
    since: date = date.min


_RETENDER, _NEW = ("correct_and_retender", "other_method"), ("new_activity",)
TABLE: Sequence[Row] = (
    Row("tender", (DEADLINE,), Fewer("not_opened", _RETENDER, rule="87 41, 43")),
    Row("tender", (QUALIFIED,), Fewer("no_evaluation", _RETENDER, rule="87 43, 44")),
    Row("tender", (CONFORMING, FINAL_OFFERS), Fewer("cancel", _RETENDER, rule="87 43; GPL 36")),
    Row("negotiation", STAGES, Fewer("stop", _NEW, rule="74 37")),
    Row("inquiry", STAGES, Fewer("stop", _NEW, rule="74 50")),
    Row("consultation", STAGES, Fewer("stop", _NEW, rule="214 34")),
    Row("single_source", STAGES, Fewer("stop", ("other_method",), rule="74 43")),
    Row("engineering", (DEADLINE,), Fewer("not_opened", ("correct_and_retender",), rule="BLR 44")),
    Row("engineering", LATER, Fewer("committee_judges", rule="01 §1.7")),
    Row("land_tender", (DEADLINE,), Fewer("terminate", rule="04 §4.6")),
)
ALLOWANCES: Sequence[Allowance] = (
    Allowance(1, STAGES, procedure="single_source"),
    Allowance(2, STAGES, procedure="negotiation", ground=FAILED_TENDER),  # 74 27
    Allowance(2, STAGES, procedure="consultation", ground=RESEARCH),  # 214 3(4)
    Allowance(2, LATER, procedure="consultation", bought="services"),  # 财库〔2015〕124号
    Allowance(1, STAGES, ground=EMERGENCY, since=date(2026, 10, 1)),  # 财库〔2026〕12号
)
RESERVED = Fewer("stop", ("reorganise_unreserved",), rule="46 10")


def least(procedure: str, stage: str, *, on: date, bought: str = "", ground: str = "") -> int:
    """How many are enough in what was announced on that day."""
    return min(
        (
            allowed.least
            for allowed in ALLOWANCES
            if allowed.since <= on
            and stage in allowed.stages
            and allowed.procedure in ("", procedure)
            and allowed.bought in ("", bought)
            and allowed.ground in ("", ground)
        ),
        default=ENOUGH,
    )


def fewer(
    procedure: str, stage: str, count: int, *, on: date, bought: str = "", ground: str = "", reserved: bool = False
) -> Fewer | None:
    """What follows when `count` are left, None when they are enough or the procedure knows no number at that stage.

    on: the day of the announcement. ground: why fewer may go on, as the purchase states it. reserved: for small and medium businesses.
    After a tender with exactly two, negotiation with both may be approved [74 27].
    """
    if count >= least(procedure, stage, on=on, bought=bought, ground=ground):
        return None
    rows = [row for row in TABLE if row.procedure == procedure and stage in row.stages and row.since <= on]
    if not rows:
        return None
    found = RESERVED if reserved else max(rows, key=lambda row: row.since).follows
    if procedure == "tender" and count == 2 and not reserved:
        return Fewer(found.code, (*found.then, "negotiate_with_two"), rule=found.rule)
    return found


def ground_known(ground: str, on: date) -> bool:
    """Whether the law knew the ground on that day."""
    return any(allowed.ground == ground and allowed.since <= on for allowed in ALLOWANCES)
