"""Papers, open data and rules that the platform signs beside the record and that do not agree with it (docs/formats.md §7.4, §7.9)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.proof.conftest import B1, awarded
from trading_core import verify


@pytest.fixture
def trade() -> Any:
    return awarded()


def failure(trade: Any, edit: Callable[[dict[str, bytes]], None] = lambda files: None) -> str:
    trade.renumber()
    report = verify.project(trade.zip(edit), verify.read_trust(trade.keys.trust_file()))
    return "" if report.failure is None else report.failure.name


def test_nothing_is_wrong_with_the_untouched(trade: Any) -> None:
    assert failure(trade) == ""


# ------------------------------------------------------------------ papers


def test_a_paper_under_the_name_of_another(trade: Any) -> None:
    record = b"%PDF-1.7 opening record"
    place = trade.entries.index(trade.first("document_issued"))
    said = {"kind": "opening_record", "name": "opening-record.pdf", "sha256": hashlib.sha256(record).hexdigest()}
    trade.add("document_issued", trade.entries[place].at, said)
    trade.entries.insert(place, trade.entries.pop())
    trade.papers["opening-record.pdf"] = trade.papers.pop("award-letter.pdf")
    assert failure(trade) == "documents.named"
    trade.papers["opening-record.pdf"] = record
    assert failure(trade) == ""


def test_a_file_of_the_tender_document_at_the_place_of_another(trade: Any) -> None:
    texts = {"v1.txt": b"first", "v2.txt": b"second"}
    files = [{"name": n, "sha256": hashlib.sha256(t).hexdigest(), "size": len(t)} for n, t in texts.items()]
    trade.first("published").public["terms"] = {**trade.first("published").public["terms"], "tender_documents": files}
    trade.papers |= {"tender-document-v1-1.txt": b"first", "tender-document-v1-2.txt": b"second"}
    assert failure(trade) == ""
    trade.papers |= {"tender-document-v1-1.txt": b"second", "tender-document-v1-2.txt": b"first"}
    assert failure(trade) == "documents.named"


# ------------------------------------------------------------------ open data


def open_data(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def edit(files: dict[str, bytes]) -> None:
        package = json.loads(files["ocds/release-package.json"])
        change(package["releases"][0])
        files["ocds/release-package.json"] = json.dumps(package).encode()

    return edit


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["awards"][0]["suppliers"][0].update(name="另一家公司"),
        lambda r: r["awards"][0]["suppliers"][0].update(id="CN-USCC-X"),
        lambda r: r["awards"][0]["value"].update(amount=1),
        lambda r: r["awards"][0].update(date="2026-04-03T09:30:00+08:00"),
        lambda r: r["awards"][0].update(relatedBid=B1),
        lambda r: r["awards"].clear(),
        lambda r: r["awards"].append(r["awards"][0]),
        lambda r: r["contracts"][0]["value"].update(amount=1.5),
        lambda r: r["contracts"].clear(),
        lambda r: r["bids"]["details"].pop(),
        lambda r: r["bids"]["details"][0]["value"].update(amount=980000000.01),
        lambda r: r["bids"]["details"][1]["tenderers"][0].update(name="另一家公司"),
        lambda r: r["tender"].update(id="A01-OTHER"),
    ],
)
def test_open_data_that_say_something_else(trade: Any, change: Callable[[dict[str, Any]], None]) -> None:
    assert failure(trade, open_data(change)) == "ocds.agrees"


NONE = [b'{"awards":[{"suppliers":[]}]}', b"\xff\x00garbage", b"", b"[]", b'{"releases":[]}', b"[" * 100_000, b'{"releases":NaN}']


@pytest.mark.parametrize("raw", NONE, ids=range(len(NONE)))
def test_open_data_that_are_none(trade: Any, raw: bytes) -> None:
    assert failure(trade, lambda files: files.update({"ocds/release-package.json": raw})) == "ocds.agrees"


# ------------------------------------------------------------------ rules


def no_periods(rules: dict[str, Any]) -> None:
    rules["periods"], rules["instants"] = [], {}


def shorter(rules: dict[str, Any]) -> None:
    rules["periods"][0]["count"] = 1


def not_applied(rules: dict[str, Any]) -> None:
    rules["periods"][0]["applies"] = {"ceiling_fen": 1}
    del rules["instants"]["issue_start"], rules["instants"]["bid_deadline"]


def holidays_dropped(rules: dict[str, Any]) -> None:
    rules["calendar"]["2026"] = {"off": [], "makeup": []}


def deadline_without_source(rules: dict[str, Any]) -> None:
    rules["instants"]["bid_deadline"] = {"at": "2026-12-01T00:00:00.000000Z", "from": None}


def instant_left_out(rules: dict[str, Any]) -> None:
    del rules["instants"]["bid_deadline"]


def instant_of_another(rules: dict[str, Any]) -> None:
    rules["instants"]["bid_deadline"] = rules["instants"]["issue_start"]


def instant_invented(rules: dict[str, Any]) -> None:
    rules["instants"]["contract"] = {"at": "2026-12-01T00:00:00.000000Z", "from": None}


def rest_days_excused(rules: dict[str, Any]) -> None:
    rules["rest_day_reasons"] = {"E-T03": "x"}


@pytest.mark.parametrize(
    "lie",
    [
        no_periods, shorter, not_applied, holidays_dropped, deadline_without_source, instant_left_out, instant_of_another, instant_invented,
        rest_days_excused,
    ],
)  # fmt: skip
def test_rules_that_the_notice_did_not_fix(trade: Any, lie: Callable[[dict[str, Any]], None]) -> None:
    trade.rules = json.loads(json.dumps(trade.rules))
    lie(trade.rules)
    assert failure(trade) == "periods.kept"


def test_a_period_that_the_terms_switch_off(trade: Any) -> None:
    trade.rules["periods"][0].update(count=30, applies={"mandatory": True})
    trade.fix_rules()
    assert failure(trade) == "periods.kept"
    trade.first("published").public["terms"] = {**trade.first("published").public["terms"], "mandatory": False}
    del trade.rules["instants"]["issue_start"], trade.rules["instants"]["bid_deadline"]
    assert failure(trade) == ""


def test_a_notice_that_fixed_nothing_is_told(trade: Any) -> None:
    del trade.first("published").public["rules"]
    last = verify.project(trade.zip()).checks[-2]
    assert (last.name, last.outcome, last.params["unfixed"]) == ("periods.kept", "not_shown", "all")


def test_a_year_that_the_notice_did_not_know_is_noted(trade: Any) -> None:
    trade.rules["calendar"]["2027"] = {"off": ["2027-01-01"], "makeup": []}
    last = verify.project(trade.zip()).checks[-2]
    assert (last.name, last.outcome, last.params["unfixed"]) == ("periods.kept", "noted", "2027")


# ------------------------------------------------------------------ a verifier that does not crash


@pytest.mark.parametrize(
    "change",
    [
        lambda rules: rules.update(tie_rules=["nonsense"]),
        lambda rules: rules["price"].update(formula="E-F2", params={**rules["price"]["params"], "drop_one_from": 3, "drop_two_from": 1}),
        lambda rules: rules["items"][0].update(points_step="0"),
    ],
)
def test_rules_of_evaluation_that_compute_nothing(trade: Any, change: Callable[[dict[str, Any]], None]) -> None:
    rules = json.loads(json.dumps(trade.first("published").public["terms"]["evaluation"]))
    change(rules)
    trade.first("published").public["terms"] = {**trade.first("published").public["terms"], "evaluation": rules}
    trade.first("evaluation_summarised").private["case"]["rules"] = rules
    assert failure(trade) == "evaluation.scores"
