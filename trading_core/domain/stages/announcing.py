"""From the first draft to the open door: drafting, publication, documents [01 §1.2, §1.3]. What changes later is in `amending`."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from ..applied_rules import digests
from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..money import percent_cap
from ..periods import blocking
from ..periods import check as check_periods
from ..trade import Act, Command, Facts, Stage, TradeType
from . import lifecycle

HOSTS = frozenset({Role.PRINCIPAL, Role.AGENCY})
CLOCK = frozenset({Role.CLOCK})
PARTIES = ("principal", "agency", "supervisor", "centre")
STARTS = ("prequalification_issue_start", "issue_start")


@dataclass(frozen=True, slots=True)
class File:
    """A stored file of a document: its name as people see it, SHA-256 (hex), bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version of the tender document. number counts from 1; affects: whether it may affect the preparation of bids [A-01].

    answers: number of the question whose answer became part of the document with it, 0 for a notice or an amendment [E-T04].
    """

    number: int
    at: datetime
    files: tuple[File, ...]
    note: str = ""
    affects: bool = False
    changes: Mapping[str, object] | None = None
    before: Mapping[str, object] | None = None
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the tender document. asker: a keyed mark by which an organisation's questions are counted, empty for the public;
    who asked is never kept [BL 22]."""

    number: int
    text: str
    at: datetime
    answer: str = ""
    answered_at: datetime | None = None
    asker: str = ""


@dataclass(frozen=True, slots=True)
class Invitee:
    """A bidder invited by name: id, name and code of the organisation. Secret until the opening [BL 22]."""

    organisation: str
    name: str
    uscc: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """versions of the tender document and the questions asked about it; invitees: of an invited tender, in the order of their codes;
    submitted_by: fingerprint of who handed the draft in for publication."""

    versions: tuple[DocumentVersion, ...] = ()
    questions: tuple[Question, ...] = ()
    invitees: tuple[Invitee, ...] = ()
    submitted_by: str = ""

    @property
    def current(self) -> int:
        """Number of the version in force, 0 before publication."""
        return len(self.versions)


# ------------------------------------------------------------------ what decisions look at

def schedule_of(data: Mapping[str, object]) -> dict[str, datetime]:
    """Planned instants of a form by name."""
    given = cast("Mapping[str, str]", data.get("schedule") or {})
    return {name: instant_from(text) for name, text in given.items()}


def period_facts(lot_terms: Mapping[str, object]) -> dict[str, object]:
    """The announced facts on which periods depend."""
    return {k: v for k, v in lot_terms.items() if isinstance(v, bool | str | int)}


def schedule_problems(trade: TradeType, terms: Mapping[str, object], schedule: Mapping[str, datetime], facts: Facts) -> Iterator[Problem]:
    """Every lower limit that the planned dates break, and ends on rest days without a stated reason [T-09, T-15]."""
    reasons = cast("Mapping[str, str]", terms.get("rest_day_reasons") or {})
    yield from blocking(check_periods(trade.periods, schedule, period_facts(terms), facts.calendar, reasons))


def deposit_problems(trade: TradeType, terms: Mapping[str, object]) -> Iterator[Problem]:
    """A deposit above its caps [D-01]."""
    deposit, rule = terms.get("deposit_fen"), trade.deposit
    base = terms.get(rule.base_term)
    if not isinstance(deposit, int) or not isinstance(base, int) or deposit == 0:
        return
    cap = percent_cap(base, rule.percent, rule.caps_fen.get(str(terms.get("object_kind", ""))))
    if deposit > cap:
        yield Problem("deposit.above_cap", "deposit_fen", {"deposit_fen": deposit, "cap_fen": cap, "percent": rule.percent}, rule.rule)


def missing(form: Sequence[Field], stated: Mapping[str, object], prefix: str = "") -> Iterator[Problem]:
    """Fields of the form that an announcement must state and this one does not, also inside what it does state."""
    for f in form:
        value = stated.get(f.name)
        if value in (None, "", [], {}):
            if f.required:
                yield Problem("field.required", prefix + f.name, rule=f.rule)
        elif f.kind == "object" and isinstance(value, Mapping):
            yield from missing(f.fields, value, f"{prefix}{f.name}.")


def readiness_problems(trade: TradeType, lot: Lot, facts: Facts, now: datetime) -> Iterator[Problem]:
    """What still stands between a draft and its publication: all of it at once [01 §1.2 READY].

    No document is given out before it is published: periods that are to begin earlier are counted from now [02 §2.11(1)].
    """
    begins = {name: max(lot.schedule[name], now) for name in STARTS if name in lot.schedule} | {"notice_published": now}
    yield from terms_problems(trade, lot.with_schedule(**begins), facts)
    yield from _file_problems(lot, facts)
    start = lot.schedule.get("issue_start")
    if start is not None and start < now - timedelta(hours=24):
        yield Problem("lot.issue_in_the_past", "schedule.issue_start")


def _file_problems(lot: Lot, facts: Facts) -> Iterator[Problem]:
    """Files of the draft that everybody is to get and that are not there any more: nobody could [BL 19]."""
    unsent = cast("frozenset[str]", facts["unsent"])
    for n, f in enumerate(files_of(lot.terms.get("tender_documents"))):
        if f.sha256 in unsent:
            yield Problem("document.not_sent_in", f"tender_documents.{n}", {"name": f.name[:60]})
    if documents_named(lot) & cast("frozenset[frozenset[str]]", facts["earlier_documents"]):
        yield Problem("document.of_earlier_attempt", "tender_documents", rule="02 §2.11(9)")


def documents_named(lot: Lot) -> frozenset[frozenset[str]]:
    """The tender document in every version the lot has had, each as the hashes of its files: names make no new document."""
    versions = (tuple(files_of(lot.terms.get("tender_documents"))), *(v.files for v in lot.part(Announcement).versions))
    return frozenset(frozenset(f.sha256 for f in files) for files in versions if files)


def terms_problems(trade: TradeType, lot: Lot, facts: Facts) -> Iterator[Problem]:
    """What is wrong with the terms and dates of a lot, as it is drafted or as an amendment would make it."""
    stated = {**lot.terms, "schedule": {name: instant_text(at) for name, at in lot.schedule.items()}}
    yield from missing(trade.form, stated)
    codes = {c.code for c in trade.catalogue}
    if lot.terms.get("catalogue_code") not in codes and not lot.terms.get("outside_catalogue_reason"):
        yield Problem("lot.outside_catalogue", "catalogue_code", rule="TC-1")
    yield from schedule_problems(trade, lot.terms, lot.schedule, facts)
    yield from deposit_problems(trade, lot.terms)
    for check in trade.checks:
        yield from check(stated)
    check_done = lot.terms.get("fair_competition_check")
    if isinstance(check_done, Mapping) and any(v == "no" for v in check_done.values()) and not lot.terms.get("fair_competition_reason"):
        yield Problem("lot.fair_competition_open", "fair_competition_check", rule="FCR16")


# ------------------------------------------------------------------ decisions

def _create(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    data = command.data
    parties = {command.actor.role.value: command.actor.organisation}
    for role in PARTIES:
        if data.get(role):
            parties[role] = str(data[role])
    found = [] if parties.get("principal") else [Problem("lot.principal_missing", "principal")]
    kinds = cast("Mapping[str, frozenset[Role]]", facts["party_kinds"])
    found += [Problem("lot.party_unfit", r, {"role": r}) for r in kinds if Role(r) not in kinds[r]]
    if len(set(parties.values())) != len(parties):
        found.append(Problem("lot.one_party_twice"))
    refuse_if(found)
    return [Event("created", {"trade": trade.code, "rules": trade.rules.isoformat(), "parties": parties, "attempt": lot.attempt,
                              "previous": lot.previous})]  # fmt: skip


def _draft(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("drafted", {}, {"terms": command.data})]


def _submit(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if(readiness_problems(trade, lot, facts, command.received_at))
    return [Event("submitted_for_publication", {}, {"responsible_person": command.data["responsible_person"]})]


def _recall(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("recalled", {}, {"reason": command.data["reason"]})]


def _cancel(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("cancelled", {}, {"reason": command.data["reason"]})]


def _publish(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if([
        *readiness_problems(trade, lot, facts, command.received_at), *way_problems(lot, "open", "post"), *second_person(lot, facts),
    ])  # fmt: skip
    return [Event("published", notice(trade, lot, facts))]


def second_person(lot: Lot, facts: Facts) -> Iterator[Problem]:
    """Nobody publishes alone what they handed in themselves, nor through somebody whom they registered or gave a role."""
    if facts["giver"] and lot.part(Announcement).submitted_by in {facts["giver"], *cast("frozenset[str]", facts["sponsors"])}:
        yield Problem("lot.second_person")


def way_problems(lot: Lot, tendered: str, qualified: str) -> Iterator[Problem]:
    """What stands against an act that begins tenders of one way only: open or invited, after the bids qualified or before [E-M9, E-I2]."""
    way = lot.term_text("tender_way", "open")
    if way != tendered:
        yield Problem("lot.other_way", "tender_way", {"way": way})
    elif lot.term_text("qualification_way", "post") != qualified:
        first = (tendered, qualified) == ("open", "post")
        code, params = ("prequalification_first", {}) if first else ("other_way", {"way": lot.term_text("qualification_way", "post")})
        yield Problem(f"lot.{code}", "qualification_way", params)


def notice(trade: TradeType, lot: Lot, facts: Facts) -> dict[str, object]:
    """What a notice states: terms, planned dates, and digests of the periods and the calendar that are counted with."""
    planned = {k: instant_text(v) for k, v in lot.schedule.items()}
    return {"terms": lot.terms, "schedule": planned, "rules": digests(trade.periods, facts.calendar)}


# ------------------------------------------------------------------ what events mean

def _created(lot: Lot, r: Recorded) -> Lot:
    public = cast("dict[str, object]", r.public)
    return replace(lot, trade=str(public["trade"]), rules=str(public["rules"]), parties=cast("dict[str, str]", public["parties"]),
                   attempt=cast("int", public["attempt"]), previous=str(public["previous"]))  # fmt: skip


def _drafted(lot: Lot, r: Recorded) -> Lot:
    given = cast("dict[str, object]", cast("Mapping[str, object]", r.private)["terms"])
    terms = {k: v for k, v in given.items() if k != "schedule"}
    return replace(lot, terms={**lot.terms, **terms}, schedule={**lot.schedule, **schedule_of(given)})


def _submitted(lot: Lot, r: Recorded) -> Lot:
    by = cast("Mapping[str, str]", r.public.get("by", {}))
    return lot.with_part(replace(lot.part(Announcement), submitted_by=by.get("person", "")))


def published(lot: Lot, r: Recorded) -> Lot:
    """The lot after its notice: the files of the draft are the first version of the document."""
    files = tuple(files_of(lot.terms.get("tender_documents")))
    first = DocumentVersion(1, r.at, files)
    after = lot.with_part(replace(lot.part(Announcement), versions=(first,)))
    return after.with_schedule(notice_published=r.at)


def files_of(given: object) -> Iterator[File]:
    """The files that a form or an event names."""
    for f in cast("list[Mapping[str, object]]", given or []):
        yield File(str(f["name"]), str(f["sha256"]), cast("int", f["size"]))


EVOLVE = {
    "created": _created, "drafted": _drafted, "submitted_for_publication": _submitted, "published": published,
    "prequalification_decided": published,
}  # fmt: skip

FILE = (Field("name"), Field("sha256", "file"), Field("size", "integer", minimum=1))
REASON = Field("reason", "long_text", maximum=4000)
LATE = Field("late_reason", "long_text", required=False, maximum=4000)
FILES = frozenset({"unsent", "earlier_documents"})  # of an act that gives files to everybody
PUBLISHING = FILES | {"giver", "sponsors"}


def stage(form: tuple[Field, ...]) -> Stage:
    """From the draft to the notice; `form` are the fields of the trade type's announcement."""
    optional = tuple(_optional(f) for f in form)
    acts = (
        Act("create", "created", HOSTS, _create, (
            *(Field(role, required=False) for role in PARTIES),), needs=frozenset({"party_kinds"})),
        Act("draft", "drafted", HOSTS, _draft, optional),
        Act("submit_for_publication", "submitted_for_publication", HOSTS, _submit, (Field("responsible_person"),), needs=FILES,
            rule="PB-02"),
        Act("recall", "recalled", HOSTS, _recall, (REASON,)),
        Act("cancel", "cancelled", HOSTS, _cancel, (REASON,), irrevocable=True),
        Act("publish", "published", HOSTS, _publish, needs=PUBLISHING, irrevocable=True, documents=("announcement",),
            rule="PB-01"),
    )  # fmt: skip
    return Stage(lifecycle.ANNOUNCEMENT, acts, EVOLVE, (Announcement,))


def _optional(f: Field) -> Field:
    """The field as a draft may leave it: not there yet, and where it is there, not complete."""
    return replace(f, required=False, fields=tuple(_optional(g) for g in f.fields) if f.kind == "object" else f.fields)
