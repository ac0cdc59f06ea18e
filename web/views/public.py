"""Pages about the platform as a whole: disclosure, credit, supervision, statistics, running state, open data, the time."""
from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from credit.tables import published
from trading_core.services import log, outages, reading

from ..health import health
from ..lot_page import checkpoint_size, line
from ..permissions import Permission
from ..statistics import group_bars, month_bars, months_back
from .home import NOTICES, notice_types
from .trades import GROUPS

if TYPE_CHECKING:
    from pyramid.request import Request

SHOWN = 20
OUTAGES_SHOWN = 10


@view_config(route_name="disclosure", renderer="disclosure.jinja2", request_method="GET", permission=Permission.PUBLIC)
def disclosure(request: Request) -> dict[str, Any]:
    """Every public notice, newest first; `before` goes on from a log number."""
    unit = request.unit
    kind = request.GET.get("kind") if request.GET.get("kind") in NOTICES else "all"
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
    found, covered = reading.notices(unit, notice_types(kind), SHOWN, before), checkpoint_size(unit)
    return {
        "kinds": tuple(NOTICES), "kind": kind, "notices": [(n, line(n.stored, n.stored.index, covered, request.words)) for n in found],
        "next": found[-1].stored.index if len(found) == SHOWN else None,
    }  # fmt: skip


@view_config(route_name="statistics", renderer="statistics.jinja2", request_method="GET", permission=Permission.PUBLIC)
def statistics(request: Request) -> dict[str, Any]:
    listing, months = reading.lots_list(request.unit, reading.LotFilters(size=1)), months_back(request.unit, 12)
    return {
        "months": months, "bars": month_bars(months, request.words), "total": listing.total,
        "groups": group_bars(listing.by_state, GROUPS, request.words),
    }  # fmt: skip


@view_config(route_name="credit", renderer="credit.jinja2", request_method="GET", permission=Permission.PUBLIC)
def credit(request: Request) -> dict[str, Any]:
    """What lists mean here, and whom decisions entered here name while they are in force."""
    return {"records": published(request.unit.store, request.unit.now)}


@view_config(route_name="supervision", renderer="supervision.jinja2", request_method="GET", permission=Permission.PUBLIC)
def supervision(request: Request) -> dict[str, Any]:
    return {}


@view_config(route_name="status", renderer="status.jinja2", request_method="GET", permission=Permission.PUBLIC)
def status(request: Request) -> dict[str, Any]:
    return {
        "health": health(request.platform), "size": log.log_size(request.unit), "covered": checkpoint_size(request.unit),
        "outages": outages.recorded(request.unit, OUTAGES_SHOWN), "seconds": request.platform.settings.outage_seconds,
    }  # fmt: skip


@view_config(route_name="open_data", renderer="open_data.jinja2", request_method="GET", permission=Permission.PUBLIC)
def open_data(request: Request) -> dict[str, Any]:
    return {"size": log.log_size(request.unit)}


@view_config(route_name="time", renderer="json", request_method="GET", permission=Permission.PUBLIC)
def time(request: Request) -> dict[str, Any]:
    """The server's time in milliseconds since 1970 UTC, and how far it may be off, null when unknown: for clocks on pages."""
    clock = request.platform.clock
    error = clock.error()
    return {"ms": int(clock.now().timestamp() * 1000), "error_ms": None if error is None else error // timedelta(milliseconds=1)}


