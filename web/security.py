"""Who asks: a session's access token from the Authorization header or, in a browser, from a cookie no script can read.

A browser's session renews itself while it is used. Forms of a browser carry a CSRF token; requests that name their token in the
header need none, because no other site can make a browser send that header.
"""
from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.security import Allowed, Denied

from trading_core.adapters.tokens import Claims, read_token
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.identity import Actor
from trading_core.services import organisations, sessions
from trading_core.services.sessions import Tokens

from .permissions import permits

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request
    from pyramid.response import Response

RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in person acting in one role; organisation is the name of whom they act for."""

    actor: Actor
    organisation: str

    @property
    def name(self) -> str:
        return self.organisation

    @property
    def actors(self) -> tuple[Actor, ...]:
        return (self.actor,)


class TokenPolicy:
    """Pyramid's security policy over the core's sessions."""

    def __init__(self, secure: bool) -> None:
        prefix = "__Host-" if secure else ""  # browsers then refuse the cookie from any other host or path
        self.access_cookie, self.refresh_cookie, self.csrf_cookie = prefix + "gx", prefix + "gx_renew", prefix + "csrf"
        self._secure = secure

    # ---------------------------------------------------------------- Pyramid's interface

    def identity(self, request: Request) -> Identity | None:
        if not hasattr(request, "_identity"):
            request._identity = self._identify(request)
        found: Identity | None = request._identity
        return found

    def authenticated_userid(self, request: Request) -> str | None:
        identity = self.identity(request)
        return identity.actor.person if identity is not None else None

    def permits(self, request: Request, context: object, permission: str) -> Allowed | Denied:
        if permits(self.identity(request), context, permission):
            return Allowed("%s", permission)
        return Denied("%s", permission)

    def remember(self, request: Request, tokens: Tokens, **_: Any) -> list[tuple[str, str]]:
        """Cookies that keep a browser signed in; they end with the browser or the session."""
        return [self._cookie(request, self.access_cookie, tokens.access), self._cookie(request, self.refresh_cookie, tokens.refresh)]

    def forget(self, request: Request, **_: Any) -> list[tuple[str, str]]:
        return [self._cookie(request, self.access_cookie, None), self._cookie(request, self.refresh_cookie, None)]

    # ---------------------------------------------------------------- tokens

    def token(self, request: Request) -> str | None:
        """The access token sent: the header counts, and only without one the cookie."""
        header = request.headers.get("Authorization")
        if header is not None:
            kind, _, token = header.partition(" ")
            return token.strip() if kind.lower() == "bearer" else ""
        return request.cookies.get(self.access_cookie)

    def plain_token(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> str | None:
        """The access token of a command that its sender has certainly meant to give: in the header, or in the cookie of a browser that
        shows its CSRF token and comes from our own pages. None where it takes a closer look, which may still find it good."""
        header = headers.get("Authorization")
        if header is not None:
            kind, _, token = header.partition(" ")
            return token.strip() if kind.lower() == "bearer" else None
        csrf = cookies.get(self.csrf_cookie, "")
        shown = hmac.compare_digest(csrf.encode(), headers.get("X-CSRF-Token", "").encode())
        return cookies.get(self.access_cookie) if csrf and shown and from_own_page(headers) else None

    def _identify(self, request: Request) -> Identity | None:
        token = self.token(request)
        if token is None and not request.cookies.get(self.refresh_cookie):
            return None
        if "Authorization" not in request.headers:
            token = self._renewed_token(request, token)
        try:
            actor = sessions.authenticate(request.unit, token or "")
        except Refused:
            if "Authorization" in request.headers and request.path_info.startswith("/api/"):  # not served as nobody
                raise Refused(Problem("request.unauthenticated")) from None
            return None
        request.environ["gongxin.signed_in"] = True
        known = organisations.find_organisation(request.unit, actor.organisation)
        return Identity(actor, known.name if known else "")

    def _renewed_token(self, request: Request, token: str | None) -> str | None:
        """For pages: the next pair of tokens when the access token is about to end."""
        claims, now = claims_of(request, token), request.platform.clock.now()
        if claims is not None and claims.expires - now > RENEW_BEFORE:
            return token
        refresh = request.cookies.get(self.refresh_cookie)
        if not refresh or request.path_info.startswith("/api/"):
            return token
        try:
            tokens = sessions.refresh(request.platform, refresh)  # several requests of one browser at once get the same next pair
        except Refused:
            return token
        request.add_response_callback(lambda _, response: _set_headers(response, self.remember(request, tokens)))
        return tokens.access

    def _cookie(self, request: Request, name: str, value: str | None) -> tuple[str, str]:
        response = request.response.__class__()
        if value is None:
            response.set_cookie(name, "", max_age=0, path="/", secure=self._secure, httponly=True, samesite="Lax")
        else:
            response.set_cookie(name, value, path="/", secure=self._secure, httponly=True, samesite="Lax")
        return "Set-Cookie", response.headers["Set-Cookie"]


def _set_headers(response: Response, headers: list[tuple[str, str]]) -> None:
    if not any(n == "Set-Cookie" and v.partition("=")[0] == headers[0][1].partition("=")[0] for n, v in response.headerlist):
        response.headerlist.extend(headers)  # signing out in the same breath stands


def claims_of(request: Request, token: str | None) -> Claims | None:
    """What a token says if its signature and time are right, without asking the database."""
    try:
        return read_token(request.platform.keys.token, token, request.platform.clock.now()) if token else None
    except Refused:
        return None


def token_claims(request: Request) -> Claims | None:
    policy: TokenPolicy = request.registry.token_policy
    return claims_of(request, policy.token(request))


def needs_csrf(request: Request) -> bool:
    """Whether this request must show a CSRF token: whatever a browser could be made to send with its cookies."""
    if "Authorization" in request.headers:
        return False
    policy: TokenPolicy = request.registry.token_policy
    return not request.path_info.startswith("/api/") or any(c in request.cookies for c in (policy.access_cookie, policy.refresh_cookie))


def same_site(request: Request) -> bool:
    """Browsers say where a request comes from; one that changes something comes from our own pages."""
    return from_own_page(request.headers)


def from_own_page(headers: Mapping[str, str]) -> bool:
    return headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def require_signed_in(request: Request) -> Actor:
    """The actor of the request. Raises `Refused` (401) when nobody is signed in."""
    if request.identity is None:
        raise Refused(Problem("request.unauthenticated"))
    return request.identity.actor  # type: ignore[no-any-return]


def includeme(config: Configurator) -> None:
    platform = config.registry.platform
    secure = platform.settings.base_url.startswith("https:")
    policy = TokenPolicy(secure)
    config.registry.token_policy = policy
    config.set_security_policy(policy)
    csrf = CookieCSRFStoragePolicy(policy.csrf_cookie, secure=secure, httponly=True, samesite="Lax")
    csrf._token_factory = lambda: platform.entropy.token_bytes(16).hex()
    config.set_csrf_storage_policy(csrf)
    # no origin check by referrer: the site sends none. `same_site` looks at what browsers say instead.
    config.set_default_csrf_options(require_csrf=True, check_origin=False, callback=needs_csrf)
    config.add_request_method(token_claims, reify=True)
