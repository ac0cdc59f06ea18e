"""Which bids are ranked and at what price, and why the others are not."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from .benefits import Review
from .bids import Bid
from .brands import Brand, brands_of
from .reading import Case
from .rejection import PRELIMINARY

VALID, REJECTED, SAME_BRAND, BELOW_RESERVE = "valid", "rejected", "same_brand", "below_reserve"


def statuses(read: Case) -> Mapping[str, str]:
    """What has become of each bid with a price: only valid ones are ranked. An offer below the reserve wins nothing [04 §4.6, 05 §5.4];
    where the lowest price wins, one bid of each brand takes part [87 31]."""
    out = {bid for brand in by_lowest(read) for bid in brand.passed_over}
    return {bid.id: _status(read, bid, out) for bid in read.bids}


def _status(read: Case, bid: Bid, out: Collection[str]) -> str:
    if bid.id in read.decisions.rejected:
        return REJECTED
    if bid.id in out:
        return SAME_BRAND
    return BELOW_RESERVE if read.reserve_fen is not None and bid.bid_price_fen < read.reserve_fen else VALID


def by_lowest(read: Case) -> tuple[Brand, ...]:
    """Where the lowest price wins: which bid of each brand takes part, of those that conform. A bid rejected later was the lowest all the
    same, and the others are invalid [87 31]."""
    if not read.rules.by_brand or read.rules.way.points:
        return ()
    conforming = [bid for bid in read.bids if read.decisions.rejected.get(bid.id) != PRELIMINARY]
    worth = {bid.id: (Fraction(bid.bid_price_fen),) for bid in conforming}
    return brands_of({bid.id: bid.brand for bid in conforming}, worth, dict(read.brand_decisions))


def reviews(read: Case, valid: Sequence[Bid]) -> dict[str, Review]:
    """The price for review of each ranked bid, where the document grants deductions."""
    granted = read.rules.deductions
    if granted is None:
        return {}
    contested = len({bid.declared.domestic for bid in valid}) > 1
    return {bid.id: granted.review(bid.bid_price_fen, bid.declared, contested) for bid in valid}
