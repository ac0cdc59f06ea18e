"""A real tender on either database: a ban published before the deadline refuses the bid by its number."""
from __future__ import annotations

from datetime import date

import pytest

from credit.domain.record import Document, Entry, Subject
from credit.services import records
from tests.world import TERMS, World, at
from trading_core.domain.errors import Refused
from trading_core.platform import Platform

FORMS = {"price": {"price_fen": 900_000_000}}


def test_a_banned_bidder_is_refused_with_the_number_of_the_ban(platform: Platform) -> None:
    world = World(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-10T10:00:00"))
    banned, other = world.bidder("被禁建设有限公司"), world.bidder("守信建设有限公司")
    entry = Entry(
        "tender_ban", Subject(banned.name, banned.uscc),
        Document("澜水罚〔2026〕8号", "澜明区水务局", date(2026, 3, 9), "招标投标法第五十三条", "ef" * 32),
        date(2026, 3, 10), date(2027, 3, 9),
    )  # fmt: skip
    with platform.unit() as unit:
        records.enter(unit, world.supervisor, entry)
    world.go(at("2026-03-10T10:00:01"))
    with pytest.raises(Refused) as refusal:
        world.submit(lot, banned, FORMS)
    (problem,) = refusal.value.problems
    assert problem.code == "bid.banned" and problem.params["ban"] == "澜水罚〔2026〕8号" and problem.rule == "BL 53, 54, 60"
    assert world.submit(lot, other, FORMS)
    with platform.look() as unit:
        told = [s.public + (s.private or "") for s in unit.store.read(f"lot/{lot}")]
    assert not any(banned.name in text or banned.uscc in text for text in told)
