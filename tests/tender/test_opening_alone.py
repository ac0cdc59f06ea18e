"""Whatever one envelope holds or has become, the other bids, the other lots and the log go on [B-05, B-10]."""
from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.world import TERMS, BidPlan, World, at
from tests.world import submit as send
from trading_core.adapters.crypto.bundle import Bundle
from trading_core.adapters.crypto.container import seal
from trading_core.adapters.crypto.manifest import BundleFile, Identity, Manifest
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.suites import suite_of
from trading_core.adapters.objects import DamagedObject
from trading_core.domain.errors import Refused
from trading_core.domain.lot import Lot
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.tender.opening import OpenedBid, Opening
from trading_core.domain.tender.trustees import THRESHOLD, Trustees, suite
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import clockwork

NAMES = ("松涧示例建设集团有限公司", "云石示例路桥有限公司", "青屿示例水利工程有限公司")
DEADLINE = at("2026-03-23T09:30")


@dataclass(frozen=True)
class Anything(Manifest):
    """A manifest as a hostile program writes it: whatever stands in its form."""


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def issued(world: World) -> str:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    return lot


def sealed(world: World, lot: Lot, plan: BidPlan, stage: str, manifest: Manifest) -> bytes:
    """An envelope with any manifest in it."""
    content, out = Bundle(manifest, [io.BytesIO(bytes(f.size)) for f in manifest.files]), io.BytesIO()
    publics = {t: bytes.fromhex(k.public_key) for t, k in lot.part(Trustees).of(stage).items()}
    seal(content, content.size, Slot(lot.id, lot.attempt, stage), plan.number, publics, THRESHOLD, suite_of(suite(lot)),
         world.platform.entropy, out.write)  # fmt: skip
    return out.getvalue()


def submit(world: World, lot: str, name: str, form: dict[str, object], *files: str) -> BidPlan:
    """A bid whose technical envelope says whatever `form` and the names of `files` say."""
    plan = world.bidder(name)
    data = world.submission(lot, plan, {"price": {"price_fen": 980_000_000}})
    zeros = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    manifest = Anything(tuple(BundleFile(f, 0, zeros) for f in files), Identity(plan.uscc, plan.name, plan.salt), form)
    raw = sealed(world, world.lot(lot), plan, "technical", manifest)
    technical, *rest = data["envelopes"]  # type: ignore[misc]
    envelopes = [{**technical, "object": world.platform.objects.put(raw), "size": len(raw)}, *rest]
    command = Command("submit_bid", plan.actor, {**data, "envelopes": envelopes}, world.clock.now())
    send(world.platform, lot, command)
    return plan


def released(world: World, lot: str) -> None:
    world.go(DEADLINE + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    for stage in ("technical", "price"):
        world.release(lot, stage, world.agency, world.supervisor)


def sequenced(world: World, *lots: str) -> bool:
    """Whether the log has everything but the papers that the same round may have issued after it."""
    with world.platform.look() as unit:
        stored = [s for lot in lots for s in unit.store.read(f"lot/{lot}")]
        return all(s.type == "document_issued" or unit.store.log_index(s.stream, s.version) is not None for s in stored)


def opened(world: World, lot: str) -> dict[str, OpenedBid]:
    return dict(world.lot(lot).part(Opening).bids)


@pytest.mark.parametrize("form", [
    {"a": None}, {"a": [1, {"b": 2}]}, {str(i): i for i in range(3_000)}, {"project_leader": "王" * 4_000}, {},
], ids=["null", "nested", "many", "long", "empty"])  # fmt: skip
def test_every_form_that_may_be_sealed_is_opened(world: World, form: dict[str, object]) -> None:
    lot = issued(world)
    plan = submit(world, lot, NAMES[0], form, "投标文件" * 19 + ".pdf")
    for name in NAMES[1:]:
        world.submit(lot, world.bidder(name), {"price": {"price_fen": 950_000_000}})
    released(world, lot)
    clockwork.sweep(world.platform)
    assert opened(world, lot)[plan.number].envelopes["technical"].form == form
    assert {b.status for b in opened(world, lot).values()} == {"valid"}
    assert set(world.lot(lot).part(Opening).stages) == {"technical", "price"}


@pytest.mark.parametrize(("form", "files"), [
    ({"a": "\x00"}, ()), ({"a": "王" * 4_001}, ()), ({str(i): i for i in range(10_001)}, ()), ({}, ("a" * 241,)), ({}, ("../a",)),
], ids=["control", "long", "many", "name", "path"])  # fmt: skip
def test_what_may_not_be_sealed_is_that_bidders_fault_alone(world: World, form: dict[str, object], files: tuple[str, ...]) -> None:
    lot = issued(world)
    plan = submit(world, lot, NAMES[0], form, *files)
    for name in NAMES[1:]:
        world.submit(lot, world.bidder(name), {"price": {"price_fen": 950_000_000}})
    released(world, lot)
    clockwork.sweep(world.platform)
    status = {b.bid: b.status for b in opened(world, lot).values()}
    assert status.pop(plan.number) == "revoked" and set(status.values()) == {"valid"}
    assert sequenced(world, lot)


def test_a_damaged_copy_is_never_the_bidders_fault(world: World) -> None:
    """It waits, the others are opened, everything else of the round is done; then the copy comes back, or the centre records the loss."""
    lot = issued(world)
    plans = [submit(world, lot, name, {}) for name in NAMES]
    world.go(DEADLINE + timedelta(seconds=3))
    envelope = next(b for b in world.lot(lot).part(Closing).bids if b.bid == plans[0].number).envelopes[0]
    path = world.platform.objects.path(envelope.object)
    raw = path.read_bytes()
    path.write_bytes(raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:])
    world.give(lot, "start_opening", world.agency)
    for stage in ("technical", "price"):
        world.release(lot, stage, world.agency, world.supervisor)
    for _ in range(2):
        with pytest.raises(ExceptionGroup) as failed:
            clockwork.sweep(world.platform)
        assert failed.group_contains(DamagedObject)
    assert set(opened(world, lot)) == {p.number for p in plans[1:]} and "technical" not in world.lot(lot).part(Opening).stages
    assert sequenced(world, lot)
    with pytest.raises(Refused):
        world.give(lot, "give_up_envelope", world.agency, bid=plans[0].number, stage="technical", reason="存储损坏")
    path.write_bytes(raw)
    clockwork.sweep(world.platform)
    assert {b.status for b in opened(world, lot).values()} == {"valid"}


def test_the_centre_records_an_envelope_that_the_platform_has_lost(world: World) -> None:
    lot = issued(world)
    plans = [submit(world, lot, name, {}) for name in NAMES]
    world.go(DEADLINE + timedelta(seconds=3))
    envelope = next(b for b in world.lot(lot).part(Closing).bids if b.bid == plans[0].number).envelopes[0]
    world.platform.objects.path(envelope.object).unlink()
    world.give(lot, "start_opening", world.agency)
    for stage in ("technical", "price"):
        world.release(lot, stage, world.agency, world.supervisor)
    with pytest.raises(ExceptionGroup):
        clockwork.sweep(world.platform)
    world.give(lot, "give_up_envelope", world.centre, bid=plans[0].number, stage="technical", reason="存储损坏且无备份")
    clockwork.sweep(world.platform)
    assert opened(world, lot)[plans[0].number].status == "withdrawn"
    assert set(world.lot(lot).part(Opening).stages) == {"technical", "price"}


def test_an_envelope_that_is_there_is_not_given_up(world: World) -> None:
    """[B-05] Between the second key and the opening nobody can throw out a bid by calling it lost, on whatever grounds."""
    lot = issued(world)
    plans = [submit(world, lot, name, {}) for name in NAMES]
    released(world, lot)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "give_up_envelope", world.centre, bid=plans[0].number, stage="technical", reason="存储损坏且无备份")
    assert [p.code for p in refusal.value.problems] == ["opening.envelope_intact"]
    clockwork.sweep(world.platform)
    assert {b.status for b in opened(world, lot).values()} == {"valid"}


def test_an_opening_ends_when_no_bid_can_be_opened(world: World) -> None:
    """[B-05a] Nothing waits for the price of bids of which nothing is left."""
    lot = issued(world)
    for name in NAMES:
        submit(world, lot, name, {"a": "\x00"})
    released(world, lot)
    clockwork.sweep(world.platform)
    assert set(world.lot(lot).part(Opening).stages) == {"technical", "price"}
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    assert world.give(lot, "finish_opening", world.agency).status == "OPENED"


def test_one_lot_never_stops_another(world: World) -> None:
    stuck, free = issued(world), issued(world)
    for lot, mark in ((stuck, "一"), (free, "二")):
        for name in NAMES:
            submit(world, lot, name.replace("有限", f"第{mark}有限"), {})
    world.go(DEADLINE + timedelta(seconds=3))
    for bid in world.lot(stuck).part(Closing).bids:
        world.platform.objects.path(bid.envelopes[0].object).unlink()
    for lot in (stuck, free):
        world.give(lot, "start_opening", world.agency)
        for stage in ("technical", "price"):
            world.release(lot, stage, world.agency, world.supervisor)
    with pytest.raises(ExceptionGroup):
        clockwork.sweep(world.platform)
    assert not opened(world, stuck) and len(opened(world, free)) == 3
    assert sequenced(world, stuck, free)


def test_the_time_to_confirm_begins_again_after_a_standstill(world: World) -> None:
    """[T-12]"""
    lot = issued(world)
    for name in NAMES:
        submit(world, lot, name, {})
    released(world, lot)
    clockwork.sweep(world.platform)
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.give(lot, "suspend_technically", world.centre, legal_basis="S-06", reason="机房断电", reported_to="示例监督局")
    world.go(world.clock.now() + timedelta(hours=2))
    world.give(lot, "resume", world.centre, reason="已恢复")
    with pytest.raises(Refused):
        world.give(lot, "finish_opening", world.agency)
    world.go(world.clock.now() + timedelta(minutes=11))
    assert world.give(lot, "finish_opening", world.agency).status == "OPENED"
