"""A whole clearing from JSON to JSON: the example of docs/formats-clearing.md, what is dropped, what is refused, and the command."""
from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trading_core
from tests.evaluation.case_files import Json, changed
from tests.evaluation.test_case import JUNK, leaves, spots
from tests.export.stage import run
from trading_core.domain.clearing.case import clear_case
from trading_core.domain.errors import Refused

DOCUMENT = (Path(trading_core.__file__).parent.parent / "docs" / "formats-clearing.md").read_text("utf-8")


def example(kind: str) -> Json:
    found = re.search(rf"```json {kind} uniform\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    read: Json = json.loads(found[1])
    return read


CASE, RESULT = example("case"), example("result")


def refusal(case: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        clear_case(case)
    return [(p.code, p.path) for p in caught.value.problems]


def by_seq(result: Json) -> dict[int, Json]:
    return {line["seq"]: line for line in result["orders"]}


def test_the_documented_example_is_what_the_code_gives() -> None:
    """V-F1, whose figures tests/clearing/test_sealed.py takes from the rulebook."""
    assert clear_case(CASE) == RESULT


def test_v_f2_sells_what_is_wanted() -> None:
    for rule, revenue in (("uniform", 76_500_000), ("pay_as_bid", 82_900_000)):
        result = clear_case(changed(CASE, rules__supply="200", rules__pricing_rule=rule))
        assert (result["sold"], result["unsold"], result["clearing_price_fen"], result["revenue_fen"]) == ("170", "30", 450_000, revenue)
        assert "marginal" not in result


def test_quantities_are_decimals_of_the_unit() -> None:
    result = clear_case(changed(CASE, rules__quantum="0.001", rules__supply="100.500", orders__4__quantity="0.250"))
    assert result["supply"] == "100.5" and by_seq(result)[5]["quantity"] == "0.25"
    assert (by_seq(result)[3]["allocated"], by_seq(result)[4]["allocated"]) == ("21.786", "8.714")


def test_a_bid_that_is_no_multiple_is_dropped_not_rounded() -> None:
    result = clear_case(changed(CASE, orders__0__quantity="39.5"))
    assert result["orders"][0] == {"seq": 1, "bidder": "A", "unit_price_fen": 520_000, "quantity": "39.5", "dropped": "not_a_multiple"}
    assert result["sold"] == "100" and [b["bidder"] for b in result["bidders"]] == ["B", "C", "D"]
    smaller = clear_case(changed(CASE, orders__0__quantity="0.5", rules__quantum="0.3", rules__supply="0.3"))
    assert by_seq(smaller)[1]["dropped"] == "not_a_multiple" and smaller["sold"] == "0.3"


def test_a_cut_is_shown_where_it_was_made() -> None:
    limited = changed(CASE, rules__bidder_max="35", rules__over_limit="cut")
    lines = by_seq(clear_case(limited))
    assert (lines[1]["counted"], lines[1]["allocated"]) == ("35", "35") and "counted" not in lines[2]
    assert by_seq(clear_case(changed(limited, rules__over_limit="drop")))[1]["dropped"] == "above_max"


def test_nothing_sold_has_no_price() -> None:
    for case in (changed(CASE, orders=[]), changed(CASE, rules__reserve_unit_price_fen=520_001)):
        result = clear_case(case)
        assert (result["sold"], result["unsold"], result["bidders"], result["revenue_fen"]) == ("0", "100", [], 0)
        assert "clearing_price_fen" not in result


def test_every_fault_is_told_at_once() -> None:
    spoiled = changed(CASE, orders__1__bidder="A", orders__2__seq=1, orders__3__quantity="0", orders__4__unit_price_fen=10**13 + 1)
    assert refusal(spoiled) == [
        ("clearing.several_steps", "orders.1.bidder"), ("clearing.seq_twice", "orders.2.seq"),
        ("clearing.not_positive", "orders.3.quantity"), ("field.amount_out_of_range", "orders.4.unit_price_fen"),
    ]  # fmt: skip
    assert refusal(changed(CASE, rules__supply="0.5", orders__0__quantity=40, orders__1__received_at="09:00")) == [
        ("clearing.not_a_multiple", "rules.supply"), ("field.not_text", "orders.0.quantity"), ("field.not_instant", "orders.1.received_at"),
    ]  # fmt: skip
    assert refusal(changed(CASE, orders__0__quantity="4e1")) == [("evaluation.not_plain_decimal", "orders.0.quantity")]
    assert refusal({}) == [("field.required", "format"), ("field.required", "rules"), ("field.required", "orders")]
    assert refusal([]) == [("field.not_object", "")]
    assert clear_case(changed(CASE, rules__several_steps=True, orders__1__bidder="A"))["bidders"][0]["allocated"] == "70"


@given(st.randoms(use_true_random=False))
def test_the_order_of_bids_changes_nothing(chance: Any) -> None:
    shuffled = copy.deepcopy(CASE)
    chance.shuffle(shuffled["orders"])
    result = clear_case(shuffled)
    assert result == RESULT == json.loads(json.dumps(result))
    assert all(isinstance(leaf, str | int) for leaf in leaves(result))


@settings(max_examples=300)
@given(st.data())
def test_a_spoiled_case_is_cleared_or_refused_never_worse(data: st.DataObject) -> None:
    case = changed(CASE, rules__bidder_max="50", rules__over_limit="cut")
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(list(spots(case))))
        if data.draw(st.booleans()):
            container[key] = copy.deepcopy(data.draw(JUNK))
        else:
            del container[key]
        if not list(spots(case)):
            break
    try:
        clear_case(case)
    except Refused as refused:
        assert all(p.code for p in refused.problems)


# ------------------------------------------------------------------ gongxin evaluate

def test_the_command_takes_a_clearing_by_its_format(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(changed(CASE, orders__4__bidder="张三")), "utf-8")
    code, out, _ = run("evaluate", str(file), "--json")
    assert code == 0 and json.loads(out) == clear_case(json.loads(file.read_text("utf-8")))
    code, out, _ = run("evaluate", str(file), "--lang", "en")
    lines = out.splitlines()
    assert code == 0 and len(lines) == 6 + 4 + 2
    assert lines[2].startswith("3  C") and "21 of 50 t" in lines[2] and "4,800.00" in lines[2]
    assert "dropped" in lines[5] and "reserve" in lines[5]
    assert "D" in lines[9] and "43,200.00" in lines[9]
    assert "4,800.00" in lines[10] and "100" in lines[11] and "480,000.00" in lines[11]
    assert "底价" in run("evaluate", str(file))[1]


def test_the_command_says_when_nothing_is_sold(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(changed(CASE, orders=[])), "utf-8")
    code, out, _ = run("evaluate", str(file), "--lang", "en")
    assert code == 0 and "—" in out.splitlines()[0] and "0.00" in out.splitlines()[1]


def test_a_format_that_nobody_knows_is_told_with_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    for said in ({"format": "gongxin/clearing-case/9"}, {"format": ["x"]}, {"rules": {}}):
        file.write_text(json.dumps(said), "utf-8")
        code, out, _ = run("evaluate", str(file), "--json")
        problems = json.loads(out)["problems"]
        assert code == 1 and [p["path"] for p in problems] == ["format"]
    file.write_text(json.dumps({"format": "x"}), "utf-8")
    told = json.loads(run("evaluate", str(file), "--json")[1])["problems"][0]
    assert told["params"]["choices"] == "gongxin/evaluation-case/1, gongxin/clearing-case/1"
