"""The treasury through API and pages: statements in, money back, nothing to see before the opening; and tendering anew."""
from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.test_registry_api import Town, codes
from tests.web.test_registry_pages import browser, send, upload
from tests.world import TERMS, at
from trading_core.domain.csvtable import write
from trading_core.domain.identity import Role
from trading_core.domain.statement import TABLE
from trading_core.platform import Platform

NAMES = ("松涧示例建设集团有限公司二部", "云石示例路桥有限公司", "青屿示例水利工程有限公司")
RATE = {"annual_rate": "0.0035"}


@pytest.fixture
def town(sqlite_platform: Platform) -> Town:
    return Town(sqlite_platform)


def statement(*rows: tuple[str, str, str], amount: str = "200000.00") -> str:
    paid = "2026-03-18T10:12:05+08:00"
    cells = ((s, paid, name, f"acc-{s}", amount, reference) for s, name, reference in rows)
    return write(TABLE.columns, [dict(zip(TABLE.columns, c, strict=True)) for c in cells])


ROWS = (*((f"S{n}", name, f"REF{n}") for n, name in enumerate(NAMES, 1)), ("S9", "无人认领示例公司", ""))


def to_deadline(town: Town) -> str:
    lot = town.announce({**TERMS, "deposit_fen": 20_000_000})
    town.go(at("2026-03-02T08:30"))
    for n, name in enumerate(NAMES, 1):
        town.submit(lot, town.bidder(name), {"technical": {"deposit_reference": f"REF{n}"}, "price": {"price_fen": 950_000_000 + n}})
    town.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    return lot


def to_opening(town: Town) -> str:
    lot = to_deadline(town)
    town.give(lot, "start_opening", town.agency)
    town.release(lot, "technical", town.agency, town.supervisor)
    town.go(town.clock.now())
    return lot


def test_nothing_is_seen_before_the_opening(town: Town) -> None:
    """[BL 22] Not the payers, not their number, for nobody, on no way."""
    lot = to_deadline(town)
    for role in (Role.CENTRE, Role.SUPERVISOR, Role.AGENCY, Role.PRINCIPAL):
        seen = town.read(role, f"lots/{lot}/deposits")
        assert seen.status_int == 422 and codes(seen) == {("", "deposit.names_secret")}
        page = browser(town, role).ask(f"/my/treasury/lots/{lot}")
        assert page.status_int == 200 and "开标以前不能查看" in page.text
    refused = town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": statement(*ROWS)})
    assert codes(refused) == {("", "deposit.names_secret")}
    for role in (Role.BIDDER, Role.EXPERT, Role.OPERATOR):
        assert town.read(role, f"lots/{lot}/deposits").status_int == 404
    assert not any(name in browser(town, Role.CENTRE).ask("/my/treasury").text for name in NAMES)


def test_a_statement_comes_in_and_is_matched(town: Town) -> None:
    lot = to_opening(town)
    path = f"lots/{lot}/deposits/statements"
    brought = town.order(Role.CENTRE, path, {"csv": statement(*ROWS)}, "s")
    assert brought.json == {"lot": lot, "held": 4, "known_before": 0, "unmatched": 1}
    assert town.order(Role.CENTRE, path, {"csv": statement(*ROWS)}, "s").json == brought.json
    assert town.order(Role.CENTRE, path, {"csv": statement(*ROWS)}).json["known_before"] == 4
    seen = town.read(Role.CENTRE, f"lots/{lot}/deposits").json
    assert [(d["number"], d["bidder"], d["payer_name"]) for d in seen["deposits"]] == [
        *((n, name, name) for n, name in enumerate(NAMES, 1)), (4, None, "无人认领示例公司")]  # fmt: skip
    assert {c["result"] for c in seen["checks"]} == {"paid"} and seen["balances"]["bank"] == 80_000_000
    for role in (Role.AGENCY, Role.SUPERVISOR):
        assert "payer_name" not in town.read(role, f"lots/{lot}/deposits").json["deposits"][0]
    centre, agency = browser(town, Role.CENTRE), browser(town, Role.AGENCY)
    for prefix in ("", "/en"):
        page = centre.ask(f"{prefix}/my/treasury/lots/{lot}").text
        assert all(name in page for name in NAMES) and "S9" in page
    assert "S9" not in agency.ask(f"/my/treasury/lots/{lot}").text
    assert browser(town, Role.BIDDER).ask(f"/my/treasury/lots/{lot}").status_int == 404


def test_money_goes_back_once_when_it_is_owed(town: Town) -> None:
    lot = to_opening(town)
    town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": statement(*ROWS)})
    early = town.order(Role.CENTRE, f"lots/{lot}/deposits/1/return", RATE)
    assert codes(early) == {("number", "deposit.not_owed_yet")}
    town.give(lot, "terminate", town.principal, reason="规划调整", legal_basis="BLR 31")
    due = town.read(Role.CENTRE, "deposits/due").json["due"]
    assert [(d["lot"], d["number"], d["amount_fen"]) for d in due] == [(lot, n, 20_000_000) for n in range(1, 5)]
    centre = browser(town, Role.CENTRE)
    assert "现在应退" in centre.ask("/my/treasury").text
    path = f"/my/office/return_deposit?lot={lot}&number=1"
    wrong = send(centre, path, {"annual_rate": "percent"})
    assert wrong.status_int == 422 and 'href="#f-annual_rate"' in wrong.text
    asked = send(centre, path, RATE)
    assert "不能撤回" in asked.text
    assert len(town.read(Role.CENTRE, "deposits/due").json["due"]) == 4  # asking moves nothing
    assert send(centre, path, {**RATE, "step": "confirm"}).status_int == 200
    assert codes(town.order(Role.CENTRE, f"lots/{lot}/deposits/2/return", {"annual_rate": "0.5"})) == {("annual_rate", "deposit.rate")}
    assert town.order(Role.CENTRE, f"lots/{lot}/deposits/returns", RATE).json["settled"] == 3
    assert town.order(Role.CENTRE, f"lots/{lot}/deposits/returns", RATE).json["settled"] == 0
    assert town.read(Role.CENTRE, "deposits/due").json["due"] == []
    after = town.read(Role.CENTRE, f"lots/{lot}/deposits").json
    assert {d["state"] for d in after["deposits"]} == {"returned"} and all(d["interest_fen"] > 0 for d in after["deposits"])
    assert codes(town.order(Role.CENTRE, f"lots/{lot}/deposits/9/return", RATE)) == {("number", "deposit.unknown")}


def test_a_deposit_is_kept_only_by_its_hosts_on_a_ground_of_the_record(town: Town) -> None:
    lot = to_opening(town)
    town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": statement(*ROWS)})
    ground = {"ground": "refuses_contract"}
    assert codes(town.order(Role.AGENCY, f"lots/{lot}/deposits/1/forfeiture", ground)) == {("ground", "deposit.no_ground")}
    assert codes(town.order(Role.AGENCY, f"lots/{lot}/deposits/4/forfeiture", ground)) == {("number", "deposit.no_bid")}
    assert town.order(Role.CENTRE, f"lots/{lot}/deposits/1/forfeiture", ground).status_int == 404
    assert codes(town.order(Role.AGENCY, f"lots/{lot}/deposits/1/application", {})) == {("number", "deposit.not_winners")}
    made_up = town.order(Role.AGENCY, f"lots/{lot}/deposits/1/forfeiture", {"ground": "displeasure"})
    assert codes(made_up) == {("ground", "field.not_a_choice")}


def test_a_hostile_statement_is_refused_whole_with_every_fault(town: Town) -> None:
    lot = to_opening(town)
    centre, path = browser(town, Role.CENTRE), f"/my/office/import_statement?lot={lot}"
    rows = ["S1,2026-03-18,x,a,-5,REF1", "S1,2026-03-18T10:12:05+08:00,<b>x</b>,a,0.001,REF1", ",,,,,", "only,three,cells"]
    text = "\n".join([",".join(TABLE.columns), *rows])
    told = upload(centre, path, {}, text.encode())
    assert told.status_int == 422 and "没有导入任何内容" in told.text
    found = {(int(n), c) for n, c in re.findall(r"<b>第 (\d+) 行(?: <code>(\w+)</code>)?", told.text)}
    wanted = {(2, "paid_at"), (2, "amount_yuan"), (3, "amount_yuan"), (4, "bank_serial"), (5, "")}
    assert wanted <= found
    api = town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": text})
    assert {f"row.{n}" + (f".{c}" if c else "") for n, c in wanted} <= {p["path"] for p in api.json["problems"]}
    assert town.read(Role.CENTRE, f"lots/{lot}/deposits").json["deposits"] == []
    assert codes(town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": 5})) == {("csv", "field.not_text")}
    assert codes(town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {})) == {("csv", "field.required")}


def test_no_statement_however_odd_is_more_than_refused(town: Town) -> None:
    lot = to_opening(town)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(max_size=80) | st.lists(st.text(max_size=12), max_size=8).map(lambda c: ",".join(TABLE.columns) + "\n" + ",".join(c)))
    def odd(text: str) -> None:
        answer: Any = town.order(Role.CENTRE, f"lots/{lot}/deposits/statements", {"csv": text.encode("utf-8", "replace").decode()})
        assert answer.status_int in (201, 422), answer.text

    odd()


def test_a_failed_lot_is_tendered_anew_from_its_own_page(town: Town) -> None:
    lot = town.announce(TERMS)
    agency = browser(town, Role.AGENCY)
    said = {"analysis": "规划已确定，调整标段划分"}
    early = send(agency, f"/my/lots/{lot}/attempt", said)
    assert early.status_int in (409, 422)
    town.give(lot, "terminate", town.principal, reason="规划调整", legal_basis="BLR 31")
    assert "help.act" not in agency.ask(f"/my/lots/{lot}/attempt").text
    made = send(agency, f"/my/lots/{lot}/attempt", said)
    new = re.search(r"/my/notices/new\?lot=([\w-]+)", made.text)[1]  # type: ignore[index]
    assert made.status_int == 200 and town.lot(new).previous == lot and town.lot(new).status == "DRAFT"
    assert agency.ask(f"/my/notices/new?lot={new}").status_int == 200
    again = town.order(Role.AGENCY, f"lots/{lot}/attempts", said)
    assert again.status_int == 422 and {p["code"] for p in again.json["problems"]} == {"attempt.created_before"}
    for role in (Role.CENTRE, Role.SUPERVISOR, Role.BIDDER, Role.OPERATOR):
        assert browser(town, role).ask(f"/my/lots/{lot}/attempt").status_int == 404
        assert town.order(role, f"lots/{lot}/attempts", said).status_int == 404
