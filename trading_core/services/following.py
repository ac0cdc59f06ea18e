"""Readers of the log that come with the core: notifications, search. Each event has its effect exactly once."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ..adapters.db.following import notification, search_text
from ..adapters.db.lots import HIDDEN
from ..adapters.db.store import Stored, instant, micros
from ..domain.identity import Actor, Role
from ..domain.lot import Lot
from ..platform import Unit
from . import lots, organisations

TOLD: Mapping[str, frozenset[Role]] = {
    "submitted_for_publication": frozenset({Role.CENTRE, Role.SUPERVISOR}),  # trustees make their keys
    "published": frozenset({Role.CENTRE, Role.SUPERVISOR}),
    "invitations_sent": frozenset({Role.CENTRE, Role.SUPERVISOR}),
    "question_asked": frozenset({Role.PRINCIPAL, Role.AGENCY}),
    "amended": frozenset({Role.CENTRE, Role.SUPERVISOR, Role.BIDDER}),
    "clarified": frozenset({Role.BIDDER}),
    "closed": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR}),
    "failed": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR}),
    "opening_started": frozenset({Role.CENTRE, Role.SUPERVISOR}),
    "opening_objected": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "draw_part_overdue": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR}),  # K cannot be drawn without it
    "objection_raised": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "suspended": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR, Role.BIDDER}),
    "resumed": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR, Role.BIDDER}),
    "bid_revoked": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "report_submitted": frozenset({Role.PRINCIPAL, Role.AGENCY}),
    "candidates_published": frozenset({Role.SUPERVISOR, Role.BIDDER}),
    "award_letter_issued": frozenset({Role.SUPERVISOR, Role.BIDDER}),
    "contract_signed": frozenset({Role.CENTRE, Role.SUPERVISOR}),
}
"""Who is told of which act. Before the opening bidders are told as a role: nobody keeps who takes part."""


def notify(unit: Unit, stored: Stored) -> None:
    """Leave a note for everybody who should know of an act."""
    lot = _lot(unit, stored)
    if lot is None:
        return
    told = TOLD.get("amended" if _moves(stored) else stored.type, frozenset())
    rows = [
        {"log_index": stored.index, "role": role.value, "organisation": lot.parties.get(role.value, ""), "lot": lot.id,
         "type": stored.type, "at": micros(stored.at)}
        for role in sorted(told) if role is Role.BIDDER or role.value in lot.parties
    ]  # fmt: skip
    if rows:
        unit.connection.execute(sa.insert(notification), rows)


def _moves(stored: Stored) -> bool:
    """Whether an act moved a deadline: whoever is told of amendments is told of it."""
    public = stored.recorded().public
    return bool(public.get("moved") or public.get("moves"))


def index_for_search(unit: Unit, stored: Stored) -> None:
    """Keep the words of a published lot: its terms as announced, its number, its principal."""
    lot = _lot(unit, stored)
    if lot is None or lot.status in HIDDEN or stored.type not in ("published", "invitations_sent", "amended"):
        return
    principal = organisations.find_organisation(unit, lot.parties.get("principal", ""))
    words = [lot.id, principal.name if principal else "", *(v for v in lot.terms.values() if isinstance(v, str))]
    unit.connection.execute(sa.delete(search_text).where(search_text.c.lot == lot.id))
    unit.connection.execute(sa.insert(search_text), {"lot": lot.id, "text": "\n".join(words).lower()})


READERS = {"notifications": notify, "search": index_for_search}


def _lot(unit: Unit, stored: Stored) -> Lot | None:
    return lots.find(unit, stored.stream.partition("/")[2]) if stored.stream.startswith("lot/") else None


@dataclass(frozen=True, slots=True)
class Note:
    """A notification: what happened on which lot, at which place in the log."""

    index: int
    lot: str
    type: str
    at: datetime


def notes_for(unit: Unit, actor: Actor, after: int = -1, limit: int = 50) -> list[Note]:
    """What somebody in their role should know, newest first; `after` leaves out what lies at or below a log index."""
    mine = notification.c.organisation.in_(("", actor.organisation))
    query = (
        sa.select(notification)
        .where(notification.c.role == actor.role.value, mine, notification.c.log_index > after)
        .order_by(notification.c.log_index.desc())
        .limit(min(limit, 200))
    )
    return [Note(r.log_index, r.lot, r.type, instant(r.at)) for r in unit.connection.execute(query)]
