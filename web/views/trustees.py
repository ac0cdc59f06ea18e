"""Keeping keys and making draws: pages that give the browser what it needs. A secret leaves it only when its owner hands it in."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.csrf import get_csrf_token
from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from trading_core.domain.stages.draws import PARTIES
from trading_core.domain.stages.offices import office_of
from trading_core.domain.tender.trustees import TRUSTEES, Trustees, envelopes, stage_names, suite
from trading_core.services import lots

from ..contexts import LotOf
from ..frame import route
from ..permissions import Permission
from ..workbench import View, keys_to_release, may_commit, may_hand_in, my_draws, releasable

if TYPE_CHECKING:
    from pyramid.request import Request

LOCAL = "sealing"  # room of the problems that the browser finds by itself


@view_config(route_name="my_keys", renderer="trustee_keys.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def keys(context: LotOf, request: Request) -> dict[str, Any]:
    """A trustee's one-time keys of a lot: registered and rehearsed before bids, handed in at the opening."""
    v = view(context, request)
    part, due = v.lot.part(Trustees), releasable(v)
    stages = [
        {"name": e.name, "title": request.words.name("envelope", e.name), "opens": e.opens,
         "holders": [(t, part.of(e.name).get(t)) for t in TRUSTEES], "mine": part.of(e.name).get(v.trustee), "due": e.name in due}
        for e in envelopes(v.lot)
    ]  # fmt: skip
    ready = part.ready(stage_names(v.lot))
    mine = {s: {"public": k.public_key, "rehearsed": k.rehearsed} for s in stage_names(v.lot) if (k := part.of(s).get(v.trustee))}
    facts = {**facts_of(request, v), "suite": suite(v.lot), "stages": list(stage_names(v.lot)), "mine": mine}
    return {**seen(request, v, "keys"), "stages": stages, "ready": ready, "due": bool(list(keys_to_release(v))), "page_facts": facts}


@view_config(route_name="my_draws", renderer="trustee_draws.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def draws(context: LotOf, request: Request) -> dict[str, Any]:
    """A party's secret parts of the draws of a lot: made and promised now, handed in when the draw is due."""
    v = view(context, request)
    found = [
        {"name": name, "parties": [(p, p in d.commitments, p in d.parts) for p in PARTIES[name]], "mine": d.commitments.get(v.trustee, ""),
         "handed": v.trustee in d.parts, "may_commit": may_commit(v, name, d), "may_hand_in": may_hand_in(v, name, d), "value": d.value}
        for name, d in my_draws(v)
    ]  # fmt: skip
    kept = {d["name"]: d["mine"] for d in found}
    return {**seen(request, v, "draws"), "draws": found, "page_facts": {**facts_of(request, v), "commitments": kept}}


def view(context: LotOf, request: Request) -> View:
    """The lot as this trustee sees it; for anybody else the page is not there."""
    actor = request.identity.actor
    if office_of(context.lot, actor) is None:
        raise HTTPNotFound
    return View(lots.trade_of(request.unit, context.lot), context.lot, actor)


def seen(request: Request, v: View, page: str) -> dict[str, Any]:
    title = v.lot.term_text("title") or v.lot.id
    trail = [(request.words("frame.my"), route(request, "my", {})), (title, route(request, "lot", {"lot": v.lot.id})),
             (request.words(f"trustee.{page}"), "")]  # fmt: skip
    return {"lot": v.lot, "title": title, "trustee": v.trustee, "trail": trail}


def facts_of(request: Request, v: View) -> dict[str, Any]:
    words = request.words
    problems = {f"{LOCAL}.{code}": text for code, text in words.subset(f"problem.{LOCAL}").items()}
    return {
        "lot": v.lot.id, "attempt": v.lot.attempt, "title": v.lot.term_text("title"), "trustee": v.trustee, "owner": v.actor.organisation,
        "acts": f"/api/v1/lots/{v.lot.id}/acts/", "events": f"/api/v1/lots/{v.lot.id}/events", "page": request.path, "lang": words.language,
        "csrf": get_csrf_token(request), "texts": words.subset("trustee.js"), "problems": problems,
    }  # fmt: skip
