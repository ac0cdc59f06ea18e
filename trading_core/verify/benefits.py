"""What a bid's declaration earns and the price for review it comes to (docs/formats-evaluation.md §3, §5) [46 2, 4, 9; 03 §3.8]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .figures import MODES, exact, rounded, shown, written
from .prices import stated
from .report import Malformed
from .text import Value

SIZES = ("large", "medium", "small", "micro", "prison", "welfare")
SMALL = SIZES[2:]
SMALL_SHARE, DOMESTIC_SHARE, DOMESTIC_FROM = Fraction(30, 100), Fraction(80, 100), "2026-01-01"


def size_of(bid: Value, what: str) -> str:
    """``none``, ``small_micro`` or ``consortium``. what: goods, services, works."""
    parties, products = rows(bid, "parties"), rows(bid, "products")
    counted = [p["maker"].choice(*SIZES) for p in products] if what == "goods" else [p["size"].choice(*SIZES) for p in parties]
    if not counted and not (what == "goods" and parties):
        short = stated(bid, "small_business")
        return short.choice("none", "small_micro", "consortium") if short else "none"
    small = [p for p in parties if p["size"].text() in SMALL]
    linked = [p for p in small if (said := stated(p, "linked")) is not None and said.boolean()]
    if not counted or (what == "goods" and "large" in counted) or (linked and len(parties) > 1):
        return "none"
    if all(size in SMALL for size in counted):
        return "small_micro"
    share = sum((exact(said) for p in small if (said := stated(p, "contract_share")) is not None), Fraction(0))
    return "consortium" if share >= SMALL_SHARE else "none"


def domestic(bid: Value, day: str) -> bool:
    """Whether the offer counts as domestic."""
    products = rows(bid, "products")
    if not products:
        short = stated(bid, "domestic")
        return short is not None and short.boolean()
    home = [p for p in products if (said := stated(p, "domestic")) is not None and said.boolean()]
    if len(home) in (0, len(products)):
        return bool(home)
    costs = sum(p["cost_fen"].integer() for p in products)
    return day >= DOMESTIC_FROM and sum(p["cost_fen"].integer() for p in home) >= DOMESTIC_SHARE * costs


def rows(bid: Value, name: str) -> list[Value]:
    found = stated(bid, name)
    return found.entries() if found else []


def reviews(
    rules: Value, bids: Mapping[str, Value], prices: Mapping[str, int], valid: Sequence[str], what: str, day: str
) -> dict[str, dict[str, object]]:
    """What a result must say of the price for review of each bid that is compared; nothing where the document deducts nothing."""
    granted = stated(rules, "deductions")
    if granted is None:
        return {}
    digits, mode = granted["places"].integer(), granted["rounding"].choice(*MODES)
    if digits > 2:
        raise Malformed(granted.where, "at most 2 places of a yuan")
    names = ("small_micro", "consortium", "domestic")
    rates = {name: exact(said) if (said := stated(granted, f"{name}_rate")) else Fraction(0) for name in names}
    home = {bid: domestic(bids[bid], day) for bid in valid}
    contested = len(set(home.values())) == 2
    found: dict[str, dict[str, object]] = {}
    for bid in valid:
        size = size_of(bids[bid], what)
        rate = rates.get(size, Fraction(0)) + (rates["domestic"] if home[bid] and contested else 0)
        unrounded = Fraction(prices[bid]) * (1 - rate) / 100
        fen = int(rounded(unrounded, digits, mode) * 100) if rate else prices[bid]
        short = written(rounded(rate, 10, "ROUND_HALF_EVEN"), 10).rstrip("0").rstrip(".")
        found[bid] = {
            "small_business": size, "domestic": home[bid], "rate": short, "unrounded": shown(unrounded), "review_fen": fen,
        }  # fmt: skip
    return found
