"""The events of a project file: their texts, their places in the log, their private parts (docs/formats.md §2, §7.3)."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .keys import Checkpoint
from .report import Broken, Check, Malformed
from .text import Value, instant_of, read_canonical
from .tree import NAME, PROOF_MAX, commitment_of, leaf_of, root_by_path

DISCLOSED = "disclosed"
MEMBERS = ("at", "commitment", "index", "private", "proof", "public", "salt", "stream", "type", "version")
MICROS_MAX = 253402300800 * 10**6  # the year 10000


@dataclass(slots=True)
class Event:
    """One event as the file shows it. private is None while it is not shown, here or by a later disclosure."""

    index: int
    stream: str
    version: int
    type: str
    micros: int
    public_text: str
    public: Value
    commitment: str | None
    proof: list[bytes]
    where: str
    private_text: str | None = None
    private: Value | None = None
    salt: bytes | None = None

    @property
    def at(self) -> datetime:
        return instant_of(self.micros)

    def show(self, text: str, salt: bytes) -> None:
        """Take in the private part, when it is the one committed to. Raises `Malformed` when it is no canonical object."""
        self.private_text, self.salt = text, salt
        self.private = read_canonical(text, f"{self.where} private")
        self.private.mapping()

    def committed(self, text: str, salt: bytes) -> bool:
        return self.commitment is not None and commitment_of(salt, text).hex() == self.commitment


def anew(e: Event) -> bool:
    """Whether a committee gives way to another one: those who review applications to those who evaluate, or by order to a new one."""
    said = e.public.mapping()
    reviewed = e.type == "prequalification_decided" and said.get("reviewed_by") == "committee"
    return reviewed or (e.type == "re_evaluation_ordered" and said.get("committee") == "new")


@dataclass(slots=True)
class Record:
    """All events of a file in the order of the log."""

    events: list[Event] = field(default_factory=list)

    def of(self, stream: str, *types: str) -> list[Event]:
        """The events of a stream, of these types when some are named."""
        return [e for e in self.events if e.stream == stream and (not types or e.type in types)]

    def at(self, stream: str, version: int) -> Event | None:
        return next((e for e in self.events if e.stream == stream and e.version == version), None)

    def texts(self) -> Iterator[str]:
        """Every public and shown private text."""
        for e in self.events:
            yield e.public_text
            if e.private_text is not None:
                yield e.private_text


def read_events(record: Record, lines: Iterable[bytes]) -> Iterator[Check]:
    """Take the lines into the record. Raises `Malformed`, `Broken`."""
    last = -1
    for number, line in enumerate(lines, 1):
        event = _read(line, f"events.jsonl:{number}")
        if event.index <= last:
            raise Broken("events.format", event.where, f"an index above {last}", event.index)
        last = event.index
        record.events.append(event)
    yield Check("events.format", "holds", "events.jsonl", {"count": len(record.events)})


def _read(line: bytes, where: str) -> Event:
    value = read_canonical(line.removesuffix(b"\n"), where).only(*MEMBERS)
    stream, kind = value["stream"].text(), value["type"].text()
    if not re.fullmatch(NAME, stream) or not re.fullmatch(NAME, kind):
        raise Malformed(where, "stream and type of letters, digits and / _ - . :")
    public_text, commitment = value["public"].text(), value["commitment"]
    public = read_canonical(public_text, f"{where} public")
    public.mapping()
    event = Event(
        value["index"].integer(), stream, value["version"].integer(1), kind, value["at"].integer(), public_text, public,
        None if commitment.raw is None else commitment.hex().hex(), value["proof"].hexes(), where,
    )  # fmt: skip
    if event.micros >= MICROS_MAX or len(event.proof) > PROOF_MAX:
        raise Malformed(where, f"a year up to 9999 and a proof of at most {PROOF_MAX} hashes")
    if (value["private"].raw is None) != (value["salt"].raw is None):
        raise Malformed(where, "private and salt both told or both null")
    if value["private"].raw is not None:
        event.show(value["private"].text(), value["salt"].hex())
    return event


def check_proofs(record: Record, point: Checkpoint) -> Iterator[Check]:
    """Every event's leaf is in the tree of the checkpoint."""
    for e in record.events:
        leaf = leaf_of(e.stream, e.version, e.type, e.micros, e.commitment, e.public_text)
        if e.index >= point.size:
            raise Broken("events.proofs", e.where, f"an index below the checkpoint's {point.size}", e.index)
        found = root_by_path(leaf, e.index, point.size, e.proof)
        if found != point.root:
            raise Broken("events.proofs", e.where, point.root.hex(), found.hex() if found else f"{len(e.proof)} hashes")
    yield Check("events.proofs", "holds", "events.jsonl", {"count": len(record.events), "size": point.size})


def check_streams(record: Record, stated: Value) -> Iterator[Check]:
    """Every stream is whole: versions from 1 without a gap, to the last one the manifest tells; time does not run backwards in it."""
    reached: dict[str, Event] = {}
    for e in record.events:
        before = reached.get(e.stream)
        if e.version != (before.version if before else 0) + 1:
            raise Broken("events.streams", e.where, f"{e.stream} version {(before.version if before else 0) + 1}", e.version)
        if before and e.micros < before.micros:
            raise Broken("events.streams", e.where, f"an instant not before {before.at.isoformat()}", e.at.isoformat())
        reached[e.stream] = e
    for stream, value in stated.members():
        last = reached.pop(stream).version if stream in reached else 0
        if last != value.integer(1):
            raise Broken("events.streams", f"manifest.json streams {stream}", value.integer(1), last)
    if reached:
        raise Broken("events.streams", "manifest.json streams", "no further stream", min(reached))
    yield Check("events.streams", "holds", "events.jsonl", {"count": len(stated.mapping())})


def check_attempt(record: Record, lot: str, attempt: int) -> None:
    """Which tendering of the lot this is, is what its first event says: the draws depend on it. Raises `Broken`."""
    first = record.at(f"lot/{lot}", 1)
    if first is None or first.type != "created" or first.public["attempt"].integer(1) != attempt:
        raise Broken("events.streams", "manifest.json attempt", "the attempt of the first event of the lot", attempt)


def check_private(record: Record) -> Iterator[Check]:
    """Every private text shown is the one its event committed to."""
    shown = hidden = 0
    for e in record.events:
        if e.private_text is not None and e.salt is not None:
            if not e.committed(e.private_text, e.salt):
                raise Broken("events.private", e.where, e.commitment or "no private part", commitment_of(e.salt, e.private_text).hex())
            shown += 1
        elif e.commitment is not None:
            hidden += 1
    yield Check("events.private", "holds", "events.jsonl", {"count": shown, "hidden": hidden})


def check_disclosed(record: Record) -> Iterator[Check]:
    """Every disclosure fits the earlier event it names, and is taken in."""
    places = {(e.stream, e.version): e for e in record.events}
    streams = {e.stream for e in record.events}
    count = elsewhere = 0
    for e in record.events:
        if e.type != DISCLOSED:
            continue
        stream, version = e.public["stream"].text(), e.public["version"].integer(1)
        text, salt = e.public["private"].text(), e.public["salt"].hex()
        if stream not in streams:
            elsewhere += 1
            continue
        named = places.get((stream, version))
        if named is None or named.index > e.index:
            raise Broken("events.disclosed", e.where, "an earlier event", f"{stream} version {version}")
        if not named.committed(text, salt):
            raise Broken("events.disclosed", e.where, named.commitment or "no private part", commitment_of(salt, text).hex())
        named.show(text, salt)
        count += 1
    yield Check("events.disclosed", "not_shown" if elsewhere else "holds", "events.jsonl", {"count": count, "elsewhere": elsewhere})
