"""Arithmetic correction of a bid price, and the ceiling test before and after it [02 §2.5.1].

The software proposes; the committee asks; a corrected price counts only when the bidder has confirmed it in writing. Prices and
discounts that the bid does not list are never considered, so there is no place for them here.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .numbers import rounded

CorrectionRule = Literal[
    "words_over_figures", "unit_price_over_total", "total_over_unit_price", "lines_over_total",
    "opening_list_over_parts", "opening_list_over_unit_price",
]  # fmt: skip

SHIFT_MAX = 4  # a decimal point further astray than this is for the committee to find
SHIFTS = tuple(power for exponent in range(1, SHIFT_MAX + 1) for power in (Fraction(10**exponent), Fraction(1, 10**exponent)))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a priced bill. A lump sum has neither quantity nor unit price; otherwise both are given, unit price in fen.

    decimal_point_error: what the committee found about the unit price; None leaves the finding to the exact test.
    """

    id: str
    total_fen: int
    quantity: Fraction | None = None
    unit_price_fen: Fraction | None = None
    decimal_point_error: bool | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """One difference found and its remedy. line is empty for the bid as a whole, and of another part of the bid the place; before and
    after are fen (a unit price may have parts of a fen)."""

    rule: CorrectionRule
    line: str
    before: Fraction
    after: Fraction


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What correction makes of a price. With any correction the bidder's written confirmation is needed, else the bid is
    rejected by the committee."""

    quoted_fen: int
    corrected_fen: int
    corrections: tuple[Correction, ...]

    @property
    def needs_confirmation(self) -> bool:
        return bool(self.corrections)


def correct(quoted_fen: int, words_fen: int | None, lines: Sequence[Line], rounding: str) -> Arithmetic:
    """The proposal: words over figures, then each line, then the sum of the lines over the total [12号令 Art. 19, 30号令 Art. 53].

    rounding: how the document rounds quantity × unit price to the fen.
    """
    found: list[Correction] = []
    price = quoted_fen
    if words_fen is not None and words_fen != price:
        found.append(Correction("words_over_figures", "", Fraction(price), Fraction(words_fen)))
        price = words_fen
    if lines:
        total = 0
        for line in lines:
            line_total, corrections = _correct_line(line, rounding)
            total += line_total
            found += corrections
        if total != price:
            found.append(Correction("lines_over_total", "", Fraction(price), Fraction(total)))
            price = total
    return Arithmetic(quoted_fen, price, tuple(found))


def _correct_line(line: Line, rounding: str) -> tuple[int, list[Correction]]:
    """Total of the line and what had to change: the unit price governs, unless its decimal point is obviously astray."""
    if line.quantity is None or line.unit_price_fen is None:
        return line.total_fen, []
    product = line.quantity * line.unit_price_fen
    if int(rounded(product, 0, rounding)) == line.total_fen:
        return line.total_fen, []
    shift = decimal_shift(product, line.total_fen, rounding)
    astray = line.decimal_point_error if line.decimal_point_error is not None else shift is not None
    if not astray:
        total = int(rounded(product, 0, rounding))
        return total, [Correction("unit_price_over_total", line.id, Fraction(line.total_fen), Fraction(total))]
    if shift is not None:
        unit_price = line.unit_price_fen * shift
    else:
        unit_price = Fraction(rounded(line.total_fen / line.quantity, 0, rounding)) if line.quantity else Fraction(0)
    return line.total_fen, [Correction("total_over_unit_price", line.id, line.unit_price_fen, unit_price)]


def decimal_shift(product: Fraction, total_fen: int, rounding: str) -> Fraction | None:
    """The power of ten that turns the product into the total, when there is one: an obvious decimal-point error."""
    if total_fen == 0:
        return None
    return next((power for power in SHIFTS if int(rounded(product * power, 0, rounding)) == total_fen), None)


def above_ceiling(arithmetic: Arithmetic, ceiling_fen: int | None) -> Iterator[Literal["read", "corrected"]]:
    """Which price is above the published ceiling: the one read at opening, and again the corrected one. At the ceiling is
    within it; without a published ceiling nothing is above [BLR 27, 51]."""
    if ceiling_fen is None:
        return
    if arithmetic.quoted_fen > ceiling_fen:
        yield "read"
    if arithmetic.needs_confirmation and arithmetic.corrected_fen > ceiling_fen:
        yield "corrected"
