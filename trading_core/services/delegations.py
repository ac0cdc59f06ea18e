"""Delegation: a person lends a role to a colleague for a period."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..adapters.db import identity as db
from ..domain.duties import check_duties
from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from ..domain.events import instant_text
from ..domain.identity import Actor
from ..domain.permissions import Context, Permission, require
from ..domain.person import check_period
from ..platform import Unit
from .organisations import signed_by
from .persons import append, known_person


def delegate_role(unit: Unit, by: Actor, to: str, start: datetime, end: datetime) -> str:
    """Lend the role in which one acts to a colleague from `start` until before `end`; the delegation's id.

    The event is in the receiver's stream: it's the receiver whose duties must stay compatible. A lent role cannot be lent on, the
    role of an expert not at all. Raises `Refused` with every reason, `Forbidden`, `Conflict`.
    """
    delegator, receiver = known_person(unit, by.person), known_person(unit, to)
    require(Permission.DELEGATE_ROLE, by, Context(organisation=delegator.organisation, person=by.person, role=by.role))
    if by.role not in delegator.granted or receiver.organisation != delegator.organisation:
        raise Forbidden(Problem("permission.denied", params={"permission": Permission.DELEGATE_ROLE.value}))
    problems = [*check_period(start, end, unit.now), *check_duties(receiver.bound_at(unit.now), by.role)]
    if by.role in receiver.granted:
        problems.append(Problem("role.already_granted", "to", {"role": by.role.value}))
    if any(d.backed and d.role is by.role and d.start < end and start < d.end for d in receiver.delegated):
        problems.append(Problem("delegation.overlaps", "start"))
    refuse_if(problems)
    subject = unit.platform.entropy.token_bytes(16).hex()
    period = {"from": instant_text(start), "to": instant_text(end)}
    public = {"delegation": subject, "delegator": by.person, "organisation": by.organisation, "role": by.role.value, **period}
    append(unit, receiver, [signed_by(by, "role_delegated", public)])
    return subject


def revoke_delegation(unit: Unit, by: Actor, delegation: str) -> None:
    """End a delegation at once: the delegator, the receiver or a colleague who may. Raises `Refused`, `Forbidden`, `Conflict`."""
    person = unit.connection.execute(sa.select(db.delegation.c.person).where(db.delegation.c.id == delegation)).scalar()
    receiver = known_person(unit, person) if person else None
    lent = next((d for d in receiver.delegated if d.id == delegation), None) if receiver else None
    if receiver is None or lent is None:
        raise Forbidden(Problem("delegation.unknown", "delegation"))
    context = Context(receiver.organisation, lent.person, lent.role, receiver.kinds, delegator=lent.delegator)
    require(Permission.REVOKE_DELEGATION, by, context)
    if unit.now >= lent.end:
        raise Refused(Problem("delegation.ended", "delegation"))
    append(unit, receiver, [signed_by(by, "delegation_revoked", {"delegation": delegation, "role": lent.role.value})])
