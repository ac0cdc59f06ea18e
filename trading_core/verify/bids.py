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
from .text import Value

COUNTED, STAGES, ENVELOPES = "bids.counted", "bids.stages", "bids.envelopes"
FOLDER = "bids/"


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid as its disclosed event tells it."""

    event: Event
    private: Value

    def facts(self) -> tuple[object, ...]:
        p = self.private
        return p["received_at"].instant(), p["commitment"].hex(), _envelopes(p)


def _envelopes(value: Value) -> list[tuple[str, str, int]]:
    return [(e["name"].text(), e["object"].hex().hex(), e["size"].integer(1)) for e in value["envelopes"].entries()]


def check_counted(record: Record, lot: str) -> Iterator[Check]:
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
    received, gone = _sealed(record, lot)
    for value in listed:
        _check_bid(value, received, deadline)
    counted = [v["bid"].text() for v in listed]
    live = {b for b in received if b not in gone}
    if len(set(counted)) != len(counted) or set(counted) != live or event.public["count"].integer() != len(counted):
        raise Broken(COUNTED, event.where, "the bids " + ", ".join(sorted(live)), ", ".join(sorted(counted)))
    root = bid_root([digest for v in listed for _, digest, _ in _envelopes(v)])
    if event.public["bid_root"].text() != root:
        raise Broken(COUNTED, f"{event.where} bid_root", root, event.public["bid_root"].text())
    yield Check(COUNTED, "holds", event.where, {"count": len(counted)})


def _sealed(record: Record, lot: str) -> tuple[dict[str, Bid], set[str]]:
    """The lot's bids that are shown, by number, and the numbers of those withdrawn or replaced."""
    received: dict[str, Bid] = {}
    gone: set[str] = set()
    for e in record.events:
        if e.type != "sealed" or e.private is None or e.private.mapping().get("lot") != lot:
            continue
        what, bid = e.private["what"].text(), e.private["bid"].text()
        if what == "withdrawn":
            gone.add(bid)
        elif what == "received":
            if bid in received or e.stream != f"sealed/{bid}":
                raise Broken(COUNTED, e.where, f"one bid {bid} in the stream sealed/{bid}", e.stream)
            received[bid] = Bid(e, e.private)
            gone.add(e.private["replaces"].text())
    return received, gone


def _check_bid(value: Value, received: Mapping[str, Bid], deadline: datetime) -> None:
    bid = received.get(value["bid"].text())
    if bid is None:
        raise Broken(COUNTED, value.where, "a disclosed bid", value["bid"].text())
    told = value["received_at"].instant(), value["commitment"].hex(), _envelopes(value)
    if told != bid.facts():
        raise Broken(COUNTED, value.where, f"what {bid.event.where} says", "something else")
    if not told[0] < deadline or bid.event.at < told[0]:
        raise Broken(COUNTED, value.where, f"received before {deadline.isoformat()} and then recorded", told[0].isoformat())


def check_stages(record: Record, lot: str) -> Iterator[Check]:
    """No key was released before the opening, nor a later stage's before the technical result."""
    stream, later = f"lot/{lot}", set()
    started = technical = False
    released = 0
    for e in record.of(stream):
        if e.type in ("published", "invitations_sent"):
            later = after_technical(e)
        started |= e.type == "opening_started"
        technical |= e.type == "technical_summarised"
        if e.type == "key_released":
            stage = e.public["stage"].text()
            if not started or (stage in later and not technical):
                raise Broken(STAGES, e.where, "the technical result before this key" if started else "the opening before this key", stage)
            released += 1
    yield Check(STAGES, "holds" if released else "not_shown", "events.jsonl", {"count": released})


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
    received, _ = _sealed(record, lot)
    named = {digest for b in received.values() for _, digest, _ in _envelopes(b.private)}
    if strangers := sorted(set(found) - named):
        raise Broken(ENVELOPES, FOLDER + strangers[0], "an envelope of a bid", "one that no event names")
    yield Check(ENVELOPES, "holds", FOLDER, {"count": len(found)})
