"""A bid whose price is no amount is the committee's to reject [RJ-6]; it stops nobody's evaluation."""
from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tender.course import BIDS, evaluated_lot, opened
from tests.tender.test_evaluating import PRICES, chair_of, report, seat_committee
from tests.world import EVALUATION, TERMS, World, at
from trading_core.domain.evaluation.bids import BID_FIELDS, check_bids
from trading_core.domain.fields import check
from trading_core.domain.lot import Lot
from trading_core.domain.tender.assessment import arithmetic_of, case_of, form_problems, rules_of
from trading_core.domain.tender.opening import Opening
from trading_core.platform import Platform

NAMES = st.sampled_from(("id", "price_fen", "total_fen", "place"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20) | st.sampled_from(("壹佰元整", "small")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FORMS = st.dictionaries(st.sampled_from(("price_fen", "words", "lines", "further_prices", "small_business")), JSON, max_size=5)
AMOUNTS = st.integers(1, 10**15)


def lot_with(form: dict[str, object]) -> Lot:
    bids = {**BIDS, "b4": opened(4, **{"price_fen": None, **form})}
    return evaluated_lot(evaluation=EVALUATION, ceiling_fen=1_080_000_000).with_part(Opening(bids=bids))


@example({"price_fen": ""})
@given(FORMS | st.fixed_dictionaries({"price_fen": AMOUNTS | st.booleans() | st.integers(-1, 1)}))
def test_whatever_a_form_says_its_bid_can_be_read(form: dict[str, object]) -> None:
    lot = lot_with(form)
    stated = next(b for b in case_of(lot)["bids"] if b["id"] == "b4")
    check(BID_FIELDS, stated)
    assert list(check_bids([stated], rules_of(lot))) == []
    price = form.get("price_fen")
    amount = isinstance(price, int) and not isinstance(price, bool) and 1 <= cast("int", price) <= 10**15
    assert stated.get("price_fen") == (price if amount else None)
    assert (arithmetic_of(lot, "b4") is not None) == amount
    assert amount or price is None or form_problems(lot, lot.part(Opening).bids["b4"])


@pytest.mark.parametrize("price", (-5, True))
def test_the_others_are_ranked_once_it_is_rejected(sqlite_platform: Platform, price: object) -> None:
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    technical = {"project_leader": "王某", "duration_days": 210, "quality": "合格"}
    plans = [world.bidder(name) for name in PRICES]
    for plan, amount in zip(plans, (price, *list(PRICES.values())[1:]), strict=True):
        world.submit(lot, plan, {"technical": technical, "price": {"price_fen": amount}})
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    members = seat_committee(world, lot)
    world.give(lot, "propose_rejection", members[0], bid=plans[0].number, ground="RJ-6", clause="3", evidence="报价无法辨认")
    for member in members[:3]:
        world.give(lot, "vote_rejection", member, number=1, agree=True)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    for plan in plans[1:]:
        for n, member in enumerate(members):
            world.give(lot, "lock_scores", member, bid=plan.number, points={"plan": str(25 + n), "record": "4"})
    report(world, lot, members)
    assert world.lot(lot).status == "EVALUATED"
