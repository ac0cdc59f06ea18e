"""The sealed upload: the page gives the browser what it needs to seal a bid by itself. The server sees ciphertext and hashes only."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.csrf import get_csrf_token
from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from trading_core.adapters.uploads import PIECE
from trading_core.domain.events import instant_text
from trading_core.domain.fields import Field
from trading_core.domain.identity import Role
from trading_core.domain.stages.announcing import Announcement
from trading_core.domain.stages.consortium import AGREEMENT, MEMBERS, MEMBERS_MAX, accepted
from trading_core.domain.tender.bidding import effective_deadline, readiness
from trading_core.domain.tender.letter import letter
from trading_core.domain.tender.trustees import THRESHOLD, TRUSTEES, Trustees, stage_names, suite
from trading_core.services import log, organisations

from ..contexts import LotOf
from ..forms import Form
from ..frame import route
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

LOCAL = ("sealing", "bundle", "consortium")  # rooms of problems that the browser finds by itself
TAKING = frozenset({"ISSUING", "BIDDING", "SUSPENDED"})


@view_config(route_name="my_bid", renderer="bid.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def bid(context: LotOf, request: Request) -> dict[str, Any]:
    """The page on which a bid is sealed, sent, replaced and withdrawn. It says 未递交 until the browser holds a receipt."""
    lot, now = context.lot, request.unit.now
    if request.identity.actor.role is not Role.BIDDER or "bid_deadline" not in lot.schedule or not context.published:
        raise HTTPNotFound
    title, words, deadline = lot.term_text("title") or lot.id, request.words, effective_deadline(lot, now)
    forms = letter(context.trade, lot)
    return {
        "lot": lot, "title": title, "deadline": deadline, "frozen": lot.suspended_at is not None,
        "trail": [(words("frame.my"), route(request, "my", {})), (title, route(request, "lot", {"lot": lot.id})), (words("bid.title"), "")],
        "stages": [(s, Form(forms[s], {})) for s in stage_names(lot)], "open": lot.status in TAKING and now < deadline,
        "ready": not list(readiness(lot)), "version": lot.part(Announcement).current, "consortium": accepted(lot.terms),
        "members": MEMBERS, "agreement": AGREEMENT, "ceiling_fen": lot.terms.get("ceiling_fen"),
        "bid_facts": facts(request, context, forms),
    }  # fmt: skip


def facts(request: Request, context: LotOf, forms: dict[str, tuple[Field, ...]]) -> dict[str, Any]:
    """Everything the script needs, as JSON values. identity is the reader's own organisation."""
    lot, words = context.lot, request.words
    me = organisations.known(request.unit, request.identity.actor.organisation)
    keys = lot.part(Trustees)
    acts = "/api/v1/lots/" + lot.id + "/acts/"
    return {
        "lot": lot.id, "attempt": lot.attempt, "title": lot.term_text("title") or lot.id, "suite": suite(lot), "threshold": THRESHOLD,
        "stages": list(stage_names(lot)), "identity": {"uscc": me.uscc, "name": me.name},
        "ready": not list(readiness(lot)),
        "trustees": {s: {t: keys.of(s)[t].public_key for t in TRUSTEES if t in keys.of(s)} for s in stage_names(lot)},
        "documentVersion": lot.part(Announcement).current, "deadline": instant_text(effective_deadline(lot, request.unit.now)),
        "ceiling_fen": lot.terms.get("ceiling_fen"), "pieceSize": PIECE, "logSize": log.log_size(request.unit),
        "uploads": "/api/v1/uploads", "submit": acts + "submit_bid", "withdraw": acts + "withdraw_bid", "page": request.path,
        "lang": words.language, "csrf": get_csrf_token(request), "verify": route(request, "verify", {}),
        "fields": {s: [{"name": f.name, "kind": f.kind, "required": f.required} for f in fs] for s, fs in forms.items()},
        "consortium": {"most": MEMBERS_MAX} if accepted(lot.terms) else None,
        "names": {f.name: words.name("field", f.name) for fs in (*forms.values(), MEMBERS.fields) for f in fs},
        "envelopes": {s: words.name("envelope", s) for s in stage_names(lot)},
        "texts": words.subset("bid.js"),
        "problems": {f"{room}.{code}": text for room in LOCAL for code, text in words.subset(f"problem.{room}").items()},
    }  # fmt: skip
