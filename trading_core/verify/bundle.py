"""Reading what lies in an opened envelope: its manifest, and every file against its hash (docs/formats-sealed.md §4)."""
from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn

MAGIC, MANIFEST_MAX, NUMBER_MAX = b"GXB1", 1 << 20, 2**53 - 1
FILES_MAX, NAME_MAX, FORM_MAX, FORM_LEVELS = 200, 240, 10_000, 8
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\<>:"|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]|^[. ]|[. ]$')
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Content:
    """What an envelope says. files: name, sha256 and size of each. identity: uscc, name and salt, in the first envelope only."""

    files: list[dict[str, Any]]
    identity: dict[str, str] | None
    form: dict[str, Any]

    @property
    def commitment(self) -> str:
        """What the receipt of the bid committed to."""
        who = self.identity or {"salt": "", "uscc": "", "name": ""}
        return sha256(bytes.fromhex(who["salt"]) + who["uscc"].encode() + who["name"].encode()).hexdigest()


def read_bundle(pieces: Iterable[bytes]) -> Content:
    """Read a bundle to its end in constant memory. ValueError when anything in it is not as it must be."""
    stream = _Stream(pieces)
    head = b"".join(stream.take(8))
    size = int.from_bytes(head[4:], "big")
    if head[:4] != MAGIC or size > MANIFEST_MAX:
        raise ValueError("no bundle of files")
    content = _manifest(b"".join(stream.take(size)))
    for entry in content.files:
        digest = sha256()
        for piece in stream.take(entry["size"]):
            digest.update(piece)
        if digest.hexdigest() != entry["sha256"]:
            raise ValueError("a file that does not have its hash")
    stream.end()
    return content


class _Stream:
    """Pieces, cut anew."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), b""

    def take(self, size: int) -> Iterator[bytes]:
        """So many bytes. ValueError when there are fewer."""
        while size:
            if not self._rest:
                self._rest = self._next()
            piece, self._rest = self._rest[:size], self._rest[size:]
            size -= len(piece)
            yield piece

    def _next(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            raise ValueError("a bundle that ends too early") from None

    def end(self) -> None:
        """ValueError when there is more. Reads to the end, where the last checks of the envelope are."""
        if self._rest or sum(map(len, self._pieces)):
            raise ValueError("bytes behind the last file")


def _manifest(raw: bytes) -> Content:
    try:
        data = json.loads(raw, parse_int=_whole, parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_unique)
        json.dumps(data, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(data, dict) or not set(data) <= {"files", "identity", "form"} or not isinstance(data.get("files"), list):
        raise ValueError("a manifest without its members")
    _check_files(data["files"])
    if "identity" in data and not _is_identity(data["identity"]):
        raise ValueError("an identity that is none")
    if "form" in data and not _is_form(data["form"]):
        raise ValueError("a form beyond its limits")
    return Content(data["files"], data.get("identity"), data.get("form", {}))


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > NUMBER_MAX:
        raise ValueError("a number beyond 2^53 - 1")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError("not a whole number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _check_files(files: list[Any]) -> None:
    names = set()
    for f in files:
        if not isinstance(f, dict) or set(f) != {"name", "size", "sha256"} or not isinstance(f["name"], str):
            raise ValueError("a file without its members")
        if type(f["size"]) is not int or f["size"] < 0 or not _is_hash(f["sha256"]):
            raise ValueError("a file without size and hash")
        if UNSAFE.search(f["name"]) or not 0 < len(f["name"].encode()) <= NAME_MAX:
            raise ValueError("a name that is not safe")
        names.add(unicodedata.normalize("NFC", f["name"]).lower())
    if len(names) != len(files) or len(files) > FILES_MAX:
        raise ValueError("a name twice, or too many files")


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_identity(data: Any) -> bool:
    if not isinstance(data, dict) or set(data) != {"uscc", "name", "salt"} or not all(isinstance(v, str) for v in data.values()):
        return False
    named = 0 < len(data["name"]) <= 200 and not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", data["name"])
    return re.fullmatch("[0-9A-Z]{18}", data["uscc"]) is not None and named and _is_hash(data["salt"])


def _is_form(form: object) -> bool:
    """Limits of size, so that nothing sealed can be too much to be recorded when it is opened."""
    if not isinstance(form, dict):
        return False
    level: list[Any] = [form]
    count = 0
    for _ in range(FORM_LEVELS):
        names = [name for v in level if isinstance(v, dict) for name in v]
        inner = [one for v in level for one in (v.values() if isinstance(v, dict) else v)]
        count += len(inner)
        texts = [(v, 4000) for v in inner if isinstance(v, str)] + [(n, 100) for n in names]
        if count > FORM_MAX or "" in names or any(len(t) > most or CONTROL.search(t) for t, most in texts):
            return False
        level = [v for v in inner if isinstance(v, dict | list)]
    return not level
