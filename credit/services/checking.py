"""Asking the lists about somebody. Asking reads and writes nothing: before the opening nobody may learn whom it was about."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trading_core.domain.events import Json, instant_text
from trading_core.domain.uscc import normalise
from trading_core.platform import Unit

from .. import tables
from ..domain.lists import LISTS, Consequence, Effect
from ..domain.matching import Match, Party, match
from ..domain.record import Record

FORMAT = "gongxin-credit-check-v1"


@dataclass(frozen=True, slots=True)
class Finding:
    """A record that counts and is, or may be, about a party. effect already weighs list, trade, project and way of matching."""

    party: Party
    record: Record
    match: Match
    effect: Effect
    rule: str

    @property
    def refuses(self) -> bool:
        return self.effect is Effect.REFUSES


def findings(unit: Unit, parties: Iterable[Party], trade: str, moment: datetime, mandatory: bool = True) -> tuple[Finding, ...]:
    """What the lists say at an instant of each of the parties: all members of a consortium, for one that is listed lists them all.

    trade: code of the trade type. mandatory: the project must be put to tender by law; bans of BL 53, 54 and 60 refuse only there.
    A match by name alone is possible only and never refuses [09 §9.3]. Ordered by party as given, the refusing ones first.
    """
    asked = [Party(normalise(p.uscc), p.name) for p in parties]
    records = [r for r in tables.about(unit.store, asked) if r.in_force(moment)]
    found = []
    for party in asked:
        hits = (_finding(party, record, record.entry.consequence(trade, mandatory)) for record in records)
        found += sorted((f for f in hits if f), key=lambda f: (not f.refuses, f.record.entry.list, f.record.case))
    return tuple(found)


def credit_check(unit: Unit, parties: Iterable[Party], trade: str, moment: datetime, mandatory: bool = True) -> Json:
    """The same as evidence that the act which rests on it records, once the parties are public [09 §9.4 rule 3]. docs/formats-lists.md.

    It names every list that has a say in the trade with the hash of its content at that time, and every finding.
    """
    asked = [Party(normalise(p.uscc), p.name) for p in parties]
    found = findings(unit, asked, trade, moment, mandatory)
    result = "refuses" if any(f.refuses for f in found) else "shown" if found else "clear"
    return {
        "format": FORMAT,
        "query_time": instant_text(unit.now),
        "moment": instant_text(moment),
        "trade": trade,
        "mandatory": mandatory,
        "parties": [{"uscc": p.uscc, "name": p.name} for p in asked],
        "lists": [_list_json(unit, code) for code, known in sorted(LISTS.items()) if known.consequence(trade)],
        "findings": [_finding_json(f) for f in found],
        "result": result,
    }


def content_hash(imported_sha256: str, entered: Iterable[tuple[str, int]]) -> str:
    """What a list held: SHA-256 over the file of its copy and over case and version of each record entered here, by case."""
    lines = [imported_sha256 or "-", *(f"{case}@{version}" for case, version in sorted(entered))]
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def _finding(party: Party, record: Record, consequence: Consequence | None) -> Finding | None:
    how = match(record.entry.subject, party)
    if how is None or consequence is None:
        return None
    effect = Effect.SHOWN if how is Match.NAME else consequence.effect
    return Finding(party, record, how, effect, consequence.rule)


def _list_json(unit: Unit, code: str) -> Json:
    copy = tables.copy_of(unit.store, code)
    return {
        "list": code,
        "name": LISTS[code].name,
        "source": copy.source if copy else "",
        "taken_at": instant_text(copy.taken_at) if copy else None,
        "imported_sha256": copy.sha256 if copy else None,
        "snapshot": content_hash(copy.sha256 if copy else "", tables.entered_here(unit.store, code)),
    }


def _finding_json(f: Finding) -> Json:
    entry = f.record.entry
    return {
        "uscc": f.party.uscc,
        "list": entry.list,
        "case": f.record.case,
        "version": f.record.version,
        "match": f.match.value,
        "effect": f.effect.value,
        "rule": f.rule,
        "ban": entry.document.number,
        "body": entry.document.body,
        "valid_from": entry.valid_from.isoformat(),
        "valid_to": entry.valid_to.isoformat() if entry.valid_to else None,
    }
