"""From prices to price scores, each row with its whole working [02 §2.7.2]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .benchmark import NO_TRIM, Benchmark, Trim, benchmark, in_unit
from .numbers import rounded
from .parameters import Params, Rounding, integer, number, text_of


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The price score of one bid with its whole working.

    price: in the formula's unit. deviation: percent from D, exact. counted_deviation: the same after its rounding and step, what
    the points are taken for. deduction: points taken off. unrounded: after the floor. Parts that a formula lacks are None.
    """

    bid: str
    price: Decimal
    unrounded: Fraction
    score: Decimal
    deviation: Fraction | None = None
    counted_deviation: Fraction | None = None
    deduction: Fraction | None = None


@dataclass(frozen=True, slots=True)
class PriceScoring:
    """Price scores by bid number; benchmark is None where the formula has none (E-F4) or no bid is valid."""

    formula: str
    benchmark: Benchmark | None
    rows: tuple[PriceRow, ...]


Prices = Mapping[str, int]  # fen by bid
Computed = tuple[Benchmark | None, list[PriceRow]]


def by_mean(params: Params, valid: Prices, scored: Prices, ceiling_fen: int | None) -> Computed:
    """E-F1, E-F2, E-F3, E-F6: deviation from D. Whether trimming and the ceiling take part is said by the parameters stated."""
    trim = Trim(integer(params, "drop_one_from"), integer(params, "drop_two_from")) if "drop_one_from" in params else NO_TRIM
    composite = "mean_weight" in params
    found = benchmark(
        valid,
        trim=trim,
        k=number(params, "k"),
        unit=text_of(params, "unit"),
        places=integer(params, "benchmark_places"),
        mode=text_of(params, "rounding"),
        mean_weight=number(params, "mean_weight") if composite else Fraction(1),
        ceiling_fen=ceiling_fen if composite else None,
    )
    return found, [_by_deviation(params, found, bid, scored[bid]) for bid in sorted(scored)]


def _by_deviation(params: Params, found: Benchmark, bid: str, fen: int) -> PriceRow:
    """score = max(floor, F − |deviation| × E): E_high above the benchmark, E_low at or below it [E-F1]."""
    rounding = Rounding.stated_in(params)
    price, d = in_unit(fen, found.unit), Fraction(found.value)
    deviation = (Fraction(price) - d) / d * 100
    counted = deviation
    if rounding.deviation_places is not None:
        counted = Fraction(rounded(deviation, rounding.deviation_places, rounding.mode))
    if text_of(params, "step") == "full_percent":
        counted = Fraction(int(counted))  # towards zero: only full percents count
    deduction = abs(counted) * number(params, "e_high" if deviation > 0 else "e_low")
    unrounded = max(number(params, "floor"), number(params, "full_score") - deduction)
    return PriceRow(bid, price, unrounded, rounded(unrounded, rounding.score_places, rounding.mode), deviation, counted, deduction)


def by_line(params: Params, valid: Prices, scored: Prices, ceiling_fen: int | None) -> Computed:
    """E-F4: full at P ≤ a, zero at P ≥ b, on the straight line between them."""
    full, a, b = number(params, "full_score"), integer(params, "full_to_fen"), integer(params, "zero_from_fen")
    return None, [_plain_row(params, bid, scored[bid], full * Fraction(b - min(max(scored[bid], a), b), b - a)) for bid in sorted(scored)]


def by_ratio(params: Params, valid: Prices, scored: Prices, ceiling_fen: int | None) -> Computed:
    """E-F5: lowest valid price / price × full [02 §2.7.2, 87 55]."""
    lowest, full = min(valid.values()), number(params, "full_score")
    found = Benchmark(in_unit(lowest, "yuan"), "yuan", counted=tuple(sorted(bid for bid in valid if valid[bid] == lowest)))
    return found, [_plain_row(params, bid, scored[bid], full * Fraction(lowest, scored[bid])) for bid in sorted(scored)]


def by_proportion(params: Params, valid: Prices, scored: Prices, ceiling_fen: int | None) -> Computed:
    """Price / highest valid price × full, where the higher price is better [04 §4.6]."""
    highest, full = max(valid.values()), number(params, "full_score")
    found = Benchmark(in_unit(highest, "yuan"), "yuan", counted=tuple(sorted(bid for bid in valid if valid[bid] == highest)))
    return found, [_plain_row(params, bid, scored[bid], full * Fraction(scored[bid], highest)) for bid in sorted(scored)]


def _plain_row(params: Params, bid: str, fen: int, unrounded: Fraction) -> PriceRow:
    score = rounded(unrounded, integer(params, "score_places"), text_of(params, "rounding"))
    return PriceRow(bid, in_unit(fen, "yuan"), unrounded, score)
