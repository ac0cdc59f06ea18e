"""The places where a plugin can say something. Prefixed ``gongxin_``; how results combine is said with each.

A plugin is a module (or object) registered under the entry-point group ``gongxin.plugins``. Two plugins that claim the same thing
stop the start with both names.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from .domain.trade import TradeType

if TYPE_CHECKING:
    import sqlalchemy as sa

    from .adapters.db.store import Projector
    from .domain.events import Json
    from .platform import Platform, Unit

PROJECT = "gongxin.plugins"
spec = pluggy.HookspecMarker(PROJECT)
impl = pluggy.HookimplMarker(PROJECT)


# ------------------------------------------------------------------ start

@spec
def gongxin_trade_types() -> Sequence[TradeType]:
    """The trade types this plugin declares. All results are joined; two of one code and date stop the start."""
    return ()


@spec
def gongxin_messages() -> Path | None:
    """The folder of this plugin's message catalogues. All are joined; a key defined twice stops the start."""


@spec
def gongxin_projectors() -> dict[str, Projector]:
    """Projections this plugin keeps, by first part of the stream's name. All are joined; each gets every event of its
    streams, those of one append together."""
    return {}


@spec
def gongxin_tables() -> sa.MetaData | None:
    """Further tables of this plugin, created at the start. Tables on the core's own metadata need not be named."""


@spec
def gongxin_platform_ready(platform: Platform) -> None:
    """Fires once when the platform is complete, before it serves anybody. What is raised stops the start."""


# ------------------------------------------------------------------ who may take part

@dataclass(frozen=True, slots=True)
class CreditFinding:
    """A match in a list. refuses: law or the tender document excludes; otherwise it is shown to whoever decides [CR-4].

    ban: number of the decision document. valid_from and valid_to are calendar dates, valid_to counts to its end [09 §9.4].
    """

    list_name: str
    ban: str
    source: str
    valid_from: date
    valid_to: date | None
    refuses: bool
    rule: str


@spec
def gongxin_credit_findings(unit: Unit, uscc: str, trade: str, mandatory: bool, moment: datetime) -> Sequence[CreditFinding]:
    """What the lists say of an organisation at an instant. All results are joined: a veto of any one counts. Must leave no trace
    of whom it was asked about. An error in one implementation refuses the act: vetoes fail closed."""
    return ()


@spec
def gongxin_credit_evidence(unit: Unit, parties: Sequence[tuple[str, str]], trade: str, mandatory: bool, moment: datetime) -> Json:
    """The same of parties (code and name) that are public by now, as evidence that an act records (docs/formats-lists.md §4): which
    lists were asked in which version, when, with what result. All results are joined."""
    return {}


# ------------------------------------------------------------------ experts

@dataclass(frozen=True, slots=True)
class ExpertCandidate:
    """An expert who may be drawn: number in the pool, specialty codes, employer's code, person id of the account."""

    number: str
    specialties: tuple[str, ...]
    employer_uscc: str
    person: str
    remote: bool


@dataclass(frozen=True, slots=True)
class PoolAnswer:
    """Who may be drawn, and how many were left out by each named rule. rule_version identifies the pool's rules."""

    candidates: tuple[ExpertCandidate, ...]
    excluded: tuple[tuple[str, int], ...]
    rule_version: str


@spec(firstresult=True)
def gongxin_expert_pool(unit: Unit, specialty: str, excluded_uscc: frozenset[str], moment: datetime) -> PoolAnswer | None:
    """The experts who may be drawn for a specialty at an instant, with the recusal rules of the pool applied. First answer counts."""


@spec(firstresult=True)
def gongxin_expert_number(unit: Unit, person: str) -> str | None:
    """The number under which a person is in a pool, None when they are in none of this plugin's. First answer counts."""


@spec(firstresult=True)
def gongxin_expert_name(unit: Unit, number: str) -> str | None:
    """The name of an expert, asked for when the result is published and never before; None when this plugin has no such number or the
    name was erased. First answer counts."""


@spec
def gongxin_expert_recusals(unit: Unit, number: str, bidders_uscc: frozenset[str], moment: datetime) -> Sequence[str]:
    """Named recusal rules (RC-1 …) that an expert hits once the bidders are known. All results are joined [08 §8.5]."""
    return ()


# ------------------------------------------------------------------ identity and signatures

@spec(firstresult=True)
def gongxin_certificate_person(platform: Platform, certificate_pem: bytes, challenge: bytes, signature: bytes) -> str | None:
    """The person id whom a certificate (CA) login proves, None when this plugin does not know the issuer. First answer counts."""


@spec(firstresult=True)
def gongxin_sign_pdf(platform: Platform, pdf: bytes, role: str, reason: str) -> bytes | None:
    """The signed document, None to leave it to the next. First answer counts; the built-in site certificate answers last."""


# ------------------------------------------------------------------ after commit

@spec
def gongxin_readers() -> dict[str, Any]:
    """Readers of the log by name: callables (store, recorded, log index) run in the transaction that moves their cursor, so each
    event has its effect exactly once. All are joined."""
    return {}
