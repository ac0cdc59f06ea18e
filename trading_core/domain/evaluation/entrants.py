"""Which bids are ranked and at what price, and why the others are not."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from .benefits import Review
from .bids import Bid
from .reading import Case

VALID, REJECTED, BELOW_RESERVE = "valid", "rejected", "below_reserve"


def statuses(read: Case) -> Mapping[str, str]:
    """What has become of each bid with a price: only valid ones are ranked. An offer below the reserve wins nothing [04 §4.6, 05 §5.4]."""
    return {bid.id: _status(read, bid.id, bid.bid_price_fen) for bid in read.bids}


def _status(read: Case, bid: str, price_fen: int) -> str:
    if bid in read.decisions.rejected:
        return REJECTED
    return BELOW_RESERVE if read.reserve_fen is not None and price_fen < read.reserve_fen else VALID


def reviews(read: Case, valid: Sequence[Bid]) -> dict[str, Review]:
    """The price for review of each ranked bid, where the document grants deductions."""
    granted = read.rules.deductions
    if granted is None:
        return {}
    contested = len({bid.declared.domestic for bid in valid}) > 1
    return {bid.id: granted.review(bid.bid_price_fen, bid.declared, contested) for bid in valid}
