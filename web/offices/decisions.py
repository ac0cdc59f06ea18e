"""Decisions about single market entities and experts: a ban on record, an expert paused, suspended, removed. Numbers are typed in."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from credit.domain.admission import NAME_MAX, TEXT_MAX
from credit.domain.lists import LISTS
from credit.domain.record import Document, Entry, Subject
from credit.services import records
from expert_pool.domain.lifecycle import REASONS
from expert_pool.services import experts
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.events import Json
from trading_core.domain.fields import Field
from trading_core.domain.identity import Actor, Role
from trading_core.domain.uscc import normalise
from trading_core.platform import Unit

from ..office import OfficeAct, Subjects

SUPERVISOR = frozenset({Role.SUPERVISOR})
NUMBER, REMARK = Field("number", maximum=40), Field("remark", "long_text", required=False, maximum=experts.NOTE_MAX)
DECISION = (Field("document", maximum=TEXT_MAX), Field("document_sha256", "hash"))
Data = Mapping[str, Any]


@contextmanager
def _typed_as(**fields: str) -> Iterator[None]:
    """Problems are told at the fields where it was typed."""
    try:
        yield
    except Forbidden:
        raise
    except Refused as refusal:
        raise Refused(*(replace(p, path=fields.get(p.path, p.path)) for p in refusal.problems)) from None


def _enter(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    decision = Document(data["document_number"], data["body"], _day(data, "document_date"), data["legal_basis"], data["document_sha256"])
    subject = Subject(data["name"], normalise(data.get("uscc") or ""), normalise(data.get("organisation_code") or ""))
    until = _day(data, "valid_to") if data.get("valid_to") else None
    with _typed_as(basis="legal_basis"):
        return {"case": records.enter(unit, by, Entry(data["list"], subject, decision, _day(data, "valid_from"), until))}


def _withdraw(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    records.withdraw(unit, by, data["case"], data["document"], data["document_sha256"], data["reason"])
    return {"case": data["case"]}


def _pause(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    until = _day(data, "until") if data.get("until") else None
    with _typed_as(reason="cause"):
        experts.pause(unit, by, data["number"], data["cause"], until, data.get("remark") or "")
    return {"number": data["number"]}


def _resume(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    with _typed_as(reason="cause"):
        experts.resume(unit, by, data["number"], data["cause"], data.get("remark") or "")
    return {"number": data["number"]}


def _remove(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    with _typed_as(reason="cause"):
        experts.remove(unit, by, data["number"], data["cause"], data.get("remark") or "")
    return {"number": data["number"]}


def _suspend(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    experts.suspend(unit, by, data["number"], data["document"], data["document_sha256"], _day(data, "since"), _day(data, "until"))
    return {"number": data["number"]}


def _lift(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    experts.lift_suspension(unit, by, data["number"], data["document"], data["document_sha256"])
    return {"number": data["number"]}


def _day(data: Data, name: str) -> date:
    return date.fromisoformat(data[name])


def _cause(event: str) -> Field:
    """Every cause that anybody may have; which are whose the pool decides."""
    return Field("cause", "choice", choices=tuple(dict.fromkeys(c for causes in REASONS[event].values() for c in causes)))


ACTS = (
    OfficeAct("enter_credit_record", "credit/records", SUPERVISOR, _enter, (
        Field("list", "choice", choices=tuple(LISTS)), Field("name", maximum=NAME_MAX), Field("uscc", required=False, maximum=30),
        Field("organisation_code", required=False, maximum=20), Field("document_number", maximum=TEXT_MAX), Field("body", maximum=TEXT_MAX),
        Field("document_date", "date"), Field("legal_basis", maximum=TEXT_MAX), Field("document_sha256", "hash"),
        Field("valid_from", "date"), Field("valid_to", "date", required=False)), answer="CreditCase", irrevocable=True, rule="BLR 78"),
    OfficeAct("withdraw_credit_record", "credit/withdrawals", SUPERVISOR, _withdraw, (
        Field("case", maximum=32), *DECISION, Field("reason", "long_text", maximum=records.REASON_MAX)),
        answer="CreditCase", irrevocable=True, rule="09 §9.4"),
    OfficeAct("pause_expert", "experts/pauses", frozenset(REASONS["expert_paused"]), _pause, (
        NUMBER, _cause("expert_paused"), Field("until", "date", required=False), REMARK), rule="08 §8.1"),
    OfficeAct("resume_expert", "experts/resumptions", frozenset(REASONS["expert_resumed"]), _resume, (
        NUMBER, _cause("expert_resumed"), REMARK), rule="08 §8.1"),
    OfficeAct("suspend_expert", "experts/suspensions", SUPERVISOR, _suspend, (
        NUMBER, *DECISION, Field("since", "date"), Field("until", "date")), irrevocable=True, rule="BLR 71"),
    OfficeAct("lift_suspension", "experts/liftings", SUPERVISOR, _lift, (NUMBER, *DECISION), irrevocable=True, rule="BLR 71"),
    OfficeAct("remove_expert", "experts/removals", frozenset(REASONS["expert_removed"]), _remove, (
        NUMBER, _cause("expert_removed"), REMARK), irrevocable=True, rule="08 §8.1"),
)  # fmt: skip
