"""Exact figures: plain decimals in, fractions within, rounded where the document says so; amounts in Chinese words."""
from __future__ import annotations

import re
from fractions import Fraction

from .report import Malformed
from .text import Value

SHOWN = 12  # places in which unrounded values are shown
MODES = ("ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN")
DIGITS = {c: i for group in ("零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖") for i, c in enumerate(group)}
TENS = {"拾": 10, "佰": 100, "仟": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def exact(value: Value) -> Fraction:
    """The number that a plain decimal text means. Raises `Malformed`."""
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", value.text()):
        raise Malformed(value.where, "a plain decimal")
    return Fraction(value.text())


def rounded(value: Fraction, places: int, mode: str) -> Fraction:
    """The value rounded once."""
    scaled = abs(value) * 10**places
    whole, rest = scaled.numerator // scaled.denominator, scaled - scaled.numerator // scaled.denominator
    if mode != "ROUND_DOWN" and (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (mode == "ROUND_HALF_UP" or whole % 2 == 1))):
        whole += 1
    return Fraction(-whole if value < 0 else whole, 10**places)


def written(value: Fraction, places: int) -> str:
    """A value of so many places as digits."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        raise ValueError("a value is rounded before it is written")
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 else text


def shown(value: Fraction) -> str:
    """An unrounded value as results show it."""
    return written(rounded(value, SHOWN, "ROUND_HALF_UP"), SHOWN)


def fen_of_words(value: Value) -> int:
    """The amount in fen that Chinese words mean (人民币壹佰万元整). Raises `Malformed`."""
    text = re.sub(r"[\s:：]|^人民币|^¥|[整正]$", "", value.text())
    found = re.fullmatch(r"(?:(.+?)[元圆圓])?零?(?:(.)角)?零?(?:(.)分)?", text)
    if not found or not any(found.groups()):
        raise Malformed(value.where, "an amount in Chinese words")
    whole, jiao, fen = found.groups()
    return (_whole(whole, value) if whole else 0) * 100 + sum(
        DIGITS.get(c, 0) * unit for c, unit in ((jiao, 10), (fen, 1)) if c
    )  # fmt: skip


def _whole(text: str, value: Value) -> int:
    total = section = digit = 0
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        elif c in TENS:
            section, digit = section + (digit or 1) * TENS[c], 0
        elif c in MYRIADS:
            unit = MYRIADS[c]
            total = (total + section + digit) * unit if unit > 10**4 else total + (section + digit) * unit
            section = digit = 0
        else:
            raise Malformed(value.where, "an amount in Chinese words")
    return total + section + digit
