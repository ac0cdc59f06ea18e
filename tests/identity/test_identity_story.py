"""Random histories of naming, lending and dismissing: duties stay separate and the tables equal a replay of the events."""
from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from trading_core import bootstrap
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.db import identity as db
from trading_core.adapters.db import schema
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.domain.resident_number import resident_check_character
from trading_core.domain.uscc import compose_uscc
from trading_core.services import delegations, organisations, persons
from trading_core.settings import Settings

CONSOLE, CENTRE = Actor("", "", Role.OPERATOR), Actor("", "", Role.CENTRE)
TWO, BUREAU = [Role.AGENCY, Role.BIDDER], [Role.PRINCIPAL, Role.SUPERVISOR]
HOUR = timedelta(hours=1)
people = st.integers(0, 3)
roles = st.sampled_from([Role.AGENCY, Role.BIDDER, Role.EXPERT, Role.PRINCIPAL, Role.SUPERVISOR])
FORBIDDEN = [  # said again, apart from the table in the domain
    {a, b}
    for a, others in {
        "supervisor": "principal agency bidder expert centre operator", "operator": "principal agency bidder expert centre",
        "centre": "principal agency bidder expert", "agency": "bidder",
    }.items()
    for b in others.split()
]  # fmt: skip


class Naming(RuleBasedStateMachine):
    """Two organisations with two persons each; who asks may or may not be entitled, what is refused must change nothing."""

    @initialize()
    def found(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.platform = bootstrap.build(Settings(data=Path(self.folder.name)), self.clock, SeededEntropy(b"story"))
        with self.platform.unit() as unit:
            two = organisations.register_organisation(unit, CENTRE, compose_uscc("91530502", "MA6K0001"), "两用公司", TWO)
            bureau = organisations.register_organisation(unit, CONSOLE, compose_uscc("11530502", "MB0X0001"), "某局", BUREAU)
            self.homes = [two, bureau]
            firsts = [f"53050219900101{n:03}" for n in range(4)]
            data = [PersonalData(f"人{n}", "13800000000", f + resident_check_character(f)) for n, f in enumerate(firsts)]
            self.people = [persons.register_person(unit, CENTRE, self.homes[n % 2], d) for n, d in enumerate(data)]
        for n, role in enumerate((Role.AGENCY, Role.SUPERVISOR, Role.BIDDER, Role.PRINCIPAL)):
            self.name(n, role)

    def teardown(self) -> None:
        if hasattr(self, "platform"):
            self.platform.database.close()
            self.folder.cleanup()

    def actor(self, n: int, role: Role) -> Actor:
        return Actor(self.people[n], self.homes[n % 2], role)

    @rule(n=people, role=roles)
    def name(self, n: int, role: Role) -> None:
        """By whoever is entitled: a colleague who has the role, otherwise from outside."""
        outside = CONSOLE if role is Role.SUPERVISOR else CENTRE
        for by in (*(self.actor(c, role) for c in range(4) if c != n), outside):
            with suppress(Refused), self.platform.unit() as unit:
                persons.grant_role(unit, by, self.people[n], role)

    @rule(n=people, role=roles, by=people)
    def name_a_colleague(self, n: int, role: Role, by: int) -> None:
        with suppress(Refused), self.platform.unit() as unit:
            persons.grant_role(unit, self.actor(by, role), self.people[n], role)

    @rule(n=people, role=roles)
    def dismiss(self, n: int, role: Role) -> None:
        with suppress(Refused), self.platform.unit() as unit:
            persons.revoke_role(unit, self.actor(n, role), self.people[n], role)

    @rule(n=people, role=roles)
    def dismiss_from_outside(self, n: int, role: Role) -> None:
        with suppress(Refused), self.platform.unit() as unit:
            persons.revoke_role(unit, CONSOLE if role is Role.SUPERVISOR else CENTRE, self.people[n], role, "材料不实")

    @rule(to=people, role=roles, start=st.integers(0, 3), hours=st.integers(1, 4))
    def lend(self, to: int, role: Role, start: int, hours: int) -> None:
        begin = self.clock.now() + start * HOUR
        for by in range(4):
            with suppress(Refused), self.platform.unit() as unit:
                delegations.delegate_role(unit, self.actor(by, role), self.people[to], begin, begin + hours * HOUR)

    @rule(at=st.integers(0, 3))
    def take_back(self, at: int) -> None:
        with suppress(Refused), self.platform.unit() as unit:
            lent = persons.delegations_where(unit, sa.true())
            if at < len(lent):
                delegations.revoke_delegation(unit, Actor(lent[at].delegator, "", lent[at].role), lent[at].id)

    @rule(n=people)
    def erase(self, n: int) -> None:
        with suppress(Refused), self.platform.unit() as unit:
            persons.erase_person(unit, CENTRE, self.people[n])

    @rule()
    def wait(self) -> None:
        self.clock.advance(HOUR)

    @invariant()
    def duties_are_separate(self) -> None:
        with self.platform.look() as unit:
            for p in self.people:
                person = persons.find_person(unit, p)
                assert person is not None
                held = {r.value for r in person.bound_at(unit.now)}
                assert not [pair for pair in FORBIDDEN if pair <= held]
                assert person.roles_at(unit.now) <= person.bound_at(unit.now)
                assert not (person.erased and held)

    @invariant()
    def tables_equal_a_replay(self) -> None:
        with self.platform.unit() as unit:
            before = _tables(unit)
            for table in TABLES:
                unit.connection.execute(sa.delete(table))
            order = sa.select(schema.pending.c.stream, schema.pending.c.version).order_by(schema.pending.c.id)
            for stream, version in unit.connection.execute(order).all():
                unit.store.project([unit.store.read(stream, version - 1)[0].recorded()])
            assert _tables(unit) == before


TABLES = (db.organisation, db.person, db.role_grant, db.delegation)


def _tables(unit: Any) -> list[list[tuple[object, ...]]]:
    return [sorted(map(tuple, unit.connection.execute(sa.select(t))), key=repr) for t in TABLES]


TestNaming = Naming.TestCase
TestNaming.settings = hypothesis_settings(max_examples=20, stateful_step_count=25)
