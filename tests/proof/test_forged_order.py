"""What the operator could claim of a trade whose acts came in another order (docs/formats.md §7.11, §7.12)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.proof.conftest import B2, BIDS, DEADLINE, PRICES, RULES, STREAM, Entry, awarded, identity_of, instant
from trading_core import verify
from trading_core.domain.evaluation.case import evaluate


@pytest.fixture
def trade() -> Any:
    """The trade to its contract: in these lies the award, too, follows from what is claimed."""
    return awarded()


def failure(trade: Any) -> str:
    trade.renumber()
    report = verify.project(trade.zip(), verify.read_trust(trade.keys.trust_file()))
    return "" if report.failure is None else report.failure.name


def put(trade: Any, before: Entry, *entries: Entry) -> None:
    """Just before an event, moved or new; equal ones stay."""
    trade.entries = [e for e in trade.entries if not any(e is moved for moved in entries)]
    at = next(i for i, e in enumerate(trade.entries) if e is before)
    trade.entries[at:at] = entries


def said(trade: Any, before: Entry, type: str, public: dict[str, Any]) -> None:
    put(trade, before, Entry(STREAM, type, public, None, before.at))


def of(trade: Any, type: str) -> list[Any]:
    return [e for e in trade.entries if e.type == type]


def concluded(trade: Any) -> None:
    """Let result and award follow from the changed case."""
    summary = trade.first("evaluation_summarised").private
    summary["result"] = result = evaluate(summary["case"])
    totals, listed = {b["bid"]: b["total"] for b in result["bids"]}, []
    for place in result["candidates"]:
        who, bid = identity_of(place["bid"]), place["bid"]
        listed.append({"rank": place["rank"], "bid": bid, "bidder": who.name, "uscc": who.uscc, "price_fen": place["contract_fen"],
                       "total": totals[bid], "form": {}})  # fmt: skip
    trade.first("candidates_published").public["candidates"] = listed
    for type in ("award_decided", "award_letter_issued", "result_published", "contract_signed"):
        public = trade.first(type).public
        public.update({k: v for k, v in listed[0].items() if k in public})


def test_the_untouched_trade_holds(trade: Any) -> None:
    assert failure(trade) == ""
    report = verify.project(trade.zip())
    assert [(c.outcome, c.params["count"]) for c in report.checks if c.name == "evaluation.seats"] == [("holds", 2)]


# ------------------------------------------------------------------ the deadline and the stages


@pytest.mark.parametrize("hours", [1, 3])
def test_no_key_before_the_deadline(trade: Any, hours: int) -> None:
    """Whoever has the keys an hour before, or before the first bid, reads the bids before the opening."""
    moved = [trade.first("opening_started"), *(e for e in of(trade, "key_released") if e.public["stage"] == "technical")]
    for e in moved:
        e.at = DEADLINE - timedelta(hours=hours)
    put(trade, trade.first("closed") if hours == 1 else trade.first("sealed"), *moved)
    assert failure(trade) == "bids.stages"


def test_no_deadline_closed_early(trade: Any) -> None:
    """All in order, and all of it before the deadline."""
    trade.first("closed").at = DEADLINE - timedelta(minutes=1)
    assert failure(trade) == "bids.counted"


def test_no_price_before_the_technical_result(trade: Any) -> None:
    """A second notice, by which the price is opened with the rest."""
    notice, locked = copy.deepcopy(trade.first("published").public), trade.first("scores_locked")
    notice["terms"]["envelopes"][1]["opens"] = "at_opening"
    said(trade, locked, "published", notice)
    prices = [e for e in trade.entries if e.type in ("key_released", "bid_opened") and e.public["stage"] == "price"]
    for e in prices:
        e.at = locked.at
    put(trade, locked, *prices)
    assert failure(trade) == "bids.stages"


# ------------------------------------------------------------------ the rules stay


@pytest.mark.parametrize("type", ["published", "amended", "invitations_sent", "prequalification_published"])
def test_no_rule_is_exchanged_once_prices_are_known(trade: Any, type: str) -> None:
    rules, summary = copy.deepcopy(RULES), trade.first("evaluation_summarised")
    rules["price"]["params"]["e_high"] = "0.5"
    terms = {"evaluation": rules}
    notice = copy.deepcopy(trade.first("published").public)
    public: dict[str, Any] = {**notice, "terms": {**notice["terms"], **terms}}
    if type == "amended":
        public = {"changes": terms, "affects_preparation": False, "files": []}
        public |= {"deadline_name": "bid_deadline", "deadline": instant(DEADLINE)}
    said(trade, summary, type, public)
    summary.private["case"]["rules"] = rules
    concluded(trade)
    assert failure(trade) == "events.order"


def test_before_the_deadline_an_amendment_is_lawful(trade: Any) -> None:
    public = {"changes": {"supervisor_contact": "x"}, "affects_preparation": False, "deadline_name": "bid_deadline",
              "deadline": instant(DEADLINE), "files": []}  # fmt: skip
    said(trade, trade.first("sealed"), "amended", public)
    assert failure(trade) == ""


# ------------------------------------------------------------------ scores


def points_of(trade: Any, locked: Entry, points: dict[str, str]) -> None:
    case = trade.first("evaluation_summarised").private["case"]
    for x in case["entries"]:
        if (x["member"], x["bid"]) == (str(locked.public["seat"]), locked.private["bid"]):  # type: ignore[index]
            x["points"] = {**x["points"], **points}


def test_locked_scores_are_not_locked_again(trade: Any) -> None:
    """Every seat gives another bid the highest points, after it has locked [SC-2]."""
    for locked in [e for e in of(trade, "scores_locked") if e.private["bid"] == B2]:
        again = copy.deepcopy(locked)
        again.private["points"]["plan"] = "36"
        put(trade, trade.first("technical_summarised"), again)
        points_of(trade, locked, {"plan": "36"})
    concluded(trade)
    assert failure(trade) == "evaluation.sources"


@pytest.mark.parametrize(("item", "points", "fails"), [("staff", "4", ""), ("plan", "36", "evaluation.sources")])
def test_only_objective_items_are_corrected(trade: Any, item: str, points: str, fails: str) -> None:
    """[SC-1]"""
    for locked in [e for e in of(trade, "scores_locked") if e.private["bid"] == B2]:
        private = {"bid": B2, "item": item, "points": points, "reason": "r"}
        put(trade, trade.first("technical_summarised"), Entry(STREAM, "score_corrected", dict(locked.public), private, locked.at, True))
        points_of(trade, locked, {item: points})
    concluded(trade)
    assert failure(trade) == fails


def test_nobody_scores_without_a_seat(trade: Any) -> None:
    for locked in of(trade, "scores_locked")[:1]:
        put(trade, trade.first("seat_signed_in"), locked)
        locked.at = trade.first("seat_signed_in").at
    assert failure(trade) == "evaluation.sources"


# ------------------------------------------------------------------ seats


def sixth(kind: str) -> Callable[[Any], None]:
    def sits(trade: Any) -> None:
        put(trade, trade.first("scores_locked"), Entry(STREAM, "seat_signed_in", {"seat": 6, "kind": kind}, {"holder": "somebody"},
                                                       trade.first("scores_locked").at, True))  # fmt: skip
        case = trade.first("evaluation_summarised").private["case"]
        case["members"] = [*case["members"], "6"]
        for bid in BIDS:
            source = next(e for e in of(trade, "scores_locked") if e.private["bid"] == bid)
            same = copy.deepcopy(source)
            same.public = {"seat": 6}
            put(trade, trade.first("technical_summarised"), same)
            case["entries"].append({"member": "6", "bid": bid, "points": dict(source.private["points"])})
        concluded(trade)

    return sits


def instead(trade: Any, count: int, named: bool = True) -> None:
    """Representatives of the principal in the first seats."""
    seats = of(trade, "seat_signed_in")[:count]
    if named:
        persons = {"persons": [e.private["holder"] for e in seats]}
        put(trade, seats[0], Entry(STREAM, "representative_named", {"count": count}, persons, seats[0].at))
    for e in seats:
        e.public = {**e.public, "kind": "representative"}


@pytest.mark.parametrize("lie", [
    sixth("principal"), sixth("representative"), lambda t: instead(t, 2), lambda t: instead(t, 1, named=False),
    lambda t: t.first("published").public["terms"].update(committee_size=7),
])  # fmt: skip
def test_seats_that_are_not_lawful(trade: Any, lie: Callable[[Any], None]) -> None:
    """A member nobody drew or named, too many of the principal's, fewer than announced [BL 37]."""
    lie(trade)
    assert failure(trade) == "evaluation.seats"


def test_a_representative_who_was_named_may_sit(trade: Any) -> None:
    instead(trade, 1)
    assert failure(trade) == ""


def test_another_than_the_one_named(trade: Any) -> None:
    instead(trade, 1)
    named = trade.first("representative_named")
    named.private, named.show = {"persons": ["another"]}, True
    assert failure(trade) == "evaluation.seats"


# ------------------------------------------------------------------ the award


def test_no_award_while_the_candidates_are_public(trade: Any) -> None:
    trade.first("candidates_published").public["publicity_end"] = instant(DEADLINE + timedelta(days=400))
    assert failure(trade) == "award.follows"


@pytest.mark.parametrize(("answer", "fails"), [("", "award.follows"), ("objection_answered", ""), ("objection_withdrawn", "")])
def test_no_award_over_an_open_objection(trade: Any, answer: str, fails: str) -> None:
    """[BLR 54]"""
    choice = trade.first("award_decided")
    said(trade, choice, "objection_raised", {"number": 1, "about": "result"})
    if answer:
        said(trade, choice, answer, {"number": 1})
    assert failure(trade) == fails


def letter_again(trade: Any) -> None:
    put(trade, trade.first("contract_signed"), copy.deepcopy(trade.first("award_letter_issued")))


def decided_again(trade: Any) -> None:
    put(trade, trade.first("contract_signed"), copy.deepcopy(trade.first("award_decided")))


@pytest.mark.parametrize("lie", [
    lambda t: put(t, t.first("award_letter_issued"), t.first("contract_signed")),
    lambda t: t.entries.remove(t.first("award_letter_issued")),
    letter_again, decided_again,
    lambda t: said(t, t.first("award_decided"), "failed", {"reason": "F-04"}),
    lambda t: said(t, t.first("award_decided"), "terminated", {"reason": "r"}),
])  # fmt: skip
def test_choice_then_letter_then_contract(trade: Any, lie: Callable[[Any], None]) -> None:
    lie(trade)
    assert failure(trade) == "events.order"


def test_a_new_evaluation_begins_anew(trade: Any) -> None:
    """[BLR 81] Whoever scored scores again, then comes the report, and all that follows, a second time."""
    at = trade.entries[-1].at
    again = [copy.deepcopy(e) for e in trade.entries if e.type in (
        "scores_locked", "technical_summarised", "evaluation_summarised", "report_submitted", "candidates_published", "award_decided",
        "award_letter_issued", "result_published", "contract_signed")]  # fmt: skip
    trade.entries = [e for e in trade.entries if e.type not in ("contract_signed",)]
    trade.add("re_evaluation_ordered", at, {"basis": "BLR 81", "committee": "same"})
    for e in again:
        e.at = at
        trade.entries.append(e)
    assert len(PRICES) * 10 == len(of(trade, "scores_locked"))
    trade.rules["instants"].clear()
    trade.rules["periods"] = []
    trade.fix_rules()
    report = verify.project(trade.zip(without_open_data))
    assert report.failure is None


def without_open_data(files: dict[str, bytes]) -> None:
    del files["ocds/release-package.json"]


# ------------------------------------------------------------------ what no order shows


@pytest.mark.parametrize(("ends", "outcome"), [([], "noted"), (["archived"], "holds"), (["invalidated"], "holds"),
                                               (["invalidated", "re_evaluation_ordered"], "noted")])  # fmt: skip
def test_the_report_says_how_far_the_stream_is_shown(trade: Any, ends: list[str], outcome: str) -> None:
    """Of the last events left out no file can tell; so the report says where it ends."""
    for type in ends:
        trade.add(type, trade.entries[-1].at, {"reason": "r", "committee": "same"})
    [until] = [c for c in verify.project(trade.zip(without_open_data)).checks if c.name == "events.until"]
    assert (until.outcome, until.params["version"]) == (outcome, sum(e.stream == STREAM for e in trade.entries))
