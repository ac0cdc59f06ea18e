"""Errors told in one shape: one table from code to HTTP status, one builder for API and pages.

API: ``{"type", "status", "code", "title", "problems": [{"code", "path", "message", "rule", "params"}], "request"}`` as
``application/problem+json`` (RFC 9457). Pages: the same content under the site's frame. Neither ever shows an exception's own text.
"""
from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyramid.exceptions import BadCSRFToken
from pyramid.httpexceptions import HTTPException, HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.response import Response

from trading_core.domain.errors import Conflict, Forbidden, Problem, Refused

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

    from .i18n import Words

logger = logging.getLogger(__name__)

STATUS: tuple[tuple[str, int], ...] = (
    ("request.unauthenticated", 401),
    ("session.", 401),
    ("token.", 401),
    ("sign_in.too_many", 429),
    ("sign_in.busy", 503),
    ("sign_in.", 401),
    ("request.forbidden", 404),
    ("request.not_found", 404),
    ("request.method", 405),
    ("request.not_acceptable", 406),
    ("request.too_large", 413),
    ("request.wrong_type", 415),
    ("request.unreadable", 400),
    ("request.csrf", 403),
    ("request.too_many", 429),
    ("command.conflict", 409),
    ("command.key_reused", 409),
    ("command.key_missing", 400),
    ("command.key_unfit", 400),
    ("lot.illegal_transition", 409),
    ("service.failed", 500),
    ("service.", 503),
    ("", 422),
)
"""HTTP status by beginning of the code; the first line that fits counts. Every other refusal is 422."""

RETRY_SECONDS = 5
PROBLEM = "application/problem+json"
WEBOB_CODES = {400: "request.unreadable", 401: "request.unauthenticated", 403: "request.csrf", 404: "request.not_found",
               405: "request.method", 413: "request.too_large", 415: "request.wrong_type"}  # fmt: skip


class Limited(Exception):
    """A request beyond a limit of the site: too many (with seconds to wait), too large, of a wrong type."""

    def __init__(self, problem: Problem, retry_after: int | None = None) -> None:
        super().__init__(problem.code)
        self.problem, self.retry_after = problem, retry_after


@dataclass(frozen=True, slots=True)
class Told:
    """An error ready to be shown. receipt: the signed proof of a refusal, where one is due."""

    status: int
    problems: tuple[Problem, ...]
    retry_after: int | None = None
    receipt: Mapping[str, object] | None = None

    @property
    def code(self) -> str:
        return self.problems[0].code


def status_of(code: str) -> int:
    """The HTTP status of a problem code."""
    return next(status for beginning, status in STATUS if code.startswith(beginning))


def told(error: BaseException) -> Told:
    """What an exception means to the outside. Whatever is not foreseen is a failure of ours, and says nothing more."""
    match error:
        case Limited():
            return Told(status_of(error.problem.code), (error.problem,), error.retry_after)
        case Forbidden():
            return Told(404, (Problem("request.not_found"),))
        case Refused():
            status = _joint(error.problems)
            patience = _patience(error.problems) or (RETRY_SECONDS if status == 503 else None)
            return Told(status, error.problems, patience, getattr(error, "receipt", None))
        case Conflict():
            return Told(409, (Problem("command.conflict"),), 1)
        case BadCSRFToken():
            return Told(403, (Problem("request.csrf"),))
        case HTTPForbidden():
            return Told(404, (Problem("request.not_found"),))
        case HTTPException() if error.code in WEBOB_CODES:
            return Told(error.code, (Problem(WEBOB_CODES[error.code]),))
        case _ if database_away(error):
            return Told(503, (Problem("service.database_away"),), RETRY_SECONDS)
    return Told(500, (Problem("service.failed"),))


def _patience(problems: Sequence[Problem]) -> int | None:
    """Seconds to wait that a refusal names."""
    return next((int(str(p.params["retry_after_seconds"])) for p in problems if "retry_after_seconds" in p.params), None)


def _joint(problems: Sequence[Problem]) -> int:
    found = {status_of(p.code) for p in problems}
    return found.pop() if len(found) == 1 else 422


def database_away(error: BaseException) -> bool:
    """Whether the database could not be reached or gave up waiting, so that asking again may help. Told by the driver layer's own
    class names: pages know no database library."""
    return any(c.__module__.startswith("sqlalchemy.") and c.__name__ in {"OperationalError", "InterfaceError", "TimeoutError"}
               for c in type(error).__mro__)  # fmt: skip


def body(shown: Told, words: Words, request_id: str) -> dict[str, object]:
    """The JSON shape."""
    return {
        "type": f"/guide/errors#{shown.code}",
        "status": shown.status,
        "code": shown.code,
        "title": words.problem(shown.code, shown.problems[0].params),
        "problems": [problem_form(p, words) for p in shown.problems],
        "request": request_id,
    } | ({"receipt": shown.receipt} if shown.receipt else {})


def problem_form(p: Problem, words: Words) -> dict[str, object]:
    return {"code": p.code, "path": p.path, "message": words.problem(p.code, p.params), "rule": p.rule, "params": _plain(p.params)}


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    return {k: v if isinstance(v, str | int | bool | list | None) else str(v) for k, v in params.items()}


def answer(shown: Told, request: Request) -> Response:
    """The error as JSON for the API and for whoever asks for JSON, as a page for everybody else."""
    if is_api(request):
        response = Response(json_body=body(shown, request.words, request.id), content_type=PROBLEM)
    else:
        response = render_to_response("error.jinja2", {"told": shown}, request=request)
    response.status_int = shown.status
    response.headers.update(headers(shown, is_api(request)))
    return response


def headers(shown: Told, api: bool = True) -> dict[str, str]:
    """What an error says beside its body."""
    patience = {"Retry-After": str(shown.retry_after)} if shown.retry_after is not None else {}
    sign_in = {"WWW-Authenticate": "Bearer"} if shown.status == 401 and api else {}
    return {"Cache-Control": "no-store", **patience, **sign_in}


def is_api(request: Request) -> bool:
    return request.environ.get("PATH_INFO", "").startswith("/api/")


def failed(error: Exception, request: Request) -> Response:
    """Exception view for everything raised inside the application."""
    shown = told(error)
    if shown.status == 500:
        logger.error("request %s failed", request.id, exc_info=error)
    return answer(shown, request)


def forbidden(error: HTTPForbidden, request: Request) -> Response:
    """Without a session the reader may sign in first, where that tells nothing; what is not theirs looks absent."""
    hidden = hasattr(request.context, "visible_to")  # a lot before its publication must not be told from one that never was
    if request.identity is None and not hidden:
        if request.method in ("GET", "HEAD") and not is_api(request):
            return HTTPSeeOther(request.route_path("login", _query={"next": request.path_qs}))
        return answer(Told(401, (Problem("request.unauthenticated"),)), request)
    return answer(Told(404, (Problem("request.not_found"),)), request)


def includeme(config: Configurator) -> None:
    for kind in (Exception, HTTPException):
        config.add_exception_view(failed, context=kind)
    config.add_forbidden_view(forbidden)
    config.add_notfound_view(absent)


def absent(error: HTTPNotFound, request: Request) -> Response:
    return answer(Told(404, (Problem("request.not_found"),)), request)

