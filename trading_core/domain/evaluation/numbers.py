"""Numbers of an evaluation: plain decimal text in, exact fractions within, decimals rounded where the document says so out.

No step depends on the decimal context of the thread, so the same case gives the same digits everywhere.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..errors import Problem, Refused
from ..fields import Field, check

ROUNDINGS = ("ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN")
PLACES_MAX = 8
SHOWN_PLACES = 12  # of unrounded values, for reading only: nothing is computed from them

PLACES_FIELDS = (
    Field("places", "integer", minimum=0, maximum=PLACES_MAX),
    Field("rounding", "choice", choices=ROUNDINGS),
)

_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")


def exact(text: str) -> Fraction:
    """The number that plain decimal text means. ValueError for exponents, separators, other scripts or endless digits."""
    if not _PLAIN.fullmatch(text):
        raise ValueError("not a plain decimal number")
    return Fraction(text)


def decimals(text: str) -> int:
    """How many places after the point the number really needs: 1 for ``0.50``."""
    return len(text.partition(".")[2].rstrip("0"))


def rounded(value: Fraction, places: int, mode: str) -> Decimal:
    """The exact value rounded once. mode is one of `ROUNDINGS`, with the meaning that `decimal` gives these names."""
    whole, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    twice = 2 * rest
    if mode == "ROUND_HALF_UP":
        up = twice >= value.denominator
    elif mode == "ROUND_HALF_EVEN":
        up = twice > value.denominator or (twice == value.denominator and whole % 2 == 1)
    elif mode == "ROUND_DOWN":
        up = False
    else:
        raise ValueError(f"unknown rounding {mode}")
    whole += up
    return Decimal((int(value < 0 and whole > 0), tuple(map(int, str(whole))), -places))


@dataclass(frozen=True, slots=True)
class Places:
    """To how many places a document rounds a figure, and how."""

    places: int
    rounding: str

    def of(self, value: Fraction) -> Decimal:
        return rounded(value, self.places, self.rounding)


def text(value: Decimal) -> str:
    """A decimal as digits without exponent, every place kept: ``60.00``."""
    return format(value, "f")


def plain(value: Fraction) -> str:
    """A number of at most ten places, as plain decimal text without needless zeros: ``0.3``."""
    whole, _, rest = text(rounded(value, 10, "ROUND_HALF_EVEN")).partition(".")
    return f"{whole}.{rest.rstrip('0')}".rstrip(".")


def shown(value: Fraction) -> str:
    """An unrounded value for a reader: `SHOWN_PLACES` places, half up."""
    return text(rounded(value, SHOWN_PLACES, "ROUND_HALF_UP"))


def problems_of(fields: Sequence[Field], data: Mapping[str, object], prefix: str = "") -> list[Problem]:
    """Every fault of a form against its fields, decimals being plain ones, with the paths below `prefix`."""
    try:
        check(fields, data)
    except Refused as refused:
        return [Problem(p.code, prefix + p.path, p.params, p.rule) for p in refused.problems]
    return [Problem("evaluation.not_plain_decimal", prefix + path) for path in _odd_decimals(fields, data, "")]


def _odd_decimals(fields: Sequence[Field], data: Mapping[str, object], prefix: str) -> Iterator[str]:
    for f in fields:
        value, path = data.get(f.name), prefix + f.name
        if f.kind == "decimal" and isinstance(value, str) and value and not _PLAIN.fullmatch(value):
            yield path
        elif f.kind == "object" and isinstance(value, Mapping):
            yield from _odd_decimals(f.fields, value, path + ".")
        elif f.kind == "list" and f.fields and isinstance(value, Sequence):
            for i, item in enumerate(value):
                yield from _odd_decimals(f.fields, item, f"{path}.{i}.")
