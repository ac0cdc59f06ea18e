"""The agency's part before bids: the notice from its draft to its publication, and answers to questions."""
from __future__ import annotations

from collections.abc import Mapping

from .play import TITLE, Play, fill
from .stage import Window

PROJECT: Mapping[str, str] = {
    "title": TITLE, "catalogue_code": "A02", "object_kind": "works", "mandatory": "yes", "state_funded": "yes", "tender_way": "open",
    "qualification_way": "post", "approval_number": "澜发改审〔2026〕8 号", "fund_source": "财政资金 100 %", "scope": "堤防加固 2.4 公里",
    "place": "澜明区龙泉河", "consortium": "no", "duration_days": "210", "quality": "合格",
    "contact.name": "云栖示例招标代理有限公司", "contact.person": "李工",
    "contact.phone": "0800-000-0000", "supervisor_contact": "澜明区水务局工程科 0800-000-0002",
}  # fmt: skip
EVALUATION: Mapping[str, str] = {
    "qualification": "水利水电工程施工总承包三级及以上", "evaluation.price.params.full_score": "60",
    "evaluation.price.params.e_high": "1.0", "evaluation.price.params.e_low": "0.5", "evaluation.price.drawn.parameter": "k",
    "evaluation.price.drawn.candidates": "0.02\n0.025\n0.03\n0.035", "evaluation.tie_rules.0": "higher_technical",
}  # fmt: skip
ITEMS = (
    {"title": "总体部署", "group": "technical", "kind": "subjective", "points_min": "0", "points_max": "34", "points_step": "0.5"},
    {"title": "类似项目业绩", "group": "commercial", "kind": "objective", "points_min": "0", "points_max": "6", "points_step": "2"},
)
SCHEDULE: Mapping[str, str] = {
    "schedule.issue_start": "2026-03-02T08:30", "schedule.issue_end": "2026-03-09T17:00", "schedule.bid_deadline": "2026-03-20T09:30",
    "estimate_fen": "10,800,000.00", "ceiling_fen": "10,800,000.00", "deposit_fen": "0.00", "bid_validity_days": "90",
}  # fmt: skip


def announce(play: Play) -> None:
    agency = play.window("agency")
    agency.open("/my")
    agency.look("workbench-empty")
    agency.follow("新建公告")
    agency.look("notice-begin")
    agency.page.select_option("#f-trade", "engineering")
    for party, name in (("principal", "principal"), ("supervisor", "supervisor"), ("centre", "centre")):
        agency.page.select_option(f"#f-{party}", label=play.cast[name].name)
    agency.page.click("main form .btn-primary")
    agency.page.wait_for_url("**step=project")
    play.lot = agency.page.url.partition("lot=")[2].partition("&")[0]
    _project(agency)
    _documents(play, agency)
    _schedule(agency)
    _fairness(agency)
    _publish(play, agency)


def _next(window: Window, step: str) -> None:
    window.press("保存并下一步")
    window.page.wait_for_url(f"**step={step}")


def _project(agency: Window) -> None:
    with agency.refusal():
        agency.press("保存并下一步")
    agency.look("notice-project-errors")
    fill(agency, PROJECT)
    _next(agency, "documents")


def _documents(play: Play, agency: Window) -> None:
    agency.look("notice-documents")
    fill(agency, {**EVALUATION, **{f"evaluation.items.0.{k}": v for k, v in ITEMS[0].items()}})
    agency.press("再加一项：评分项")
    fill(agency, {f"evaluation.items.1.{k}": v for k, v in ITEMS[1].items()})
    fill(agency, {"tender_documents.upload": [play.file("招标文件.pdf")]})
    _next(agency, "schedule")


def _schedule(agency: Window) -> None:
    """The deadline is one working day too early: the page says so, and a button sets the nearest lawful date [E-T03]."""
    fill(agency, SCHEDULE)
    with agency.refusal():
        agency.press("保存并下一步")
    agency.look("notice-schedule-errors")
    agency.page.click("button[name=repair]")
    agency.page.wait_for_selector(".rule-bad", state="detached")
    agency.look("notice-schedule")
    _next(agency, "fairness")


def _fairness(agency: Window) -> None:
    agency.look("notice-fairness")
    for answer in agency.page.locator('input[type=radio][value="yes"]').all():
        answer.check()
    _next(agency, "preview")


def _publish(play: Play, agency: Window) -> None:
    agency.look("notice-preview")
    fill(agency, {"responsible_person": "张工"})
    agency.page.click("main form .btn-primary")
    agency.page.wait_for_url("**/my/lots/*")
    agency.look("notice-submitted")
    play.give(play.window("principal"), "publish", "publish")
