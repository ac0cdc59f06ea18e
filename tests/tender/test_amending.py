"""Amendments: a lot that was lawfully announced stays one, whatever somebody sends to change it [A-01, A-07, D-01]."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.form import CHANGEABLE, FORM
from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, Course, at, bidding_lot
from tests.world import TERMS
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.fields import check
from trading_core.domain.stages.amending import acts, changeable_fields
from trading_core.domain.stages.announcing import schedule_of, terms_problems
from trading_core.domain.trade import Facts

NOW = at("2026-03-05T10:00")
FACTS = Facts(work_calendar(), {"unsent": frozenset(), "earlier_documents": frozenset()})
DRAFT = ENGINEERING.acts["draft"].fields
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.integers(), st.text(max_size=8), st.just("x" * 300), st.just({}),
    st.just({"name": "x"}), st.just([]), st.just(["x"]), st.sampled_from(("invited", "pre", "survey_design")), st.just(10**14),
)  # fmt: skip


def announced(**terms: object) -> Course:
    stated = {k: v for k, v in {**TERMS, **terms}.items() if k != "schedule"}
    lot = replace(bidding_lot("BIDDING"), terms=stated, schedule=schedule_of(TERMS))
    assert list(terms_problems(ENGINEERING, lot, FACTS)) == []
    return Course(lot, dict(FACTS.values), trade=ENGINEERING)


def amend(course: Course, changes: object = None, **more: Any) -> None:
    said = {"changes": changes} if changes is not None else {}
    course.give("amend", AGENCY, more.pop("now", NOW), note="修改", affects_preparation=more.pop("affects", False), **said, **more)


def refused(course: Course, *args: Any, **more: Any) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        amend(course, *args, **more)
    return {(p.path, p.code) for p in refusal.value.problems}


@given(st.dictionaries(st.sampled_from([f.name for f in FORM]), VALUES, max_size=3))
def test_no_change_makes_a_lot_that_could_not_be_announced(changes: dict[str, object]) -> None:
    course = announced()
    before = dict(course.lot.terms)
    try:
        amend(course, changes)
    except Refused as refusal:
        assert all(p.path.startswith("changes.") for p in refusal.problems)
        assert course.lot.terms == before
        return
    assert {k for k, v in course.lot.terms.items() if before.get(k) != v} <= set(CHANGEABLE)
    check([f for f in DRAFT if f.name != "schedule"], course.lot.terms)
    assert list(terms_problems(ENGINEERING, course.lot, FACTS)) == []


@pytest.mark.parametrize("term", sorted({f.name for f in FORM} - set(CHANGEABLE)))
def test_what_makes_the_tender_what_it_is_never_changes(term: str) -> None:
    assert refused(announced(), {term: TERMS.get(term, "x")}) == {(f"changes.{term}", "field.unknown")}


@pytest.mark.parametrize("term", sorted(CHANGEABLE))
def test_a_changeable_term_of_another_type_is_refused(term: str) -> None:
    number = next(f for f in FORM if f.name == term).kind in ("integer", "money")
    assert refused(announced(), {term: "x" if number else 5}) == {(f"changes.{term}", "field.not_integer" if number else "field.not_text")}


def test_all_faults_of_the_changes_are_told_at_once() -> None:
    changes = {"ceiling_fen": "x", "deposit_fen": -1, "duration_days": 0, "quality": True, "mandatory": False}
    assert {path for path, _ in refused(announced(), changes)} == {f"changes.{name}" for name in changes}


def test_the_cap_of_the_deposit_holds_after_publication_too() -> None:
    """2 % of ten million eight hundred thousand yuan are 216,000 yuan [D-01]."""
    course = announced()
    assert refused(course, {"deposit_fen": 21_600_001}) == {("changes.deposit_fen", "deposit.above_cap")}
    amend(course, {"deposit_fen": 21_600_000})
    assert course.lot.terms["deposit_fen"] == 21_600_000


def test_faults_of_the_changes_and_of_the_deadline_are_told_together() -> None:
    late, saturday = at("2026-03-16T10:00"), "2026-03-28T09:30:00+08:00"
    found = refused(announced(), {"deposit_fen": 10**14}, affects=True, now=late, new_deadline=saturday)
    rest = {("new_deadline", "amendment.deadline_too_early"), ("new_deadline", "period.ends_on_rest_day")}
    assert found == {("changes.deposit_fen", "deposit.above_cap"), *rest}


def test_what_was_amiss_before_hinders_no_amendment() -> None:
    """A lot announced under an older form, or issued later than planned, can still be put right."""
    course = announced()
    course.lot = replace(course.lot, schedule={**course.lot.schedule, "issue_start": at("2026-03-06T08:30")})
    assert list(terms_problems(ENGINEERING, course.lot, FACTS)) != []
    amend(course, {"duration_days": 240})
    assert course.lot.terms["duration_days"] == 240


def test_changeable_terms_are_fields_of_the_form_with_their_rules() -> None:
    stated = {f.name: f for f in changeable_fields(FORM, CHANGEABLE)}
    assert all(stated[name].rule == rule and not stated[name].required for name, rule in CHANGEABLE.items())
    with pytest.raises(ValueError, match="no_such_term"):
        changeable_fields(FORM, {"no_such_term": "A-01"})
    assert "changes" not in {f.name for a in acts(FORM, {}) if a.name == "amend" for f in a.fields}
