"""What must be settled before a tender is announced, told all at once and before anybody prepares a bid [01 §1.2 READY]."""
from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.form import FEW_BIDDERS, HIGH_COST
from plugins.engineering.mandatory import SCALE, is_mandatory
from plugins.engineering.readiness import FAIR_COMPETITION
from plugins.engineering.trade import ENGINEERING
from tests.tender.course import at, bidding_lot
from tests.world import TERMS
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Problem
from trading_core.domain.stages.announcing import schedule_of, terms_problems
from trading_core.domain.tender.awarding import publicity_problems
from trading_core.domain.tender.trustees import AFTER_TECHNICAL, AT_OPENING
from trading_core.domain.trade import Facts
from web.views.wizard import POINTS

FACTS = Facts(work_calendar(), {"unsent": frozenset(), "earlier_documents": frozenset()})


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


@given(st.sampled_from(sorted(SCALE)), st.integers(1, 10**10), st.booleans(), st.booleans())
def test_what_the_law_requires_is_not_called_voluntary(kind: str, estimate: int, funded: bool, mandatory: bool) -> None:
    terms = {"object_kind": kind, "estimate_fen": estimate, "state_funded": funded, "mandatory": mandatory}
    told = ("mandatory", "engineering.mandatory_by_law") in codes(**terms, deposit_fen=0)
    assert told == (is_mandatory(terms)[0] and not mandatory)


def test_the_scale_is_reached_to_the_fen() -> None:
    for kind, (scale, rule) in SCALE.items():
        stated = {"object_kind": kind, "state_funded": True}
        assert is_mandatory({**stated, "estimate_fen": scale}) == (True, rule)
        assert not is_mandatory({**stated, "estimate_fen": scale - 1})[0]


def test_an_invited_tender_states_its_ground() -> None:
    assert codes(tender_way="invited") == {("invited_ground", "engineering.invited_ground_missing")}
    assert codes(tender_way="invited", invited_ground=FEW_BIDDERS) == set()
    assert codes(tender_way="invited", state_funded=False) == set()


def test_cost_as_a_ground_needs_a_finding() -> None:
    assert codes(tender_way="invited", invited_ground=HIGH_COST) == {("invited_approval", "engineering.invited_finding_missing")}
    assert codes(tender_way="invited", invited_ground=HIGH_COST, invited_approval="澜发改〔2026〕3 号") == set()


def test_a_key_project_is_tendered_by_invitation_when_approved() -> None:
    terms = {"tender_way": "invited", "invited_ground": FEW_BIDDERS, "key_project": True}
    assert codes(**terms) == {("invited_approval", "engineering.invited_approval_missing")}
    assert codes(**terms, invited_approval="发改〔2026〕3 号") == set()


def test_prequalification_documents_are_out_for_five_days() -> None:
    dates = {"prequalification_issue_start": at("2026-02-02T09:00"), "prequalification_issue_end": at("2026-02-06T17:00")}
    lot = replace(bidding_lot("READY"), terms={**TERMS, "qualification_way": "pre"}, schedule={**schedule_of(TERMS), **dates})
    found = {(p.path, p.code) for p in terms_problems(ENGINEERING, lot, FACTS)}
    assert found == {("schedule.prequalification_issue_end", "period.too_short"), ("prequalification", "prequalification.rules_missing")}
    assert list(terms_problems(ENGINEERING, replace(lot, terms=TERMS), FACTS)) == []


def test_the_law_asks_for_publicity_of_mandatory_tenders_only() -> None:
    for mandatory in (True, False):
        lot = replace(bidding_lot("EVALUATED"), terms={**TERMS, "mandatory": mandatory})
        assert [p.code for p in publicity_problems(ENGINEERING, lot, at("2026-04-01T09:00"))] == ["award.publicity_missing"] * mandatory


@given(st.lists(st.tuples(st.sampled_from(("a", "b", "c")), st.sampled_from((AT_OPENING, AFTER_TECHNICAL))), min_size=1, max_size=4))
def test_envelopes_open_in_turn_each_under_its_own_name(plan: list[tuple[str, str]]) -> None:
    told = codes(envelopes=[{"name": name, "opens": opens} for name, opens in plan])
    names, opens = [n for n, _ in plan], [o for _, o in plan]
    lawful = len(set(names)) == len(names) and opens[0] == AT_OPENING and opens == sorted(opens, reverse=True)
    assert (told == set()) == lawful
    assert all(path.startswith("envelopes.") for path, _ in told)
