"""The state of the platform for machines."""
from __future__ import annotations

from typing import TYPE_CHECKING

from pyramid.view import view_config

from trading_core.domain.events import Json

from ..errors import RETRY_SECONDS
from ..health import health
from ..permissions import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(route_name="api_health", request_method="GET", renderer="json", permission=Permission.PUBLIC)
def state(request: Request) -> Json:
    """Every part with its figures; 503 when one is down, so that a load balancer turns away."""
    found = health(request.platform)
    if found.state == "down":
        request.response.status_int = 503
        request.response.headers["Retry-After"] = str(RETRY_SECONDS)
    return {"state": found.state, "parts": {p.name: {"state": p.state, **p.figures} for p in found.parts}}
