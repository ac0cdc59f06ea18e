"""Whether a record is about somebody: by code surely, by name perhaps [09 §9.3, §9.10]."""
from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trading_core.domain.organisation import name_key
from trading_core.domain.uscc import organisation_code

from .record import Subject

CODE_LENGTH = 18


class Match(StrEnum):
    """By what a record was found; NAME is a possible match that a person must confirm, and never refuses."""

    USCC = "uscc"
    ORGANISATION_CODE = "organisation_code"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Party:
    """Whom the lists are asked about; every member of a consortium is one [09 §9.10]. uscc normalised."""

    uscc: str
    name: str = ""


def listed_code(subject: Subject) -> str:
    """The organisation code of a listed subject: its own, or positions 9–17 of its unified code; empty when it has none."""
    return organisation_code(subject.uscc) if subject.uscc else subject.organisation_code


def match(subject: Subject, party: Party) -> Match | None:
    """How a listed subject is the party, the surest way first; None when it is not."""
    if subject.uscc and subject.uscc == party.uscc:
        return Match.USCC
    code = listed_code(subject)
    if code and len(party.uscc) == CODE_LENGTH and code == organisation_code(party.uscc):
        return Match.ORGANISATION_CODE
    key = name_key(party.name)
    return Match.NAME if key and key == name_key(subject.name) else None
