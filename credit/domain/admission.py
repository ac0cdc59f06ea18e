"""What a record must state before it may exist: no rumours, no invented effects [CR-1, CR-3]."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from trading_core.domain.errors import Problem
from trading_core.domain.uscc import ORGANISATION_ALPHABET, check_uscc, organisation_check_character

from .lists import LISTS, Effect
from .record import Entry

NAME_MAX, TEXT_MAX = 100, 200
SHA256 = re.compile(r"[0-9a-f]{64}")


def check_entry(entry: Entry, today: date) -> Iterator[Problem]:
    """Everything wrong with an entry; paths are the columns of a list."""
    if not 2 <= len(entry.subject.name) <= NAME_MAX or not entry.subject.name.isprintable():
        yield Problem("credit.name", "name", {"maximum": NAME_MAX})
    yield from _check_codes(entry)
    yield from _check_document(entry, today)
    yield from _check_dates(entry)
    yield from _check_effect(entry)


def _check_codes(entry: Entry) -> Iterator[Problem]:
    """A record without any code is found by name only, and so never refuses; a wrong code would find somebody else."""
    if entry.subject.uscc:
        yield from check_uscc(entry.subject.uscc)
    code = entry.subject.organisation_code
    if code and entry.subject.uscc:
        yield Problem("credit.two_codes", "organisation_code", rule="09 §9.3")
    elif code and not _is_organisation_code(code):
        yield Problem("credit.organisation_code", "organisation_code", rule="09 §9.8")


def _is_organisation_code(code: str) -> bool:
    return len(code) == 9 and set(code[:8]) <= set(ORGANISATION_ALPHABET) and code[8] == organisation_check_character(code[:8])


def _check_document(entry: Entry, today: date) -> Iterator[Problem]:
    d = entry.document
    for value, column in ((d.number, "document_number"), (d.body, "body"), (d.basis, "basis")):
        if not 2 <= len(value) <= TEXT_MAX or not value.isprintable():
            yield Problem("credit.document", column, {"maximum": TEXT_MAX}, "CR-3")
    if d.day > today:
        yield Problem("credit.document_in_future", "document_date", rule="CR-3")
    if not SHA256.fullmatch(d.sha256) and (d.sha256 or not entry.snapshot):
        yield Problem("credit.document_file", "document_sha256", rule="CR-3")


def _check_dates(entry: Entry) -> Iterator[Problem]:
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        yield Problem("credit.runs_backwards", "valid_to")
    known = LISTS.get(entry.list)
    if entry.valid_to is None and known is not None and not known.open_ended:
        yield Problem("credit.end_missing", "valid_to", {"list": known.name}, "09 §9.2.1")


def _check_effect(entry: Entry) -> Iterator[Problem]:
    known = LISTS.get(entry.list)
    if known is None:
        yield Problem("credit.unknown_list", "list", {"lists": ", ".join(LISTS)}, "CR-1")
        return
    if len(set(entry.trades)) != len(entry.trades):
        yield Problem("credit.trade_twice", "trades")
    for trade in entry.trades:
        if trade not in known.consequences:
            yield Problem("credit.no_effect_in_trade", "trades", {"list": known.name, "trades": ", ".join(known.consequences)}, "CR-1")
    if entry.only_shown and all(c.effect is Effect.SHOWN for c in known.consequences.values()):
        yield Problem("credit.shown_anyway", "effect", {"list": known.name}, "CR-4")
