"""A bid sealed in a real browser: what leaves it, what it keeps, and that the platform opens it to the same bytes."""
from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.domain.identity import Actor
from trading_core.domain.money import daxie
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.tender.opening import Opening
from trading_core.services import lots, opening
from web.serve import Site

PRICES = {"松涧示例建设集团有限公司": 980_000_000, "云石示例路桥有限公司": 950_000_000, "青屿示例水利工程有限公司": 1_000_000_000}
NAMES = tuple(PRICES)
LETTER = {
    "duration_days": "200", "quality": "合格", "project_leader": "王工", "project_leader_certificate": "滇 1530001",
    "qualification_response": "水利水电工程施工总承包三级。",
}  # fmt: skip
BIG = hashlib.sha256(b"a bid").digest() * (300 << 10)  # 9.4 MiB: more than one piece


class Desk:
    """One person's browser window, everything it sends written down."""

    def __init__(self, browser: Browser, site: Site, world: OpenWorld, actor: Actor, width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True, locale="zh-CN")
        self.world, self.address = world, site.address
        self.sign_in(actor)
        self.page: Page = self.context.new_page()
        self.sent: list[bytes] = []
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.context.on("request", lambda r: self.sent.append((r.url + " ").encode() + (r.post_data_buffer or b"")))

    def sign_in(self, actor: Actor) -> None:
        self.context.add_cookies([{"name": "gx", "value": self.world.tokens(actor).access, "url": self.address}])

    def fill(self, price: str, tmp_path: Path) -> None:
        big, small = tmp_path / "技术标.bin", tmp_path / "报价.txt"
        big.write_bytes(BIG)
        small.write_text(f"报价 {price}")
        page = self.page
        page.set_input_files("#files-technical", [str(big)])
        page.set_input_files("#files-price", [str(small)])
        for name, value in (*LETTER.items(), ("price_fen", price)):
            page.fill(f"#f-{name}", value)
        page.check("[name=deposit_way][value=guarantee]")

    def close(self) -> None:
        self.context.close()


def test_a_bid_sealed_in_the_browser_opens_to_the_same_bytes(browser: Browser, site: Site, world: OpenWorld, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder(NAMES[0])
    desk = Desk(browser, site, world, plan.actor)
    page = desk.page
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    assert page.is_visible("#state-no") and not page.is_visible("#state-yes") and page.title().startswith("未递交")
    desk.fill("9,800,000.00", tmp_path)
    assert page.text_content("#f-price_fen-d") == daxie(980_000_000)
    page.click("#go")
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)
    assert page.title().startswith("已递交") and not page.is_visible("#state-no")
    stored = [p.read_bytes() for p in (world.platform.settings.data / "objects").rglob("*") if p.is_file()]
    seen, said = b"".join([*desk.sent, *stored]), (NAMES[0], "980000000", "9,800,000", "王工", plan.uscc)
    assert len(seen) > len(BIG) and not [s for s in said if s.encode() in seen or json.dumps(s).strip('"').encode() in seen]
    kept = downloaded(page, "#download")
    assert kept["identity"]["uscc"] == plan.uscc and len(kept["secret"]) == 64
    assert set(downloaded(page, "#download-receipt")) == {"receipt", "signature", "key"}
    page.reload()
    page.wait_for_selector("#state-yes:not([hidden])")
    for name, price in zip(NAMES[1:], (950_000_000, 1_000_000_000), strict=True):
        world.submit(lot, world.bidder(name), {"technical": {"project_leader": "李某"}, "price": {"price_fen": price}})
    open_everything(world, lot)
    bid = next(b for b in world.lot(lot).part(Opening).bids.values() if b.name == NAMES[0])
    said = {**LETTER, "duration_days": 200, "deposit_way": "guarantee", "price_fen": 980_000_000, "words": daxie(980_000_000)}
    assert bid.form == said
    file = bid.envelopes["technical"].files[0]
    with world.platform.look() as unit:
        found = b"".join(opening.document(unit, lots.find(unit, lot), bid.bid, "technical", str(file["sha256"])))
    assert found == BIG and file["name"] == "技术标.bin"
    assert not desk.faults
    desk.close()


def open_everything(world: OpenWorld, lot: str) -> None:
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    for stage in ("technical", "price"):
        world.release(lot, stage, world.agency, world.supervisor)
    world.go(world.clock.now())


def downloaded(page: Page, button: str) -> Any:
    with page.expect_download() as got:
        page.click(button)
    return json.loads(Path(got.value.path()).read_text("utf-8"))


def test_a_broken_line_is_waited_out_and_a_reload_goes_on(browser: Browser, site: Site, world: OpenWorld, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder(NAMES[0])
    desk = Desk(browser, site, world, plan.actor, 360)
    page, pieces = desk.page, list[str]()
    page.on("request", lambda r: pieces.append(r.url) if "/pieces/" in r.url and r.method == "PUT" else None)
    desk.context.route("**/pieces/1*", lambda route: route.abort())
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    desk.fill("9,800,000.00", tmp_path)
    page.click("#go")
    page.wait_for_selector("#lamp.lamp-off", timeout=60_000)
    assert page.is_visible("#state-no") and page.title().startswith("未递交")
    page.screenshot(path=str(tmp_path / "uploading-360.png"), full_page=True)
    desk.context.unroute("**/pieces/1*")
    page.on("dialog", lambda d: d.accept())
    page.reload()
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)
    assert len([u for u in pieces if "/pieces/0" in u]) == 2  # one for each envelope: nothing was sent twice
    desk.close()


def test_a_bid_is_replaced_and_withdrawn_with_its_receipt(browser: Browser, site: Site, world: OpenWorld, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder(NAMES[0])
    desk = Desk(browser, site, world, plan.actor)
    page = desk.page
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    desk.fill("9,800,000.00", tmp_path)
    page.click("#go")
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)
    file = tmp_path / "bid.json"
    file.write_text(json.dumps(downloaded(page, "#download")), "utf-8")
    assert page.is_hidden("#outdated")
    desk.close()
    world.give(lot, "amend", world.agency, note="图纸更换", affects_preparation=False)
    desk = Desk(browser, site, world, plan.actor)  # another computer
    page, commands = desk.page, list[str]()
    page.on("request", lambda r: commands.append(r.headers["idempotency-key"]) if "/acts/" in r.url else None)
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    assert page.is_visible("#state-no")
    page.set_input_files("#load", [str(file)])
    page.wait_for_selector("#state-yes:not([hidden])")
    assert page.is_visible("#outdated")  # made before the amendment
    page.click("#replace")
    desk.fill("9,700,000.00", tmp_path)
    page.click("#go")
    page.wait_for_selector("#yes-what:has-text('第 2 版')", timeout=60_000)
    assert page.is_hidden("#outdated")
    second = downloaded(page, "#download")
    page.click("#withdraw")
    page.click("#withdraw-yes")
    page.wait_for_selector("#state-no:not([hidden])")
    assert page.title().startswith("未递交") and "已撤回" in (page.text_content("#no-what") or "")
    assert len(set(commands)) == 2 and not any(second["bid"] in c for c in commands)  # they would tie the bid to who is signed in
    desk.close()
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    assert world.lot(lot).status == "FAILED" and not world.lot(lot).part(Closing).bids


def test_who_has_withdrawn_may_bid_again(browser: Browser, site: Site, world: OpenWorld, tmp_path: Path) -> None:
    """[02 §2.11 (6)] On the same page, by a button, until the deadline."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    desk = Desk(browser, site, world, world.bidder(NAMES[0]).actor)
    page = desk.page
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    assert page.is_hidden("#anew")
    desk.fill("9,800,000.00", tmp_path)
    page.click("#go")
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)
    first = downloaded(page, "#download")
    page.click("#withdraw")
    page.click("#withdraw-yes")
    page.wait_for_selector("#anew:not([hidden])")
    assert page.input_value("#f-price_fen") == "" and page.is_hidden("#receipt")
    page.click("#anew")
    desk.fill("9,600,000.00", tmp_path)
    page.click("#go")
    page.wait_for_selector("#state-yes:not([hidden])", timeout=60_000)
    assert downloaded(page, "#download")["bid"] != first["bid"]
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    assert len(world.lot(lot).part(Closing).bids) == 1 and not desk.faults
    desk.close()


def test_a_late_bid_is_refused_with_a_receipt(browser: Browser, site: Site, world: OpenWorld, tmp_path: Path) -> None:
    """[B-02]"""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    world.go(at("2026-03-23T09:29"))
    desk = Desk(browser, site, world, world.bidder(NAMES[0]).actor)
    page = desk.page
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("#warning:not([hidden])")
    assert "15 分钟" in (page.text_content("#warning") or "")
    desk.fill("9,800,000.00", tmp_path)
    world.clock.move_to(at("2026-03-23T09:30"))
    page.click("#go")
    page.wait_for_selector("#refusal:not([hidden])", timeout=60_000)
    assert page.is_visible("#state-no") and page.is_visible("#refusal-receipt")
    assert json.loads(downloaded(page, "#refusal-receipt")["receipt"])["kind"] == "bid_refused"
    desk.close()


def test_faults_are_told_together_and_amounts_in_words(browser: Browser, site: Site, world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    desk = Desk(browser, site, world, world.bidder(NAMES[0]).actor)
    page = desk.page
    page.goto(f"{site.address}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    page.click("#go")
    assert page.locator("#errors li").count() == 9
    for fen in (1, 10, 101, 100_010, 10_700_000_004, 100_000_000_000_000, 980_000_000, 1_000_100_010_001):
        page.fill("#f-price_fen", f"{fen // 100}.{fen % 100:02}")
        assert page.text_content("#f-price_fen-d") == daxie(fen)
    page.fill("#f-price_fen", "980.00")
    assert "万元" in (page.text_content("[data-check=price]") or "")
    assert not [u for u in desk.sent if b"/uploads" in u]
    desk.close()
