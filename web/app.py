"""The WSGI application: one include per concern, addresses in `routes`, views found by scanning."""
from __future__ import annotations

from pyramid.config import Configurator
from pyramid.renderers import JSON
from pyramid.request import Request
from pyramid.router import Router
from pyramid.tweens import EXCVIEW, INGRESS

from trading_core.platform import Platform, Unit

from .contexts import Site
from .permissions import NOBODY

INCLUDED = ("pyramid_jinja2", "web.i18n", "web.headers", "web.security", "web.errors", "web.limits", "web.frame", "web.routes",
            "web.api.office")  # fmt: skip
SETTINGS = {
    "jinja2.undefined": "strict",
    "jinja2.trim_blocks": "true",
    "jinja2.lstrip_blocks": "true",
    "jinja2.directories": "web:templates",
    "jinja2.bytecode_caching": "true",  # compiled templates outlive the process in a folder of its user: the next one starts faster
}
TWEENS = ("web.headers.headers_tween", "web.i18n.language_tween", "web.limits.limits_tween", "web.frame.mode_tween")


def make_app(platform: Platform) -> Router:
    """The site of a platform as a WSGI application. Immutable; safe on many threads."""
    return configure(platform).make_wsgi_app()


def configure(platform: Platform) -> Configurator:
    """The configuration of `make_app`, for tests that look at it."""
    config = Configurator(settings=SETTINGS, root_factory=Site)
    config.registry.platform = platform
    config.set_default_permission(NOBODY)
    config.add_request_method(lambda request: request.registry.platform, "platform", reify=True)
    config.add_request_method(unit, reify=True)
    config.add_renderer("json", JSON(ensure_ascii=False, separators=(",", ":")))
    for module in INCLUDED:
        config.include(module)
    above = INGRESS
    for tween in TWEENS:
        config.add_tween(tween, under=above, over=EXCVIEW)
        above = tween
    config.scan("web.views")
    config.scan("web.api")
    return config


def unit(request: Request) -> Unit:
    """One look at the data for the whole request: everything a page shows belongs together. Closed when the answer is made."""
    look = request.platform.look()
    opened = look.__enter__()
    request.add_finished_callback(lambda _: look.__exit__(None, None, None))
    return opened
