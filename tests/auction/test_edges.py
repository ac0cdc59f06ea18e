"""Edges at which an auction could go wrong, each once [04 §4.4, 4.5, 4.9, 05 §5.6, S-06]."""
from __future__ import annotations

from dataclasses import replace

import pytest

from tests.auction.floor import CENTRE, HOST, Floor, at, bidder, lot
from tests.auction.test_examples import delayed, holding, refused
from tests.auction.test_verified import outcome, record
from trading_core.domain.errors import Refused
from trading_core.domain.events import instant_text
from trading_core.domain.identity import CLOCK
from trading_core.verify.schedule import planned

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


def idle(**said: object) -> Floor:
    """Bidder 1 leads with 12 200; bidder 2 goes up to 12 250, which is less than the increment of 100 above."""
    floor = Floor(lot(["1", "2"], **said)).until("10:00:00")
    floor.give("leave_standing_bid", bidder("2"), limit_fen=12_250)
    floor.bid("1", 12_200)
    assert leads(floor) == ("1", 12_200)
    return floor


def test_a_smaller_increment_lets_a_standing_bid_answer() -> None:
    floor = idle()
    floor.give("change_increment", HOST, increment_fen=50, reason="降低加价幅度")
    assert leads(floor) == ("2", 12_250)


def test_after_the_end_nothing_answers() -> None:
    floor = idle()
    floor.now = at("15:00:00")
    floor.give("change_increment", HOST, increment_fen=50, reason="降低加价幅度")
    assert leads(floor) == ("1", 12_200)


def test_the_increment_of_timed_bidding_lets_a_standing_bid_answer() -> None:
    floor = idle(timed_increment_fen=50).until("15:15:00")
    assert leads(floor) == ("2", 12_250) and floor.lot.schedule["phase_end"] == at("15:20:00")
    assert floor.until("15:20:02").result == ("DEAL", "2", 12_250)


@pytest.mark.parametrize("priority, when, ends", [("within", "10:01:00", "10:06:00"), ("last", "10:06:00", "10:11:00")])
def test_a_standing_bid_answers_a_right_where_others_may_go_higher(priority: str, when: str, ends: str) -> None:
    floor = holding(priority)
    floor.give("leave_standing_bid", bidder("P"), limit_fen=900)
    floor.until(when).give("exercise_right", bidder("Q"))
    assert leads(floor) == ("P", 840)
    assert floor.lot.status == "TIMED" and floor.lot.schedule["phase_end"] == at(ends)


def test_no_standing_bid_answers_a_right_after_the_bidding() -> None:
    floor = holding("after")
    floor.give("leave_standing_bid", bidder("P"), limit_fen=900)
    floor.until("10:06:00").give("exercise_right", bidder("Q"))
    assert floor.until("10:06:00").result == ("DEAL", "Q", 830)


# ------------------------------------------------------------------ what waited while a phase began

def late_bid(floor: Floor, paddle: str, amount: int, came: str) -> None:
    """A bid that was received before, and is decided now."""
    now, floor.now = floor.now, at(came)
    try:
        floor.bid(paddle, amount)
    finally:
        floor.now = now


def test_what_came_before_the_round_began_does_not_shorten_it() -> None:
    floor = delayed()
    floor.until("09:30:00").bid("A", 500)
    floor.until("10:00:02")
    assert floor.lot.status == "TIMED" and floor.lot.schedule["phase_end"] == at("10:05:00")
    late_bid(floor, "B", 505, "09:59:59")
    assert floor.lot.schedule["phase_end"] == at("10:05:02")


def test_what_came_in_a_pause_does_not_shorten_the_round_after_it() -> None:
    floor = delayed()
    floor.until("09:30:00").bid("A", 500)
    floor.until("10:01:00").give("suspend_technically", CENTRE, legal_basis="S-06", reason="停电", reported_to="区局")
    floor.until("10:20:00").give("resume", CENTRE, reason="恢复")
    late_bid(floor, "B", 505, "10:19:00")
    assert floor.lot.schedule["phase_end"] == at("10:25:00")


# ------------------------------------------------------------------ the right of priority

def test_only_bidding_prolongs_itself_not_the_time_to_use_a_right() -> None:
    floor = Floor(lot(["P", "Q", "R"], {"Q": 2, "R": 1}, end="10:00:00", start_fen=800, increment_fen=10, timed_when="never",
                      extension=True, priority="after", priority_minutes=5))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    floor.until("10:04:00")
    assert floor.lot.schedule["phase_end"] == at("10:05:02")
    floor.give("exercise_right", bidder("Q"))
    assert floor.lot.schedule["phase_end"] == at("10:05:02")


def test_without_rounds_before_all_may_go_higher_than_a_right_used_at_the_end() -> None:
    floor = Floor(lot(["P", "Q", "R"], {"Q": 1}, end="10:00:00", start_fen=800, increment_fen=10, timed_when="never", priority="last",
                      priority_minutes=5))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    floor.until("10:04:00").give("exercise_right", bidder("Q"))
    assert floor.hall.entrants == ("P", "Q", "R")
    floor.until("10:08:00").bid("R", 840)
    floor.until("10:18:00").give("exercise_right", bidder("Q"))
    assert floor.until("10:23:02").result == ("DEAL", "Q", 840)
    assert outcome(floor) == "holds"


def test_who_bid_may_go_higher_where_only_those_may() -> None:
    floor = Floor(lot(["P", "Q", "R"], {"Q": 1}, end="10:00:00", start_fen=800, increment_fen=10, timed_when="never", priority="last",
                      priority_minutes=5, timed_entry="bidders"))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    floor.until("10:04:00").give("exercise_right", bidder("Q"))
    refused("auction.not_in_timed", floor, "R", 840)
    floor.bid("P", 840)


@pytest.mark.parametrize("received, recorded", [("10:06:00", "10:06:00"), ("10:06:00", "10:06:01")])
def test_the_round_after_a_right_counts_from_when_it_was_used(received: str, recorded: str) -> None:
    floor = holding("last").until(received)
    floor.give("exercise_right", bidder("Q"))
    later = [replace(e, at=at(recorded)) if e.at == at(received) else e for e in floor.record]
    floor.until("10:30:00")
    assert outcome(floor, lambda events: [*later, *events[len(later) :]]) == "holds"


def test_a_right_used_in_the_rounds_is_not_lost_by_not_bidding_before() -> None:
    floor = Floor(lot(["P", "Q", "R"], {"Q": 1}, end="10:00:00", start_fen=800, increment_fen=10, preparation_minutes=0,
                      priority="within", timed_entry="bidders"))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    floor.until("10:01:00").give("exercise_right", bidder("Q"))
    refused("auction.not_in_timed", floor, "R", 840)
    assert floor.until("10:06:02").result == ("DEAL", "Q", 830)
    assert outcome(floor) == "holds"


def test_a_right_can_be_used_in_free_bidding_that_prolongs_itself() -> None:
    floor = Floor(lot(["P", "Q"], {"Q": 1}, end="10:00:00", start_fen=800, increment_fen=10, timed_when="never", extension=True,
                      priority="within"))  # fmt: skip
    floor.until("09:30:00").bid("P", 830)
    floor.until("09:58:00").give("exercise_right", bidder("Q"))
    assert floor.lot.schedule["phase_end"] == at("10:03:00")
    floor.until("10:02:00").bid("P", 840)
    floor.until("10:06:59").give("exercise_right", bidder("Q"))
    assert floor.until("10:12:02").result == ("DEAL", "Q", 840)
    assert outcome(floor) == "holds"


@pytest.mark.parametrize("act", ["exercise_right", "waive_right"])
def test_nobody_takes_or_lets_pass_a_price_it_has_not_seen(act: str) -> None:
    floor = holding("last").until("10:06:00")
    floor.give("exercise_right", bidder("Q"), amount_fen=830)
    floor.until("10:07:00").bid("P", 840)
    floor.until("10:13:00")
    with pytest.raises(Refused) as found:
        floor.give(act, bidder("Q"), amount_fen=830)
    assert [(p.code, p.params) for p in found.value.problems] == [("auction.price_moved", {"amount_fen": 840})]
    floor.give(act, bidder("Q"), amount_fen=840)


def test_beyond_the_cap_the_terms_are_part_of_what_was_seen() -> None:
    floor = Floor(lot(["1", "2", "3"], {"3": 1}, priority="within", **CAP)).until("10:00:00")
    floor.bid("1", 13_800)
    floor.until("15:16:00").bid("2", 13_800, terms=100)
    with pytest.raises(Refused) as found:
        floor.give("exercise_right", bidder("3"), amount_fen=13_800)
    assert [p.code for p in found.value.problems] == ["auction.price_moved"]
    floor.give("exercise_right", bidder("3"), amount_fen=13_800, terms=100)
    assert leads(floor) == ("3", 13_800)


# ------------------------------------------------------------------ who is a bidder

def unseen(**said: object) -> Floor:
    """Bidder 2 left a standing bid that never came to the front: the one of bidder 1 reaches further."""
    floor = Floor(lot(["1", "2", "3"], **said)).until("14:30:00")
    floor.bid("1", 12_000)
    floor.give("leave_standing_bid", bidder("1"), limit_fen=12_150)
    floor.give("leave_standing_bid", bidder("2"), limit_fen=12_100)
    assert [(r.public["paddle"], r.public["amount_fen"]) for r in floor.record if r.type == "bid_placed"] == [("1", 12_000), ("1", 12_150)]
    return floor


@pytest.mark.parametrize("when", ["wished", "last_hour"])
def test_who_left_a_standing_bid_is_a_bidder(when: str) -> None:
    floor = unseen(timed_when=when, timed_entry="bidders")
    if when == "wished":
        floor.give("wish_timed_bidding", bidder("2"))
    floor.until("15:16:00").bid("2", 12_300)
    refused("auction.not_in_timed", floor, "3", 12_500)


def test_a_standing_bid_before_the_last_hour_is_none_in_it() -> None:
    floor = Floor(lot(["1", "2"], timed_when="last_hour")).until("13:59:59")
    floor.give("leave_standing_bid", bidder("1"), limit_fen=12_150)
    floor.until("14:00:00").bid("2", 12_200)
    assert floor.until("15:00:02").result == ("DEAL", "2", 12_200)


def asked(quiet: int, when: str) -> str:
    """The state after the listing when one of two bidders asks for timed bidding at this moment; the clock comes a little late."""
    floor = Floor(lot(["1", "2"], timed_when="wished", quiet_minutes=quiet)).until("10:00:00")
    floor.bid("1", 12_000)
    floor.bid("2", 12_100)
    floor.until("14:30:00").now = at(when)
    try:
        floor.give("wish_timed_bidding", bidder("1"))
    except Refused as refusal:
        assert [p.code for p in refusal.problems] == ["auction.late"]
    return floor.until("15:16:00").lot.status


@pytest.mark.parametrize("quiet", [0, 60])
def test_who_asks_for_timed_bidding_asks_before_the_end(quiet: int) -> None:
    assert asked(quiet, "14:59:59.999999") == "TIMED"
    assert asked(quiet, "15:00:00") == "DEAL"


def test_between_free_bidding_and_the_quiet_window_one_may_ask() -> None:
    floor = Floor(lot(["1", "2"], timed_when="wished", quiet_minutes=60)).until("10:00:00")
    floor.bid("1", 12_000)
    floor.bid("2", 12_100)
    floor.now = at("14:00:01")
    assert floor.lot.status == "LISTING"
    floor.give("wish_timed_bidding", bidder("1"))
    assert floor.until("15:16:00").lot.status == "TIMED"


# ------------------------------------------------------------------ time that is given back

def restored(floor: Floor, since: str, until: str, when: str) -> None:
    floor.now = at(when)
    floor.give("restore_phase", CLOCK, since=instant_text(at(since)), until=instant_text(at(until)))


def test_a_restored_round_is_never_shorter_than_it_was() -> None:
    floor = delayed()
    floor.until("09:30:00").bid("A", 500)
    floor.until("10:04:00").bid("B", 505)
    restored(floor, "10:02:00", "10:03:00", "10:04:30")
    assert floor.lot.schedule["phase_end"] == at("10:09:30")


def test_free_bidding_has_left_what_it_had_left() -> None:
    floor = delayed()
    restored(floor.until("09:57:00"), "09:57:00", "10:02:00", "10:03:00")
    assert floor.lot.schedule["phase_end"] == at("10:06:00") == floor.lot.schedule["listing_end"]


def test_what_had_ended_before_is_not_begun_again() -> None:
    floor = delayed()
    restored(floor.until("09:57:00"), "10:00:00", "10:02:00", "10:03:00")
    assert floor.lot.schedule["phase_end"] == at("10:00:00")


def test_the_quiet_window_moves_with_free_bidding() -> None:
    floor = Floor(lot(["1", "2"], timed_when="last_hour", quiet_minutes=30))
    floor.until("14:00:00")
    restored(floor, "14:00:00", "14:10:00", "14:10:00")
    assert (floor.lot.schedule["phase_end"], floor.lot.schedule["listing_end"]) == (at("14:40:00"), at("15:10:00"))
    floor.bid("1", 12_000)
    floor.until("14:20:00").bid("2", 12_100)
    restored(floor.until("14:50:00"), "14:50:00", "15:00:00", "15:00:00")
    assert (floor.lot.schedule["phase_end"], floor.lot.schedule["listing_end"]) == (at("15:20:00"), at("15:20:00"))
    floor.until("15:20:02")
    assert floor.result == ("DEAL", "2", 12_100)  # the last hour began at 14:20, and only one bid in it
    assert planned(record(floor, floor.record), "L1")["listing_end"] == at("15:20:00")
