"""Statements in, money back, on the real services and both databases [01 §1.8]."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.world import TERMS, World, at
from trading_core.adapters.db import ledger as table
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.statement import TABLE
from trading_core.domain.tender.payers import Deposits
from trading_core.platform import Platform
from trading_core.services import deposits
from trading_core.services.replay import replay

NAMES = ("松涧示例建设集团有限公司", "云石示例路桥有限公司", "青屿示例水利工程有限公司")
RATE = Decimal("0.0035")


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return sorted(p.code for p in refusal.value.problems)


def statement(*rows: tuple[str, str, str]) -> str:
    """Serial, payer and reference of each entry; everybody pays what is asked for."""
    lines = [f"{s},2026-03-18T10:12:05+08:00,{name},acc-{s},200000.00,{reference}" for s, name, reference in rows]
    return "\n".join([",".join(TABLE.columns), *lines])


ROWS = (*((f"S{n}", name, f"REF{n}") for n, name in enumerate(NAMES, 1)), ("S9", "无人认领示例公司", ""))


def to_deadline(world: World) -> str:
    lot = world.announce({**TERMS, "deposit_fen": 20_000_000})
    world.go(at("2026-03-02T08:30"))
    for n, name in enumerate(NAMES, 1):
        world.submit(lot, world.bidder(name), {"technical": {"deposit_reference": f"REF{n}"}, "price": {"price_fen": 950_000_000 + n}})
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    return lot


def to_opening(world: World) -> str:
    lot = to_deadline(world)
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.go(world.clock.now())
    return lot


def bring(world: World, lot: str, text: str, actor: Actor | None = None) -> deposits.Imported:
    with world.platform.unit() as unit:
        return deposits.import_statement(unit, actor or world.centre, lot, text)


def test_a_statement_is_refused_while_names_are_secret(world: World) -> None:
    """[BL 22] Before the deadline, and after it until the envelopes with the names are open."""
    lot = to_deadline(world)
    with pytest.raises(Refused) as refusal:
        bring(world, lot, statement(*ROWS))
    assert codes(refusal) == ["deposit.names_secret"]
    with world.platform.look() as unit:
        assert unit.store.version(f"deposit/{lot}") == 0


def test_a_statement_is_matched_and_may_come_again(world: World) -> None:
    lot = to_opening(world)
    done = bring(world, lot, statement(*ROWS))
    assert (done.held, done.known, set(done.lot.part(Deposits).results.values())) == (4, 0, {"paid"})
    again = bring(world, lot, statement(*ROWS, ("S10", "又一家示例公司", "REF77")))
    assert (again.held, again.known) == (1, 4)
    with world.platform.look() as unit:
        held = deposits.LEDGER.ledger(unit, lot)
        expected = {"bank": 100_000_000, **{f"held/{n}": -20_000_000 for n in range(1, 6)}}
        assert dict(held.balances) == expected
        checked = [s for s in unit.store.read(f"lot/{lot}") if s.type == "deposits_checked"]
    assert '"unmatched":2' in checked[-1].public
    assert replay(world.platform) == []


def test_all_of_a_file_or_nothing(world: World) -> None:
    lot = to_opening(world)
    bring(world, lot, statement(ROWS[0]))
    changed = statement((ROWS[0][0], "改名示例公司", "REF1"), ROWS[1])
    with pytest.raises(Refused) as refusal:
        bring(world, lot, changed)
    assert codes(refusal) == ["deposit.serial_changed"]
    other = to_opening_of_another(world)
    with pytest.raises(Refused) as refusal:
        bring(world, other, statement(*ROWS))
    assert codes(refusal) == ["deposit.other_lot"]
    with world.platform.look() as unit:
        assert unit.store.version(f"deposit/{lot}") == 1 and unit.store.version(f"deposit/{other}") == 0


def to_opening_of_another(world: World) -> str:
    """Another lot whose names are no longer secret: given up before its deadline."""
    days = {"issue_start": "2026-04-02", "issue_end": "2026-04-09", "bid_deadline": "2026-04-24"}
    lot = world.announce({**TERMS, "schedule": {name: f"{day}T09:30:00+08:00" for name, day in days.items()}})
    world.give(lot, "terminate", world.principal, reason="r", legal_basis="BLR 31")
    return lot


def test_who_paid_is_in_no_table_in_clear(world: World) -> None:
    lot = to_opening(world)
    bring(world, lot, statement(("SERIAL-7731", "绝密付款人公司", "REF1")))
    with world.platform.look() as unit:
        for name in table.metadata.tables:
            dump = repr(unit.connection.execute(table.metadata.tables[name].select()).all())
            assert "绝密付款人公司" not in dump and "acc-SERIAL-7731" not in dump and "SERIAL-7731" not in dump, name


def test_only_the_centre_imports_and_pays(world: World) -> None:
    lot = to_opening(world)
    for actor in (world.agency, world.supervisor, world.principal):
        with pytest.raises(Forbidden):
            bring(world, lot, statement(*ROWS), actor)
        with world.platform.unit() as unit, pytest.raises(Forbidden):
            deposits.give_back(unit, actor, lot, 1, RATE)


def test_another_centre_or_supervisor_has_no_part_in_a_lots_money(world: World) -> None:
    """Its own centre pays and reads, its own supervisor reads; of another district's nobody even sees that there is money."""
    centre = world.organisation("云起区公共资源交易中心", Role.CENTRE, world.operator)
    supervisor = world.organisation("云起区水务局", Role.SUPERVISOR, world.operator)
    lot = to_opening(world)
    bring(world, lot, statement(*ROWS))
    world.give(lot, "terminate", world.principal, reason="r", legal_basis="b")
    with pytest.raises(Forbidden):
        bring(world, lot, statement(*ROWS), centre)
    with pytest.raises(Forbidden):
        world.give(lot, "check_deposits", centre)
    with world.platform.unit() as unit:
        with pytest.raises(Forbidden):
            deposits.give_back(unit, centre, lot, 1, RATE)
        for actor in (centre, supervisor):
            assert deposits.refunds_due(unit, actor, unit.now) == deposits.lots_with_deposits(unit, actor) == []
            with pytest.raises(Forbidden):
                deposits.account(unit, actor, lot)
        for actor in (world.centre, world.supervisor, world.agency, world.principal):
            assert len(deposits.account(unit, actor, lot).ledger.deposits) == 4
        assert deposits.lots_with_deposits(unit, world.centre) == [lot]


def test_money_goes_back_once_with_interest(world: World) -> None:
    """[D-05] Terminated: everything is owed; 200 000 yuan from 03-18 to 03-30 are 12 days at 0.35 %: 23.33 yuan each."""
    lot = to_opening(world)
    bring(world, lot, statement(*ROWS))
    with world.platform.unit() as unit, pytest.raises(Refused) as refusal:
        deposits.give_back(unit, world.centre, lot, 1, RATE)
    assert codes(refusal) == ["deposit.not_owed_yet"]
    world.give(lot, "terminate", world.principal, reason="重大变故", legal_basis="BLR 31")
    with world.platform.look() as unit:
        due = deposits.refunds_due(unit, world.centre, unit.now)
        assert [(d.lot, d.refund.number, d.refund.due, d.overdue) for d in due] == [
            (lot, n, at("2026-03-31T00:00"), False) for n in (1, 2, 3, 4)]  # fmt: skip
        assert all(d.overdue for d in deposits.refunds_due(unit, world.centre, at("2026-03-31T00:00") + timedelta(microseconds=1)))
    world.go(at("2026-03-30T10:00"))
    for expected in (4, 0):
        with world.platform.unit() as unit:
            assert len(deposits.return_due(unit, world.centre, lot, RATE)) == expected
    with world.platform.unit() as unit:
        assert deposits.give_back(unit, world.centre, lot, 1, RATE) == []  # asked again, nothing moves
        assert deposits.refunds_due(unit, world.centre, unit.now) == []
        balances = deposits.LEDGER.ledger(unit, lot).balances
    assert balances["bank"] == -4 * 2333 and balances["interest"] == 4 * 2333
    assert all(balances[f"held/{n}"] == 0 for n in range(1, 5))
    assert replay(world.platform) == []


def test_a_rate_out_of_reason_is_refused(world: World) -> None:
    lot = to_opening(world)
    bring(world, lot, statement(*ROWS))
    world.give(lot, "terminate", world.principal, reason="r", legal_basis="b")
    for rate in ("-0.01", "0.35"):
        with world.platform.unit() as unit, pytest.raises(Refused) as refusal:
            deposits.give_back(unit, world.centre, lot, 1, Decimal(rate))
        assert codes(refusal) == ["deposit.rate"]


def test_keeping_needs_a_ground_and_the_lots_own_hosts(world: World) -> None:
    """[D-11]"""
    lot = to_opening(world)
    bring(world, lot, statement(*ROWS))
    stranger = Actor("x", "org-x", world.agency.role)
    for actor in (world.centre, stranger):
        with world.platform.unit() as unit, pytest.raises(Forbidden):
            deposits.forfeit(unit, actor, lot, 1, "refuses_contract")
    with world.platform.unit() as unit, pytest.raises(Refused) as refusal:
        deposits.forfeit(unit, world.principal, lot, 1, "refuses_contract")
    assert codes(refusal) == ["deposit.no_ground"]
    with world.platform.unit() as unit, pytest.raises(Refused) as refusal:
        deposits.apply_to_bond(unit, world.agency, lot, 1)
    assert codes(refusal) == ["deposit.not_winners"]
    with world.platform.unit() as unit, pytest.raises(Refused) as refusal:
        deposits.forfeit(unit, world.agency, lot, 99, "refuses_contract")
    assert codes(refusal) == ["deposit.unknown"]
