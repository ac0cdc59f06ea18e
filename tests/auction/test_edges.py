"""Edges at which an auction could go wrong, each once [04 §4.4, 4.5, 4.9, 05 §5.6, S-06]."""
from __future__ import annotations

import pytest

from tests.auction.floor import Floor, bidder, lot
from trading_core.domain.errors import Refused

CAP = {"cap_fen": 13_800, "cap_then": "terms", "cap_document": "文件", "terms_unit": "㎡", "terms_step": 100}


def leads(floor: Floor) -> tuple[str, int]:
    top = floor.hall.top
    return (top.paddle, top.amount_fen) if top is not None else ("", 0)


# ------------------------------------------------------------------ standing bids

def test_a_standing_bid_reaches_the_cap_by_less_than_an_increment() -> None:
    floor = Floor(lot(["1", "2"], **CAP)).until("10:00:00")
    floor.give("leave_standing_bid", bidder("2"), limit_fen=13_800)
    floor.bid("1", 13_750)
    assert leads(floor) == ("2", 13_800)


def test_less_than_an_increment_below_the_cap_the_cap_is_the_least() -> None:
    floor = Floor(lot(["1", "2"], **CAP)).until("10:00:00")
    floor.bid("1", 13_750)
    with pytest.raises(Refused) as found:
        floor.bid("2", 13_760)
    assert found.value.problems[0].params == {"lowest_fen": 13_800}
