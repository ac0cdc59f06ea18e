"""A credit record: who is listed, by which decision, from when to when; the fold of the events of ``credit/<case>`` [09 §9.4]."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from trading_core.domain.events import Json, Recorded
from trading_core.domain.workcalendar import local_date

from .lists import LISTS, Consequence, Effect


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is listed. uscc, or for older lists only the organisation code (9 characters); both may be missing."""

    name: str
    uscc: str = ""
    organisation_code: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The decision without which there is no record [CR-3]. sha256 of its file, empty when the list came without files."""

    number: str
    body: str
    day: date
    basis: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record says. valid_from and valid_to are calendar dates in China, both count; valid_to None: until it is cured.

    trades: where it has effect, empty for every trade of its list. only_shown: never more than evidence, though its list may refuse
    (a fine among bans). snapshot: SHA-256 of the list it was taken from, empty when a supervisor entered it here.
    """

    list: str
    subject: Subject
    document: Document
    valid_from: date
    valid_to: date | None
    trades: tuple[str, ...] = ()
    only_shown: bool = False
    snapshot: str = ""

    def consequence(self, trade: str, mandatory: bool = True) -> Consequence | None:
        """What a match means in a trade, None for nothing. mandatory: the project must be put to tender by law."""
        if self.trades and trade not in self.trades:
            return None
        found = LISTS[self.list].consequence(trade)
        if found is None or found.effect is Effect.SHOWN:
            return found
        weaker = self.only_shown or (found.mandatory_only and not mandatory)
        return replace(found, effect=Effect.SHOWN) if weaker else found


@dataclass(frozen=True, slots=True)
class Record:
    """An entry with its history. version: of the stream. keeper: organisation that entered it. Nothing happens when it expires."""

    case: str
    version: int
    entry: Entry
    entered_at: datetime
    keeper: str
    withdrawn: bool = False
    delisted_at: datetime | None = None

    def in_force(self, moment: datetime) -> bool:
        """Whether the record counts at an instant [09 §9.4 rule 4]: entered, not delisted, its dates cover the day in China.

        A withdrawn record never counted [09 §9.4]; an expired one has no effect, whatever a copy elsewhere shows [CR-6]. An instant
        of the past is answered by what the record says now: what it said then stands in the evidence of whoever asked then.
        """
        if self.withdrawn or moment < self.entered_at or (self.delisted_at is not None and moment >= self.delisted_at):
            return False
        return covers(self.entry.valid_from, self.entry.valid_to, local_date(moment))


def covers(valid_from: date, valid_to: date | None, day: date) -> bool:
    """Whether a day lies within a validity: a ban ending on 2026-03-01 still counts on that day and not on the next."""
    return valid_from <= day and (valid_to is None or day <= valid_to)


# ------------------------------------------------------------------ record and back

def entry_public(entry: Entry) -> Json:
    """What the log tells for good: list, decision, dates, effects."""
    document = entry.document
    return {
        "list": entry.list,
        "document": {"number": document.number, "body": document.body, "date": document.day.isoformat(), "basis": document.basis,
                     "sha256": document.sha256},
        "valid_from": entry.valid_from.isoformat(),
        "valid_to": entry.valid_to.isoformat() if entry.valid_to else None,
        "trades": list(entry.trades),
        "effects": effects_json(entry),
        "only_shown": entry.only_shown,
        "snapshot": entry.snapshot,
    }  # fmt: skip


def entry_private(entry: Entry) -> Json:
    """Whom it names. Pages tell it while the record counts; publication must be able to end with it [09 §9.4]."""
    return {"subject": {"name": entry.subject.name, "uscc": entry.subject.uscc, "organisation_code": entry.subject.organisation_code}}


def effects_json(entry: Entry) -> list[Json]:
    """What the entry causes in each trade under the rules of the day it was made, for whoever reads the log."""
    found = ((trade, entry.consequence(trade)) for trade in LISTS[entry.list].consequences)
    return [
        {"trade": trade, "effect": c.effect.value, "rule": c.rule, "mandatory_only": c.mandatory_only}
        for trade, c in found
        if c is not None
    ]


def entry_from(public: Json, private: Json | None) -> Entry:
    """The entry of an event. Whose subject was erased matches nobody."""
    subject = cast("Json", (private or {}).get("subject", {"name": "", "uscc": "", "organisation_code": ""}))
    document, valid_to = cast("Json", public["document"]), public["valid_to"]
    return Entry(
        list=str(public["list"]),
        subject=Subject(str(subject["name"]), str(subject["uscc"]), str(subject["organisation_code"])),
        document=Document(
            str(document["number"]), str(document["body"]), date.fromisoformat(str(document["date"])), str(document["basis"]),
            str(document["sha256"]),
        ),
        valid_from=date.fromisoformat(str(public["valid_from"])),
        valid_to=None if valid_to is None else date.fromisoformat(str(valid_to)),
        trades=tuple(str(t) for t in cast("list[object]", public["trades"])),
        only_shown=bool(public["only_shown"]),
        snapshot=str(public["snapshot"]),
    )  # fmt: skip


def evolve(before: Record | None, r: Recorded) -> Record:
    """The record after one more event. ValueError for an event that the stream does not know."""
    if r.type == "record_entered":
        keeper = str(cast("Json", r.public["by"])["organisation"])
        return Record(str(r.public["case"]), r.version, entry_from(r.public, r.private), r.at, keeper)
    if before is None:
        raise ValueError(f"{r.stream} does not begin with an entry")
    match r.type:
        case "record_changed":  # by a newer copy of its list; one that comes back counts from now
            entered_at = before.entered_at if before.delisted_at is None else r.at
            return replace(before, version=r.version, entry=entry_from(r.public, r.private), entered_at=entered_at, delisted_at=None)
        case "record_delisted":
            return replace(before, version=r.version, delisted_at=r.at)
        case "record_withdrawn":
            return replace(before, version=r.version, withdrawn=True)
    raise ValueError(f"{r.stream} does not know {r.type}")
