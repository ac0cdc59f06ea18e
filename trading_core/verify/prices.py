"""Prices of bids and the points they earn: arithmetic correction and the price formulas (docs/formats-evaluation.md).

Written from the rulebook [02 §2.5.1, §2.7.2, 04 §4.6], not from the server's code.
"""
from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .figures import MODES, exact, fen_of_words, rounded, shown, written
from .report import Malformed
from .text import Value

PLACES_MAX = 8
UNIT_PLACES = {"yuan": 2, "wan_yuan": 6}
SHIFTS = [Fraction(10) ** e for n in range(1, 5) for e in (n, -n)]


def stated(value: Value, name: str) -> Value | None:
    """A member that says something; null and empty text say nothing."""
    found = value.get(name)
    return None if found is None or found.raw in (None, "") else found


def plain(value: Value, name: str) -> object:
    """What a member says, None when it says nothing."""
    found = stated(value, name)
    return found.raw if found else None


def places(value: Value, name: str) -> int:
    if value[name].integer() > PLACES_MAX:
        raise Malformed(value[name].where, f"at most {PLACES_MAX} places")
    return value[name].integer()


# ------------------------------------------------------------------ the price of a bid

def bid_price(bid: Value, line_rounding: str) -> int:
    """The price in fen that binds: as read, or as corrected when the bidder confirmed it."""
    answer = stated(bid, "correction")
    if answer is not None and answer.choice("confirmed", "refused") == "confirmed":
        return corrected_price(bid, line_rounding)
    return bid["price_fen"].integer(1)


def corrected_price(bid: Value, line_rounding: str) -> int:
    """Words over figures, each line's unit price over its total unless its point is astray, the sum of lines over the total."""
    words, lines = stated(bid, "words"), stated(bid, "lines")
    price = fen_of_words(words) if words else bid["price_fen"].integer(1)
    if lines and lines.entries():
        price = sum(_line_total(line, line_rounding) for line in lines.entries())
    return price


def _line_total(line: Value, mode: str) -> int:
    total, quantity, unit_price = line["total_fen"].integer(), stated(line, "quantity"), stated(line, "unit_price_fen")
    if quantity is None or unit_price is None:
        return total
    product = exact(quantity) * exact(unit_price)
    by_unit_price = int(rounded(product, 0, mode))
    astray = stated(line, "decimal_point_error")
    if astray is not None:
        return total if astray.boolean() else by_unit_price
    shifted = total > 0 and any(rounded(product * shift, 0, mode) == total for shift in SHIFTS)
    return total if shifted else by_unit_price


# ------------------------------------------------------------------ points

def price_scores(
    formula: str, params: Value, counted: Mapping[str, int], scored: Mapping[str, int], ceiling_fen: int | None
) -> tuple[dict[str, object], dict[str, tuple[Fraction, dict[str, object]]]]:
    """What a result must say of the benchmark, and for each scored bid its points and what the result must say of its price.

    counted: prices in fen of the bids that enter the benchmark.
    """
    mode, score_places = params["rounding"].choice(*MODES), places(params, "score_places")
    if not counted:
        return {}, {}
    if formula == "E-F4":
        unrounded = {b: _on_line(params, fen) for b, fen in scored.items()}
        benchmark: dict[str, object] = {}
    elif formula in ("E-F5", "ratio_to_highest"):
        best = min(counted.values()) if formula == "E-F5" else max(counted.values())
        ratio = {b: Fraction(best, fen) if formula == "E-F5" else Fraction(fen, best) for b, fen in scored.items()}
        unrounded = {b: exact(params["full_score"]) * part for b, part in ratio.items()}
        at_best = sorted(b for b in counted if counted[b] == best)
        benchmark = {"value": written(Fraction(best, 100), 2), "unit": "yuan", "counted": at_best}
    else:
        return _by_deviation(formula, params, counted, scored, ceiling_fen)
    said: dict[str, tuple[Fraction, dict[str, object]]] = {}
    for bid, value in unrounded.items():
        score = rounded(value, score_places, mode)
        price = written(Fraction(scored[bid], 100), 2)
        said[bid] = score, {"price": price, "unrounded": shown(value), "score": written(score, score_places)}
    return benchmark, said


def _on_line(params: Value, fen: int) -> Fraction:
    """E-F4: full points up to a, none from b on, a straight line between."""
    a, b = params["full_to_fen"].integer(1), params["zero_from_fen"].integer(1)
    if b <= a:
        raise Malformed(params.where, "zero_from_fen above full_to_fen")
    return exact(params["full_score"]) * min(max(Fraction(b - fen, b - a), Fraction(0)), Fraction(1))


def _by_deviation(
    formula: str, params: Value, counted: Mapping[str, int], scored: Mapping[str, int], ceiling_fen: int | None
) -> tuple[dict[str, object], dict[str, tuple[Fraction, dict[str, object]]]]:
    """E-F1, E-F2, E-F3, E-F6: points taken off for every percent above and below the benchmark."""
    mode, unit = params["rounding"].choice(*MODES), params["unit"].choice(*UNIT_PLACES)
    kept = _trimmed(params, counted) if formula in ("E-F2", "E-F6") else list(counted)
    per_unit = Fraction(1, 10 ** UNIT_PLACES[unit])
    base = mean = sum((Fraction(counted[b]) for b in kept), Fraction(0)) / len(kept) * per_unit
    dropped = sorted(counted.keys() - set(kept))
    benchmark: dict[str, object] = {"unit": unit, "counted": sorted(kept), "dropped": dropped, "mean": shown(mean)}
    if formula == "E-F3":
        if ceiling_fen is None:
            raise Malformed(params.where, "a ceiling for E-F3")
        weight = exact(params["mean_weight"])
        base = mean * weight + ceiling_fen * per_unit * (1 - weight)
        benchmark["ceiling_fen"] = ceiling_fen
    d = rounded(base * (1 - exact(params["k"])), places(params, "benchmark_places"), mode)
    if d <= 0:
        raise Malformed(params.where, "a benchmark above zero")
    benchmark["value"] = written(d, places(params, "benchmark_places"))
    said = {}
    for bid, fen in scored.items():
        price = fen * per_unit
        deviation = (price - d) / d * 100
        taken = _counted_deviation(params, deviation, mode)
        deduction = abs(taken) * exact(params["e_high" if deviation > 0 else "e_low"])
        unrounded = max(exact(params["floor"]), exact(params["full_score"]) - deduction)
        score = rounded(unrounded, places(params, "score_places"), mode)
        words: dict[str, object] = {
            "price": written(price, UNIT_PLACES[unit]), "deviation": shown(deviation), "counted_deviation": shown(taken),
            "deduction": shown(deduction), "unrounded": shown(unrounded), "score": written(score, places(params, "score_places")),
        }  # fmt: skip
        said[bid] = score, words
    return benchmark, said


def _counted_deviation(params: Value, deviation: Fraction, mode: str) -> Fraction:
    stated_places = params["deviation_places"].choice("unrounded", *map(str, range(PLACES_MAX + 1)))
    if stated_places != "unrounded":
        deviation = rounded(deviation, int(stated_places), mode)
    full_percents = params["step"].choice("continuous", "full_percent") == "full_percent"
    return rounded(deviation, 0, "ROUND_DOWN") if full_percents else deviation


def _trimmed(params: Value, prices: Mapping[str, int]) -> list[str]:
    """The bids left when the highest and lowest are dropped: one at each end from so many bids on, two from more."""
    one, two = params["drop_one_from"].integer(3), params["drop_two_from"].integer()
    cut = 2 if two and len(prices) >= two else int(len(prices) >= one)
    ordered = sorted(prices, key=lambda b: (prices[b], b))
    return ordered[cut : len(ordered) - cut]
