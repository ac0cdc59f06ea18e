"""Who may do and see what, outside the acts of a lot: one map from permission to a tiny pure predicate. Denied by default.

Nobody may see a sealed bid: there is no permission for it, the keys decide. Which role may give which act of a lot is part of the
act itself; here is only whether a person's organisation has that part in this lot.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .errors import Forbidden, Problem
from .identity import Actor, Role
from .person import PERSONAL


class Permission(StrEnum):
    """What can be permitted; each is said in the message ``permission.<name>``."""

    ACT_FOR_LOT = "act_for_lot"  # give commands to a lot, as far as the act's roles allow
    SEE_DRAFT_LOT = "see_draft_lot"  # a lot before its publication
    SEE_SCORES = "see_scores"  # what each member of the committee gave [08 §8.10]
    SEE_EXPERT_NAMES = "see_expert_names"  # who sits in a committee [BL 37]
    SEE_PERSONAL_DATA = "see_personal_data"  # name, telephone, identity number of a person; leaves a trace
    SEE_COLLEAGUES = "see_colleagues"  # names, roles and delegations within an organisation
    REGISTER_ORGANISATION = "register_organisation"  # enter or change an organisation and its kinds
    REGISTER_PERSON = "register_person"
    GRANT_ROLE = "grant_role"
    REVOKE_ROLE = "revoke_role"
    DELEGATE_ROLE = "delegate_role"
    REVOKE_DELEGATION = "revoke_delegation"
    OPEN_ACCOUNT = "open_account"  # hand out the code by which a person sets login and password for the first time
    RESET_ACCOUNT = "reset_account"  # hand it out again: lost password or second factor; end all sessions of a person
    ERASE_PERSON = "erase_person"
    OPERATE = "operate"  # the machines: health, queues, backup; never the trade


@dataclass(frozen=True, slots=True)
class LotContext:
    """What a predicate may know of a lot. parties: role to organisation id. seat: the actor's seat in its committee, else empty.

    signed_in: the committee has signed in and been identified. reported: its report is submitted. decided: the result is public.
    """

    parties: Mapping[str, str] = field(default_factory=dict)
    seat: str = ""
    signed_in: bool = False
    reported: bool = False
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What a predicate may know. organisation, person, role: whom and what it is about; kinds: of the organisation concerned.

    held: somebody of the organisation already has the role. delegator: who lent the role that is to be taken back.
    """

    organisation: str = ""
    person: str = ""
    role: Role | None = None
    kinds: frozenset[Role] = frozenset()
    held: bool = False
    delegator: str = ""
    lot: LotContext = LotContext()


Predicate = Callable[[Actor, Context], bool]

HOSTS = (Role.PRINCIPAL, Role.AGENCY)
TRADING = frozenset({Role.PRINCIPAL, Role.AGENCY, Role.BIDDER})  # entered by the centre
OFFICIAL = frozenset({Role.CENTRE, Role.SUPERVISOR})  # entered by the operator: the centre does not choose its supervisor
REGISTERING: Mapping[Role, frozenset[Role]] = {
    Role.CENTRE: TRADING,
    Role.OPERATOR: OFFICIAL | {Role.PRINCIPAL},  # a supervising bureau also buys
}
APPOINTING: Mapping[Role, frozenset[Role]] = {
    Role.CENTRE: TRADING | {Role.EXPERT},
    Role.OPERATOR: OFFICIAL | {Role.OPERATOR},
}


def may_act_for_lot(actor: Actor, lot: LotContext) -> bool:
    """Whether the actor has a part in this lot; the act's own roles come on top.

    Principal and agency: only the organisations that are its parties. Centre and supervisor: those that are its parties, and any where
    the lot names none. Bidders: everybody but the hosts [B-15]. Experts: who sits. Clock and public by their role. The operator never.
    """
    match actor.role:
        case Role.PRINCIPAL | Role.AGENCY:
            return _is_party(actor, lot)
        case Role.BIDDER:
            return bool(actor.organisation) and actor.organisation not in {lot.parties.get(r.value) for r in HOSTS}
        case Role.EXPERT:
            return bool(lot.seat)
        case Role.CENTRE | Role.SUPERVISOR:
            return _is_office(actor, lot)
        case Role.CLOCK | Role.PUBLIC:
            return True
        case _:
            return False


def _is_party(actor: Actor, lot: LotContext) -> bool:
    return actor.role in HOSTS and bool(actor.organisation) and lot.parties.get(actor.role.value) == actor.organisation


def _is_office(actor: Actor, lot: LotContext, *roles: Role) -> bool:
    """Whether the actor is the lot's centre or supervisor (one of `roles`). A lot that names none has whichever comes."""
    named = lot.parties.get(actor.role.value)
    return actor.role in (roles or OFFICIAL) and (not named or named == actor.organisation)


def _is_self(actor: Actor, c: Context) -> bool:
    return bool(actor.person) and actor.person == c.person


def _is_home(actor: Actor, c: Context) -> bool:
    return bool(actor.organisation) and actor.organisation == c.organisation


def _see_draft_lot(actor: Actor, c: Context) -> bool:
    return _is_party(actor, c.lot) or _is_office(actor, c.lot, Role.CENTRE)


def _see_scores(actor: Actor, c: Context) -> bool:
    return c.lot.reported and _is_inside(actor, c.lot)


def _is_inside(actor: Actor, lot: LotContext) -> bool:
    return _is_office(actor, lot, Role.SUPERVISOR) or (actor.role is Role.EXPERT and bool(lot.seat))


def _see_expert_names(actor: Actor, c: Context) -> bool:
    inside = _is_inside(actor, c.lot)
    outside = _is_office(actor, c.lot, Role.CENTRE) or _is_party(actor, c.lot)
    return (inside and c.lot.signed_in) or ((inside or outside) and c.lot.decided)


def _see_personal_data(actor: Actor, c: Context) -> bool:
    return _is_self(actor, c) or actor.role in OFFICIAL


def _see_colleagues(actor: Actor, c: Context) -> bool:
    return _is_home(actor, c) and bool(actor.person)


def _register_organisation(actor: Actor, c: Context) -> bool:
    return bool(c.kinds) and c.kinds <= REGISTERING.get(actor.role, frozenset())


def _register_person(actor: Actor, c: Context) -> bool:
    return (_is_home(actor, c) and actor.role in TRADING | OFFICIAL) or actor.role in APPOINTING


def _grant_role(actor: Actor, c: Context) -> bool:
    """Those who have a role name their colleagues; the first of an organisation, and every expert, is named from outside."""
    if c.role is None or _is_self(actor, c):
        return False
    if c.role in PERSONAL or not c.held:
        return c.role in APPOINTING.get(actor.role, frozenset())
    return _is_home(actor, c) and actor.role is c.role


def _revoke_role(actor: Actor, c: Context) -> bool:
    if c.role is None:
        return False
    same = _is_home(actor, c) and actor.role is c.role and c.role not in PERSONAL
    return same or _is_self(actor, c) or c.role in APPOINTING.get(actor.role, frozenset())


def _delegate_role(actor: Actor, c: Context) -> bool:
    return _is_self(actor, c) and _is_home(actor, c) and actor.role is c.role and c.role not in PERSONAL


def _revoke_delegation(actor: Actor, c: Context) -> bool:
    """From outside a lent role ends with the delegator's own, which ends with notice."""
    return (bool(actor.person) and actor.person in {c.delegator, c.person}) or (_is_home(actor, c) and _revoke_role(actor, c))


def _reset_account(actor: Actor, c: Context) -> bool:
    return _is_self(actor, c) or actor.role is Role.OPERATOR


def _erase_person(actor: Actor, c: Context) -> bool:
    return _is_self(actor, c) or actor.role is Role.CENTRE


PERMISSIONS: Mapping[Permission, Predicate] = {
    Permission.ACT_FOR_LOT: lambda actor, c: may_act_for_lot(actor, c.lot),
    Permission.SEE_DRAFT_LOT: _see_draft_lot,
    Permission.SEE_SCORES: _see_scores,
    Permission.SEE_EXPERT_NAMES: _see_expert_names,
    Permission.SEE_PERSONAL_DATA: _see_personal_data,
    Permission.SEE_COLLEAGUES: _see_colleagues,
    Permission.REGISTER_ORGANISATION: _register_organisation,
    Permission.REGISTER_PERSON: _register_person,
    Permission.GRANT_ROLE: _grant_role,
    Permission.REVOKE_ROLE: _revoke_role,
    Permission.DELEGATE_ROLE: _delegate_role,
    Permission.REVOKE_DELEGATION: _revoke_delegation,
    Permission.OPEN_ACCOUNT: _register_person,
    Permission.RESET_ACCOUNT: _reset_account,
    Permission.ERASE_PERSON: _erase_person,
    Permission.OPERATE: lambda actor, c: actor.role is Role.OPERATOR,
}

def allowed(permission: Permission, actor: Actor, context: Context) -> bool:
    """Whether the actor has the permission in this context."""
    predicate = PERMISSIONS.get(permission)
    return predicate is not None and predicate(actor, context)


def require(permission: Permission, actor: Actor, context: Context) -> None:
    """Raise `Forbidden` unless the actor has the permission."""
    if not allowed(permission, actor, context):
        raise Forbidden(Problem("permission.denied", params={"permission": permission.value}))
