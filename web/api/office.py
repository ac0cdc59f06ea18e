"""Acts outside a lot's procedure as addresses, derived from their declarations; and reading what they changed."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyramid.view import view_config

from credit.domain.lists import LISTS
from credit.tables import Copy, copy_of
from trading_core.domain.errors import Forbidden, Problem
from trading_core.domain.events import Json, instant_text
from trading_core.domain.fields import Field, check
from trading_core.domain.identity import Role
from trading_core.domain.organisation import Organisation
from trading_core.domain.person import Delegation, Person
from trading_core.platform import Unit
from trading_core.services import accounts, deposits, organisations, persons
from trading_core.services.deposits import Account, RefundDue

from ..office import OfficeAct, carry_out
from ..offices import ACTS
from ..permissions import Permission
from ..security import require_signed_in
from .body import idempotency_key, json_object

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

LIMIT, LIMIT_MAX = 50, 200
ACTIVATION = (Field("activation_code", maximum=80, secret=True), Field("login", maximum=60), Field("password", maximum=200, secret=True))
LISTERS = frozenset({Role.CENTRE, Role.SUPERVISOR})


def includeme(config: Configurator) -> None:
    for act in ACTS.values():
        config.add_view(giving(act), route_name=act.route, request_method="POST", renderer="json", permission=Permission.SIGNED_IN)


def giving(act: OfficeAct) -> Callable[[Request], Json]:
    """The view that gives an act."""

    def give(request: Request) -> Json:
        actor = require_signed_in(request)
        about, data, key = act.concerns(request.matchdict), json_object(request), idempotency_key(request)
        answer = carry_out(request.platform, act, actor, about, data, key, request.remote_addr or "")
        request.response.status_int = 201
        request.response.cache_control = "no-store"
        return answer

    return give


@view_config(route_name="api_activations", request_method="POST", renderer="json", permission=Permission.PUBLIC)
def activate(request: Request) -> Json:
    """Open one's account with the code one was handed. The code is good once, so the command needs no other key."""
    body = check(ACTIVATION, json_object(request))
    person = accounts.open_account(request.platform, *(str(body[f.name]) for f in ACTIVATION))
    request.response.status_int = 201
    return {"person": person}


# ------------------------------------------------------------------ the register

@view_config(route_name="api_organisations", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def register(request: Request) -> Json:
    """A page of the register in the order of the codes: ``q`` (name or beginning of a code), ``after_uscc``, ``limit``."""
    found = organisations.search(request.unit, require_signed_in(request), *asked(request), limit_of(request))
    return {"organisations": [organisation_form(o) for o in found], "next": found[-1].uscc if found else asked(request)[1]}


@view_config(route_name="api_organisations_organisation", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def organisation(request: Request) -> Json:
    """An organisation, and its people where the reader may know of them; names only to colleagues."""
    unit, actor = request.unit, require_signed_in(request)
    found = organisations.seen(unit, actor, request.matchdict["organisation"])
    after = request.GET.get("after_person", "")[:40]
    people, names = people_seen(unit, request, found.id, after, limit_of(request))
    return {**organisation_form(found), "persons": [person_form(p, names.get(p.id)) for p in people],
            "next": people[-1].id if people else after}  # fmt: skip


@view_config(route_name="api_persons_person", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def person(request: Request) -> Json:
    """A person's roles and delegations; the name only to colleagues."""
    unit, actor = request.unit, require_signed_in(request)
    found = persons.seen_person(unit, actor, request.matchdict["person"])
    return person_form(found, names_seen(unit, request, found.organisation).get(found.id))


def asked(request: Request) -> tuple[str, str]:
    return request.GET.get("q", "")[:100], request.GET.get("after_uscc", "")[:18]


def limit_of(request: Request) -> int:
    text = request.GET.get("limit", "")
    return max(1, min(int(text), LIMIT_MAX)) if text.isascii() and text.isdigit() and len(text) < 6 else LIMIT


def people_seen(unit: Unit, request: Request, organisation: str, after: str, limit: int) -> tuple[list[Person], dict[str, str]]:
    """Persons of an organisation with the names one may know. None for who may see the organisation but not its people."""
    try:
        people = persons.people_of(unit, request.identity.actor, organisation, after, limit)
    except Forbidden:
        return [], {}
    return people, names_seen(unit, request, organisation)


def names_seen(unit: Unit, request: Request, organisation: str) -> dict[str, str]:
    actor = request.identity.actor
    return persons.colleagues(unit, actor) if actor.organisation == organisation else {}


def organisation_form(o: Organisation) -> Json:
    return {"organisation": o.id, "uscc": o.uscc, "name": o.name, "kinds": sorted(o.kinds)}


def person_form(p: Person, name: str | None) -> Json:
    return {"person": p.id, "organisation": p.organisation, "full_name": name, "roles": sorted(p.granted),
            "delegations": [delegation_form(d) for d in p.delegated]}  # fmt: skip


def delegation_form(d: Delegation) -> Json:
    return {"delegation": d.id, "delegator": d.delegator, "role": d.role.value, "start": instant_text(d.start), "end": instant_text(d.end),
            "in_force": d.backed}  # fmt: skip


# ------------------------------------------------------------------ the treasury

@view_config(route_name="api_lots_lot_deposits", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def lot_deposits(request: Request) -> Json:
    """The deposits of a lot once its bids are open. Who paid from which account is told to the centre only."""
    actor = require_signed_in(request)
    return account_form(deposits.account(request.unit, actor, request.matchdict["lot"]), actor.role is Role.CENTRE)


@view_config(route_name="api_deposits_due", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def due(request: Request) -> Json:
    """Every deposit that is owed back now, over all the centre's lots, the earliest due first."""
    actor = require_signed_in(request)
    if actor.role is not Role.CENTRE:
        raise Forbidden(Problem("deposit.centre_only"))
    return {"due": [due_form(d) for d in deposits.refunds_due(request.unit, actor, request.unit.now)]}


def due_form(d: RefundDue) -> Json:
    return {"lot": d.lot, "number": d.refund.number, "bid": d.refund.bid, "amount_fen": d.refund.amount_fen,
            "since": instant_text(d.refund.since), "due": instant_text(d.refund.due) if d.refund.due else None, "rule": d.refund.rule,
            "keep": d.refund.keep, "overdue": d.overdue}  # fmt: skip


def account_form(account: Account, payers: bool) -> Json:
    def one(number: int) -> Json:
        d, bid, refund = account.ledger.deposits[number], account.owners.get(number), account.due.get(number)
        payer = {"serial": d.receipt.serial, "payer_name": d.receipt.payer_name, "payer_account": d.receipt.payer_account}
        return {"number": number, "paid_at": instant_text(d.receipt.paid_at), "amount_fen": d.receipt.amount_fen, "state": d.state,
                "interest_fen": d.interest_fen, "ground": d.ground, "bid": bid.bid if bid else None, "bidder": bid.name if bid else None,
                "due": instant_text(refund.due) if refund and refund.due else None, "owed": refund is not None,
                "keep": refund.keep if refund else "", **(payer if payers else {})}  # fmt: skip

    checks = [{"bid": c.bid, "result": c.result, "paid_fen": c.paid_fen, "doubts": list(c.doubts)} for c in account.checks]
    return {"lot": account.lot.id, "deposits": [one(n) for n in sorted(account.ledger.deposits)], "checks": checks,
            "balances": dict(account.ledger.balances)}  # fmt: skip


# ------------------------------------------------------------------ lists

@view_config(route_name="api_credit_lists", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def credit_lists(request: Request) -> Json:
    """Which copy of each credit list is in force here, for those who bring them in."""
    if require_signed_in(request).role not in LISTERS:
        raise Forbidden(Problem("permission.denied", params={"permission": "import_credit_list"}))
    return {"lists": [{"list": code, "source": c.source if c else None, "sha256": c.sha256 if c else None,
                       "taken_at": instant_text(c.taken_at) if c else None} for code, c in copies(request)]}  # fmt: skip


def copies(request: Request) -> list[tuple[str, Copy | None]]:
    """Each list with the copy that is in force."""
    return [(code, copy_of(request.unit.store, code)) for code in LISTS]
