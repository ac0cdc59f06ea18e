"""Drafts of a score sheet: each member's own, sealed at rest, readable by nobody else and gone once the sheet is locked [SC-2]."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..adapters.db import desk_drafts as table
from ..domain.lot import Lot
from ..domain.tender.assessment import Evaluation
from ..platform import Unit

VALUE_MAX = 40  # no score is longer
COMMENT_MAX = 20_000
VALUES_MAX = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has typed: points by item, as typed, and a comment."""

    points: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    saved_at: datetime | None = None


def keep(unit: Unit, lot: Lot, holder: str, bid: str, points: Mapping[str, str], comment: str) -> Draft:
    """Keep what has been typed so far, right or wrong. Too long texts are cut: a draft decides nothing."""
    kept = {str(k)[:64]: str(v)[:VALUE_MAX] for k, v in list(points.items())[:VALUES_MAX]}
    draft = Draft(kept, comment[:COMMENT_MAX], unit.now)
    text = json.dumps({"points": kept, "comment": draft.comment}, ensure_ascii=False)
    table.put(unit.store, _key(unit, lot, holder, bid), text.encode(), unit.now)
    return draft


def find(unit: Unit, lot: Lot, holder: str, bid: str) -> Draft:
    """The draft of one's own; an empty one when nothing was saved."""
    found = table.get(unit.store, _key(unit, lot, holder, bid))
    if found is None:
        return Draft()
    said = json.loads(found[0])
    return Draft(said["points"], said["comment"], found[1])


def drop(unit: Unit, lot: Lot, holder: str, bid: str) -> None:
    table.delete(unit.store, _key(unit, lot, holder, bid))


def _key(unit: Unit, lot: Lot, holder: str, bid: str) -> bytes:
    """Tells nobody who has begun to score what; a new round begins with empty sheets."""
    return unit.store.vault.blind(f"desk_draft|{lot.id}|{lot.part(Evaluation).round}|{holder}|{bid}")
