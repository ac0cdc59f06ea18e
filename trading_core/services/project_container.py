"""Writing the zip of a project file in its one way (docs/formats.md §7.1), in constant memory however large the sealed bids are."""
from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..domain.errors import Problem, refuse_if

BLOCK = 1 << 20
SIZE_MAX, MEMBERS_MAX = 2**32 - 1, 65534
DATE, MADE_BY, NEEDED, FILE_MODE = 0x0021, 0x0314, 20, 0o100644 << 16
LOCAL, CENTRAL, END = struct.Struct("<4sHHHHHIIIHH"), struct.Struct("<4sHHHHHHIIIHHHHHII"), struct.Struct("<4sHHHHIIH")

Source = bytes | Path
"""What a member holds: the bytes themselves, or the file that has them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A member as its headers and the manifest state it."""

    size: int
    crc: int
    sha256: str


def measure(source: Source) -> Measured:
    """Size, CRC-32 and SHA-256 of a member."""
    size, crc, digest = 0, 0, hashlib.sha256()
    for block in _blocks(source):
        size, crc = size + len(block), zlib.crc32(block, crc)
        digest.update(block)
    return Measured(size, crc, digest.hexdigest())


def write_zip(members: Mapping[str, tuple[Source, Measured]], target: BinaryIO) -> None:
    """Write the members in the order of their names. Raises `Refused` when they are too many or too large for the format."""
    total = sum(m.size + len(name) + LOCAL.size for name, (_, m) in members.items())
    refuse_if([Problem("export.too_large", params={"bytes": total, "members": len(members)})]
              if total > SIZE_MAX or len(members) > MEMBERS_MAX else ())  # fmt: skip
    directory, offset = bytearray(), 0
    for name in sorted(members):
        source, m = members[name]
        raw = name.encode("ascii")
        fixed = (0, 0, 0, DATE, m.crc, m.size, m.size, len(raw), 0)
        directory += CENTRAL.pack(b"PK\1\2", MADE_BY, NEEDED, *fixed, 0, 0, 0, FILE_MODE, offset) + raw
        target.write(LOCAL.pack(b"PK\3\4", NEEDED, *fixed) + raw)
        for block in _blocks(source):
            target.write(block)
        offset += LOCAL.size + len(raw) + m.size
    target.write(directory)
    target.write(END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(directory), offset, 0))


def _blocks(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
