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
        for name, font in _fonts(page).items():
            if not _embedded(font):
                _unname(writer, page, name, font)
    for page in writer.pages:  # only now: pages share their resources
        fonts = _fonts(page)
        for name in [n for n, font in fonts.items() if not _embedded(font)]:
            del fonts[name]


def _fonts(page: PageObject) -> DictionaryObject:
    return cast(DictionaryObject, cast(DictionaryObject, page["/Resources"])["/Font"])


def _unname(writer: PdfWriter, page: PageObject, name: str, font: PdfObject) -> None:
    tag = re.escape(name.encode())
    content = re.sub(rb"BT %s [0-9.]+ Tf [0-9.]+ TL ET\n?" % tag, b"", cast(ContentStream, page.get_contents()).get_data())
    if re.search(rb"%s [0-9.]+ Tf" % tag, content):
        raise FontNotEmbedded(f"{name} {cast(DictionaryObject, font.get_object()).get('/BaseFont')}")
    stream = DecodedStreamObject()
    stream.set_data(content)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def _embedded(font: PdfObject) -> bool:
    descriptor = cast(DictionaryObject, font.get_object()).get("/FontDescriptor")
    return descriptor is not None and "/FontFile2" in cast(DictionaryObject, descriptor.get_object())
