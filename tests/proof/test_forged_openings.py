"""What the operator, who has all the platform's keys, could claim of an opening that was not so (docs/formats.md §7.7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.proof.conftest import B1, BIDS, LOT, STREAM, Entry, awarded, played
from tests.proof.sealed_envelopes import identity_of, keys_of, says, sealed
from trading_core import verify
from trading_core.adapters.crypto.suites import SUITES as SERVERS
from trading_core.domain import draw
from trading_core.domain.leaves import canonical
from trading_core.verify.bundle import read_bundle
from trading_core.verify.envelope import Expected, opened
from trading_core.verify.suites import SUITES

GHOST = "f" * 32


def failure(trade: Any) -> str:
    """The check that fails, with the operator's own keys pinned. Places in rules.json follow the events."""
    trade.renumber()
    report = verify.project(trade.zip(), verify.read_trust(trade.keys.trust_file()))
    return "" if report.failure is None else report.failure.name


def opening(trade: Any, stage: str, bid: str = B1) -> Any:
    return next(e for e in trade.entries if e.type == "bid_opened" and (e.public["bid"], e.public["stage"]) == (bid, stage))


def insert_after(trade: Any, entry: Any, public: dict[str, Any]) -> None:
    trade.entries.insert(trade.entries.index(entry) + 1, Entry(STREAM, "bid_opened", public, None, entry.at))


def ghost(trade: Any) -> None:
    insert_after(trade, opening(trade, "price"), says(GHOST, "price", {"price_fen": 80000000000}))


def twice(trade: Any) -> None:
    insert_after(trade, opening(trade, "price"), says(B1, "price", {"price_fen": 90000000000}))


def no_keys(trade: Any) -> None:
    trade.entries = [e for e in trade.entries if e.type != "key_released"]


def one_key(trade: Any) -> None:
    trade.entries = [e for e in trade.entries if e.type != "key_released" or e.public["trustee"] == "host"]


def foreign_key(trade: Any) -> None:
    trade.first("key_released").private["private_key"] = keys_of(LOT, "price")["host"].private.hex()


def key_after_deadline(trade: Any) -> None:
    entry = trade.first("trustee_key_registered")
    trade.entries.remove(entry)
    entry.at = trade.first("opening_started").at
    trade.entries.insert(trade.entries.index(trade.first("opening_started")), entry)


def left_out(trade: Any) -> None:
    for stage in ("technical", "price"):
        trade.entries.remove(opening(trade, stage))


def renamed_later(trade: Any) -> None:
    opening(trade, "price").public["name"] = "另一家公司"


def opened_after_failing(trade: Any) -> None:
    opening(trade, "technical").public.update(ok=False, fault="bidder", reason="sealing.share_forged")


@pytest.mark.parametrize(
    "lie", [ghost, twice, no_keys, one_key, foreign_key, key_after_deadline, left_out, renamed_later, opened_after_failing]
)
@pytest.mark.parametrize("variant", ["full", "public"])
def test_what_the_log_alone_shows(trade: Any, lie: Callable[[Any], None], variant: str) -> None:
    lie(trade)
    if variant == "public":
        trade.bids.clear()
    assert failure(trade) == "bids.opened"


# ------------------------------------------------------------------ the second opening [01 §1.3, S-02]

RECORDED = "second_opening_finished"


def moved(trade: Any, type: str, before: str) -> None:
    """Tell that an act came before another one."""
    entry = trade.first(type)
    trade.entries.remove(entry)
    entry.at = trade.first(before).at
    trade.entries.insert(trade.entries.index(trade.first(before)), entry)


def says_at(trade: Any, type: str, entry: Any) -> None:
    said = {"bid": B1} if type == "opening_confirmed" else {"number": 1, "organisation": "o1", "text": "异议"}
    trade.entries.insert(trade.entries.index(entry) + 1, Entry(STREAM, type, said, None, entry.at))


def price_read(trade: Any) -> Any:
    return next(e for e in trade.entries if e.type == "stage_opened" and e.public["stage"] == "price")


def test_the_second_opening_has_its_record() -> None:
    trade = awarded()
    assert failure(trade) == ""
    trade.entries.remove(trade.first(RECORDED))
    assert failure(trade) == "bids.opened"


def test_no_record_before_the_prices_are_read_out(trade: Any) -> None:
    moved(trade, RECORDED, "technical_summarised")
    assert failure(trade) == "bids.opened"


def test_no_record_of_a_stage_that_was_not_read_out(trade: Any) -> None:
    trade.entries.remove(price_read(trade))
    assert failure(trade) == "bids.opened"


@pytest.mark.parametrize("type", ["opening_confirmed", "opening_objected"])
@pytest.mark.parametrize(("after", "found"), [("opening_started", ""), ("technical_summarised", "bids.opened"), (RECORDED, "bids.opened")])
def test_bidders_speak_of_what_is_being_read_out(trade: Any, type: str, after: str, found: str) -> None:
    says_at(trade, type, trade.first(after))
    assert failure(trade) == found


@pytest.mark.parametrize("type", ["opening_confirmed", "opening_objected"])
def test_bidders_speak_once_the_prices_are_read_out(trade: Any, type: str) -> None:
    says_at(trade, type, price_read(trade))
    assert failure(trade) == ""


# ------------------------------------------------------------------ several bids of one bidder [RJ-4]

FIRST, SECOND, THIRD = BIDS[:3]


def one_bidder(trade: Any, mark: object) -> str:
    """The third bid opened is of the first one's bidder; the mark is what is claimed of it. What is sealed is not shown."""
    trade.bids.clear()
    opening(trade, "technical", THIRD).public["uscc"] = opening(trade, "technical", FIRST).public["uscc"]
    return marked(trade, mark)


def marked(trade: Any, mark: object) -> str:
    if mark is not None:
        opening(trade, "technical", THIRD).public["same_bidder_as"] = mark
    return failure(trade)


def test_several_bids_of_one_bidder_are_marked(trade: Any) -> None:
    """The evaluation, in which no committee looked at the two, is then another matter."""
    assert one_bidder(trade, [FIRST]) == "evaluation.sources"


@pytest.mark.parametrize("mark", [None, [], [SECOND], [FIRST, SECOND], [FIRST, FIRST], [THIRD], FIRST, [GHOST]])
def test_no_bid_of_one_bidder_is_left_unmarked(trade: Any, mark: object) -> None:
    """The mark is what the committee is shown: who leaves it out lets a bidder bid twice [BLR 51(4)]."""
    assert one_bidder(trade, mark) == "bids.opened"


@pytest.mark.parametrize("mark", [[], [FIRST], [SECOND, FIRST], "none"])
def test_nobody_is_marked_who_bid_once(trade: Any, mark: object) -> None:
    assert marked(trade, mark) == "bids.opened"


def test_a_price_marks_nobody(trade: Any) -> None:
    opening(trade, "price", THIRD).public["same_bidder_as"] = [FIRST]
    assert failure(trade) == "bids.opened"


def other_price(trade: Any) -> None:
    opening(trade, "price").public["form"] = {"price_fen": 97000000000}


def more_in_the_form(trade: Any) -> None:
    opening(trade, "price").public["form"]["words"] = "玖亿元整"


def no_form(trade: Any) -> None:
    del opening(trade, "technical").public["form"]


def other_file(trade: Any) -> None:
    opening(trade, "technical").public["files"][0]["sha256"] = "0" * 64


def file_left_out(trade: Any) -> None:
    opening(trade, "technical").public["files"] = []


def other_bidder(trade: Any) -> None:
    opening(trade, "technical").public.update(name=identity_of(GHOST).name, uscc=identity_of(GHOST).uscc)


def failed_on_paper(trade: Any) -> None:
    trade.entries.remove(opening(trade, "price"))
    found = opening(trade, "technical")
    found.public = {"bid": B1, "stage": "technical", "ok": False, "fault": "bidder", "reason": "sealing.share_forged"}


def given_up_on_paper(trade: Any) -> None:
    failed_on_paper(trade)
    opening(trade, "technical").public["fault"] = "other"


@pytest.mark.parametrize(
    "lie", [other_price, more_in_the_form, no_form, other_file, file_left_out, other_bidder, failed_on_paper, given_up_on_paper]
)
def test_what_opening_again_shows(trade: Any, lie: Callable[[Any], None]) -> None:
    trade = with_own_payloads(trade)
    lie(trade)
    assert failure(trade) == "bids.reopened"


def with_own_payloads(trade: Any) -> Any:
    for e in trade.entries:
        e.public = json.loads(json.dumps(e.public))
    return trade


def test_a_bid_that_was_given_up_is_noted(trade: Any) -> None:
    """The platform lost the sealed envelope: it may be missing from the file, and the bid is named."""
    given_up_on_paper(trade)
    del trade.bids[f"{B1} technical"]
    report = verify.project(trade.zip())
    assert [(c.outcome, c.params["given_up"]) for c in report.checks if c.name == "bids.opened"] == [("noted", B1)]
    assert next(c.outcome for c in report.checks if c.name == "bids.envelopes") == "holds"


def test_what_must_be_believed_stands_in_the_summary(trade: Any) -> None:
    """The opening goes on without the bid, and nobody can prove that its envelope was lost."""
    trade.entries = trade.entries[: trade.entries.index(trade.first("technical_summarised"))]
    trade.papers.clear(), trade.renumber()
    given_up_early(trade)
    report = verify.project(trade.zip())
    assert report.failure is None
    last = report.checks[-1]
    assert (last.name, last.outcome, last.params["trusted"]) == ("file.shows", "noted", "bids.opened")


def given_up_early(trade: Any) -> None:
    found = opening(trade, "technical")
    found.public = {"bid": B1, "stage": "technical", "ok": False, "fault": "other", "reason": "sealing.lost"}
    del trade.bids[f"{B1} technical"]


def test_keys_that_are_not_shown_are_told(trade: Any) -> None:
    for e in trade.entries:
        e.show = e.show and e.type != "key_released"
    report = verify.project(trade.zip())
    assert report.ok
    assert [(c.outcome, dict(c.params)) for c in report.checks if c.name == "bids.reopened"] == [("not_shown", {"count": 0, "hidden": 8})]


def test_files_that_are_no_envelopes(trade: Any) -> None:
    """Bytes that nobody can open stand for a bid, and a price is read out of them."""
    junk = b"ciphertext" * 100
    replace_envelope(trade, B1, "price", junk)
    assert failure(trade) == "bids.reopened"


def test_an_envelope_of_somebody_else(trade: Any) -> None:
    """The bidder of the first envelope is not the one committed to when it came."""
    sealed_entry = next(e for e in trade.entries if e.stream == f"sealed/{B1}")
    sealed_entry.private["commitment"] = trade.first("closed").public["bids"][0]["commitment"] = "0" * 64
    redisclose(trade, sealed_entry)
    assert failure(trade) == "bids.reopened"


def replace_envelope(trade: Any, bid: str, stage: str, data: bytes) -> None:
    """Everything in the log fits the new bytes, the draw too."""
    old, new = hashlib.sha256(trade.bids[f"{bid} {stage}"]).hexdigest(), hashlib.sha256(data).hexdigest()
    size, trade.bids[f"{bid} {stage}"] = len(trade.bids[f"{bid} {stage}"]), data
    for e in trade.entries:
        for part in (e.public, e.private or {}):
            for b in part.get("bids", [part]) if e.type in ("closed", "sealed") else []:
                for v in b.get("envelopes", []):
                    if v["object"] == old and v["size"] == size:
                        v.update(object=new, size=len(data))
        if e.stream == f"sealed/{bid}":
            redisclose(trade, e)
    closed, drawn = trade.first("closed").public, trade.first("parameter_drawn").public
    root = draw.bid_root([v["object"] for b in closed["bids"] for v in b["envelopes"]])
    seed = draw.combine([bytes.fromhex(p["part"]) for p in drawn["parts"]])
    index = draw.parameter_index(seed, LOT, 1, drawn["opening_time"], root, len(drawn["candidates"]))
    closed["bid_root"] = root
    drawn.update(bid_root=root, index=index, value=drawn["candidates"][index])


def redisclose(trade: Any, entry: Any) -> None:
    disclosure = next(e for e in trade.entries if e.type == "disclosed" and e.public["stream"] == entry.stream)
    disclosure.public["private"] = canonical(entry.private)


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_both_suites_open_again(suite: str) -> None:
    report = verify.project(played(suite).zip())
    assert report.ok and next(c.params["count"] for c in report.checks if c.name == "bids.reopened") == 8


# ------------------------------------------------------------------ the envelope alone


def expectation(bid: str, stage: str, suite: str) -> Expected:
    return Expected(LOT, 1, stage, bid, suite, {t: k.public for t, k in keys_of(LOT, stage, suite).items()})


def opened_content(data: bytes, expected: Expected, suite: str) -> Any:
    keys = {t: keys_of(LOT, expected.stage, suite)[t].private for t in ("host", "supervisor")}
    return read_bundle(opened(lambda start, size: data[start : start + size], expected, keys))


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_any_change_of_an_envelope_is_found(suite: str) -> None:
    data, expected = sealed(LOT, B1, "price", {"price_fen": 1}, suite), expectation(B1, "price", suite)
    assert opened_content(data, expected, suite).form == {"price_fen": 1}
    for at in [*range(16), *range(20, 2000, 97), 30_000, len(data) - 1]:
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(ValueError):
            opened_content(changed, expected, suite)
    for changed in (data[:-1], data + b"\0", data[: len(data) // 2], b""):
        with pytest.raises(ValueError):
            opened_content(changed, expected, suite)


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_false_share_for_whom_is_not_there_is_found(suite: str) -> None:
    """Two true shares open the content, and the third is another's: such an envelope opens for nobody."""
    data = sealed(LOT, B1, "price", {"price_fen": 1}, suite)
    size = int.from_bytes(data[4:8], "big")
    header = json.loads(data[8 : 8 + size])
    centre = next(s for s in header["shares"] if s["trustee"] == "centre")
    centre["sealed"] = centre["sealed"][:-1] + ("1" if centre["sealed"].endswith("0") else "0")
    raw = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(ValueError, match="false share for centre"):
        opened_content(data[:8] + raw + data[8 + size :], expectation(B1, "price", suite), suite)


@pytest.mark.parametrize("suite", sorted(SUITES))
@pytest.mark.parametrize("other", ["lot", "attempt", "stage", "bid", "key"])
def test_an_envelope_for_something_else(suite: str, other: str) -> None:
    data, right = sealed(LOT, B1, "price", {"price_fen": 1}, suite), expectation(B1, "price", suite)
    publics = {**right.publics, "centre": SERVERS[suite].public_from_private(bytes(31) + b"\7")}
    wrong = {
        "lot": Expected("A01-OTHER", 1, "price", B1, suite, right.publics), "attempt": Expected(LOT, 2, "price", B1, suite, right.publics),
        "stage": Expected(LOT, 1, "technical", B1, suite, right.publics), "bid": Expected(LOT, 1, "price", BIDS[1], suite, right.publics),
        "key": Expected(LOT, 1, "price", B1, suite, publics),
    }  # fmt: skip
    keys = {t: k.private for t, k in keys_of(LOT, "price", suite).items()}
    with pytest.raises(ValueError, match="sealed for"):
        read_bundle(opened(lambda start, size: data[start : start + size], wrong[other], keys))
