"""Other values of a draw that compute, and bids that disappear after the deadline (docs/formats.md §6, §7.6)."""

from __future__ import annotations

import copy
import json
from datetime import timedelta, timezone
from typing import Any

import pytest

from tests.proof.conftest import B3, B4, DEADLINE, LOT, RESERVE, STREAM, Entry, instant
from trading_core import verify
from trading_core.domain import draw
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.leaves import canonical


def failure(trade: Any) -> str:
    trade.renumber()
    report = verify.project(trade.zip(), verify.read_trust(trade.keys.trust_file()))
    return "" if report.failure is None else report.failure.name


def drawn_again(trade: Any, opening_time: str, attempt: int = 1, root: str = "") -> str:
    """Draw K with another text, attempt or set of bids, and let the evaluation follow."""
    e = trade.first("parameter_drawn").public
    e.update(opening_time=opening_time, bid_root=root or e["bid_root"])
    seed = draw.combine([bytes.fromhex(p["part"]) for p in e["parts"]])
    index = draw.parameter_index(seed, LOT, attempt, opening_time, e["bid_root"], len(e["candidates"]))
    e.update(index=index, value=e["candidates"][index])
    evaluated(trade)
    return str(e["value"])


def evaluated(trade: Any) -> None:
    private = trade.first("evaluation_summarised").private
    private["case"]["drawn_value"] = trade.first("parameter_drawn").public["value"]
    private["result"] = evaluate(private["case"])


SPELLINGS = [
    *(DEADLINE.astimezone(timezone(timedelta(hours=h))).isoformat() for h in (-11, -3, 0, 8)),
    "2026-03-23T01:30:00Z", "2026-03-23 01:30:00.000000Z", "20260323T013000Z", "2026-W13-1T01:30:00+00:00",
]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_k_is_not_chosen_by_the_spelling_of_the_deadline(trade: Any, text: str) -> None:
    drawn_again(trade, text)
    assert failure(trade) == "draw.parameter"


@pytest.mark.parametrize("text", SPELLINGS)
def test_nor_by_that_of_the_closing(trade: Any, text: str) -> None:
    trade.first("closed").public["deadline"] = text
    drawn_again(trade, text)
    assert failure(trade) == "draw.parameter"


@pytest.mark.parametrize("by", [timedelta(microseconds=1), timedelta(seconds=-5), timedelta(days=1)])
def test_nor_by_another_deadline(trade: Any, by: timedelta) -> None:
    """The deadline of the closing is the one that notice, amendments and suspensions give, to the microsecond."""
    trade.first("closed").public["deadline"] = instant(DEADLINE + by)
    drawn_again(trade, instant(DEADLINE + by))
    assert failure(trade) == "bids.counted"


@pytest.mark.parametrize("known_after", [0, 2])
def test_the_deadline_that_a_suspension_gives(trade: Any, known_after: int) -> None:
    """Time stands still from the event on, or since the instant that it names: an outage is known only once it is over."""
    at = DEADLINE - timedelta(days=1, seconds=7)
    span, moved = timedelta(seconds=3, microseconds=5), DEADLINE + timedelta(days=2, seconds=3, microseconds=5)
    place = next(i for i, e in enumerate(trade.entries) if e.type == "sealed")
    trade.entries[place:place] = [
        Entry(STREAM, "suspended", {"kind": "technical", **({"since": instant(at)} if known_after else {})}, None,
              at + timedelta(seconds=known_after)),
        Entry(STREAM, "resumed", {"rest_days": {"bid_deadline": 2}}, None, at + span),
    ]  # fmt: skip
    closed = trade.entries.index(trade.first("closed"))
    for e in trade.entries[closed:]:
        e.at += timedelta(days=2, seconds=3, microseconds=5)
    trade.first("closed").public["deadline"] = instant(moved)
    drawn_again(trade, instant(moved))
    trade.rules["instants"], trade.rules["periods"] = {}, []
    trade.fix_rules()
    assert verify.project(trade.zip()).failure is None
    trade.first("resumed").public["rest_days"] = {"bid_deadline": 1}
    found = verify.project(trade.zip()).failure
    assert found is not None and found.name == "bids.counted"


def test_a_parameter_is_drawn_once(trade: Any) -> None:
    place = trade.entries.index(trade.first("parameter_drawn"))
    trade.entries.insert(place, copy.deepcopy(trade.entries[place]))
    assert failure(trade) == "draw.parameter"


@pytest.mark.parametrize("attempt", [2, 7])
def test_k_is_not_chosen_by_the_attempt(trade: Any, attempt: int) -> None:
    """The attempt of the manifest is that of the first event, and of every bid."""
    for e in trade.entries:
        if e.type in ("draw_pool_frozen", "experts_drawn"):
            e.show = False
    drawn_again(trade, instant(DEADLINE), attempt)
    zip_file = trade.zip(claim=lambda m: m.update(attempt=attempt))
    found = verify.project(zip_file).failure
    assert found is not None and found.name == "events.streams"
    trade.first("created").public["attempt"] = attempt
    found = verify.project(trade.zip(claim=lambda m: m.update(attempt=attempt))).failure
    assert found is not None and found.name == "bids.counted"


def without_bid(trade: Any, bid: str) -> None:
    """The whole record goes on as if the bid were not there."""
    closed = trade.first("closed").public
    closed["bids"] = [b for b in closed["bids"] if b["bid"] != bid]
    closed["count"] -= 1
    closed["bid_root"] = draw.bid_root([v["object"] for b in closed["bids"] for v in b["envelopes"]])
    trade.bids = {name: data for name, data in trade.bids.items() if not name.startswith(bid)}
    trade.entries = [
        e for e in trade.entries
        if not (e.type == "bid_opened" and e.public["bid"] == bid) and not (e.type == "scores_locked" and e.private["bid"] == bid)
    ]  # fmt: skip
    case = trade.first("evaluation_summarised").private["case"]
    case["bids"] = [b for b in case["bids"] if b["id"] != bid]
    case["entries"] = [e for e in case["entries"] if e["bid"] != bid]
    drawn_again(trade, instant(DEADLINE), root=closed["bid_root"])


def withdrawn(trade: Any, bid: str, at: Any) -> None:
    """A withdrawal in the record, disclosed like a bid."""
    private = {"what": "withdrawn", "lot": LOT, "bid": bid}
    entry = Entry(f"sealed/{bid}", "sealed", {}, private, at)
    trade.entries.insert(trade.entries.index(trade.first("closed")), entry)
    disclosure = trade.disclose(entry, DEADLINE + timedelta(seconds=3))
    trade.entries.remove(disclosure)
    trade.entries.insert(trade.entries.index(trade.first("opening_started")), disclosure)
    without_bid(trade, bid)


def test_a_bid_was_made_for_the_document_it_says(trade: Any) -> None:
    """[A-06] Nobody makes a bid older or newer than it was."""
    trade.first("closed").public["bids"][0]["document_version"] = 2
    assert failure(trade) == "bids.counted"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1), timedelta(seconds=1)])
def test_a_bid_is_not_withdrawn_after_the_deadline(trade: Any, late: timedelta) -> None:
    trade = own_payloads(trade)
    withdrawn(trade, B4, DEADLINE + late)
    assert failure(trade) == "bids.counted"


def test_a_bid_withdrawn_in_time_is_gone(trade: Any) -> None:
    trade = own_payloads(trade)
    withdrawn(trade, B4, DEADLINE - timedelta(microseconds=1))
    assert failure(trade) == ""


def test_a_bid_is_not_replaced_after_the_deadline(trade: Any) -> None:
    """A late bid replaces nothing, also when it is itself not counted."""
    trade = own_payloads(trade)
    sealed = next(e for e in trade.entries if e.stream == f"sealed/{B3}")
    sealed.private.update(received_at=instant(DEADLINE), replaces=B4)
    disclosure = next(e for e in trade.entries if e.type == "disclosed" and e.public["stream"] == sealed.stream)
    disclosure.public["private"] = canonical(sealed.private)
    without_bid(trade, B3)
    without_bid(trade, B4)
    assert failure(trade) == "bids.counted"


def test_a_bid_recorded_after_the_count(trade: Any) -> None:
    trade = own_payloads(trade)
    sealed = next(e for e in trade.entries if e.stream == f"sealed/{B3}")
    trade.entries.remove(sealed)
    sealed.at = trade.first("closed").at
    trade.entries.insert(trade.entries.index(trade.first("closed")) + 1, sealed)
    assert failure(trade) == "bids.counted"


def own_payloads(trade: Any) -> Any:
    for e in trade.entries:
        e.public, e.private = json.loads(json.dumps(e.public)), json.loads(json.dumps(e.private))
    return trade


def with_reserve(trade: Any, late: str = "host") -> None:
    """K from the reserve and the part that is there, after the record has said who keeps its own; the evaluation follows."""
    own = received(trade, late)
    trade.entries[trade.entries.index(own) : trade.entries.index(own) + 1] = []
    drawn = trade.first("parameter_drawn")
    place = trade.entries.index(drawn)
    trade.entries[place:place] = [
        Entry(STREAM, "draw_part_overdue", {"draw": "parameter", "parties": [late]}, None, drawn.at),
        Entry(STREAM, "draw_part_received", {"draw": "parameter", "party": "centre"}, {"part": RESERVE.hex()}, drawn.at),
    ]
    there = [p for p in drawn.public["parts"] if p["party"] != late]
    drawn.public["parts"] = [*there, {"party": "centre", "part": RESERVE.hex()}]
    drawn_again(trade, drawn.public["opening_time"])


def received(trade: Any, party: str) -> Entry:
    return next(e for e in trade.entries if e.type == "draw_part_received" and e.public == {"draw": "parameter", "party": party})


@pytest.mark.parametrize("late", ["host", "supervisor"])
def test_the_reserve_stands_in_for_either_party(trade: Any, late: str) -> None:
    """[02 §2.7.2] Who withholds loses its part in K, and the draw can be repeated all the same."""
    with_reserve(trade, late)
    trade.renumber()
    report = verify.project(trade.zip(), verify.read_trust(trade.keys.trust_file()))
    assert report.failure is None
    [found] = [c for c in report.checks if c.name == "draw.parameter"]
    assert (found.outcome, report.checks[-1].outcome) == ("holds", "holds")


def never_overdue(trade: Any) -> None:
    trade.entries.remove(trade.first("draw_part_overdue"))


def another_overdue(trade: Any) -> None:
    trade.first("draw_part_overdue").public["parties"] = ["supervisor"]


def before_the_record(trade: Any) -> None:
    """The centre looks first at what its part would give."""
    reserve = received(trade, "centre")
    trade.entries.remove(reserve)
    trade.entries.insert(trade.entries.index(trade.first("draw_part_overdue")), reserve)


def not_handed_in(trade: Any) -> None:
    trade.entries.remove(received(trade, "centre"))


def handed_in_after_all(trade: Any) -> None:
    """Three parts are there, and two are chosen."""
    e = received(trade, "supervisor")
    trade.entries.insert(trade.entries.index(e), Entry(STREAM, e.type, {"draw": "parameter", "party": "host"}, e.private, e.at))


def another_part(trade: Any) -> None:
    drawn = trade.first("parameter_drawn").public
    drawn["parts"][-1] = {"party": "centre", "part": "ab" * 32}
    drawn_again(trade, drawn["opening_time"])


def no_reserve(trade: Any) -> None:
    """A centre that committed as an owner makes three, of whom one is missing."""
    del next(e for e in trade.entries if e.type == "draw_committed" and "reserve" in e.public).public["reserve"]


@pytest.mark.parametrize("forge", [
    never_overdue, another_overdue, before_the_record, not_handed_in, handed_in_after_all, another_part, no_reserve,
])  # fmt: skip
def test_nobody_chooses_between_the_reserve_and_a_part(trade: Any, forge: Any) -> None:
    with_reserve(trade)
    forge(trade)
    assert failure(trade) == "draw.parameter"


def test_the_reserve_replaces_nobody_who_is_in_time(trade: Any) -> None:
    drawn = trade.first("parameter_drawn").public
    drawn["parts"][0] = {"party": "centre", "part": RESERVE.hex()}
    drawn_again(trade, drawn["opening_time"])
    assert failure(trade) == "draw.parameter"


def drawing(trade: Any) -> tuple[dict[str, str], list[Any], dict[str, list[str]]]:
    """Answers by number, the sign-ins, and each row's order."""
    answers = {e.private["expert"]: e.private["answer"] for e in trade.entries if e.type == "expert_answered"}
    return answers, [e for e in trade.entries if e.type == "seat_signed_in"], trade.first("experts_drawn").private["orders"]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("own", [True, False])
def test_a_substitute_comes_from_the_row_of_who_left(trade: Any, own: bool, named: bool) -> None:
    """Also where the file does not name who left: it names who had taken that seat [E-C5, 08 §8.6.1 step 7]."""
    answers, signed, orders = drawing(trade)
    held = {e.private["holder"] for e in signed}
    rare = next(n for n in orders["econ-B"] if answers.get(n) == "accept" and n not in held)
    common = next(n for n in orders["tech-A"] if answers.get(n) == "accept" and n not in {*held, rare})
    leaver = next(e for e in signed if e.private["holder"] not in orders["econ-B"])
    seat, place, at = leaver.public["seat"], trade.entries.index(signed[-1]) + 1, signed[-1].at
    recused = Entry(STREAM, "seat_recused", {"grounds": ["RC-1"], "seat": seat}, {"holder": leaver.private["holder"], "reason": "r"}, at)
    came = Entry(STREAM, "seat_signed_in", {"seat": seat, "kind": "expert"}, {"holder": common if own else rare}, at)
    recused.show, came.show = named, True
    trade.entries[place:place] = [recused, came]
    assert failure(trade) == ("" if own else "draw.experts")


def substitutes(trade: Any) -> tuple[str, str]:
    """Who is ready to follow in the rare specialty, and in the common one."""
    answers, signed, orders = drawing(trade)
    held = {e.private["holder"] for e in signed}
    rare = next(n for n in orders["econ-B"] if answers.get(n) == "accept" and n not in held)
    return rare, next(n for n in orders["tech-A"] if answers.get(n) == "accept" and n not in {*held, rare})


def unnamed_leaver(trade: Any, comes: str) -> None:
    """Somebody of the common specialty leaves instead of signing in, nobody reads who; another takes the seat, after all others."""
    _, signed, orders = drawing(trade)
    leaver = next(e for e in signed if e.private["holder"] not in orders["econ-B"])
    at, place = signed[-1].at, trade.entries.index(signed[-1]) + 1
    left = Entry(STREAM, "seat_recused", {"grounds": ["RC-9"], "seat": 0}, {"holder": leaver.private["holder"]}, at)
    came = Entry(STREAM, "seat_signed_in", dict(leaver.public), {"holder": comes}, at)
    came.show = True
    trade.entries[place:place] = [left, came]
    trade.entries.remove(leaver)


def test_who_may_replace_an_unnamed_leaver(trade: Any) -> None:
    unnamed_leaver(trade, substitutes(trade)[1])
    assert failure(trade) == ""
    report = verify.project(trade.zip(), verify.read_trust(trade.keys.trust_file()))
    assert [c.outcome for c in report.checks if c.name == "draw.experts"] == ["not_shown"]


@pytest.mark.parametrize("who", ["stranger", "unasked", "refused", "other row", "early"])
def test_an_unnamed_leaver_opens_no_seat_to_others(trade: Any, who: str) -> None:
    """Neither who is in no pool, nor who was not asked in turn, nor who refused, nor who accepted for another row; and before anybody has
    left none but those drawn [E-C5]."""
    answers, signed, orders = drawing(trade)
    rare, common = substitutes(trade)
    unasked = [n for n in orders["tech-A"] if n not in answers][-1]
    refused = next(n for n, a in answers.items() if a == "refuse")
    if who == "unasked":
        last = max(trade.entries.index(e) for e in trade.entries if e.type == "expert_answered")
        entry = Entry(STREAM, "expert_answered", {"draw": "experts"}, {"expert": unasked, "answer": "accept"}, trade.entries[last].at)
        entry.show = True
        trade.entries.insert(last + 1, entry)
    if who == "early":
        signed[0].private["holder"] = common
    unnamed_leaver(trade, {"stranger": "E999", "unasked": unasked, "refused": refused, "other row": rare}.get(who, common))
    assert failure(trade) == "draw.experts"
