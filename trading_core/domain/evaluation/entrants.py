"""Which bids are ranked and at what price, and why the others are not."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from .benefits import Review
from .bids import Bid
from .brands import Brand, brands_of
from .low_price import Trigger
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


def conforming(read: Case) -> list[Bid]:
    """All but those rejected in preliminary review. A low price is judged after it, whatever stage the motion says."""
    low_price = read.rules.way.grounds.low_price
    out = {
        motion.rejection.bid
        for motion in read.decisions.motions
        if motion.decision == REJECTED and motion.rejection.stage == PRELIMINARY and motion.rejection.ground != low_price
    }
    return [bid for bid in read.bids if bid.id not in out]


def by_lowest(read: Case) -> tuple[Brand, ...]:
    """Where the lowest price wins: which bid of each brand takes part, of those that conform. A bid rejected later was the lowest all the
    same, and the others are invalid [87 31]."""
    if not read.rules.by_brand or read.rules.way.points:
        return ()
    compared = conforming(read)
    worth = {bid.id: (Fraction(bid.bid_price_fen),) for bid in compared}
    return brands_of({bid.id: bid.brand for bid in compared}, worth, dict(read.brand_decisions))


def low_prices(read: Case) -> dict[str, tuple[Trigger, ...]]:
    """Which prices are abnormally low among those that conform [03 §3.9]."""
    if read.rules.low_price is None:
        return {}
    prices = {bid.id: bid.bid_price_fen for bid in conforming(read)}
    return read.rules.low_price.triggers(prices, read.budget_fen if read.ceiling_fen is None else read.ceiling_fen)


def reviews(read: Case, valid: Sequence[Bid]) -> dict[str, Review]:
    """The price for review of each ranked bid, where the document grants deductions."""
    granted = read.rules.deductions
    if granted is None:
        return {}
    contested = len({bid.declared.domestic for bid in valid}) > 1
    return {bid.id: granted.review(bid.bid_price_fen, bid.declared, contested) for bid in valid}
