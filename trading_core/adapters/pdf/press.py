"""The press: data of a declared kind in, PDF out. Same data, same bytes [12 §12.7]."""
from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from xhtml2pdf import context, pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from ...domain.errors import Problem, refuse_if
from ...domain.events import Json
from ...domain.fields import Field
from ...domain.money import daxie, yuan_text
from ...messages import LANGUAGES, Catalogue, Language
from . import linebreak, typesetting
from .finish import finish
from .fonts import Fonts, lacking
from .kinds import DocumentKind
from .source import checked, source

SHORT = 16  # hex digits of the digest that are printed
TEMPLATES = Path(__file__).parent / "templates"
linebreak.install()
context._file_digest = cache(context._file_digest)  # else both fonts are read and hashed for every paper; they do not change under us


class PressError(Exception):
    """The renderer did not do as told. What it made is handed to nobody."""


class PdfPress:
    """Prints documents with one set of fonts and one catalogue. Safe to share between threads; the renderer works one at a time."""

    def __init__(self, fonts: Fonts, catalogue: Catalogue, base_url: str) -> None:
        """base_url: address of this site as printed on paper, in the QR code and at the foot."""
        self._fonts, self._catalogue, self._base_url = fonts, catalogue, base_url.rstrip("/")
        self._policy = ResourceAccessPolicy.server(fonts.folder, allow_remote=False, extra_roots=(fonts.bold.parent,))
        self._environments: dict[Language, Environment] = {language: self._environment(language) for language in LANGUAGES}

    def render(self, kind: str, data: Json, language: Language = "zh") -> bytes:
        """The document as unsigned PDF, its data attached as ``data.json``.

        Raises `Refused` with every problem of the data at once: unknown, missing or mistyped fields (``field.…``, with their
        paths), `document.unknown_kind`, `document.missing_character`.
        """
        declared, clean = checked(kind, data)
        refuse_if(_unprintable(self._fonts, clean))
        attached = source(declared, clean)
        short = hashlib.sha256(attached).hexdigest()[:SHORT]
        title = self._title(declared, clean, language)
        template = self._environments[language].get_template(f"{kind}.html.jinja2")
        html = template.render(
            d=_filled(declared.all_fields, clean), title=title, wide=declared.wide, fonts=self._fonts, short=short,
            site=self._base_url, qr=_qr(self._url(clean, short)),
        )  # fmt: skip
        output = io.BytesIO()
        result = pisa.CreatePDF(html, dest=output, encoding="utf-8", resource_policy=self._policy)
        if result.err or result.warn:
            raise PressError(f"{kind}: {result.log}")
        return finish(output.getvalue(), title, clean, attached)

    def _url(self, clean: Json, short: str) -> str:
        """The address in the QR code: the document's number and the first 16 hex digits of its digest."""
        return f"{self._base_url}/verify?{urlencode({'document': str(clean['number']), 'digest': short})}"

    def _title(self, declared: DocumentKind, clean: Json, language: Language) -> str:
        if "title" in clean:
            return str(clean["title"])
        key = f"document.title.{declared.name}"
        return self._catalogue.say(f"{key}.{clean['form']}" if "form" in clean else key, language)

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=typesetting.printed,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip

        def say(key: str, **params: object) -> str:
            return self._catalogue.say(f"document.{key}", language, **params)

        environment.globals |= {"t": say, "language": language, "indent": Markup('<span class="indent"></span>')}
        environment.filters |= {
            "money": typesetting.money, "yuan": yuan_text, "daxie": daxie, "exact": typesetting.exact, "size": typesetting.size,
            "day": lambda text: typesetting.day(text, language),
            "minute": lambda text: typesetting.minute(text, language), "until": lambda text: typesetting.until(text, language),
        }  # fmt: skip
        return environment


def _unprintable(fonts: Fonts, value: object, path: str = "") -> Iterator[Problem]:
    if isinstance(value, str):
        missing = fonts.missing_characters(value)
        if missing:
            yield lacking(missing, path)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _unprintable(fonts, inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, Sequence):
        for i, inner in enumerate(value):
            yield from _unprintable(fonts, inner, f"{path}.{i}")


def _filled(fields: Sequence[Field], data: Json) -> dict[str, object]:
    """All declared names: what was left out is None, a list left out is empty, so that templates need not ask twice."""
    filled: dict[str, object] = {}
    for f in fields:
        value = data.get(f.name)
        if f.kind == "list":
            items = cast("Sequence[object]", value or [])
            filled[f.name] = [_filled(f.fields, cast("Json", i)) for i in items] if f.fields else items
        elif f.kind == "object" and value is not None:
            filled[f.name] = _filled(f.fields, cast("Json", value))
        else:
            filled[f.name] = value
    return filled


def _qr(url: str) -> Markup:
    """A PNG data URI. Level M: the code may lose 15 % to a seal or a fold and still be read."""
    return Markup(segno.make(url, error="m", micro=False).png_data_uri(scale=4, border=4))
