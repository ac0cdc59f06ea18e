"""Trustees in a real browser: key file, rehearsal, handing in; and the parts of a draw."""
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.web.test_workbench_bid import PRICES, Desk
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.domain.identity import Actor
from trading_core.domain.stages.draws import Draws
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.trustees import Trustees, stage_names
from trading_core.services import lots
from web.serve import Site

PASSPHRASE = "一个足够长的口令，十二字以上"


def publish(world: OpenWorld) -> str:
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    with world.platform.unit() as unit:
        lot = lots.create(unit, world.agency, "engineering", parties).lot.id
    world.give(lot, "draft", world.agency, **TERMS)
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    world.give(lot, "publish", world.principal)
    return lot


def save(page: Page, button: str, target: Path) -> None:
    with page.expect_download() as got:
        page.click(button)
    got.value.save_as(target)


def make_and_rehearse(desk: Desk, address: str, file: Path) -> None:
    page = desk.page
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    page.fill("#new-passphrase", PASSPHRASE)
    page.fill("#new-again", PASSPHRASE)
    save(page, "#create", file)
    page.click("#rehearse")
    page.wait_for_selector("#said:has-text('全部阶段都已登记并演练')", timeout=30_000)


def hand_in(desk: Desk, address: str, file: Path, stages: tuple[str, ...]) -> None:
    page = desk.page
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    page.set_input_files("#key-file", [str(file)])
    page.fill("#passphrase", PASSPHRASE)
    page.click("#load")
    page.wait_for_selector("body[data-loaded]", timeout=30_000)
    for stage in stages:
        page.click(f"[data-stage={stage}]")
        page.click("#handing-in button[value=yes]")
        page.wait_for_selector(f"#mine-{stage}:has-text('已交出')")


def test_trustees_open_what_was_sealed_to_their_browsers(
    browser: Browser, site: Site, world: OpenWorld, tmp_path: Path
) -> None:
    lot = publish(world)
    address = f"{site.address}/my/lots/{lot}/keys"
    trustees: Mapping[str, Actor] = {"host": world.agency, "centre": world.centre, "supervisor": world.supervisor}
    for name, actor in trustees.items():
        desk = Desk(browser, site, world, actor)
        make_and_rehearse(desk, address, tmp_path / name)
        assert not desk.faults and not [s for s in desk.sent if b"private_key" in s]
        desk.close()
    found = world.lot(lot)
    assert found.part(Trustees).ready(stage_names(found))
    world.go(at("2026-03-02T08:30"))
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    for name, price in PRICES.items():
        world.submit(lot, world.bidder(name), {"technical": {"project_leader": "李某"}, "price": {"price_fen": price}})
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    for name in ("centre", "supervisor"):
        desk = Desk(browser, site, world, trustees[name])
        hand_in(desk, address, tmp_path / name, ("technical", "price"))
        desk.close()
    world.go(world.clock.now())
    assert {b.name: b.form["price_fen"] for b in world.lot(lot).part(Opening).valid()} == PRICES


def test_a_wrong_passphrase_and_another_key_file_are_told(
    browser: Browser, site: Site, world: OpenWorld, tmp_path: Path
) -> None:
    lot = publish(world)
    desk = Desk(browser, site, world, world.centre, 360)
    make_and_rehearse(desk, f"{site.address}/my/lots/{lot}/keys", tmp_path / "centre")
    page = desk.page
    page.set_input_files("#key-file", [str(tmp_path / "centre")])
    page.fill("#passphrase", "wrong wrong wrong")
    page.click("#load")
    page.wait_for_selector("#faults:not([hidden])", timeout=30_000)
    desk.close()
    desk = Desk(browser, site, world, world.supervisor)
    page = desk.page
    page.goto(f"{site.address}/my/lots/{lot}/keys")
    page.wait_for_selector("body[data-ready]")
    page.set_input_files("#key-file", [str(tmp_path / "centre")])
    page.fill("#passphrase", PASSPHRASE)
    page.click("#load")
    page.wait_for_selector("#faults-list:has-text('centre')", timeout=30_000)
    desk.close()


def test_a_part_is_promised_now_and_handed_in_later(browser: Browser, site: Site, world: OpenWorld, tmp_path: Path) -> None:
    lot = world.announce(TERMS, promised=False)
    world.go(at("2026-03-02T08:30"))
    desk = Desk(browser, site, world, world.agency)
    page, address = desk.page, f"{site.address}/my/lots/{lot}/draws"
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    save(page, "#commit-parameter", tmp_path / "part.json")
    page.wait_for_selector("#mine-parameter:has-text('已承诺')")
    part = json.loads((tmp_path / "part.json").read_text())["part"]
    assert not [s for s in desk.sent if part.encode() in s]
    world.commit_draw(lot, "parameter", world.supervisor, world.centre)
    for name, price in PRICES.items():
        world.submit(lot, world.bidder(name), {"technical": {"project_leader": "李某"}, "price": {"price_fen": price}})
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    for stage in ("technical", "price"):
        world.release(lot, stage, world.centre, world.supervisor)
    world.go(world.clock.now())
    world.hand_in(lot, "parameter", world.supervisor)
    desk.sign_in(world.agency)
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    page.click("#hand-in-parameter")
    page.click("#handing-in button[value=yes]")
    page.wait_for_selector("#mine-parameter:has-text('已交出')")
    draw = world.lot(lot).part(Draws).by_name["parameter"]
    assert draw.drawn and draw.value and draw.parts["host"] == part and not desk.faults
    desk.close()


def test_nobody_else_finds_these_pages(world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    bidder = world.bidder("松涧示例建设集团有限公司").actor
    for page in ("keys", "draws"):
        assert world.ask("GET", f"/my/lots/{lot}/{page}", bidder).status_int == 404
        assert world.ask("GET", f"/my/lots/{lot}/{page}", world.principal).status_int == 404
        assert world.ask("GET", f"/my/lots/{lot}/{page}").status_int == 303
