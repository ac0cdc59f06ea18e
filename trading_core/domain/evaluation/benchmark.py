"""The benchmark price D from which deviations are counted: mean, trimmed mean, composite with the ceiling [02 §2.7.2]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..errors import Problem, Refused
from .numbers import rounded

UNITS: Mapping[str, int] = {"yuan": 2, "wan_yuan": 6}  # places of one fen in the unit


@dataclass(frozen=True, slots=True)
class Trim:
    """With one_from bids or more the highest and the lowest are left out, with two_from or more two at each end.

    Both bounds are inclusive. two_from 0: never two.
    """

    one_from: int
    two_from: int

    def each_end(self, count: int) -> int:
        """How many of `count` bids are left out at each end."""
        if self.two_from and count >= self.two_from:
            return 2
        return int(count >= self.one_from)


NO_TRIM = Trim(one_from=10**9, two_from=0)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """D and how it came about. value and mean are in `unit`; counted and dropped name bids; ceiling is B of E-F3 in fen."""

    value: Decimal
    unit: str
    counted: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    mean: Fraction | None = None
    k: Fraction | None = None
    mean_weight: Fraction | None = None
    ceiling_fen: int | None = None


def in_unit(fen: int, unit: str) -> Decimal:
    """An amount of fen written in the unit, exact: six places in 万元, two in yuan."""
    return rounded(Fraction(fen, 10 ** UNITS[unit]), UNITS[unit], "ROUND_DOWN")


def benchmark(
    prices: Mapping[str, int],
    *,
    trim: Trim,
    k: Fraction,
    unit: str,
    places: int,
    mode: str,
    mean_weight: Fraction = Fraction(1),
    ceiling_fen: int | None = None,
) -> Benchmark:
    """D = mean × (1 − K), or (mean × w + B × (1 − w)) × (1 − K) with a ceiling B, rounded once at the end [E-F1, E-F2, E-F3].

    prices: fen by bid, at least one. Raises `Refused` when D rounds to nothing, because no deviation from it exists.
    """
    order = sorted(prices, key=lambda bid: (prices[bid], bid))
    cut = trim.each_end(len(order))
    counted = order[cut : len(order) - cut]
    fen = Fraction(sum(prices[bid] for bid in counted), len(counted))
    base = fen if ceiling_fen is None else fen * mean_weight + ceiling_fen * (1 - mean_weight)
    per_unit = 10 ** UNITS[unit]
    value = rounded(base * (1 - k) / per_unit, places, mode)
    if value <= 0:
        raise Refused(Problem("evaluation.benchmark_zero", params={"places": places}, rule="02 §2.7.2"))
    return Benchmark(
        value=value,
        unit=unit,
        counted=tuple(sorted(counted)),
        dropped=tuple(sorted(set(order) - set(counted))),
        mean=fen / per_unit,
        k=k,
        mean_weight=None if ceiling_fen is None else mean_weight,
        ceiling_fen=ceiling_fen,
    )
