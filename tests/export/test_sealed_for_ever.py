"""Withdrawn and replaced bids stay sealed for ever: no address and no file gives their ciphertext away [B-01, B-12]."""
from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from tests.tender.test_opening import PRICES
from tests.web.frame import Reader, account, site, token
from tests.world import TERMS, BidPlan, World, at, submit
from trading_core.domain.errors import Refused
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import project_zip


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def submitted(world: World, lot: str, plan: BidPlan, **more: object) -> list[str]:
    """Submit a bid; the names of its ciphertexts."""
    data = world.submission(lot, plan, {"technical": {"project_leader": "王某"}, "price": {"price_fen": 980_000_000}}) | more
    submit(world.platform, lot, Command("submit_bid", plan.actor, data, world.clock.now()))
    return [e["object"] for e in cast("list[dict[str, Any]]", data["envelopes"])]


def played(world: World) -> tuple[str, list[str], list[str]]:
    """A lot past its deadline: a bid replaced, one withdrawn, three live; ciphertexts that are gone and those that count."""
    lot, random = world.announce(TERMS), world.platform.entropy.token_bytes
    world.go(at("2026-03-02T08:30"))
    first, second, third = (world.bidder(name) for name in PRICES)
    gone = submitted(world, lot, first)
    again = replace(first, number=random(16).hex())
    live = submitted(world, lot, again, replaces=first.number, replaces_secret=first.secret)
    gone += submitted(world, lot, second)
    data: dict[str, object] = {"bid": second.number, "secret": second.secret}
    submit(world.platform, lot, Command("withdraw_bid", second.actor, data, world.clock.now()))
    live += submitted(world, lot, replace(second, number=random(16).hex())) + submitted(world, lot, third)
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    return lot, gone, live


def given_away(path: Path) -> dict[str, str]:
    """The names of a file's members by the hash of their bytes."""
    with zipfile.ZipFile(path) as file:
        return {sha256(file.read(name)).hexdigest(): name for name in file.namelist()}


def test_no_address_and_no_file_gives_them_away(world: World, tmp_path: Path) -> None:
    lot, gone, live = played(world)
    assert len(gone) == 4 and len(live) == 6 and not set(gone) & set(live)
    account(world.platform, world.agency, "agency")
    app = site(world.platform)
    for reader in (Reader(app), Reader(app, token(app, "agency"))):
        for name in gone + live:
            for path in (f"/lots/{lot}/documents/{name}", f"/desk/{lot}/files/{name}", f"/api/v1/uploads/{name[:32]}"):
                assert reader.ask(path).status_int != 200, path
    public, full = (given_away(project_zip.export(world.platform, lot, v, tmp_path / f"{v}.zip").path) for v in ("public", "full"))
    assert not set(public) & set(gone + live)
    assert {f"bids/{name}" for name in live} == {name for name in full.values() if name.startswith("bids/")} and not set(full) & set(gone)
    text = b"".join(zipfile.ZipFile(tmp_path / "full.zip").read(name) for name in ("events.jsonl", "ocds/release-package.json"))
    assert not [name for name in gone if name.encode() in text]


def test_none_can_be_named_as_a_document(world: World) -> None:
    """Whoever came to know its name could otherwise have the platform hand it out as a tender document."""
    _, gone, _ = played(world)
    document = world.document(b"%PDF-1.4 document")
    terms = {**TERMS, "tender_documents": [{"name": f"{n}.pdf", "sha256": name, "size": 24} for n, name in enumerate([*gone, document])]}
    times = {"issue_start": "2026-03-30T08:30", "issue_end": "2026-04-07T17:00", "bid_deadline": "2026-04-22T09:30"}
    with pytest.raises(Refused) as refusal:
        world.announce({**terms, "schedule": {name: at(time).isoformat() for name, time in times.items()}})
    assert {p.code for p in refusal.value.problems} == {"document.not_sent_in"}
    assert len(refusal.value.problems) == len(gone)
