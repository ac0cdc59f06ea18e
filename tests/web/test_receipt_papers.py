"""A bid's receipt on paper: what it says, who gets it, and that nothing of it stays behind."""
from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from webob import Response

from tests.pdf.seals import validate
from tests.web.frame import Reader
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, BidPlan, at, submit
from trading_core.domain.errors import Refused
from trading_core.domain.leaves import canonical
from trading_core.domain.trade import Command
from trading_core.services import log, lots, receipts
from web.app import make_app
from web.limits import RECEIPT_COMMANDS
from web.serve import Site

PRINTER = "/api/v1/receipts/paper"
NAME = "云石示例路桥有限公司"


@pytest.fixture
def lot(world: OpenWorld) -> str:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    return lot


def said(receipt: Mapping[str, Any]) -> dict[str, Any]:
    return dict(json.loads(receipt["receipt"]))


def asked(world: OpenWorld, receipt: object, **more: object) -> Response:
    return world.call(PRINTER, None, {"receipt": receipt, **more})


def words(pdf: bytes, tmp_path: Path) -> str:
    """The text of a paper without its line breaks."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-raw", str(file), "-"], check=True, capture_output=True, text=True).stdout
    return re.sub(r"\s+", "", text)


def who(plan: BidPlan) -> dict[str, str]:
    return {"name": plan.name, "uscc": plan.uscc, "salt": plan.salt.hex()}


def withdrawn(world: OpenWorld, lot: str, plan: BidPlan) -> Mapping[str, Any]:
    command = Command("withdraw_bid", plan.actor, {"bid": plan.number, "secret": plan.secret}, world.clock.now())
    return submit(world.platform, lot, command)


def refused(world: OpenWorld, lot: str, plan: BidPlan) -> Mapping[str, Any]:
    """The receipt of a bid that comes at the deadline."""
    data = world.submission(lot, plan, {})
    world.clock.move_to(at("2026-03-23T09:30"))
    with pytest.raises(Refused) as late:
        submit(world.platform, lot, Command("submit_bid", plan.actor, data, world.clock.now()))
    return late.value.receipt  # type: ignore[attr-defined, no-any-return]


# ------------------------------------------------------------------ what it says

def test_a_received_bid_on_paper(world: OpenWorld, lot: str, tmp_path: Path) -> None:
    """[B-04, BLR 36]"""
    plan = world.bidder(NAME)
    receipt = world.submit(lot, plan, {})
    answer = asked(world, receipt)
    assert answer.status_int == 200 and answer.content_type == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
    number = f"R-{said(receipt)['events'][0]['leaf'][:12].upper()}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
    text, private = words(answer.body, tmp_path), json.loads(said(receipt)["private"])
    assert "已递交：投标文件已经接收" in text and "未递交" not in text and "密封完好" not in text
    for fact in (number, lot, plan.number, private["commitment"], "2026-03-0208:30:00.000", "2026年3月23日（周一）09:30"):
        assert fact in text, fact
    assert all(e["object"] in text and f"{e['size']:,}" in text for e in private["envelopes"])
    assert hashlib.sha256(receipt["receipt"].encode()).hexdigest() in text
    assert NAME not in text and plan.uscc not in text and plan.salt.hex() not in text
    found = validate(answer.body, [world.platform.printing.certificates.root_pem()], world.clock.now())
    assert found and all(s.valid for s in found)


def test_it_reads_the_same_however_often_it_is_printed(world: OpenWorld, lot: str) -> None:
    """Also when the lot has gone on, and the bid is no longer the one that counts."""
    plan = world.bidder(NAME)
    receipt = world.submit(lot, plan, {})
    log.move(world.platform)
    first = data_of(asked(world, receipt).body)
    world.go(at("2026-03-05T10:00"))
    withdrawn(world, lot, plan)
    assert data_of(asked(world, receipt).body) == first and first["data"]["log_index"] is not None


def data_of(pdf: bytes) -> Any:
    return json.loads(PdfReader(io.BytesIO(pdf)).attachments["data.json"][0])


def test_a_replaced_and_a_withdrawn_bid_on_paper(world: OpenWorld, lot: str, tmp_path: Path) -> None:
    """[B-01]"""
    plan, second = world.bidder(NAME), world.bidder("松涧示例建设集团有限公司")
    world.submit(lot, plan, {})
    replaced = world.submit(lot, second, {}, replaces=plan.number, replaces_secret=plan.secret)
    assert "已递交：投标文件已经替换" in words(asked(world, replaced).body, tmp_path)
    answer = asked(world, withdrawn(world, lot, second), bidder=who(second))
    text = words(answer.body, tmp_path)
    assert "已撤回：此前递交的投标文件不再参加开标" in text and second.number in text and second.name in text


def test_a_late_bid_on_paper(world: OpenWorld, lot: str, tmp_path: Path) -> None:
    """[B-02]"""
    plan = world.bidder(NAME)
    answer = asked(world, refused(world, lot, plan), bidder=who(plan))
    text = words(answer.body, tmp_path)
    assert answer.status_int == 200 and "未递交：平台没有接收投标文件" in text and "已递交" not in text
    for fact in (lot, plan.number, NAME, "2026-03-2309:30:00.000", "逾期送达的投标文件应当拒收"):
        assert fact in text, fact


def test_a_name_is_printed_only_if_the_bid_was_committed_to_it(world: OpenWorld, lot: str, tmp_path: Path) -> None:
    plan, other = world.bidder(NAME), world.bidder("松涧示例建设集团有限公司")
    receipt = world.submit(lot, plan, {})
    assert NAME in words(asked(world, receipt, bidder=who(plan)).body, tmp_path)
    for wrong in (who(other), {**who(plan), "name": "青屿示例水利工程有限公司"}, {**who(plan), "salt": "0" * 64}):
        answer = asked(world, receipt, bidder=wrong)
        assert answer.status_int == 422 and answer.json["code"] == "receipt.other_bidder" and wrong["name"] not in answer.text


# ------------------------------------------------------------------ who gets it

def test_what_we_have_not_signed_is_refused(world: OpenWorld, lot: str) -> None:
    plan = world.bidder(NAME)
    receipt = dict(world.submit(lot, plan, {}))
    body = said(receipt)
    forged = canonical({**body, "received_at": "2026-03-01T00:00:00.000000Z"})
    flipped = base64.b64encode(bytes([base64.b64decode(receipt["signature"])[0] ^ 1]) + base64.b64decode(receipt["signature"])[1:]).decode()
    log_key = world.platform.keys.log
    by_another = base64.b64encode(log_key.sign(receipt["receipt"].encode())).decode()
    for wrong in (
        {**receipt, "receipt": forged}, {**receipt, "signature": flipped}, {**receipt, "signature": by_another},
        {**receipt, "signature": "no base64"}, {**receipt, "key": "somebody.example/receipt"},
    ):  # fmt: skip
        answer = asked(world, wrong)
        assert (answer.status_int, answer.json["code"]) == (422, "receipt.not_ours")
    for broken in ({}, {"receipt": "x"}, {**receipt, "proofs": []}, receipt["receipt"], None):
        assert asked(world, broken).json["code"].startswith("field.")
    assert world.ask("POST", PRINTER, None, b"{", content_type="application/json").json["code"] == "request.unreadable"
    assert asked(world, {**receipt, "receipt": "x" * 70_000}).json["code"] == "request.too_large"


def test_signed_but_no_receipt_of_a_bid_on_record(world: OpenWorld, lot: str) -> None:
    plan = world.bidder(NAME)
    body = said(world.submit(lot, plan, {}))
    with world.platform.unit() as unit:
        done = lots.give(unit, lot, Command("ask", plan.actor, {"text": "能否踏勘？"}, unit.now))
        accepted = receipts.receipt(unit, "accepted", done.stored, {"lot": lot})
        statement = receipts.signed(unit, {**body, "format": "gongxin-manifest-v1"})
        elsewhere = receipts.signed(unit, {**body, "origin": "elsewhere.example/log"})
        lost = receipts.signed(unit, {**body, "events": [{**body["events"][0], "leaf": "0" * 64}]})
        public = receipts.signed(unit, {**body, "events": said(accepted)["events"]})
    codes = [asked(world, r).json["code"] for r in (accepted, statement, elsewhere, lost, public)]
    assert codes == ["receipt.no_paper", "receipt.not_ours", "receipt.not_ours", "receipt.not_on_record", "receipt.not_on_record"]


def test_a_browser_that_is_signed_in_shows_its_token(world: OpenWorld, lot: str) -> None:
    plan = world.bidder(NAME)
    receipt, reader = world.submit(lot, plan, {}), Reader(world.app)
    reader.cookies["gx"] = world.tokens(plan.actor).access
    assert reader.command(PRINTER, {"receipt": receipt}).json["code"] == "request.csrf"
    elsewhere = Reader(world.app).command(PRINTER, {"receipt": receipt}, **{"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.json["code"] == "request.csrf"
    shown = reader.csrf(f"/lots/{lot}/questions")
    assert reader.command(PRINTER, {"receipt": receipt}, **{"X-CSRF-Token": shown}).status_int == 200


def test_printing_is_rationed(world: OpenWorld, lot: str) -> None:
    rate = world.platform.settings.rate_per_minute
    reader = Reader(make_app(world.platform))
    codes = [reader.command(PRINTER, {}).json["code"] for _ in range(rate // RECEIPT_COMMANDS + 1)]
    assert codes[0] == "field.required" and codes[-1] == "request.too_many"


# ------------------------------------------------------------------ what stays

def kept(world: OpenWorld) -> dict[str, bytes]:
    """Everything in the data folder but the counter of time stamps, the database as its tables say."""
    folder = world.platform.settings.data
    with world.platform.database.reading() as connection:
        raw = connection.connection.driver_connection
        found = {"tables": "\n".join(raw.iterdump()).encode()}  # type: ignore[union-attr]
    for path in folder.rglob("*"):
        if path.is_file() and "gongxin.db" not in path.name and "time-stamps" not in path.name:
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def test_nothing_of_it_stays_behind(
    world: OpenWorld, lot: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when it is printed, nor when it is refused, nor when the printer breaks."""
    plan = world.bidder(NAME)
    receipt = world.submit(lot, plan, {})
    asked(world, receipt)  # certificates are made at the first paper
    before = kept(world)
    assert any(b"sqlite_sequence" in v or b"CREATE TABLE" in v for v in before.values())
    caplog.set_level(logging.DEBUG)
    assert asked(world, receipt, bidder=who(plan)).status_int == 200
    assert asked(world, {**receipt, "signature": "x"}, bidder=who(plan)).status_int == 422
    monkeypatch.setattr(type(world.platform.printing), "seal", breaking)
    answer = asked(world, receipt, bidder=who(plan))
    assert (answer.status_int, answer.json["code"]) == (503, "service.not_printed")
    assert kept(world) == before
    said_aloud = "\n".join([caplog.text, *(str(r.__dict__) for r in caplog.records)])
    leaf = said(receipt)["events"][0]["leaf"]
    assert "a paper cannot be printed on demand: ValueError" in said_aloud
    for secret in (NAME, plan.uscc, plan.number, plan.salt.hex(), leaf, leaf[:12].upper(), lot):
        assert secret not in said_aloud, secret


def breaking(self: object, pdf: bytes, reason: str) -> bytes:
    raise ValueError(f"cannot seal a paper of {NAME}")


# ------------------------------------------------------------------ in a browser

def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download(timeout=60_000) as got:
        page.click(button)
    return Path(got.value.path()).read_bytes()


@pytest.mark.parametrize("tongue", ["", "/en"])
def test_the_bidder_prints_it_after_a_reload(
    browser: Browser, site: Site, world: OpenWorld, lot: str, tmp_path: Path, tongue: str
) -> None:  # fmt: skip
    plan = world.bidder(NAME)
    context = browser.new_context(accept_downloads=True, locale="zh-CN")
    context.add_cookies([{"name": "gx", "value": world.tokens(plan.actor).access, "url": site.address}])
    page, faults = context.new_page(), list[str]()
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    sent: list[tuple[dict[str, str], bytes]] = []
    context.on("request", lambda r: sent.append((r.all_headers(), r.post_data_buffer or b"")) if PRINTER in r.url else None)
    receipt = world.submit(lot, plan, {})
    file = tmp_path / "bid.json"
    kept_file = {"format": "gongxin-bid-v1", "lot": lot, "title": "", "version": 1, "identity": {"name": plan.name, "uscc": plan.uscc},
                 "bid": plan.number, "salt": plan.salt.hex(), "secret": plan.secret, "receipt": receipt,
                 "envelopes": json.loads(said(receipt)["private"])["envelopes"]}  # fmt: skip
    file.write_text(json.dumps(kept_file), "utf-8")
    page.goto(f"{site.address}{tongue}/my/lots/{lot}/bid")
    page.wait_for_selector("body[data-ready]")
    page.set_input_files("#load", [str(file)])
    page.wait_for_selector("#state-yes:not([hidden])")
    page.reload()
    page.wait_for_selector("#state-yes:not([hidden])")
    text = words(downloaded(page, "#paper"), tmp_path)
    assert "已递交" in text and plan.number in text and NAME not in text
    page.check("#paper-named")
    assert NAME in words(downloaded(page, "#paper"), tmp_path)
    assert NAME.encode() not in sent[0][1] and NAME.encode() in sent[1][1]
    assert len(sent) == 2 and not any("cookie" in headers for headers, _ in sent)
    page.screenshot(path=str(tmp_path / f"bid{tongue.strip('/')}.png"), full_page=True)
    assert not faults
    context.close()


def test_a_receipt_file_is_printed_on_the_page_of_checks(
    browser: Browser, site: Site, world: OpenWorld, lot: str, tmp_path: Path
) -> None:  # fmt: skip
    receipt = refused(world, lot, world.bidder(NAME))
    page = browser.new_context(accept_downloads=True, locale="zh-CN").new_page()
    page.goto(site.address + "/verify")
    page.wait_for_load_state("networkidle")

    def choose(name: str, value: Mapping[str, Any]) -> None:
        file = tmp_path / name
        file.write_text(json.dumps(value), "utf-8")
        page.set_input_files("#file", [str(file)])

    choose("改过的收据.json", {**receipt, "signature": "A" * 86 + "=="})
    page.wait_for_selector("#verdict:has-text('没有通过')")
    assert not page.is_visible("#paper")
    choose("收据.json", receipt)
    page.wait_for_selector("#paper:visible")
    page.screenshot(path=str(tmp_path / "verify.png"), full_page=True)
    assert "未递交" in words(downloaded(page, "#paper"), tmp_path)
    number = f"R-{said(receipt)['events'][0]['leaf'][:12].upper()}"
    page.goto(f"{site.address}/verify?document={number}&digest=0123456789abcdef")  # as its QR code says
    assert f"{number} 是投标回执" in page.inner_text("main") and "没有编号为" not in page.inner_text("main")
