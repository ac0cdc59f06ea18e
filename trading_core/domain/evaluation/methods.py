"""The ways of evaluation: what each compares, what its rules state, and what settles equals [02 §2.7, 03 §3.7, 04 §4.6, 05 §5.4, 07 §7.4].

There is one evaluation for all of them. A trade's form offers the ways its law knows, and a document states the rules of one.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .formulas import FORMULAS, INVERSE, PROPORTIONAL
from .mismatch import OPENING_LIST, UNIT_PRICES
from .ranking import Better
from .rejection import INVALIDITY, REJECTION, Grounds

COMPREHENSIVE, LOWEST = "comprehensive", "lowest"
SCORING, LOWEST_EVALUATED, LOWEST_OFFER = "scoring", "lowest_evaluated", "lowest_offer"
WEIGHTED, HIGHEST_PRICE = "weighted", "highest_price"
COMPARISON, PRICE_SELECTION = "comparison", "price_selection"

QUOTED, CORRECTED, REVIEWED = "quoted", "corrected", "review"
PRICES = (QUOTED, CORRECTED)
"""Prices of a bid that rules can name; with deductions also the one for review."""
COMMON = ("method", "line_rounding", "candidates_max")
"""Keys of the rules that every method states."""
SHEET = ("items", "item_scores", "factors", "factor_scores")
BUYING = ("corrections", "tie_price", "deductions", "low_price")
"""Keys of government procurement."""
TIE_RULES = ("higher_technical", "higher_commercial", "higher_credit", "higher_price_score")
SETTLERS = ("tenderer", "document_rule", "draw", "earlier_receipt")


@dataclass(frozen=True, slots=True)
class Method:
    """One way of evaluation; its title is the message ``choice.method.<id>``.

    points: bids are compared by the sum of their points, otherwise by a price. better: which price is the better one. needs, may: what
    its rules must and may state beside `COMMON`. formulas: for its price score. ties: what separates equals before the document's own
    rules, which are chosen from tie_rules. settled_by: who or what orders those that stay equal, the usual one first. grounds: on which
    bids are rejected. corrections: the order in which mismatches are corrected where the document says nothing else.
    """

    id: str
    points: bool
    better: Better
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    tie_rules: tuple[str, ...] = ()
    settled_by: tuple[str, ...] = ("draw",)
    grounds: Grounds = REJECTION
    corrections: str = UNIT_PRICES
    candidates_max: int = 99

    def states(self, name: str) -> bool:
        """Whether its rules have a place for this key."""
        return name in COMMON or name in self.needs or name in self.may


METHODS: Mapping[str, Method] = {
    method.id: method
    for method in (
        Method(
            COMPREHENSIVE, True, "low",
            needs=("tie_price", "scored_price", "benchmark_set", "price", "items", "item_scores", "total", "tie_rules"),
            may=("small_business",), formulas=tuple(FORMULAS), ties=("lower_price",), tie_rules=TIE_RULES,
            settled_by=("tenderer",), candidates_max=3,
        ),
        Method(
            LOWEST, False, "low", needs=("tie_price", "adjustments"), ties=("lower_price",), settled_by=("tenderer",), candidates_max=3,
        ),
        Method(
            SCORING, True, "low", needs=("purchase", "total", "tie_rules"), may=("price", "price_excluded", "brand_rules", *SHEET, *BUYING),
            formulas=(INVERSE,), ties=("lower_price",), tie_rules=TIE_RULES, settled_by=("draw", "document_rule"),
            grounds=INVALIDITY, corrections=OPENING_LIST,
        ),
        Method(
            LOWEST_EVALUATED, False, "low", needs=("purchase",), may=("tie_rules", *BUYING), tie_rules=("lower_price",),
            settled_by=("draw", "document_rule"),
            grounds=INVALIDITY, corrections=OPENING_LIST,
        ),
        Method(
            LOWEST_OFFER, False, "low", needs=("purchase",), may=("tie_rules", *BUYING), tie_rules=("lower_price",),
            settled_by=("draw", "document_rule"),
            grounds=INVALIDITY, corrections=OPENING_LIST,
        ),
        Method(
            WEIGHTED, True, "high", needs=("price", "total", "tie_rules"), may=SHEET, formulas=(PROPORTIONAL,),
            tie_rules=("higher_offer", *TIE_RULES), settled_by=("document_rule", "draw"),
        ),
        Method(HIGHEST_PRICE, False, "high", settled_by=("document_rule", "earlier_receipt", "draw")),
        Method(COMPARISON, True, "low", needs=("price", "total"), may=SHEET, formulas=(INVERSE,), ties=("higher_credit", "lower_price")),
        Method(PRICE_SELECTION, False, "low", may=("discount",)),
    )
}  # fmt: skip
