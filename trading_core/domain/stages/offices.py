"""The three sides of a lot that hold something apart from each other: who runs it, the centre, the supervisor [design §4].

Keys are split among them, and the seeds of draws are made by two of them, so that nobody alone can open or steer anything.
"""
from __future__ import annotations

from ..identity import Actor, Role
from ..lot import Lot

HOST, CENTRE, SUPERVISOR = "host", "centre", "supervisor"
ROLES = frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR})


def office_of(lot: Lot, actor: Actor) -> str | None:
    """Which of the three the actor is for this lot, None when none. The agency stands for the host where there is one."""
    if actor.role in (Role.PRINCIPAL, Role.AGENCY):
        host = lot.parties.get("agency") or lot.parties.get("principal")
        return HOST if actor.organisation == host else None
    named = lot.parties.get(actor.role.value)
    if actor.role in (Role.CENTRE, Role.SUPERVISOR) and named in (None, actor.organisation):
        return actor.role.value
    return None
