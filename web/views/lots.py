"""A lot: its page, the parts that stand alone, the live fragments, the documents."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileIter, Response
from pyramid.view import view_config

from trading_core.domain import engine
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.stages.announcing import Announcement, DocumentVersion, File
from trading_core.domain.stages.remedies import Objections
from trading_core.domain.tender.prequalifying import may_bid
from trading_core.services import documents, lots, organisations, papers

from .. import lot_page
from ..contexts import LotOf
from ..frame import route
from ..models import Line
from ..permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyramid.request import Request

RAIL_LINES = 8
KEY_PERIODS = 5
RIGHTS = ("submit_bid", "ask", "object_to_document", "object_to_result", "withdraw_objection")
"""What a reader may do from a lot's page without being its host; role and state decide which are shown."""
PUBLISHING = ("amended", "clarified", "published", "invitations_sent", "prequalification_published")
BLOCK = 1 << 18
TYPES = {"pdf": "application/pdf", "zip": "application/zip", "xml": "application/xml", "json": "application/json", "csv": "text/csv",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "txt": "text/plain"}  # fmt: skip


def seen(context: LotOf, request: Request) -> dict[str, Any]:
    """What every page of a lot shows."""
    lot, trade, words = context.lot, context.trade, request.words
    lines = lot_page.history(request.unit, lot, words)
    host = lot_page.facts(request.unit, trade, lot, words)
    return {
        "lot": lot, "trade": trade, "title": lot.term_text("title") or lot.id, "published": context.published, "lines": lines,
        "stages": lot_page.stage_bar(trade, lot, lines), "facts": host,
        "clock": lot_page.clock(trade, lot, lines, request.platform.calendar, request.unit.now, words),
        "trail": trail(context, request), "announcement": lot.part(Announcement), "newest": lines[0].index if lines else None,
    }  # fmt: skip


def trail(context: LotOf, request: Request, part: str = "") -> list[tuple[str, str]]:
    words, lot = request.words, context.lot
    found = [
        (words("nav.home"), route(request, "home", {})),
        (words("nav.trades"), route(request, "trades", {})),
        (words.name("column", context.trade.column), route(request, "column", {"column": context.trade.column})),
        (lot.id, route(request, "lot", {"lot": lot.id}) if part else ""),
    ]
    return [*found, (words(f"lot.{part}"), "")] if part else found


@view_config(route_name="lot", renderer="lot.jinja2", request_method="GET", permission=Permission.READ_LOT)
def lot(context: LotOf, request: Request) -> dict[str, Any]:
    page = seen(context, request)
    versions = page["announcement"].versions
    periods = lot_page.periods(context.trade, context.lot, page["lines"], request.platform.calendar)
    return {
        **page,
        "rail": page["lines"][:RAIL_LINES],
        "periods": [p for p in periods if p.kind != "ahead" or p.limit][:KEY_PERIODS], "period_count": len(periods),
        "changed": lot_page.changes(context.trade, versions[-1], request.words) if len(versions) > 1 else [],
        "files": list(files(context.lot, page["lines"], request.identity.actor if request.identity is not None else None)),
        "moves": list(lot_page.moves(page["lines"])),
        "candidates": candidates(page["lines"]), "objections": objections(page["lines"]), "rights": rights(context, request),
        "mine": request.identity is not None and lots.has_part(request.unit, context.lot, request.identity.actor),
    }  # fmt: skip


def rights(context: LotOf, request: Request) -> list[str]:
    """Acts of `RIGHTS` that the reader's role has in the lot's state; for who is not signed in, what signing in would lead to."""
    role = request.identity.actor.role if request.identity is not None else Role.BIDDER
    home = organisations.find_organisation(request.unit, request.identity.actor.organisation) if request.identity is not None else None
    lot, ends = context.lot, bool(context.lot.part(Objections).open())
    early = "closed" not in lot.history
    may = home is None or not any(may_bid(lot, home.uscc))
    fits = {"submit_bid": early and may, "object_to_document": early, "object_to_result": lot.status == "PUBLICITY",
            "withdraw_objection": ends}  # fmt: skip
    known = (context.trade.acts[name] for name in RIGHTS if name in context.trade.acts and fits.get(name, True))
    return [a.name for a in known if role in a.roles and engine.possible(context.trade, lot, a.event)] if context.published else []


@view_config(route_name="lot_fragments", renderer="lot_fragments.jinja2", request_method="GET", permission=Permission.READ_LOT)
def fragments(context: LotOf, request: Request) -> dict[str, Any]:
    """The live parts alone, as the stream sends them."""
    page = seen(context, request)
    return {**page, "rail": page["lines"][:RAIL_LINES]}


@view_config(route_name="lot_log", renderer="lot_log.jinja2", request_method="GET", permission=Permission.READ_LOT)
@view_config(route_name="lot_questions", renderer="lot_questions.jinja2", request_method="GET", permission=Permission.READ_LOT)
@view_config(route_name="lot_objections", renderer="lot_objections.jinja2", request_method="GET", permission=Permission.READ_LOT)
@view_config(route_name="lot_schedule", renderer="lot_schedule.jinja2", request_method="GET", permission=Permission.READ_LOT)
def part(context: LotOf, request: Request) -> dict[str, Any]:
    page, name = seen(context, request), request.matched_route.name.removeprefix("lot_")
    return {
        **page, "trail": trail(context, request, name), "objections": objections(page["lines"]), "rights": rights(context, request),
        "periods": lot_page.periods(context.trade, context.lot, page["lines"], request.platform.calendar),
        "planned": sorted(lot_page.points(context.lot, page["lines"]).items(), key=lambda p: (p[1], p[0])),
    }  # fmt: skip


@view_config(route_name="lot_versions", renderer="lot_versions.jinja2", request_method="GET", permission=Permission.READ_LOT)
def versions(context: LotOf, request: Request) -> dict[str, Any]:
    """All that changed from one version of the tender document to another."""
    first, second = int(request.matchdict["first"]), int(request.matchdict["second"])
    page = seen(context, request)
    known: tuple[DocumentVersion, ...] = page["announcement"].versions
    if not 1 <= first < second <= len(known):
        raise HTTPNotFound
    steps = [(v, lot_page.changes(context.trade, v, request.words)) for v in known[first:second]]
    return {**page, "trail": trail(context, request, "versions"), "first": known[first - 1], "steps": steps}


@view_config(route_name="lot_document", request_method="GET", permission=Permission.READ_LOT)
def document(context: LotOf, request: Request) -> Response:
    """A published file by its fingerprint. Only what the lot's public record names is given out."""
    digest = request.matchdict["document"]
    lines = lot_page.history(request.unit, context.lot, request.words)
    actor = request.identity.actor if request.identity is not None else None
    named = [(f, line) for f, line in files(context.lot, lines, actor) if f.sha256 == digest] if context.published else []
    issued = any(line is not None and line.type == "document_issued" for _, line in named)
    objects = request.platform.objects
    if not named or not objects.has(digest) or not (issued or documents.publishable(request.unit, context.lot, digest)):
        raise HTTPNotFound
    documents.sound(request.unit, digest)
    found = named[0][0]
    response = Response(content_type=TYPES.get(found.name.rpartition(".")[2].lower(), "application/octet-stream"))
    response.app_iter = FileIter(objects.open(digest), BLOCK)
    response.content_length = objects.size(digest)
    response.etag = digest
    everybodys = any(f.sha256 == digest for f, _ in files(context.lot, lines))
    response.cache_control = "public, max-age=31536000, immutable" if everybodys else "private, no-store"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", found.name)
    response.content_disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name)}"
    return response


def files(lot: Lot, lines: list[Line], actor: Actor | None = None) -> Iterator[tuple[File, Line | None]]:
    """Every file that somebody (None: anybody) may read, with the act that published it: documents issued first, then the newest
    version of the tender document."""
    announcement = lot.part(Announcement)
    for line in lines:
        if line.type != "document_issued":
            continue
        if papers.may_read(lot, str(line.public.get("kind")), actor, int(str(line.public.get("part", 0)))):
            yield File(str(line.public["name"]), str(line.public["sha256"]), int(str(line.public["size"]))), line
    publishing = [line for line in lines if line.type in PUBLISHING]
    named: set[str] = set()
    for version in reversed(announcement.versions):
        act = next((line for line in publishing if line.at == version.at), None)
        for file in version.files:
            if file.sha256 not in named:
                named.add(file.sha256)
                yield file, act


def candidates(lines: list[Line]) -> Line | None:
    """The publication of candidates that stands: the newest."""
    return next((line for line in lines if line.type == "candidates_published"), None)


def objections(lines: list[Line]) -> list[tuple[Line, Line | None]]:
    """Objections with what became of them, newest first."""
    ends = {line.public.get("number"): line for line in lines if line.type in ("objection_answered", "objection_withdrawn")}
    spot = {line.public.get("number"): line for line in lines if line.type == "opening_answered"}
    return [
        (line, (ends if line.type == "objection_raised" else spot).get(line.public.get("number")))
        for line in lines
        if line.type in ("objection_raised", "opening_objected")
    ]
