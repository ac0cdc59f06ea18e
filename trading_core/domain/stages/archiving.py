"""The archive volume of a lot: closed once nothing that its trade asks for is missing, and kept long enough [12 §12.2, §12.3]."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from ..volume import MISSING, ArchiveRule, Volume
from ..workcalendar import add_months, local_date
from . import lifecycle
from .announcing import FILE, REASON

RETENTION_YEARS = {"permanent": None, "30": 30, "10": 10}  # [DA/T 103 9.3]
ENDS = ("contract_signed", "accepted", "contract_ended", "failed", "terminated", "invalidated")


@dataclass(frozen=True, slots=True)
class Archive:
    """What was archived. outcome: the state in which the lot was. pieces: number to ``present`` or the reason why it does not apply.
    retention_until: the day until which it is kept at least, None for ever. supplements: how often pieces followed later."""

    outcome: str = ""
    pieces: Mapping[str, str] = field(default_factory=dict)
    retention_until: date | None = None
    supplements: int = 0


def retention(ended: date, kind: str, at_least: int) -> date | None:
    """Until when the volume is kept: the longest of all that applies, None for ever [12 §12.2].

    Archive classes count from 1 January after the year of the end, at_least years from the end itself.
    """
    years = RETENTION_YEARS[kind]
    if years is None:
        return None
    return max(date(ended.year + 1 + years, 1, 1), add_months(ended, 12 * at_least))


# ------------------------------------------------------------------ decisions

def _archive(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Refused below 100 %, naming every piece that is missing [IN-2]."""
    given = cast("Sequence[Mapping[str, object]]", command.data.get("pieces", []))
    pieces = trade.archive.completeness(Volume(lot, cast("Collection[str]", facts["documents"]), {str(g["piece"]) for g in given}))
    missing = [number for number, found in pieces.items() if found == MISSING]
    refuse_if(Problem("archive.piece_missing", f"pieces.{number}", {"piece": number}, "IN-2") for number in missing)
    ended = local_date(max(lot.history[e] for e in ENDS if e in lot.history))
    until = retention(ended, str(command.data["retention"]), trade.archive.years)
    return [Event("archived", {
        "outcome": lot.status, "pieces": pieces, "retention": command.data["retention"], "retention_from": ended.isoformat(),
        "retention_until": until.isoformat() if until is not None else "",
    }, {"attached": [dict(g) for g in given]})]  # fmt: skip


def _supplement(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Performance records follow the tender volume; what was archived stays as it was [12 §12.8]."""
    return [Event("archive_supplemented", {"reason": command.data["reason"]}, {"attached": command.data["pieces"]})]


# ------------------------------------------------------------------ what events mean

def _archived(lot: Lot, r: Recorded) -> Lot:
    until = str(r.public["retention_until"])
    pieces = cast("Mapping[str, str]", r.public["pieces"])
    return lot.with_part(Archive(str(r.public["outcome"]), pieces, date.fromisoformat(until) if until else None))


def _supplemented(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Archive)
    return lot.with_part(replace(part, supplements=part.supplements + 1))


EVOLVE = {"archived": _archived, "archive_supplemented": _supplemented}

CENTRE = frozenset({Role.CENTRE})


def stage(rule: ArchiveRule) -> Stage:
    """The archive, papers and disclosures; rule: the pieces of the trade, which the forms name."""
    number = Field("piece", "choice", choices=tuple(p.number for p in rule.pieces))
    pieces = Field("pieces", "list", maximum=500, fields=(number, *FILE))
    acts = (
        Act("archive", "archived", CENTRE, _archive, (
            Field("retention", "choice", choices=tuple(RETENTION_YEARS), rule="12 §12.2"), replace(pieces, required=False)),
            needs=frozenset({"documents"}), irrevocable=True, documents=("archive_catalogue",), rule="IN-2"),
        Act("supplement_archive", "archive_supplemented", CENTRE, _supplement, (replace(pieces, minimum=1), REASON)),
    )  # fmt: skip
    return Stage(lifecycle.EVIDENCE, acts, EVOLVE, (Archive,))
