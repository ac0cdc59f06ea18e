"""The report: signed, differed from or refused by every member, then handed to the tenderer [01 §1.10, 02 §2.8]."""
from __future__ import annotations

from dataclasses import replace

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..stages.award import recommend
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import Evaluation, chair_problems, seat_of
from .committee import HOLDER, MEMBERS, Committee, Seat
from .committee import problems as committee_problems
from .evaluation_time import time_problems
from .prequalification_review import ApplicationReview
from .reviewing import motion_problems


def report_of(lot: Lot) -> Evaluation | ApplicationReview:
    """What the committee of the moment reports on: applications, or bids."""
    return lot.part(ApplicationReview) if lot.status == "PREQ_REVIEW" else lot.part(Evaluation)


def _sign(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Sign the report, agreeing or with a different opinion and its reason [BLR 53]."""
    seat, data = seat_of(lot, facts), command.data
    found = _signing_problems(lot, seat)
    if not data["agrees"] and not data.get("opinion"):
        found.append(Problem("report.opinion_missing", "opinion"))
    refuse_if(found)
    return [Event("report_signed", {"seat": seat.number, "agrees": data["agrees"]}, {"opinion": data.get("opinion", "")})]


def _refuse(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Who refuses to sign and gives no written reason is deemed to agree [BLR 53]."""
    seat, reason = seat_of(lot, facts), str(command.data.get("reason", ""))
    refuse_if(_signing_problems(lot, seat))
    return [Event("report_refused", {"seat": seat.number, "deemed_to_agree": not reason}, {"reason": reason})]


def _signing_problems(lot: Lot, seat: Seat) -> list[Problem]:
    part, found = report_of(lot), []
    if not part.result:
        found.append(Problem("report.no_result_yet"))
    if str(seat.number) in part.signatures:
        found.append(Problem("report.signed_before"))
    return found


def _submit(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    part = lot.part(Evaluation)
    found = [*chair_problems(lot, facts), *committee_problems(trade.committee, lot), *motion_problems(lot), *time_problems(lot)]
    missing = [str(n) for n in lot.part(Committee).numbers if str(n) not in part.signatures]
    if missing:
        found.append(Problem("report.signatures_missing", params={"seats": ", ".join(missing)}))
    if part.result and not part.candidates:
        found.append(Problem("report.no_candidates"))
    refuse_if(found)
    return [Event("report_submitted", {"members": len(part.signatures), "candidates": len(part.candidates)})]


# ------------------------------------------------------------------ what events mean

def _signed(lot: Lot, r: Recorded) -> Lot:
    part = report_of(lot)
    how = "agrees" if r.public.get("agrees") or r.public.get("deemed_to_agree") else "differs"
    return lot.with_part(replace(part, signatures={**part.signatures, str(r.public["seat"]): how}))


def _again(lot: Lot, r: Recorded) -> Lot:
    """Evaluation is to be done again: the first report stays in the record, its conclusions are open [01 §1.10]."""
    part = lot.part(Evaluation)
    return lot.with_part(Evaluation(clarifications=part.clarifications, corrections=part.corrections, round=part.round + 1))


def _recommended(lot: Lot, r: Recorded) -> Lot:
    return recommend(lot, lot.part(Evaluation).candidates)


EVOLVE = {"report_submitted": _recommended, "report_signed": _signed, "report_refused": _signed, "re_evaluation_ordered": _again}

ACTS = (
    Act("sign_report", "report_signed", MEMBERS, _sign, (
        Field("agrees", "boolean"), Field("opinion", "long_text", required=False)), needs=HOLDER, irrevocable=True, rule="BLR 53"),
    Act("refuse_to_sign", "report_refused", MEMBERS, _refuse, (Field("reason", "long_text", required=False),), needs=HOLDER,
        irrevocable=True, rule="BLR 53"),
    Act("submit_report", "report_submitted", MEMBERS, _submit, needs=HOLDER, irrevocable=True,
        documents=("evaluation_report",), rule="BLR 53"),
)  # fmt: skip
STAGE = Stage((), ACTS, EVOLVE, ())
