"""A whole case through `evaluate`: the examples of docs/formats-evaluation.md, 02 §2.7, what is refused, and what holds for any case."""
from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trading_core
from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.rejection import GROUNDS

Json = dict[str, Any]
DOCUMENT = (Path(trading_core.__file__).parent.parent / "docs" / "formats-evaluation.md").read_text("utf-8")
WAN = 10**6


def example(kind: str, name: str) -> Json:
    found = re.search(rf"```json {kind} {name}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    read: Json = json.loads(found[1])
    return read


CASE, LOWEST = example("case", "comprehensive"), example("case", "lowest")


def changed(case: Json, **parts: Any) -> Json:
    """A copy of a case; keys with double underscores reach inside: ``rules__total__places``."""
    made = copy.deepcopy(case)
    for name, value in parts.items():
        at: Any = made
        *way, last = name.split("__")
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        key = int(last) if last.isdigit() else last
        if value is ...:
            del at[key]
        else:
            at[key] = value
    return made


def refusal(case: Json) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        evaluate(case)
    return [(p.code, p.path) for p in caught.value.problems]


def by_bid(result: Json) -> dict[str, Json]:
    return {bid["bid"]: bid for bid in result["bids"]}


def priced(params: Json, formula: str, prices: dict[str, int], **more: Any) -> Json:
    """A case with price scores only."""
    return changed(
        CASE, rules__items=[], entries=[], rejections=[], drawn_value=..., rules__price={"formula": formula, "params": params},
        bids=[{"id": bid, "price_fen": fen} for bid, fen in prices.items()], **more,
    )  # fmt: skip


# ------------------------------------------------------------------ worked examples

@pytest.mark.parametrize("name", ["comprehensive", "lowest"])
def test_the_documented_examples_are_what_the_code_gives(name: str) -> None:
    assert evaluate(example("case", name)) == example("result", name)


def test_lowest_evaluated_price_table() -> None:
    """02 §2.7.1: evaluated 9 980 000, 10 026 000, 9 970 000; contract with B would be 9 816 000, with C it is 10 050 000."""
    result = evaluate(LOWEST)
    assert {b: r["evaluated_fen"] for b, r in by_bid(result).items()} == {"A": 998_000_000, "B": 1_002_600_000, "C": 997_000_000}
    assert [(p["bid"], p["rank"]) for p in result["ranking"]] == [("C", 1), ("A", 2), ("B", 3)]
    assert {c["bid"]: c["contract_fen"] for c in result["candidates"]} == {"A": 986_000_000, "B": 981_600_000, "C": 1_005_000_000}


def test_the_corrected_price_scores_where_the_document_says_so() -> None:
    assert by_bid(evaluate(CASE))["B"]["price"]["price"] == "1000.000000"
    assert by_bid(evaluate(changed(CASE, rules__scored_price="quoted")))["B"]["price"]["price"] == "999.000000"


def test_small_business_addition() -> None:
    """02 §2.7.2: price score 38.50 with +4 % is 40.0400."""
    params = {"full_score": "50", "score_places": 2, "rounding": "ROUND_HALF_UP"}
    case = priced(params, "E-F5", {"A": 77_000, "B": 100_000, "C": 77_001})
    addition = {"small_micro_rate": "0.04", "consortium_rate": "0.02", "capped": True, "places": 4, "rounding": "ROUND_HALF_UP"}
    case["rules"]["small_business"] = addition
    for bid, size in zip(case["bids"], ("small_micro", "small_micro", "consortium"), strict=True):
        bid["small_business"] = size
    found = by_bid(evaluate(case))
    assert (found["B"]["price"]["score"], found["B"]["price"]["with_addition"]) == ("38.50", "40.0400")
    assert (found["A"]["price"]["score"], found["A"]["price"]["with_addition"]) == ("50.00", "50.0000")  # capped at F
    assert found["C"]["price"]["with_addition"] == "50.0000"
    case["rules"]["small_business"]["capped"] = False
    assert by_bid(evaluate(case))["A"]["price"]["with_addition"] == "52.0000"
    for bid in case["bids"]:
        bid["small_business"] = "none"
    assert by_bid(evaluate(case))["B"]["price"]["with_addition"] == "38.50"


def test_composite_benchmark_takes_the_published_ceiling() -> None:
    params = {**CASE["rules"]["price"]["params"], "full_score": "40", "k": "0.05", "mean_weight": "0.6", "score_places": 4}
    case = priced(params, "E-F3", {"A": 980 * WAN, "B": 1000 * WAN, "C": 1020 * WAN, "D": 950 * WAN, "E": 1060 * WAN})
    result = evaluate(case)
    assert (result["price"]["benchmark"]["value"], by_bid(result)["A"]["price"]["score"]) == ("981.5400", "39.9216")
    assert refusal(changed(case, ceiling_fen=...)) == [("evaluation.ceiling_needed", "ceiling_fen")]


# ------------------------------------------------------------------ who is in, who is out

def with_motion(case: Json, bid: str, votes: str, **more: Any) -> Json:
    """The case with a further motion; votes: one of ``+-.`` per member."""
    cast = {member: vote == "+" for member, vote in zip(case["members"], votes, strict=True) if vote != "."}
    motion = {"bid": bid, "ground": "RJ-3", "stage": "preliminary", "clause": "2.1", "evidence": "licence", "votes": cast, **more}
    return changed(case, rejections=[*case.get("rejections", []), motion])


def test_a_bid_rejected_in_preliminary_review_is_out_of_the_benchmark() -> None:
    result = evaluate(with_motion(CASE, "E", "+++--"))
    assert result["price"]["benchmark"]["counted"] == ["A", "B", "C", "D"]
    assert by_bid(result)["E"]["status"] == "rejected" and "total" not in by_bid(result)["E"]


def test_a_flood_of_bids_keeps_nobody_from_being_evaluated() -> None:
    """One bidder may send in thousands; each is voted out, and the others come out as without them."""
    flood = [f"X{n}" for n in range(2_500)]
    votes = dict.fromkeys(CASE["members"], True)
    motions = [{"bid": b, "ground": "RJ-6", "stage": "preliminary", "clause": "1", "evidence": "blank", "votes": votes} for b in flood]
    case = changed(CASE, bids=[*CASE["bids"], *({"id": b} for b in flood)], rejections=[*CASE["rejections"], *motions])
    assert evaluate(case)["ranking"] == evaluate(CASE)["ranking"]


def test_a_later_rejection_keeps_or_recomputes_the_benchmark_as_stated() -> None:
    late = with_motion(CASE, "E", "+++--", stage="detailed")
    kept = evaluate(late)
    assert kept["price"]["benchmark"] == evaluate(CASE)["price"]["benchmark"]
    assert [p["bid"] for p in kept["ranking"]] == ["A", "B", "D", "C"]
    anew = evaluate(changed(late, rules__benchmark_set="recomputed_after_rejection"))
    assert anew["price"]["benchmark"]["counted"] == ["A", "B", "C", "D"]


def test_a_minority_rejects_nobody() -> None:
    result = evaluate(with_motion(CASE, "E", "++---"))
    assert by_bid(result)["E"]["status"] == "valid"
    assert [r["decision"] for r in result["rejections"]] == ["kept", "rejected"]


@pytest.mark.parametrize("stage", ["preliminary", "detailed"])
def test_a_bid_rejected_before_its_price_was_opened_has_none(stage: str) -> None:
    case = changed(CASE, bids__4={"id": "E"})
    assert refusal(case) == [("evaluation.price_missing", "bids.4.price_fen")]
    result = evaluate(with_motion(case, "E", "+++--", stage=stage))
    assert by_bid(result)["E"] == {"bid": "E", "status": "rejected"}
    assert result["price"]["benchmark"]["counted"] == ["A", "B", "C", "D"]
    assert refusal(with_motion(case, "E", "+++--", ground="RJ-5", basis="above_ceiling")) == [
        ("evaluation.not_above_ceiling", "rejections.1.basis"),
    ]  # fmt: skip


def test_an_open_vote_must_be_finished() -> None:
    assert refusal(with_motion(CASE, "E", "++-..")) == [("evaluation.vote_open", "rejections.1.votes")]


def test_above_the_ceiling_needs_the_committees_vote() -> None:
    assert ("evaluation.proposal_undecided", "bids.5") in refusal(changed(CASE, rejections=[]))


def test_a_vote_on_costs_does_not_decide_about_the_ceiling() -> None:
    case = changed(CASE, rejections__0__basis="below_cost", rejections__0__votes=dict.fromkeys(CASE["members"], False))
    assert ("evaluation.proposal_undecided", "bids.5") in refusal(case)


def test_a_ceiling_proposal_the_committee_votes_down_stays_visible() -> None:
    case = changed(CASE, rejections__0__votes=dict.fromkeys(CASE["members"], False))
    case["entries"] += [{"member": m, "bid": "F", "points": {"T1": "20", "C1": "0"}} for m in case["members"]]
    result = evaluate(case)
    assert by_bid(result)["F"]["status"] == "valid"
    assert {"code": "proposal_not_confirmed", "bid": "F", "ground": "RJ-5"} in result["notices"]


def test_a_price_within_the_ceiling_cannot_be_rejected_for_it() -> None:
    """Distance from any other price, a base price above all, cannot be smuggled in as RJ-5 [BLR 50]."""
    case = with_motion(CASE, "D", "+++++", ground="RJ-5", basis="above_ceiling")
    assert refusal(case) == [("evaluation.not_above_ceiling", "rejections.1.basis")]
    base_price = with_motion(CASE, "D", "+++++", ground="base_price")
    assert refusal(base_price) == [("evaluation.ground_not_in_law", "rejections.1.ground")]


def test_two_bids_of_one_bidder_must_be_voted_on() -> None:
    case = changed(CASE, bids__0__bidder="x", bids__2__bidder="x")
    assert refusal(case) == [("evaluation.proposal_undecided", "bids.0"), ("evaluation.proposal_undecided", "bids.2")]


def test_an_unanswered_correction_stops_the_evaluation() -> None:
    assert refusal(changed(CASE, bids__1__correction=...)) == [("evaluation.correction_unanswered", "bids.1.correction")]


def test_a_decimal_point_error_is_told_with_both_unit_prices() -> None:
    line = {"id": "1", "quantity": "100", "unit_price_fen": "98000000", "total_fen": 980 * WAN}
    case = changed(CASE, bids__0__lines=[line], bids__0__correction="confirmed")
    found = by_bid(evaluate(case))["A"]
    assert found["bid_price_fen"] == 980 * WAN
    assert found["corrections"] == [{
        "rule": "total_over_unit_price", "line": "1",
        "unit_price_before_fen": "98000000.000000000000", "unit_price_after_fen": "9800000.000000000000",
    }]  # fmt: skip


def test_a_refused_correction_has_to_be_rejected_by_vote() -> None:
    case = changed(CASE, bids__1__correction="refused")
    assert refusal(case) == [("evaluation.correction_refused", "bids.1.correction")]
    result = evaluate(with_motion(case, "B", "+++++", ground="RJ-6"))
    assert by_bid(result)["B"]["bid_price_fen"] == 999_000_000 and by_bid(result)["B"]["status"] == "rejected"


def test_words_in_chinese_count() -> None:
    case = changed(CASE, bids__0__words="玖佰捌拾壹万元整", bids__0__correction="confirmed")
    assert by_bid(evaluate(case))["A"]["bid_price_fen"] == 981 * WAN
    assert refusal(changed(CASE, bids__0__words="nine million")) == [("money.not_words", "bids.0.words")]


def test_few_or_no_bids_left_are_told_not_decided() -> None:
    case = changed(LOWEST, bids=LOWEST["bids"][:2])
    assert evaluate(case)["notices"] == [{"code": "fewer_than_three", "count": 2}]
    for bid in "AB":
        case = with_motion(case, bid, "+++++")
    result = evaluate(case)
    assert (result["notices"], result["candidates"], result["ranking"]) == ([{"code": "none_left"}], [], [])


# ------------------------------------------------------------------ ties

TIED = changed(LOWEST, bids=[{"id": bid, "price_fen": fen} for bid, fen in (("A", 100), ("B", 90), ("C", 100), ("D", 80), ("E", 100))])


def test_ties_are_flagged_and_never_ordered() -> None:
    result = evaluate(TIED)
    assert [(p["bid"], p["rank"], p.get("tie_group")) for p in result["ranking"]] == [
        ("D", 1, None), ("B", 2, None), ("A", 3, 1), ("C", 3, 1), ("E", 3, 1),
    ]  # fmt: skip
    assert [c["bid"] for c in result["candidates"]] == ["D", "B"]
    assert result["undecided"] == {"bids": ["A", "C", "E"], "open_seats": 1}
    assert {"code": "tied", "tie_group": 1, "bids": ["A", "C", "E"]} in result["notices"]


def test_the_tenderer_decides_the_whole_tie() -> None:
    result = evaluate(changed(TIED, tie_decisions=[{"order": ["E", "A", "C"], "reason": "published method"}]))
    assert [c["bid"] for c in result["candidates"]] == ["D", "B", "E"] and "undecided" not in result
    assert [p["rank"] for p in result["ranking"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("order", [["A", "C"], ["D", "B"], ["A", "C", "E", "B"]])
def test_what_the_rules_decide_nobody_else_decides(order: list[str]) -> None:
    case = changed(TIED, tie_decisions=[{"order": order, "reason": "x"}])
    assert refusal(case) == [("evaluation.not_a_tie", "tie_decisions.0.order")]


def test_a_tie_is_decided_once() -> None:
    orders = [{"order": list(order), "reason": "x"} for order in ("ACE", "ECA")]
    assert refusal(changed(TIED, tie_decisions=orders)) == [("evaluation.not_a_tie", "tie_decisions.1.order")]


@pytest.mark.parametrize(("tie_price", "first"), [("quoted", "A"), ("corrected", "B")])
def test_the_lower_price_of_a_tie_is_the_one_stated(tie_price: str, first: str) -> None:
    """Equal evaluated prices: A quoted 90 corrected to 110, B quoted and bid 100 and adjusted to 110."""
    bids = [
        {"id": "A", "price_fen": 90, "words": "壹元壹角", "correction": "confirmed"},
        {"id": "B", "price_fen": 100, "adjustments": [{"id": "payment", "amount_fen": 10}]},
    ]
    result = evaluate(changed(LOWEST, bids=bids, rules__tie_price=tie_price))
    assert [p["bid"] for p in result["ranking"]][0] == first
    assert result["ranking"][1]["settled_by"] == "lower_price"


def test_the_documents_rule_settles_equal_totals_at_equal_prices() -> None:
    params = {"full_score": "60", "score_places": 2, "rounding": "ROUND_HALF_UP"}
    case = priced(params, "E-F5", {"A": 100, "B": 100}, rules__tie_rules=[])
    case["rules"]["items"] = CASE["rules"]["items"]
    given = {"A": {"T1": "30", "C1": "2"}, "B": {"T1": "32", "C1": "0"}}
    case["entries"] = [{"member": m, "bid": bid, "points": points} for m in case["members"] for bid, points in given.items()]
    assert [p.get("tie_group") for p in evaluate(case)["ranking"]] == [1, 1]
    for rule, first in (("higher_technical", "B"), ("higher_commercial", "A")):
        result = evaluate(changed(case, rules__tie_rules=[rule]))
        assert result["ranking"][0]["bid"] == first and result["ranking"][1]["settled_by"] == rule


# ------------------------------------------------------------------ scores

def entry(member: str, bid: str) -> int:
    return next(i for i, e in enumerate(CASE["entries"]) if (e["member"], e["bid"]) == (member, bid))


def test_objective_items_must_be_reconciled_first() -> None:
    case = changed(CASE, **{f"entries__{entry('3', 'A')}__points__C1": "1"})
    assert refusal(case) == [("evaluation.objective_differs", "entries.A.C1")]


def test_points_out_of_range_stop_everything() -> None:
    case = changed(CASE, **{f"entries__{entry('2', 'B')}__points__T1": "38.5"})
    assert refusal(case) == [("evaluation.points_out_of_range", f"entries.{entry('2', 'B')}.points.T1")]


def test_every_member_scores_every_valid_bid() -> None:
    case = changed(CASE, entries=[e for e in CASE["entries"] if (e["member"], e["bid"]) != ("2", "B")])
    assert refusal(case) == [("evaluation.points_missing", "entries")] * 2
    assert "total" not in by_bid(evaluate(with_motion(case, "B", "+++++")))["B"]


# ------------------------------------------------------------------ bad cases

def test_all_problems_come_at_once_with_their_paths() -> None:
    case = changed(
        CASE, format="x", rules__price__params__e_low=..., rules__total__places=9, bids__0__price_fen=0.5, ceiling_fen="much",
        rejections__0__stage="later", surplus=1, members__0=5, entries__0__points=[],
    )  # fmt: skip
    assert set(refusal(case)) == {
        ("field.unknown", "surplus"), ("field.not_a_choice", "format"), ("field.out_of_range", "rules.total.places"),
        ("field.not_integer", "bids.0.price_fen"), ("field.not_integer", "ceiling_fen"), ("field.not_a_choice", "rejections.0.stage"),
        ("field.not_text", "members.0"), ("field.not_map", "entries.0.points"),
    }  # fmt: skip


def test_faults_between_the_parts_come_together_too() -> None:
    case = changed(
        CASE, members__0="2", drawn_value="0.05", bids__1__lines__1__id="1", bids__0__small_business="none", entries__0__bid="Z"
    )  # fmt: skip
    assert set(refusal(case)) == {
        ("evaluation.twice", "members.1"), ("evaluation.not_a_candidate", "drawn_value"), ("evaluation.twice", "bids.1.lines.1.id"),
        ("evaluation.benefit_not_announced", "bids.0.small_business"), ("evaluation.bid_unknown", "entries.0.bid"),
        ("evaluation.member_unknown", "rejections.0.votes.1"),
        *(("evaluation.member_unknown", f"entries.{i}.member") for i, e in enumerate(CASE["entries"]) if e["member"] == "1"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"drawn_value": ...}, ("evaluation.not_drawn", "drawn_value")),
        ({"bids__0__adjustments": [{"id": "x", "amount_fen": 1}]}, ("evaluation.adjustment_not_announced", "bids.0.adjustments.0.id")),
        ({"bids__1__lines__0__quantity": ...}, ("evaluation.half_a_line", "bids.1.lines.0")),
        ({"bids__1__lines__1__id": "1"}, ("evaluation.twice", "bids.1.lines.1.id")),
        ({"bids__1__lines__0__quantity": "1e2"}, ("evaluation.not_plain_decimal", "bids.1.lines.0.quantity")),
        ({"bids__0__correction": "confirmed"}, ("evaluation.nothing_to_confirm", "bids.0.correction")),
        ({"members": ["1", "2"]}, ("evaluation.too_few_to_trim", "members")),
        ({"entries__1__member": "1"}, ("evaluation.twice", "entries.1")),
        ({"tie_decisions": [{"order": ["A", "Z"], "reason": "x"}]}, ("evaluation.bid_unknown", "tie_decisions.0.order.1")),
        ({"tie_decisions": [{"order": ["A", "A"], "reason": "x"}]}, ("evaluation.twice", "tie_decisions.0.order.1")),
        ({"bids__1__lines": [{"id": "1", "total_fen": 0}]}, ("field.amount_out_of_range", "bids.1.lines")),
        ({"bids__1__price_fen": ...}, ("field.required", "bids.1.price_fen")),
        ({"bids__2__id": "A"}, ("evaluation.twice", "bids.2.id")),
        ({"rules": []}, ("field.not_object", "rules")),
        ({"rules": ...}, ("field.required", "rules")),
        ({"bids": ...}, ("field.required", "bids")),
    ],
)
def test_one_fault_one_problem(parts: Json, problem: tuple[str, str]) -> None:
    assert problem in refusal(changed(CASE, **parts))


def test_an_adjustment_counts_once() -> None:
    twice = LOWEST["bids"][0]["adjustments"] * 2
    assert refusal(changed(LOWEST, bids__0__adjustments=twice)) == [("evaluation.twice", "bids.0.adjustments.1.id")]


def test_who_asks_for_no_benefit_gets_none() -> None:
    addition = {"small_micro_rate": "0.03", "consortium_rate": "0.01", "capped": True, "places": 2, "rounding": "ROUND_HALF_UP"}
    silent = changed(CASE, rules__small_business=addition)
    said = changed(silent, **{f"bids__{i}__small_business": "none" for i in range(len(CASE["bids"]))})
    assert evaluate(silent) == evaluate(said)


def test_the_lowest_price_method_has_no_scores() -> None:
    assert ("evaluation.not_in_method", "entries") in refusal(changed(LOWEST, entries=[{"member": "1", "bid": "A", "points": {"T1": "1"}}]))


def test_an_empty_optional_key_is_as_good_as_none() -> None:
    empty: Json = {"ceiling_fen": "", "drawn_value": "", "entries": None, "tie_decisions": "", "bids__0__words": "", "bids__0__lines": None}
    assert evaluate(changed(LOWEST, **empty)) == evaluate(LOWEST)
    assert evaluate(changed(CASE, bids__1__lines__0__decimal_point_error="", bids__0__bidder="")) == evaluate(CASE)


def test_a_case_is_an_object() -> None:
    with pytest.raises(Refused) as caught:
        evaluate([CASE])  # type: ignore[arg-type]
    assert [p.code for p in caught.value.problems] == ["field.not_object"]


# ------------------------------------------------------------------ properties

@st.composite
def cases(draw: st.DrawFn) -> Json:
    """Lawful cases of either method: some bids corrected, some rejected, everybody's points within the sheet."""
    count = draw(st.integers(0, 6))
    ids = [f"B{i}" for i in range(count)]
    base = draw(st.sampled_from([CASE, LOWEST]))
    bids = []
    for bid in ids:
        price = draw(st.integers(90 * WAN, 110 * WAN) | st.sampled_from([100 * WAN, 101 * WAN]))
        made: Json = {"id": bid, "price_fen": price}
        if draw(st.booleans()):
            total = draw(st.integers(90 * WAN, 108 * WAN))
            made["lines"] = [{"id": "1", "total_fen": total}]
            if total != price:
                made["correction"] = "confirmed"
        if base is LOWEST and draw(st.booleans()):
            made["adjustments"] = [{"id": "payment", "amount_fen": draw(st.integers(-WAN, WAN))}]
        bids.append(made)
    case = changed(base, bids=bids, rejections=[], ceiling_fen=120 * WAN)
    for bid in ids:
        if draw(st.integers(0, 3)) == 0:
            ground = draw(st.sampled_from([g for g in GROUNDS if g != "RJ-5"]))
            votes = draw(st.text("+-", min_size=5, max_size=5))
            case = with_motion(case, bid, votes, ground=ground, stage=draw(st.sampled_from(["preliminary", "detailed"])))
    if base is CASE:
        case["rules"]["tie_rules"] = draw(st.sampled_from([[], ["higher_technical"], ["higher_commercial", "higher_price_score"]]))
        case["rules"]["benchmark_set"] = draw(st.sampled_from(["fixed_after_preliminary_review", "recomputed_after_rejection"]))
        case["drawn_value"] = draw(st.sampled_from(["0.02", "0.03", "0.04"]))
        works = {bid: str(draw(st.integers(0, 2))) for bid in ids}
        points = st.integers(0, 76).map(lambda n: f"{n / 2:.1f}")
        case["entries"] = [
            {"member": m, "bid": bid, "points": {"T1": draw(points), "C1": works[bid]}} for m in case["members"] for bid in ids
        ]  # fmt: skip
    return case


@given(cases())
def test_a_case_gives_the_same_result_again_and_after_a_trip_through_json(case: Json) -> None:
    before = copy.deepcopy(case)
    result = evaluate(case)
    assert case == before  # nothing is written into the case
    assert evaluate(json.loads(json.dumps(case))) == result == json.loads(json.dumps(result))


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_within_the_case_changes_nothing(case: Json, chance: Any) -> None:
    result = evaluate(case)
    shuffled = copy.deepcopy(case)
    for name in ("members", "bids", "rejections", "entries"):
        chance.shuffle(shuffled.get(name, []))
    assert evaluate(shuffled) == result


@given(cases())
def test_the_ranking_agrees_with_the_totals(case: Json) -> None:
    result = evaluate(case)
    found = by_bid(result)
    worth = {
        bid: -Decimal(r["total"]) if "total" in r else Decimal(r["evaluated_fen"]) for bid, r in found.items() if r["status"] == "valid"
    }  # fmt: skip
    assert {p["bid"] for p in result["ranking"]} == set(worth)
    for above in result["ranking"]:
        for below in result["ranking"]:
            if worth[above["bid"]] < worth[below["bid"]]:
                assert above["rank"] < below["rank"]
    assert len(result["candidates"]) <= 3
    assert {c["bid"] for c in result["candidates"]} <= set(worth)


@given(cases())
def test_the_result_holds_only_json_without_floats(case: Json) -> None:
    assert all(isinstance(leaf, str | int) for leaf in leaves(evaluate(case)))


@given(cases())
def test_the_contract_price_is_the_bid_price(case: Json) -> None:
    result = evaluate(case)
    given = {bid["id"]: bid for bid in case["bids"]}
    for candidate in result["candidates"]:
        bid = given[candidate["bid"]]
        lines = [line["total_fen"] for line in bid.get("lines", [])]
        assert candidate["contract_fen"] == (sum(lines) if lines else bid["price_fen"])


JUNK = st.sampled_from([None, "", "x", 0, -1, 10**30, True, 0.5, [], {}, [None], {"x": None}, "1e9", "\x00", "9" * 400, [[]], {"a": {}}])


@given(st.sampled_from([CASE, LOWEST]), st.data())
def test_a_spoiled_case_is_evaluated_or_refused_never_worse(base: Json, data: st.DataObject) -> None:
    case = copy.deepcopy(base)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(spots(case))
        container, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            container[key] = copy.deepcopy(data.draw(JUNK))
        else:
            del container[key]
    try:
        evaluate(case)
    except Refused as refused:
        assert all(p.code for p in refused.problems)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document as (container, key)."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from spots(value[key])
