"""An expert: what the pool records of a person, and how the events of the stream ``expert/<number>`` fold into it.

The two statutory pools are never merged: a person in both has a number, ties and a standing in each [08]. Who the person is, is
told by the account alone; the record keeps its id and repeats no name.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import cast

from trading_core.domain.events import Json, Recorded
from trading_core.domain.workcalendar import local_date

POOLS = ("bidding", "procurement")
DAY = timedelta(days=1)


class State(StrEnum):
    """Where an expert stands in the pool [08 §8.1]; only ACTIVE may be drawn and may sit."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    SUSPENDED = "SUSPENDED"
    REMOVED = "REMOVED"


class TieKind(StrEnum):
    """How somebody is bound to a unit (回避单位)."""

    EMPLOYER = "employer"
    OFFICE = "office"  # director or supervisor of the company
    CONTROL = "control"  # controlling shareholder or actual controller
    HOLDING = "holding"  # other shares
    RELATIVE_HEADS = "relative_heads"  # near relative is its legal representative or head
    RELATIVE_WORKS = "relative_works"  # near relative is otherwise employed there
    INTEREST = "interest"  # other economic interest


@dataclass(frozen=True, slots=True)
class Tie:
    """A bond to a unit, named by its unified social credit code; both days count, until None: it lasts."""

    kind: TieKind
    uscc: str
    since: date
    until: date | None = None
    name: str = ""

    def lasts_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which an expert may neither be drawn nor sit; both days count. by: role of who decided."""

    state: State
    since: date
    until: date | None
    by: str

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Expert:
    """specialties: the main one first. punished: numbers of decisions that punished illegal acts in bidding. remote: sits from
    another place. version: of the stream. absences end by their dates alone; nothing has to happen for that."""

    number: str
    pool: str
    specialties: tuple[str, ...]
    person: str = field(repr=False)
    ties: tuple[Tie, ...] = field(default=(), repr=False)
    punished: tuple[str, ...] = field(default=(), repr=False)
    remote: bool = False
    version: int = 0
    absences: tuple[Absence, ...] = ()
    removed: bool = False
    permanent: bool = False

    def state_on(self, day: date) -> State:
        """The state on a calendar day in China. Whose record was erased is out of the pool."""
        if self.removed or not self.person:
            return State.REMOVED
        away = {a.state for a in self.absences if a.covers(day)}
        return next((s for s in (State.SUSPENDED, State.PAUSED) if s in away), State.ACTIVE)

    def employer_on(self, day: date) -> str:
        """The present employer's code, the latest of several; empty for somebody retired or independent."""
        present = [t for t in self.ties if t.kind is TieKind.EMPLOYER and t.lasts_on(day)]
        return max(present, key=lambda t: (t.since, t.uscc)).uscc if present else ""


# ------------------------------------------------------------------ record and back

def tie_json(tie: Tie) -> Json:
    return {
        "kind": tie.kind.value, "uscc": tie.uscc, "name": tie.name,
        "since": tie.since.isoformat(), "until": tie.until.isoformat() if tie.until else None,
    }  # fmt: skip


def tie_from(data: Json) -> Tie:
    return Tie(TieKind(str(data["kind"])), str(data["uscc"]), _day(data["since"]), _day_or_none(data["until"]), str(data["name"]))


def evolve(before: Expert | None, r: Recorded) -> Expert:
    """The expert after one more event. ValueError for an event that the stream does not know."""
    if r.type == "expert_registered":
        return _registered(r)
    if before is None:
        raise ValueError(f"{r.stream} does not begin with a registration")
    return replace(_changed(before, r), version=r.version)


def _registered(r: Recorded) -> Expert:
    private = r.private or {}
    return Expert(
        number=str(r.public["number"]),
        pool=str(r.public["pool"]),
        specialties=_texts(r.public["specialties"]),
        person=str(private.get("person", "")),
        ties=tuple(tie_from(t) for t in cast("Sequence[Json]", private.get("ties", ()))),
        punished=_texts(private.get("punished", ())),
        remote=bool(private.get("remote")),
        version=r.version,
    )


def _changed(before: Expert, r: Recorded) -> Expert:
    match r.type:
        case "expert_paused" | "expert_suspended":
            state = State.PAUSED if r.type == "expert_paused" else State.SUSPENDED
            by = str(cast("Json", r.public["by"])["role"])
            away = Absence(state, _day(r.public["from"]), _day_or_none(r.public["until"]), by)
            return replace(before, absences=(*before.absences, away))
        case "expert_resumed":
            return _ended(before, State.PAUSED, local_date(r.at))
        case "suspension_lifted":
            return _ended(before, State.SUSPENDED, local_date(r.at))
        case "expert_removed":
            return replace(before, removed=True, permanent=bool(r.public["permanent"]))
    raise ValueError(f"{r.stream} does not know {r.type}")


def _ended(before: Expert, state: State, day: date) -> Expert:
    """The absences of a kind that cover the day end on the day before, so that the expert is back at once."""
    cut = (replace(a, until=day - DAY) if a.state is state and a.covers(day) else a for a in before.absences)
    return replace(before, absences=tuple(cut))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in cast("Sequence[object]", value))


def _day(value: object) -> date:
    return date.fromisoformat(str(value))


def _day_or_none(value: object) -> date | None:
    return None if value is None else _day(value)


def registration(expert: Expert) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """The public and the private part by which an expert enters the pool."""
    public = {"number": expert.number, "pool": expert.pool, "specialties": list(expert.specialties), "state": State.ACTIVE.value}
    private = {"person": expert.person, "ties": [tie_json(t) for t in expert.ties], "punished": list(expert.punished),
               "remote": expert.remote}  # fmt: skip
    return public, private
