"""Security headers on every answer. Nothing comes from elsewhere, nothing runs inline, nothing is framed."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry
    from pyramid.request import Request
    from pyramid.response import Response

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "font-src 'self'",
    "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "worker-src 'self'", "manifest-src 'self'",
))  # fmt: skip
FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def fixed(secure: bool) -> dict[str, str]:
    """The headers that every answer carries, also those of the live streams."""
    return FIXED | (HSTS if secure else {})


def headers_tween(handler: Callable[[Request], Response], registry: Registry) -> Callable[[Request], Response]:
    always = fixed(registry.platform.settings.base_url.startswith("https:"))

    def tween(request: Request) -> Response:
        response = handler(request)
        for name, value in always.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("X-Request-Id", request.id)
        if "Cache-Control" not in response.headers:
            # a page depends on who reads it; only what says so may be kept
            response.headers["Cache-Control"] = "no-store" if request.environ.get("gongxin.signed_in") else "no-cache"
        return response

    return tween


def request_id(request: Request) -> str:
    """Names the request in answers and in our own log. Says nothing about who asked."""
    return request.registry.platform.entropy.token_bytes(8).hex()


def includeme(config: Configurator) -> None:
    config.add_request_method(request_id, "id", reify=True)
