"""The verifier's own arithmetic: the rulebook's tables to the last digit, and agreement with the server's on anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trading_core.domain import money, periods
from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.numbers import rounded as server_rounded
from trading_core.domain.workcalendar import WorkCalendar, YearDays
from trading_core.verify import figures, prices, scores
from trading_core.verify import periods as counting
from trading_core.verify.report import Broken, Malformed
from trading_core.verify.text import Value


def check_result(case: Value, result: Value) -> None:
    scores.compare(scores.result_of(scores.read_case(case)), result, result.where)


WAN = 10**6  # fen in 万元
DEVIATION = {
    "full_score": "60",
    "floor": "0",
    "e_high": "1.0",
    "e_low": "0.5",
    "step": "continuous",
    "unit": "wan_yuan",
    "benchmark_places": 4,
    "deviation_places": "unrounded",
    "score_places": 4,
    "rounding": "ROUND_HALF_UP",
    "k": "0.03",
}
FIVE = (980, 1000, 1020, 950, 1060)


def points(
    formula: str, params: Mapping[str, Any], wan: tuple[int, ...], ceiling_wan: int | None = None
) -> tuple[dict[str, Any], list[str], list[str]]:
    """Benchmark, scores and deviations in the order of the prices."""
    fen = {f"b{i}": price * WAN for i, price in enumerate(wan)}
    ceiling = None if ceiling_wan is None else ceiling_wan * WAN
    benchmark, said = prices.price_scores(formula, Value(dict(params), "params"), fen, fen, ceiling)
    rows = [said[b][1] for b in fen]
    return benchmark, [str(r["score"]) for r in rows], [f"{Decimal(str(r.get('deviation', 0))):.4f}" for r in rows]


# ------------------------------------------------------------------ the rulebook's tables


def test_e_f1() -> None:
    benchmark, four, deviations = points("E-F1", DEVIATION, FIVE)
    assert benchmark["value"] == "971.9400"
    assert four == ["59.1707", "57.1130", "55.0553", "58.8713", "50.9398"]
    assert points("E-F1", {**DEVIATION, "score_places": 2}, FIVE)[1] == ["59.17", "57.11", "55.06", "58.87", "50.94"]
    assert deviations == ["0.8293", "2.8870", "4.9447", "-2.2573", "9.0602"]


def test_e_f2() -> None:
    params = {**DEVIATION, "full_score": "50", "k": "0.02", "drop_one_from": 7, "drop_two_from": 0}
    benchmark, four, deviations = points("E-F2", params, (915, 940, 955, 962, 970, 988, 1030))
    assert benchmark["value"] == "943.7400" and benchmark["dropped"] == ["b0", "b6"]
    assert deviations == ["-3.0453", "-0.3963", "1.1931", "1.9349", "2.7825", "4.6899", "9.1402"]
    assert four == ["48.4773", "49.8019", "48.8069", "48.0651", "47.2175", "45.3101", "40.8598"]


def test_e_f3() -> None:
    benchmark, four, deviations = points("E-F3", {**DEVIATION, "full_score": "40", "k": "0.05", "mean_weight": "0.6"}, FIVE, 1080)
    assert benchmark["value"] == "981.5400"
    assert deviations == ["-0.1569", "1.8807", "3.9183", "-3.2133", "7.9936"]
    assert four == ["39.9216", "38.1193", "36.0817", "38.3933", "32.0064"]


def test_e_f4() -> None:
    line = {"full_score": "40", "full_to_fen": 90 * WAN, "zero_from_fen": 100 * WAN, "score_places": 0, "rounding": "ROUND_HALF_UP"}
    assert points("E-F4", line, (88, 90, 94, 100, 101))[1] == ["40", "40", "24", "0", "0"]


def test_e_f5() -> None:
    ratio = {"full_score": "40", "score_places": 4, "rounding": "ROUND_HALF_UP"}
    assert points("E-F5", ratio, (480, 505, 462))[1] == ["38.5000", "36.5941", "40.0000"]


def test_lowest_evaluated_price() -> None:
    """The table of 02 §2.7.1: ranks and contract prices."""
    bids = [
        {"id": "A", "price_fen": 986000000, "adjustments": [{"id": "t", "amount_fen": 12000000}]},
        {
            "id": "B",
            "price_fen": 979000000,
            "correction": "confirmed",
            "adjustments": [{"id": "t", "amount_fen": 21000000}],
            "lines": [{"id": "1", "total_fen": 981600000}],
        },
        {"id": "C", "price_fen": 1005000000, "adjustments": [{"id": "t", "amount_fen": -8000000}]},
    ]
    rules = {
        "method": "lowest",
        "line_rounding": "ROUND_HALF_UP",
        "tie_price": "quoted",
        "candidates_max": 3,
        "adjustments": [{"id": "t", "title": "工期"}],
    }
    case = {"format": "gongxin/evaluation-case/1", "rules": rules, "members": ["1"], "bids": bids}
    said: Any = scores.result_of(scores.read_case(Value(case, "case")))
    assert [(b["bid"], b["evaluated_fen"]) for b in said["bids"]] == [("A", 998000000), ("B", 1002600000), ("C", 997000000)]
    assert [(c["bid"], c["contract_fen"]) for c in said["candidates"]] == [("C", 1005000000), ("A", 986000000), ("B", 981600000)]
    check_result(Value(case, "case"), Value(evaluate(case), "result"))


# ------------------------------------------------------------------ agreement with the server

PLAIN = st.builds(lambda n, p: f"{n}.{p}", st.integers(0, 999), st.integers(0, 99))


@given(st.fractions(-1000, 1000, max_denominator=4000), st.integers(0, 8), st.sampled_from(figures.MODES))
def test_rounding(value: Fraction, places: int, mode: str) -> None:
    found = server_rounded(value, places, mode)
    assert figures.rounded(value, places, mode) == Fraction(found)
    assert figures.written(figures.rounded(value, places, mode), places) == format(found, "f")


@given(st.integers(1, 10**15 - 1))
def test_amounts_in_words(fen: int) -> None:
    words = money.daxie(fen)
    assert figures.fen_of_words(Value(words, "words")) == money.fen_from_daxie(words) == fen
    assert figures.fen_of_words(Value("人民币" + words.replace("元", "圆"), "words")) == fen


@pytest.mark.parametrize("words", ["", "零", "abc", "一百", "壹元贰", "壹二元"])
def test_words_that_are_no_amount(words: str) -> None:
    with pytest.raises(Malformed):
        figures.fen_of_words(Value(words, "words"))
    with pytest.raises(Refused):
        money.fen_from_daxie(words)


SHEET = [
    {"id": "plan", "title": "t", "group": "technical", "kind": "subjective", "points_min": "0", "points_max": "30", "points_step": "0.5"},
    {"id": "staff", "title": "t", "group": "commercial", "kind": "objective", "points_min": "0", "points_max": "4", "points_step": "1"},
]
HALVES = [f"{n // 2}.{n % 2 * 5}" for n in range(61)]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Cases that people have brought to an end: any formula, rejections, corrections, ties and decisions on them."""
    formula = draw(st.sampled_from(["E-F1", "E-F2", "E-F3", "E-F4", "E-F5", "E-F6"]))
    mode, members = draw(st.sampled_from(figures.MODES)), ["m1", "m2", "m3", "m4", "m5"][: draw(st.sampled_from([3, 5]))]
    params: dict[str, Any] = {"full_score": "60", "score_places": draw(st.integers(1, 4)), "rounding": mode}
    if formula == "E-F4":
        params |= {"full_to_fen": 90 * WAN, "zero_from_fen": 110 * WAN}
    elif formula != "E-F5":
        params |= {
            "floor": draw(st.sampled_from(["0", "20.5"])),
            "e_high": "1.5",
            "e_low": draw(st.sampled_from(["0.5", "0"])),
            "k": draw(st.sampled_from(["0", "0.025"])),
            "step": draw(st.sampled_from(["continuous", "full_percent"])),
            "unit": draw(st.sampled_from(["yuan", "wan_yuan"])),
            "benchmark_places": draw(st.integers(1, 6)),
            "deviation_places": draw(st.sampled_from(["unrounded", "0", "2"])),
        }
        params |= {"mean_weight": "0.35"} if formula == "E-F3" else {}
        params |= {"drop_one_from": 3, "drop_two_from": draw(st.sampled_from([0, 5]))} if formula in ("E-F2", "E-F6") else {}
    rules: dict[str, Any] = {
        "method": "comprehensive",
        "line_rounding": mode,
        "tie_price": draw(st.sampled_from(["quoted", "corrected"])),
        "candidates_max": draw(st.integers(1, 3)),
        "scored_price": draw(st.sampled_from(["quoted", "corrected"])),
        "benchmark_set": draw(st.sampled_from(["fixed_after_preliminary_review", "recomputed_after_rejection"])),
        "items": SHEET,
        "price": {"formula": formula, "params": params},
        "total": {"places": draw(st.integers(1, 3)), "rounding": mode},
        "item_scores": {"aggregation": draw(st.sampled_from(["mean", "trimmed_mean"])), "places": 2, "rounding": mode},
        "tie_rules": draw(st.permutations(["higher_technical", "higher_price_score"])),
    }
    benefit = draw(st.booleans())
    if benefit:
        rules["small_business"] = {
            "small_micro_rate": "0.04",
            "consortium_rate": "0.02",
            "capped": draw(st.booleans()),
            "places": 4,
            "rounding": mode,
        }
    bids, entries, rejections = [], [], []
    for i in range(draw(st.integers(1, 6))):
        bid: dict[str, Any] = {"id": f"b{i}", "price_fen": draw(st.integers(85, 115)) * WAN}
        if draw(st.booleans()):
            bid |= {"words": money.daxie(bid["price_fen"] + 50), "correction": "confirmed"}
        elif draw(st.booleans()):
            line = {"id": "1", "total_fen": bid["price_fen"], "quantity": "7", "unit_price_fen": str(bid["price_fen"] // 7 + 1)}
            bid |= {"lines": [line], "correction": "confirmed"}
        if benefit:
            bid["small_business"] = draw(st.sampled_from(["", None, "none", "small_micro", "consortium"]))
        bids.append(bid)
        staff = str(draw(st.integers(0, 4)))
        entries += [{"member": m, "bid": bid["id"], "points": {"plan": draw(st.sampled_from(HALVES)), "staff": staff}} for m in members]
        if draw(st.integers(0, 3)) == 0:
            votes = {m: draw(st.booleans()) for m in members}
            stage = draw(st.sampled_from(["preliminary", "detailed"]))
            if draw(st.booleans()):  # rejected before its price was opened
                votes, bids[-1] = dict.fromkeys(members, True), {"id": bid["id"]}
            rejections.append({"bid": bid["id"], "ground": "RJ-6", "stage": stage, "clause": "c", "evidence": "e", "votes": votes})
    return {
        "format": "gongxin/evaluation-case/1",
        "rules": rules,
        "members": members,
        "bids": bids,
        "entries": entries,
        "rejections": rejections,
        "ceiling_fen": 120 * WAN,
    }


@settings(max_examples=200)
@given(cases())
def test_every_result_of_the_server_follows(case: dict[str, Any]) -> None:
    result = evaluate(case)
    check_result(Value(case, "case"), Value(result, "result"))
    ties: dict[int, list[str]] = {}
    for place in result["ranking"]:
        if "tie_group" in place:
            ties.setdefault(place["tie_group"], []).append(place["bid"])
    decided = {**case, "tie_decisions": [{"order": order[::-1], "reason": "r"} for order in ties.values()]}
    check_result(Value(decided, "case"), Value(evaluate(decided), "result"))
    for path in (
        ("ranking", 0, "bid"),
        ("bids", 0, "total"),
        ("bids", 0, "price", "score"),
        ("candidates", 0, "contract_fen"),
        ("bids", 0, "status"),
    ):
        inner: Any = evaluate(case)
        changed = inner
        try:
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = "changed" if isinstance(inner[path[-1]], str) else 1
        except (KeyError, IndexError):
            continue
        with pytest.raises(Broken):
            check_result(Value(case, "case"), Value(changed, "result"))


def test_the_published_examples() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats-evaluation.md").read_text("utf-8")
    parts = re.findall(r"```json (case|result) (\w+)\n(.*?)```", page, re.S)
    examples = {(kind, name): json.loads(text) for kind, name, text in parts}
    assert {name for _, name in examples} == {"comprehensive", "lowest"}
    for name in ("comprehensive", "lowest"):
        check_result(Value(examples["case", name], "case"), Value(examples["result", name], "result"))


def test_a_tie_that_does_not_fit_is_left_open() -> None:
    order = [{"rank": 1, "bid": "a"}, {"rank": 2, "bid": "b", "tie_group": 1}, {"rank": 2, "bid": "c", "tie_group": 1}]
    said: Any = scores.recommended(order, 2, {"a": 1, "b": 2, "c": 3})
    assert [c["bid"] for c in said["candidates"]] == ["a"]
    assert said["undecided"] == {"bids": ["b", "c"], "open_seats": 1}


@pytest.mark.parametrize("fault", ["missing", "range", "step", "objective", "open", "drawn", "correction", "ceiling", "price"])
def test_cases_that_cannot_stand_in_a_summary(fault: str) -> None:
    case: dict[str, Any] = {
        "format": "gongxin/evaluation-case/1",
        "members": ["m1", "m2", "m3"],
        "bids": [{"id": "b", "price_fen": 100}],
        "rejections": [],
        "entries": [{"member": m, "bid": "b", "points": {"plan": "20", "staff": "2"}} for m in ("m1", "m2", "m3")],
        "rules": {
            "method": "comprehensive",
            "line_rounding": "ROUND_HALF_UP",
            "tie_price": "quoted",
            "candidates_max": 3,
            "scored_price": "quoted",
            "benchmark_set": "recomputed_after_rejection",
            "items": SHEET,
            "tie_rules": [],
            "total": {"places": 2, "rounding": "ROUND_HALF_UP"},
            "item_scores": {"aggregation": "mean", "places": 2, "rounding": "ROUND_HALF_UP"},
            "price": {"formula": "E-F5", "params": {"full_score": "40", "score_places": 2, "rounding": "ROUND_HALF_UP"}},
        },
    }
    scores.result_of(scores.read_case(Value(case, "case")))
    if fault == "missing":
        case["entries"].pop()
    elif fault == "range":
        case["entries"][0]["points"]["plan"] = "31"
    elif fault == "step":
        case["entries"][0]["points"]["plan"] = "20.2"
    elif fault == "price":
        case["bids"][0].pop("price_fen")
    elif fault == "correction":
        case["bids"][0]["words"] = "贰元整"
    elif fault == "ceiling":
        case["ceiling_fen"] = 99
    elif fault == "objective":
        case["entries"][0]["points"]["staff"] = "3"
    elif fault == "open":
        case["rejections"] = [{"bid": "b", "ground": "RJ-6", "stage": "detailed", "votes": {"m1": True}}]
    else:
        case["rules"]["price"]["drawn"], case["drawn_value"] = {"parameter": "full_score", "candidates": ["40"]}, "60"
    with pytest.raises((Broken, Malformed)):
        scores.result_of(scores.read_case(Value(case, "case")))


# ------------------------------------------------------------------ periods

HOLIDAYS = {
    2025: (
        ["01-01", "01-28/02-04", "04-04/04-06", "05-01/05-05", "05-31/06-02", "10-01/10-08"],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        ["01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}


def days(year: int, entries: list[str]) -> list[date]:
    found = []
    for entry in entries:
        first, _, last = entry.partition("/")
        day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        while day <= end:
            found.append(day)
            day += timedelta(days=1)
    return found


SERVER = WorkCalendar({y: YearDays(frozenset(days(y, off)), frozenset(days(y, makeup))) for y, (off, makeup) in HOLIDAYS.items()})
STATED = {
    str(y): {"off": [d.isoformat() for d in days(y, off)], "makeup": [d.isoformat() for d in days(y, m)]}
    for y, (off, m) in HOLIDAYS.items()
}
OWN = counting._calendar(Value(STATED, "calendar"))


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-02-11", 5, "2026-02-25"),
        ("2026-04-28", 7, "2026-05-11"),
        ("2026-09-18", 15, "2026-10-15"),
        ("2025-09-26", 3, "2025-09-30"),
        ("2026-01-05", 30, "2026-02-14"),
        ("2025-01-20", 10, "2025-02-08"),
        ("2026-03-23", -3, "2026-03-18"),
        ("2026-10-09", -3, "2026-09-29"),
        ("2026-02-25", -2, "2026-02-14"),
    ],
)
def test_working_days_of_the_rulebook(start: str, count: int, expected: str) -> None:
    """Examples 4 to 9 and 14 to 16 of 01 §1.4.4."""
    assert OWN.step(date.fromisoformat(start), abs(count), timedelta(days=1 if count > 0 else -1)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("start", "count", "expected"), [("2025-01-10", 20, "2025-02-05"), ("2026-09-15", 20, "2026-10-08"), ("2026-09-29", 3, "2026-10-08")]
)
def test_ends_that_roll_off_holidays(start: str, count: int, expected: str) -> None:
    """Examples 1, 2 and 10 of 01 §1.4.4."""
    assert OWN.next_working(date.fromisoformat(start) + timedelta(days=count)) == date.fromisoformat(expected)


START = datetime(2025, 3, 1, 16, tzinfo=UTC)  # local midnight
INSTANTS = st.integers(0, 580 * 24 * 4).map(lambda n: START + timedelta(minutes=15 * n)) | st.integers(0, 580).map(
    lambda n: START + timedelta(days=n)
)


@settings(max_examples=300)
@given(
    INSTANTS,
    st.integers(-40, 40),
    st.sampled_from(["days", "workdays", "hours"]),
    st.sampled_from(["at_least", "at_most"]),
    st.sampled_from(["forward", "backward"]),
    st.integers(1, 25),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@example(START, -15, "days", "at_most", "backward", 14, False, False, False, False)  # 0:00 of the limit is not before it
def test_periods_are_judged_as_the_server_judges_them(
    start: datetime, gap: int, unit: Any, bound: Any, direction: Any, count: int, lands: bool, closes: bool, first: bool, excused: bool
) -> None:
    first = first and direction == "forward" and unit != "hours"
    end = start + timedelta(days=gap, hours=gap % 5)
    rule = periods.Period("P", "a", "b", count, unit, bound, direction, "s", True, {}, first, lands, closes)
    [finding] = periods.check([rule], {"a": start, "b": end}, {}, SERVER, {"P": "reason"} if excused else {})
    stated = {
        "id": "P",
        "start": "a",
        "end": "b",
        "count": count,
        "unit": unit,
        "bound": bound,
        "direction": direction,
        "source": "s",
        "verified": True,
        "count_first_day": first,
        "lands_on_workday": lands,
        "start_closes": closes,
    }
    try:
        found = "ok" if counting._kept(Value(stated, "period"), start, end, OWN, excused) else "late"
    except Broken:
        found = "blocked"
    assert found == finding.kind
