"""The price formulas E-F1 … E-F6, and the one for offers, with every parameter stated; nothing is implicit [02 §2.7.2, 04 §4.6].

No law fixes a formula: the one in the tender document counts. The document stores ``formula + params``, and this registry gives
the same scores from them for ever: a changed rule is a new formula id.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..errors import Problem, refuse_if
from ..fields import Field
from .numbers import decimals, problems_of
from .parameters import DEVIATION, FULL_SCORE, LINE, MEAN_WEIGHT, SCORE_ROUNDING, TRIM, K, Params, integer, number, text_of
from .price_scores import Computed, Prices, PriceScoring, by_line, by_mean, by_proportion, by_ratio


@dataclass(frozen=True)
class Formula:
    """One price formula. Its title is the message ``formula.<id>``; `fields` are its parameters, all mandatory."""

    id: str
    fields: tuple[Field, ...]
    compute: Callable[[Params, Prices, Prices, int | None], Computed]
    contradictions: Callable[[Params], Iterator[Problem]]
    uses_ceiling: bool = False

    def problems(self, params: Params, prefix: str = "") -> list[Problem]:
        """Every fault of the parameters at once, with paths below `prefix`."""
        found = problems_of(self.fields, params, prefix)
        return found or [Problem(p.code, prefix + p.path, p.params, self.id) for p in self.contradictions(params)]

    def score(self, params: Params, valid: Prices, scored: Prices | None = None, *, ceiling_fen: int | None = None) -> PriceScoring:
        """Benchmark and scores. valid: prices in fen of the bids that enter the benchmark; scored: of the bids that get a score,
        a part of them (all when not given). A bid that trimming leaves out of the benchmark is scored like the others.

        Raises `Refused` for bad parameters, a missing ceiling, or a benchmark that rounds to zero.
        """
        scored = valid if scored is None else scored
        if not scored.items() <= valid.items() or any(fen <= 0 for fen in valid.values()):
            raise ValueError("scored bids are valid bids, and prices are positive")
        problems = self.problems(params)
        if self.uses_ceiling and ceiling_fen is None:
            problems.append(Problem("evaluation.ceiling_needed", "ceiling_fen", {"formula": self.id}, self.id))
        refuse_if(problems)
        found, rows = self.compute(params, valid, scored, ceiling_fen) if valid else (None, [])
        return PriceScoring(self.id, found, tuple(rows))


# ------------------------------------------------------------------ faults between parameters that are each well formed

def _too_fine(params: Params, *names: str) -> Iterator[Problem]:
    """A bound finer than the rounding of scores: a rounded score could pass it."""
    places = integer(params, "score_places")
    for name in names:
        if decimals(text_of(params, name)) > places:
            yield Problem("evaluation.finer_than_rounding", name, {"value": text_of(params, name), "places": places})


def _deviation(params: Params) -> Iterator[Problem]:
    yield from _too_fine(params, "full_score", "floor")
    if number(params, "floor") > number(params, "full_score"):
        yield Problem("evaluation.floor_above_full", "floor", {"floor": text_of(params, "floor"), "full": text_of(params, "full_score")})
    if number(params, "k") == 1:
        yield Problem("evaluation.k_is_one", "k")


def _trimmed(params: Params) -> Iterator[Problem]:
    yield from _deviation(params)
    one, two = integer(params, "drop_one_from"), integer(params, "drop_two_from")
    if two and (two < 5 or two <= one):
        yield Problem("evaluation.trim_order", "drop_two_from", {"one_from": one, "two_from": two})


def _steeper_above(params: Params) -> Iterator[Problem]:
    yield from _trimmed(params)
    if number(params, "e_high") <= number(params, "e_low"):
        yield Problem("evaluation.high_not_steeper", "e_high", {"high": text_of(params, "e_high"), "low": text_of(params, "e_low")})


def _falling_line(params: Params) -> Iterator[Problem]:
    yield from _too_fine(params, "full_score")
    if integer(params, "zero_from_fen") <= integer(params, "full_to_fen"):
        yield Problem("evaluation.line_order", "zero_from_fen")


def _ratio(params: Params) -> Iterator[Problem]:
    yield from _too_fine(params, "full_score")


INVERSE, PROPORTIONAL = "E-F5", "ratio_to_highest"

FORMULAS: Mapping[str, Formula] = {
    formula.id: formula
    for formula in (
        Formula("E-F1", (K, *DEVIATION), by_mean, _deviation),
        Formula("E-F2", (K, *TRIM, *DEVIATION), by_mean, _trimmed),
        Formula("E-F3", (K, MEAN_WEIGHT, *DEVIATION), by_mean, _deviation, uses_ceiling=True),
        Formula("E-F4", (FULL_SCORE, *LINE, *SCORE_ROUNDING), by_line, _falling_line),
        Formula(INVERSE, (FULL_SCORE, *SCORE_ROUNDING), by_ratio, _ratio),
        Formula("E-F6", (K, *TRIM, *DEVIATION), by_mean, _steeper_above),
    )
}
"""Those of tenders, where the lower price is better [02 §2.7.2]."""
PRICE_FORMULAS: Mapping[str, Formula] = {
    **FORMULAS,
    PROPORTIONAL: Formula(PROPORTIONAL, (FULL_SCORE, *SCORE_ROUNDING), by_proportion, _ratio),
}
"""All of them; where the higher price is better, points are in proportion to the highest [04 §4.6]."""
