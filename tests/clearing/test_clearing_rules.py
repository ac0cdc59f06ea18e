"""What a notice must state of a divisible auction [06 §6.4], and that every fault and name has its words."""
from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import trading_core
from tests.evaluation.test_evaluation_messages import every
from trading_core.domain.clearing.quantities import Quantum
from trading_core.domain.clearing.rules import FIELDS, check_rules, rules_from
from trading_core.domain.errors import Refused
from trading_core.messages import read

MESSAGES = Path(trading_core.__file__).parent / "messages"
STATED: dict[str, Any] = {
    "quantity_unit": "t", "quantum": "0.001", "supply": "12.5", "reserve_unit_price_fen": 300_000, "several_steps": False,
    "bidder_max": "5", "over_limit": "cut", "pricing_rule": "uniform", "marginal_rule": "pro_rata", "rounding_rule": "largest_fraction",
}  # fmt: skip


def told(**changes: Any) -> list[tuple[str, str]]:
    said = {k: v for k, v in {**STATED, **changes}.items() if v is not ...}
    return [(p.code, p.path) for p in check_rules(said, "rules.")]


def test_rules_that_pass_are_read() -> None:
    assert told() == [] == told(bidder_max=..., over_limit=...) == told(bidder_max="", over_limit=None)
    rules = rules_from(STATED)
    assert (rules.quantum, rules.supply, rules.bidder_max) == (Quantum(Fraction(1, 1000)), 12_500, 5_000)
    assert rules.cut and rules.uniform
    without = rules_from({**STATED, "bidder_max": "", "over_limit": None, "pricing_rule": "pay_as_bid"})
    assert (without.bidder_max, without.cut, without.uniform) == (None, False, False)
    assert not rules_from({**STATED, "over_limit": "drop"}).cut


@pytest.mark.parametrize("name", [f.name for f in FIELDS if f.required])
def test_a_notice_states_every_rule(name: str) -> None:
    assert told(**{name: ...}) == [("field.required", f"rules.{name}")]


def test_what_cannot_be_cleared_is_refused_when_it_is_stated() -> None:
    assert told(supply="12.5005", bidder_max="0.0001") == [
        ("clearing.not_a_multiple", "rules.supply"), ("clearing.not_a_multiple", "rules.bidder_max"),
    ]  # fmt: skip
    assert told(quantum="0") == [("clearing.not_positive", "rules.quantum")]
    assert told(supply="-1", bidder_max="0") == [("clearing.not_positive", "rules.supply"), ("clearing.not_positive", "rules.bidder_max")]
    assert told(supply="1e3") == [("evaluation.not_plain_decimal", "rules.supply")]
    assert told(bidder_max=...) == [("clearing.limit_incomplete", "rules.bidder_max")]
    assert told(over_limit=...) == [("clearing.limit_incomplete", "rules.over_limit")]
    assert told(rounding_rule="nearest") == [("field.not_a_choice", "rules.rounding_rule")]


def test_no_reserve_makes_the_supply_worth_more_than_can_be_held() -> None:
    """10^15 fen at most: 12.5 t at 8 × 10^13 fen/t."""
    assert told(reserve_unit_price_fen=8 * 10**13) == []
    assert told(reserve_unit_price_fen=8 * 10**13 + 1) == [("field.amount_out_of_range", "rules.reserve_unit_price_fen")]


def test_a_quantity_at_the_border() -> None:
    """06 §6.7(2): 0.125 t by 0.001 t is 125; what is no multiple is refused, not rounded."""
    kilogram = Quantum(Fraction(1, 1000))
    assert kilogram.count("0.125") == kilogram.count("0.1250") == 125 and kilogram.text(125) == "0.125"
    for text, code in (("0.1255", "clearing.not_a_multiple"), ("0", "clearing.not_positive"), ("-1", "clearing.not_positive"),
                       ("1,000", "evaluation.not_plain_decimal"), ("", "evaluation.not_plain_decimal")):  # fmt: skip
        with pytest.raises(Refused) as caught:
            kilogram.count(text, "quantity")
        assert [(p.code, p.path) for p in caught.value.problems] == [(code, "quantity")]


def test_every_field_and_choice_has_a_title() -> None:
    catalogue = read([MESSAGES])
    for f in every(FIELDS):
        assert catalogue.has(f"field.{f.name}"), f.name
        assert all(catalogue.has(f"choice.{f.name}.{choice}") for choice in f.choices), f.name


def test_no_problem_text_of_this_room_is_left_over() -> None:
    texts = tomllib.loads((MESSAGES / "clearing.toml").read_text("utf-8"))["problem"]["clearing"]
    sources = "".join(p.read_text("utf-8") for p in (MESSAGES.parent / "domain" / "clearing").glob("*.py"))
    assert not [code for code in texts if f'"clearing.{code}"' not in sources]
