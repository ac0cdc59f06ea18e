"""What the operator could claim of consortia that was not so, and that both sides find the same doubts (docs/formats.md §7.5, §7.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof import conftest
from tests.proof.conftest import B2, B4, Trade, awarded
from tests.proof.sealed_envelopes import identity_of
from tests.proof.test_forged_openings import failure, opening
from tests.proof.test_forged_papers_and_rules import open_data
from tests.tender.test_consortium import CODES, bid, lot_of, member, stated
from trading_core import verify
from trading_core.domain.leaves import canonical
from trading_core.domain.lot import Lot
from trading_core.domain.stages.consortium import stated as as_events
from trading_core.domain.tender.doubts import doubts
from trading_core.domain.tender.opening import Opening
from trading_core.verify.consortium import Together
from trading_core.verify.events import Event
from trading_core.verify.text import Value

PLAN = "施工组织设计.txt"
CHOSEN = ("award_decided", "award_letter_issued", "result_published")


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trade]:
    """The small trade to its contract, in which the winning bid is a consortium's."""

    def make(*partners: dict[str, str], agreement: str = PLAN, accepted: bool = True) -> Trade:
        usual, me = conftest.form_of, identity_of(B4)
        members = [{"uscc": me.uscc, "name": me.name, "share": "主体"}, *(partners or (member(1),))]
        form = {"duration_days": 150, "consortium_members": members, "consortium_agreement": agreement}
        monkeypatch.setattr(conftest, "form_of", lambda b, stage: form if (b, stage) == (B4, "technical") else usual(b, stage))
        trade = awarded()
        trade.first("published").public["terms"]["consortium"] = accepted
        said = [*trade.first("candidates_published").public["candidates"], *(trade.first(t).public for t in CHOSEN)]
        for winner in (s for s in said if s["bid"] == B4):
            winner["members"] = members
        return trade

    return make


def test_a_consortium_in_order_holds(together: Callable[..., Trade]) -> None:
    trade = together()
    trade.renumber()
    report = verify.project(trade.zip())
    assert report.ok and {c.outcome for c in report.checks if c.name in ("bids.reopened", "award.follows")} == {"holds"}


@pytest.mark.parametrize("change", [
    lambda r: r["awards"][0]["suppliers"].pop(),
    lambda r: next(b for b in r["bids"]["details"] if b["id"] == B4)["tenderers"].pop(),
])  # fmt: skip
def test_open_data_that_leave_a_partner_out(together: Callable[..., Trade], change: Callable[[dict[str, Any]], None]) -> None:
    trade = together()
    trade.renumber()
    report = verify.project(trade.zip(open_data(change)))
    assert report.failure and report.failure.name == "ocds.agrees"


def left_out(trade: Any) -> None:
    del opening(trade, "technical", B4).public["members"]


def exchanged(trade: Any) -> None:
    opening(trade, "technical", B4).public["members"] = [*opening(trade, "technical", B4).public["members"][:1], member(2)]


def added(trade: Any) -> None:
    opening(trade, "technical", B2).public["members"] = [member(1), member(2)]


def later(trade: Any) -> None:
    opening(trade, "price", B4).public["members"] = opening(trade, "technical", B4).public["members"]


@pytest.mark.parametrize("forge", [left_out, exchanged, added, later])
def test_members_are_those_of_the_form(together: Callable[..., Trade], forge: Callable[[Any], None]) -> None:
    trade = together()
    forge(trade)
    assert failure(trade) == "bids.opened"


def test_the_form_is_the_sealed_one(together: Callable[..., Trade]) -> None:
    trade = together()
    public = opening(trade, "technical", B4).public
    public["form"] = {**public["form"], "consortium_members": [public["members"][0], member(2)]}
    public["members"] = public["form"]["consortium_members"]
    assert failure(trade) == "bids.reopened"


@pytest.mark.parametrize("flaw", [{"accepted": False}, {"agreement": "没有.pdf"}])
def test_no_doubt_is_left_out_of_the_case(together: Callable[..., Trade], flaw: dict[str, Any]) -> None:
    assert failure(together(**flaw)) == "evaluation.sources"


def test_alone_and_in_a_consortium_is_a_doubt(together: Callable[..., Trade]) -> None:
    other = identity_of(B2)
    assert failure(together({"uscc": other.uscc, "name": other.name, "share": "支线"})) == "evaluation.sources"


def test_a_doubt_is_voted_on(together: Callable[..., Trade]) -> None:
    trade = together(accepted=False)
    case = trade.first("evaluation_summarised").private["case"]  # type: ignore[index]
    next(b for b in case["bids"] if b["id"] == B4)["doubts"] = [{"ground": "RJ-6", "fact": "consortium.not_accepted"}]
    assert failure(trade) == "evaluation.scores"


def test_candidates_are_published_with_all_members(together: Callable[..., Trade]) -> None:
    trade = together()
    published = next(c for c in trade.first("candidates_published").public["candidates"] if c["bid"] == B4)
    published["members"] = [*published["members"][:1], member(2)]
    assert failure(trade) == "award.follows"


# ------------------------------------------------------------------ both sides, from the rules

def read(lot: Lot) -> Together:
    """The opened bids as the verifier reads them."""
    found = Together()
    for n, b in enumerate(lot.part(Opening).bids.values()):
        envelope = b.envelopes["bid"]
        public = {"bid": b.bid, "stage": "bid", "ok": True, "form": dict(envelope.form), "files": [dict(f) for f in envelope.files],
                  "name": b.name, "uscc": b.uscc, **({"members": as_events(b.members)} if b.members else {})}  # fmt: skip
        text = canonical(public)
        found.take(Event(n, "lot/x", n + 1, "bid_opened", 0, text, Value(public, "test"), None, [], "test"))
    return found


CODED = st.sampled_from((*CODES, "915305000000000019", "x"))
LISTS = st.lists(st.builds(lambda code: {**member(0), "uscc": code}, CODED), max_size=4)
FORMS = st.builds(lambda found, agreement: {"consortium_members": found, "consortium_agreement": agreement}, LISTS,
                  st.sampled_from(("共同投标协议.pdf", "没有.pdf", ""))) | st.just({})  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5), FORMS), min_size=1, max_size=4), st.booleans())
def test_both_find_the_same_doubts(bids: list[tuple[int, dict[str, object]]], accepted: bool) -> None:
    lot = lot_of(*(bid(n, leader, form) for n, (leader, form) in enumerate(bids)), consortium=accepted)
    theirs = read(lot)
    for n in range(len(bids)):
        ours = {(d.ground, d.problem.code) for d in doubts(lot) if d.bid == f"b{n}"}
        assert theirs.doubts(f"b{n}", lot.terms) == ours


def test_the_figures_of_the_rule() -> None:
    """[02 §2.11 (7)] A consortium counts as one bidder; its members' individual bids poison every related bid."""
    lot = lot_of(bid(1, 0, stated(0, 1)), bid(2, 1, {}), bid(3, 2, {}))
    assert {b: read(lot).doubts(b, lot.terms) for b in ("b1", "b2", "b3")} == {
        "b1": {("B-06", "consortium.in_two_bids")}, "b2": {("B-06", "consortium.in_two_bids")}, "b3": set(),
    }  # fmt: skip
