"""Decisions about one entity or one expert, through the API and as forms."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.web.test_registry_api import CODE, Town, codes
from tests.web.test_registry_pages import browser, send
from trading_core.domain.identity import Role
from trading_core.platform import Platform

HASH = "ef" * 32
BAN = {"list": "tender_ban", "name": "云石示例路桥有限公司", "uscc": CODE, "document_number": "澜水罚〔2026〕8号", "body": "澜明区水务局",
       "document_date": "2026-02-27", "legal_basis": "招标投标法第五十三条", "document_sha256": HASH, "valid_from": "2026-03-01",
       "valid_to": "2027-02-28"}  # fmt: skip
DECISION = {"document": "澜水监〔2026〕4号", "document_sha256": HASH}
EXPERT = ("number,pool,name,phone,id_type,id_number,specialties,employer_uscc,employer_name,employed_since,ties,punished,remote\n"
          "E001,bidding,示例一,0800-000-0001,other,SAMPLE-0001,A080101 A0901,,,,,,no\n")  # fmt: skip


@pytest.fixture
def town(sqlite_platform: Platform) -> Town:
    return Town(sqlite_platform)


def refusing(town: Town) -> list[str]:
    """The bans that keep the sample company out of engineering tenders."""
    with town.platform.look() as unit:
        asked = {"unit": unit, "uscc": CODE, "trade": "engineering", "mandatory": True, "moment": unit.now}
        return [f.ban for group in town.platform.plugins.hook.gongxin_credit_findings(**asked) for f in group if f.refuses]


def drawable(town: Town) -> list[str]:
    with town.platform.look() as unit:
        asked = {"unit": unit, "specialty": "A08", "excluded_uscc": frozenset(), "moment": unit.now}
        return [c.number for c in town.platform.plugins.hook.gongxin_expert_pool(**asked).candidates]


def test_a_ban_is_entered_and_withdrawn_by_who_decided_it(town: Town) -> None:
    done = town.order(Role.SUPERVISOR, "credit/records", {**BAN, "uscc": CODE.lower()})
    assert done.status_int == 201 and refusing(town) == ["澜水罚〔2026〕8号"]
    assert BAN["name"] in Town.reader(town, Role.CENTRE).ask("/credit").text
    assert town.order(Role.CENTRE, "credit/withdrawals", {**done.json, **DECISION, "reason": "决定被撤销"}).status_int == 404
    assert town.order(Role.SUPERVISOR, "credit/withdrawals", {"case": "0" * 32, **DECISION, "reason": "决定被撤销"}).status_int == 404
    assert town.order(Role.SUPERVISOR, "credit/withdrawals", {**done.json, **DECISION, "reason": "决定被撤销"}).status_int == 201
    assert refusing(town) == [] and BAN["name"] not in Town.reader(town, Role.CENTRE).ask("/credit").text


def test_what_is_wrong_with_a_ban_is_told_at_its_fields(town: Town) -> None:
    wrong = {**BAN, "uscc": CODE[:-1], "document_date": "2027-01-01", "legal_basis": "x", "valid_to": "2026-02-01"}
    assert codes(town.order(Role.SUPERVISOR, "credit/records", wrong)) == {
        ("uscc", "uscc.length"), ("document_date", "credit.document_in_future"), ("legal_basis", "credit.document"),
        ("valid_to", "credit.runs_backwards"),
    }  # fmt: skip
    assert refusing(town) == []


def test_a_ban_entered_by_hand_is_confirmed_first(town: Town) -> None:
    supervisor = browser(town, Role.SUPERVISOR)
    assert "/my/office/enter_credit_record" in supervisor.ask("/my/registry").text
    asked = send(supervisor, "/my/office/enter_credit_record", BAN)
    assert "确认" in asked.text and refusing(town) == []
    told = send(supervisor, "/my/office/enter_credit_record", {**BAN, "step": "confirm"})
    assert told.status_int == 200 and "案号" in told.text and refusing(town) == ["澜水罚〔2026〕8号"]
    assert "/my/office/enter_credit_record" not in browser(town, Role.CENTRE).ask("/my/registry").text


def give(town: Town, role: Role, path: str, **body: Any) -> Any:
    return town.order(role, f"experts/{path}", {"number": "E001", **body})


def test_an_expert_is_paused_barred_and_removed(town: Town) -> None:
    today, later = date(2026, 3, 1).isoformat(), date(2026, 3, 31).isoformat()
    assert town.order(Role.CENTRE, "experts/imports", {"csv": EXPERT}).status_int == 201 and drawable(town) == ["E001"]
    assert codes(give(town, Role.CENTRE, "pauses", cause="investigation")) == {("cause", "expert.reason")}
    assert give(town, Role.CENTRE, "pauses", cause="leave", until=later).status_int == 201 and drawable(town) == []
    assert give(town, Role.CENTRE, "resumptions", cause="back").status_int == 201 and drawable(town) == ["E001"]
    assert give(town, Role.CENTRE, "suspensions", **DECISION, since=today, until=later).status_int == 404
    assert give(town, Role.SUPERVISOR, "suspensions", **DECISION, since=today, until=later).status_int == 201 and drawable(town) == []
    assert give(town, Role.SUPERVISOR, "liftings", **DECISION).status_int == 201 and drawable(town) == ["E001"]
    assert give(town, Role.EXPERT, "pauses", cause="leave").status_int == 404  # not this expert's own number
    assert "/my/office/pause_expert" in browser(town, Role.EXPERT).ask(f"/my/registry/persons/{town.expert.person}").text
    assert give(town, Role.SUPERVISOR, "removals", cause="bribery").status_int == 201 and drawable(town) == []
