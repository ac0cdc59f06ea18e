"""Search for secrets in whatever a site leaves behind: tables, files, what its processes say, in every spelling they may take."""
from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote_from_bytes

DATABASE = "gongxin.db"
REGISTERED = frozenset({"name", "uscc", "code", "organisation", "person"})
LAWFUL: Mapping[str, frozenset[str]] = {
    "organisation": frozenset({"name", "uscc", "code", "organisation"}),
    "person": frozenset({"person", "organisation"}),
    "role_grant": frozenset({"person", "organisation"}),
    "account": frozenset({"person"}),
    "session": frozenset({"person", "organisation"}),
    "register": REGISTERED,
    DATABASE: REGISTERED,
    f"{DATABASE}-wal": REGISTERED,
}
"""Who exists at all is a public register: organisations, their people and roles, in tables and in the events of their own streams. An
account is a person's, and who is signed in must be known to let them go on. The database's files hold these tables; no other place may
name anybody, and nothing else of a bid may stand anywhere."""
REGISTER_STREAMS = ("organisation/", "person/")


@dataclass(frozen=True)
class Secret:
    """kind: what it is, as `LAWFUL` names it."""

    kind: str
    value: bytes

    @property
    def text(self) -> str:
        """As somebody would type it by mistake where it does not belong."""
        with suppress(UnicodeDecodeError):
            if (text := self.value.decode()).isprintable():
                return text
        return self.value.hex()


@cache
def spellings(value: bytes) -> frozenset[bytes]:
    """A value as it is, in hex, in URLs, as JSON and Python escape it, and in base64 wherever it stands in a longer text."""
    quoted, escaped = quote_from_bytes(value, safe="").encode(), repr(value)[2:-1].encode()
    small = re.sub(b"%..", lambda escape: escape[0].lower(), quoted)
    found = {value, value.hex().encode(), value.hex().upper().encode(), quoted, small, escaped}
    for before in range(3):
        coded = base64.b64encode(bytes(before) + value)
        whole = coded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]  # without the letters that share bits with a neighbour
        found |= {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}
    try:
        return frozenset({*found, json.dumps(value.decode()).strip('"').encode()})
    except UnicodeDecodeError:
        return frozenset(found)


def places(data: Path, *more: Path) -> Iterator[tuple[str, bytes]]:
    """Everything in a data folder and in other files and folders, by name: the database's tables and its files as they lie there."""
    yield from tables(data / DATABASE)
    for root in (data, *more):
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(root)) if path != root else path.name, path.read_bytes()


def tables(database: Path) -> Iterator[tuple[str, bytes]]:
    """The rows of every table, those of register streams apart."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            cursor = connection.execute(f'select * from "{table}"')
            columns, rows = [c[0] for c in cursor.description], cursor.fetchall()
            where = columns.index("stream") if "stream" in columns else None
            apart = [r for r in rows if where is not None and str(r[where]).startswith(REGISTER_STREAMS)]
            yield table, _text(r for r in rows if r not in apart)
            yield "register", _text(apart)
    finally:
        connection.close()


def _text(rows: Iterable[tuple[object, ...]]) -> bytes:
    return b"\0".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)


def search(found: Iterable[tuple[str, bytes]], secrets: Iterable[Secret]) -> set[tuple[str, str]]:
    """Where something stands that must not: place and kind of secret."""
    wanted = set(secrets)
    return {
        (place, secret.kind) for place, content in found for secret in wanted
        if secret.kind not in LAWFUL.get(place, ()) and any(s in content for s in spellings(secret.value))
    }  # fmt: skip
