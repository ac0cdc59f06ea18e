"""What holds for a case of any method: the same again in any order, no floats, contracts at the price bid, and junk only refused."""
from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation.case_files import FOLDER, Json, by_bid, case_file, changed
from tests.evaluation.test_case import JUNK, leaves, spots
from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.methods import METHODS

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
CASES = {name: case_file(name) for name in NAMES}
LISTS = ("members", "bids", "rejections", "entries", "low_price_reviews", "brand_decisions")


def test_every_way_beside_tenders_of_works_has_a_case_file() -> None:
    assert {case["rules"]["method"] for case in CASES.values()} == METHODS.keys() - {"comprehensive", "lowest"}


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
def test_the_order_within_the_case_changes_nothing(name: str, chance: Any) -> None:
    shuffled = copy.deepcopy(CASES[name])
    for part in LISTS:
        chance.shuffle(shuffled.get(part, []))
    result = evaluate(shuffled)
    assert result == evaluate(CASES[name]) == json.loads(json.dumps(result))
    assert all(isinstance(leaf, str | int) for leaf in leaves(result))


@given(st.sampled_from(NAMES), st.lists(st.integers(80 * 10**6, 100 * 10**6), min_size=2, max_size=4))
def test_candidates_contract_at_the_price_they_bid(name: str, prices: list[int]) -> None:
    """P-S7: neither the price for review nor any evaluated price is a price of a contract."""
    case = CASES[name]
    bids = [{**bid, "price_fen": fen} for bid, fen in zip(case["bids"], prices, strict=False)]
    known = {bid["id"] for bid in bids}
    entries = [e for e in case.get("entries", ()) if e["bid"] in known]
    bounds = {key: 10**9 if key != "reserve_fen" else 1 for key in ("ceiling_fen", "budget_fen", "reserve_fen") if key in case}
    case = changed(case, bids=bids, entries=entries, tie_decisions=[], **bounds)
    reviews = [{"bid": bid, "judgement": True, "outcome": "explained", "opinion": "x"} for bid in known]
    result = evaluate(changed(case, low_price_reviews=reviews) if "low_price" in case["rules"] else case)
    paid = {bid["id"]: bid["price_fen"] for bid in bids}
    assert all(c["contract_fen"] == paid[c["bid"]] for c in result["candidates"])
    assert all(own.get("evaluated_fen", 0) <= paid[bid] for bid, own in by_bid(result).items())


@settings(max_examples=300)
@given(st.sampled_from(NAMES), st.data())
def test_a_spoiled_case_is_evaluated_or_refused_never_worse(name: str, data: st.DataObject) -> None:
    case: Json = copy.deepcopy(CASES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(list(spots(case))))
        if data.draw(st.booleans()):
            container[key] = copy.deepcopy(data.draw(JUNK))
        else:
            del container[key]
    try:
        evaluate(case)
    except Refused as refused:
        assert all(p.code for p in refused.problems)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_says_how_it_came_about(name: str) -> None:
    result = evaluate(CASES[name])
    assert {"format", "method", "bids", "proposals", "rejections", "ranking", "candidates", "notices"} <= result.keys()
    for place in result["ranking"]:
        told = by_bid(result)[place["bid"]]
        assert ("total" in told) != ("evaluated_fen" in told)
