"""The independent check of an auction holds for what the engine records, and finds whatever is changed in it (docs/formats.md §7.13)."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.auction.floor import HOST, Floor, at, bidder, bidding, lot
from tests.auction.test_examples import delayed, holding, listing, timed
from trading_core.domain.events import Recorded
from trading_core.verify.auction import check_auction
from trading_core.verify.events import Event, Record
from trading_core.verify.report import Broken, Malformed
from trading_core.verify.text import Value

STREAM = "lot/L1"
Change = Callable[[list[Recorded]], list[Recorded]]


def reserved() -> Floor:
    floor = listing().until("14:40:00")
    floor.give("enter_reserve", HOST, reserve_fen=12_500)
    return timed(floor).until("16:00:00")


def righted() -> Floor:
    floor = holding("last").until("10:06:00")
    floor.give("exercise_right", bidder("Q"))
    floor.until("10:10:00").bid("P", 850)
    floor.until("10:16:00").give("exercise_right", bidder("Q"))
    return floor.until("10:30:00")


def standing() -> Floor:
    floor = delayed()
    floor.until("09:58:00").bid("A", 500)
    floor.give("leave_standing_bid", bidder("B"), limit_fen=530)
    floor.until("10:02:00").bid("A", 520)
    floor.until("10:04:00").bid("A", 535)
    return floor.until("10:30:00")


def capped() -> Floor:
    said = {"cap_fen": 13_800, "cap_then": "terms", "cap_document": "文件", "terms_unit": "㎡", "terms_step": 100}
    floor = Floor(lot(["1", "2"], **said))
    floor.until("10:00:00").bid("1", 13_000)
    floor.until("15:16:00").bid("2", 13_800)
    floor.bid("1", 13_800, terms=100)
    return floor.until("16:00:00")


def record(floor: Floor, events: list[Recorded]) -> Record:
    """What the engine recorded, as a project file would show it, with the notice before and the reserve disclosed at the end."""
    notice = Recorded(STREAM, 0, "published", {"terms": {"bidding": floor.lot.terms["bidding"]}}, None, at("08:00"))
    entered = next((e for e in floor.record if e.type == "reserve_entered"), None)
    shown = [] if entered is None else [_disclosed(entered)]
    return Record([_event(i, e) for i, e in enumerate([notice, *events, *shown])])


def _disclosed(entered: Recorded) -> Recorded:
    private = json.dumps(entered.private, separators=(",", ":"), sort_keys=True)
    public: Mapping[str, object] = {"stream": STREAM, "version": entered.version, "private": private, "salt": "00"}
    return Recorded(STREAM, 999, "disclosed", public, None, at("17:00"))


def _event(index: int, e: Recorded) -> Event:
    micros = int(e.at.timestamp() * 1_000_000)
    where = f"line {index}"
    return Event(index, STREAM, index + 1, e.type, micros, "", Value(json.loads(json.dumps(e.public)), where), None, [], where)


def outcome(floor: Floor, change: Change = lambda events: events) -> str:
    """``holds``, or what the check says is wrong."""
    try:
        return next(check_auction(record(floor, change(list(floor.record))), "L1")).outcome
    except (Broken, Malformed):
        return "broken"


PLAYED = {"reserve": reserved, "right": righted, "standing": standing, "cap": capped}


@pytest.mark.parametrize("name", PLAYED)
def test_what_the_engine_does_holds(name: str) -> None:
    assert outcome(PLAYED[name]()) == "holds"


def changed(type: str, which: int, **values: object) -> Change:
    """The same events, the public part of one of a type changed."""
    def change(events: list[Recorded]) -> list[Recorded]:
        places = [i for i, e in enumerate(events) if e.type == type]
        i = places[which]
        said = {k: v for k, v in {**events[i].public, **values}.items() if v is not None}
        return [*events[:i], replace(events[i], public=said), *events[i + 1 :]]
    return change


def left_out(type: str, which: int) -> Change:
    def change(events: list[Recorded]) -> list[Recorded]:
        i = [n for n, e in enumerate(events) if e.type == type][which]
        return events[:i] + events[i + 1 :]
    return change


def earlier(type: str, text: str) -> Change:
    return lambda events: [replace(e, at=at(text)) if e.type == type else e for e in events]


FORGED: Mapping[str, tuple[str, Change]] = {
    "a bid is missing": ("reserve", left_out("bid_placed", 1)),
    "a bid is too low": ("reserve", changed("bid_placed", 1, amount_fen=12_050)),
    "a bid came at the end": ("reserve", changed("bid_placed", 2, received_at="2026-03-09T07:20:00.000000Z")),
    "a bid came before the one before it": ("reserve", changed("bid_placed", 3, received_at="2026-03-09T07:17:00.000000Z")),
    "a round is too short": ("reserve", changed("bid_placed", 2, ends="2026-03-09T07:20:30.000000Z")),
    "a round is not given": ("reserve", changed("bid_placed", 2, ends=None)),
    "a stranger bids": ("reserve", changed("bid_placed", 2, paddle="99")),
    "the timed phase is cut": ("reserve", changed("timed_bidding_began", 0, ends="2026-03-09T07:19:59.000000Z")),
    "the hammer falls early": ("reserve", earlier("timed_bidding_ended", "15:27:28")),
    "another wins": ("reserve", changed("bidding_ended", 0, bid="3")),
    "the price is lower": ("reserve", changed("bidding_ended", 0, price_fen=12_700)),
    "the last bid is passed over": ("reserve", changed("bidding_ended", 0, number=3)),
    "a right takes another price": ("right", changed("right_exercised", 0, amount_fen=820)),
    "a standing bid passes over the increment": ("standing", changed("bid_placed", 1, amount_fen=503)),
    "more terms in part of a step": ("cap", changed("bid_placed", 2, terms=150)),
    "above the cap": ("cap", changed("bid_placed", 1, amount_fen=13_900)),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_is_found(what: str) -> None:
    name, change = FORGED[what]
    assert outcome(PLAYED[name](), change) == "broken"


def test_a_deal_below_the_reserve_is_found() -> None:
    floor = reserved()
    entered = next(i for i, e in enumerate(floor.record) if e.type == "reserve_entered")
    floor.record[entered] = replace(floor.record[entered], private={"reserve_fen": 13_000})
    assert outcome(floor) == "broken"


def test_without_the_reserve_nothing_is_sure() -> None:
    floor = reserved()
    events = [_event(i, e) for i, e in enumerate([
        Recorded(STREAM, 0, "published", {"terms": {"bidding": bidding(reserve=True)}}, None, at("08:00")), *floor.record])]  # fmt: skip
    assert next(check_auction(Record(events), "L1")).outcome == "not_shown"
