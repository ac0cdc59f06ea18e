"""The data of a document: checked against its kind, written in one spelling, attached to the paper and named by its digest."""
from __future__ import annotations

import hashlib

from ...domain.errors import Problem, Refused
from ...domain.events import Json
from ...domain.fields import check
from ...domain.leaves import canonical
from .kinds import EDITION, KINDS, DocumentKind

FORMAT = "gongxin-document-v1"


def digest(kind: str, data: Json) -> str:
    """SHA-256 (64 hex digits) of a document's data as attached to it; the same in every language. Raises `Refused` as `checked`."""
    return hashlib.sha256(source(*checked(kind, data))).hexdigest()


def checked(kind: str, data: Json) -> tuple[DocumentKind, Json]:
    """The declared kind and the cleaned data. Raises `Refused`: `document.unknown_kind`, or every problem of the data at once."""
    declared = KINDS.get(kind)
    if declared is None:
        raise Refused(Problem("document.unknown_kind", "kind", {"kind": kind, "known": ", ".join(sorted(KINDS))}))
    return declared, check(declared.all_fields, data)


def source(declared: DocumentKind, data: Json) -> bytes:
    """The bytes of ``data.json``."""
    return canonical({"format": FORMAT, "edition": EDITION, "kind": declared.name, "data": data}).encode()
