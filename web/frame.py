"""What every page has: the site's frame, the reader's display mode, and the words and figures of the templates."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup
from pyramid.csrf import get_csrf_token
from pyramid.events import BeforeRender
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.static import static_view

from trading_core.domain.workcalendar import CST

from . import formats
from .forms import anchor
from .i18n import ENGLISH, HTML_LANG
from .permissions import Permission

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry
    from pyramid.request import Request
    from pyramid.response import Response

STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600
MODES = frozenset({"elder", "contrast"})
MODE_COOKIE = "mode"
NAVIGATION = (
    ("home", ("home",)),
    ("trades", ("trades", "column", "lot")),
    ("disclosure", ("disclosure", "statistics", "open_data")),
    ("guide", ("guide", "rule", "errors", "status")),
    ("credit", ("credit",)),
    ("supervision", ("supervision",)),
    ("verify", ("verify", "log_entry", "checkpoint")),
)
TONES = {
    "SUSPENDED": "tag-bad", "FAILED": "tag-bad", "TERMINATED": "tag-bad", "INVALIDATED": "tag-bad", "PUBLICITY": "tag-ok",
    "AWARDED": "tag-ok", "NOTIFIED": "tag-ok", "CONTRACTED": "tag-ok", "OPENING": "tag-warn", "CLOSED": "tag-warn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the main navigation. here: ``page`` on the page itself, ``true`` below it, empty elsewhere."""

    title: str
    url: str
    here: str


@cache
def asset(name: str) -> str:
    """The address of a file of ours, with a mark of its content so that it may be kept for a year."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={mark}"


def mode_tween(handler: Callable[[Request], Response], registry: Registry) -> Callable[[Request], Response]:
    """``?mode=`` on any page chooses the display and leads back to the page: no script, no account."""
    secure = registry.platform.settings.base_url.startswith("https:")

    def tween(request: Request) -> Response:
        asked = request.GET.get("mode")
        if asked is None or request.method != "GET" or request.path_info.startswith("/api/"):
            return handler(request)
        query = urlencode([(k, v) for k, v in request.GET.items() if k != "mode"])
        # the path without host: a slash too many at its beginning would name another site
        path = "/" + (request.script_name + request.path_info).lstrip("/\\")
        response = HTTPSeeOther(path + (f"?{query}" if query else ""))
        value = asked if asked in MODES else None
        response.set_cookie(MODE_COOKIE, value, max_age=YEAR if value else 0, path="/", secure=secure, httponly=True, samesite="Lax")
        return response

    return tween


def clock_error(request: Request) -> str:
    """How far the server's clock may be off, in words [T-11]."""
    error = request.platform.clock.error()
    if error is None:
        return str(request.words("frame.clock_unknown"))
    return str(request.words("frame.clock_error", seconds=f"{error.total_seconds():.2f}"))


def furnish(event: BeforeRender) -> None:
    """The names every template may use."""
    request = event.get("request")
    if request is None:
        return
    words, now = request.words, request.platform.clock.now()
    day, clock = now.astimezone(CST).strftime("%Y-%m-%d %H:%M:%S").split(" ")
    mode = request.cookies.get(MODE_COOKIE)
    event.update({
        "_": words, "words": words, "lang": words.language, "html_lang": HTML_LANG[words.language],
        "zh": Markup(' lang="zh-CN"') if words.language == "en" else "",
        "now": now, "now_day": day, "now_clock": clock, "clock_error": clock_error(request),
        "mode": mode if mode in MODES else None, "mode_url": lambda m: query_url(request, mode=m),
        "sample": request.platform.settings.sample, "region": request.platform.settings.region,
        "identity": None if getattr(request, "exception", None) is not None else request.identity,
        "url": lambda name, **parts: route(request, name, parts), "asset": asset, "navigation": navigation(request),
        "csrf": lambda: Markup('<input type="hidden" name="csrf_token" value="{}">').format(get_csrf_token(request)),
        "say": lambda key, figures: words(key, **figures), "name": words.name, "has": words.catalogue.has,
        "problem": lambda p: words.problem(p.code, p.params), "field_title": lambda path: field_title(words, path), "anchor": anchor,
        "choice": lambda field, value: choice(words, field, value), "tone": lambda status: TONES.get(status, ""),
        "when": words.when, "short": words.short, "day": words.day, "money": words.money, "iso": formats.iso,
        "left": lambda until: words.left(until - now), "size": formats.size_text, "fingerprint": formats.hash_text,
    })  # fmt: skip
    other = "zh" if words.language == "en" else "en"
    event["other_lang"], event["other_url"] = HTML_LANG[other], other_url(request)
    event["other_name"] = words.catalogue.say("site.language", other)


def route(request: Request, name: str, parts: Mapping[str, Any]) -> str:
    """The path of a page in the reader's language. ``_query`` and ``_anchor`` as in Pyramid."""
    return str(request.route_path(name, **parts))


def query_url(request: Request, **changes: str | None) -> str:
    """This page with other query values; None drops one."""
    kept = [(k, v) for k, v in request.GET.items() if k not in changes]
    query = urlencode(kept + [(k, v) for k, v in changes.items() if v is not None])
    return request.path + (f"?{query}" if query else "")


def other_url(request: Request) -> str:
    """The same page in the other language."""
    path = request.path_info if request.language == "en" else ENGLISH + request.path_info
    return path + (f"?{request.query_string}" if request.query_string else "")


def navigation(request: Request) -> list[Entry]:
    matched = request.matched_route.name if request.matched_route else ""
    found = []
    for name, below in NAVIGATION:
        inside = any(matched == b or matched.startswith(b + "_") for b in below)
        here = ("page" if matched == name else "true") if inside else ""
        found.append(Entry(request.words(f"nav.{name}"), route(request, name, {}), here))
    return found


def field_title(words: Any, path: str) -> str:
    """A field's title from its path: rows by number, objects by name."""
    return " ".join(str(int(part) + 1) if part.isdigit() else words.name("field", part) for part in path.split("."))


def choice(words: Any, field: str, value: str) -> str:
    """The title of a choice: ``choice.<field>.<value>``, else ``choice.<value>``, else that of the act it names, else itself."""
    known = (key for key in (f"choice.{field}.{value}", f"choice.{value}") if words.catalogue.has(key))
    return words(key) if (key := next(known, None)) else words.name("act", value)


_files = static_view("web:static", cache_max_age=None, use_subpath=True)


def own_file(context: object, request: Request) -> Response:
    """A file of ours. Asked for with the mark of its content it may be kept for a year, otherwise it is asked for again."""
    response = _files(context, request)
    marked = "v" in request.GET and asset("/".join(request.subpath)) == request.path_info + "?" + request.query_string
    response.cache_control = f"public, max-age={YEAR}, immutable" if marked else "no-cache"
    return response


def includeme(config: Configurator) -> None:
    config.add_subscriber(furnish, BeforeRender)
    config.add_route("static", "/static/*subpath")
    config.add_view(own_file, route_name="static", permission=Permission.PUBLIC, request_method="GET")
