"""Persons: entering them, naming and dismissing them, looking at and erasing their personal data."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from ..adapters.db import identity as db
from ..adapters.db.store import Stored, instant, micros
from ..domain.duties import check_duties
from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from ..domain.events import Event, instant_text
from ..domain.identity import Actor, Role
from ..domain.permissions import Context, Permission, allowed, require
from ..domain.person import REASON_MAX, REASON_MIN, REVOCATION_NOTICE, Delegation, Person, PersonalData, check_personal_data
from ..domain.workcalendar import local_date
from ..platform import Unit
from .organisations import known, signed_by

COLLEAGUES_MAX = 500


def register_person(unit: Unit, by: Actor, organisation: str, data: PersonalData) -> str:
    """Enter a person of an organisation; their id. Their data is in the private part only.

    Raises `Refused` when the data is wrong or the person has been entered before, `Forbidden`, `Conflict`.
    """
    require(Permission.REGISTER_PERSON, by, Context(organisation=known(unit, organisation).id))
    refuse_if(check_personal_data(data, local_date(unit.now)))
    private = asdict(data)
    same = sa.select(db.person.c.id).where(db.person.c.fingerprint == db.fingerprint(unit.store, private))
    if unit.connection.execute(same).first():
        raise Refused(Problem("person.already_registered", "id_number"))
    subject = unit.platform.entropy.token_bytes(16).hex()
    event = signed_by(by, "person_registered", {"id": subject, "organisation": organisation}, private)
    unit.store.append(f"person/{subject}", 0, [event], unit.now)
    return subject


def grant_role(unit: Unit, by: Actor, person: str, role: Role) -> None:
    """Give a person a role in their organisation, or give back one that is to end. Raises `Refused` with every duty that excludes
    it, `Forbidden`, `Conflict`."""
    subject = known_person(unit, person)
    require(Permission.GRANT_ROLE, by, _context(unit, subject, role))
    _require_own_grant(unit, by)
    problems = list(check_duties(subject.bound_at(unit.now) - {role}, role))
    if role in subject.granted - subject.ending.keys():
        problems.append(Problem("role.already_granted", "role", {"role": role.value}))
    if not subject.may_hold(role):
        problems.append(Problem("role.organisation_kind", "role", {"role": role.value}))
    refuse_if(problems)
    append(unit, subject, [signed_by(by, "role_granted", {"organisation": subject.organisation, "role": role.value})])


def revoke_role(unit: Unit, by: Actor, person: str, role: Role, reason: str = "") -> datetime:
    """Take a role from a person; what they delegated of it ends with it. The instant from which they have it no more.

    Oneself and one's own organisation end it at once, everybody else after `REVOCATION_NOTICE`; only who lays down an own role needs
    no reason. Raises `Refused`, `Forbidden`, `Conflict`.
    """
    subject = known_person(unit, person)
    require(Permission.REVOKE_ROLE, by, _context(unit, subject, role))
    ends, reason = unit.now if by.organisation == subject.organisation else unit.now + REVOCATION_NOTICE, reason.strip()
    problems = []
    if role not in subject.granted:
        problems.append(Problem("role.not_granted", "role", {"role": role.value}))
    elif role in subject.ending and subject.ending[role] <= ends:
        problems.append(Problem("role.ends_already", "role", {"role": role.value, "ends_at": instant_text(subject.ending[role])}))
    if by.person != person and not REASON_MIN <= len(reason) <= REASON_MAX:
        problems.append(Problem("role.reason_missing", "reason", {"minimum": REASON_MIN, "maximum": REASON_MAX}))
    refuse_if(problems)
    said = {"organisation": subject.organisation, "role": role.value, "ends_at": instant_text(ends)}
    append(unit, subject, [signed_by(by, "role_revoked", said, {"reason": reason})])
    return ends


def revocations(unit: Unit, subject: Person) -> dict[Role, tuple[datetime, str]]:
    """When each role ends that was taken away and is still held, and why: for the person and whoever may see them."""
    if not subject.ending:
        return {}
    told = (s.recorded() for s in unit.store.read(f"person/{subject.id}") if s.type == "role_revoked")
    reasons = {Role(str(r.public["role"])): str((r.private or {}).get("reason", "")) for r in told}
    return {role: (at, reasons[role]) for role, at in subject.ending.items()}


def look_at_personal_data(unit: Unit, by: Actor, person: str, reason: str) -> PersonalData:
    """Somebody's data. Every look but one's own leaves a trace in the person's stream, the reason in its private part.

    Raises `Forbidden`, also when the data has been erased; `Refused` when no reason is given.
    """
    subject = known_person(unit, person)
    require(Permission.SEE_PERSONAL_DATA, by, Context(organisation=subject.organisation, person=person))
    if by.person != person:
        if not reason.strip():
            raise Refused(Problem("personal_data.reason_missing", "reason"))
        append(unit, subject, [signed_by(by, "personal_data_seen", {}, {"reason": reason.strip()})])
    return _personal_data(unit, person)


def colleagues(unit: Unit, by: Actor) -> dict[str, str]:
    """Names of the persons of one's own organisation by person id, at most 500. No trace: it's the organisation's own list."""
    require(Permission.SEE_COLLEAGUES, by, Context(organisation=by.organisation))
    query = sa.select(db.person.c.id).where(db.person.c.organisation == by.organisation, sa.not_(db.person.c.erased))
    ids = unit.connection.execute(query.order_by(db.person.c.id).limit(COLLEAGUES_MAX)).scalars()
    return {i: _personal_data(unit, i).name for i in ids}


def data_looked_at(unit: Unit, by: Actor, person: str) -> PersonalData:
    """The data once more for who has looked at it with `look_at_personal_data`, or whose own it is. Raises `Forbidden` for others."""
    subject = known_person(unit, person)
    require(Permission.SEE_PERSONAL_DATA, by, Context(organisation=subject.organisation, person=person))
    looks = (s.recorded().private or {} for s in unit.store.read(f"person/{person}") if s.type == "personal_data_seen")
    if by.person != person and all(look.get("by_person") != by.person for look in looks):
        raise Forbidden(Problem("personal_data.reason_missing", "reason"))
    return _personal_data(unit, person)


def people_of(unit: Unit, by: Actor, organisation: str, after: str = "", limit: int = 50) -> list[Person]:
    """Persons of an organisation in the order of their ids, without names: for its own people and those who name its first ones.

    Raises `Forbidden`.
    """
    context = Context(organisation=known(unit, organisation).id)
    if not (allowed(Permission.SEE_COLLEAGUES, by, context) or allowed(Permission.REGISTER_PERSON, by, context)):
        raise Forbidden(Problem("organisation.unknown", "organisation"))
    query = sa.select(db.person.c.id).where(
        db.person.c.organisation == organisation, sa.not_(db.person.c.erased), db.person.c.id > after
    )
    ids = unit.connection.execute(query.order_by(db.person.c.id).limit(max(1, min(limit, COLLEAGUES_MAX)))).scalars().all()
    return [known_person(unit, i) for i in ids]


def seen_person(unit: Unit, by: Actor, person: str) -> Person:
    """A person's roles and delegations, for whom `people_of` would list them to. Raises `Forbidden`."""
    subject = known_person(unit, person)
    context = Context(organisation=subject.organisation, person=person)
    if not (allowed(Permission.SEE_COLLEAGUES, by, context) or allowed(Permission.REGISTER_PERSON, by, context)):
        raise Forbidden(Problem("person.unknown", "person"))
    return subject


def roles_to_grant(unit: Unit, by: Actor, subject: Person) -> tuple[Role, ...]:
    """The roles that the actor may give the person; duties that exclude each other are told when it is tried."""
    lacking = (role for role in Role if role not in subject.granted - subject.ending.keys() and subject.may_hold(role))
    return tuple(role for role in lacking if allowed(Permission.GRANT_ROLE, by, _context(unit, subject, role)))


def roles_to_revoke(unit: Unit, by: Actor, subject: Person) -> tuple[Role, ...]:
    """The roles that the actor may take from the person."""
    held = (role for role in Role if role in subject.granted and (role not in subject.ending or by.organisation == subject.organisation))
    return tuple(role for role in held if allowed(Permission.REVOKE_ROLE, by, _context(unit, subject, role)))


def erase_person(unit: Unit, by: Actor, person: str) -> None:
    """Forget a person's data for good, end their roles, sessions and account. The log still verifies: it only committed to them.
    From outside their organisation only once they hold no role: roles end with notice (`revoke_role`).

    Raises `Refused`, `Forbidden`, `Conflict`.
    """
    subject = known_person(unit, person)
    require(Permission.ERASE_PERSON, by, Context(organisation=subject.organisation, person=person))
    if by.organisation != subject.organisation:
        refuse_if(Problem("person.holds_role", params={"role": role.value}) for role in sorted(subject.bound_at(unit.now)))
    append(unit, subject, [signed_by(by, "person_erased", {})])
    unit.store.erase_private(f"person/{person}", 1)
    for table in (db.account, db.session):
        unit.connection.execute(sa.delete(table).where(table.c.person == person))


def find_person(unit: Unit, subject: str) -> Person | None:
    """The person with their roles and delegations as they stand, None when there is none of that id."""
    joined = sa.outerjoin(db.person, db.organisation, db.person.c.organisation == db.organisation.c.id)
    query = sa.select(db.person, db.organisation.c.kinds).select_from(joined).where(db.person.c.id == subject)
    row = unit.connection.execute(query).first()
    if row is None:
        return None
    m = row._mapping
    grants = sa.select(db.role_grant.c.role, db.role_grant.c.ends_at).where(db.role_grant.c.person == subject, db.holds(micros(unit.now)))
    ends = {Role(r.role): r.ends_at for r in unit.connection.execute(grants)}
    return Person(
        id=subject,
        version=m["version"],
        organisation=m["organisation"],
        kinds=_roles((m["kinds"] or "").split()),
        granted=frozenset(ends),
        ending={role: instant(at) for role, at in ends.items() if at is not None},
        delegated=delegations_where(unit, db.delegation.c.person == subject),
        erased=m["erased"],
    )


def known_person(unit: Unit, subject: str) -> Person:
    """The person. Raises `Forbidden` when there is none or they were erased."""
    found = find_person(unit, subject)
    if found is None or found.erased:
        raise Forbidden(Problem("person.unknown", "person"))
    return found


def delegations_where(unit: Unit, where: sa.ColumnElement[bool]) -> tuple[Delegation, ...]:
    """Delegations in the order of their start, each with whether the delegator still holds the role."""
    backing = sa.and_(
        db.role_grant.c.person == db.delegation.c.delegator,
        db.role_grant.c.role == db.delegation.c.role,
        db.role_grant.c.granted_at <= db.delegation.c.lent_at,  # a role taken away and given again revives no loan
        db.holds(micros(unit.now)),
    )
    joined = sa.outerjoin(db.delegation, db.role_grant, backing)
    query = sa.select(db.delegation, db.role_grant.c.granted_at).select_from(joined).where(where)
    rows = unit.connection.execute(query.order_by(db.delegation.c.start_at, db.delegation.c.id))
    return tuple(
        Delegation(r.id, r.delegator, r.person, Role(r.role), instant(r.start_at), instant(r.end_at), r.granted_at is not None)
        for r in rows
    )


def append(unit: Unit, subject: Person, events: list[Event]) -> list[Stored]:
    """Append to the stream of a person as they were read. Raises `Conflict` when they have changed since."""
    return unit.store.append(f"person/{subject.id}", subject.version, events, unit.now)


def _context(unit: Unit, subject: Person, role: Role) -> Context:
    grant = db.role_grant
    query = sa.select(grant.c.person).where(
        grant.c.organisation == subject.organisation, grant.c.role == role.value, grant.c.ends_at.is_(None)
    )  # who is to lose it names nobody in time: others may name the next
    held = unit.connection.execute(query.limit(1)).first() is not None
    return Context(subject.organisation, subject.id, role, subject.kinds, held)


def _require_own_grant(unit: Unit, by: Actor) -> None:
    """A lent role does not name others: the naming would outlive the loan. Whoever acts at the console has no account."""
    if by.person and by.role not in known_person(unit, by.person).granted:
        raise Forbidden(Problem("permission.denied", params={"permission": Permission.GRANT_ROLE.value}))


def _personal_data(unit: Unit, person: str) -> PersonalData:
    first = unit.store.read(f"person/{person}")[0].recorded().private
    if first is None:
        raise Forbidden(Problem("person.unknown", "person"))
    return PersonalData(*(str(first[k]) for k in ("name", "phone", "id_number", "id_type")))


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(n) for n in names)
