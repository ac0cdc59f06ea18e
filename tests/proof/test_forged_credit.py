"""What the operator could claim of looks into the credit lists that was not so (docs/formats-lists.md §4)."""
from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.proof.conftest import PRICES, Entry, Trade, awarded, instant
from tests.proof.sealed_envelopes import identity_of
from trading_core import verify

LISTS = [{"list": "tender_ban", "name": "招标投标禁入", "source": "", "taken_at": None, "imported_sha256": None, "snapshot": "ab" * 32}]


def look(e: Entry, parties: list[tuple[str, str]], result: str = "clear") -> None:
    """Let an event keep a look into the lists."""
    e.public["credit"] = [{
        "format": "gongxin-credit-check-v1", "query_time": instant(e.at), "moment": instant(e.at), "trade": "engineering",
        "mandatory": True, "parties": [{"uscc": code, "name": name} for code, name in parties], "lists": copy.deepcopy(LISTS),
        "result": result,
    }]  # fmt: skip


@pytest.fixture
def looked_up() -> Trade:
    """The small trade to its contract, every bidder looked up."""
    trade = awarded()
    last = max(i for i, e in enumerate(trade.entries) if e.type == "bid_opened" and e.public["stage"] == "technical")
    trade.add("opening_finished", trade.entries[last].at, {"valid": 4, "confirmed": 0})
    trade.entries.insert(last + 2, trade.entries.pop())
    look(trade.first("opening_finished"), [(identity_of(b).uscc, identity_of(b).name) for b in PRICES])
    chosen = trade.first("award_decided")
    look(chosen, [(chosen.public["uscc"], chosen.public["bidder"])])
    trade.renumber()
    return trade


def asked(trade: Trade) -> verify.Check:
    report = verify.project(trade.zip())
    assert report.ok or report.failure is report.checks[-1]
    return next(c for c in report.checks if c.name == "credit.asked")


def found(e: Entry, result: str, *effects: str) -> None:
    e.public["credit"][0]["result"] = result
    e.private, e.show = {"credit_findings": [{"uscc": "x", "effect": effect} for effect in effects]}, True


def test_looks_on_record_hold(looked_up: Trade) -> None:
    check = asked(looked_up)
    assert (check.outcome, check.params) == ("holds", {"count": 2, "silent": 0})


def test_what_was_found_shows_where_it_is_shown(looked_up: Trade) -> None:
    found(looked_up.first("opening_finished"), "refuses", "shown", "refuses")
    found(looked_up.first("award_decided"), "shown", "shown")
    assert asked(looked_up).outcome == "holds"
    looked_up.first("award_decided").show = False
    check = asked(looked_up)
    assert (check.outcome, check.params["silent"]) == ("not_shown", 1)


@pytest.mark.parametrize("leave_out", [lambda public: public.pop("credit"), lambda public: public.update(credit=[])])
def test_a_choice_without_a_look_is_told(leave_out: Callable[[dict[str, Any]], Any], looked_up: Trade) -> None:
    leave_out(looked_up.first("award_decided").public)
    check = asked(looked_up)
    assert (check.outcome, check.params["silent"]) == ("not_shown", 1)


def changed(type: str, **members: Any) -> Callable[[Trade], None]:
    return lambda t: t.first(type).public["credit"][0].update(members)


@pytest.mark.parametrize("forge", [
    changed("award_decided", parties=[]),
    changed("award_decided", parties=[{"uscc": "91530502MA6K0ABC1P", "name": "别人"}]),
    lambda t: t.first("opening_finished").public["credit"][0]["parties"].pop(),
    changed("award_decided", query_time="2027-01-01T00:00:00.000000Z"),
    changed("award_decided", moment="2027-01-01T00:00:00.000000Z"),
    changed("award_decided", lists=[{"snapshot": "x"}]),
    changed("award_decided", format="other"),
    lambda t: found(t.first("award_decided"), "refuses", "refuses"),
    lambda t: found(t.first("award_decided"), "shown"),
    lambda t: found(t.first("opening_finished"), "shown", "refuses"),
])  # fmt: skip
def test_a_look_that_does_not_fit_is_found(forge: Callable[[Trade], None], looked_up: Trade) -> None:
    forge(looked_up)
    assert asked(looked_up).outcome == "fails"
