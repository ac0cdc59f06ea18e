"""Two languages: ``/en/…`` is the same tree in English. Every text a page shows comes from a catalogue through `Words`."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from pyramid.httpexceptions import HTTPBadRequest
from webob.acceptparse import create_accept_language_header

from trading_core.domain.periods import Period
from trading_core.messages import Catalogue, Language, read

from . import formats
from .errors import answer, told
from .models import PeriodLine

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry
    from pyramid.request import Request
    from pyramid.response import Response

MESSAGES = Path(__file__).parent / "messages"
ENGLISH = "/en"
HTML_LANG = {"zh": "zh-CN", "en": "en"}
NAMED = {"role": "role", "state": "state", "act": "act", "event": "event"}  # params that are names with a title of their own
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)\Z")


def joined(core: Catalogue) -> Catalogue:
    """The core's catalogue with the pages' texts; where both name a key, the core's text stands."""
    return Catalogue({**read([MESSAGES]).texts, **core.texts})


class Words:
    """What one reader reads: texts and figures in one language."""

    def __init__(self, catalogue: Catalogue, language: Language) -> None:
        self.catalogue, self.language = catalogue, language

    def __call__(self, key: str, **params: object) -> str:
        return self.catalogue.say(key, self.language, **params)

    def name(self, kind: str, value: str) -> str:
        """The title of something declared elsewhere (``state``, ``act``, ``field`` …); the bare name when nobody titled it."""
        key = f"{kind}.{value}"
        return self(key) if self.catalogue.has(key) else value.replace("_", " ")

    def problem(self, code: str, params: Mapping[str, object]) -> str:
        """The text of a problem: what is wrong, why, what next. An untitled code is shown as itself rather than hidden."""
        key = f"problem.{code}"
        return self(key, **{k: self._figure(k, v) for k, v in params.items()}) if self.catalogue.has(key) else code

    def _figure(self, name: str, value: object) -> object:
        if value is None:
            return "—"
        if isinstance(value, list | tuple):
            return ", ".join(str(self._figure(name, v)) for v in value)
        if name.endswith("_fen") and isinstance(value, int):
            return self.money(value)
        if name in NAMED and isinstance(value, str):
            return self.name(NAMED[name], value)
        return formats.exact_text(value, self.language) if isinstance(value, str) and INSTANT.match(value) else value

    def when(self, moment: datetime, closes: bool = False) -> str:
        return formats.moment_text(moment, self.language, closes)

    def short(self, moment: datetime, closes: bool = False) -> str:
        return formats.short_text(moment, self.language, closes)

    def day(self, moment: datetime) -> str:
        return formats.short_day(moment, self.language)

    def money(self, fen: int) -> str:
        return formats.money(fen, self.language)

    def left(self, span: timedelta) -> str:
        key, figures = formats.duration(span)
        return self(key, **figures)

    def clock(self, span: timedelta) -> str:
        """``00:17:52``: what a running countdown shows."""
        seconds = max(0, ceil(span.total_seconds()))
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def date(self, day: date) -> str:
        return formats.day_text(day, self.language)

    def about(self, fen: int) -> tuple[str, str]:
        """Figure and unit of an amount in statistics."""
        return formats.money_about(fen, self.language)

    def period(self, p: Period | PeriodLine) -> str:
        """What a statutory period asks, in one line."""
        rule = p.id if isinstance(p, Period) else p.rule
        if self.catalogue.has(f"period.{rule}"):
            return self(f"period.{rule}")
        way = f"period.way.{p.bound}{'_before' if p.backward else ''}"
        return self(way, start=self.name("point", p.start), end=self.name("point", p.end), count=self(f"unit.{p.unit}", count=p.count))

    def length(self, p: PeriodLine) -> str:
        return self(f"unit.{p.unit}", count=p.actual) if p.actual is not None else ""

    def value(self, name: str, value: object) -> str:
        """A fact of a rule: yes, no, or the title of a choice."""
        if isinstance(value, bool):
            return self("form.yes" if value else "form.no")
        key = f"choice.{name}.{value}"
        return self(key) if self.catalogue.has(key) else str(value)

    def subset(self, prefix: str) -> dict[str, str]:
        """All texts below a key, for the few scripts that speak."""
        return {k.removeprefix(prefix + "."): v[self.language] for k, v in self.catalogue.texts.items() if k.startswith(prefix + ".")}


def language_tween(handler: Callable[[Request], Response], registry: Registry) -> Callable[[Request], Response]:
    """Take ``/en`` off the path: routes know one tree, and every address made for this request carries the prefix again."""

    def tween(request: Request) -> Response:
        environ, path = request.environ, request.environ.get("PATH_INFO", "")
        request.language = "zh"
        if not readable(path.encode("latin-1")) or not readable(unquote_to_bytes(environ.get("QUERY_STRING", ""))):
            environ["PATH_INFO"], environ["QUERY_STRING"] = "/api/" if path.startswith("/api/") else "/", ""
            return answer(told(HTTPBadRequest()), request)
        if path == ENGLISH or path.startswith(ENGLISH + "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + ENGLISH
            environ["PATH_INFO"] = path[len(ENGLISH) :] or "/"
            request.language = "en"
        elif path.startswith("/api/"):
            request.language = asked_language(request)
        return handler(request)

    return tween


def readable(text: bytes) -> bool:
    """Whether an address can be read at all: it is UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def asked_language(request: Request) -> Language:
    """For the API: ``?lang=`` first, then Accept-Language; Chinese when neither says English."""
    asked = request.params.get("lang") if request.method == "GET" else request.GET.get("lang")
    return language_of(asked, request.headers.get("Accept-Language"))


def language_of(asked: str | None, accepted: str | None) -> Language:
    """The language of an answer, by the parameter and by the header that came with the question."""
    if asked in ("zh", "en"):
        return "zh" if asked == "zh" else "en"
    return "en" if create_accept_language_header(accepted).lookup(["zh", "en"], default="zh") == "en" else "zh"


def words(request: Request) -> Words:
    """What this reader reads. On the pages of a lot it is told in the terms of its trade."""
    trade = getattr(getattr(request, "context", None), "trade", None)
    return Words(request.registry.catalogue.of(trade.vocabulary if trade else ()), getattr(request, "language", "zh"))


def includeme(config: Configurator) -> None:
    config.registry.catalogue = joined(config.registry.platform.catalogue)
    config.add_request_method(words, reify=True)
