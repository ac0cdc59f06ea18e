"""Who is compared with whom: brands, reserve, and prices so low that they must be explained (docs/formats-evaluation.md §4.3, §4.4)."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .figures import exact, shown
from .prices import stated
from .report import Broken
from .text import Value

Said = dict[str, object]


# ------------------------------------------------------------------ brands

def brands(
    bids: Mapping[str, Value], worth: Mapping[str, tuple[Fraction, ...]], decisions: Sequence[Value], check: str
) -> list[Said]:
    """Brands that several of the compared bids offer, with the one that stands for each. worth: less is better. Raises `Broken` for a
    decision on what is no tie."""
    named: dict[str, list[str]] = {}
    for bid in sorted(worth):
        brand = stated(bids[bid], "brand")
        if brand is not None and brand.text().strip():
            named.setdefault(brand.text().strip(), []).append(bid)
    decided = {d["brand"].text().strip(): d for d in decisions}
    found: list[Said] = []
    for brand_name, own in sorted(named.items()):
        if len(own) == 1:
            continue
        front = min(worth[bid] for bid in own)
        best = [bid for bid in own if worth[bid] == front]
        chosen = decided.pop(brand_name)["bid"].text() if len(best) > 1 and brand_name in decided else best[0] if len(best) == 1 else ""
        if chosen and chosen not in best:
            raise Broken(check, "case brand_decisions", " or ".join(best), chosen)
        found.append({"brand": brand_name, "bids": own, **({"chosen": chosen} if chosen else {"undecided": best})})
    if decided or len({d["brand"].text().strip() for d in decisions}) < len(decisions):
        raise Broken(check, "case brand_decisions", "one decision on equal bids of one brand", ", ".join(decided) or "two")
    return found


def passed_over(found: Sequence[Said]) -> set[str]:
    """Bids that cannot stand for their brand."""
    out: set[str] = set()
    for brand in found:
        own, best = brand["bids"], brand.get("undecided", [brand.get("chosen")])
        assert isinstance(own, list) and isinstance(best, list)
        out |= set(own) - set(best)
    return out


def waiting(found: Sequence[Said]) -> set[str]:
    """Equal bids of a brand among which nobody has chosen yet."""
    return {str(bid) for brand in found if isinstance(own := brand.get("undecided", []), list) for bid in own}


def bidders(bids: Mapping[str, Value], left: Sequence[str]) -> int:
    """How many are left when bids of one brand are one."""
    brands_left = [said.text().strip() if (said := stated(bids[bid], "brand")) else "" for bid in left]
    return len(set(brands_left) - {""}) + brands_left.count("")


# ------------------------------------------------------------------ low prices

def low_prices(case: Value, prices: Mapping[str, int], valid: Sequence[str], check: str) -> list[Said]:
    """What a result must say of low prices. prices: of bids that conform; valid: of these, who still counts. Raises `Broken` while a
    review is open or a price stayed unexplained and still counts."""
    stated_reviews = stated(case, "low_price_reviews")
    reviews = {r["bid"].text(): r for r in (stated_reviews.entries() if stated_reviews else [])}
    triggers = _triggers(case, prices)
    told: list[Said] = []
    for bid in sorted(triggers.keys() | reviews.keys()):
        own: list[Said] = list(triggers.get(bid, []))
        said: Said = {"bid": bid, "triggers": own}
        if bid in reviews:
            judged = stated(reviews[bid], "judgement")
            if judged is not None and judged.boolean():
                own.append({"code": "AL-4"})
            said["outcome"] = reviews[bid]["outcome"].choice("explained", "unexplained")
        if not own:
            raise Broken(check, reviews[bid].where, "a price that is abnormally low", prices.get(bid, 0))
        if bid in valid and said.get("outcome") != "explained":
            raise Broken(check, case.where, f"an explanation of the low price of {bid}", str(said.get("outcome", "no review")))
        told.append(said)
    motions = stated(case, "rejections")
    for motion in motions.entries() if motions else []:
        bid = motion["bid"].text()
        if motion["ground"].text() == "IV-7" and (bid not in reviews or reviews[bid]["outcome"].text() != "unexplained"):
            raise Broken(check, motion.where, f"a review that left the price of {bid} unexplained", "none")
    return told


def _triggers(case: Value, prices: Mapping[str, int]) -> dict[str, list[Said]]:
    rates = stated(case["rules"], "low_price")
    if rates is None or not prices:
        return {}
    lowest, *others = sorted(prices.values())
    most = stated(case, "ceiling_fen") or stated(case, "budget_fen")
    limits = {"AL-1": exact(rates["mean_rate"]) * Fraction(sum(prices.values()), len(prices))}
    if others:
        limits["AL-2"] = exact(rates["second_rate"]) * others[0]
    if most is not None:
        limits["AL-3"] = exact(rates["ceiling_rate"]) * most.integer()
    found: dict[str, list[Said]] = {}
    for bid, fen in prices.items():
        own = [code for code, limit in limits.items() if fen < limit and (code != "AL-2" or fen == lowest)]
        if own:
            found[bid] = [{"code": code, "limit": shown(limits[code] / 100)} for code in own]
    return found
