"""Which bids are ranked, and why the others are not."""
from __future__ import annotations

from collections.abc import Mapping

from .reading import Case

VALID, REJECTED, BELOW_RESERVE = "valid", "rejected", "below_reserve"


def statuses(read: Case) -> Mapping[str, str]:
    """What has become of each bid with a price: only valid ones are ranked. An offer below the reserve wins nothing [04 §4.6, 05 §5.4]."""
    return {bid.id: _status(read, bid.id, bid.bid_price_fen) for bid in read.bids}


def _status(read: Case, bid: str, price_fen: int) -> str:
    if bid in read.decisions.rejected:
        return REJECTED
    return BELOW_RESERVE if read.reserve_fen is not None and price_fen < read.reserve_fen else VALID
