"""Inviting by name without a script, and what the invited and others see of it [BL 17, BL 22]."""
from __future__ import annotations

from tests.tender.test_invited import submitted
from tests.web.test_workbench_acts import Browser, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.domain.stages.announcing import Announcement
from trading_core.platform import Platform

NAMES = ("松涧示例建设有限公司", "云石示例建设有限公司", "青屿示例建设有限公司")


def test_bidders_are_chosen_by_code_or_name_one_a_line(sqlite_platform: Platform) -> None:
    world = OpenWorld(sqlite_platform)
    lot, plans, other = submitted(world), [world.bidder(n) for n in NAMES], world.bidder("白鹭示例建设有限公司")
    host, path = Browser(world, world.principal), f"/my/lots/{lot}/acts/send_invitations"
    form = host.get(path)
    assert '<textarea class="input" id="f-invitees"' in form.text and "统一社会信用代码或者单位全称" in form.text
    wrong = host.post(path, hidden(form), invitees=f"{plans[0].uscc}\r\n没有登记的公司\r\n{plans[1].name}")
    assert wrong.status_int == 422 and "受邀单位 2" in wrong.text and plans[1].name in wrong.text
    asked = host.post(path, hidden(wrong), invitees=f"{plans[0].uscc}\r\n{plans[1].name}\r\n{plans[2].uscc}\r\n")
    assert asked.status_int == 200 and 'class="dialog"' in asked.text
    done = host.post(path, hidden(asked), step="confirm")
    assert done.status_int == 200 and len(world.lot(lot).part(Announcement).invitees) == 3
    world.rehearse(lot)
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    for plan in plans:
        mine = Browser(world, plan.actor).get("/my")
        assert "受邀投标" in mine.text and f"/my/lots/{lot}/bid" in mine.text
    others = Browser(world, other.actor)
    assert "受邀投标" not in others.get("/my").text and f"/my/lots/{lot}/bid" not in others.get("/my").text
    page = others.get(f"/lots/{lot}")
    assert page.status_int == 200 and f"/my/lots/{lot}/bid" not in page.text
    assert not any(name in page.text for name in NAMES)


def test_a_moved_deadline_stands_on_the_page_of_the_lot(sqlite_platform: Platform) -> None:
    """Announced, then the clock stood still until 2026-03-05 [E-T03]."""
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    assert "时间变更" not in world.ask("GET", f"/lots/{lot}").text
    world.go(at("2026-03-05T10:00"))
    page = world.ask("GET", f"/lots/{lot}").text
    assert "时间变更" in page and "<del>" in page and "2026-03-23" in page and "2026-03-25" in page
