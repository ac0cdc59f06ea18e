"""The first page: find, see today, check."""
from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from trading_core.domain.errors import Forbidden
from trading_core.domain.workcalendar import CST, local_date
from trading_core.platform import Unit
from trading_core.services import log, reading

from ..lot_page import checkpoint_size, line
from ..permissions import Permission
from ..routes import COLUMNS
from ..statistics import month_bars, months_back

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

NOTICES: dict[str, tuple[str, ...]] = {
    "all": (),
    "announcement": ("published", "invitations_sent", "prequalification_published"),
    "change": ("amended", "clarified", "suspended", "resumed", "terminated"),
    "candidates": ("candidates_published",),
    "result": ("result_published", "award_decided", "failed"),
    "contract": ("contract_signed",),
}
"""Kinds of public notices and the acts they are."""
SHOWN = 8


@view_config(route_name="home", renderer="home.jinja2", request_method="GET", permission=Permission.PUBLIC)
def home(request: Request) -> dict[str, Any]:
    unit, words = request.unit, request.words
    kind = request.GET.get("kind") if request.GET.get("kind") in NOTICES else "all"
    covered = checkpoint_size(unit)
    months = months_back(unit, 12)
    found = reading.notices(unit, notice_types(kind), SHOWN)
    return {
        "columns": reading.column_counts(unit), "all_columns": COLUMNS,
        "today": reading.deadlines_between(unit, unit.now, _tomorrow(unit.now), SHOWN), "date": local_date(unit.now),
        "kinds": tuple(NOTICES), "kind": kind,
        "notices": [(n, line(n.stored, n.stored.index, covered, words)) for n in found],
        "checkpoint": newest_checkpoint(unit), "months": months, "bars": month_bars(months, words),
    }  # fmt: skip


@view_config(route_name="home", request_method="POST", permission=Permission.PUBLIC)
def find_record(request: Request) -> Response:
    """The number typed beside 验证 leads to the record."""
    number = request.POST.get("number", "").strip()
    if number.isascii() and number.isdigit() and len(number) < 16:
        return HTTPSeeOther(request.route_path("log_entry", number=int(number)))
    return HTTPSeeOther(request.route_path("verify"))


def notice_types(kind: str) -> list[str]:
    """The event types of a kind of notice."""
    return list(NOTICES[kind] or (t for types in NOTICES.values() for t in types))


def newest_checkpoint(unit: Unit) -> log.Checkpoint | None:
    try:
        return log.checkpoint(unit)
    except Forbidden:
        return None


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(local_date(now), time(), CST) + timedelta(days=1)
