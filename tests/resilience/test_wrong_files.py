"""Sealed files that are none, are cut short, have something added, or are meant for something else: refused at receipt, by name."""
from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.world import TERMS, World, at
from trading_core.domain.errors import Refused
from trading_core.platform import Platform

WRONG: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a text": (lambda sealed: b"\xe6\x8a\xa5\xe4\xbb\xb7 100", "sealing.not_a_container"),
    "an archive": (lambda sealed: b"PK\x03\x04" + sealed[4:], "sealing.not_a_container"),
    "cut in its header": (lambda sealed: sealed[:40], "sealing.truncated"),
    "cut at its end": (lambda sealed: sealed[:-1], "bid.envelope_size"),
    "one byte more": (lambda sealed: sealed + b"\0", "bid.envelope_size"),
    "another lot": (lambda sealed: sealed.replace(b'"attempt":1', b'"attempt":2', 1), "sealing.other_attempt"),
    "a header of nonsense": (lambda sealed: sealed[:4] + b"\xff\xff\xff\xff" + sealed[8:], "sealing.header_too_large"),
}


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


@pytest.mark.parametrize("what", WRONG)
def test_refused_by_name(world: World, what: str) -> None:
    change, code = WRONG[what]
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder("松涧示例建设集团有限公司")
    data = world.submission(lot, plan, {})
    first, *rest = data["envelopes"]  # type: ignore[misc]
    objects = world.platform.objects
    wrong = change(objects.read(first["object"]))
    with pytest.raises(Refused) as refusal:
        world.submit(lot, plan, {}, envelopes=[{**first, "object": objects.put(wrong)}, *rest])
    assert code in {p.code for p in refusal.value.problems}
    with pytest.raises(Refused) as refusal:
        world.submit(lot, plan, {}, envelopes=[{**first, "object": "0" * 64}, *rest])
    assert {p.code for p in refusal.value.problems} == {"bid.envelope_not_uploaded"}
    world.submit(lot, plan, {})  # the same bid, whole
