"""Lots as data: the list, one lot, its public events."""
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyramid.view import view_config

from trading_core.domain import engine
from trading_core.domain.events import Json, instant_text
from trading_core.domain.identity import ANYONE
from trading_core.services import log, lots, reading

from ..contexts import LotOf
from ..permissions import Permission
from ..routes import COLUMNS
from ..views.trades import filters_of, row_form

if TYPE_CHECKING:
    from pyramid.request import Request

EVENTS_MAX = 500


@view_config(route_name="api_lots", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def listing(request: Request) -> Json:
    """Published lots, narrowed as on the page ``/trades``; ``column`` chooses a column."""
    filters = filters_of(request)
    column = request.GET.get("column", "")
    if column in COLUMNS:
        filters = replace(filters, column=column)
    found = reading.lots_list(request.unit, filters)
    return {"lots": [row_form(r) for r in found.rows], "total": found.total, "page": filters.page, "size": filters.size}


@view_config(route_name="api_lot", request_method="GET", renderer="json", permission=Permission.READ_LOT)
def lot(context: LotOf, request: Request) -> Json:
    """What is public of a lot, and which acts its state allows the caller's role."""
    lot, trade = context.lot, context.trade
    role = request.identity.actor.role if request.identity is not None else ANYONE.role
    acts = sorted(a.name for a in trade.acts.values() if role in a.roles and engine.possible(trade, lot, a.event))
    due = engine.due(trade, lot)
    return {
        "lot": lot.id, "trade": trade.version, "column": trade.column, "status": lot.status, "attempt": lot.attempt,
        "previous": lot.previous, "parties": dict(lot.parties),
        "terms": dict(lots.public_terms(lot)) if context.published else {},
        "schedule": {k: instant_text(v) for k, v in lot.schedule.items()} if context.published else {},
        "suspended_at": instant_text(lot.suspended_at) if lot.suspended_at else None,
        "next_clock_act": {"act": due[1], "at": instant_text(due[0])} if due else None, "acts": acts,
    }  # fmt: skip


@view_config(route_name="api_lot_events", request_method="GET", renderer="json", permission=Permission.READ_LOT)
def events(context: LotOf, request: Request) -> Json:
    """The public events of a lot after a version, in order."""
    asked = request.GET.get("after", "0")
    after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    unit, stream = request.unit, f"lot/{context.lot.id}"
    stored = unit.store.read(stream, after)[:EVENTS_MAX]
    found = [{**log.public_form(s), "index": unit.store.log_index(stream, s.version)} for s in stored]
    return {"events": found, "next": stored[-1].version if stored else after}
