"""The pages in a real browser: checking on the reader's own device, live parts, narrow windows, no script at all."""
from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import Serve
from tests.web.frame import Reader
from tests.world import TERMS, World, at
from trading_core.domain.identity import ANYONE, Actor
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import log, lots, receipts
from web.app import make_app
from web.serve import Site

PAGES = ("/", "/trades/engineering?state=bidding&q=龙泉", "/verify", "/log/5", "/guide", "/statistics", "/status", "/login", "/open-data",
         "/disclosure", "/en/")  # fmt: skip
NARROW = [(1280, ""), (360, ""), (320, ""), (360, "elder"), (1280, "contrast")]


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


@pytest.fixture
def lot(world: World) -> str:
    found = world.announce(TERMS)
    world.go(at("2026-03-05T10:00"))
    world.give(found, "amend", world.agency, note="工期修改", affects_preparation=False, changes={"duration_days": 240})
    log.move(world.platform)
    log.sign(world.platform, force=True)
    return found


@pytest.fixture
def site(world: World, lot: str, serve: Serve) -> Site:
    return serve(world.platform)


def window(browser: Browser, faults: list[str], width: int = 1280, **options: Any) -> Page:
    """A window that writes down everything the browser complains about."""
    page = browser.new_context(viewport={"width": width, "height": 740}, locale="zh-CN", **options).new_page()
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    return page


def put(page: Page, name: str, content: object) -> str:
    """Choose a file on the page for checking; what the page says of it."""
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    page.set_input_files("#file", {"name": name, "mimeType": "application/json", "buffer": data})
    page.locator("#rs").get_by_text(name, exact=True).wait_for()
    page.locator("#took", has_text="毫秒").wait_for()
    return page.inner_text("#result")


def receipt_of(world: World, lot: str, actor: Actor = ANYONE) -> tuple[dict[str, Any], int]:
    """A receipt for a question, and where its event stands in the log."""
    with world.platform.unit() as unit:
        done = lots.give(unit, lot, Command("ask", actor, {"text": "能否踏勘？"}, unit.now))
        receipt = receipts.receipt(unit, "accepted", done.stored, {"lot": lot})
    log.move(world.platform)
    log.sign(world.platform, force=True)
    with world.platform.look() as unit:
        return dict(receipt), int(unit.store.log_index(done.stored[0].stream, done.stored[0].version) or 0)


def test_receipts_and_proofs_are_checked_on_the_readers_device(browser: Browser, world: World, lot: str, site: Site) -> None:
    faults: list[str] = []
    page = window(browser, faults)
    page.goto(site.address + "/verify")
    receipt, index = receipt_of(world, lot)
    asked: list[str] = []
    page.wait_for_load_state("networkidle")
    page.on("request", lambda r: asked.append(r.method + " " + r.url.removeprefix(site.address)))
    assert "只核对了一部分" in put(page, "收据.json", receipt)  # the signature speaks, the log was not asked
    proof = Reader(make_app(world.platform)).ask(f"/api/v1/log/{index}").json
    whole = {**receipt, "proofs": [proof]}
    assert "全部通过" in put(page, "带证明的收据.json", whole)
    assert "全部通过" in put(page, "证明.json", proof)
    assert "GET /api/v1/keys" in asked and set(asked) <= {"GET /api/v1/keys", "GET /time"}  # nothing about the file left the device
    for name, broken in broken_ones(receipt, proof).items():
        text = put(page, f"{name}.json", broken)
        assert "没有通过" in text and "全部通过" not in text, name
    assert "gongxin verify" in put(page, "A01-项目档案.zip", b"PK\x03\x04....")
    assert not faults


def broken_ones(receipt: dict[str, Any], proof: dict[str, Any]) -> dict[str, Any]:
    """One change each, to everything the checks rest on."""
    entry, note = proof["entry"], proof["checkpoint"]
    return {
        "text": {**receipt, "receipt": receipt["receipt"].replace("accepted", "bid_received")},
        "signature": {**receipt, "signature": "A" * 86 + "=="},
        "key": {**receipt, "key": "somebody.example/receipt"},
        "foreign proof": {**receipt, "proofs": [{**proof, "entry": {**entry, "version": entry["version"] + 1}}]},
        "public part": {**proof, "entry": {**entry, "public": entry["public"].replace("踏勘", "延期")}},
        "leaf": {**proof, "entry": {**entry, "leaf": "0" * 64}},
        "index": {**proof, "entry": {**entry, "index": entry["index"] - 1}},
        "path": {**proof, "proof": proof["proof"][:-1] + ["0" * 64]},
        "short path": {**proof, "proof": proof["proof"][:-1]},
        "size": {**proof, "size": proof["size"] - 1},
        "note": {**proof, "checkpoint": note.replace("gongxin.example", "gongxin.example2")},
        "note's signature": {**proof, "checkpoint": note[:-6] + "AAAA=\n"},
        "nonsense": {"hello": 1},
    }


def test_a_record_is_checked_again_where_it_stands(browser: Browser, site: Site) -> None:
    faults: list[str] = []
    page = window(browser, faults)
    page.goto(site.address + "/log/5")
    page.click("#recheck")
    page.wait_for_selector("#recheck-result .say-ok")
    assert "逐层重算" in page.inner_text("#recheck-result") and not faults


def test_a_lots_page_moves_without_reloading(browser: Browser, world: World, lot: str, site: Site) -> None:
    faults: list[str] = []
    page = window(browser, faults)
    page.goto(f"{site.address}/lots/{lot}")
    page.evaluate("window.first = true")
    receipt_of(world, lot)
    page.get_by_text("能否踏勘？").first.wait_for()
    assert page.evaluate("window.first") and "还有" in page.inner_text("#clock") and not faults


@pytest.mark.parametrize(("width", "mode"), NARROW)
def test_nothing_sticks_out_and_the_browser_has_no_complaint(
    browser: Browser, world: World, lot: str, site: Site, width: int, mode: str
) -> None:
    faults: list[str] = []
    page = window(browser, faults, width)
    if mode:
        page.goto(f"{site.address}/?mode={mode}")
    for path in (*PAGES, f"/lots/{lot}", f"/lots/{lot}/schedule", f"/lots/{lot}/log", f"/en/lots/{lot}"):
        page.goto(site.address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert page.evaluate("document.documentElement.dataset.mode ?? ''") == mode
    assert not faults


def test_everything_public_works_without_a_script(browser: Browser, lot: str, site: Site) -> None:
    page = window(browser, [], 360, java_script_enabled=False)
    page.goto(site.address + "/")
    page.fill("#q", "龙泉河")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="龙泉河堤防整治工程施工（一标段）").click()
    assert "还有" in page.inner_text("#clock")
    page.locator("a.v").first.click()
    assert "公开记录" in page.inner_text("h1")
    page.goto(site.address + "/verify")
    page.fill("#number", "3")
    page.get_by_role("button", name="查记录").click()
    assert "第 3 号公开记录" in page.inner_text("h1")


def test_all_is_reached_by_keyboard_and_focus_is_seen(browser: Browser, site: Site) -> None:
    page = window(browser, [])
    page.goto(site.address + "/login")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.fill("#f-login", "nobody")
    page.fill("#f-password", "wrong password")
    page.keyboard.press("Enter")
    page.wait_for_selector(".errsum")
    assert page.evaluate("document.activeElement.classList.contains('errsum')")  # errors are read first
    assert page.input_value("#f-login") == "nobody" and page.input_value("#f-password") == ""
