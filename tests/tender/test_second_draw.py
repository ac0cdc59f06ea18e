"""Who left a committee, or sat in one that was dissolved, is in no later draw for the lot; a row's place is filled from the row
[BLR 48, 70, E-C5, 08 §8.6.1 step 7]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from tests.tender.committee_table import POOL, Table
from tests.tender.course import ORDER
from tests.tender.test_evaluating import ROWS as ASKED
from tests.tender.test_evaluating import evaluated
from tests.world import PAPER, World
from trading_core.domain.engine import due
from trading_core.domain.identity import Actor, Role
from trading_core.domain.stages.draws import EXPERTS, Draws, PoolRow
from trading_core.domain.tender.committee import Committee, expected
from trading_core.domain.tender.expert_drawing import ANSWER_WITHIN, drawn_rows, waiting
from trading_core.platform import Platform

ROWS = (PoolRow("water", "A08", 3, 2, POOL[:6]), PoolRow("cost", "E01", 2, 2, POOL[6:]))


def two_rows() -> Table:
    """A committee of two specialities; its members of both sit."""
    table = Table()
    draw = table.lot.part(Draws).by_name[EXPERTS]
    table.lot = table.lot.with_part(table.lot.part(Draws).set(EXPERTS, replace(draw, rows=ROWS)))
    return table


def row_of(holder: str) -> str:
    return next(r.id for r in ROWS if holder in r.candidates)


@given(st.lists(st.integers(1, 5), max_size=6))
def test_a_place_is_filled_from_its_own_row(leaving: list[int]) -> None:
    """However many leave: a row never gets more members than it has places, and only as many as its order has left."""
    table = two_rows()
    table.seat_all()
    for number in leaving:
        seat = next((s for s in table.lot.part(Committee).seats if s.number == number), None)
        if seat is None:
            continue
        table.seat(number, "recuse", ground="RC-1", reason="r")
        left = table.lot.part(Committee).left
        for r in drawn_rows(table.lot):
            assert r.seats is not None
            remaining = [n for n in (*r.seats.seats, *r.seats.substitutes) if n not in left]
            assert [n for n in expected(table.lot) if row_of(n) == r.row.id] == remaining[: r.row.count]
        free = [n for n in expected(table.lot) if table.lot.part(Committee).seat_of(n) is None]
        if free:
            assert row_of(free[0]) == row_of(seat.holder)
            table.step("sign_in_seat", Actor(free[0], "", Role.EXPERT), free[0], no_recusal=True, keeps_discipline=True)


def test_when_the_substitutes_are_used_up_the_order_goes_on() -> None:
    """[X-6] The next of the same list is called, with the usual time to answer, and takes the place once it accepts."""
    table = Table()
    draw = table.lot.part(Draws).by_name[EXPERTS]
    row = replace(draw.rows[0], substitutes=1)
    order = drawn_rows(table.lot)[0].order
    answers = dict.fromkeys(order[:6], "accept")
    table.lot = table.lot.with_part(table.lot.part(Draws).set(EXPERTS, replace(draw, rows=(row,), answers=answers)))
    table.seat_all()
    table.now += timedelta(hours=3)
    table.seat(1, "recuse", ground="RC-1", reason="r")
    assert table.sign_in() == order[5] and not waiting(table.lot)
    table.seat(1, "recuse", ground="RC-1", reason="r")
    assert waiting(table.lot) == (order[6],) and order[6] not in expected(table.lot)
    assert due(ENGINEERING, table.lot) == (table.now + ANSWER_WITHIN, "pass_silent")
    table.now += ANSWER_WITHIN
    table.step("pass_silent", Actor("", "", Role.CLOCK))
    assert waiting(table.lot) == (order[7],)
    table.facts["expert_number"] = order[7]
    table.step("answer_call", Actor("e", "", Role.EXPERT), answer="accept")
    assert table.sign_in() == order[7]


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def frozen(world: World, lot: str) -> tuple[set[str], dict[str, int]]:
    """Who can be drawn by the last freeze, and how many were left out by which rule."""
    with world.platform.look() as unit:
        last = [s.recorded() for s in unit.store.read(f"lot/{lot}") if s.type == "draw_pool_frozen"][-1]
    pools = (last.private or {})["pools"]
    counts: dict[str, int] = {}
    for row in last.public["rows"]:  # type: ignore[attr-defined]
        for e in row["excluded"]:
            counts[e["rule"]] = counts.get(e["rule"], 0) + e["count"]
    return {n for pool in pools.values() for n in pool}, counts  # type: ignore[attr-defined]


def test_the_former_members_are_in_no_second_draw(world: World) -> None:
    lot = evaluated(world)
    former = {s.holder for s in world.lot(lot).part(Committee).seats}
    before, none = frozen(world, lot)
    assert former <= before and "FORMER_MEMBER" not in none
    world.give(lot, "order_re_evaluation", world.supervisor, **{**ORDER, "document": PAPER}, committee="new")
    world.commit_draw(lot, "experts", world.agency, world.centre)
    world.give(lot, "freeze_pool", world.agency, rows=list(ASKED))
    after, counts = frozen(world, lot)
    assert after == before - former, (after ^ (before - former))
    assert counts["FORMER_MEMBER"] >= len(former)  # once in every row whose speciality they have
    world.hand_in(lot, "experts", world.agency, world.centre)
    assert not former & set(world.asked(lot))
