"""Statutory periods of engineering tenders [02 §2.3]. Points of the schedule are named as in the forms and events."""
from __future__ import annotations

from collections.abc import Mapping

from trading_core.domain.periods import Bound, Direction, Period, Unit

MANDATORY: Mapping[str, object] = {"mandatory": True}
PRE: Mapping[str, object] = {"qualification_way": "pre"}


def _p(
    id: str, start: str, end: str, count: int, source: str, *, unit: Unit = "days", bound: Bound = "at_least",
    direction: Direction = "forward", verified: bool = True, applies: Mapping[str, object] | None = None, start_closes: bool = False,
) -> Period:  # fmt: skip
    return Period(id, start, end, count, unit, bound, direction, source, verified, applies or {}, start_closes=start_closes)


PERIODS = (
    _p("E-T01", "issue_start", "issue_end", 5, "实施条例第16条"),
    _p("E-T01P", "prequalification_issue_start", "prequalification_issue_end", 5, "实施条例第16条", applies=PRE),
    _p("E-T02", "prequalification_issue_end", "application_deadline", 5, "实施条例第17条", applies=PRE, start_closes=True),
    _p("E-T03", "issue_start", "bid_deadline", 20, "招标投标法第24条", applies=MANDATORY),
    _p("E-T04", "bid_deadline", "amendment_published", 15, "招标投标法第23条、实施条例第21条", direction="backward"),
    _p("E-T05", "application_deadline", "amendment_published", 3, "实施条例第21条", direction="backward", applies=PRE),
    _p("E-T06", "application_deadline", "prequalification_objection_cutoff", 2, "实施条例第22条", direction="backward", applies=PRE),
    _p("E-T07", "bid_deadline", "document_objection_cutoff", 10, "实施条例第22条", direction="backward"),
    _p("E-T08", "document_objection_raised", "document_objection_answered", 3, "实施条例第22条", bound="at_most"),
    _p("E-T10", "report_submitted", "publicity_start", 3, "实施条例第54条", bound="at_most", applies=MANDATORY),
    _p("E-T11", "publicity_start", "publicity_end", 3, "实施条例第54条", applies=MANDATORY),
    _p("E-T13", "result_objection_raised", "result_objection_answered", 3, "实施条例第54条", bound="at_most"),
    _p("E-T14", "fact_known", "complaint_filed", 10, "实施条例第60条", bound="at_most"),
    _p("E-T15", "complaint_received", "complaint_acceptance", 3, "实施条例第61条", unit="workdays", bound="at_most"),
    _p("E-T16", "complaint_accepted", "complaint_decided", 30, "实施条例第61条", unit="workdays", bound="at_most"),
    _p("E-T17", "award_decided", "written_report", 15, "招标投标法第47条", bound="at_most", applies=MANDATORY),
    _p("E-T18", "award_letter", "contract_signed", 30, "招标投标法第46条", bound="at_most"),
    _p("E-T19", "contract_signed", "deposit_returned", 5, "实施条例第57条", bound="at_most"),
    _p("E-T20", "bid_withdrawn", "deposit_returned", 5, "实施条例第35条", bound="at_most"),
)
