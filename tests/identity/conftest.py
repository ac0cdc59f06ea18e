"""A platform with a centre, a supervisor, two agencies and a bidder, on a real database, with a clock that is moved by hand."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trading_core import bootstrap
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.adapters.passwords import hash_password
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.domain.resident_number import resident_check_character
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import accounts, organisations, persons
from trading_core.settings import Settings

CONSOLE = Actor("", "", Role.OPERATOR)
PASSWORD = "clear water 喆"
NAMES = ("李泓霖", "王䶮", "赵㛃", "钱堃", "孙赟", "周昇", "吴祎", "郑龘")


@dataclass
class Town:
    """The platform and whom one meets on it; `actors` by name of the organisation."""

    platform: Platform
    clock: SteppedClock
    actors: dict[str, Actor] = field(default_factory=dict)
    count: int = 0

    def organisation(self, by: Actor, name: str, *kinds: Role) -> str:
        self.count += 1
        with self.platform.unit() as unit:
            uscc = compose_uscc("91530502", f"MA6K{self.count:04}")
            return organisations.register_organisation(unit, by, uscc, name, [k.value for k in kinds])

    def data(self) -> PersonalData:
        self.count += 1
        first = f"53050219900101{self.count:03}"
        return PersonalData(NAMES[self.count % len(NAMES)], f"138{self.count:08}", first + resident_check_character(first))

    def person(self, by: Actor, organisation: str, *roles: Role) -> str:
        with self.platform.unit() as unit:
            person = persons.register_person(unit, by, organisation, self.data())
        for role in roles:
            with self.platform.unit() as unit:
                persons.grant_role(unit, by, person, role)
        return person

    def account(self, person: str, login: str, password: str = PASSWORD) -> None:
        with self.platform.unit() as unit:
            code = accounts.issue_activation(unit, CONSOLE, person)
            accounts.activate(unit, code, login, hash_password(password, self.platform.entropy))

    def settle(self, by: Actor, name: str, role: Role, also: tuple[Role, ...] = ()) -> Actor:
        """An organisation with one person in one role."""
        home = self.organisation(by, name, *{role, *also} - {Role.EXPERT})
        actor = Actor(self.person(by, home, role), home, role)
        self.actors[name] = actor
        return actor


@pytest.fixture
def town(tmp_path: Path, clock: SteppedClock, database_url: str) -> Iterator[Town]:
    settings = Settings(data=tmp_path, database=database_url, plugins=("plugins.test_ca",))
    platform = bootstrap.build(settings, clock, SeededEntropy(b"identity"))
    town = Town(platform, clock)
    centre = town.settle(CONSOLE, "澜明区公共资源交易中心", Role.CENTRE)
    town.settle(CONSOLE, "澜明区住建局", Role.SUPERVISOR, (Role.PRINCIPAL,))
    town.settle(centre, "明达招标代理", Role.AGENCY, (Role.PRINCIPAL,))
    town.settle(centre, "诚建集团", Role.BIDDER, (Role.PRINCIPAL,))
    yield town
    platform.database.close()


@pytest.fixture
def centre(town: Town) -> Actor:
    return town.actors["澜明区公共资源交易中心"]


@pytest.fixture
def supervisor(town: Town) -> Actor:
    return town.actors["澜明区住建局"]


@pytest.fixture
def agency(town: Town) -> Actor:
    return town.actors["明达招标代理"]


@pytest.fixture
def bidder(town: Town) -> Actor:
    return town.actors["诚建集团"]
