"""验: any record with its proof, checkpoints, and the page on which everybody checks for themselves."""
from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from trading_core.domain.errors import Forbidden
from trading_core.services import log, lots, papers, witness

from ..contexts import LotOf
from ..lot_page import checkpoint_size, line
from ..permissions import Permission
from .home import newest_checkpoint

if TYPE_CHECKING:
    from pyramid.request import Request

SHORT = 16  # hex digits of a paper's digest that its QR code carries
RECEIPT = re.compile(r"R-[0-9A-F]{12}")  # number of a bid's receipt, which is printed without being noted


@view_config(route_name="verify", renderer="verify.jinja2", request_method="GET", permission=Permission.PUBLIC)
def verify(request: Request) -> dict[str, Any]:
    keys = witness.published_keys(request.platform)
    return {
        "checkpoint": newest_checkpoint(request.unit), "keys": [keys["log"], keys["receipt"], *keys["witnesses"]],
        "asked": request.GET.get("document", "")[:120], "paper": _paper(request),
        "receipt": RECEIPT.fullmatch(request.GET.get("document", "")) is not None,
    }  # fmt: skip


def _paper(request: Request) -> dict[str, Any] | None:
    """What the record says of the paper whose QR code led here: when it was issued, and whether the printed digest is its own."""
    number, digest = request.GET.get("document", ""), request.GET.get("digest", "")
    stored = papers.find(request.unit, number) if number else None
    if stored is None:
        return None
    public = stored.recorded().public
    same = len(digest) >= SHORT and str(public.get("digest", "")).startswith(digest)
    return {"number": number, "at": stored.at, "sha256": public["sha256"], "same": same,
            "index": request.unit.store.log_index(stored.stream, stored.version)}  # fmt: skip


@view_config(route_name="log_entry", renderer="log_entry.jinja2", request_method="GET", permission=Permission.PUBLIC)
def log_entry(request: Request) -> dict[str, Any]:
    """One record of the log: what everybody may know of it, and the way to its proof."""
    unit, number = request.unit, int(request.matchdict["number"])
    stored = log.entry(unit, number)
    covered = checkpoint_size(unit)
    try:
        proof = log.proof(unit, number)
    except Forbidden:
        proof = None
    kind, _, subject = stored.stream.partition("/")
    return {
        "number": number, "stored": stored, "line": line(stored, number, covered, request.words),
        "public": json.dumps(json.loads(stored.public), ensure_ascii=False, indent=2), "proof": proof,
        "lot": subject if kind == "lot" and _visible(request, subject) else None, "size": log.log_size(unit),
    }  # fmt: skip


def _visible(request: Request, lot_id: str) -> bool:
    """Whether the record can lead on to its lot's page."""
    lot = lots.find(request.unit, lot_id)
    return LotOf(lot, lots.trade_of(request.unit, lot)).visible_to(request.identity)


@view_config(route_name="checkpoint", renderer="checkpoint.jinja2", request_method="GET", permission=Permission.PUBLIC)
def checkpoint(request: Request) -> dict[str, Any]:
    return {"checkpoint": log.checkpoint(request.unit, int(request.matchdict["size"])), "newest": newest_checkpoint(request.unit)}
