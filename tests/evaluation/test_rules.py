"""What a tender document may state about evaluation: checked in full before it is published [02 §2.7]."""
from __future__ import annotations

import copy
from typing import Any

import pytest

from trading_core.domain.evaluation.rules import check_rules, rules_from

PARAMS = {
    "full_score": "60", "floor": "0", "e_high": "1.0", "e_low": "0.5", "step": "continuous", "unit": "wan_yuan",
    "benchmark_places": 4, "deviation_places": "unrounded", "score_places": 2, "rounding": "ROUND_HALF_UP",
}  # fmt: skip
COMMON = {"line_rounding": "ROUND_HALF_UP", "tie_price": "quoted", "candidates_max": 3}
ITEM = {
    "id": "T1", "title": "Plan", "group": "technical", "kind": "subjective", "points_min": "0", "points_max": "40", "points_step": "0.5",
}  # fmt: skip
RULES: dict[str, Any] = {
    **COMMON, "method": "comprehensive", "scored_price": "corrected", "benchmark_set": "fixed_after_preliminary_review",
    "price": {"formula": "E-F1", "params": {**PARAMS, "k": "0.03"}},
    "items": [ITEM], "item_scores": {"aggregation": "mean", "places": 4, "rounding": "ROUND_HALF_UP"},
    "total": {"places": 2, "rounding": "ROUND_HALF_UP"}, "tie_rules": ["higher_technical"],
}  # fmt: skip
LOWEST = {**COMMON, "method": "lowest", "adjustments": [{"id": "payment", "title": "Payment"}]}
DRAWN = {**RULES, "price": {"formula": "E-F1", "params": PARAMS, "drawn": {"parameter": "k", "candidates": ["0.02", "0.03"]}}}
ADDITION = {"small_micro_rate": "0.04", "consortium_rate": "0.02", "capped": True, "places": 4, "rounding": "ROUND_HALF_UP"}


def faults(rules: dict[str, Any]) -> list[tuple[str, str]]:
    before = copy.deepcopy(rules)
    found = [(p.code, p.path) for p in check_rules(rules, "evaluation.")]
    assert rules == before
    return found


@pytest.mark.parametrize("rules", [RULES, LOWEST, DRAWN, {**RULES, "small_business": ADDITION}, {**RULES, "small_business": None}])
def test_lawful_rules_pass(rules: dict[str, Any]) -> None:
    assert faults(rules) == []
    assert rules_from(rules).method == rules["method"]


def test_alternative_bids_cannot_be_asked_for() -> None:
    """[B-17, RJ-4] The platform takes none, so no document may promise them."""
    assert faults({**RULES, "alternatives_allowed": True}) == [("field.unknown", "evaluation.alternatives_allowed")]


def test_rules_as_they_are_applied() -> None:
    found = rules_from({**RULES, "items": [{**ITEM, "guide": None}]})
    assert (found.items[0].guide, found.tie_rules, found.params_with(None)["k"]) == ("", ("higher_technical",), "0.03")
    assert rules_from(DRAWN).params_with("0.02")["k"] == "0.02"
    assert not found.uses_ceiling
    composite = {**RULES, "price": {"formula": "E-F3", "params": {**PARAMS, "k": "0", "mean_weight": "0.5"}}}
    assert rules_from(composite).uses_ceiling


@pytest.mark.parametrize("name", ["scored_price", "benchmark_set", "price", "items", "item_scores", "total", "tie_rules"])
def test_nothing_of_a_comprehensive_evaluation_is_implicit(name: str) -> None:
    assert faults({key: value for key, value in RULES.items() if key != name}) == [("field.required", f"evaluation.{name}")]


def test_each_method_refuses_what_belongs_to_the_other() -> None:
    assert faults({**RULES, "adjustments": []}) == [("evaluation.not_in_method", "evaluation.adjustments")]
    assert faults({**LOWEST, "tie_rules": [], "price": RULES["price"]}) == [
        ("evaluation.not_in_method", "evaluation.price"), ("evaluation.not_in_method", "evaluation.tie_rules"),
    ]  # fmt: skip
    assert faults({key: value for key, value in LOWEST.items() if key != "adjustments"}) == [("field.required", "evaluation.adjustments")]


def drawn(candidates: list[str], parameter: str = "k", formula: str = "E-F1", **params: object) -> dict[str, Any]:
    draw = {"parameter": parameter, "candidates": candidates}
    return {**RULES, "price": {"formula": formula, "params": {**PARAMS, **params}, "drawn": draw}}


def test_every_value_that_may_be_drawn_must_be_possible() -> None:
    assert faults(drawn(["0.02", "1", "3%", "2"])) == [
        ("evaluation.k_is_one", "evaluation.price.drawn.candidates.1"), ("field.not_decimal", "evaluation.price.drawn.candidates.2"),
        ("field.out_of_range", "evaluation.price.drawn.candidates.3"),
    ]  # fmt: skip


def test_a_fault_of_another_parameter_is_told_once() -> None:
    assert faults(drawn(["0.02", "0.03"], floor="70")) == [("evaluation.floor_above_full", "evaluation.price.params.floor")]


def test_a_value_spelt_twice_would_be_drawn_more_often() -> None:
    assert faults(drawn(["0.02", "0.03", "0.020"])) == [("evaluation.twice", "evaluation.price.drawn.candidates.2")]


def test_what_is_drawn_is_a_parameter_of_the_formula_and_not_fixed() -> None:
    assert faults(drawn(["0.4", "0.5"], parameter="mean_weight")) == [("evaluation.not_drawable", "evaluation.price.drawn.parameter")]
    assert faults(drawn(["0.02", "0.03"], k="0.03")) == [("evaluation.drawn_and_fixed", "evaluation.price.params.k")]
    assert faults(drawn(["0.02"])) == [("field.list_length", "evaluation.price.drawn.candidates")]
    assert faults(drawn(["0.4", "0.5"], parameter="mean_weight", formula="E-F3", k="0.03")) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"small_micro_rate": "0.06"}, ("evaluation.uplift_rate", "small_micro_rate")),
        ({"consortium_rate": "0.03"}, ("evaluation.uplift_rate", "consortium_rate")),
        ({"places": 1}, ("evaluation.uplift_places", "places")),
    ],
)
def test_the_addition_for_small_businesses_stays_within_the_law(changed: dict[str, Any], fault: tuple[str, str]) -> None:
    found = faults({**RULES, "small_business": {**ADDITION, **changed}})
    assert found == [(fault[0], f"evaluation.small_business.{fault[1]}")]


def test_a_fault_in_each_part_is_told_at_once() -> None:
    rules = {
        **RULES, "price": {"formula": "E-F1", "params": {**PARAMS, "k": "1"}}, "items": [ITEM, {**ITEM, "points_step": "0.7"}],
        "tie_rules": ["higher_technical", "younger", "higher_technical"],
    }  # fmt: skip
    assert set(faults(rules)) == {
        ("evaluation.k_is_one", "evaluation.price.params.k"), ("evaluation.twice", "evaluation.items.1.id"),
        ("evaluation.item_step", "evaluation.items.1.points_step"), ("evaluation.twice", "evaluation.tie_rules.2"),
        ("field.not_a_choice", "evaluation.tie_rules.1"),
    }  # fmt: skip


def test_an_adjustment_is_listed_once() -> None:
    assert faults({**LOWEST, "adjustments": LOWEST["adjustments"] * 2}) == [("evaluation.twice", "evaluation.adjustments.1.id")]
