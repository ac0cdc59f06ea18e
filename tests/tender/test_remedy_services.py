"""Objections and new attempts on the real services: who objects stays secret, a new attempt is linked both ways."""
from __future__ import annotations

import pytest

from tests.world import TENDER_DOCUMENT, TERMS, World, at
from trading_core.adapters.crypto.manifest import Identity
from trading_core.adapters.db.schema import metadata
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor
from trading_core.domain.stages.remedies import Objections
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import lots, remedies
from trading_core.services.replay import replay

NAME = "松涧示例建设集团有限公司"
SALT = b"s" * 32


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def objection(world: World, who: Actor, salt: bytes = SALT, name: str = NAME) -> dict[str, object]:
    commitment = Identity(world.codes[who.organisation], name, salt).commitment()
    return {"text": "资质要求高于法定标准", "objector_commitment": commitment, "salt": salt.hex()}


def test_a_document_objection_freezes_and_names_nobody(world: World) -> None:
    """[BL 22, S-01]"""
    lot = world.announce(TERMS)
    world.go(at("2026-03-03T09:00"))
    who = world.bidder(NAME).actor
    with world.platform.look() as unit:
        before = {name: unit.connection.execute(table.select()).all() for name, table in metadata.tables.items()}
    for more in ({"name": "别家公司"}, {"salt": b"x" * 31}):
        with pytest.raises(Refused):
            world.give(lot, "object_to_document", who, **objection(world, who, **more))
    after = world.give(lot, "object_to_document", who, **objection(world, who))
    assert (after.status, after.part(Objections).raised[0].organisation) == ("SUSPENDED", "")
    with world.platform.look() as unit:
        written = repr([row for name, table in metadata.tables.items() for row in unit.connection.execute(table.select()).all()
                        if row not in before[name]])  # fmt: skip
        private = repr([s.private for s in unit.store.read(f"lot/{lot}")])
    for secret in (who.organisation, who.person, NAME, world.codes[who.organisation], SALT.hex()):
        assert secret not in written and secret not in private
    world.go(at("2026-03-05T09:00"))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "withdraw_objection", who, number=1)  # without the salt nobody knows whose it is
    assert codes(refusal) == {"objection.not_yours"}
    resumed = world.give(lot, "withdraw_objection", who, number=1, salt=SALT.hex())
    assert resumed.status == "ISSUING" and resumed.schedule["bid_deadline"] == at("2026-03-25T09:30")
    assert replay(world.platform) == []


def test_suspension_outlasts_every_deadline_until_it_is_lifted(world: World) -> None:
    """[T-12] The sweep finds nothing to do; afterwards the clock goes on where it stopped."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-03T09:00"))
    world.give(lot, "suspend_technically", world.centre, legal_basis="S-06", reason="断电", reported_to="澜明区水务局")
    world.go(at("2026-03-30T09:00"))
    assert world.lot(lot).status == "SUSPENDED"
    resumed = world.give(lot, "resume", world.centre, reason="已恢复")
    assert resumed.schedule["bid_deadline"] == at("2026-04-20T09:30")  # 27 days after 03-23 is Sunday 04-19 [T-09]
    world.go(resumed.schedule["bid_deadline"])
    assert world.lot(lot).status == "BIDDING"
    world.go(at("2026-04-20T09:31"))
    assert world.lot(lot).status == "FAILED"  # nobody bid [F-01]


def test_a_new_attempt_takes_over_the_terms_and_not_the_dates(world: World) -> None:
    """[01 §1.1, §1.2.1 create_attempt]"""
    lot = world.announce(TERMS)
    with world.platform.unit() as unit, pytest.raises(Refused):
        remedies.create_attempt(unit, world.agency, lot, "尚未结束")
    world.give(lot, "terminate", world.principal, reason="规划调整", legal_basis="BLR 31")
    with world.platform.unit() as unit:
        new = remedies.create_attempt(unit, world.agency, lot, "规划已确定").lot
    old = world.lot(lot)
    assert (new.status, new.previous, new.attempt, new.parties) == ("DRAFT", lot, 2, old.parties)
    assert new.terms["title"] == TERMS["title"] and new.terms["evaluation"] == TERMS["evaluation"]
    assert not new.schedule and "schedule" not in new.terms
    with world.platform.unit() as unit, pytest.raises(Refused) as refusal:
        remedies.create_attempt(unit, world.agency, lot, "再来一次")
    assert codes(refusal) == {"attempt.created_before"}


def test_a_new_attempt_needs_a_new_document(world: World) -> None:
    """[02 §2.11(9)] Neither the document of the attempt that failed, in whichever version, nor the same one under another name."""

    def document(data: bytes) -> dict[str, object]:
        return {"name": "招标文件.pdf", "sha256": world.document(data), "size": len(data)}

    first, amended = document(TENDER_DOCUMENT), document(b"%PDF-1.7 amended once")
    lot = world.announce(TERMS)
    world.give(lot, "amend", world.agency, note="n", affects_preparation=False, files=[amended])
    world.give(lot, "terminate", world.principal, reason="r", legal_basis="b")
    with world.platform.unit() as unit:
        new = remedies.create_attempt(unit, world.agency, lot, "a").lot.id
    world.give(new, "draft", world.agency, schedule=TERMS["schedule"])
    for same in (first, {**first, "name": "新招标文件.pdf"}, amended):
        world.give(new, "draft", world.agency, tender_documents=[same])
        with pytest.raises(Refused) as refusal:
            world.give(new, "submit_for_publication", world.agency, responsible_person="张工")
        assert [(p.code, p.path) for p in refusal.value.problems] == [("document.of_earlier_attempt", "tender_documents")]
    world.give(new, "draft", world.agency, tender_documents=[first, document(b"%PDF-1.7 what is put right")])
    world.give(new, "submit_for_publication", world.agency, responsible_person="张工")
    assert world.give(new, "publish", world.principal).status == "ANNOUNCED"
    with pytest.raises(Refused) as refusal:
        world.give(new, "amend", world.agency, note="n", affects_preparation=False, files=[first])
    assert [(p.code, p.path) for p in refusal.value.problems] == [("document.of_earlier_attempt", "files")]


def test_a_refused_attempt_leaves_nothing_behind(world: World) -> None:
    lot = world.announce(TERMS)
    with world.platform.look() as unit:
        before = len(list(unit.store.all_in_log_order()))
    with pytest.raises(Refused), world.platform.unit() as unit:
        remedies.create_attempt(unit, world.agency, lot, "尚未结束")
    with world.platform.look() as unit:
        assert len(list(unit.store.all_in_log_order())) == before
        assert unit.connection.execute(metadata.tables["lot"].select()).all()[1:] == []


def test_an_attempt_cannot_be_claimed_for_a_strange_lot(world: World) -> None:
    lot, other = world.announce(TERMS), world.announce(TERMS)
    world.give(lot, "terminate", world.principal, reason="r", legal_basis="b")
    for number in (other, "X-0000-NONE"):
        with pytest.raises(Refused) as refusal, world.platform.unit() as unit:
            lots.give(unit, lot, Command("create_attempt", world.agency, {"lot": number, "analysis": "a"}, unit.now))
        assert codes(refusal) == {"attempt.other_lot"}
    with pytest.raises(Forbidden), world.platform.unit() as unit:
        remedies.create_attempt(unit, world.supervisor, lot, "a")
    with world.platform.look() as unit:
        assert lots.find(unit, lot).status == "TERMINATED"
