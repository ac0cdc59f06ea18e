"""Mismatches within a bid where the opening list stands above the rest (docs/formats-evaluation.md §4.2) [03 §3.6, 87 59]."""
from __future__ import annotations

from fractions import Fraction

from .figures import exact, fen_of_words, rounded
from .prices import SHIFTS, stated
from .text import Value


class Line:
    """A line of the bill. product is None for a lump sum; found is what the committee found about its decimal point."""

    def __init__(self, value: Value, mode: str) -> None:
        quantity, unit_price, found = (stated(value, name) for name in ("quantity", "unit_price_fen", "decimal_point_error"))
        self.total, self.mode = value["total_fen"].integer(), mode
        self.quantity = exact(quantity) if quantity else None
        self.product = exact(quantity) * exact(unit_price) if quantity and unit_price else None
        self.priced = unit_price is not None and exact(unit_price) != 0
        self.found = found.boolean() if found else None

    @property
    def amount(self) -> int:
        return self.total if self.product is None else self.moved(Fraction(1))

    def moved(self, shift: Fraction) -> int:
        return int(rounded((self.product or Fraction(0)) * shift, 0, self.mode))


def listed_price(bid: Value, mode: str) -> tuple[int, bool]:
    """The price in fen that the bidder is asked to confirm, and whether there is anything to confirm."""
    words, figures = stated(bid, "words"), bid["price_fen"].integer(1)
    total = fen_of_words(words) if words else figures
    elsewhere = stated(bid, "further_prices")
    differs = total != figures or any(other["price_fen"].integer() != total for other in (elsewhere.entries() if elsewhere else []))
    stated_lines = stated(bid, "lines")
    lines = [Line(line, mode) for line in stated_lines.entries()] if stated_lines else []
    if not lines:
        return total, differs
    by_unit_prices = sum(line.amount for line in lines)
    if by_unit_prices == total:
        return total, differs or any(line.amount != line.total for line in lines)
    return (total if _explained(lines, total) else by_unit_prices), True


def _explained(lines: list[Line], total: int) -> bool:
    """Whether obvious errors of a decimal point explain why the sum of unit prices is not the total."""
    named = [line for line in lines if line.found]
    suspects = [line for line in named or lines if line.found is not False and line.priced and line.product is not None]
    shown = [line for line in suspects if line.total > 0 and line.amount != line.total]
    corrected = [line for line in shown if any(line.moved(shift) == line.total for shift in SHIFTS)]
    difference = total - sum(line.amount for line in lines)
    if corrected and sum(line.total - line.amount for line in corrected) == difference:
        return True
    if sum(line.moved(shift) - line.amount == difference for line in suspects for shift in SHIFTS) == 1:
        return True
    return len(named) == 1 and bool(suspects) and bool(named[0].quantity) and named[0].amount + difference > 0
