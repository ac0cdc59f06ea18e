"""What changes and is explained while bids are prepared: amendments, questions and answers, a document that cannot be mended [01 §1.5].

Only the terms that the trade type declares changeable can change, each checked as when it was drafted, and the result as a whole as at
publication: an amendment may not do what a notice may not [A-01, A-07].
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..periods import deadline_after_amendment
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import closing_day, local_date
from . import lifecycle
from .announcing import FILE, HOSTS, REASON, Announcement, DocumentVersion, Question, files_of, terms_problems
from .issuing import with_deadlines
from .limits import period_between

DOCUMENTS_MAX = 50
QUESTIONS_MAX = 20  # of one organisation on one lot
PUBLIC_QUESTIONS_MAX = 20  # of everybody together who has not signed in


def changeable_fields(form: tuple[Field, ...], changeable: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields of a form that an amendment may state anew. changeable: term to the rule that lets it change.

    ValueError for a term that the form does not have.
    """
    unknown = set(changeable) - {f.name for f in form}
    if unknown:
        raise ValueError(f"terms that the form does not have: {', '.join(sorted(unknown))}")
    return tuple(replace(f, required=False, rule=changeable[f.name]) for f in form if f.name in changeable)


# ------------------------------------------------------------------ decisions

def _amend(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """An amendment moves the deadline when too little time would remain; it never shortens [A-01, A-07]."""
    data, name = command.data, _deadline_name(trade, lot)
    changes, deadline = cast("Mapping[str, object]", data.get("changes") or {}), lot.schedule[name]
    earliest = _earliest(trade, lot, command, name, deadline, facts)
    asked = instant_from(str(data["new_deadline"])) if data.get("new_deadline") else earliest
    problems = list(_deadline_problems(command, deadline, earliest, asked, facts))
    if sum(not v.answers for v in lot.part(Announcement).versions) >= DOCUMENTS_MAX:
        problems.append(Problem("lot.too_many_versions", params={"maximum": DOCUMENTS_MAX}))
    if frozenset(f.sha256 for f in files_of(data.get("files"))) in cast("frozenset[frozenset[str]]", facts["earlier_documents"]):
        problems.append(Problem("document.of_earlier_attempt", "files", rule="02 §2.11(9)"))
    after = replace(lot, terms={**lot.terms, **changes}, schedule={**lot.schedule, name: asked})
    told = {(p.code, p.path) for p in problems}
    problems += [p for p in _new_problems(trade, lot, after, name, facts) if (p.code, p.path) not in told]
    refuse_if(problems)
    return [Event("amended", {
        "note": data["note"], "affects_preparation": data["affects_preparation"], "files": data.get("files", []),
        "changes": changes, **_deadline_said(name, deadline, asked),
    })]  # fmt: skip


def _deadline_name(trade: TradeType, lot: Lot) -> str:
    """The deadline that bidders, or applicants, prepare for now."""
    return "application_deadline" if lot.status.startswith("PREQ_") else trade.deadline


def _deadline_said(name: str, before: datetime, after: datetime) -> dict[str, object]:
    return {"deadline_name": name, "deadline": instant_text(after), "deadline_before": instant_text(before), "moved": after != before}


def _earliest(trade: TradeType, lot: Lot, command: Command, name: str, deadline: datetime, facts: Facts) -> datetime:
    """The earliest deadline that leaves enough time after the amendment; the present one when that does [A-01, A-02]."""
    now, minimum = command.received_at, period_between(trade, lot, name, "amendment_published")
    if minimum is None or now >= deadline:
        return deadline
    affects = bool(command.data["affects_preparation"])
    day = deadline_after_amendment(local_date(now), closing_day(deadline), affects, minimum, facts.calendar)
    return deadline if day is None else deadline + (day - closing_day(deadline))


def _deadline_problems(command: Command, deadline: datetime, earliest: datetime, asked: datetime, facts: Facts) -> Iterator[Problem]:
    if command.received_at >= deadline:
        yield Problem("lot.deadline_passed", rule="T-11")
    if asked < max(earliest, deadline):
        yield Problem("amendment.deadline_too_early", "new_deadline", {"earliest": instant_text(max(earliest, deadline))}, "A-01")
    day = closing_day(asked)
    if asked != deadline and not facts.calendar.is_workday(day):
        lawful = facts.calendar.workday_from(day).isoformat()
        params = {"period": "T-09", "day": day.isoformat(), "lawful": lawful, "source": "民法典第203条"}
        yield Problem("period.ends_on_rest_day", "new_deadline", params, "T-09")


def _new_problems(trade: TradeType, before: Lot, after: Lot, deadline_name: str, facts: Facts) -> Iterator[Problem]:
    """What a notice with the changed terms would be refused for and the one in force is not."""
    known = {(p.code, p.path) for p in terms_problems(trade, before, facts)}
    for p in terms_problems(trade, after, facts):
        if (p.code, p.path) not in known:
            yield replace(p, path="new_deadline" if p.path == f"schedule.{deadline_name}" else f"changes.{p.path}")


def _ask(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Whoever may bid may ask, named or not. Each organisation has its own number of questions, and all who are unnamed share one: so
    nobody can use up the others'. The mark is always there, so that the log does not tell who had signed in."""
    questions, asker = lot.part(Announcement).questions, str(facts["asker"])
    code, maximum = ("lot.too_many_questions", QUESTIONS_MAX) if asker else ("lot.too_many_public_questions", PUBLIC_QUESTIONS_MAX)
    used_up = sum(q.asker == asker for q in questions) >= maximum
    refuse_if([Problem(code, params={"maximum": maximum})] if used_up else ())
    return [Event("question_asked", {"number": len(questions) + 1, "text": command.data["text"]}, {"asker": asker})]


def _clarify(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """An answer that may affect the preparation of bids is part of the document, and moves the deadline as an amendment does [E-T04]."""
    number, affects, name = cast("int", command.data["number"]), command.data["affects_preparation"], _deadline_name(trade, lot)
    known, deadline = lot.part(Announcement).questions, lot.schedule[name]
    refuse_if([Problem("lot.deadline_passed", rule="T-11")] if command.received_at >= deadline else ())
    if not 1 <= number <= len(known):
        refuse_if([Problem("question.unknown", "number", {"number": number})])
    if known[number - 1].answered_at is not None:  # what bidders relied on is not replaced in silence: an amendment says what changed
        refuse_if([Problem("question.answered_before", "number", {"number": number}, "A-01")])
    moved = _earliest(trade, lot, command, name, deadline, facts)
    return [Event("clarified", {"number": number, "answer": command.data["answer"], "affects_preparation": affects,
                                **_deadline_said(name, deadline, moved)})]  # fmt: skip


def _illegal(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("document_illegal", {"reason": command.data["reason"]})]


# ------------------------------------------------------------------ what events mean

def _amended(lot: Lot, r: Recorded) -> Lot:
    part, changes = lot.part(Announcement), cast("dict[str, object]", r.public["changes"])
    before = {k: lot.terms.get(k) for k in changes}
    files = tuple(files_of(r.public["files"])) or (part.versions[-1].files if part.versions else ())
    version = DocumentVersion(part.current + 1, r.at, files, str(r.public["note"]), bool(r.public["affects_preparation"]), changes, before)
    after = _moved(replace(lot, terms={**lot.terms, **changes}), r)
    return after.with_part(replace(part, versions=(*part.versions, version)))


def _moved(lot: Lot, r: Recorded) -> Lot:
    return with_deadlines(lot, {str(r.public["deadline_name"]): instant_from(str(r.public["deadline"]))})


def _asked(lot: Lot, r: Recorded) -> Lot:
    part, asker = lot.part(Announcement), str((r.private or {}).get("asker", ""))
    question = Question(cast("int", r.public["number"]), str(r.public["text"]), r.at, asker=asker)
    return lot.with_part(replace(part, questions=(*part.questions, question)))


def _clarified(lot: Lot, r: Recorded) -> Lot:
    part, number, answer = lot.part(Announcement), cast("int", r.public["number"]), str(r.public["answer"])
    questions = tuple(replace(q, answer=answer, answered_at=r.at) if q.number == number else q for q in part.questions)
    after, versions = replace(part, questions=questions), part.versions
    if r.public["affects_preparation"]:
        version = DocumentVersion(part.current + 1, r.at, versions[-1].files if versions else (), answer, True, answers=number)
        after = replace(after, versions=(*versions, version))
    return _moved(lot, r).with_part(after)


EVOLVE = {"amended": _amended, "question_asked": _asked, "clarified": _clarified}


def acts(form: tuple[Field, ...], changeable: Mapping[str, str]) -> tuple[Act, ...]:
    """The acts of this stage. form: the fields of the trade type's announcement; changeable: those of its terms that an amendment may
    change, with the rule that says so. Files are replaced as a whole, the deadline by the act itself; nothing else changes."""
    changes = Field("changes", "object", required=False, fields=changeable_fields(form, changeable))
    return (
        Act("amend", "amended", HOSTS, _amend, (
            Field("note", "long_text"), Field("affects_preparation", "boolean", rule="A-01"),
            Field("files", "list", required=False, maximum=20, fields=FILE), *((changes,) if changeable else ()),
            Field("new_deadline", "instant", required=False)), needs=frozenset({"earlier_documents"}), irrevocable=True,
            documents=("clarification",), rule="A-01"),
        Act("ask", "question_asked", frozenset({Role.BIDDER, Role.PUBLIC}), _ask, (Field("text", "long_text", maximum=4000),),
            needs=frozenset({"asker"})),
        Act("clarify", "clarified", HOSTS, _clarify, (
            Field("number", "integer", minimum=1), Field("answer", "long_text", maximum=8000),
            Field("affects_preparation", "boolean", rule="A-01")), irrevocable=True, documents=("clarification",), rule="E-T04"),
        Act("declare_document_illegal", "document_illegal", HOSTS, _illegal, (REASON,), irrevocable=True,
            documents=("notice",), rule="A-08"),
    )  # fmt: skip


def stage(form: tuple[Field, ...], changeable: Mapping[str, str]) -> Stage:
    """Amendments, questions and answers. changeable: terms of the form that an amendment may change, each with its rule."""
    return Stage(lifecycle.AMENDMENTS, acts(form, changeable), EVOLVE)
