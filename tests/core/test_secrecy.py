"""Before the opening nobody can read a price, a file or a bidder's name: not even root with the database, the files and the logs."""
from __future__ import annotations

import hashlib
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import postgres_folder
from tests.world import TERMS, World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.domain.errors import Refused
from trading_core.domain.leaves import canonical
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.trade import Command
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import bids, log, lots
from trading_core.services.commands import once
from trading_core.settings import Settings

NAME = "松涧示例建设集团有限公司"
PRICE = 987_654_321
LEADER = "欧阳某某"
MEMBER, MEMBER_CODE, SHARE = "青屿示例水利工程有限公司", compose_uscc("91530500", "77665544"), "导流明渠与围堰"
CONTENT = "施工组织设计：围堰顶高程取枯水期十年一遇水位".encode()
REGISTERS = {"organisation", "person", "role_grant", "delegation"}  # who exists at all is a public register
REGISTER_STREAMS = ("organisation/", "person/")


def planted(world: World) -> tuple[str, list[bytes]]:
    """A lot with a bid of known secrets before the deadline, and every spelling under which they must not be found."""
    lot = world.announce({**TERMS, "consortium": True})
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder(NAME)
    together = [{"uscc": plan.uscc, "name": NAME, "share": "主体"}, {"uscc": MEMBER_CODE, "name": MEMBER, "share": SHARE}]
    forms: dict[str, dict[str, object]] = {
        "technical": {"project_leader": LEADER, "consortium_members": together, "consortium_agreement": "施工组织设计.txt"},
        "price": {"price_fen": PRICE},
    }
    world.submit(lot, plan, forms, **world.submission(lot, plan, forms, {"施工组织设计.txt": CONTENT}))
    world.go(at("2026-03-10T12:00"))
    texts = [NAME, plan.uscc, plan.uscc[8:17], plan.actor.organisation, plan.actor.person, str(PRICE), "9876543.21", "9,876,543.21", LEADER,
             plan.salt.hex(), plan.secret, "施工组织设计", MEMBER, MEMBER_CODE, MEMBER_CODE[8:17], SHARE]  # fmt: skip
    found = [t.encode() for t in texts] + [CONTENT, plan.salt, bytes.fromhex(plan.secret), PRICE.to_bytes(4, "big")]
    found += [h(t.encode()).digest() for t in (NAME, plan.uscc, MEMBER, MEMBER_CODE) for h in (hashlib.sha256, hashlib.sha1, hashlib.md5)]
    return lot, [*found, *(f.hex().encode() for f in found if len(f) in (16, 20, 32))]


def unregistered(world: World, secrets: list[bytes]) -> list[bytes]:
    """The secrets without what a register tells of everybody: names, codes, numbers. Prices, texts, salts are in no register."""
    register = {*(n.encode() for n in world.names.values()), *(c.encode() for c in world.codes.values()), *world.registered()}
    wanted = [s for s in secrets if not any(s in r for r in register)]
    assert len(wanted) > 10
    return wanted


def test_nothing_planted_is_found_in_tables(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = World(platform)
    _, secrets = planted(world)
    with platform.look() as unit:
        inspector = sa.inspect(unit.connection)
        for table in inspector.get_table_names():
            rows = unit.connection.execute(sa.text(f'select * from "{table}"')).all()
            for row in rows:
                of_register = table in ("event", "pending", "log") and str(row.stream).startswith(REGISTER_STREAMS)
                wanted = unregistered(world, secrets) if table in REGISTERS or of_register else secrets
                dump = b"\0".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
                assert not [s for s in wanted if s in dump], (table, dump[:200])
    assert not [s for s in secrets if s in caplog.text.encode()]


def test_nothing_planted_is_found_in_files(platform: Platform) -> None:
    """Objects, uploads, keys and, on SQLite, the database file itself without the rows of the public register."""
    world = World(platform)
    _, secrets = planted(world)
    wanted = unregistered(world, secrets)
    for path in platform.settings.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [s for s in wanted if s in data], path


def test_tables_do_not_tell_how_many_bids_a_lot_has(platform: Platform) -> None:
    """Rows of bids, of bids taken back and of entries that mean nothing cannot be told apart or put together by lot."""
    world = World(platform)
    first, second = world.announce(TERMS), world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    for n in range(4):
        world.submit(first if n else second, world.bidder(f"示例建设第{n}有限公司"), {})
    plan = world.bidder(NAME)
    world.submit(first, plan, {})
    again = replace(plan, number=platform.entropy.token_bytes(16).hex())
    world.submit(first, again, {}, replaces=plan.number, replaces_secret=plan.secret)
    with platform.look() as unit:
        rows = unit.connection.execute(sa.text("select * from bid")).all()
        events = unit.connection.execute(sa.text("select * from event where stream like 'sealed/%'")).all()
    assert {"sealed/" + r.bid for r in rows} == {e.stream for e in events} and len(rows) > 6
    assert {len(e.private) for e in events} == {len(events[0].private)} and {e.version for e in events} == {1}
    for row in rows:
        assert first not in str(tuple(row)) and second not in str(tuple(row))
        assert [tuple(map(len_of, row))] == [tuple(map(len_of, rows[0]))]
    for values in zip(*(tuple(row)[2:] for row in rows), strict=True):  # after number and time
        assert len(set(map(bytes, values))) == len(rows)
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    assert sorted(len(world.lot(lot).part(Closing).bids) for lot in (first, second)) == [1, 4]


def len_of(value: object) -> int:
    return len(value) if isinstance(value, str | bytes | memoryview) else 8


def test_who_bid_cannot_be_computed_from_tables(platform: Platform) -> None:
    """Even for a client careless enough to number its commands after its bid: with every person, organisation, role and number that
    the tables hold in clear, nobody finds the giver of a command again."""
    world = World(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder(NAME)
    data = world.submission(lot, plan, {})
    with platform.unit() as unit:
        sealed = Command("submit_bid", plan.actor, data, unit.now)
        once(unit, plan.actor, plan.number, {"lot": lot}, lambda: bids.receive(unit, lot, sealed))
    world.go(at("2026-03-10T12:00"))
    with platform.look() as unit:
        tables = {t: unit.connection.execute(sa.text(f'select * from "{t}"')).all() for t in sa.inspect(unit.connection).get_table_names()}
    assert tables["command"]
    numbers = [str(row.stream).partition("/")[2] for row in tables["event"]]
    assert plan.number in numbers
    keys = [form % n for n in numbers for form in ("%s", "submit-%s", "submit_bid-%s", "withdraw-%s")]
    givers = [(g.person, g.organisation, g.role) for g in tables["role_grant"]]
    assert (plan.actor.person, plan.actor.organisation, plan.actor.role.value) in givers
    computed = {h(seal(parts).encode()).digest() for giver in givers for key in keys for parts in ([*giver, key], [key, *giver])
                for seal in ("\0".join, "|".join, "".join) for h in (hashlib.sha256, hashlib.blake2b, short_blake)}  # fmt: skip
    computed |= {hashlib.sha256(canonical({"lot": row.id}).encode()).digest() for row in tables["lot"]}
    found = [t for t, rows in tables.items() for row in rows for v in row if isinstance(v, bytes | memoryview) and bytes(v) in computed]
    assert found == []


def short_blake(data: bytes) -> Any:
    return hashlib.blake2b(data, digest_size=32)


def test_a_dump_of_the_server_tells_nothing(world_on_postgres: World) -> None:
    """What an administrator of the database sees: the whole dump, except the public register of organisations."""
    _, secrets = planted(world_on_postgres)
    url = world_on_postgres.platform.settings.database_url.replace("+psycopg", "")
    dump = subprocess.run([str(postgres_folder() / "pg_dump"), "--inserts", url], check=True, capture_output=True).stdout
    register = (b"public.organisation", b"public.person", b"public.role_grant", b"'organisation/", b"'person/")
    lines = [line for line in dump.splitlines() if not any(r in line for r in register)]
    assert any(b"INSERT INTO public.bid" in line for line in lines)
    for line in lines:
        assert not [s for s in secrets if s in line], line[:200]


@pytest.fixture
def world_on_postgres(tmp_path: Path, clock: SteppedClock, database_of: str, fonts: str) -> Iterator[World]:
    platform = build(Settings(data=tmp_path / "data", database=database_of, font_dir=fonts), clock, SeededEntropy(b"pg"))
    yield World(platform)
    platform.database.close()


def test_public_pages_of_the_record_do_not_tell_how_many_bid(sqlite_platform: Platform) -> None:
    """The log shows that something sealed came in, not for which lot, and meaningless entries lie among the bids."""
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    for n in range(6):
        world.submit(lot, world.bidder(f"示例建设第{n}有限公司"), {})
    log.move(sqlite_platform)
    with sqlite_platform.look() as unit:
        entries = [log.public_form(s) for s in log.feed(unit, 0, 1000) if s.stream.startswith("sealed/")]
        shown = lots.find(unit, lot)
    assert len(entries) > 6
    assert {(e["type"], e["public"]) for e in entries} == {("sealed", "{}")}
    assert not any(lot in str(e) for e in entries)
    assert "Closing" not in shown.parts


def test_a_bid_sealed_for_another_lot_is_refused(sqlite_platform: Platform) -> None:
    """[B-11]"""
    world = World(sqlite_platform)
    first, second = world.announce(TERMS), world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder(NAME)
    foreign = world.submission(first, plan, {})
    with pytest.raises(Refused) as refusal:
        world.submit(second, plan, {}, envelopes=foreign["envelopes"])
    assert {p.code for p in refusal.value.problems} >= {"sealing.other_lot", "sealing.other_trustees"}


def test_somebody_elses_name_cannot_be_committed_to(sqlite_platform: Platform) -> None:
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    mine, other = world.bidder(NAME), world.bidder("云石示例路桥有限公司")
    mine.name, mine.uscc = other.name, other.uscc
    with pytest.raises(Refused) as refusal:
        world.submit(lot, mine, {})
    assert {p.code for p in refusal.value.problems} == {"bid.other_identity"}


def test_only_the_bidders_secret_withdraws_a_bid(sqlite_platform: Platform) -> None:
    """[B-01, B-12] A bid is its bidder's by the secret, not by the account: the account is not kept."""
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    mine, other = world.bidder(NAME), world.bidder("云石示例路桥有限公司")
    world.submit(lot, mine, {})
    with pytest.raises(Refused) as refusal:
        world.give(lot, "withdraw_bid", other.actor, bid=mine.number, secret=other.secret)
    assert {p.code for p in refusal.value.problems} == {"bid.not_yours"}
    world.give(lot, "withdraw_bid", mine.actor, bid=mine.number, secret=mine.secret)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "withdraw_bid", mine.actor, bid=mine.number, secret=mine.secret)
    assert {p.code for p in refusal.value.problems} == {"bid.not_live"}
