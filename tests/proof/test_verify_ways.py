"""The verifier repeats evaluations of every way: case files of the rulebook, any purchase, and what it does not know it refuses."""
from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.domain import money
from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.methods import METHODS
from trading_core.domain.evaluation.reading import CASE_FIELDS
from trading_core.verify import scores, ways
from trading_core.verify.report import Broken, Malformed
from trading_core.verify.text import Value

Json = dict[str, Any]
WAN = 10**6
FOLDER = Path(__file__).parents[1] / "evaluation" / "cases"
CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def check(case: Json, result: Json) -> None:
    found = scores.result_of(scores.read_case(Value(case, "case")))
    scores.compare(found, Value(result, "result"), "result")


# ------------------------------------------------------------------ the rulebook's cases

@pytest.mark.parametrize("name", CASES)
def test_the_results_of_the_rulebook_follow(name: str) -> None:
    check(CASES[name], evaluate(CASES[name]))


def test_the_figures_of_the_rulebook_are_its_own() -> None:
    """P-F1, P-F3, 04 §4.6, R-F2, SEL-2, SEL-4, by the verifier alone."""
    def told(name: str) -> dict[str, Any]:
        said: Any = scores.result_of(scores.read_case(Value(CASES[name], "case")))
        return {bid["bid"]: bid for bid in said["bids"]}

    assert [b["total"] for b in told("P-F1").values()] == ["85.82", "84.60", "85.35"]
    assert [b["price"]["score"] for b in told("P-F2").values()] == ["30.0000", "26.4000", "27.9661"]
    assert [b["price"]["score"] for b in told("P-F3").values()] == ["19.2500", "18.2970", "20.0000"]
    assert [b["price"]["score"] for b in told("land-tender").values() if "price" in b] == ["60.0000", "57.6923", "54.8077"]
    assert [b["total"] for b in told("R-F2").values()] == ["94.6667", "86.0000", "97.3333"]
    assert [b["discount"] for b in told("SEL-2").values()] == ["16.00", "21.00", "21.00"]
    assert [b["total"] for b in told("SEL-4").values()] == ["89.0000", "90.0000"]


def test_both_know_the_same_ways_and_keys() -> None:
    assert ways.WAYS.keys() == METHODS.keys()
    for name, way in ways.WAYS.items():
        known = METHODS[name]
        ties = () if name == "price_selection" else known.ties
        assert (way.points, way.high, way.formulas, way.ties) == (known.points, known.better == "high", known.formulas, ties)
        assert way.settler == known.settled_by[0] and set(way.rules) == {*known.needs, *known.may}
    assert set(ways.CASE) == {f.name for f in CASE_FIELDS}
    assert set(ways.BID) == {f.name for bids in CASE_FIELDS if bids.name == "bids" for f in bids.fields}


# ------------------------------------------------------------------ any purchase

KINDS = (
    ("scoring", "tender", "goods"), ("scoring", "consultation", "services"), ("lowest_evaluated", "tender", "goods"),
    ("lowest_offer", "negotiation", "works"), ("lowest_offer", "inquiry", "goods"),
)  # fmt: skip
RATES = {"goods": ("0.10", "0.04"), "services": ("0.20", "0.06"), "works": ("0.05", "0.02")}
SIZES = st.sampled_from(["large", "medium", "small", "micro", "prison", "welfare"])
MODES = st.sampled_from(["ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN"])


@st.composite
def purchases(draw: st.DrawFn) -> Json:
    """Purchases of any kind, brought to an end as people would."""
    method, procedure, bought = draw(st.sampled_from(KINDS))
    day, members = draw(st.sampled_from(["2025-03-03", "2026-01-05", "2026-03-02"])), ["1", "2", "3"]
    small, shared = RATES[bought]
    rules: Json = {
        "method": method, "line_rounding": draw(MODES), "candidates_max": draw(st.integers(1, 4)),
        "purchase": {"procedure": procedure, "bought": bought, "announced_on": day},
        "deductions": {"small_micro_rate": small, "consortium_rate": shared, "places": draw(st.integers(0, 2)), "rounding": draw(MODES)},
        "tie_rules": draw(st.sampled_from([[], ["higher_technical"] if method == "scoring" else ["lower_price"]])),
    }  # fmt: skip
    if draw(st.booleans()):
        rules["tie_price"] = draw(st.sampled_from(["quoted", "corrected", "review"]))
    if draw(st.booleans()) and day != "2025-03-03":
        rules["deductions"]["domestic_rate"] = "0.20"
    if day == "2026-03-02":
        rules["low_price"] = {"mean_rate": draw(st.sampled_from(["0.50", "0.65"])), "second_rate": "0.50", "ceiling_rate": "0.45"}
    if draw(st.integers(0, 3)) == 0:
        rules["corrections"] = "unit_prices"
    if method == "scoring":
        params = {"full_score": "30", "score_places": draw(st.integers(0, 4)), "rounding": draw(MODES)}
        rules |= {"price": {"formula": "E-F5", "params": params},
                  "items": [{"id": "T", "title": "t", "group": "technical", "kind": "subjective", "points_min": "0", "points_max": "60",
                             "points_step": "1"}],
                  "item_scores": {"aggregation": "mean", "places": 2, "rounding": draw(MODES)},
                  "factors": [{"id": "f", "title": "t", "group": "commercial", "full_score": "10", "scale": "7"}],
                  "factor_scores": {"places": 1, "rounding": draw(MODES)}, "total": {"places": 1, "rounding": draw(MODES)}}  # fmt: skip
        if procedure == "tender" and draw(st.booleans()):
            rules["brand_rules"] = draw(st.sampled_from([["lower_price"], ["higher_technical", "lower_price"]]))
    ids = [f"b{i}" for i in range(draw(st.integers(1, 5)))]
    case: Json = {"format": "gongxin/evaluation-case/1", "rules": rules, "members": members, "budget_fen": 200 * WAN,
                  "bids": [_bid(draw, bid, method, procedure, bought) for bid in ids], "rejections": []}  # fmt: skip
    if draw(st.booleans()):
        case["ceiling_fen"] = 190 * WAN
    for bid in ids:
        if draw(st.integers(0, 4)) == 0:
            votes = {m: draw(st.booleans()) for m in members}
            stage = draw(st.sampled_from(["preliminary", "detailed"]))
            case["rejections"].append({"bid": bid, "ground": "IV-3", "stage": stage, "clause": "c", "evidence": "e", "votes": votes})
    if method == "scoring":
        points = {bid: str(draw(st.integers(40, 42))) for bid in ids}
        case["entries"] = [{"member": m, "bid": bid, "points": {"T": points[bid]}} for bid in ids for m in members]
    return settled(draw, case)


def _bid(draw: st.DrawFn, name: str, method: str, procedure: str, bought: str) -> Json:
    price = draw(st.sampled_from([40, 60, 80, 99, 100, 120])) * WAN
    bid: Json = {"id": name, "price_fen": price}
    if method == "scoring":
        bid["factors"] = {"f": draw(st.sampled_from(["0", "3", "6.5", "7"]))}
    if procedure == "tender" and draw(st.booleans()):
        bid["brand"] = draw(st.sampled_from(["甲", "乙"]))
    declared = draw(st.integers(0, 3))
    if declared == 1:
        bid |= {"small_business": draw(st.sampled_from(["none", "small_micro", "consortium"])), "domestic": draw(st.booleans())}
    elif declared == 2:
        bid["products"] = [
            {"id": str(i), "maker": draw(SIZES), "domestic": draw(st.booleans()), "cost_fen": draw(st.integers(1, 9))}
            for i in range(draw(st.integers(1, 3)))
        ]
    if declared == 3 or (declared == 2 and draw(st.booleans())):
        sizes, share = (draw(SIZES), draw(SIZES)), draw(st.sampled_from(["0.3", "0.29", "0.5"]))
        shares = (f"{1 - float(share):.2f}", share)
        bid["parties"] = [{"id": str(i), "size": size, "contract_share": part, "linked": draw(st.integers(0, 3)) == 0}
                          for i, (size, part) in enumerate(zip(sizes, shares, strict=True))]  # fmt: skip
        if bought == "goods":
            bid.setdefault("products", [{"id": "0", "maker": draw(SIZES)}])
    if draw(st.booleans()):
        bid["words"] = money.daxie(price + draw(st.sampled_from([0, WAN])))
    if draw(st.integers(0, 2)) == 0:
        quantity, moved = draw(st.integers(1, 20)), draw(st.sampled_from(["1", "10", "0.1", "100"]))
        line = {"id": "1", "quantity": str(quantity), "unit_price_fen": money_text(price, quantity, moved)}
        bid["lines"] = [line | {"total_fen": draw(st.sampled_from([price, price * 10]))}]
        if draw(st.booleans()):
            bid["lines"].append({"id": "2", "total_fen": draw(st.integers(0, 5)) * WAN})
        flag = draw(st.sampled_from([None, None, True, False]))
        if flag is not None:
            bid["lines"][0]["decimal_point_error"] = flag
    if draw(st.integers(0, 4)) == 0:
        bid["further_prices"] = [{"price_fen": price + draw(st.sampled_from([0, 1])), "place": "p"}]
    return bid


def money_text(price: int, quantity: int, moved: str) -> str:
    whole = price // quantity
    return {"1": f"{whole}", "10": f"{whole * 10}", "0.1": f"{whole // 10}.{whole % 10}", "100": f"{whole * 100}"}[moved]


def settled(draw: st.DrawFn, case: Json) -> Json:
    """The case with what people settle: corrections confirmed, prices explained or voted out, equal brands drawn, votes held."""
    for _ in range(60):
        try:
            evaluate(case)
        except Refused as refused:
            problem = refused.problems[0]
        else:
            return case
        row = problem.path.split(".")
        where: Json = case["bids"][int(row[1])] if row[0] == "bids" else {}
        bid = str(problem.params.get("bid", where.get("id", "")))
        match problem.code:
            case "evaluation.correction_unanswered":
                where["correction"] = "confirmed"
            case "evaluation.decimal_point_unexplained":
                del where["lines"][int(row[3])]["decimal_point_error"]
            case "evaluation.low_price_open":
                outcome = draw(st.sampled_from(["explained", "unexplained"]))
                case.setdefault("low_price_reviews", []).append({"bid": bid, "outcome": outcome, "opinion": "o"})
            case "evaluation.low_price_unexplained":
                case["rejections"].append(_motion(case, bid, "IV-7", draw(st.sampled_from(["preliminary", "detailed"])), True))
            case "evaluation.low_price_no_trigger":
                case["low_price_reviews"][int(row[1])]["judgement"] = True
            case "evaluation.brand_undecided":
                chosen = draw(st.sampled_from(str(problem.params["bids"]).split(", ")))
                case.setdefault("brand_decisions", []).append({"brand": problem.params["brand"], "bid": chosen, "reason": "r"})
            case "evaluation.not_a_brand_tie":
                case["brand_decisions"].pop(int(row[1]))
            case "evaluation.proposal_undecided":
                case["rejections"].append(_motion(case, bid, str(problem.params["ground"]), "preliminary", draw(st.booleans())))
            case _:  # what cannot be settled is not bid so
                index = case["bids"].index(where) if where else 0
                case["bids"][index] = {k: v for k, v in case["bids"][index].items() if k in ("id", "price_fen", "factors", "brand")}
    raise AssertionError("not settled")


def _motion(case: Json, bid: str, ground: str, stage: str, agreed: bool) -> Json:
    return {"bid": bid, "ground": ground, "stage": stage, "clause": "c", "evidence": "e", "votes": dict.fromkeys(case["members"], agreed)}


@settings(max_examples=300)
@given(purchases())
def test_every_result_of_a_purchase_follows(case: Json) -> None:
    result = evaluate(case)
    check(case, result)
    for brand in result.get("brands", ()):
        if "undecided" in brand:
            case.setdefault("brand_decisions", []).append({"brand": brand["brand"], "bid": brand["undecided"][-1], "reason": "r"})
    ties: dict[int, list[str]] = {}
    for place in result["ranking"]:
        if "tie_group" in place:
            ties.setdefault(place["tie_group"], []).append(place["bid"])
    case["tie_decisions"] = [{"order": order[::-1], "by": "draw", "reason": "r"} for order in ties.values()]
    check(case, evaluate(case))


# ------------------------------------------------------------------ what does not follow

def forged(result: Json, *path: Any, value: Any) -> Json:
    made = copy.deepcopy(result)
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return made


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("P-F1", ("bids", 1, "review", "review_fen"), 80 * WAN),
        ("P-F1", ("bids", 1, "review", "small_business"), "none"),
        ("P-F1", ("bids", 0, "review", "rate"), "0.1"),
        ("P-F1", ("candidates", 0, "contract_fen"), 90 * WAN),
        ("P-F1", ("fewer",), {"count": 2, "code": "cancel", "then": []}),
        ("P-F1", ("brands",), [{"brand": "甲", "bids": ["A", "B"], "chosen": "A"}]),
        ("P-F1", ("low_prices",), [{"bid": "A", "triggers": [], "outcome": "explained"}]),
        ("P-F1", ("undecided",), {"bids": ["A"], "open_seats": 1}),
        ("P-F2", ("bids", 0, "review", "domestic"), False),
        ("negotiation", ("bids", 2, "evaluated_fen"), 103 * WAN),
        ("negotiation", ("ranking", 1, "rank"), 3),
        ("negotiation", ("price",), {"formula": "E-F5"}),
        ("low-price", ("low_prices", 0, "triggers"), []),
        ("low-price", ("low_prices", 0, "outcome"), "unexplained"),
        ("land-tender", ("bids", 3, "status"), "valid"),
        ("land-tender", ("bids", 0, "price", "score"), "59.0000"),
        ("R-F2", ("bids", 1, "factors", 0, "score"), "20.0"),
        ("R-M2", ("ranking", 1, "settled_by"), "draw"),
        ("SEL-2", ("bids", 0, "discount"), "21.00"),
        ("SEL-2", ("candidates",), [{"rank": 1, "bid": "B", "contract_fen": 3_950_000}]),
    ],
)
def test_a_changed_result_is_broken(name: str, path: tuple[Any, ...], value: Any) -> None:
    result = evaluate(CASES[name])
    with pytest.raises(Broken):
        check(CASES[name], forged(result, *path, value=value))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("low-price", ("low_price_reviews",), []),
        ("low-price", ("low_price_reviews", 0, "outcome"), "unexplained"),
        ("low-price", ("budget_fen",), 105 * WAN),
        ("P-F1", ("bids", 0, "further_prices"), [{"price_fen": 1, "place": "p"}]),
        ("P-F1", ("bids", 0, "lines"), [{"id": "1", "total_fen": 94 * WAN}]),
        ("P-F1", ("brand_decisions",), [{"brand": "甲", "bid": "A", "reason": "r"}]),
    ],
)
def test_what_people_left_open_cannot_stand(name: str, path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(Broken):
        check(forged(CASES[name], *path, value=value), evaluate(CASES[name]))


def test_equal_lowest_bids_of_a_brand_cannot_stand_undecided() -> None:
    case = copy.deepcopy(CASES["low-price"])
    for bid in case["bids"][1:3]:
        bid |= {"brand": "甲", "price_fen": 100 * WAN}
    with pytest.raises(Broken):
        check(case, {})
    case["brand_decisions"] = [{"brand": "甲", "bid": "C", "reason": "r"}]
    check(case, evaluate(case))


def test_an_undecided_brand_holds_back_whoever_comes_after_it() -> None:
    """Equal points within a brand: the better one of another brand is sure, nobody else."""
    case = copy.deepcopy(CASES["P-F1"])
    case["bids"] = [{"id": bid, "price_fen": 90 * WAN, **({"brand": "甲"} if bid in "BC" else {})} for bid in "ABCD"]
    points = {"A": "60", "B": "50", "C": "50", "D": "40"}
    case["entries"] = [{"member": m, "bid": bid, "points": {"T": own}} for bid, own in points.items() for m in "12345"]
    result = evaluate(case)
    check(case, result)
    assert [c["bid"] for c in result["candidates"]] == ["A"]
    more = [*result["candidates"], {"rank": 2, "bid": "B", "contract_fen": 90 * WAN}]
    with pytest.raises(Broken):
        check(case, forged(result, "candidates", value=more))


def test_an_error_that_two_lines_could_explain_is_left_to_the_unit_prices() -> None:
    case = copy.deepcopy(CASES["P-F1"])
    line = {"quantity": "10", "unit_price_fen": "1000000", "total_fen": 10 * WAN}
    case["bids"][0] |= {"price_fen": 110 * WAN, "lines": [{"id": "1", **line}, {"id": "2", **line}], "correction": "confirmed"}
    case["budget_fen"] = 120 * WAN
    result = evaluate(case)
    check(case, result)
    assert result["bids"][0]["bid_price_fen"] == 20 * WAN
    case["bids"][0]["lines"][1]["decimal_point_error"] = True
    result = evaluate(case)
    check(case, result)
    assert result["bids"][0]["bid_price_fen"] == 110 * WAN


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rules", "method"), "lottery"), (("rules", "adjustments"), []), (("rules", "surprise"), "1"), (("surprise",), 1),
        (("bids", 0, "surprise"), True), (("rules", "price", "formula"), "E-F1"), (("rules", "purchase", "procedure"), "single_source"),
        (("bids", 0, "products"), [{"id": "1", "maker": "giant"}]),
    ],
)  # fmt: skip
def test_what_the_verifier_does_not_know_it_refuses(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(Malformed):
        check(forged(CASES["P-F1"], *path, value=value), evaluate(CASES["P-F1"]))
