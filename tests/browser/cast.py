"""Who plays: organisations, persons and accounts, entered beforehand. Everything else happens on pages."""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from expert_pool.sample import make_sample_pool
from expert_pool.services.experts import number_of
from trading_core.adapters.db.identity import role_grant
from trading_core.adapters.passwords import hash_password
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import accounts, organisations, persons

CONSOLE = Actor("", "", Role.OPERATOR)
PASSWORD = "清水 clear water 42"
EXPERTS = 60
BIDDERS = ("松涧示例建设集团有限公司", "云石示例路桥有限公司", "青屿示例水利工程有限公司")


@dataclass(frozen=True)
class Person:
    """Somebody with an account. name: of their organisation, for experts their number in the pool."""

    login: str
    name: str
    actor: Actor
    uscc: str = ""


class Cast:
    """Everybody who takes part, by login."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.people = platform, dict[str, Person]()
        self._password = hash_password(PASSWORD, platform.entropy)  # one hash for all: opening sixty accounts takes no time
        centre = self._join("centre", "澜明区公共资源交易中心", Role.CENTRE, CONSOLE)
        self._join("supervisor", "澜明区水务局", Role.SUPERVISOR, CONSOLE)
        self._join("principal", "澜明区水务工程建设管理处", Role.PRINCIPAL, centre.actor)
        self._join("agency", "云栖示例招标代理有限公司", Role.AGENCY, centre.actor)
        for n, name in enumerate(BIDDERS, 1):
            self._join(f"bidder{n}", name, Role.BIDDER, centre.actor)
        self._experts(centre.actor)

    def __getitem__(self, login: str) -> Person:
        return self.people[login]

    @property
    def experts(self) -> Mapping[str, Person]:
        return {p.name: p for p in self.people.values() if p.actor.role is Role.EXPERT}

    def _join(self, login: str, name: str, role: Role, by: Actor) -> Person:
        code = compose_uscc("91530500", hashlib.sha256(name.encode()).hexdigest()[:8].upper())
        with self.platform.unit() as unit:
            organisation = organisations.register_organisation(unit, by, code, name, [role.value])
            data = PersonalData(f"{name[:4]}经办人", "0800-000-0000", f"NUMBER-{len(self.people)}", "other")
            person = persons.register_person(unit, by, organisation, data)
            persons.grant_role(unit, by, person, role)
        return self._open(Person(login, name, Actor(person, organisation, role), code))

    def _experts(self, by: Actor) -> None:
        """An invented pool; every expert has an account named by their number."""
        with self.platform.unit() as unit:
            make_sample_pool(unit, by, EXPERTS)
        with self.platform.look() as unit:
            granted = unit.connection.execute(sa.select(role_grant).where(role_grant.c.role == Role.EXPERT.value)).all()
            found = [(number_of(unit, g.person) or "", Actor(g.person, g.organisation, Role.EXPERT)) for g in granted]
        for number, actor in found:
            self._open(Person(number.lower(), number, actor))

    def _open(self, person: Person) -> Person:
        with self.platform.unit() as unit:
            code = accounts.issue_activation(unit, CONSOLE, person.actor.person)
            accounts.activate(unit, code, person.login, self._password)
        self.people[person.login] = person
        return person
