"""The last touch on a rendered document: it says when it was made, what it was made from, and nothing of the machine that made it."""
from __future__ import annotations

import hashlib
import io
import re
from typing import cast

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, ByteStringObject, ContentStream, DecodedStreamObject, DictionaryObject, NameObject, PdfObject

from ...domain.events import Json, instant_from
from ...domain.workcalendar import CST

DATA = "data.json"
PRODUCER = "Gongxin"


class FontNotEmbedded(Exception):
    """A font that the reader's machine would have to supply [12 §12.7]."""


def finish(pdf: bytes, title: str, data: Json, source: bytes) -> bytes:
    """The PDF with metadata that come from its data alone, the data (`source`) attached, an identity that follows from its content.

    Raises `FontNotEmbedded`.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    _only_embedded(writer)
    made = instant_from(str(data["issued_at"])).astimezone(CST).strftime("D:%Y%m%d%H%M%S+08'00'")
    writer.metadata = {
        "/Title": f"{title} {data['number']}", "/Author": str(data["issuer"]), "/Subject": f"{data['project_name']} {data['lot_name']}",
        "/Producer": PRODUCER, "/CreationDate": made, "/ModDate": made, "/DataSHA256": hashlib.sha256(source).hexdigest(),
    }  # fmt: skip
    attached = writer.add_attachment(DATA, source)
    attached.subtype = NameObject("/application/json")
    attached.associated_file_relationship = NameObject("/Source")
    identity = ByteStringObject(hashlib.sha256(title.encode() + source).digest()[:16])
    writer._ID = ArrayObject([identity, identity])  # the writer's own way draws lots
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _only_embedded(writer: PdfWriter) -> None:
    """The renderer names Helvetica, which it never embeds, where it sets no text at all. Such names go; a font that is missing in
    earnest stops the press."""
    for page in writer.pages:
        absent = {name.encode(): font for name, font in _fonts(page).items() if not _embedded(font)}
        content = cast(ContentStream, page.get_contents()).get_data()
        for name in absent.keys() & _drawn_with(content):
            raise FontNotEmbedded(str(cast(DictionaryObject, absent[name].get_object()).get("/BaseFont")))
        for name in absent:
            content = re.sub(rb"BT %s [0-9.]+ Tf [0-9.]+ TL ET\n?" % re.escape(name), b"", content)
        stream = DecodedStreamObject()
        stream.set_data(content)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    for page in writer.pages:  # only now: pages share their resources
        fonts = _fonts(page)
        for name in [n for n, font in fonts.items() if not _embedded(font)]:
            del fonts[name]


def _fonts(page: PageObject) -> DictionaryObject:
    return cast(DictionaryObject, cast(DictionaryObject, page["/Resources"])["/Font"])


# What matters in a page's content: strings, the choice of a font, the keeping and restoring of the state, the showing of a string.
_TOKENS = re.compile(rb"\(((?:\\.|[^\\)])*)\)|(/\S+) [0-9.]+ Tf|(?<![^\s\])])(q|Q|Tj|TJ|'|\")(?!\S)", re.S)


def _drawn_with(content: bytes) -> set[bytes]:
    """Names of the fonts in which a page shows text."""
    font, kept, shown, used = b"", [b""], b"", set[bytes]()
    for string, chosen, operator in (found.groups() for found in _TOKENS.finditer(content)):
        if string is not None:
            shown += string
        elif chosen is not None:
            font = chosen
        elif operator == b"q":
            kept.append(font)
        elif operator == b"Q":
            font = kept.pop()
        else:
            used |= {font} if shown else set()
            shown = b""
    return used


def _embedded(font: PdfObject) -> bool:
    descriptor = cast(DictionaryObject, font.get_object()).get("/FontDescriptor")
    return descriptor is not None and "/FontFile2" in cast(DictionaryObject, descriptor.get_object())
