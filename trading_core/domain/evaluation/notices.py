"""What people must look at in a result."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .brands import Brand, entities
from .fewer import CONFORMING, Fewer, fewer
from .low_price import EXPLAINED
from .ranking import SETTLER, Place
from .reading import Case


def too_few(read: Case) -> tuple[int, Fewer] | None:
    """What follows when too few bidders are left in a purchase; bids of one brand are one bidder [87 31, 03 §3.12a]."""
    purchase = read.rules.purchase
    if purchase is None:
        return None
    count = entities({bid.id: bid.brand for bid in read.bids if bid.id not in read.decisions.rejected})
    found = fewer(
        purchase.procedure.id, CONFORMING, count, on=purchase.announced_on, bought=purchase.bought, ground=purchase.fewer_by,
        reserved=purchase.reserved,
    )  # fmt: skip
    return (count, found) if found else None


def notices(read: Case, places: Sequence[Place], brands: Sequence[Brand]) -> list[dict[str, Any]]:
    """Each a code and its figures; the text is the message ``notice.evaluation.<code>``."""
    few = too_few(read)
    by_tenderer = read.rules.way.settled_by[0] == SETTLER
    found: list[dict[str, Any]] = []
    if few:
        found.append({"code": f"fewer_{few[1].code}", "count": few[0]})
    elif not places:
        found.append({"code": "none_left" if by_tenderer else "no_offer_left"})
    elif by_tenderer and fewer("engineering", CONFORMING, len(places), on=read.rules.announced_on):
        found.append({"code": "fewer_than_three", "count": len(places)})
    kept = sorted({(p.bid, p.ground) for p in read.decisions.proposals if p.bid not in read.decisions.rejected})
    found += [{"code": "proposal_not_confirmed", "bid": bid, "ground": ground} for bid, ground in kept]
    found += [
        {"code": "brand_undecided", "brand": brand.name, "bids": list(brand.best)} for brand in brands if not brand.chosen
    ]
    explained = {review.bid for review in read.low_price_reviews if review.outcome == EXPLAINED}
    found += [{"code": "performance_watch", "bid": p.bid} for p in places if p.bid in explained]
    for number in sorted({p.tie_group for p in places} - {0}):
        code = "tied" if by_tenderer else "tied_outside"
        found.append({"code": code, "tie_group": number, "bids": [p.bid for p in places if p.tie_group == number]})
    return found
