"""The register as pages: organisations, one organisation with its people, one person with roles and delegations."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from trading_core.domain.errors import Forbidden
from trading_core.domain.identity import Actor, Role
from trading_core.domain.organisation import Organisation
from trading_core.domain.permissions import Context, allowed
from trading_core.domain.permissions import Permission as May
from trading_core.domain.person import HOLDABLE, PERSONAL, Person
from trading_core.domain.uscc import doubts
from trading_core.services import accounts, organisations, persons, witness

from ..api.office import LISTERS, copies, names_seen
from ..frame import query_url, route
from ..offices import ACTS, decisions
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

SIZE = 50
OWN = ("pause_expert", "resume_expert", "remove_expert")  # what an expert decides for oneself
DECISIONS = tuple(a.name for a in decisions.ACTS)
FREE = ("register_organisation", "import_experts", "import_credit_list", "introduce_witness", *DECISIONS)


@dataclass(frozen=True, slots=True)
class Way:
    """A link to an act that the reader may give."""

    act: str
    url: str


def ways(request: Request, names: Iterable[str], **about: str) -> list[Way]:
    """Links to those of the acts that exist for the reader's role."""
    role = request.identity.actor.role
    return [Way(n, route(request, "my_office", {"act": n, "_query": about})) for n in names if role in ACTS[n].roles]


@view_config(route_name="registry", renderer="registry.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def register(request: Request) -> dict[str, Any]:
    """The register with its search, and what else the reader brings in from outside. Absent for who keeps nothing here."""
    unit, actor = request.unit, request.identity.actor
    text, after = request.GET.get("q", "")[:100], request.GET.get("after", "")[:18]
    found = organisations.search(unit, actor, text, after, SIZE + 1)
    more = query_url(request, after=found[SIZE - 1].uscc) if len(found) > SIZE else ""
    witnesses = witness.known(request.platform) if actor.role is Role.OPERATOR else None
    return {
        "q": text, "rows": found[:SIZE], "more": more, "begun": bool(after), "ways": ways(request, FREE),
        "decisions": DECISIONS, "witnesses": witnesses, "threshold": witness.threshold(request.platform),
        "lists": copies(request) if actor.role in LISTERS else None,
        "kinds": sorted(k.value for k in organisations.kinds_to_register(actor)),
    }  # fmt: skip


@view_config(route_name="registry_organisation", renderer="registry_organisation.jinja2", request_method="GET",
             permission=Permission.SIGNED_IN)  # fmt: skip
def organisation(request: Request) -> dict[str, Any]:
    unit, actor = request.unit, request.identity.actor
    home = organisations.seen(unit, actor, request.matchdict["organisation"])
    after = request.GET.get("after", "")[:40]
    try:
        people: list[Person] | None = persons.people_of(unit, actor, home.id, after, SIZE + 1)
    except Forbidden:
        people = None
    return {
        "home": home, "doubts": doubts(home.uscc) if actor.role in organisations.KEEPERS else (),
        "people": people[:SIZE] if people else people, "names": names_seen(unit, request, home.id),
        "trail": trail(request, home), "own": actor.organisation == home.id,
        "more": query_url(request, after=people[SIZE - 1].id) if people and len(people) > SIZE else "",
        "ways": ways(request, organisation_acts(actor, home), organisation=home.id),
    }  # fmt: skip


def organisation_acts(actor: Actor, home: Organisation) -> list[str]:
    changes = allowed(May.REGISTER_ORGANISATION, actor, Context(organisation=home.id, kinds=home.kinds))
    enters = allowed(May.REGISTER_PERSON, actor, Context(organisation=home.id))
    return [name for name, may in (("register_person", enters), ("change_organisation", changes)) if may]


@view_config(route_name="registry_person", renderer="registry_person.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def person(request: Request) -> dict[str, Any]:
    """A person's roles and delegations, and what the reader may do about them."""
    unit, actor = request.unit, request.identity.actor
    subject = persons.seen_person(unit, actor, request.matchdict["person"])
    home, names = organisations.known(unit, subject.organisation), names_seen(unit, request, subject.organisation)
    now = [d for d in subject.delegated if unit.now < d.end]
    mine = [d for d in now if may_end(actor, subject, d.delegator, d.role)]
    return {
        "subject": subject, "home": home, "names": names, "oneself": subject.id == actor.person, "delegations": now,
        "endings": {d.id: ways(request, ("revoke_delegation",), delegation=d.id) for d in mine},
        "ways": ways(request, person_acts(request, subject), person=subject.id),
        "trail": [*trail(request, home)[:-1], (home.name, route(request, "registry_organisation", {"organisation": home.id})),
                  (names.get(subject.id) or request.words("registry.person"), "")],
        "revocations": persons.revocations(unit, subject),
        "opened": accounts.is_open(unit, subject.id),
    }  # fmt: skip


def may_end(actor: Actor, subject: Person, delegator: str, role: Role) -> bool:
    context = Context(subject.organisation, subject.id, role, subject.kinds, delegator=delegator)
    return allowed(May.REVOKE_DELEGATION, actor, context)


def person_acts(request: Request, subject: Person) -> Sequence[str]:
    """The acts that the permissions allow on this person, in the order of a person's life here."""
    unit, actor = request.unit, request.identity.actor
    context = Context(organisation=subject.organisation, person=subject.id)
    account = May.RESET_ACCOUNT if accounts.is_open(unit, subject.id) else May.OPEN_ACCOUNT
    lends = actor.person != subject.id and actor.organisation == subject.organisation and actor.role in HOLDABLE - PERSONAL
    return [name for name, may in (
        ("grant_role", bool(persons.roles_to_grant(unit, actor, subject))),
        ("issue_activation", allowed(account, actor, context)),
        ("delegate_role", lends and actor.role not in subject.granted),
        ("revoke_role", bool(persons.roles_to_revoke(unit, actor, subject))),
        ("look_at_personal_data", allowed(May.SEE_PERSONAL_DATA, actor, context)),
        ("erase_person", allowed(May.ERASE_PERSON, actor, context)),
        *((name, actor.role is Role.EXPERT and actor.person == subject.id) for name in OWN),
    ) if may]  # fmt: skip


def trail(request: Request, home: Organisation) -> list[tuple[str, str]]:
    """The way here; the register itself only for who may look through it."""
    words, steps = request.words, [(request.words("frame.my"), route(request, "my", {}))]
    if request.identity.actor.role in organisations.KEEPERS:
        steps.append((words("registry.title"), route(request, "registry", {})))
    return [*steps, (home.name, "")]
