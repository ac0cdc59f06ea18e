"""What one should know stands on the workbench and in the API, for the own role, of lots that are there for the reader."""
from __future__ import annotations

import re

import pytest

from tests.web.workbench_world import OpenWorld
from tests.world import TERMS
from trading_core.domain.identity import Actor
from trading_core.platform import Platform
from trading_core.services import clockwork, lots


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def told(world: OpenWorld, actor: Actor, query: str = "") -> list[tuple[int, str]]:
    answer = world.ask("GET", f"/api/v1/notes{query}", actor)
    assert answer.status_int == 200, answer.text
    return [(n["log_index"], n["type"]) for n in answer.json["notes"]]


def test_notes_are_shown_newest_first_with_lot_and_record(world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    world.give(lot, "amend", world.agency, note="工期修改", affects_preparation=False, changes={"duration_days": 240})
    clockwork.sweep(world.platform, clockwork.PROMPT)
    found = told(world, world.supervisor)
    assert [kind for _, kind in found] == ["amended", "published", "submitted_for_publication"]
    assert told(world, world.supervisor, f"?after={found[1][0]}") == found[:1]
    assert told(world, world.supervisor, "?limit=2") == found[:2]
    page = world.ask("GET", "/my", world.supervisor).text
    panel = page[page.index('id="notes"'):]
    assert re.findall(r'class="v[^"]*" href="/log/(\d+)"', panel) == [str(index) for index, _ in found]
    assert panel.count(f'href="/lots/{lot}"') == 3 and TERMS["title"] in panel
    bidder = world.bidder("松涧示例建设集团有限公司").actor
    assert [kind for _, kind in told(world, bidder)] == ["amended"]  # told as a role, of what is public
    assert told(world, world.agency) == [] and 'id="notes"' not in world.ask("GET", "/my", world.agency).text


def test_nobody_is_told_of_a_lot_that_is_not_there_for_them(world: OpenWorld) -> None:
    with world.platform.unit() as unit:
        parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation,
                   "centre": world.centre.organisation}  # fmt: skip
        lot = lots.create(unit, world.agency, "engineering", parties).lot.id
    world.give(lot, "draft", world.agency, **TERMS)
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    clockwork.sweep(world.platform, clockwork.PROMPT)
    assert [kind for _, kind in told(world, world.centre)] == ["submitted_for_publication"]
    bidder = world.bidder("松涧示例建设集团有限公司").actor
    assert told(world, bidder) == []
