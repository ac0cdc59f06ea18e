"""Fewer than three, by procedure and stage: the table of 03 §3.12a, line by line."""
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import Json, by_bid, case_file, changed
from tests.evaluation.test_evaluation_messages import CATALOGUE
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.fewer import ALLOWANCES, CONFORMING, STAGES, TABLE, fewer, least
from trading_core.domain.evaluation.purchase import PROCEDURES
from trading_core.domain.evaluation.rules import check_rules

GOODS, SERVICES, NEGOTIATED = case_file("P-F1"), case_file("P-F3"), case_file("negotiation")
DAY, EMERGENCY_DAY = date(2026, 9, 30), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("procedure", "stage", "count", "code", "then"),
    [
        ("tender", "deadline", 2, "not_opened", ("correct_and_retender", "other_method", "negotiate_with_two")),
        ("tender", "deadline", 1, "not_opened", ("correct_and_retender", "other_method")),
        ("tender", "qualified", 2, "no_evaluation", ("correct_and_retender", "other_method", "negotiate_with_two")),
        ("tender", "conforming", 2, "cancel", ("correct_and_retender", "other_method", "negotiate_with_two")),
        ("tender", "conforming", 0, "cancel", ("correct_and_retender", "other_method")),
        ("negotiation", "deadline", 2, "stop", ("new_activity",)),
        ("negotiation", "final_offers", 2, "stop", ("new_activity",)),
        ("inquiry", "deadline", 2, "stop", ("new_activity",)),
        ("inquiry", "conforming", 2, "stop", ("new_activity",)),
        ("consultation", "deadline", 2, "stop", ("new_activity",)),
        ("consultation", "final_offers", 2, "stop", ("new_activity",)),
        ("single_source", "conforming", 0, "stop", ("other_method",)),
        ("engineering", "deadline", 2, "not_opened", ("correct_and_retender",)),
        ("engineering", "conforming", 2, "committee_judges", ()),
        ("land_tender", "deadline", 2, "terminate", ()),
    ],
)
def test_the_table(procedure: str, stage: str, count: int, code: str, then: tuple[str, ...]) -> None:
    found = fewer(procedure, stage, count, on=DAY)
    assert found and (found.code, found.then) == (code, then) and found.rule
    assert fewer(procedure, stage, 3, on=DAY) is None


@pytest.mark.parametrize(
    ("procedure", "stage", "count", "facts"),
    [
        ("negotiation", "deadline", 2, {"ground": "failed_tender"}),  # N-7
        ("consultation", "deadline", 2, {"ground": "research"}),
        ("consultation", "conforming", 2, {"bought": "services"}),
        ("single_source", "deadline", 1, {}),
        ("inquiry", "conforming", 1, {"ground": "emergency", "on": EMERGENCY_DAY}),
    ],
)
def test_where_fewer_are_enough(procedure: str, stage: str, count: int, facts: Json) -> None:
    assert fewer(procedure, stage, count, **{"on": DAY, **facts}) is None
    assert fewer(procedure, stage, count - 1, **{"on": DAY, **facts}) is not None


@pytest.mark.parametrize(
    ("procedure", "stage", "facts"),
    [
        ("tender", "conforming", {"ground": "failed_tender"}),
        ("inquiry", "conforming", {"ground": "failed_tender"}),
        ("consultation", "deadline", {"bought": "services"}),  # two may only remain
        ("consultation", "conforming", {"bought": "goods"}),
        ("inquiry", "conforming", {"ground": "emergency"}),  # not before its day
    ],
)
def test_where_two_are_not_enough(procedure: str, stage: str, facts: Json) -> None:
    assert fewer(procedure, stage, 2, on=DAY, **facts) is not None


def test_a_reserved_package_is_reorganised() -> None:
    """P-D8."""
    found = fewer("tender", "qualified", 2, on=DAY, reserved=True)
    assert found and (found.code, found.then, found.rule) == ("stop", ("reorganise_unreserved",), "46 10")


def test_after_bids_are_read_a_land_tender_has_no_number() -> None:
    assert fewer("land_tender", "conforming", 1, on=DAY) is None


@given(st.sampled_from([row.procedure for row in TABLE]), st.sampled_from(STAGES), st.integers(0, 9), st.dates(),
       st.sampled_from(["", *(a.ground for a in ALLOWANCES)]), st.sampled_from(["goods", "services"]))  # fmt: skip
def test_enough_is_enough(procedure: str, stage: str, count: int, on: date, ground: str, bought: str) -> None:
    enough = least(procedure, stage, on=on, ground=ground, bought=bought)
    assert 1 <= enough <= 3
    if count >= enough:
        assert fewer(procedure, stage, count, on=on, ground=ground, bought=bought) is None
    elif procedure != "land_tender":
        assert fewer(procedure, stage, count, on=on, ground=ground, bought=bought) is not None


# ------------------------------------------------------------------ in an evaluation

def two_left(case: Json) -> Json:
    votes = dict.fromkeys(case["members"], True)
    last = case["bids"][-1]["id"]
    motion = {"bid": last, "ground": "IV-3", "stage": "preliminary", "clause": "1", "evidence": "x", "votes": votes}
    return changed(case, rejections=[motion])


def test_an_evaluation_says_what_follows() -> None:
    result = evaluate(two_left(GOODS))
    then = ["correct_and_retender", "other_method", "negotiate_with_two"]
    assert result["fewer"] == {"count": 2, "code": "cancel", "then": then}
    assert result["notices"] == [{"code": "fewer_cancel", "count": 2}]
    assert "fewer" not in evaluate(GOODS) and evaluate(GOODS)["notices"] == []
    assert {"code": "fewer_stop", "count": 2} in evaluate(two_left(NEGOTIATED))["notices"]
    assert by_bid(result)["C"]["status"] == "rejected"


def test_grounds_of_the_purchase_count() -> None:
    """N-7, and purchased services of which two are left."""
    after_tender = changed(two_left(NEGOTIATED), rules__purchase__fewer_by="failed_tender")
    assert "fewer" not in evaluate(after_tender)
    assert "fewer" not in evaluate(two_left(SERVICES))
    purchase = {**SERVICES["rules"]["purchase"], "fewer_by": "emergency"}
    rules = changed(SERVICES, rules__purchase=purchase)["rules"]
    assert [(p.code, p.path) for p in check_rules(rules)] == [("evaluation.ground_not_in_force", "purchase.fewer_by")]


def test_what_an_evaluation_can_say_has_a_text() -> None:
    codes = {row.follows.code for row in TABLE if CONFORMING in row.stages and row.procedure in PROCEDURES}
    assert codes == {"cancel", "stop"}
    assert all(CATALOGUE.has(f"notice.evaluation.fewer_{code}") for code in codes)
