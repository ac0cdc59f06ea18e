"""What must be settled before a tender is announced, told all at once and before anybody prepares a bid [01 §1.2 READY]."""
from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.readiness import FAIR_COMPETITION
from plugins.engineering.trade import ENGINEERING
from tests.tender.course import bidding_lot
from tests.world import TERMS
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Problem
from trading_core.domain.tender.announcing import schedule_of, terms_problems
from trading_core.domain.trade import Facts
from web.views.wizard import POINTS

FACTS = Facts(work_calendar())


def found(**terms: object) -> list[Problem]:
    """What stands against announcing the example with these terms; a term that is None is not stated."""
    stated = {k: v for k, v in {**TERMS, **terms}.items() if k != "schedule" and v is not None}
    return list(terms_problems(ENGINEERING, replace(bidding_lot("READY"), terms=stated, schedule=schedule_of(TERMS)), FACTS))


def codes(**terms: object) -> set[tuple[str, str]]:
    return {(p.path, p.code) for p in found(**terms)}


def test_the_example_is_ready() -> None:
    assert found() == []


@given(st.integers(5, 13))
def test_a_committee_is_of_an_odd_number(size: int) -> None:
    assert codes(committee_size=size) == ({("committee_size", "committee.size")} if size % 2 == 0 else set())


def test_what_the_law_requires_to_be_tendered_rests_on_an_approval() -> None:
    assert codes(approval_number=None) == {("approval_number", "engineering.approval_missing")}
    assert codes(approval_number=None, mandatory=False, state_funded=False) == set()


def test_a_tender_without_its_fair_competition_review_is_not_ready() -> None:
    assert codes(fair_competition_check=None) == {("fair_competition_check", "field.required")}


@given(st.sets(st.sampled_from(FAIR_COMPETITION), max_size=len(FAIR_COMPETITION) - 1).filter(bool), st.sampled_from(("yes", "no")))
def test_every_point_of_the_review_is_answered(answered: set[str], answer: str) -> None:
    (problem,) = found(fair_competition_check=dict.fromkeys(answered, answer), fair_competition_reason="法规另有规定")
    assert problem.params["points"] == ", ".join(p for p in FAIR_COMPETITION if p not in answered)


def test_the_pages_ask_every_point() -> None:
    assert POINTS == FAIR_COMPETITION
