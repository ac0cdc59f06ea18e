"""The hall in real browsers: what one does the others see without reloading, also after their connection broke."""
from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Browser, Page

from tests.web.conftest import Serve
from tests.web.test_rooms_desk import Committee5, opened
from tests.web.test_rooms_hall import T, prepared
from tests.web.workbench_world import OpenWorld
from trading_core.domain.identity import Actor
from web.serve import Site


def visit(browser: Browser, site: Site, world: OpenWorld, path: str, actor: Actor | None = None, **options: object) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", **options)  # type: ignore[arg-type]
    if actor is not None:
        context.add_cookies([{"name": "gx", "value": world.tokens(actor).access, "url": site.address}])
    page = context.new_page()
    page.goto(site.address + path)
    page.evaluate("window.first = document.body")  # gone after a reload
    return page


def test_the_public_sees_an_opening_live_and_catches_up_after_a_break(
    browser: Browser, world: OpenWorld, site: Site, serve: Serve
) -> None:
    lot, plans = prepared(world)
    world.go(T + timedelta(seconds=3))
    path = f"/lots/{lot}/opening"
    public, bidder = visit(browser, site, world, path), visit(browser, site, world, path, plans[0].actor)
    assert public.locator("#bid-1").inner_text().count("第 1 份") == 1
    world.give(lot, "start_opening", world.agency)
    world.go(world.clock.now())
    bidder.get_by_role("button", name="开标签到").wait_for()
    bidder.get_by_text("开标现场提出异议").first.click()
    bidder.locator("#f-text").fill("正在写的异议")
    world.release(lot, "technical", world.agency, world.supervisor)
    world.go(world.clock.now())
    public.locator("#hall-list").get_by_text(plans[0].name).wait_for()
    assert "9,800,000.00" not in public.content()
    assert bidder.locator("#f-text").input_value() == "正在写的异议"
    site.close()  # every connection breaks
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    assert "9,800,000.00" not in public.content()
    serve(world.platform, site.port)
    public.locator("#hall-list").get_by_text("9,800,000.00").wait_for()
    bidder.locator("#hall-list").get_by_text("9,800,000.00").wait_for()
    assert bidder.locator("#f-text").input_value() == "正在写的异议"
    said = public.locator("#hall-record li")
    assert said.count() == len(set(said.evaluate_all("all => all.map(e => e.id)")))
    assert all(page.evaluate("window.first === document.body") for page in (public, bidder))


def test_an_objection_is_heard_by_everybody(browser: Browser, world: OpenWorld, site: Site) -> None:
    lot, plans = prepared(world)
    world.go(T + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.go(world.clock.now())
    path = f"/lots/{lot}/opening"
    public, host = visit(browser, site, world, path), visit(browser, site, world, path, world.agency)
    bidder = visit(browser, site, world, path, plans[1].actor)
    bidder.get_by_text("开标现场提出异议").first.click()
    bidder.locator("#f-text").fill("请核对密封情况")
    bidder.get_by_role("button", name="开标现场提出异议").click()
    bidder.get_by_text("已办理").wait_for()
    world.go(world.clock.now())
    public.locator("#hall-objections").get_by_text("请核对密封情况").wait_for()
    host.locator("#f-answer").fill("密封完好。")
    host.get_by_role("button", name="当场答复异议").click()
    host.get_by_text("已办理").wait_for()
    world.go(world.clock.now())
    public.locator("#hall-objections").get_by_text("密封完好。").wait_for()
    assert public.locator("#hall-record").get_attribute("role") == "log"
    assert public.evaluate("window.first === document.body")


def test_locks_of_others_show_at_the_desk_without_reloading(browser: Browser, world: OpenWorld, site: Site) -> None:
    table = Committee5(world, opened(world))
    table.begin()
    table.finish_review()
    world.go(world.clock.now())
    bid = table.bids()[0]
    page = visit(browser, site, world, f"{table.path}?bid={bid}", table.actors[2])
    page.locator("#f-points-plan").fill("21")
    table.lock(1, bid, "27.5", "4")
    world.go(world.clock.now())
    page.locator("#desk-progress").get_by_text("1 / 5 人已锁定").wait_for()
    assert "27.5" not in page.content()
    assert page.locator("#f-points-plan").input_value() == "21"
    page.get_by_text("草稿已保存").wait_for()
    page.reload()
    assert page.locator("#f-points-plan").input_value() == "21"
