"""Credit (信用): records with their legal document, the lists they stand in, and what a match may cause.

The slice that refuses a banned bidder: supervisors enter bans that were decided, the centre takes over copies of the national lists,
and anybody's code can be asked about without a trace. Repair, scores and the relation graph will come beside them in the same places.

    domain/     the rules: the lists and their effect by trade, a record and its time, matching, the CSV list
    tables.py   the projections of the streams ``credit/<case>`` and ``credit-list/<list>``
    services/   records (enter, withdraw), importing (a whole list), checking (ask, and ask for evidence)
    messages/   every text a person sees

Rules: rulebook 09. Formats: docs/formats-lists.md. A new list, or another effect of one, is a line in `domain/lists.py` with its source.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from trading_core.adapters.db.store import Projector
from trading_core.domain.events import Json
from trading_core.hookspecs import CreditFinding, impl
from trading_core.platform import Unit
from trading_core.services.organisations import find_by_uscc

from . import tables
from .domain.lists import LISTS
from .domain.matching import Party
from .services.checking import Finding, credit_check, findings


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"


@impl
def gongxin_tables() -> sa.MetaData:
    return tables.metadata


@impl
def gongxin_projectors() -> dict[str, Projector]:
    return {"credit": tables.project_record, "credit-list": tables.project_list}


@impl
def gongxin_credit_findings(unit: Unit, uscc: str, trade: str, mandatory: bool, moment: datetime) -> Sequence[CreditFinding]:
    """The register's name for the code is asked about too; what is found by name alone is only shown."""
    known = find_by_uscc(unit, uscc)
    return [_told(f) for f in findings(unit, [Party(uscc, known.name if known else "")], trade, moment, mandatory)]


@impl
def gongxin_credit_evidence(unit: Unit, parties: Sequence[tuple[str, str]], trade: str, mandatory: bool, moment: datetime) -> Json:
    return credit_check(unit, [Party(uscc, name) for uscc, name in parties], trade, moment, mandatory)


def _told(f: Finding) -> CreditFinding:
    entry = f.record.entry
    return CreditFinding(
        LISTS[entry.list].name, entry.document.number, entry.document.body, entry.valid_from, entry.valid_to, f.refuses, f.rule
    )
