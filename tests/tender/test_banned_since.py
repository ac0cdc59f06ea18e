"""A bidder banned after its bid was received: found at the opening, decided by the committee alone [CR-4, 09 §9.4, RJ-3]."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from credit.domain.record import Document, Entry, Subject
from credit.services import records
from tests.tender.test_consortium import PRICES, open_all, submit
from tests.web.frame import Reader
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, BidPlan, World, at
from trading_core.domain.tender.assessment import case_of, in_play
from trading_core.domain.tender.doubts import Doubt, doubts
from trading_core.platform import Platform


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def ban(world: World, bidder: BidPlan, until: date) -> None:
    decision = Document("澜水罚〔2026〕8号", "澜明区水务局", date(2026, 3, 9), "招标投标法第五十三条", "ef" * 32)
    with world.platform.unit() as unit:
        records.enter(unit, world.supervisor, Entry("tender_ban", Subject(bidder.name, bidder.uscc), decision, date(2026, 3, 10), until))


def received(world: World) -> tuple[str, list[BidPlan]]:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    bidders = [world.bidder(f"{n}示例公司") for n in "甲乙丙"]
    for bidder, price in zip(bidders, PRICES, strict=True):
        submit(world, lot, bidder, price, {})
    world.go(at("2026-03-10T10:00"))
    return lot, bidders


def of_bidder(world: World, lot: str) -> Mapping[str, Doubt]:
    return {d.bid: d for d in doubts(world.lot(lot))}


def test_who_is_banned_between_receipt_and_opening_is_put_to_the_committee(world: OpenWorld) -> None:
    """The bid is opened and counts until the committee has voted; the case states the doubt, so nothing ends without that vote."""
    lot, bidders = received(world)
    ban(world, bidders[1], date(2027, 3, 9))
    bids = open_all(world, lot)
    assert set(bids) == {b.name for b in bidders}
    banned = bids[bidders[1].name].bid
    (found,) = doubts(world.lot(lot))
    assert (found.bid, found.ground, found.problem.code) == (banned, "RJ-3", "opening.bidder_banned")
    assert found.problem.params["name"] == bidders[1].name and found.problem.params["until"] == "2027-03-09"
    assert len(in_play(world.lot(lot))) == 3
    told = {b["id"]: b.get("doubts") for b in case_of(world.lot(lot))["bids"]}
    assert told.pop(banned) == [{"ground": "RJ-3", "fact": "opening.bidder_banned"}]
    assert set(told.values()) == {None}
    assert Reader(world.app).ask(f"/lots/{lot}/opening").status_code == 200


def test_a_ban_that_has_ended_by_the_opening_is_no_doubt(world: OpenWorld) -> None:
    """[09 §9.4 rule 4] It counts on its last day and not after."""
    lot, bidders = received(world)
    ban(world, bidders[0], date(2026, 3, 22))
    ban(world, bidders[2], date(2026, 3, 23))
    bids = open_all(world, lot)
    assert set(of_bidder(world, lot)) == {bids[bidders[2].name].bid}
