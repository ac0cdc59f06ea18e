"""Experts (评标专家): who may sit in a committee, and who must not.

The slice that a lawful draw needs: taking over a list from the provincial pool, pausing, suspending and removing, the answer to a
draw with recusal, and the second look once the bidders are known. Recruitment, review, training, assessment and fees will come before
and after it in the same places.

    domain/     the rules: specialty codes, the record and its events, recusal (RC-1 …), who may be drawn, the CSV list
    tables.py   the projection of the streams ``expert/<number>``; nothing in it names a person or an employer in clear
    services/   experts (enter, pause, suspend, remove, find), importing (a whole list), drawing (what a draw asks)
    sample.py   an invented pool
    messages/   every text a person sees

Rules: rulebook 08. Formats: docs/formats-lists.md. To add a ground for recusal, write its function in `domain/recusal.py` and add it to
`RULES`. A pool kept elsewhere is a plugin that answers `gongxin_expert_pool` before this one, which answers last.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from trading_core.adapters.db.store import Projector
from trading_core.domain.workcalendar import local_date
from trading_core.hookspecs import PoolAnswer, impl
from trading_core.platform import Unit

from . import tables
from .domain.recusal import ProjectFacts
from .services import drawing, experts


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"


@impl
def gongxin_tables() -> sa.MetaData:
    return tables.metadata


@impl
def gongxin_projectors() -> dict[str, Projector]:
    return {"expert": tables.project}


@impl(trylast=True)
def gongxin_expert_pool(unit: Unit, specialty: str, excluded_uscc: frozenset[str], moment: datetime) -> PoolAnswer:
    """The bidding pool's answer; the units to be kept away from are told apart by what the register says they are."""
    return drawing.candidates(unit, "bidding", specialty, drawing.facts_for(unit, excluded_uscc, moment))


@impl(trylast=True)
def gongxin_expert_number(unit: Unit, person: str) -> str | None:
    return experts.number_of(unit, person)


@impl(trylast=True)
def gongxin_expert_name(unit: Unit, number: str) -> str | None:
    return experts.name_of(unit, number)


@impl
def gongxin_expert_recusals(unit: Unit, number: str, bidders_uscc: frozenset[str], moment: datetime) -> Sequence[str]:
    return drawing.recusals(unit, number, ProjectFacts(local_date(moment), bidders=bidders_uscc))
