"""The state of the platform for machines."""
from __future__ import annotations

from typing import TYPE_CHECKING

from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import Json

from ..errors import RETRY_SECONDS
from ..health import CHECKS, health
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(route_name="api_health", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def state(request: Request) -> Json:
    """Every part with its figures, or only the ``parts`` named; 503 when one is down, so that a load balancer turns away."""
    asked = {name for name in request.GET.get("parts", "").split(",") if name}
    if asked - set(CHECKS):
        raise Refused(Problem("request.unreadable", "parts"))
    found = health(request.platform, asked)
    if found.state == "down":
        request.response.status_int = 503
        request.response.headers["Retry-After"] = str(RETRY_SECONDS)
    return {"state": found.state, "parts": {p.name: {"state": p.state, **p.figures} for p in found.parts}}
