"""The register: organisations, their people, roles, delegations, and the codes by which accounts are opened."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.events import Json, instant_from, instant_text
from trading_core.domain.fields import Field
from trading_core.domain.identity import Actor, Role
from trading_core.domain.organisation import KINDS, NAME_MAX
from trading_core.domain.permissions import APPOINTING, REGISTERING
from trading_core.domain.person import HOLDABLE, ID_TYPES, PERSONAL, REASON_MAX, PersonalData
from trading_core.platform import Unit
from trading_core.services import accounts, delegations, organisations, persons

from ..office import OfficeAct, Subjects

ORDERED = tuple(r.value for r in Role)
KIND = tuple(r for r in ORDERED if r in KINDS)
HELD = tuple(r for r in ORDERED if r in HOLDABLE)
KEEPERS = frozenset(REGISTERING)
STAFFED = frozenset(KINDS) | frozenset(APPOINTING)
EVERYBODY = frozenset(HOLDABLE)
LENDERS = EVERYBODY - PERSONAL

NAME = Field("name", maximum=NAME_MAX)
KINDS_FIELD = Field("kinds", "list", choices=KIND, minimum=1, maximum=len(KIND))
PERSON = (Field("full_name", maximum=60), Field("phone", maximum=40), Field("id_type", "choice", choices=ID_TYPES),
          Field("id_number", maximum=40))  # fmt: skip
ROLE = Field("role", "choice", choices=HELD)
REASON = Field("reason", "long_text", required=False, maximum=REASON_MAX)
PERIOD = (Field("start", "instant"), Field("end", "instant"))
Data = Mapping[str, Any]


def _register_organisation(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {"organisation": organisations.register_organisation(unit, by, data["uscc"], data["name"], data["kinds"])}


def _change_organisation(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    organisations.change_organisation(unit, by, about["organisation"], data["name"], data["kinds"])
    return dict(about)


def _register_person(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    said = PersonalData(data["full_name"].strip(), data["phone"].strip(), data["id_number"].strip(), data["id_type"])
    try:
        return {"person": persons.register_person(unit, by, about["organisation"], said)}
    except Forbidden:
        raise
    except Refused as refusal:  # told at the field where it was typed
        raise Refused(*(replace(p, path="full_name") if p.path == "name" else p for p in refusal.problems)) from None


def _grant_role(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    persons.grant_role(unit, by, about["person"], Role(data["role"]))
    return dict(about)


def _revoke_role(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    ends = persons.revoke_role(unit, by, about["person"], Role(data["role"]), data.get("reason") or "")
    return {**about, "ends_at": instant_text(ends)}


def _issue_activation(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {**about, "activation_code": accounts.issue_activation(unit, by, about["person"])}


def _delegate_role(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    start, end = instant_from(data["start"]), instant_from(data["end"])
    return {**about, "delegation": delegations.delegate_role(unit, by, about["person"], start, end)}


def _revoke_delegation(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    delegations.revoke_delegation(unit, by, about["delegation"])
    return dict(about)


def _look(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    persons.look_at_personal_data(unit, by, about["person"], data["reason"])
    return dict(about)


def _looked_at(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    found = persons.data_looked_at(unit, by, about["person"])
    return {"full_name": found.name, "phone": found.phone, "id_type": found.id_type, "id_number": found.id_number}


def _erase(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    persons.erase_person(unit, by, about["person"])
    return dict(about)


def _grantable(unit: Unit, by: Actor, about: Subjects) -> Sequence[Role]:
    return persons.roles_to_grant(unit, by, persons.known_person(unit, about["person"]))


def _revocable(unit: Unit, by: Actor, about: Subjects) -> Sequence[Role]:
    return persons.roles_to_revoke(unit, by, persons.known_person(unit, about["person"]))


ACTS = (
    OfficeAct("register_organisation", "organisations", KEEPERS, _register_organisation,
              (Field("uscc", maximum=30), NAME, KINDS_FIELD), answer="Registered"),
    OfficeAct("change_organisation", "organisations/{organisation}/changes", KEEPERS, _change_organisation, (NAME, KINDS_FIELD)),
    OfficeAct("register_person", "organisations/{organisation}/persons", STAFFED, _register_person, PERSON, answer="PersonRegistered"),
    OfficeAct("grant_role", "persons/{person}/roles", EVERYBODY, _grant_role, (ROLE,), choices=_grantable),
    OfficeAct("revoke_role", "persons/{person}/revocations", EVERYBODY, _revoke_role, (ROLE, REASON),
              choices=_revocable, irrevocable=True, answer="RoleRevoked"),
    OfficeAct("issue_activation", "persons/{person}/activations", EVERYBODY, _issue_activation, answer="Activation", irrevocable=True),
    OfficeAct("delegate_role", "persons/{person}/delegations", LENDERS, _delegate_role, PERIOD, answer="Delegated"),
    OfficeAct("revoke_delegation", "delegations/{delegation}/revocation", EVERYBODY, _revoke_delegation, irrevocable=True),
    OfficeAct("look_at_personal_data", "persons/{person}/looks", EVERYBODY, _look, (Field("reason", "long_text", maximum=1000),),
              answer="PersonalData", after=_looked_at),
    OfficeAct("erase_person", "persons/{person}/erasure", EVERYBODY, _erase, irrevocable=True),
)  # fmt: skip
