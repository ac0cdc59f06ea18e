"""What a bundle says of itself: its files, whose it is, and the figures of the bid form."""
from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from trading_core.adapters.crypto.canonical import NUMBER_MAX, canonical, parse
from trading_core.domain.errors import Problem, Refused, refuse_if

MANIFEST_MAX = 1 << 20
FILES_MAX = 200
FILE_NAME_MAX = 240  # bytes of UTF-8: file systems take 255
ORGANISATION_NAME_MAX = 200
FORM_MAX = 10_000  # values
FORM_DEPTH = 8
FORM_NAME_MAX = 100
FORM_TEXT_MAX = 4_000
FORM_LIMITS = {"values": FORM_MAX, "depth": FORM_DEPTH, "name": FORM_NAME_MAX, "text": FORM_TEXT_MAX}
USCC = re.compile(r"[0-9A-Z]{18}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # all but tab and line feed
# Path separators, what Windows forbids, controls, invisible and direction-changing characters; a dot in front, a dot or space behind.
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\<>:"|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]|^[. ]|[. ]$')


@dataclass(frozen=True, slots=True)
class BundleFile:
    """name: plain file name, safe on every system. size: bytes. sha256: hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose bid it is. uscc: unified social credit code (or identity number), 18 characters. salt: 32 bytes, chosen by the bidder."""

    uscc: str
    name: str
    salt: bytes = field(repr=False)

    def commitment(self) -> str:
        """SHA-256(salt ‖ uscc ‖ name) as hex: all that is kept of the bidder before the opening."""
        return hashlib.sha256(self.salt + self.uscc.encode() + self.name.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """identity: in the first envelope of a bid only. form: the fields of the bid form, JSON without floats (money in fen)."""

    files: tuple[BundleFile, ...] = ()
    identity: Identity | None = None
    form: Mapping[str, object] | None = None

    def encode(self) -> bytes:
        data: dict[str, object] = {"files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in self.files]}
        if self.identity:
            data["identity"] = {"uscc": self.identity.uscc, "name": self.identity.name, "salt": self.identity.salt.hex()}
        if self.form is not None:
            data["form"] = self.form
        return canonical(data)


def decode_manifest(raw: bytes) -> Manifest:
    """Refused with everything that is wrong with it."""
    try:
        data = parse(raw)
    except ValueError:
        data = None
    if not isinstance(data, dict) or not set(data) <= {"files", "identity", "form"} or not isinstance(data.get("files"), list):
        raise Refused(Problem("bundle.manifest_malformed"))
    problems = [Problem("bundle.manifest_malformed", f"files.{i}") for i, f in enumerate(data["files"]) if not _is_file(f)]
    if "identity" in data and not _is_identity(data["identity"]):
        problems.append(Problem("bundle.identity_malformed", "identity"))
    if "form" in data and data["form"] is None:
        problems.append(Problem("bundle.form_malformed", "form", FORM_LIMITS))
    refuse_if(problems)
    identity = data.get("identity")
    manifest = Manifest(
        tuple(BundleFile(**f) for f in data["files"]),
        Identity(identity["uscc"], identity["name"], bytes.fromhex(identity["salt"])) if identity else None,
        data.get("form"),
    )
    refuse_if(manifest_problems(manifest))
    return manifest


def manifest_problems(manifest: Manifest) -> Iterator[Problem]:
    """What no bundle may have. Names the place of a file, never its name: content of bids does not belong into messages."""
    if len(manifest.files) > FILES_MAX:
        yield Problem("bundle.too_many_files", "files", {"maximum": FILES_MAX, "count": len(manifest.files)})
    seen: set[str] = set()
    for i, file in enumerate(manifest.files):
        if UNSAFE.search(file.name) or not 0 < len(file.name.encode()) <= FILE_NAME_MAX:
            yield Problem("bundle.name_unsafe", f"files.{i}.name", {"maximum": FILE_NAME_MAX})
        plain = unicodedata.normalize("NFC", file.name).lower()
        if plain in seen:
            yield Problem("bundle.name_twice", f"files.{i}.name")
        seen.add(plain)
    if (identity := manifest.identity) and not _is_identity(
        {"uscc": identity.uscc, "name": identity.name, "salt": identity.salt.hex()}
    ):
        yield Problem("bundle.identity_malformed", "identity")
    if manifest.form is not None and not _is_form(manifest.form):
        yield Problem("bundle.form_malformed", "form", FORM_LIMITS)


def _is_file(data: Any) -> bool:
    if not isinstance(data, dict) or set(data) != {"name", "size", "sha256"} or not isinstance(data["name"], str):
        return False
    return type(data["size"]) is int and data["size"] >= 0 and _is_hash(data["sha256"])


def _is_identity(data: Any) -> bool:
    if not isinstance(data, dict) or set(data) != {"uscc", "name", "salt"} or not all(isinstance(v, str) for v in data.values()):
        return False
    named = 0 < len(data["name"]) <= ORGANISATION_NAME_MAX and not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", data["name"])
    return bool(USCC.fullmatch(data["uscc"])) and named and _is_hash(data["salt"])


def _is_form(form: object) -> bool:
    """What can be opened and recorded: a bid must never be stopped at the opening by what it was allowed to say when it was sealed."""
    if not isinstance(form, Mapping):
        return False
    level, values = [cast("object", form)], 0
    for _ in range(FORM_DEPTH):
        names = [name for v in level if isinstance(v, Mapping) for name in v]
        inner = [one for v in level for one in _within(v)]
        values += len(inner)
        if values > FORM_MAX or not all(_is_text(n, FORM_NAME_MAX) and n for n in names) or not all(map(_is_value, inner)):
            return False
        level = [v for v in inner if isinstance(v, Mapping | list | tuple)]
    return not level


def _within(value: Any) -> Iterable[object]:
    return value.values() if isinstance(value, Mapping) else value


def _is_value(value: object) -> bool:
    match value:
        case str():
            return _is_text(value, FORM_TEXT_MAX)
        case int():
            return abs(value) <= NUMBER_MAX
    return value is None or isinstance(value, Mapping | list | tuple)


def _is_text(value: object, maximum: int) -> bool:
    return isinstance(value, str) and len(value) <= maximum and not CONTROL.search(value)


def _is_hash(value: object) -> bool:
    """32 bytes as 64 hex digits: hashes and salts alike."""
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None
