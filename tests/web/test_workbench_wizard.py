"""The wizard for notices: filled in without a script, the rules at each step, the nearest lawful date on a button."""
from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import pytest

from tests.web.test_workbench_acts import Browser, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import EVALUATION, TERMS
from trading_core.platform import Platform
from web import notice_form
from web.forms import Form

SCHEDULE = {
    "schedule.issue_start": "2026-03-02T08:30", "schedule.issue_end": "2026-03-09T17:00", "schedule.bid_deadline": "2026-03-20T09:30",
    "estimate_fen": "10,800,000.00", "ceiling_fen": "10,800,000.00", "deposit_fen": "200,000.00", "bid_validity_days": "90",
}  # fmt: skip


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def typed(world: OpenWorld, *names: str) -> dict[str, str]:
    """The values of the example lot as somebody would type them."""
    terms = {**TERMS, "evaluation": EVALUATION}
    fields = [f for f in world.platform.trade("engineering").acts["draft"].fields if f.name in names]
    return dict(Form.of(notice_form.fitted(fields, notice_form.chosen(terms)), terms).values)


def begin(world: OpenWorld, browser: Browser) -> str:
    form = browser.get("/my/notices/new")
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    made = browser.post("/my/notices/new", {**hidden(form), "trade": "engineering", **parties})
    assert made.status_int == 303
    return parse_qs(urlparse(made.location).query)["lot"][0]


def step(browser: Browser, lot: str, name: str, values: dict[str, str], **more: str) -> str:
    """Post a step; where it leads, or the page that came back."""
    path = f"/my/notices/new?lot={lot}&step={name}"
    answer = browser.post(path, {**hidden(browser.get(path)), **values, **(more or {"step": "next"})})
    return parse_qs(urlparse(answer.location).query).get("step", [answer.location])[0] if answer.status_int == 303 else answer.text


PROJECT = ("title", "catalogue_code", "object_kind", "mandatory", "state_funded", "tender_way", "qualification_way", "approval_number",
           "fund_source", "scope", "place", "consortium", "duration_days", "quality", "contact")  # fmt: skip
DOCUMENTS = ("qualification", "envelopes", "evaluation", "committee_size", "tender_documents")


def test_a_notice_from_its_first_step_to_publication(world: OpenWorld) -> None:
    browser = Browser(world, world.agency)
    lot = begin(world, browser)
    wrong = step(browser, lot, "project", {"title": "龙泉河堤防整治工程施工（一标段）"})
    assert "errsum" in wrong and "f-fund_source" in wrong and "f-schedule" not in wrong
    assert step(browser, lot, "project", typed(world, *PROJECT)) == "documents"
    assert step(browser, lot, "documents", typed(world, *DOCUMENTS)) == "schedule"
    refused = step(browser, lot, "schedule", SCHEDULE)
    repair = re.search(r'name="repair" value="(bid_deadline=[^"]+)"', refused)
    assert repair and repair[1] == "bid_deadline=2026-03-23T09:30" and "E-T03" in refused  # 20 days end on a Sunday [T-09]
    mended = step(browser, lot, "schedule", SCHEDULE, repair=repair[1])
    assert 'value="2026-03-23T09:30"' in mended and "rule-bad" not in mended and 'role="img"' in mended
    assert step(browser, lot, "schedule", {**SCHEDULE, "schedule.bid_deadline": "2026-03-23T09:30"}) == "fairness"
    assert step(browser, lot, "fairness", {f"fair_competition_check.FC-{n:02}": "yes" for n in (*range(1, 17), 18)}) == "preview"
    assert world.lot(lot).terms["fair_competition_check"]["FC-03"] == "yes"  # type: ignore[index]
    assert step(browser, lot, "preview", {"responsible_person": "张工"}).endswith(f"/my/lots/{lot}")
    assert "acts/publish" not in browser.get("/my").text + browser.get(f"/my/lots/{lot}").text
    other = Browser(world, world.principal)
    assert f"/my/lots/{lot}/acts/publish" in other.get("/my").text
    form = other.get(f"/my/lots/{lot}/acts/publish")
    asked = other.post(f"/my/lots/{lot}/acts/publish", hidden(form))
    other.post(f"/my/lots/{lot}/acts/publish", hidden(asked), step="confirm")
    assert world.lot(lot).status == "ANNOUNCED"


def test_a_draft_is_kept_though_rules_are_broken(world: OpenWorld) -> None:
    browser = Browser(world, world.agency)
    lot = begin(world, browser)
    kept = step(browser, lot, "schedule", SCHEDULE, step="save")
    assert "rule-bad" in kept and world.lot(lot).schedule["bid_deadline"]
    preview = browser.get(f"/my/notices/new?lot={lot}&step=preview").text
    assert "disabled" in preview and "period.too_short" not in preview


def test_an_open_point_of_the_check_asks_for_a_reason(world: OpenWorld) -> None:
    browser = Browser(world, world.agency)
    lot = begin(world, browser)
    answers = {**{f"fair_competition_check.FC-{n:02}": "yes" for n in (*range(1, 17), 18)}, "fair_competition_check.FC-03": "no"}
    assert "FCR16" in step(browser, lot, "fairness", answers)
    assert step(browser, lot, "fairness", {**answers, "fair_competition_reason": "法规另有规定"}) == "preview"


def test_a_draft_is_nobody_elses(world: OpenWorld) -> None:
    lot = begin(world, Browser(world, world.agency))
    other = world.bidder("松涧示例建设集团有限公司").actor
    assert Browser(world, other).get("/my/notices/new").status_int == 404
    assert Browser(world, world.centre).get(f"/my/notices/new?lot={lot}").status_int == 404
    assert Browser(world, world.principal).get(f"/my/notices/new?lot={lot}").status_int == 200
    assert world.ask("GET", f"/my/notices/new?lot={lot}").status_int == 303
