"""Uploading files in pieces, each with its hash, so that a broken line costs one piece. What is kept names no account.

The number of an upload is a capability: whoever is signed in and knows it may go on with it, from any device.
"""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from trading_core.adapters.uploads import PIECE, Upload
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import Json
from trading_core.domain.fields import Field, check
from trading_core.services import documents

from ..errors import Limited
from ..permissions import Permission
from ..security import require_signed_in
from .body import json_object

if TYPE_CHECKING:
    from pyramid.request import Request

BEGIN = (Field("size", "integer", minimum=1), Field("sha256", "hash"))
PIECE_HASH = "X-Piece-SHA256"
BINARY = "application/octet-stream"


@view_config(route_name="api_uploads", request_method="POST", renderer="json", permission=Permission.SIGNED_IN)
def begin(request: Request) -> Json:
    """Announce a file by size and hash; how it is to be cut."""
    data = check(BEGIN, json_object(request))
    client = require_signed_in(request).organisation
    begun = request.platform.uploads.begin(int(str(data["size"])), str(data["sha256"]), client)
    request.response.status_int = 201
    request.response.location = request.route_path("api_upload", upload=begun.number)
    return _form(begun)


@view_config(route_name="api_upload", request_method="GET", renderer="json", permission=Permission.SIGNED_IN)
def state(request: Request) -> Json:
    """Which pieces have arrived and been checked."""
    return _form(request.platform.uploads.state(request.matchdict["upload"]))


@view_config(route_name="api_upload_piece", request_method="PUT", renderer="json", permission=Permission.SIGNED_IN)
def piece(request: Request) -> Json:
    """One piece as the raw body, its SHA-256 in the header. The same piece sent again is the same."""
    if request.content_type not in ("", BINARY):
        raise Limited(Problem("request.wrong_type", params={"expected": BINARY}))
    if (request.content_length or 0) > PIECE:
        raise Limited(Problem("request.too_large", params={"maximum": PIECE, "size": request.content_length}))
    digest = request.headers.get(PIECE_HASH, "")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Refused(Problem("field.not_hash", PIECE_HASH))
    number, index = request.matchdict["upload"], int(request.matchdict["piece"])
    data = request.body_file_raw.read(request.content_length or 0)  # as spooled: `body` would copy it into another file
    return _form(request.platform.uploads.piece(number, index, digest, data))


@view_config(route_name="api_upload_finish", request_method="POST", renderer="json", permission=Permission.SIGNED_IN)
def finish(request: Request) -> Json:
    """Put the pieces together; the name under which the file is stored from now on is its SHA-256."""
    actor, name = require_signed_in(request), request.platform.uploads.finish(request.matchdict["upload"])
    with request.platform.unit() as unit:
        documents.sent_in(unit, actor, name)
    return {"object": name}


def _form(upload: Upload) -> dict[str, Any]:
    return {
        "upload": upload.number, "size": upload.size, "sha256": upload.sha256, "piece_size": PIECE, "pieces": upload.pieces,
        "arrived": sorted(upload.arrived),
    }  # fmt: skip
