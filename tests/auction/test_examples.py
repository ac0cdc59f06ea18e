"""The worked examples of the rulebook, instant by instant [04 §4.4 L-F1, 04 §4.5, 05 §5.4 R-F1, 05 §5.6 RF-A, RF-B, RF-C]."""
from __future__ import annotations

import pytest

from tests.auction.floor import CENTRE, HOST, Floor, at, bidder, lot
from trading_core.domain.auction.bids import lowest
from trading_core.domain.auction.rules import rules_of
from trading_core.domain.errors import Refused


def refused(code: str, floor: Floor, *args: object, **more: object) -> None:
    with pytest.raises(Refused) as found:
        floor.bid(*args, **more)  # type: ignore[arg-type]
    assert code in [p.code for p in found.value.problems]


def listing(**said: object) -> Floor:
    """L-F1 up to the timed phase: highest bid 12 600 by bidder 8, one increment above it the least, which both styles of rule give."""
    floor = Floor(lot(["3", "8"], **{"reserve": True, "reserve_from_minutes": 30, "reserve_until_minutes": 0, **said}))
    floor.until("10:00:00").bid("3", 12_000)
    floor.until("11:00:00").bid("8", 12_600)
    return floor


def timed(floor: Floor) -> Floor:
    floor.until("15:15:00")
    assert floor.lot.status == "TIMED" and floor.lot.schedule["phase_end"] == at("15:20:00")
    assert lowest(rules_of(floor.lot.terms), floor.hall, True) == 12_700
    floor.until("15:17:30").bid("3", 12_700)
    assert floor.lot.schedule["phase_end"] == at("15:22:30")
    floor.until("15:22:29").bid("8", 12_800)
    assert floor.lot.schedule["phase_end"] == at("15:27:29")
    floor.now = at("15:27:29")
    refused("auction.late", floor, "3", 12_900)  # at the end is after the end
    return floor


@pytest.mark.parametrize("reserve, result", [(12_500, ("DEAL", "8", 12_800)), (13_000, ("FAILED", "", 0)), (12_800, ("DEAL", "8", 12_800))])
def test_l_f1(reserve: int, result: tuple[str, str, int]) -> None:
    floor = listing().until("14:40:00")
    floor.give("enter_reserve", HOST, reserve_fen=reserve)
    assert timed(floor).until("16:00:00").result == result


def test_l_f1_suzhou_asks_who_wishes() -> None:
    floor = listing(timed_when="wished", quiet_minutes=60)
    floor.until("13:00:00").give("wish_timed_bidding", bidder("3"))
    floor.until("14:00:02")
    assert floor.lot.status == "QUIET"
    refused("auction.quiet", floor, "3", 12_700)
    assert timed(floor).until("16:00:00").result == ("DEAL", "8", 12_800)


def test_nobody_wishes_then_the_highest_bid_wins() -> None:
    floor = listing(timed_when="wished", quiet_minutes=60)
    assert floor.until("15:00:02").result == ("DEAL", "8", 12_600)


def test_one_bidder_in_the_last_hour_needs_no_timed_bidding() -> None:
    floor = listing(timed_when="last_hour")
    floor.until("14:30:00").bid("3", 12_700)
    assert floor.until("15:00:02").result == ("DEAL", "3", 12_700)


def test_two_bidders_in_the_last_hour_lead_to_timed_bidding_for_all_registered() -> None:
    floor = Floor(lot(["1", "3", "8"], timed_when="last_hour"))
    floor.until("14:10:00").bid("3", 12_000)
    floor.until("14:59:59.999999").bid("8", 12_100)
    assert floor.until("15:15:00").lot.status == "TIMED"
    floor.until("15:16:00").bid("1", 12_200)
    assert floor.until("15:21:02").result == ("DEAL", "1", 12_200)


def test_timed_bidding_only_for_those_with_a_bid() -> None:
    floor = Floor(lot(["1", "3", "8"], timed_entry="bidders"))
    floor.until("10:00:00").bid("3", 12_000)
    floor.bid("8", 12_100)
    floor.until("15:16:00")
    refused("auction.not_in_timed", floor, "1", 12_200)


def test_no_bid_no_deal_and_one_bidder_is_enough_in_a_listing() -> None:
    assert Floor(lot(["1", "2"])).until("15:00:02").result == ("FAILED", "", 0)
    floor = Floor(lot(["1"]))
    floor.until("10:00:00").bid("1", 12_000)
    assert floor.until("15:00:02").result == ("DEAL", "1", 12_000)


def delayed() -> Floor:
    """R-F1: floor 500, increment 5, free bidding to 10:00, rounds of five minutes."""
    return Floor(lot(["A", "B"], start="09:00", end="10:00:00", start_fen=500, increment_fen=5, preparation_minutes=0))


def test_r_f1() -> None:
    floor = delayed()
    floor.until("09:58:00").bid("A", 500)
    floor.until("09:59:00").bid("B", 505)
    floor.until("10:00:03")
    assert floor.lot.status == "TIMED" and floor.lot.schedule["phase_end"] == at("10:05:00")
    floor.until("10:04:30")
    refused("auction.too_low", floor, "A", 505)  # the same amount as the highest
    floor.bid("A", 510)
    assert floor.lot.schedule["phase_end"] == at("10:09:30")
    floor.until("10:09:29.9").bid("B", 515)
    assert floor.lot.schedule["phase_end"] == at("10:14:29.9")
    assert floor.until("10:14:32").result == ("DEAL", "B", 515)


def test_free_bidding_that_prolongs_itself() -> None:
    floor = Floor(lot(["A", "B"], end="10:00:00", start_fen=500, increment_fen=5, timed_when="never", extension=True))
    floor.until("09:54:59").bid("A", 500)
    assert floor.lot.schedule["phase_end"] == at("10:00:00")
    floor.until("09:58:00").bid("B", 505)
    assert floor.lot.schedule["phase_end"] == at("10:03:00") == floor.lot.schedule["listing_end"]
    assert floor.until("10:03:02").result == ("DEAL", "B", 505)


def holding(priority: str) -> Floor:
    """Floor 800, increment 10; P is an ordinary bidder, Q holds the right of priority."""
    floor = Floor(lot(["P", "Q"], {"Q": 1}, end="10:00:00", start_fen=800, increment_fen=10, preparation_minutes=0,
                      priority=priority, priority_minutes=5))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    return floor


def test_rf_b() -> None:
    floor = holding("within").until("10:01:00")
    floor.give("exercise_right", bidder("Q"))
    assert floor.hall.top is not None and (floor.hall.top.paddle, floor.hall.top.amount_fen) == ("Q", 830)
    floor.until("10:03:00").bid("P", 840)
    floor.until("10:04:00").give("exercise_right", bidder("Q"))
    assert floor.lot.schedule["phase_end"] == at("10:09:00")
    assert floor.until("10:09:02").result == ("DEAL", "Q", 840)


def test_rf_a_takes_the_last_price_and_nobody_goes_higher() -> None:
    floor = holding("after").until("10:05:02")
    assert floor.lot.status == "EXERCISING"
    refused("auction.exercising", floor, "P", 900)
    floor.until("10:06:00").give("exercise_right", bidder("Q"))
    assert floor.until("10:06:00").result == ("DEAL", "Q", 830)


@pytest.mark.parametrize("waive", [True, False])
def test_rf_a_lapses(waive: bool) -> None:
    floor = holding("after").until("10:06:00")
    if waive:
        floor.give("waive_right", bidder("Q"))
    assert floor.until("10:06:00" if waive else "10:10:04").result == ("DEAL", "P", 830)


def test_rf_c_others_may_go_higher_still() -> None:
    floor = holding("last").until("10:06:00")
    floor.give("exercise_right", bidder("Q"))
    assert floor.lot.status == "TIMED" and floor.lot.schedule["phase_end"] == at("10:11:00")
    floor.until("10:10:00").bid("P", 850)
    floor.until("10:16:00").give("exercise_right", bidder("Q"))
    assert floor.until("10:21:02").result == ("DEAL", "Q", 850)


def test_a_better_rank_goes_before_a_lower_one() -> None:
    floor = Floor(lot(["P", "Q", "R"], {"Q": 2, "R": 1}, end="10:00:00", start_fen=800, increment_fen=10, preparation_minutes=0,
                      priority="after", priority_minutes=5))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    floor.until("10:06:00").give("exercise_right", bidder("Q"))
    floor.give("exercise_right", bidder("R"))
    assert floor.until("10:06:00").result == ("DEAL", "R", 830)


def test_an_auction_needs_its_bidders() -> None:
    alone = lot(["1", "2"], bidders_min=3)
    alone = alone.with_schedule(auction_start=at("15:00:00"))
    del alone.schedule["listing_start"], alone.schedule["listing_end"]  # type: ignore[attr-defined]
    assert Floor(alone).until("15:00:00").result == ("FAILED", "", 0)


def test_an_auction_goes_to_the_hammer() -> None:
    three = lot(["1", "2", "3"], bidders_min=3)
    three = three.with_schedule(auction_start=at("15:00:00"))
    del three.schedule["listing_start"], three.schedule["listing_end"]  # type: ignore[attr-defined]
    floor = Floor(three).until("15:15:00")
    assert floor.lot.status == "TIMED"
    floor.until("15:16:00").bid("2", 12_000)
    floor.give("change_increment", HOST, increment_fen=500, reason="竞价踊跃")
    refused("auction.too_low", floor, "3", 12_100)
    floor.bid("3", 12_500)
    assert floor.until("15:21:02").result == ("DEAL", "3", 12_500)


def test_a_cap_lets_other_terms_decide() -> None:
    floor = Floor(lot(["1", "2"], cap_fen=13_800, cap_then="terms", cap_document="澜政发〔2026〕3 号", terms_unit="㎡", terms_step=100))
    floor.until("10:00:00").bid("1", 13_000)
    floor.until("15:16:00")
    refused("auction.above_cap", floor, "2", 13_900)
    floor.bid("2", 13_800)
    refused("auction.cap_reached", floor, "1", 13_900, terms=100)
    refused("auction.terms_too_low", floor, "1", 13_800)
    refused("auction.terms_step", floor, "1", 13_800, terms=150)
    floor.bid("1", 13_800, terms=100)
    floor.until("15:17:00").bid("2", 13_800, terms=300)
    assert floor.until("15:22:02").result == ("DEAL", "2", 13_800)
    assert floor.record[-1].public["terms"] == 300


def test_what_was_interrupted_gets_its_whole_round() -> None:
    floor = delayed()
    floor.until("09:58:00").bid("A", 500)
    floor.until("10:04:59").give("suspend_technically", CENTRE, legal_basis="S-06", reason="停电", reported_to="区局")
    refused("auction.paused", floor, "B", 505)
    floor.until("10:20:00").give("resume", CENTRE, reason="恢复")
    assert floor.lot.schedule["phase_end"] == at("10:25:00")
    floor.until("10:24:59").bid("B", 505)
    assert floor.until("10:30:01").result == ("DEAL", "B", 505)


def test_free_bidding_gets_back_what_it_lost() -> None:
    floor = delayed()
    floor.until("09:58:00").bid("A", 500)
    floor.until("09:59:00").give("suspend_technically", CENTRE, legal_basis="S-06", reason="停电", reported_to="区局")
    floor.until("11:00:00").give("resume", CENTRE, reason="恢复")
    assert floor.lot.schedule["phase_end"] == at("11:01:00") == floor.lot.schedule["listing_end"]
