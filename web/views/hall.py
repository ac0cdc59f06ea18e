"""The online opening hall: open to everybody without an account; bidders and hosts act in it."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render
from pyramid.response import Response
from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.money import yuan_text
from trading_core.domain.permissions import LotContext, may_act_for_lot
from trading_core.domain.stages.offices import office_of
from trading_core.domain.tender.parameter import awaited
from trading_core.domain.tender.trustees import THRESHOLD, Trustees
from trading_core.domain.trade import Command
from trading_core.services import organisations, working

from ..contexts import LotOf
from ..errors import told
from ..forms import Form
from ..frame import route
from ..hall import Hall, KeptPages, percent
from ..lot_page import checkpoint_size
from ..permissions import Permission
from ..rooms import carry_out, new_key, take

if TYPE_CHECKING:
    from pyramid.request import Request

ACTS = frozenset({"attend_opening", "object_at_opening", "confirm_opening", "start_opening", "answer_at_opening", "finish_opening"})
FRESH_SECONDS = 5
EXPLAIN_AFTER = timedelta(minutes=30)  # a later start says why [E-T09]


@view_config(route_name="hall", renderer="hall.jinja2", request_method="GET", permission=Permission.READ_LOT)
def hall(context: LotOf, request: Request) -> dict[str, Any]:
    done = str(request.GET.get("done", ""))
    return {**seen(context, request), "done": done if done in ACTS else ""}


@view_config(route_name="hall_fragments", request_method="GET", permission=Permission.READ_LOT)
def fragments(context: LotOf, request: Request) -> Response:
    """The live parts alone, with what the reader themselves may do. For the public they are made once, however many watch."""
    if request.identity is not None:
        html = render("hall_fragments.jinja2", seen(context, request), request)
    else:
        kept: KeptPages = request.registry.setdefault("hall_fragments", KeptPages())
        unit, stream = request.unit, f"lot/{context.lot.id}"
        moment = int(unit.now.timestamp()) // FRESH_SECONDS  # spans of time in words grow old
        key = (stream, request.language, unit.store.version(stream), checkpoint_size(unit), moment)
        html = kept.find(key, lambda: render("hall_fragments.jinja2", seen(context, request), request))
    response = Response(html, content_type="text/html", charset="utf-8")
    response.headers["Vary"] = "Cookie"
    return response


@view_config(route_name="hall", renderer="hall.jinja2", request_method="POST", permission=Permission.READ_LOT, require_csrf=True)
def act(context: LotOf, request: Request) -> dict[str, Any] | Response:
    """Carry out one act of the hall; a refusal shows the hall again with every reason at its place."""
    taken = take(context, request, ACTS)
    problems = carry_out(context, request, taken)
    if not problems:
        return HTTPSeeOther(route(request, "hall", {"lot": context.lot.id, "_query": {"done": taken.act.name}, "_anchor": "hall-mine"}))
    request.response.status_int = told(Refused(*problems)).status
    return {**seen(context, request, {taken.act.name: taken.form.with_problems(problems)}, problems), "done": ""}


def seen(
    context: LotOf, request: Request, forms: Mapping[str, Form] | None = None, problems: tuple[Problem, ...] = ()
) -> dict[str, Any]:
    """What the hall shows. Before publication it does not exist."""
    if not context.published:
        raise HTTPNotFound
    lot, words, unit = context.lot, request.words, request.unit
    shown = Hall(unit, lot, words)
    agency = organisations.find_organisation(unit, lot.parties.get("agency") or lot.parties.get("principal", ""))
    title = lot.term_text("title") or lot.id
    to_lot = route(request, "lot", {"lot": lot.id})
    trail = [(words("nav.trades"), route(request, "trades", {})), (lot.id, to_lot), (words("hall.title"), "")]
    can = own(context, request, shown)
    return {
        "lot": lot, "title": title, "trail": trail, "hall": shown, "host_name": agency.name if agency else "", "can": can,
        "forms": {name: Form(context.trade.acts[name].fields, {}) for name in ACTS if name in context.trade.acts} | dict(forms or {}),
        "problems": problems, "yuan": yuan_text, "percent": percent, "key": new_key(request) if can else "", "threshold": THRESHOLD,
        "typing": bool({"object_at_opening", "answer_at_opening"} & set(can.get("acts", ()))) or bool(problems),
    }  # fmt: skip


# ------------------------------------------------------------------ what the reader may do

def own(context: LotOf, request: Request, shown: Hall) -> dict[str, Any]:
    """The acts that are the reader's now, and what they should know of their own; empty for the public."""
    if request.identity is None:
        return {}
    actor: Actor = request.identity.actor
    if not may_act_for_lot(actor, LotContext(context.lot.parties)):
        return {}
    if actor.role is Role.BIDDER:
        return bidder(request, shown, actor)
    if actor.role in (Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR):
        return official(context, request, shown, actor)
    return {}


def bidder(request: Request, shown: Hall, actor: Actor) -> dict[str, Any]:
    uscc = organisations.known(request.unit, actor.organisation).uscc
    row = next((r for r in shown.rows if r.opened is not None and r.opened.uscc == uscc), None)
    acts = []
    if shown.phase == "open" and actor.organisation not in shown.opening.attended:
        acts.append("attend_opening")
    if row is not None and not row.confirmed and shown.confirm_until is not None:
        acts.append("confirm_opening")
    if shown.phase == "open" or shown.confirm_until is not None:
        acts.append("object_at_opening")
    return {"role": "bidder", "acts": acts, "row": row, "attended": actor.organisation in shown.opening.attended}


def official(context: LotOf, request: Request, shown: Hall, actor: Actor) -> dict[str, Any]:
    """Hosts lead the opening; trustees hand in keys and parts from their own computer, so these are ways to other pages."""
    lot, acts, blocked = context.lot, [], ()
    host = actor.role in (Role.PRINCIPAL, Role.AGENCY)
    unanswered = next((o for o in shown.objections if not o.said.answer), None)
    if host and shown.phase == "waiting":
        acts.append("start_opening")
    if host and unanswered and shown.phase in ("open", "second"):
        acts.append("answer_at_opening")
    if host and shown.phase == "open":
        acts.append("finish_opening")
        blocked = working.refusals(request.unit, lot.id, Command("finish_opening", actor, {}, request.unit.now))
    trustee = office_of(lot, actor)
    opening_now = [s.stage for s in shown.stages if shown.phase == ("open" if s.at_opening else "second")]
    mine = [(stage, lot.part(Trustees).of(stage).get(trustee or "")) for stage in opening_now]
    due = [stage for stage, own_key in mine if own_key is not None and not own_key.released]
    opens = shown.opens_at
    return {
        "role": "host" if host else "trustee", "acts": acts, "unanswered": unanswered, "blocked": blocked,
        "explain": opens is not None and shown.now - opens > EXPLAIN_AFTER,
        "keys_due": due,
        "part_due": trustee in awaited(lot),
    }  # fmt: skip
