"""The ways of evaluation and what a case of each may say (docs/formats-evaluation.md §1, §2.1). What is not listed here is not known,
and a case that says it is not repeated but refused."""
from __future__ import annotations

from dataclasses import dataclass

from .prices import stated
from .report import Malformed
from .text import Value

SHEET = ("items", "item_scores", "factors", "factor_scores")
BUYING = ("purchase", "corrections", "deductions", "low_price", "tie_price", "tie_rules")
CASE = (
    "format", "rules", "ceiling_fen", "budget_fen", "reserve_fen", "drawn_value", "members", "bids", "rejections", "entries",
    "low_price_reviews", "brand_decisions", "tie_decisions",
)  # fmt: skip
BID = (
    "id", "price_fen", "words", "bidder", "lines", "correction", "further_prices", "adjustments", "small_business", "parties", "products",
    "domestic", "brand", "factors", "doubts",
)  # fmt: skip
TWO_ALLOWED = {"negotiation": "failed_tender", "consultation": "research"}


@dataclass(frozen=True)
class Way:
    """points: whether a sum of points is compared, else a price. high: the higher price wins. rules: what its rules may say beside what all
    do. ties: what separates equals before the document's own rules. settler: who orders a tie when nobody is named."""

    points: bool
    high: bool
    rules: tuple[str, ...]
    formulas: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    settler: str = "draw"


E_F = tuple(f"E-F{n}" for n in range(1, 7))
WAYS = {
    "comprehensive": Way(
        True, False,
        ("tie_price", "scored_price", "benchmark_set", "price", "items", "item_scores", "total", "tie_rules", "small_business"),
        E_F, ("lower_price",), "tenderer",
    ),
    "lowest": Way(False, False, ("tie_price", "adjustments"), (), ("lower_price",), "tenderer"),
    "scoring": Way(True, False, (*BUYING, *SHEET, "price", "price_excluded", "total", "brand_rules"), ("E-F5",), ("lower_price",)),
    "lowest_evaluated": Way(False, False, BUYING),
    "lowest_offer": Way(False, False, BUYING),
    "weighted": Way(True, True, (*SHEET, "price", "total", "tie_rules"), ("ratio_to_highest",), (), "document_rule"),
    "highest_price": Way(False, True, (), (), (), "document_rule"),
    "comparison": Way(True, False, (*SHEET, "price", "total"), ("E-F5",), ("higher_credit", "lower_price")),
    "price_selection": Way(False, False, ("discount",)),
}  # fmt: skip


def way_of(case: Value) -> Way:
    """The way of a case that says nothing unknown. Raises `Malformed`."""
    rules = case["rules"]
    way = WAYS[rules["method"].choice(*WAYS)]
    _only(case, CASE)
    _only(rules, ("method", "line_rounding", "candidates_max", *way.rules))
    for bid in case["bids"].entries():
        _only(bid, BID)
    return way


def _only(value: Value, known: tuple[str, ...]) -> None:
    for name in value.mapping():
        if name not in known and stated(value, name) is not None:
            raise Malformed(f"{value.where} {name}", "nothing that this verifier does not know")


def bought(rules: Value) -> tuple[str, str, str]:
    """Procedure, what is bought and the day of the announcement; all empty outside procurement."""
    purchase = stated(rules, "purchase")
    if purchase is None:
        return "", "", ""
    procedure = purchase["procedure"].choice("tender", "negotiation", "inquiry", "consultation")
    return procedure, purchase["bought"].choice("goods", "services", "works"), purchase["announced_on"].date().isoformat()


def tie_order(way: Way, rules: Value) -> tuple[str, ...]:
    """What separates equals, first to last."""
    own = stated(rules, "tie_rules")
    technical = ("higher_technical",) if bought(rules)[0] == "consultation" else ()
    return tuple(dict.fromkeys((*way.ties, *technical, *(own.texts() if own else ()))))


def too_few(rules: Value, count: int) -> dict[str, object] | None:
    """What follows when so few bidders are left in a purchase [03 §3.12a]."""
    procedure, what, day = bought(rules)
    if not procedure:
        return None
    purchase = rules["purchase"]
    ground, reserved = stated(purchase, "fewer_by"), stated(purchase, "reserved")
    why = ground.text() if ground else ""
    enough = 3
    if (why and TWO_ALLOWED.get(procedure) == why) or (procedure == "consultation" and what == "services"):
        enough = 2
    if why == "emergency" and day >= "2026-10-01":
        enough = 1
    if count >= enough:
        return None
    if reserved is not None and reserved.boolean():
        return {"count": count, "code": "stop", "then": ["reorganise_unreserved"]}
    if procedure != "tender":
        return {"count": count, "code": "stop", "then": ["new_activity"]}
    then = ["correct_and_retender", "other_method", *(["negotiate_with_two"] if count == 2 else [])]
    return {"count": count, "code": "cancel", "then": then}
