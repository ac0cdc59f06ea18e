"""The wizard for notices: a draft filled in five steps, the rules run at each, and at its end submitted and published.

Which fields stand in which step is data; whatever a trade type's draft asks beyond it stands in the first.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pyramid.config import not_
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from trading_core.domain.errors import Forbidden, Problem, Refused
from trading_core.domain.events import Json, instant_text
from trading_core.domain.fields import Field
from trading_core.domain.identity import Role
from trading_core.domain.lot import Lot
from trading_core.domain.periods import Finding, check
from trading_core.domain.stages.announcing import Announcement, period_facts
from trading_core.domain.trade import Command
from trading_core.domain.workcalendar import CST
from trading_core.services import facts, lots, organisations, receipts, working

from .. import notice_form
from ..api.commands import carried_out, give
from ..contexts import LotOf
from ..errors import told
from ..forms import MORE, Form, posted
from ..frame import route
from ..i18n import Words
from ..models import Fact
from ..permissions import Permission
from ..schedule_chart import chart
from .acts import file_lists, stated, with_files

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

    from trading_core.platform import Unit

HOSTS = (Role.PRINCIPAL, Role.AGENCY)
STEPS: Mapping[str, frozenset[str]] = {
    "project": frozenset(),
    "documents": frozenset({"tender_documents", "qualification", "envelopes", "cipher_suite", "evaluation", "committee_size"}),
    "schedule": frozenset({
        "schedule", "rest_day_reasons", "estimate_fen", "ceiling_fen", "deposit_fen", "deposit_account", "bid_validity_days"}),
    "fairness": frozenset({"fair_competition_check", "fair_competition_reason"}),
    "preview": frozenset(),
}  # fmt: skip
CHECK = "fair_competition_check"
POINTS = tuple(f"FC-{n:02}" for n in (*range(1, 17), 18))
"""Points of the fair competition check that concern a tender document [10 §10.7]."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A period as the rail shows it. repair: ``name=instant`` for the button that sets the nearest lawful date."""

    finding: Finding
    repair: str = ""


# ------------------------------------------------------------------ a new lot

@view_config(route_name="my_notice", renderer="wizard_new.jinja2", request_method="GET", permission=Permission.SIGNED_IN,
             request_param=not_("lot"))  # fmt: skip
def begin(request: Request) -> dict[str, Any]:
    return beginning(request, Form(create_fields(request), {}))


@view_config(route_name="my_notice", renderer="wizard_new.jinja2", request_method="POST", permission=Permission.SIGNED_IN,
             request_param=not_("lot"), require_csrf=True)  # fmt: skip
def create(request: Request) -> dict[str, Any] | Response:
    """The lot with its parties; from here on it has a number."""
    host(request)
    form, data = posted(create_fields(request), request.POST)
    trade, parties = str(data.get("trade", "")), {k: v for k, v in data.items() if k != "trade"}
    actor = request.identity.actor

    def do(unit: Unit) -> Json:
        done = lots.create(unit, actor, trade, parties)
        return receipts.receipt(unit, "accepted", done.stored, {"lot": done.lot.id}) | {"lot": done.lot.id}

    try:
        made = carried_out(request.platform, actor, str(request.POST.get("key", "")), {"act": "create", "body": data}, do)
    except Refused as refusal:
        request.response.status_int = told(refusal).status
        return beginning(request, form.with_problems(refusal.problems))
    return HTTPSeeOther(address(request, str(made["lot"]), "project"))


def create_fields(request: Request) -> tuple[Field, ...]:
    """Trade and parties, each a choice among those registered."""
    host(request)
    trades = sorted({t.code for t in request.platform.trades.values()})
    own = request.identity.actor.role.value
    parties = [r for r in ("principal", "agency", "supervisor", "centre") if r != own]
    return (Field("trade", "choice", choices=tuple(trades)), *(
        Field(r, "choice", required=r == "principal", choices=tuple(o.id for o in registered(request, r))) for r in parties))  # fmt: skip


def registered(request: Request, role: str) -> list[organisations.Organisation]:
    return [o for o in organisations.organisations(request.unit, limit=organisations.PAGE_MAX) if Role(role) in o.kinds]


def beginning(request: Request, form: Form) -> dict[str, Any]:
    names = {o.id: o.name for o in organisations.organisations(request.unit, limit=organisations.PAGE_MAX)}
    return {"form": form, "names": names, "key": request.platform.entropy.token_bytes(16).hex(), "steps": list(STEPS), "step": "project"}


# ------------------------------------------------------------------ the steps

@view_config(route_name="my_notice", renderer="wizard.jinja2", request_method="GET", permission=Permission.SIGNED_IN, request_param="lot")
def show(request: Request) -> dict[str, Any]:
    context, step = draft_of(request)
    return page(request, context, step, filled(context, step), ())


@view_config(route_name="my_notice", renderer="wizard.jinja2", request_method="POST", permission=Permission.SIGNED_IN, request_param="lot",
             require_csrf=True)  # fmt: skip
def save(request: Request) -> dict[str, Any] | Response:
    """Save the step; go on only when nothing in it stands against the rules."""
    context, step = draft_of(request)
    if step == "preview":
        return submit(request, context)
    fields = fields_of(context, step)
    given = notice_form.told(repaired(checked(with_files(request, fields))))
    form, data = posted(notice_form.fitted(fields, given), given)
    form = Form(seen_fields(context, step, given), form.values, form.problems, form.spare)
    if MORE in request.POST:
        return page(request, context, step, Form(form.fields, form.values, (), form.spare), ())
    problems = form.problems or saved(request, context, data)
    if problems:
        request.response.status_int = 422
        return page(request, context, step, form, problems)
    context = draft_of(request)[0]
    against = open_problems(request, context, step) if request.POST.get("step") == "next" else ()
    if against or request.POST.get("step") != "next":
        return page(request, context, step, filled(context, step), against)
    return HTTPSeeOther(address(request, context.lot.id, following(step)))


def saved(request: Request, context: LotOf, data: Json) -> tuple[Problem, ...]:
    try:
        command = Command("draft", request.identity.actor, data, request.platform.clock.now())
        give(request.platform, context.lot.id, command, key(request), request.remote_addr or "")
    except Forbidden:
        raise
    except Refused as refusal:
        return refusal.problems
    return ()


def submit(request: Request, context: LotOf) -> dict[str, Any] | Response:
    """Hand the draft in for publication, which is for another person."""
    data = {"responsible_person": str(request.POST.get("responsible_person", "")).strip()}
    command = Command("submit_for_publication", request.identity.actor, data, request.platform.clock.now())
    try:
        give(request.platform, context.lot.id, command, key(request), request.remote_addr or "")
    except Forbidden:
        raise
    except Refused as refusal:
        request.response.status_int = told(refusal).status
        return page(request, context, "preview", Form((), data), refusal.problems)
    return HTTPSeeOther(route(request, "my_lot", {"lot": context.lot.id}))


def publishing(request: Request, lot: Lot) -> str:
    """The act by which the draft is published, empty for who handed it in."""
    if lot.part(Announcement).submitted_by == facts.fingerprint(request.unit, lot, request.identity.actor.person):
        return ""
    if lot.term_text("qualification_way", "post") == "pre":
        return "publish_prequalification"
    return "send_invitations" if lot.term_text("tender_way") == "invited" else "publish"


def page(request: Request, context: LotOf, step: str, form: Form, problems: Sequence[Problem]) -> dict[str, Any]:
    lot, words = context.lot, request.words
    terms = known(lot)
    against = open_problems(request, context, "") if step == "preview" else open_problems(request, context, step)
    judged = list(ruled(request, context))
    resting = any(r.finding.problem is not None and r.finding.problem.code == "period.ends_on_rest_day" for r in judged)
    form = Form(notice_form.asked(form.fields, terms, form.values, resting), form.values, form.problems, form.spare)
    return {
        "lot": lot, "title": lot.term_text("title"), "step": step, "steps": list(STEPS), "done": done(request, context),
        "form": form.with_problems(problems), "key": request.platform.entropy.token_bytes(16).hex(), "file_lists": file_lists(form.fields),
        "against": against, "ruled": judged, "step_of": step_of, "points": POINTS, "check": CHECK,
        "checks": terms.get(CHECK) or {}, "stated": list(preview(context, words)) if step == "preview" else [],
        "chart": chart(context.trade, lot, request.platform.calendar, request.unit.now, words) if step in ("schedule", "preview") else None,
        "catalogue": context.trade.catalogue, "address": lambda s: address(request, lot.id, s), "previous": preceding(step),
        "responsible_person": form.value("responsible_person"), "publishing": publishing(request, lot),
    }  # fmt: skip


def preview(context: LotOf, words: Words) -> Iterator[Fact]:
    """The notice as it will stand, in words: the catalogue by its titles, the self-check by what it found."""
    terms = known(context.lot)
    fields = notice_form.fitted(context.trade.form, notice_form.chosen(terms), people=True)
    title = next((e.zh if words.language == "zh" else e.en for e in context.trade.catalogue if e.code == terms.get("catalogue_code")), "")
    named = {**terms, **({"catalogue_code": f"{terms['catalogue_code']} {title}"} if title else {})}
    for f in fields:
        if f.name == CHECK and isinstance(terms.get(CHECK), Mapping):
            yield self_check(terms[CHECK], words)  # type: ignore[arg-type]
        else:
            yield from stated([f], named, words)


def self_check(answers: Mapping[str, str], words: Words) -> Fact:
    """How many points were looked at, and every one that the document does have."""
    there = [f"{p} {words('fairness.' + p)}" for p, answer in answers.items() if answer == "no" and p in POINTS]
    return Fact(words.name("field", CHECK), "\n".join([words("wizard.fair_count", all=len(answers), there=len(there)), *there]))


# ------------------------------------------------------------------ reading the draft

def draft_of(request: Request) -> tuple[LotOf, str]:
    """The draft named in the query, if it is the reader's to fill in, and the step asked for."""
    actor, step = host(request), str(request.GET.get("step", "project"))
    with request.platform.look() as unit:
        try:
            lot = lots.find(unit, str(request.GET.get("lot", "")))
        except Forbidden as error:
            raise HTTPNotFound from error
        context = LotOf(lot, lots.trade_of(unit, lot))
    mine = lot.parties.get(actor.role.value) == actor.organisation
    if step not in STEPS or not mine or lot.status not in ("DRAFT", "READY"):
        raise HTTPNotFound
    return context, step


def host(request: Request) -> Any:
    actor = request.identity.actor
    if actor.role not in HOSTS:
        raise HTTPNotFound
    return actor


def known(lot: Lot) -> dict[str, object]:
    """The draft as data of its form."""
    schedule = {name: instant_text(at) for name, at in lot.schedule.items()}
    return {**lot.terms, **({"schedule": schedule} if schedule else {})}


def fields_of(context: LotOf, step: str) -> tuple[Field, ...]:
    fields = context.trade.acts["draft"].fields
    return tuple(f for f in fields if step_of(f.name) == step)


def filled(context: LotOf, step: str) -> Form:
    """A step's form with what the draft says; where it says nothing yet, with what is usual."""
    terms = notice_form.begun(known(context.lot))
    given = notice_form.chosen(terms)
    values = Form.of(notice_form.fitted(fields_of(context, step), given), terms).values
    return Form(seen_fields(context, step, {**values, **given}), values)


def seen_fields(context: LotOf, step: str, given: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields of a step as the notice needs them: a draft may lack any, but the form says what it will be asked for."""
    return notice_form.fitted([f for f in context.trade.form if step_of(f.name) == step], given, people=True)


def step_of(path: str) -> str:
    """The step in which a field stands."""
    name = path.partition(".")[0]
    return next((s for s, names in STEPS.items() if name in names), "project")


def key(request: Request) -> str:
    return str(request.POST.get("key", ""))[:200]


def address(request: Request, lot: str, step: str) -> str:
    return route(request, "my_notice", {"_query": {"lot": lot, "step": step}})


def following(step: str) -> str:
    names = list(STEPS)
    return names[min(names.index(step) + 1, len(names) - 1)]


def preceding(step: str) -> str:
    names = list(STEPS)
    return names[names.index(step) - 1] if step != names[0] else ""


def checked(post: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to the points of the fair competition check, as the one field that they are."""
    prefix = CHECK + "."
    answers = {k.removeprefix(prefix): v for k, v in post.items() if k.startswith(prefix)}
    kept = {k: v for k, v in post.items() if not k.startswith(prefix)}
    return {**kept, CHECK: "\n".join(f"{k} = {v}" for k, v in answers.items())} if answers else kept


def repaired(post: Mapping[str, Any]) -> dict[str, Any]:
    """With the date that a repair button names put into its field."""
    name, _, value = str(post.get("repair", "")).partition("=")
    return {**post, f"schedule.{name}": value} if value else dict(post)


# ------------------------------------------------------------------ the rules

def open_problems(request: Request, context: LotOf, step: str) -> tuple[Problem, ...]:
    """What still stands against publication, of one step or of all."""
    command = Command("submit_for_publication", request.identity.actor, {"responsible_person": "—"}, request.platform.clock.now())
    if context.lot.status != "DRAFT":
        return ()
    with request.platform.look() as unit:
        found = working.refusals(unit, context.lot.id, command)
    return tuple(p for p in found if not step or step_of(p.path) == step)


def done(request: Request, context: LotOf) -> frozenset[str]:
    """Steps against which nothing stands any more."""
    wrong = {step_of(p.path) for p in open_problems(request, context, "")}
    return frozenset(s for s in STEPS if s not in wrong and s != "preview")


def ruled(request: Request, context: LotOf) -> Iterator[Ruled]:
    """Every period that the planned dates can be judged by, each with the nearest lawful date where it is broken."""
    lot = context.lot
    reasons = lot.terms.get("rest_day_reasons") or {}
    facts = period_facts(lot.terms)
    for finding in check(context.trade.periods, lot.schedule, facts, request.platform.calendar, reasons):  # type: ignore[arg-type]
        repair = f"{finding.period.end}={local(finding.repair)}" if finding.repair else ""
        yield Ruled(finding, repair)


def local(moment: datetime) -> str:
    return moment.astimezone(CST).strftime("%Y-%m-%dT%H:%M")
