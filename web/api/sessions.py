"""Sessions for programs: tokens in the body, never in a cookie."""
from __future__ import annotations

from typing import TYPE_CHECKING

from pyramid.view import view_config

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import Json, instant_text
from trading_core.domain.fields import Field, check
from trading_core.domain.identity import Role
from trading_core.services import sessions
from trading_core.services.sessions import Tokens

from ..limits import origin
from ..permissions import Permission
from .body import json_object

if TYPE_CHECKING:
    from pyramid.request import Request

ROLES = tuple(r.value for r in Role if r not in (Role.CLOCK, Role.PUBLIC))
SIGN_IN = (
    Field("login", maximum=60),
    Field("password", secret=True, maximum=200),
    Field("totp", required=False, maximum=8),
    Field("role", "choice", required=False, choices=ROLES),
)
REFRESH = (Field("refresh", secret=True, maximum=400),)


@view_config(route_name="api_sessions", request_method="POST", renderer="json", permission=Permission.PUBLIC)
def sign_in(request: Request) -> Json:
    """Tokens for login, password and, where one is set, the code of the second factor."""
    body = check(SIGN_IN, json_object(request))
    role = Role(str(body["role"])) if "role" in body else None
    totp = str(body["totp"]) if "totp" in body else None
    tokens = sessions.sign_in(request.platform, str(body["login"]), str(body["password"]), totp, role, origin(request))
    return tokens_form(request, tokens, 201)


@view_config(route_name="api_session_refresh", request_method="POST", renderer="json", permission=Permission.PUBLIC)
def refresh(request: Request) -> Json:
    """The next pair of tokens; the old refresh token is spent."""
    return tokens_form(request, sessions.refresh(request.platform, str(check(REFRESH, json_object(request))["refresh"])), 200)


@view_config(route_name="api_session_current", request_method="DELETE", renderer="json", permission=Permission.SIGNED_IN)
def sign_out(request: Request) -> Json:
    """End the session of the token sent; all its tokens end with it."""
    token = request.registry.token_policy.token(request)
    if not token:
        raise Refused(Problem("request.unauthenticated"))
    with request.platform.unit() as unit:
        sessions.sign_out(unit, token)
    return {"ended": True}


def tokens_form(request: Request, tokens: Tokens, status: int) -> Json:
    """What a program is told that has signed in."""
    request.response.status_int = status
    request.response.cache_control = "no-store"
    actor = tokens.actor
    return {
        "access": tokens.access, "refresh": tokens.refresh, "expires": instant_text(tokens.expires),
        "person": actor.person, "organisation": actor.organisation, "role": actor.role.value,
    }  # fmt: skip
