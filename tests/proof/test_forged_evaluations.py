"""Evaluations and awards that do not follow from the record, computed rightly and signed by the platform (docs/formats.md §7.5, §7.8)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.proof.conftest import B2, B3, STREAM, Entry, awarded
from trading_core import verify
from trading_core.domain.evaluation.case import evaluate


@pytest.fixture
def trade() -> Any:
    made = awarded()
    for e in made.entries:
        e.public, e.private = json.loads(json.dumps(e.public)), json.loads(json.dumps(e.private))
    return made


def report_of(trade: Any) -> Any:
    for e in trade.entries:
        e.show = e.private is not None and e.type not in ("created", "sealed") and not getattr(e, "kept", False)
    trade.renumber()
    return verify.project(trade.zip(), verify.read_trust(trade.keys.trust_file()))


def failure(trade: Any) -> str:
    report = report_of(trade)
    return "" if report.failure is None else report.failure.name


def again(trade: Any, change: Callable[[dict[str, Any]], None]) -> None:
    """Another case, and the result that rightly follows from it."""
    private = trade.first("evaluation_summarised").private
    change(private["case"])
    private["result"] = evaluate(private["case"])


def insert(trade: Any, before: str, type: str, public: dict[str, Any], private: dict[str, Any] | None) -> Any:
    place = trade.entries.index(trade.first(before))
    entry = Entry(STREAM, type, public, private, trade.entries[place].at)
    trade.entries.insert(place, entry)
    return entry


def test_the_whole_course_holds(trade: Any) -> None:
    report = report_of(trade)
    assert report.ok
    assert next((c.outcome, c.params["count"]) for c in report.checks if c.name == "award.follows") == ("holds", 5)
    assert next(c.outcome for c in report.checks if c.name == "evaluation.sources") == "holds"


# ------------------------------------------------------------------ the case is not that of the record


def member_left_out(case: dict[str, Any]) -> None:
    case["members"] = case["members"][:-1]
    case["entries"] = [e for e in case["entries"] if e["member"] != "5"]


def winner_rejected(case: dict[str, Any]) -> None:
    winner = evaluate(case)["ranking"][0]["bid"]
    votes = dict.fromkeys(case["members"], True)
    case["rejections"] = [{"bid": winner, "ground": "RJ-6", "stage": "detailed", "clause": "x", "evidence": "y", "votes": votes}]


def price_corrected(case: dict[str, Any]) -> None:
    case["bids"][2].update(lines=[{"id": "1", "total_fen": 90000000000}], correction="confirmed")


def words_added(case: dict[str, Any]) -> None:
    case["bids"][0].update(words="玖亿元整", correction="confirmed")


def other_points(case: dict[str, Any]) -> None:
    case["entries"][3]["points"]["plan"] = "36"


def other_bidder(case: dict[str, Any]) -> None:
    case["bids"][0]["bidder"] = "9" * 18


def bid_left_out(case: dict[str, Any]) -> None:
    case["bids"] = case["bids"][1:]
    case["entries"] = [e for e in case["entries"] if e["bid"] != "b1".ljust(32, "0")]


@pytest.mark.parametrize(
    "change", [member_left_out, winner_rejected, price_corrected, words_added, other_points, other_bidder, bid_left_out]
)
def test_a_case_that_the_record_does_not_have(trade: Any, change: Callable[[dict[str, Any]], None]) -> None:
    again(trade, change)
    assert failure(trade) == "evaluation.sources"


def test_scores_that_are_hidden_and_replaced_are_told(trade: Any) -> None:
    """What is not shown cannot be checked, and the verifier must not call it checked."""
    for e in trade.entries:
        e.kept = e.type == "scores_locked" and e.private["bid"] == B3
    again(trade, lambda case: [e["points"].update(plan="36") for e in case["entries"] if e["bid"] == B3])
    sources = next(c for c in report_of(trade).checks if c.name == "evaluation.sources")
    assert (sources.outcome, sources.params["hidden"]) == ("not_shown", 5)


def test_hidden_scores_hide_no_others(trade: Any) -> None:
    for e in trade.entries:
        e.kept = e.type == "scores_locked" and e.private["bid"] == B3
    again(trade, lambda case: [e["points"].update(plan="36") for e in case["entries"] if e["bid"] == B2])
    assert failure(trade) == "evaluation.sources"


def test_scores_after_the_technical_result(trade: Any) -> None:
    points = {"bid": B3, "points": {"plan": "36", "staff": "3"}, "comment": ""}
    trade.entries.insert(trade.entries.index(trade.first("evaluation_summarised")), Entry(STREAM, "scores_locked", {"seat": 1}, points,
                         trade.first("evaluation_summarised").at))  # fmt: skip
    again(trade, lambda case: [e.update(points=points["points"]) for e in case["entries"] if (e["member"], e["bid"]) == ("1", B3)])
    assert failure(trade) == "evaluation.sources"


def test_votes_that_were_cast_count(trade: Any) -> None:
    """The same rejection, proposed and voted on in the record, is right; with a vote less in the case it is not."""
    said = {"number": 1, "bid": B2, "ground": "RJ-6", "basis": "", "stage": "detailed", "clause": "x", "evidence": "y"}
    insert(trade, "evaluation_summarised", "rejection_proposed", {"number": 1}, said)
    for seat in range(1, 5):
        insert(trade, "evaluation_summarised", "rejection_voted", {"number": 1, "seat": seat}, {"agree": True})
    motion = {k: said[k] for k in ("bid", "ground", "stage", "clause", "evidence")}
    again(trade, lambda case: case["rejections"].append({**motion, "votes": {str(s): True for s in range(1, 5)}}))
    trade.entries = trade.entries[: trade.entries.index(trade.first("candidates_published"))]
    assert failure(trade) == ""
    again(trade, lambda case: case["rejections"][0]["votes"].pop("4"))
    assert failure(trade) == "evaluation.sources"


def test_who_left_takes_points_along(trade: Any) -> None:
    """A member leaves before the technical result: the case goes on without it, and with it would be false."""
    trade.first("published").public["terms"]["committee_size"] = 4  # so that nobody need follow
    insert(trade, "technical_summarised", "seat_recused", {"seat": 5, "grounds": ["RC-1"]}, {"holder": "E001", "reason": ""})
    again(trade, lambda case: None)
    assert failure(trade) == "evaluation.sources"
    again(trade, member_left_out)
    trade.entries = trade.entries[: trade.entries.index(trade.first("candidates_published"))]
    assert failure(trade) == ""


def test_a_form_left_out_as_unreadable_is_noted(trade: Any) -> None:
    opened = next(e for e in trade.entries if e.type == "bid_opened" and e.public["bid"] == B2 and e.public["stage"] == "price")
    opened.public["form"]["words"] = "不知多少"
    trade.bids.clear()
    sources = next(c for c in report_of(trade).checks if c.name == "evaluation.sources")
    assert (sources.outcome, sources.params["unread"]) == ("noted", B2)


# ------------------------------------------------------------------ the award is not that of the evaluation


def loser_published(t: Any) -> None:
    t.first("candidates_published").public["candidates"].reverse()


def price_published(t: Any) -> None:
    t.first("candidates_published").public["candidates"][0]["price_fen"] += 1


def name_published(t: Any) -> None:
    t.first("candidates_published").public["candidates"][0]["bidder"] = "另一家公司"


def second_chosen(t: Any) -> None:
    second = t.first("candidates_published").public["candidates"][1]
    chosen = {k: v for k, v in second.items() if k != "form"}
    for type in ("award_decided", "award_letter_issued", "result_published", "contract_signed"):
        t.first(type).public.update(chosen)


def stranger_chosen(t: Any) -> None:
    t.first("award_decided").public["bid"] = "f" * 32


def other(type: str, **facts: Any) -> Callable[[Any], None]:
    def change(t: Any) -> None:
        t.first(type).public.update(facts)

    change.__name__ = f"{type} {' '.join(facts)}"
    return change


def loser_of_ground(t: Any) -> None:
    insert(t, "award_decided", "candidate_lost", {"bid": t.first("award_decided").public["bid"], "ground": "gives_up"}, None)


def no_decision(t: Any) -> None:
    t.entries.remove(t.first("award_decided"))


def changed_after_the_summary(t: Any) -> None:
    insert(t, "candidates_published", "tie_decided", {}, {"order": [B2, B3], "reason": ""})


@pytest.mark.parametrize(
    "lie",
    [
        loser_published, price_published, name_published, second_chosen, stranger_chosen, loser_of_ground, no_decision,
        changed_after_the_summary, other("award_decided", price_fen=1), other("award_decided", rank=2), other("award_decided", uscc="X"),
        other("award_letter_issued", bid=B3), other("result_published", bid=B3), other("result_published", bidder="另一家公司"),
        other("contract_signed", price_fen=1), other("contract_signed", uscc="X"),
    ],
    ids=lambda lie: lie.__name__,
)  # fmt: skip
def test_an_award_that_does_not_follow(trade: Any, lie: Callable[[Any], None]) -> None:
    lie(trade)
    assert failure(trade) == "award.follows"


def test_the_second_in_rank_where_the_law_leaves_the_choice(trade: Any) -> None:
    second_chosen(trade)
    trade.first("published").public["terms"]["mandatory"] = False
    assert failure(trade) == "award.follows"
    trade.first("award_decided").public["reason"] = "第一名产能不足"
    assert failure(trade) == ""


def test_the_next_after_the_first_dropped_out(trade: Any) -> None:
    first = copy.deepcopy(trade.first("award_decided"))
    second_chosen(trade)
    trade.first("award_decided").type = "next_candidate_chosen"
    trade.entries.insert(trade.entries.index(trade.first("next_candidate_chosen")), first)
    insert(trade, "next_candidate_chosen", "candidate_lost", {"bid": first.public["bid"], "ground": "gives_up"}, None)
    assert failure(trade) == ""


def test_who_refused_to_extend_its_bid_cannot_win(trade: Any) -> None:
    """[B-09] The next takes its place; and whose bid no longer binds may be passed over."""
    first = trade.first("award_decided").public["bid"]
    insert(trade, "award_decided", "validity_extension_asked", {"number": 1, "bid_validity_days": 120}, None)
    insert(trade, "award_decided", "validity_extension_answered", {"number": 1, "bid": first, "agrees": False}, None)
    assert failure(trade) == "award.follows"
    second_chosen(trade)
    assert failure(trade) == ""


def test_who_revoked_its_bid_cannot_win(trade: Any) -> None:
    """[B-05] The next takes its place."""
    first = trade.first("award_decided").public["bid"]
    insert(trade, "award_decided", "bid_revoked", {"bid": first, "reason": "报价有误"}, None)
    assert failure(trade) == "award.follows"
    second_chosen(trade)
    assert failure(trade) == ""


def test_nothing_of_a_bid_that_was_revoked_before_is_evaluated(trade: Any) -> None:
    insert(trade, "evaluation_summarised", "bid_revoked", {"bid": B3, "reason": "报价有误"}, None)
    assert failure(trade) == "evaluation.sources"


REPORTED = ("standing_reported", {"number": 1, "bid": B3, "change": "bankruptcy"}, "B-16", "standing.bankruptcy")
PAYERS = ("deposits_checked", {"bids": [{"bid": B3, "result": "paid", "paid_fen": 1, "doubts": ["other_payer"]}], "unmatched": 0,
                               "unmatched_fen": 0}, "RJ-6", "deposit.other_payer")  # fmt: skip


@pytest.mark.parametrize(("before", "found"), [("report_submitted", "award.follows"), ("candidates_published", "")])
@pytest.mark.parametrize("news", [REPORTED, PAYERS], ids=lambda n: n[2])
def test_no_report_is_given_over_what_came_up_about_a_bidder(before: str, found: str, news: tuple[Any, ...], trade: Any) -> None:
    """[B-16, D-02] Afterwards it is for the principal to ask the committee again."""
    insert(trade, before, news[0], news[1], None)
    assert failure(trade) == found


def test_a_check_of_deposits_that_finds_nothing_new_leaves_the_report(trade: Any) -> None:
    """[D-02]"""
    told = {**PAYERS[1], "bids": [{"bid": B3, "result": "paid", "paid_fen": 1}]}
    insert(trade, "report_submitted", "deposits_checked", told, None)
    assert failure(trade) == ""
    insert(trade, "evaluation_summarised", "deposits_checked", PAYERS[1], None)
    assert failure(trade) == "evaluation.sources"


@pytest.mark.parametrize("news", [REPORTED, PAYERS], ids=lambda n: n[2])
def test_votes_to_keep_a_bid_end_with_news_of_its_bidder(news: tuple[Any, ...], trade: Any) -> None:
    """[B-16, D-02]"""
    type_, public, ground, fact = news
    about = {"number": 1, "bid": B3, "ground": ground, "basis": "", "stage": "preliminary", "clause": "3.5.1", "evidence": "公告"}
    votes = {str(seat): seat == 1 for seat in range(1, 6)}
    insert(trade, "evaluation_summarised", "rejection_proposed", {"number": 1}, about)
    for seat, agree in votes.items():
        insert(trade, "evaluation_summarised", "rejection_voted", {"number": 1, "seat": int(seat)}, {"agree": agree})
    reported = insert(trade, "evaluation_summarised", type_, public, None)
    stated = {k: v for k, v in about.items() if k not in ("number", "basis")}

    def told(case: dict[str, Any]) -> None:
        next(b for b in case["bids"] if b["id"] == B3)["doubts"] = [{"ground": ground, "fact": fact}]
        case["rejections"] = [{**stated, "votes": votes}]

    again(trade, told)
    assert failure(trade) == "evaluation.sources"
    trade.entries.remove(reported)
    trade.entries.insert(trade.entries.index(trade.first("rejection_proposed")), reported)
    assert failure(trade) == ""


def test_whose_bid_no_longer_binds_may_be_passed_over(trade: Any) -> None:
    """[B-08] Ten days after the deadline the nine days of all bids are over; who agreed to more binds still."""
    trade.first("published").public["terms"]["bid_validity_days"] = 9
    second = trade.first("candidates_published").public["candidates"][1]["bid"]
    insert(trade, "award_decided", "validity_extension_asked", {"number": 1, "bid_validity_days": 120}, None)
    insert(trade, "award_decided", "validity_extension_answered", {"number": 1, "bid": second, "agrees": True}, None)
    assert failure(trade) == "award.follows"
    second_chosen(trade)
    assert failure(trade) == ""
    trade.first("published").public["terms"]["bid_validity_days"] = 10
    assert failure(trade) == "award.follows"
