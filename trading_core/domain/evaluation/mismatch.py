"""Mismatches within a bid in the order of government procurement: the opening list stands above the rest [03 §3.6, 87 59].

Like the correction of arithmetic this is a proposal: it binds when the bidder has confirmed it in writing.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from .arithmetic import SHIFTS, Arithmetic, Correction, Line, decimal_shift
from .numbers import rounded

UNIT_PRICES, OPENING_LIST = "unit_prices", "opening_list"
ORDERS = (UNIT_PRICES, OPENING_LIST)
"""Stated orders of correction: that of `arithmetic`, and that of this module."""


def correct_by_list(
    quoted_fen: int, words_fen: int | None, parts: Sequence[tuple[str, int]], lines: Sequence[Line], rounding: str
) -> Arithmetic:
    """The four rules in their order. quoted_fen and words_fen: the total in the opening list; parts: the same total elsewhere in the
    bid, with its place; rounding: how the document rounds quantity × unit price to the fen."""
    listed = quoted_fen if words_fen is None else words_fen
    found = [Correction("opening_list_over_parts", place, Fraction(fen), Fraction(listed)) for place, fen in parts if fen != listed]
    if listed != quoted_fen:
        found.append(Correction("words_over_figures", "", Fraction(quoted_fen), Fraction(listed)))
    amounts = {line.id: _amount(line, rounding) for line in lines}
    repairs = _repairs(lines, amounts, listed, rounding)
    for line in lines:
        if line.id in repairs and line.unit_price_fen is not None:
            unit_price, amounts[line.id] = repairs[line.id]
            found.append(Correction("opening_list_over_unit_price", line.id, line.unit_price_fen, unit_price))
    for line in lines:
        if amounts[line.id] != line.total_fen:
            found.append(Correction("unit_price_over_total", line.id, Fraction(line.total_fen), Fraction(amounts[line.id])))
    total = sum(amounts.values()) if lines else listed
    if total != listed:
        found.append(Correction("lines_over_total", "", Fraction(listed), Fraction(total)))
    return Arithmetic(quoted_fen, total, tuple(found))


def _amount(line: Line, rounding: str) -> int:
    """What a line comes to by its unit price; a lump sum is what it is."""
    if line.quantity is None or line.unit_price_fen is None:
        return line.total_fen
    return int(rounded(line.quantity * line.unit_price_fen, 0, rounding))


def _repairs(lines: Sequence[Line], amounts: Mapping[str, int], listed: int, rounding: str) -> dict[str, tuple[Fraction, int]]:
    """Line → unit price and amount, where obvious decimal errors explain why the sum is not the total in the opening list.

    They do when repairing every line whose own total shows one brings the sum to that total, or moving the point of one line alone does.
    Where the committee has found one, only the lines it named are looked at, and a single one of them takes what is missing.
    """
    missing = listed - sum(amounts.values())
    if not missing:
        return {}
    named = [line for line in lines if line.decimal_point_error]
    suspects = [line for line in named or lines if line.decimal_point_error is not False and line.unit_price_fen]
    shown = {line.id: (shift, line.total_fen) for line in suspects if (shift := _shown_by_total(line, rounding)) is not None}
    if shown and sum(total - amounts[name] for name, (_, total) in shown.items()) == missing:
        return {line.id: (_unit_price(line) * shown[line.id][0], shown[line.id][1]) for line in suspects if line.id in shown}
    single = [found for line in suspects for found in _moved(line, amounts[line.id] + missing, rounding)]
    if len(single) == 1:
        line, shift, amount = single[0]
        return {line.id: (_unit_price(line) * shift, amount)}
    if len(named) == 1 and suspects and (line := named[0]).quantity and (amount := amounts[line.id] + missing) > 0:
        return {line.id: (Fraction(rounded(amount / line.quantity, 0, rounding)), amount)}
    return {}


def _unit_price(line: Line) -> Fraction:
    return line.unit_price_fen or Fraction(0)


def _shown_by_total(line: Line, rounding: str) -> Fraction | None:
    """The power of ten by which the unit price is astray, as the line's own total shows."""
    if line.quantity is None or line.unit_price_fen is None or line.total_fen == _amount(line, rounding):
        return None
    return decimal_shift(line.quantity * line.unit_price_fen, line.total_fen, rounding)


def _moved(line: Line, wanted: int, rounding: str) -> Iterator[tuple[Line, Fraction, int]]:
    """Where moving the point of this line alone makes the amount that is wanted of it: line, power of ten and amount."""
    product = (line.quantity or Fraction(0)) * _unit_price(line)
    for shift in SHIFTS:
        if int(rounded(product * shift, 0, rounding)) == wanted:
            yield line, shift, wanted
