"""Organisations: entering them in the register, changing them, finding them."""
from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ..adapters.db import identity as db
from ..adapters.db.store import micros
from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from ..domain.events import Event, Json
from ..domain.identity import Actor, Role
from ..domain.organisation import Organisation, check_organisation
from ..domain.permissions import Context, Permission, allowed, require
from ..domain.uscc import normalise
from ..platform import Unit

PAGE_MAX = 200
KEEPERS = frozenset({Role.OPERATOR, Role.CENTRE, Role.SUPERVISOR})


def register_organisation(unit: Unit, by: Actor, uscc: str, name: str, kinds: Iterable[str]) -> str:
    """Enter an organisation; its id. Raises `Refused` with everything wrong, `Conflict` when it was entered at the same moment."""
    uscc, name, given = normalise(uscc), name.strip(), frozenset(kinds)
    refuse_if(check_organisation(uscc, name, given))
    require(Permission.REGISTER_ORGANISATION, by, Context(kinds=_roles(given)))
    if find_by_uscc(unit, uscc):
        raise Refused(Problem("organisation.already_registered", "uscc"))
    subject = unit.platform.entropy.token_bytes(16).hex()
    public = {"id": subject, "uscc": uscc, "name": name, "kinds": sorted(given)}
    unit.store.append(f"organisation/{subject}", 0, [signed_by(by, "organisation_registered", public)], unit.now)
    return subject


def change_organisation(unit: Unit, by: Actor, organisation: str, name: str, kinds: Iterable[str]) -> None:
    """A new version of name and kinds; the code stays for good. A kind stays while somebody holds a role that needs it: roles are
    taken away one by one, each with its reason and its notice.

    Raises `Refused`, `Forbidden`, `Conflict`.
    """
    before, name, given = known(unit, organisation), name.strip(), frozenset(kinds)
    refuse_if(check_organisation(before.uscc, name, given))
    require(Permission.REGISTER_ORGANISATION, by, Context(organisation=organisation, kinds=before.kinds | _roles(given)))
    if (name, given) == (before.name, before.kinds):
        return
    dropped = sorted(before.kinds - _roles(given))
    refuse_if(Problem("organisation.kind_in_use", "kinds", {"role": r.value}) for r in dropped if _held(unit, organisation, r))
    event = signed_by(by, "organisation_changed", {"name": name, "kinds": sorted(given)})
    unit.store.append(f"organisation/{organisation}", before.version, [event], unit.now)


def find_organisation(unit: Unit, subject: str) -> Organisation | None:
    """The organisation as it is now, None when there is none of that id."""
    return _one(unit, db.organisation.c.id == subject)


def known(unit: Unit, subject: str) -> Organisation:
    """The organisation. Raises `Forbidden` when there is none."""
    found = find_organisation(unit, subject)
    if found is None:
        raise Forbidden(Problem("organisation.unknown", "organisation"))
    return found


def find_by_uscc(unit: Unit, uscc: str) -> Organisation | None:
    """The organisation with a unified social credit code, in any spelling."""
    return _one(unit, db.organisation.c.uscc == normalise(uscc))


def named(unit: Unit, text: str) -> list[Organisation]:
    """Those whom a text names in full, by code in any spelling or by name: to be found, an organisation must be known already."""
    query = sa.select(db.organisation).where(sa.or_(db.organisation.c.uscc == normalise(text), db.organisation.c.name == text.strip()))
    return [_organisation(r) for r in unit.connection.execute(query.order_by(db.organisation.c.uscc).limit(PAGE_MAX))]


def organisations(unit: Unit, after_uscc: str = "", limit: int = 50) -> list[Organisation]:
    """A page of the register in the order of the codes, after a given one."""
    query = sa.select(db.organisation).where(db.organisation.c.uscc > after_uscc).order_by(db.organisation.c.uscc)
    return [_organisation(r) for r in unit.connection.execute(query.limit(min(limit, PAGE_MAX)))]


def search(unit: Unit, by: Actor, text: str = "", after_uscc: str = "", limit: int = 50) -> list[Organisation]:
    """A page of the register for those who keep it or supervise: whose name contains the text or whose code begins with it.

    Nobody else browses it: the list of bidders of a district is nobody's address book. Raises `Forbidden`.
    """
    if by.role not in KEEPERS:
        raise Forbidden(Problem("permission.denied", params={"permission": Permission.REGISTER_ORGANISATION.value}))
    table, text = db.organisation, text.strip()
    found = sa.or_(table.c.name.contains(text, autoescape=True), table.c.uscc.startswith(normalise(text), autoescape=True))
    query = sa.select(table).where(table.c.uscc > after_uscc, found if text else sa.true()).order_by(table.c.uscc)
    return [_organisation(r) for r in unit.connection.execute(query.limit(max(1, min(limit, PAGE_MAX))))]


def seen(unit: Unit, by: Actor, organisation: str) -> Organisation:
    """An organisation's entry, for those who keep the register or supervise and for its own people. Raises `Forbidden`."""
    if by.role not in KEEPERS and (not by.organisation or by.organisation != organisation):
        raise Forbidden(Problem("organisation.unknown", "organisation"))
    return known(unit, organisation)


def kinds_to_register(by: Actor) -> tuple[Role, ...]:
    """As what the actor may enter an organisation: centre and operator enter different ones, so that neither chooses its supervisor."""
    return tuple(role for role in Role if allowed(Permission.REGISTER_ORGANISATION, by, Context(kinds=frozenset({role}))))


def signed_by(by: Actor, kind: str, public: Json, private: Json | None = None) -> Event:
    """An event that says publicly for which organisation and in which role somebody acted, and who it was in its private part."""
    who = {"role": by.role.value, "organisation": by.organisation}
    return Event(kind, {**public, "by": who}, {**(private or {}), "by_person": by.person})


def _held(unit: Unit, organisation: str, role: Role) -> bool:
    grant = db.role_grant.c
    query = sa.select(grant.person).where(grant.organisation == organisation, grant.role == role.value, db.holds(micros(unit.now)))
    return unit.connection.execute(query.limit(1)).first() is not None


def _roles(kinds: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(k) for k in kinds)


def _one(unit: Unit, where: sa.ColumnElement[bool]) -> Organisation | None:
    row = unit.connection.execute(sa.select(db.organisation).where(where)).first()
    return _organisation(row) if row else None


def _organisation(r: sa.Row[tuple[object, ...]]) -> Organisation:
    m = r._mapping
    return Organisation(m["id"], m["version"], m["uscc"], m["name"], _roles(m["kinds"].split()))
