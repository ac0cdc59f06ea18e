"""The register's pages: from an empty form to an account, without a script, in both languages."""
from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.frame import PASSWORD, Reader
from tests.web.test_registry_api import CODE, Town
from trading_core.domain.identity import Role
from trading_core.domain.uscc import complete_uscc
from trading_core.platform import Platform


@pytest.fixture
def town(sqlite_platform: Platform) -> Town:
    return Town(sqlite_platform)


def browser(town: Town, role: Role) -> Reader:
    found = Reader(town.app)
    assert found.sign_in(f"login-{role.value}").status_int == 303
    return found


def send(page: Reader, path: str, values: dict[str, str], **more: Any) -> Any:
    """A form filled in and sent as its page has it."""
    shown = page.ask(path).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.partition("<main")[2]))
    return page.post(path, {**hidden, **values}, **more)


def test_from_a_licence_to_an_account(town: Town) -> None:
    centre = browser(town, Role.CENTRE)
    assert "登记单位" in centre.ask("/my/registry").text
    wrong = send(centre, "/my/office/register_organisation", {"uscc": "1", "name": "云石示例路桥有限公司", "kinds": "bidder"})
    assert wrong.status_int == 422 and 'href="#f-uscc"' in wrong.text and re.search(r'value="bidder" checked', wrong.text)
    made = send(centre, "/my/office/register_organisation", {"uscc": CODE, "name": "云石示例路桥有限公司", "kinds": "bidder"})
    home = re.search(r"/my/registry/organisations/([0-9a-f]{32})", made.text)[1]  # type: ignore[index]
    entered = send(centre, f"/my/office/register_person?organisation={home}", {
        "full_name": "李一", "phone": "0800-000-0001", "id_type": "other", "id_number": "SAMPLE-77"})  # fmt: skip
    person = re.search(r"/my/registry/persons/([0-9a-f]{32})", entered.text)[1]  # type: ignore[index]
    form = centre.ask(f"/my/office/grant_role?person={person}").text
    assert re.findall(r'type="radio" name="role" value="(\w+)"', form) == ["bidder", "expert"]  # only what may be granted
    assert send(centre, f"/my/office/grant_role?person={person}", {"role": "bidder"}).status_int == 200
    path = f"/my/office/issue_activation?person={person}"
    asked = send(centre, path, {})
    assert "确认" in asked.text and "activation_code" not in asked.text
    told = send(centre, path, {"step": "confirm"})
    assert told.headers["Cache-Control"] == "no-store"
    code = re.search(r"<b>([0-9a-f]{40})</b>", told.text)[1]  # type: ignore[index]
    somebody = Reader(town.app)
    differs = send(somebody, "/activate", {"activation_code": code, "login": "yunshi", "password": PASSWORD, "password_again": "other"})
    assert differs.status_int == 422 and "不一致" in differs.text and PASSWORD not in differs.text
    weak = send(somebody, "/activate", {"activation_code": code, "login": "yunshi", "password": "a", "password_again": "a"})
    assert weak.status_int == 422
    opened = send(somebody, "/activate", {"activation_code": code, "login": "yunshi", "password": PASSWORD, "password_again": PASSWORD})
    assert opened.status_int == 303
    assert somebody.sign_in("yunshi").status_int == 303
    own = somebody.ask(f"/my/registry/organisations/{home}").text
    assert "李一" in own and "登记人员" in own
    assert "这是您本人" in somebody.ask(f"/my/registry/persons/{person}").text
    assert "这是您本人" not in centre.ask(f"/my/registry/persons/{person}").text
    assert "李一" not in centre.ask(f"/my/registry/organisations/{home}").text
    path = f"/my/office/revoke_role?person={person}"
    asked = send(centre, path, {"role": "bidder", "reason": "材料不实"})
    assert "24 小时后失效" in asked.text
    taken = send(centre, path, {"role": "bidder", "reason": "材料不实", "step": "confirm"})
    assert taken.status_int == 200
    for page in ("/my", f"/my/registry/persons/{person}"):
        assert re.search(r"已被收回，将于 .*2026-.*失效.*理由：材料不实", somebody.ask(page).text)
    assert send(centre, f"/my/office/grant_role?person={person}", {"role": "bidder"}).status_int == 200
    assert "已被收回" not in somebody.ask("/my").text


def test_an_odd_code_is_taken_and_shown_to_who_keeps_the_register(town: Town) -> None:
    """[09 §9.8] an abolished division or an old organisation code refuses nothing, but should be looked at."""
    centre = browser(town, Role.CENTRE)
    homes = []
    for uscc in (CODE, complete_uscc("91990000MA6K0ABC2")):
        made = send(centre, "/my/office/register_organisation", {"uscc": uscc, "name": "云石示例路桥有限公司", "kinds": "bidder"})
        homes.append(re.search(r"/my/registry/organisations/[0-9a-f]{32}", made.text)[0])  # type: ignore[index]
    plain, odd = (centre.ask(path).text for path in homes)
    assert "行政区划码“990000”不在现行区划内" in odd and "组织机构代码）的校验位不符" in odd
    assert "行政区划码" not in plain and "校验位" not in plain


def test_a_form_without_its_token_changes_nothing(town: Town) -> None:
    centre = browser(town, Role.CENTRE)
    body = {"uscc": CODE, "name": "云石示例路桥有限公司", "kinds": "bidder", "key": "k"}
    for path in ("/my/office/register_organisation", "/activate", "/my/office/import_experts"):
        assert centre.post(path, body).status_int == 403
    signed, crossing = {**body, "csrf_token": centre.csrf("/my/registry")}, {"Sec-Fetch-Site": "cross-site"}
    assert centre.post("/my/office/register_organisation", signed, **crossing).status_int == 403
    assert town.read(Role.CENTRE, f"organisations?q={CODE}").json["organisations"] == []


def test_pressing_twice_is_one_act(town: Town) -> None:
    centre = browser(town, Role.CENTRE)
    page = centre.ask("/my/office/register_organisation").text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.partition("<main")[2]))
    form = {**hidden, "uscc": CODE, "name": "云石示例路桥有限公司", "kinds": "bidder"}
    first, second = (centre.post("/my/office/register_organisation", form) for _ in range(2))
    found = [re.search(r"/my/registry/organisations/([0-9a-f]{32})", r.text)[1] for r in (first, second)]  # type: ignore[index]
    assert first.status_int == second.status_int == 200 and found[0] == found[1]


def test_what_is_done_leads_on_to_a_page_that_is_there(town: Town) -> None:
    """After an erasure too, when the person is gone; and for those who may not look through the register."""
    second = town.colleague(town.agency, None, town.agency, "SECOND")
    agency, centre = browser(town, Role.AGENCY), browser(town, Role.CENTRE)
    period = {"start": "2026-04-01T00:00", "end": "2026-04-02T00:00"}

    def done(reader: Reader, path: str, values: dict[str, str]) -> None:
        answer = send(reader, path, values)
        places = re.findall(r'href="(/my/registry[^"]*)"', answer.text.partition("<main")[2])
        assert answer.status_int == 200 and places
        assert {place: reader.ask(place).status_int for place in places} == dict.fromkeys(places, 200)

    done(agency, f"/my/office/delegate_role?person={second.person}", period)
    delegation = town.read(Role.AGENCY, f"persons/{second.person}").json["delegations"][0]["delegation"]
    done(agency, f"/my/office/revoke_delegation?delegation={delegation}", {"step": "confirm"})
    done(centre, f"/my/office/erase_person?person={second.person}", {"step": "confirm"})
    assert centre.ask(f"/my/registry/persons/{second.person}").status_int == 404


def test_pages_are_there_for_whom_they_are_meant(town: Town) -> None:
    places = {
        "/my/registry": {Role.CENTRE, Role.OPERATOR, Role.SUPERVISOR}, "/my/treasury": {Role.CENTRE},
        f"/my/registry/organisations/{town.agency.organisation}": {Role.CENTRE, Role.OPERATOR, Role.SUPERVISOR, Role.AGENCY},
        f"/my/registry/persons/{town.agency.person}": {Role.CENTRE, Role.OPERATOR, Role.AGENCY},
    }  # fmt: skip
    readers = {role: browser(town, role) for role in town.readers}
    for path, roles in places.items():
        assert Reader(town.app).ask(path).status_int == 303  # to sign in
        for role, reader in readers.items():
            for prefix in ("", "/en"):
                assert reader.ask(prefix + path).status_int == (200 if role in roles else 404), (prefix + path, role)


def upload(page: Reader, path: str, values: dict[str, str], raw: bytes) -> Any:
    """A form with a chosen file, as a browser sends it."""
    shown = page.ask(path).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.partition("<main")[2]))
    return page.ask(path, "POST", POST={**hidden, **values, "csv": ("list.csv", raw)})


def test_a_hostile_list_of_experts_is_refused_whole_with_every_fault(town: Town) -> None:
    centre, path = browser(town, Role.CENTRE), "/my/office/import_experts"
    head = "number,pool,name,phone,id_type,id_number,specialties,employer_uscc,employer_name,employed_since,ties,punished,remote"
    bad = f"{head}\n-1,court,\x07,x,other,,zz,1,,never,,,maybe\n<script>,bidding\n"
    told = upload(centre, path, {}, bad.encode())
    assert told.status_int == 422 and "<script>" not in told.text.partition("<main")[2]
    found = {(int(line), column) for line, column in re.findall(r"<b>第 (\d+) 行(?: <code>(\w+)</code>)?", told.text)}
    assert {(2, "number"), (2, "pool"), (2, "name"), (2, "remote"), (3, "")} <= found
    gbk = upload(centre, path, {}, f"{head}\nE1,bidding,李一".encode("gb18030"))
    assert gbk.status_int == 422 and "UTF-8" in gbk.text
    for raw in (b"", b"\x00" * 10, b"\xff\xfe", b'"', head.encode()):
        assert upload(centre, path, {}, raw).status_int == 422
    assert town.order(Role.CENTRE, "experts/imports", {"csv": bad}).json["problems"]


def test_lists_come_in_by_their_keepers(town: Town) -> None:
    centre = browser(town, Role.CENTRE)
    expert = ("number,pool,name,phone,id_type,id_number,specialties,employer_uscc,employer_name,employed_since,ties,punished,remote\r\n"
              "E001,bidding,示例一,0800-000-0001,other,SAMPLE-0001,A080101 A0901,,,,,,no\r\n")  # fmt: skip
    assert "新录入（条）" in upload(centre, "/my/office/import_experts", {}, expert.encode("utf-8-sig")).text
    again = town.order(Role.CENTRE, "experts/imports", {"csv": expert})
    assert again.status_int == 422 and all(p["path"].startswith("row.2") for p in again.json["problems"])
    head = "name,uscc,organisation_code,document_number,body,document_date,basis,document_sha256,valid_from,valid_to,trades,effect"
    said = {"list": "dishonest_executed", "source": "https://list.example/2026", "taken_at": "2026-03-01T08:00:00+08:00"}
    brought = town.order(Role.SUPERVISOR, "credit/imports", {**said, "csv": head})
    assert brought.status_int == 201, brought.text
    assert brought.json["entered"] == 0
    rows = town.read(Role.CENTRE, "credit/lists").json["lists"]
    assert next(r for r in rows if r["list"] == "dishonest_executed")["source"] == said["source"]
    assert "https://list.example/2026" in centre.ask("/my/registry").text
    late = town.order(Role.CENTRE, "credit/imports", {**said, "source": "x", "taken_at": "2027-01-01T00:00:00+08:00", "csv": head})
    assert {p["path"] for p in late.json["problems"]} == {"source", "taken_at"}
    form = {"list": "tender_ban", "source": "县局", "taken_at": "2026-03-01T08:00"}
    wrong = upload(centre, "/my/office/import_credit_list", form, b"a,b\n")
    assert wrong.status_int == 422 and "第 1 行" in wrong.text
