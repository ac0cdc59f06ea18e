"""Lists of lots: narrowed by the query, so that a list can be sent, kept, subscribed to or taken away."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from pyramid.response import Response
from pyramid.view import view_config

from trading_core.domain import csvtable
from trading_core.domain.errors import Refused
from trading_core.domain.events import FIRST_YEAR, LAST_YEAR, instant_text
from trading_core.domain.money import fen_from_yuan
from trading_core.services import log, reading
from trading_core.services.reading import LotFilters, LotRow

from ..frame import query_url, route
from ..models import Paged
from ..permissions import Permission
from ..routes import COLUMNS

if TYPE_CHECKING:
    from pyramid.request import Request

SIZE = 20
TAKEN_MAX = 1_000  # rows of a .csv, .json or .rss; the change feed has everything
SORTS = ("deadline", "published", "amount")
GROUPS: Mapping[str, frozenset[str]] = {
    "bidding": frozenset({"ANNOUNCED", "ISSUING", "BIDDING", "PREQ_ANNOUNCED", "PREQ_ISSUING", "PREQ_CLOSED", "PREQ_REVIEW"}),
    "opening": frozenset({"CLOSED", "OPENING", "OPENED"}),
    "evaluation": frozenset({"EVALUATING", "EVALUATED"}),
    "publicity": frozenset({"PUBLICITY"}),
    "awarded": frozenset({"AWARDED", "NOTIFIED", "CONTRACTED", "PERFORMING", "COMPLETED", "ARCHIVED"}),
    "stopped": frozenset({"SUSPENDED", "FAILED", "TERMINATED", "INVALIDATED"}),
}
"""What people choose by: groups of states, in the order of a trade's life."""


@dataclass(frozen=True)
class Chip:
    """A chosen filter and the address without it."""

    label: str
    without: str


def filters_of(request: Request) -> LotFilters:
    """The filters in the address. What cannot be read is left out: a list is never refused."""
    get = request.GET
    groups = [g for g in get.getall("state") if g in GROUPS]
    sort = get.get("sort")
    return LotFilters(
        q=get.get("q", "").strip()[:100],
        column=request.matchdict.get("column", ""),
        states=frozenset().union(*(GROUPS[g] for g in groups)),
        first=_day(get.get("from")), last=_day(get.get("to")),
        minimum_fen=_wan(get.get("min")), maximum_fen=_wan(get.get("max")),
        sort=sort if sort in SORTS else "deadline",
        page=int(get["page"]) if get.get("page", "").isascii() and get.get("page", "").isdigit() and len(get["page"]) < 6 else 1,
        size=SIZE,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    """A day that can be reckoned with, else none."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR < day.year < LAST_YEAR else None


def _wan(text: str | None) -> int | None:
    """An amount typed in 万元, in fen."""
    try:
        return fen_from_yuan(text.strip()) * 10_000 if text and text.strip() else None
    except Refused:
        return None


@view_config(route_name="trades", renderer="trades.jinja2", request_method="GET", permission=Permission.PUBLIC)
@view_config(route_name="column", renderer="trades.jinja2", request_method="GET", permission=Permission.PUBLIC)
def trades(request: Request) -> dict[str, Any]:
    filters = filters_of(request)
    listing = reading.lots_list(request.unit, filters)
    chosen = [g for g in request.GET.getall("state") if g in GROUPS]
    shown = _with_query(request, request.path)
    return {
        "filters": filters, "column": filters.column, "columns": COLUMNS, "groups": GROUPS, "chosen": chosen, "sorts": SORTS,
        "by_group": {g: sum(listing.by_state.get(s, 0) for s in states) for g, states in GROUPS.items()},
        "page": Paged(listing.rows, listing.total, filters.page, SIZE, lambda n: query_url(request, page=str(n))),
        "chips": list(chips(request, filters, chosen)), "log_size": log.log_size(request.unit),
        "taken": {form: shown(f".{form}") for form in ("rss", "csv", "json")},
        "soon": request.unit.now + timedelta(hours=24),
    }  # fmt: skip


def _with_query(request: Request, path: str) -> Any:
    query = urlencode([(k, v) for k, v in request.GET.items() if k != "page" and v])
    return lambda suffix: path + suffix + (f"?{query}" if query else "")


def chips(request: Request, filters: LotFilters, chosen: Iterable[str]) -> Iterator[Chip]:
    """Every chosen filter with the way out of it."""
    words = request.words
    if filters.q:
        yield Chip(filters.q, query_url(request, q=None, page=None))
    for group in chosen:
        kept = [(k, v) for k, v in request.GET.items() if (k, v) != ("state", group) and k != "page"]
        yield Chip(words(f"group.{group}"), request.path + ("?" + urlencode(kept) if kept else ""))
    if filters.first or filters.last:
        label = words("trades.days", first=filters.first or "…", last=filters.last or "…")
        yield Chip(label, query_url(request, **{"from": None, "to": None, "page": None}))
    if filters.minimum_fen is not None or filters.maximum_fen is not None:
        low, high = (words.money(v) if v is not None else "…" for v in (filters.minimum_fen, filters.maximum_fen))
        yield Chip(words("trades.amounts", low=low, high=high), query_url(request, min=None, max=None, page=None))


# ------------------------------------------------------------------ the same list to take away

@view_config(route_name="trades_as", request_method="GET", permission=Permission.PUBLIC)
@view_config(route_name="column_as", request_method="GET", permission=Permission.PUBLIC)
def trades_as(request: Request) -> Response:
    rows = list(all_rows(request, replace(filters_of(request), page=1, size=100)))
    return {"csv": _csv, "json": _json, "rss": _rss}[request.matchdict["form"]](request, rows)


def all_rows(request: Request, filters: LotFilters) -> Iterator[LotRow]:
    """Rows of all pages, at most `TAKEN_MAX`."""
    for page in range(1, TAKEN_MAX // filters.size + 1):
        rows = reading.lots_list(request.unit, replace(filters, page=page)).rows
        yield from rows
        if len(rows) < filters.size:
            return


def row_form(row: LotRow) -> dict[str, object]:
    """A row as open data: names as in the API, amounts in fen, instants in UTC."""
    return {
        "lot": row.id, "title": row.title, "column": row.column, "trade": row.trade, "status": row.status, "principal": row.host,
        "principal_name": row.host_name, "amount_fen": row.amount_fen, "published_at": _instant(row.published_at),
        "deadline": _instant(row.deadline), "last_log_index": row.last,
    }  # fmt: skip


COLUMN_NAMES = ("lot", "title", "column", "trade", "status", "principal", "principal_name", "amount_fen", "published_at", "deadline",
                "last_log_index")  # fmt: skip


def _instant(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment is not None else None


def _csv(request: Request, rows: list[LotRow]) -> Response:
    text = csvtable.write(COLUMN_NAMES, map(row_form, rows))
    return Response(body=b"\xef\xbb\xbf" + text.encode(), content_type="text/csv", charset="utf-8")


def _json(request: Request, rows: list[LotRow]) -> Response:
    return Response(json_body={"lots": [row_form(r) for r in rows]}, content_type="application/json")


def _rss(request: Request, rows: list[LotRow]) -> Response:
    base, words = request.platform.settings.base_url.rstrip("/"), request.words
    items = "".join(
        f"<item><title>{escape(row.title)}</title><link>{escape(base + route(request, 'lot', {'lot': row.id}))}</link>"
        f"<guid isPermaLink=\"false\">{escape(row.id)}/{row.last if row.last is not None else ''}</guid>"
        f"<description>{escape(words.name('state', row.status) + ' ' + row.host_name)}</description>"
        + (f"<pubDate>{format_datetime(row.published_at)}</pubDate>" if row.published_at else "") + "</item>"
        for row in rows
    )  # fmt: skip
    channel = f"<title>{escape(words('nav.trades'))}</title><link>{escape(base + route(request, 'trades', {}))}</link>"
    channel += f"<description>{escape(words('site.name'))}</description>"
    body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{channel}{items}</channel></rss>'
    return Response(body=body.encode(), content_type="application/rss+xml", charset="utf-8")
