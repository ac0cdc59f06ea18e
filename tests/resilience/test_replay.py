"""The tables are what the record makes of them, after any history; a table that was touched by other hands is found out."""
from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.conftest import START
from tests.world import TERMS, BidPlan, World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.db.bids import bid_table
from trading_core.adapters.db.following import notification, search_text
from trading_core.adapters.db.identity import organisation, role_grant
from trading_core.adapters.db.lots import lot_table
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Role
from trading_core.platform import Platform
from trading_core.services import clockwork, log, lots, organisations, persons, readers, replay
from trading_core.settings import Settings

SPANS = [timedelta(minutes=20), timedelta(hours=9), timedelta(days=2), timedelta(days=12)]


class History(RuleBasedStateMachine):
    """A few lots with their bids, questions and disturbances, in whatever order chance likes. What is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.platform = build(Settings(data=Path(self.folder.name)), SteppedClock(START), SeededEntropy(b"history"))
        self.world = World(self.platform)
        self.lots: list[str] = []
        self.plans: list[tuple[str, BidPlan]] = []
        self.bidders = [self.world.bidder(f"示例建设第{n}有限公司") for n in range(4)]

    def teardown(self) -> None:
        assert replay.replay(self.platform) == []
        self.platform.database.close()
        self.folder.cleanup()

    def attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Refused:
            return False
        return True

    def chosen(self, n: int) -> str:
        return self.lots[n % len(self.lots)]

    @precondition(lambda self: len(self.lots) < 2)
    @rule()
    def announce(self) -> None:
        self.attempt(lambda: self.lots.append(self.world.announce(TERMS)))

    @precondition(lambda self: self.lots)
    @rule(n=st.integers(0, 1), who=st.integers(0, 3))
    def bid(self, n: int, who: int) -> None:
        plan, lot = self.bidders[who], self.chosen(n)
        number, secret = (self.platform.entropy.token_bytes(k).hex() for k in (16, 32))
        again = BidPlan(plan.actor, plan.name, plan.uscc, number, secret, plan.salt)
        forms = {"price": {"price_fen": 950_000_000 + who}}
        if self.attempt(lambda: self.world.submit(lot, again, forms)):
            self.plans.append((lot, again))

    @precondition(lambda self: self.plans)
    @rule(n=st.integers(0, 9))
    def replace(self, n: int) -> None:
        lot, old = self.plans[n % len(self.plans)]
        number, secret = (self.platform.entropy.token_bytes(k).hex() for k in (16, 32))
        plan = BidPlan(old.actor, old.name, old.uscc, number, secret, old.salt)
        if self.attempt(lambda: self.world.submit(lot, plan, {}, replaces=old.number, replaces_secret=old.secret)):
            self.plans.append((lot, plan))

    @precondition(lambda self: self.plans)
    @rule(n=st.integers(0, 9))
    def withdraw(self, n: int) -> None:
        lot, plan = self.plans[n % len(self.plans)]
        self.attempt(lambda: self.world.give(lot, "withdraw_bid", plan.actor, bid=plan.number, secret=plan.secret))

    @precondition(lambda self: self.lots)
    @rule(n=st.integers(0, 1), who=st.integers(0, 3))
    def ask_and_clarify(self, n: int, who: int) -> None:
        lot, asker = self.chosen(n), self.bidders[who].actor
        if self.attempt(lambda: self.world.give(lot, "ask", asker, text="清单第 3 页与图纸不一致？")):
            answer = {"number": 1, "answer": "以图纸为准。", "affects_preparation": False}
            self.attempt(lambda: self.world.give(lot, "clarify", self.world.agency, **answer))

    @precondition(lambda self: self.lots)
    @rule(n=st.integers(0, 1))
    def open(self, n: int) -> None:
        lot, world = self.chosen(n), self.world
        if self.attempt(lambda: world.give(lot, "start_opening", world.agency, delay_reason="等待监督人员")):
            for stage in ("technical", "price"):
                world.release(lot, stage, world.agency, world.supervisor)
            self.attempt(lambda: world.give(lot, "object_at_opening", self.bidders[0].actor, text="对开标程序有异议"))
            self.attempt(lambda: world.give(lot, "answer_at_opening", world.agency, number=1, answer="程序合规"))

    @rule(who=st.integers(0, 3), other=st.booleans())
    def change_the_register(self, who: int, other: bool) -> None:
        plan, world = self.bidders[who], self.world
        with self.platform.unit() as unit:
            organisations.change_organisation(unit, world.centre, plan.actor.organisation, plan.name + "（更名）" * other, ["bidder"])

    @rule(who=st.integers(0, 3))
    def change_roles(self, who: int) -> None:
        person = self.bidders[who].actor.person
        with self.platform.unit() as unit:
            persons.revoke_role(unit, self.world.centre, person, Role.BIDDER, "材料不实")
        with self.platform.unit() as unit:
            persons.grant_role(unit, self.world.centre, person, Role.BIDDER)

    @rule(span=st.sampled_from(SPANS))
    def pass_time(self, span: timedelta) -> None:
        self.world.clock.advance(span)
        clockwork.tick(self.platform)
        clockwork.open_released(self.platform)

    @rule()
    def sequence(self) -> None:
        log.move(self.platform)

    @rule()
    def read(self) -> None:
        """Readers come by late, or not at all: their tables are compared when they have caught up."""
        readers.run(self.platform, self.platform.readers)

    @rule()
    def compare(self) -> None:
        assert replay.replay(self.platform) == []
        with self.platform.look() as unit:
            for lot in self.lots:
                assert lots.as_of(unit, lot, 10_000)[0] == lots.find(unit, lot)


def test_any_history_replays_to_the_tables() -> None:
    run_state_machine_as_test(History, settings=settings(
        max_examples=8, stateful_step_count=30, database=None, suppress_health_check=list(HealthCheck),
    ))  # fmt: skip


@pytest.fixture
def played(platform: Platform) -> Platform:
    world = World(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    for n in range(3):
        world.submit(lot, world.bidder(f"示例建设第{n}有限公司"), {})
    world.go(at("2026-03-03T08:30"))
    assert replay.replay(platform) == []
    return platform


TOUCHED = {
    "a price moved": (sa.update(lot_table).values(amount_fen=1), "lot", "differs", ("amount_fen",)),
    "a deadline taken away": (sa.update(lot_table).values(due_at=None), "lot", "differs", ("due_at",)),
    "a bid made to count again": (sa.update(bid_table).values(facts=b""), "bid", "differs", ("facts",)),
    "a role given": (sa.update(role_grant).values(granted_at=0), "role_grant", "differs", ("granted_at",)),
    "bids gone": (sa.delete(bid_table), "bid", "missing", ()),
    "notes gone": (sa.delete(notification), "notification", "missing", ()),
    "another text": (sa.update(search_text).values(text="x"), "search_text", "differs", ("text",)),
    "an organisation from nowhere": (
        sa.insert(organisation).values(id="x", version=1, uscc="x", organisation_code="x", name="x", kinds=""),
        "organisation", "surplus", ()),
}  # fmt: skip


@pytest.mark.parametrize("what", TOUCHED)
def test_what_other_hands_wrote_is_found(played: Platform, what: str) -> None:
    statement, table, kind, columns = TOUCHED[what]
    with played.database.writing() as connection:
        connection.execute(statement)
    found = replay.replay(played)
    assert found and {(d.table, d.kind, d.columns) for d in found} == {(table, kind, columns)}


def test_a_sealed_state_of_another_lot_or_time_is_found(played: Platform) -> None:
    """Sealed columns are compared by what they hold: an older state put back is found, the same state sealed anew is not."""
    with played.database.writing() as connection:
        row = connection.execute(sa.select(lot_table)).one()
        place = f"lot/{row.id}"
        secret = played.vault.open(place, row.state)
        connection.execute(sa.update(lot_table).values(state=played.vault.seal(place, secret)))
    assert replay.replay(played) == []
    for forged in (played.vault.seal(place, secret.replace(b"BIDDING", b"CLOSED").replace(b"ISSUING", b"BIDDING")), b"not sealed at all"):
        with played.database.writing() as connection:
            connection.execute(sa.update(lot_table).values(state=forged))
        assert [(d.table, d.columns) for d in replay.replay(played)] == [("lot", ("state",))]


def test_an_event_without_its_place_is_replayed_too(platform: Platform) -> None:
    """Committed events that the sequencer has not reached count; one that was taken out of the record leaves its rows unexplained."""
    from trading_core.adapters.db import schema

    World(platform)
    assert replay.replay(platform) == []
    with platform.database.writing() as connection:
        connection.execute(sa.delete(schema.pending).where(schema.pending.c.stream.startswith("organisation/")))
    assert {(d.table, d.kind) for d in replay.replay(platform)} == {("organisation", "surplus")}
