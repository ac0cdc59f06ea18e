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

NOTICES = ("published", "invitations_sent", "prequalification_published")
HOSTS = frozenset({Role.PRINCIPAL, Role.AGENCY})
OFFICES = frozenset({Role.CENTRE, Role.SUPERVISOR})
WATCH = HOSTS | {Role.SUPERVISOR}
PARTIES = HOSTS | OFFICES
EVERYBODY = PARTIES | {Role.BIDDER}
TOLD: Mapping[str, frozenset[Role]] = {
    # up to the deadline: trustees make their keys, bidders prepare
    "submitted_for_publication": OFFICES, "recalled": PARTIES, "cancelled": PARTIES,
    "published": OFFICES, "prequalification_published": OFFICES, "invitations_sent": OFFICES, "attempt_created": OFFICES,
    "question_asked": HOSTS, "amended": OFFICES | {Role.BIDDER}, "clarified": frozenset({Role.BIDDER}),
    "prequalification_closed": PARTIES, "application_review_submitted": WATCH, "prequalification_decided": WATCH | {Role.BIDDER},
    "acts_delegated": PARTIES, "closed": PARTIES,
    # opening and evaluation
    "draw_part_overdue": PARTIES,  # K cannot be drawn without it
    "opening_started": OFFICES, "opening_objected": WATCH, "bid_revoked": WATCH, "standing_reported": WATCH,
    "validity_extension_asked": frozenset({Role.BIDDER}), "validity_extension_answered": WATCH,
    "time_called_short": WATCH, "re_evaluation_ordered": WATCH, "committee_reformed": WATCH, "report_submitted": HOSTS,
    # award and contract
    "candidates_published": frozenset({Role.SUPERVISOR, Role.BIDDER}), "publicity_ended": HOSTS, "re_examination_asked": WATCH,
    "candidate_re_examined": WATCH, "candidate_lost": WATCH, "award_decided": WATCH, "next_candidate_chosen": WATCH | {Role.BIDDER},
    "next_qualified_chosen": WATCH | {Role.BIDDER}, "award_letter_issued": frozenset({Role.SUPERVISOR, Role.BIDDER}),
    "result_published": frozenset({Role.SUPERVISOR, Role.BIDDER}), "written_report_filed": OFFICES,
    "contract_signed": OFFICES, "contract_confirmed": PARTIES, "contract_ended": PARTIES, "performance_noted": WATCH,
    # remedies
    "objection_raised": WATCH, "objection_answered": frozenset({Role.SUPERVISOR, Role.BIDDER}), "objection_withdrawn": WATCH,
    "complaint_received": frozenset({Role.SUPERVISOR}), "complaint_acceptance_decided": HOSTS, "complaint_decided": WATCH | {Role.BIDDER},
    "hold_placed": PARTIES, "hold_lifted": PARTIES, "suspended": EVERYBODY, "resumed": EVERYBODY,
    # ends
    "document_illegal": EVERYBODY, "document_defective": EVERYBODY, "failed": EVERYBODY, "terminated": EVERYBODY,
    "invalidated": EVERYBODY, "archived": PARTIES,
}  # fmt: skip
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
    if lot is None or lot.status in HIDDEN or stored.type not in (*NOTICES, "amended"):
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
