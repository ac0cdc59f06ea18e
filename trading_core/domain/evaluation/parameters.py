"""The stated parameters of price formulas: their form fields, and how a formula reads them [02 §2.7.2 common parameters]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from ..fields import Field
from .benchmark import UNITS
from .numbers import PLACES_MAX, ROUNDINGS, exact

Params = Mapping[str, object]
UNROUNDED = "unrounded"

FULL_SCORE = Field("full_score", "decimal", minimum=0, maximum=1000)
SCORE_ROUNDING = (
    Field("score_places", "integer", minimum=0, maximum=PLACES_MAX),
    Field("rounding", "choice", choices=ROUNDINGS),
)
K = Field("k", "decimal", minimum=0, maximum=1)
MEAN_WEIGHT = Field("mean_weight", "decimal", minimum=0, maximum=1, rule="E-F3")
TRIM = (
    Field("drop_one_from", "integer", minimum=3, maximum=10_000, rule="E-F2"),
    Field("drop_two_from", "integer", minimum=0, maximum=10_000, rule="E-F2"),
)
LINE = (
    Field("full_to_fen", "money", minimum=1, rule="E-F4"),
    Field("zero_from_fen", "money", minimum=1, rule="E-F4"),
)
DEVIATION = (
    FULL_SCORE,
    Field("floor", "decimal", minimum=0, maximum=1000),
    Field("e_high", "decimal", minimum=0, maximum=1000),
    Field("e_low", "decimal", minimum=0, maximum=1000),
    Field("step", "choice", choices=("continuous", "full_percent")),
    Field("unit", "choice", choices=tuple(UNITS)),
    Field("benchmark_places", "integer", minimum=0, maximum=PLACES_MAX),
    Field("deviation_places", "choice", choices=(UNROUNDED, *map(str, range(PLACES_MAX + 1)))),
    *SCORE_ROUNDING,
)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where and how the document rounds. deviation_places None: the deviation is used unrounded."""

    deviation_places: int | None
    score_places: int
    mode: str

    @classmethod
    def stated_in(cls, params: Params) -> Rounding:
        places = text_of(params, "deviation_places")
        return cls(
            deviation_places=None if places == UNROUNDED else int(places),
            score_places=integer(params, "score_places"),
            mode=text_of(params, "rounding"),
        )


def number(params: Params, name: str) -> Fraction:
    return exact(text_of(params, name))


def integer(params: Params, name: str) -> int:
    return cast("int", params[name])


def text_of(params: Params, name: str) -> str:
    return cast("str", params[name])
