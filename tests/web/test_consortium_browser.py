"""Who bids together, typed in a real browser on a phone: rows that come and go, codes checked there, nothing sent in clear."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.test_workbench_bid import PRICES, Desk, open_everything
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, BidPlan, at
from trading_core.domain.tender.doubts import doubts
from trading_core.domain.tender.opening import Opening
from trading_core.domain.uscc import compose_uscc
from web.serve import Site

NAMES = tuple(PRICES)
PARTNER, CODE = "青屿示例水利工程有限公司", compose_uscc("91530500", "77665544")


@pytest.fixture
def leader(world: OpenWorld) -> BidPlan:
    return world.bidder(NAMES[0])


@pytest.fixture
def lot(world: OpenWorld) -> str:
    found = world.announce({**TERMS, "consortium": True})
    world.go(at("2026-03-02T08:30"))
    return found


@pytest.fixture
def desk(browser: Browser, site: Site, world: OpenWorld, lot: str, leader: BidPlan) -> Iterator[Desk]:
    window = Desk(browser, site, world, leader.actor, 360)
    window.page.goto(f"{site.address}/my/lots/{lot}/bid")
    window.page.wait_for_selector("body[data-ready]")
    yield window
    window.close()


def sound(page: Page) -> None:
    """Nothing hides at 360 pixels, nothing is amiss for who cannot see it."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page).response["violations"]
    assert not found, [(v["id"], [n["html"] for n in v["nodes"]]) for v in found]


def fill(page: Page, n: int, uscc: str, name: str, share: str) -> None:
    for part, value in (("uscc", uscc), ("name", name), ("share", share)):
        page.fill(f"#f-consortium_members-{n}-{part}", value)


def test_members_are_named_row_by_row_and_sealed(
    desk: Desk, world: OpenWorld, lot: str, leader: BidPlan, tmp_path: Path
) -> None:
    page = desk.page
    assert page.is_hidden("#members") and page.is_hidden("#f-consortium_agreement")
    page.check("#f-consortium")
    assert page.input_value("#f-consortium_members-0-uscc") == leader.uscc
    assert page.get_attribute("#f-consortium_members-0-name", "readonly") is not None
    page.fill("#f-consortium_members-0-share", "主体工程")
    page.click("#member-more")
    assert page.locator("#members > fieldset").count() == 3
    assert page.evaluate("document.activeElement.id") == "f-consortium_members-2-uscc"
    page.locator("#members > fieldset").nth(1).locator("button").click()
    assert page.locator("#members > fieldset").count() == 2 and page.is_hidden("#members > fieldset:nth-child(2) button")
    sound(page)
    desk.fill("9,800,000.00", tmp_path)
    fill(page, 1, "915305007766554419", PARTNER, "导流明渠")  # a wrong check character
    page.click("#go")
    page.wait_for_selector("#errors:not([hidden])")
    first, second = page.locator("#errors li").all_text_contents()
    assert first.startswith("第 2 家：") and second.startswith("联合体投标必须附共同投标协议")
    assert page.get_attribute("#f-consortium_members-1-uscc", "aria-invalid") == "true"
    sound(page)
    fill(page, 1, f" {CODE.lower()} ", PARTNER, "导流明渠")
    agreement = tmp_path / "共同投标协议.pdf"
    agreement.write_bytes(b"%PDF-1.7 signed by both")
    page.set_input_files("#f-consortium_agreement", [str(agreement)])
    page.click("#go")
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)
    stored = [p.read_bytes() for p in (world.platform.settings.data / "objects").rglob("*") if p.is_file()]
    seen = b"".join([*desk.sent, *stored])
    assert not [s for s in (PARTNER, CODE, "导流明渠") if s.encode() in seen or json.dumps(s).strip('"').encode() in seen]
    for name, price in list(PRICES.items())[1:]:
        world.submit(lot, world.bidder(name + "二"), {"price": {"price_fen": price}})
    open_everything(world, lot)
    bid = next(b for b in world.lot(lot).part(Opening).bids.values() if b.name == NAMES[0])
    assert [(m.uscc, m.name, m.share) for m in bid.members] == [(leader.uscc, NAMES[0], "主体工程"), (CODE, PARTNER, "导流明渠")]
    assert [f["name"] for f in bid.envelopes["technical"].files] == ["技术标.bin", "共同投标协议.pdf"]
    assert doubts(world.lot(lot)) == () and not desk.faults
    page.goto(f"{desk.address}/lots/{lot}/opening")
    assert PARTNER in (page.text_content("main") or "") and "牵头人" in (page.text_content("main") or "")
    sound(page)


def test_who_bids_alone_is_asked_nothing(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    page.check("#f-consortium")
    page.uncheck("#f-consortium")
    desk.fill("9,800,000.00", tmp_path)
    page.click("#go")
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)


def test_where_consortia_are_not_accepted_there_are_no_rows(
    browser: Browser, site: Site, world: OpenWorld, leader: BidPlan
) -> None:
    """[B-14]"""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    window = Desk(browser, site, world, leader.actor)
    window.page.goto(f"{site.address}/my/lots/{lot}/bid")
    window.page.wait_for_selector("body[data-ready]")
    assert window.page.locator("#f-consortium").count() == 0 and not window.faults
    window.close()
