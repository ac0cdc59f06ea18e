"""Who plays: organisations, people and accounts. They are entered at the desk of centre and operator; what they do goes over HTTP."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from ..adapters.passwords import hash_password
from ..client.remote import Remote
from ..domain.identity import Actor, Role
from ..domain.person import PersonalData
from ..domain.uscc import compose_uscc
from ..platform import Platform
from ..services import accounts, organisations, persons

CONSOLE = Actor("", "", Role.OPERATOR)
REGION = "91530500"


@dataclass(frozen=True)
class Member:
    """A person with an account. remote: their own way to the platform, signed in."""

    actor: Actor
    name: str
    login: str
    password: str = field(repr=False)
    remote: Remote = field(repr=False)


@dataclass
class Cast:
    """Everybody in a demonstration, by organisation."""

    platform: Platform
    url: str
    names: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)

    def organisation(self, by: Actor, name: str, *kinds: Role) -> str:
        """Enter an organisation with an invented code; its id."""
        code = compose_uscc(REGION, hashlib.sha256(name.encode()).hexdigest()[:8].upper())
        with self.platform.unit() as unit:
            known = organisations.find_by_uscc(unit, code)
            subject = known.id if known else organisations.register_organisation(unit, by, code, name, [k.value for k in kinds])
        self.names[subject], self.codes[subject] = name, code
        return subject

    def join(self, by: Actor, organisation: str, role: Role, name: str, login: str) -> Member:
        """Enter a person of an organisation with one role, and open their account."""
        number = hashlib.sha256(f"{organisation}{name}{login}".encode()).hexdigest()[:12].upper()
        with self.platform.unit() as unit:
            data = PersonalData(name, "0800-000-0000", f"DEMO-{number}", "other")
            person = persons.register_person(unit, by, organisation, data)
            persons.grant_role(unit, by, person, role)
        return self.open_account(by, Actor(person, organisation, role), name, login)

    def open_account(self, by: Actor, actor: Actor, name: str, login: str) -> Member:
        """Hand out an activation code and let the person use it; signed in from then on, each from an address of their own."""
        password = self.platform.entropy.token_bytes(12).hex()
        hashed = hash_password(password, self.platform.entropy)
        with self.platform.unit() as unit:
            code = accounts.issue_activation(unit, by, actor.person)
            accounts.activate(unit, code, login, hashed)
        remote = Remote(self.url, self.platform.entropy, {"X-Forwarded-For": f"198.51.100.{len(self.members) + 1}"})
        remote.sign_in(login, password, actor.role.value)
        member = Member(actor, name, login, password, remote)
        self.members.append(member)
        return member
