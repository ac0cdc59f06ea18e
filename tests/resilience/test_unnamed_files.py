"""Files that somebody sends in and that nothing names go away by themselves; what an event names stays for good [S-06]."""
from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at, submit
from trading_core.adapters.entropy import SystemEntropy
from trading_core.adapters.uploads import Uploads
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import clockwork

KEEP = timedelta(hours=72, minutes=2)


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def upload(world: OpenWorld, actor: Actor, data: bytes) -> str:
    """Through the API, as that person."""
    digest = sha256(data).hexdigest()
    place = "/api/v1/uploads/" + str(world.call("/api/v1/uploads", actor, {"size": len(data), "sha256": digest}).json["upload"])
    world.ask("PUT", f"{place}/pieces/0", actor, data, content_type="application/octet-stream", X_Piece_SHA256=digest)
    return str(world.ask("POST", f"{place}/finish", actor).json["object"])


def swept(world: OpenWorld) -> int:
    return clockwork.sweep(world.platform, ["abandoned"]).abandoned


def test_what_nothing_names_is_swept_and_nothing_else(world: OpenWorld) -> None:
    objects, bidder = world.platform.objects, world.bidder("云石示例路桥有限公司")
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    junk = [upload(world, bidder.actor, b"junk %d" % n) for n in range(3)]
    document, amended = upload(world, world.agency, b"of the draft"), upload(world, world.agency, b"of the amendment")
    draft = world.create({"principal": world.principal.organisation})
    world.give(draft, "draft", world.agency, tender_documents=[{"name": "a.pdf", "sha256": document, "size": 12}])  # private part
    world.give(lot, "amend", world.agency, note="补图", affects_preparation=False, files=[{"name": "b.pdf", "sha256": amended, "size": 9}])
    plan = world.bidder("松涧示例建设集团有限公司")
    forms = {"technical": {"quality": "合格"}, "price": {"price_fen": 900_000_000}}
    data = world.submission(lot, plan, forms)
    sealed = [upload(world, plan.actor, world.envelope(world.lot(lot), plan, s, forms[s], {"a.txt": b"x"})) for s in forms]
    names = [{"name": s, "object": n, "size": objects.size(n)} for s, n in zip(forms, sealed, strict=True)]
    bid = {**data, "document_version": 2, "envelopes": names}
    submit(world.platform, lot, Command("submit_bid", plan.actor, bid, world.clock.now()))
    assert swept(world) == 0
    world.clock.advance(KEEP)
    assert swept(world) == len(junk)
    assert [objects.has(n) for n in (*junk, document, amended, *sealed)] == [False] * 3 + [True] * 4
    world.clock.advance(KEEP)
    assert swept(world) == 0 and all(objects.has(n) for n in (document, amended, *sealed))


def test_what_an_event_named_before_is_never_loose_again(world: OpenWorld) -> None:
    """Whoever sends the same bytes in once more does not make them go away."""
    name = upload(world, world.agency, b"of the draft")
    draft = world.create({"principal": world.principal.organisation})
    world.give(draft, "draft", world.agency, tender_documents=[{"name": "a.pdf", "sha256": name, "size": 12}])
    world.clock.advance(KEEP)
    assert swept(world) == 0
    assert upload(world, world.bidder("云石示例路桥有限公司").actor, b"of the draft") == name
    world.clock.advance(2 * KEEP)
    assert swept(world) == 0 and world.platform.objects.has(name)


def test_sent_in_again_it_waits_anew(world: OpenWorld) -> None:
    name = upload(world, world.agency, b"a survey")
    world.clock.advance(KEEP / 2)
    upload(world, world.agency, b"a survey")
    world.clock.advance(KEEP / 2)
    assert swept(world) == 0 and world.platform.objects.has(name)
    world.clock.advance(KEEP)
    assert swept(world) == 1 and not world.platform.objects.has(name)


def test_no_upload_begins_below_the_reserve(sqlite_platform: Platform) -> None:
    p = sqlite_platform
    p.uploads.begin(1, "a" * 64, "client")
    full = Uploads(p.settings.data / "uploads", p.objects, p.clock, SystemEntropy(), 1 << 20, reserve=1 << 60)
    with pytest.raises(Refused) as refusal:
        full.begin(1, "a" * 64, "client")
    assert [problem.code for problem in refusal.value.problems] == ["service.no_room"]
