"""Taking over a list of experts: accounts for those who have none, the role, and a place in the pool for each."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from trading_core.adapters.db import identity
from trading_core.domain.duties import check_duties
from trading_core.domain.errors import Problem, refuse_if
from trading_core.domain.identity import Actor, Role
from trading_core.domain.workcalendar import local_date
from trading_core.platform import Unit
from trading_core.services import persons

from ..domain.listing import Listed, read_list
from .experts import append_registration, check_place, require_role

Identity = tuple[str, str]


def import_experts(unit: Unit, by: Actor, csv_text: str) -> tuple[str, ...]:
    """Enter every expert of a list, or nobody; their numbers in the order of the list. Format: docs/formats-lists.md.

    Persons who are not known yet are registered in the importer's own organisation, which so tells nothing of their employers, and
    get the role of an expert; accounts are opened later with `accounts.issue_activation`. Raises `Refused` with every problem of
    every line (path ``row.<line>.<column>``), `Forbidden`, `Conflict`.
    """
    require_role(by, "expert_registered")
    listed, problems = read_list(csv_text, local_date(unit.now))
    known = _known_people(unit, listed)
    refuse_if([*problems, *(p for entry in listed for p in _check(unit, entry, known.get(entry.identity, "")))])
    people = _with_role(unit, by, listed, known)
    for entry in sorted(listed, key=lambda e: e.expert.number):
        append_registration(unit, by, replace(entry.expert, person=people[entry.identity]))
    return tuple(entry.expert.number for entry in listed)


def _known_people(unit: Unit, listed: Sequence[Listed]) -> dict[Identity, str]:
    """Person ids of those who have been registered before."""
    found: dict[Identity, str] = {}
    for entry in listed:
        query = sa.select(identity.person.c.id).where(identity.person.c.fingerprint == _fingerprint(unit, entry.identity))
        person = unit.connection.execute(query).scalar()
        if person is not None:
            found[entry.identity] = person
    return found


def _check(unit: Unit, entry: Listed, person: str) -> list[Problem]:
    """What only the tables can tell against a line."""
    problems = check_place(unit, replace(entry.expert, person=person))
    if person:
        before = persons.known_person(unit, person)
        if _name(unit, person) != entry.data.name:
            problems.append(Problem("expert.other_name", "name"))  # a mistyped identity number must not reach another's account
        if Role.EXPERT not in before.granted:
            problems += check_duties(before.bound_at(unit.now), Role.EXPERT)
    columns = {"person": "id_number", "role": "id_number"}  # in a list a person is known by the identity number
    return [Problem(p.code, f"row.{entry.row}.{columns.get(p.path, p.path)}", p.params, p.rule) for p in problems]


def _with_role(unit: Unit, by: Actor, listed: Sequence[Listed], known: Mapping[Identity, str]) -> dict[Identity, str]:
    """Everybody's person id, after registering whom nobody knew and giving the role to whom it lacks.

    All of it before the first expert, and in the order of a keyed fingerprint: from the order of the log nobody can tell whose
    account belongs to which number.
    """
    people = dict(known)
    for entry in sorted(listed, key=lambda e: _fingerprint(unit, e.identity)):
        if entry.identity not in people:
            people[entry.identity] = persons.register_person(unit, by, by.organisation, entry.data)
        person = people[entry.identity]
        if Role.EXPERT not in persons.known_person(unit, person).granted:
            persons.grant_role(unit, by, person, Role.EXPERT)
    return people


def _fingerprint(unit: Unit, person: Identity) -> bytes:
    return identity.fingerprint(unit.store, {"id_type": person[0], "id_number": person[1]})


def _name(unit: Unit, person: str) -> str:
    private = unit.store.read(f"person/{person}")[0].recorded().private or {}
    return str(private.get("name", ""))
