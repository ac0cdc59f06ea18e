"""The offices' pages in a real browser: wide and narrow, in each display, without a script, and free of barriers."""
from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.conftest import Serve
from tests.web.frame import PASSWORD
from tests.web.test_decisions import BAN
from tests.web.test_frame_browser import window
from tests.web.test_registry_api import Town
from tests.web.test_treasury_api import ROWS, statement, to_opening
from trading_core.domain.identity import Role
from trading_core.platform import Platform
from web.serve import Site

SIZES = ((1280, "plain"), (360, "plain"), (360, "elder"), (1280, "contrast"))
CHECKED = ("plain", "contrast")  # the narrow elder display differs in sizes only


@pytest.fixture
def town(sqlite_platform: Platform) -> Town:
    return Town(sqlite_platform)


@pytest.fixture
def site(town: Town, serve: Serve) -> Site:
    return serve(town.platform)


def enter(page: Page, site: Site, role: Role) -> None:
    page.goto(f"http://127.0.0.1:{site.port}/login")
    page.fill("#f-login", f"login-{role.value}")
    page.fill("#f-password", PASSWORD)
    page.click("form[aria-label=登录] button")
    page.wait_for_url("**/my")


def check(page: Page, site: Site, path: str, mode: str) -> None:
    page.goto(f"http://127.0.0.1:{site.port}{path}" + ("&" if "?" in path else "?") + f"mode={mode}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    if mode in CHECKED:
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_the_offices_have_no_barriers(browser: Browser, town: Town, site: Site) -> None:
    lot = to_opening(town)
    town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": statement(*ROWS)})
    town.give(lot, "terminate", town.principal, reason="规划调整", legal_basis="BLR 31")
    town.order(Role.SUPERVISOR, "credit/records", BAN)
    second = town.colleague(town.agency, None, town.agency, "SECOND")
    period = {"start": "2026-04-01T00:00:00+08:00", "end": "2026-04-02T00:00:00+08:00"}
    town.order(Role.AGENCY, f"persons/{second.person}/delegations", period)
    pages = {
        Role.CENTRE: ("/my/registry", f"/my/registry/organisations/{town.principal.organisation}", "/my/office/register_organisation",
                      "/my/office/import_credit_list", "/my/treasury", f"/my/treasury/lots/{lot}", f"/en/my/treasury/lots/{lot}",
                      f"/my/office/return_deposit?lot={lot}&number=1"),
        Role.SUPERVISOR: ("/my/registry", "/my/office/enter_credit_record", "/my/office/pause_expert", "/credit", "/en/credit"),
        Role.OPERATOR: ("/my/registry", "/en/my/registry", "/my/office/introduce_witness"),
        Role.AGENCY: (f"/my/registry/persons/{second.person}", f"/my/registry/organisations/{town.agency.organisation}",
                      f"/my/lots/{lot}/attempt"),
    }  # fmt: skip
    faults: list[str] = []
    for role, paths in pages.items():
        page = window(browser, faults)
        enter(page, site, role)
        for width, mode in SIZES:
            page.set_viewport_size({"width": width, "height": 740})
            for path in paths:
                check(page, site, path, mode)
    check(window(browser, faults, 360), site, "/activate", "plain")
    assert faults == []


def test_it_is_done_without_a_script(browser: Browser, town: Town, site: Site) -> None:
    faults: list[str] = []
    page = window(browser, faults, 360, java_script_enabled=False)
    enter(page, site, Role.CENTRE)
    page.goto(f"http://127.0.0.1:{site.port}/my/office/import_experts")
    bad = {"name": "list.csv", "mimeType": "text/csv", "buffer": b"number,pool\nE1,x,y"}
    page.set_input_files("#f-csv", bad)
    page.click("main button.btn-primary")
    assert "没有导入任何内容" in page.inner_text("main")
    assert "第 1 行" in page.inner_text("main")


def test_an_account_is_handed_out_with_two_presses(browser: Browser, town: Town, site: Site) -> None:
    new = town.colleague(town.bidding, None, town.bidding, "NEW-1")
    page = window(browser, [])
    enter(page, site, Role.BIDDER)
    page.goto(f"http://127.0.0.1:{site.port}/my/office/issue_activation?person={new.person}")
    page.click("main button.btn-primary")
    page.click("main button.btn-danger")
    assert "开通码" in page.inner_text("main")
