"""The log as data: the change feed without gaps, proofs, checkpoints, keys."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyramid.response import Response
from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import Json
from trading_core.domain.fields import Field, check
from trading_core.services import log, witness

from ..permissions import Permission
from .body import json_object

if TYPE_CHECKING:
    from pyramid.request import Request

LIMIT, LIMIT_MAX = 100, 1_000
NOTE_TYPE = "text/plain"
COSIGNATURE = (Field("key", maximum=300), Field("line", maximum=500))


def _number(request: Request, name: str, default: int) -> int:
    """A whole number of the query. Raises `Refused` (422) when it is something else."""
    asked = request.GET.get(name)
    if asked is None:
        return default
    if not asked.removeprefix("-").isdigit() or not asked.isascii() or len(asked) > 15:
        raise Refused(Problem("field.not_integer", name))
    return int(asked)


@view_config(route_name="api_log", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def feed(request: Request) -> Json:
    """Entries with a log index above ``after`` (−1: from the beginning), at most ``limit``, in order and without a gap. ``next`` is
    the value of ``after`` for the following call. With ``wait`` the server answers as soon as there is something."""
    after, limit = _number(request, "after", -1), min(max(_number(request, "limit", LIMIT), 1), LIMIT_MAX)
    found = [log.public_form(s) for s in log.feed(request.unit, after + 1, limit)]
    return {"entries": found, "next": found[-1]["index"] if found else after, "size": log.log_size(request.unit)}


@view_config(route_name="api_log_entry", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def entry(request: Request) -> Json:
    """One entry with its inclusion proof in the smallest checkpoint that covers it."""
    return log.proof(request.unit, int(request.matchdict["number"]))


@view_config(route_name="api_checkpoint_latest", request_method="GET", permission=Permission.PUBLIC)
def latest(request: Request) -> Response:
    """The newest checkpoint with its cosignatures, as a C2SP signed note."""
    return _note(log.checkpoint(request.unit))


@view_config(route_name="api_checkpoint", request_method="GET", permission=Permission.PUBLIC)
def checkpoint(request: Request) -> Response:
    return _note(log.checkpoint(request.unit, int(request.matchdict["size"])))


def _note(point: log.Checkpoint) -> Response:
    return Response(point.note.encode(), content_type=NOTE_TYPE, charset="utf-8")


@view_config(route_name="api_consistency", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def consistency(request: Request) -> Json:
    """The proof that the later of two sizes of the log only added to the earlier."""
    first, second = int(request.matchdict["first"]), int(request.matchdict["second"])
    return {"first": first, "second": second, "proof": [h.hex() for h in log.consistency(request.unit, first, second)]}


@view_config(route_name="api_keys", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def keys(request: Request) -> Json:
    """The key file by which others check us: the log's, the receipts' and the witnesses' keys, and how many witnesses it takes."""
    found: Json = json.loads(witness.trust_text(request.platform))
    return found


@view_config(route_name="api_cosignatures", request_method="POST", renderer="json", permission=Permission.PUBLIC)
def cosign(request: Request) -> Json:
    """A witness hands in its line for a checkpoint. Its signature is its word: no account, and twice the same is once."""
    body = check(COSIGNATURE, json_object(request))
    size = int(request.matchdict["size"])
    witness.accept(request.platform, size, str(body["key"]), str(body["line"]))
    request.response.status_int = 201
    return {"size": size, "witnesses": list(log.checkpoint(request.unit, size).witnesses), "threshold": witness.threshold(request.platform)}


@view_config(route_name="certificate_root", request_method="GET", permission=Permission.PUBLIC)
def certificate_root(request: Request) -> Response:
    """The certificate under which every paper of this site is sealed, for readers of PDF files and `gongxin verify`."""
    response = Response(request.platform.printing.certificates.root_pem(), content_type="application/x-pem-file")
    response.content_disposition = 'attachment; filename="root.pem"'
    return response
