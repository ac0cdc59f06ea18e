"""The bids that the deadline found: all of them, in time, and the very bytes (docs/formats.md §7.6)."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from .container import Member
from .draws import bid_root
from .events import Event, Record
from .openings import after_technical, given_up
from .report import Broken, Check
from .schedule import NOTICES, planned
from .text import Value

COUNTED, STAGES, ENVELOPES = "bids.counted", "bids.stages", "bids.envelopes"
FOLDER = "bids/"


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid as its disclosed event tells it."""

    event: Event
    private: Value


def _facts(value: Value) -> tuple[datetime, bytes, int, list[tuple[str, str, int]]]:
    """What a bid's own event and `closed` both say of it."""
    return value["received_at"].instant(), value["commitment"].hex(), value["document_version"].integer(1), _envelopes(value)


def _envelopes(value: Value) -> list[tuple[str, str, int]]:
    return [(e["name"].text(), e["object"].hex().hex(), e["size"].integer(1)) for e in value["envelopes"].entries()]


def check_counted(record: Record, lot: str, attempt: int) -> Iterator[Check]:
    """The bids in `closed` are exactly the disclosed ones that live at the deadline, and make up `bid_root`."""
    closed = record.of(f"lot/{lot}", "closed")
    if not closed:
        yield Check(COUNTED, "not_shown", "events.jsonl", {"count": 0})
        return
    if len(closed) > 1:
        raise Broken(COUNTED, closed[1].where, "one deadline", len(closed))
    event = closed[0]
    deadline, listed = event.public["deadline"].instant(), event.public["bids"].entries()
    if event.at < deadline:
        raise Broken(COUNTED, event.where, f"an instant not before {deadline.isoformat()}", event.at.isoformat())
    if (stated := planned(record, lot, event.index).get("bid_deadline")) != deadline:
        raise Broken(COUNTED, f"{event.where} deadline", stated.isoformat() if stated else "one that was published", deadline.isoformat())
    received = _received(record, lot)
    gone = _gone(record, lot, received, event, deadline)
    for value in listed:
        _check_bid(value, received, event, attempt)
    counted = [v["bid"].text() for v in listed]
    live = {b for b in received if b not in gone}
    if len(set(counted)) != len(counted) or set(counted) != live or event.public["count"].integer() != len(counted):
        raise Broken(COUNTED, event.where, "the bids " + ", ".join(sorted(live)), ", ".join(sorted(counted)))
    root = bid_root([digest for v in listed for _, digest, _ in _envelopes(v)])
    if event.public["bid_root"].text() != root:
        raise Broken(COUNTED, f"{event.where} bid_root", root, event.public["bid_root"].text())
    yield Check(COUNTED, "holds", event.where, {"count": len(counted)})


def _received(record: Record, lot: str) -> dict[str, Bid]:
    """The lot's bids that are shown, by number."""
    received: dict[str, Bid] = {}
    for e in _sealed(record, lot, "received"):
        bid = _private(e)["bid"].text()
        if bid in received or e.stream != f"sealed/{bid}":
            raise Broken(COUNTED, e.where, f"one bid {bid} in the stream sealed/{bid}", e.stream)
        received[bid] = Bid(e, _private(e))
    return received


def _sealed(record: Record, lot: str, what: str) -> Iterator[Event]:
    for e in record.events:
        if e.type == "sealed" and e.private is not None and e.private.mapping().get("lot") == lot and e.private["what"].text() == what:
            yield e


def _private(e: Event) -> Value:
    assert e.private is not None
    return e.private


def _gone(record: Record, lot: str, received: Mapping[str, Bid], closed: Event, deadline: datetime) -> set[str]:
    """The numbers of bids withdrawn or replaced in time: from the deadline on nobody can take a bid away."""
    gone = {_private(e)["bid"].text() for e in _sealed(record, lot, "withdrawn") if e.at < deadline and e.index < closed.index}
    for bid in received.values():
        if bid.private["received_at"].instant() < deadline and bid.event.index < closed.index:
            gone.add(bid.private["replaces"].text())
    return gone


def _check_bid(value: Value, received: Mapping[str, Bid], closed: Event, attempt: int) -> None:
    bid, deadline = received.get(value["bid"].text()), closed.public["deadline"].instant()
    if bid is None:
        raise Broken(COUNTED, value.where, "a disclosed bid", value["bid"].text())
    told = _facts(value)
    if told != _facts(bid.private):
        raise Broken(COUNTED, value.where, f"what {bid.event.where} says", "something else")
    if bid.private["attempt"].integer(1) != attempt:
        raise Broken(COUNTED, value.where, f"a bid for attempt {attempt}", bid.private["attempt"].integer(1))
    if not told[0] < deadline or bid.event.at < told[0] or bid.event.index > closed.index:
        raise Broken(COUNTED, value.where, f"received before {deadline.isoformat()} and then recorded", told[0].isoformat())


def check_stages(record: Record, lot: str) -> Iterator[Check]:
    """No key was released before the deadline and the opening, nor a later stage's before the technical result."""
    later: set[str] = set()
    deadline: datetime | None = None
    done: set[str] = set()
    released = 0
    for e in record.of(f"lot/{lot}"):
        if e.type in NOTICES:
            later |= after_technical(e)  # a stage that once was to open late never opens early
        elif e.type == "closed":
            deadline = e.public["deadline"].instant()
        elif e.type in ("opening_started", "key_released"):
            if deadline is None or e.at < deadline:
                raise Broken(STAGES, e.where, "the deadline before this", e.at.isoformat())
            if e.type == "key_released":
                _check_stage(e, later, done)
                released += 1
        done.add(e.type)
    yield Check(STAGES, "holds" if released else "not_shown", "events.jsonl", {"count": released})


def _check_stage(e: Event, later: set[str], done: set[str]) -> None:
    stage = e.public["stage"].text()
    for before in ("opening_started", *(("technical_summarised",) if stage in later else ())):
        if before not in done:
            raise Broken(STAGES, e.where, f"{before} before this key", stage)


def check_envelopes(record: Record, lot: str, variant: str, members: Mapping[str, Member]) -> Iterator[Check]:
    """In the full variant every counted envelope is there; an envelope that is there is one that an event names."""
    found = {name.removeprefix(FOLDER): m for name, m in members.items() if name.startswith(FOLDER)}
    if variant != "full":
        if found:
            raise Broken(ENVELOPES, min(found), "no sealed bids in the public variant", len(found))
        yield Check(ENVELOPES, "not_shown", "manifest.json", {"count": 0})
        return
    for name, member in found.items():
        if member.sha256 != name:
            raise Broken(ENVELOPES, FOLDER + name, name, member.sha256)
    counted = [b for e in record.of(f"lot/{lot}", "closed") for b in e.public["bids"].entries()]
    wanted = {digest: size for b in counted for _, digest, size in _envelopes(b)}
    lost = given_up(record, lot)
    for digest, size in wanted.items():
        if digest in lost and digest not in found:
            continue
        if digest not in found or found[digest].size != size:
            raise Broken(ENVELOPES, FOLDER + digest, f"{size} bytes", found[digest].size if digest in found else "no such file")
    named = {digest for b in _received(record, lot).values() for _, digest, _ in _envelopes(b.private)}
    if strangers := sorted(set(found) - named):
        raise Broken(ENVELOPES, FOLDER + strangers[0], "an envelope of a bid", "one that no event names")
    yield Check(ENVELOPES, "holds", FOLDER, {"count": len(found)})
