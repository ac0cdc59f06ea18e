"""The supervisor's console: running lots with their clocks and lights, and the whole course of each lot, late and refused steps marked."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.renderers import render_to_response
from pyramid.view import view_config

from trading_core.domain.identity import Actor, Role
from trading_core.domain.trade import TradeType
from trading_core.platform import Unit
from trading_core.services import attempts, organisations, supervising, working

from .. import lot_page
from ..contexts import LotOf
from ..frame import route
from ..i18n import Words
from ..models import Line
from ..permissions import Permission
from ..supervise import FILTERS, LIGHTS, Step, limit_of, overdue, step, supervises, watched
from .workbench import acts_on

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response


@view_config(
    route_name="supervision", renderer="supervise.jinja2", request_method="GET", permission=Permission.PUBLIC, is_authenticated=True
)
def console(request: Request) -> dict[str, Any] | Response:
    """The lots a supervisor watches; whoever else is signed in reads the public page."""
    actor: Actor = request.identity.actor
    if actor.role is not Role.SUPERVISOR:
        return render_to_response("supervision.jinja2", {}, request)
    all_of = [watched(request, lot) for lot in working.lots_of(request.unit, actor) if supervises(lot, actor)]
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in FILTERS else ""
    now = request.unit.now
    shown = sorted((w for w in all_of if w.fits(chosen, now)), key=lambda w: (LIGHTS.index(w.light), w.due is None, limit_of(w), w.lot.id))
    counts = {name: sum(w.fits(name, now) for w in all_of) for name in FILTERS}
    return {"lots": shown, "show": chosen, "counts": counts, "total": len(all_of)}


@view_config(route_name="supervision_lot", renderer="supervise_lot.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def lot(context: LotOf, request: Request) -> dict[str, Any]:
    """The whole course of a lot, newest first, with its periods and the acts a supervisor may give."""
    unit, words, trade, found = request.unit, request.words, context.trade, context.lot
    lines = lot_page.history(unit, found, words)
    late = supervising.late_bids(unit, found)
    covered = lot_page.checkpoint_size(unit)
    steps = [step(line) for line in lines] + [
        Step(Line(b.at, "bid_refused", words("supervise.bid_refused"), "", b.index, b.index is not None and b.index < covered), "refused",
             words("supervise.bid_late", at=words.when(b.received_at))) for b in late
    ] + [
        Step(Line(a.at, "act_refused", words("supervise.attempted", act=act_title(trade, a.event, words)), "", a.index,
                  a.index is not None and a.index < covered), "refused",
             words("supervise.attempted_by", who=attempter(unit, a, words), state=words.name("state", a.state)), a.person)
        for a in attempts.of_lot(unit, found.id)
    ]  # fmt: skip
    title = found.term_text("title") or found.id
    return {
        "lot": found, "title": title, "watched": watched(request, found), "stages": lot_page.stage_bar(trade, found, lines),
        "periods": lot_page.periods(trade, found, lines, request.platform.calendar), "overdue": lambda p: overdue(p, unit.now),
        "steps": sorted(steps, key=lambda s: s.line.at, reverse=True), "acts": acts_on(request, found),
        "trail": [(words("supervise.title"), route(request, "supervision", {})), (found.id, "")],
    }  # fmt: skip


def act_title(trade: TradeType, event: str, words: Words) -> str:
    return next((words.name("act", act.name) for act in trade.acts.values() if act.event == event), event)


def attempter(unit: Unit, attempt: attempts.Attempt, words: Words) -> str:
    """Role, organisation and network address of who attempted something, as far as they are on record."""
    organisation = organisations.find_organisation(unit, attempt.organisation) if attempt.organisation else None
    known = (words.name("role", attempt.role), organisation.name if organisation else "", attempt.address)
    return "　".join(part for part in known if part)
