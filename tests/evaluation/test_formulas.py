"""Price formulas: every table of 02 §2.7.2 to the last digit, and what holds for any prices [E-F1 … E-F6]."""
from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.formulas import FORMULAS
from trading_core.domain.evaluation.numbers import rounded, text
from trading_core.domain.evaluation.price_scores import PriceScoring

WAN = 10**6  # fen
FIVE = {"P980": 980 * WAN, "P1000": 1000 * WAN, "P1020": 1020 * WAN, "P950": 950 * WAN, "P1060": 1060 * WAN}
SEVEN = {f"P{p}": p * WAN for p in (915, 940, 955, 962, 970, 988, 1030)}


def params(**changed: object) -> dict[str, object]:
    """Parameters of the tables: continuous, benchmark to 4 places in 万元, deviation unrounded."""
    base: dict[str, object] = {
        "full_score": "60", "floor": "0", "k": "0.03", "e_high": "1.0", "e_low": "0.5", "step": "continuous", "unit": "wan_yuan",
        "benchmark_places": 4, "deviation_places": "unrounded", "score_places": 4, "rounding": "ROUND_HALF_UP",
    }  # fmt: skip
    return {name: value for name, value in {**base, **changed}.items() if value is not None}


TRIMMED = params(drop_one_from=7, drop_two_from=0)


def scores(scoring: PriceScoring) -> dict[str, str]:
    return {row.bid: text(row.score) for row in scoring.rows}


def deviations(scoring: PriceScoring) -> dict[str, str]:
    return {row.bid: text(rounded(row.deviation or Fraction(0), 4, "ROUND_HALF_UP")) for row in scoring.rows}


def refused(formula: str, given: dict[str, object]) -> list[tuple[str, str]]:
    return [(p.code, p.path) for p in FORMULAS[formula].problems(given)]


# ------------------------------------------------------------------ worked examples

def test_e_f1_mean_times_one_minus_k() -> None:
    found = FORMULAS["E-F1"].score(params(), FIVE)
    assert found.benchmark and (found.benchmark.mean, text(found.benchmark.value)) == (1002, "971.9400")
    assert deviations(found) == {"P980": "0.8293", "P1000": "2.8870", "P1020": "4.9447", "P950": "-2.2573", "P1060": "9.0602"}
    assert scores(found) == {"P980": "59.1707", "P1000": "57.1130", "P1020": "55.0553", "P950": "58.8713", "P1060": "50.9398"}


def test_e_f1_scores_to_two_places_as_the_table_ends() -> None:
    found = FORMULAS["E-F1"].score(params(score_places=2), FIVE)
    assert scores(found) == {"P980": "59.17", "P1000": "57.11", "P1020": "55.06", "P950": "58.87", "P1060": "50.94"}


def test_e_f1_in_yuan_gives_the_same_as_in_wan_yuan() -> None:
    in_yuan = FORMULAS["E-F1"].score(params(unit="yuan"), FIVE)
    assert in_yuan.benchmark and text(in_yuan.benchmark.value) == "9719400.0000"
    assert scores(in_yuan) == scores(FORMULAS["E-F1"].score(params(), FIVE))


def test_e_f2_trimmed_mean_still_scores_what_it_drops() -> None:
    found = FORMULAS["E-F2"].score({**TRIMMED, "k": "0.02", "full_score": "50"}, SEVEN)
    assert found.benchmark and (found.benchmark.mean, text(found.benchmark.value)) == (963, "943.7400")
    assert found.benchmark.dropped == ("P1030", "P915")
    assert deviations(found) == {
        "P915": "-3.0453", "P940": "-0.3963", "P955": "1.1931", "P962": "1.9349", "P970": "2.7825", "P988": "4.6899", "P1030": "9.1402",
    }  # fmt: skip
    assert scores(found) == {
        "P915": "48.4773", "P940": "49.8019", "P955": "48.8069", "P962": "48.0651", "P970": "47.2175", "P988": "45.3101",
        "P1030": "40.8598",
    }  # fmt: skip


@pytest.mark.parametrize(("count", "dropped"), [(6, 0), (7, 1), (9, 1), (10, 2), (12, 2)])
def test_trimming_bounds_are_inclusive(count: int, dropped: int) -> None:
    prices = {f"B{i:02d}": (900 + i) * WAN for i in range(count)}
    found = FORMULAS["E-F2"].score(params(drop_one_from=7, drop_two_from=10), prices)
    assert found.benchmark and len(found.benchmark.dropped) == 2 * dropped
    assert len(found.rows) == count


def test_e_f3_composite_with_the_ceiling() -> None:
    found = FORMULAS["E-F3"].score(params(k="0.05", mean_weight="0.6", full_score="40"), FIVE, ceiling_fen=1080 * WAN)
    assert found.benchmark and text(found.benchmark.value) == "981.5400"
    assert deviations(found) == {"P980": "-0.1569", "P1000": "1.8807", "P1020": "3.9183", "P950": "-3.2133", "P1060": "7.9936"}
    assert scores(found) == {"P980": "39.9216", "P1000": "38.1193", "P1020": "36.0817", "P950": "38.3933", "P1060": "32.0064"}


def test_e_f3_without_a_ceiling_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        FORMULAS["E-F3"].score(params(mean_weight="0.6"), FIVE)
    assert [p.code for p in caught.value.problems] == ["evaluation.ceiling_needed"]


def test_e_f4_linear_interpolation() -> None:
    given = {"full_score": "40", "full_to_fen": 90 * WAN, "zero_from_fen": 100 * WAN, "score_places": 0, "rounding": "ROUND_HALF_UP"}
    found = FORMULAS["E-F4"].score(given, {f"P{p}": p * WAN for p in (88, 90, 94, 100, 101)})
    assert scores(found) == {"P88": "40", "P90": "40", "P94": "24", "P100": "0", "P101": "0"}


def test_e_f5_inverse_ratio() -> None:
    given = {"full_score": "40", "score_places": 4, "rounding": "ROUND_HALF_UP"}
    found = FORMULAS["E-F5"].score(given, {f"P{p}": p * WAN for p in (480, 505, 462)})
    assert scores(found) == {"P480": "38.5000", "P505": "36.5941", "P462": "40.0000"}
    assert found.benchmark and text(found.benchmark.value) == "4620000.00"


def test_e_f6_has_the_arithmetic_of_e_f2_on_the_drawn_k() -> None:
    given = {**TRIMMED, "k": "0.02", "full_score": "50"}
    assert FORMULAS["E-F6"].score(given, SEVEN).rows == FORMULAS["E-F2"].score(given, SEVEN).rows


def test_e_f6_needs_a_steeper_slope_above() -> None:
    assert refused("E-F6", {**TRIMMED, "e_high": "0.5"}) == [("evaluation.high_not_steeper", "e_high")]
    assert refused("E-F1", params(e_high="0.5")) == []


# ------------------------------------------------------------------ stated rounding, step and floor

def test_full_percents_only_count_when_they_are_full() -> None:
    found = FORMULAS["E-F1"].score(params(step="full_percent"), FIVE)
    assert scores(found) == {"P980": "60.0000", "P1000": "58.0000", "P1020": "56.0000", "P950": "59.0000", "P1060": "51.0000"}


def test_a_rounded_deviation_changes_the_score() -> None:
    rows = {row.bid: row for row in FORMULAS["E-F1"].score(params(deviation_places="4"), FIVE).rows}
    assert rows["P950"].counted_deviation == Fraction("-2.2573")
    assert text(rows["P950"].score) == "58.8714"  # 58.87135; from the unrounded deviation it is 58.8713


def test_the_deviation_is_rounded_before_full_percents_are_counted() -> None:
    prices = {"A": 99_004_000, "B": 100_996_000}  # 0.996 % on either side of their mean
    given = params(k="0", step="full_percent")
    counted = {places: [r.counted_deviation for r in FORMULAS["E-F1"].score({**given, "deviation_places": places}, prices).rows]
               for places in ("unrounded", "0")}  # fmt: skip
    assert counted == {"unrounded": [0, 0], "0": [-1, 1]}


def test_the_floor_holds() -> None:
    found = FORMULAS["E-F1"].score(params(floor="52.5", e_high="3"), FIVE)
    assert scores(found)["P1060"] == "52.5000" and scores(found)["P980"] == "57.5122"  # 60 − 3 × 8.06/9.7194


def test_a_score_on_the_half_rounds_as_stated_and_only_once() -> None:
    line = {"full_score": "1", "full_to_fen": 1, "zero_from_fen": 9, "score_places": 2}
    at_an_eighth = {mode: scores(FORMULAS["E-F4"].score({**line, "rounding": mode}, {"A": 8}))["A"]
                for mode in ("ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN")}  # fmt: skip
    assert at_an_eighth == {"ROUND_HALF_UP": "0.13", "ROUND_HALF_EVEN": "0.12", "ROUND_DOWN": "0.12"}


def test_a_third_taken_three_times_is_whole() -> None:
    """(P − D)/D does not end as a decimal, times E it does: nothing may be lost on the way."""
    found = FORMULAS["E-F1"].score(
        params(k="0", unit="yuan", benchmark_places=0, e_high="0.03", score_places=2, full_score="10", floor="0"), {"A": 200, "B": 400}
    )
    assert found.benchmark and text(found.benchmark.value) == "3"
    assert scores(found) == {"A": "0.00", "B": "9.00"}


# ------------------------------------------------------------------ who enters the benchmark

def test_a_bid_rejected_later_stays_in_the_benchmark_but_gets_no_score() -> None:
    kept = {bid: fen for bid, fen in FIVE.items() if bid != "P1060"}
    found = FORMULAS["E-F1"].score(params(), FIVE, kept)
    assert found.benchmark and text(found.benchmark.value) == "971.9400"
    assert [row.bid for row in found.rows] == sorted(kept)


def test_without_a_valid_bid_there_is_no_benchmark() -> None:
    found = FORMULAS["E-F1"].score(params(), {})
    assert found.benchmark is None and found.rows == ()


def test_a_scored_bid_outside_the_valid_set_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="valid bids"):
        FORMULAS["E-F1"].score(params(), FIVE, {"other": 1})


def test_a_benchmark_that_rounds_to_zero_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        FORMULAS["E-F1"].score(params(benchmark_places=0), {"A": 100, "B": 200})
    assert [p.code for p in caught.value.problems] == ["evaluation.benchmark_zero"]


# ------------------------------------------------------------------ bad parameters

@pytest.mark.parametrize("formula", sorted(FORMULAS))
def test_every_parameter_is_mandatory(formula: str) -> None:
    assert refused(formula, {}) == [("field.required", f.name) for f in FORMULAS[formula].fields]


def test_all_problems_come_at_once() -> None:
    found = refused("E-F2", {**TRIMMED, "k": "1.5", "e_high": 1, "unit": "dollar", "score_places": -1, "extra": "1", "e_low": None})
    assert set(found) == {
        ("field.out_of_range", "k"), ("field.not_text", "e_high"), ("field.not_a_choice", "unit"),
        ("field.out_of_range", "score_places"), ("field.unknown", "extra"), ("field.required", "e_low"),
    }  # fmt: skip


@pytest.mark.parametrize("odd", ["1e-2", "1E+1", "0_1", "１", "NaN", "Infinity", "+1", " 1", "1.", ".5", "0." + "0" * 11, "1" * 16])
def test_only_plain_decimals_are_numbers(odd: str) -> None:
    codes = [code for code, path in refused("E-F1", params(e_high=odd)) if path == "e_high"]
    assert codes and set(codes) <= {"evaluation.not_plain_decimal", "field.out_of_range", "field.not_decimal"}


@pytest.mark.parametrize(
    ("formula", "changed", "problem"),
    [
        ("E-F1", {"full_score": "60.005", "score_places": 2}, ("evaluation.finer_than_rounding", "full_score")),
        ("E-F1", {"floor": "0.001", "score_places": 2}, ("evaluation.finer_than_rounding", "floor")),
        ("E-F1", {"floor": "61"}, ("evaluation.floor_above_full", "floor")),
        ("E-F1", {"k": "1"}, ("evaluation.k_is_one", "k")),
        ("E-F2", {"drop_one_from": 7, "drop_two_from": 7}, ("evaluation.trim_order", "drop_two_from")),
        ("E-F2", {"drop_one_from": 3, "drop_two_from": 4}, ("evaluation.trim_order", "drop_two_from")),
    ],
)
def test_parameters_that_contradict_each_other(formula: str, changed: dict[str, Any], problem: tuple[str, str]) -> None:
    assert refused(formula, params(**changed)) == [problem]


def test_a_line_that_does_not_fall_is_refused() -> None:
    given = {"full_score": "40", "full_to_fen": 100, "zero_from_fen": 100, "score_places": 0, "rounding": "ROUND_DOWN"}
    assert refused("E-F4", given) == [("evaluation.line_order", "zero_from_fen")]


# ------------------------------------------------------------------ properties

fen = st.integers(10**6, 10**12)
prices = st.lists(fen, min_size=1, max_size=14).map(lambda found: {f"B{i:02d}": p for i, p in enumerate(found)})
slopes = st.integers(0, 400).map(lambda n: f"{n // 100}.{n % 100:02d}")
some_params = st.fixed_dictionaries({
    "full_score": st.sampled_from(["30", "60", "100.00"]), "floor": st.sampled_from(["0", "10", "29.5"]),
    "k": st.sampled_from(["0", "0.03", "0.125"]), "e_high": slopes, "e_low": slopes,
    "step": st.sampled_from(["continuous", "full_percent"]), "unit": st.sampled_from(["yuan", "wan_yuan"]),
    "benchmark_places": st.integers(2, 6),
    "deviation_places": st.sampled_from(["unrounded", "0", "2", "4"]), "score_places": st.integers(1, 4),
    "rounding": st.sampled_from(["ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN"]),
})  # fmt: skip


def any_params(formula: str, base: dict[str, object]) -> dict[str, object]:
    more = {"drop_one_from": 5, "drop_two_from": 9, "mean_weight": "0.35", "full_to_fen": 10**8, "zero_from_fen": 10**10}
    found = {**base, **more}
    if formula == "E-F6":
        found["e_high"] = "4.5"
    return {f.name: found[f.name] for f in FORMULAS[formula].fields}


formulas = st.sampled_from(sorted(FORMULAS))


@given(formulas, some_params, prices, st.randoms(use_true_random=False))
def test_the_order_of_bids_changes_nothing(formula: str, base: dict[str, object], bids: dict[str, int], chance: Any) -> None:
    given, shuffled = any_params(formula, base), list(bids.items())
    chance.shuffle(shuffled)
    assert FORMULAS[formula].score(given, dict(shuffled), ceiling_fen=10**12) == FORMULAS[formula].score(given, bids, ceiling_fen=10**12)


@given(formulas, some_params, prices)
def test_a_score_lies_between_floor_and_full(formula: str, base: dict[str, object], bids: dict[str, int]) -> None:
    found = FORMULAS[formula].score(any_params(formula, base), bids, ceiling_fen=10**12)
    floor = Decimal(str(base["floor"])) if formula not in ("E-F4", "E-F5") else Decimal(0)
    assert {row.bid for row in found.rows} == set(bids)
    for row in found.rows:
        assert floor <= row.score <= Decimal(str(base["full_score"]))


@given(formulas, some_params, prices)
def test_going_away_from_the_benchmark_never_gains(formula: str, base: dict[str, object], bids: dict[str, int]) -> None:
    found = FORMULAS[formula].score(any_params(formula, base), bids, ceiling_fen=10**12)
    rows = sorted(found.rows, key=lambda row: row.price)
    d = found.benchmark.value if found.benchmark and formula != "E-F5" else Decimal(0)
    below, above = [r.score for r in rows if r.price <= d], [r.score for r in rows if r.price > d]
    assert below == sorted(below) and above == sorted(above, reverse=True)


@given(formulas, some_params, prices)
def test_equal_prices_get_equal_scores(formula: str, base: dict[str, object], bids: dict[str, int]) -> None:
    twins = {**bids, "twin": bids["B00"]}
    found = scores(FORMULAS[formula].score(any_params(formula, base), twins, ceiling_fen=10**12))
    assert found["twin"] == found["B00"]


@given(formulas, some_params, prices)
def test_the_decimal_context_of_the_thread_changes_nothing(formula: str, base: dict[str, object], bids: dict[str, int]) -> None:
    given = any_params(formula, base)
    usual = FORMULAS[formula].score(given, bids, ceiling_fen=10**12)
    with localcontext() as context:
        context.prec = 3
        assert FORMULAS[formula].score(given, bids, ceiling_fen=10**12) == usual


@given(st.fractions(), st.integers(0, 8), st.sampled_from(["ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN"]))
def test_rounding_agrees_with_the_decimal_library(value: Fraction, places: int, mode: str) -> None:
    with localcontext() as context:
        context.prec = 400
        # scaled to an integer by exact means: only the last digit is decided by the library
        scaled = value * 10**places
        whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
        tail = Decimal("0.5") if 2 * rest == scaled.denominator else Decimal("0.75") if 2 * rest > scaled.denominator else Decimal("0.25")
        expected = (Decimal(whole) + (tail if rest else 0)).quantize(Decimal(1), mode).scaleb(-places)
    found = rounded(value, places, mode)
    assert found.copy_abs() == expected and (found == 0 or (found < 0) == (value < 0))
    assert text(found).count("-") == int(found < 0)
