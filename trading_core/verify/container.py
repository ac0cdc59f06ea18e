"""The zip of a project file: written in exactly one way, so that no byte in it is free (docs/formats.md §7.1)."""
from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from .report import Broken, Malformed
from .text import JSON_MAX

LOCAL = struct.Struct("<4sHHHHHIIIHH")
CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
END = struct.Struct("<4sHHHHIIH")
DATE = 0x0021  # 1980-01-01
MADE_BY, NEEDED, FILE_MODE = 0x0314, 20, 0o100644 << 16
SIZE_MAX, MEMBERS_MAX, NAME_MAX = 2**32 - 1, 65534, 200
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the zip: where its data begin, and what they are."""

    name: str
    offset: int
    size: int
    sha256: str


class Container:
    """An opened project file. Reads members from the file when asked; nothing is unpacked."""

    def __init__(self, handle: BinaryIO, members: Mapping[str, Member]) -> None:
        self._handle, self.members = handle, members

    def read(self, name: str) -> bytes:
        """A whole small member. Raises `Malformed` when it is missing or too big."""
        member = self.members.get(name)
        if member is None or member.size > JSON_MAX:
            raise Malformed(name, "a file in the zip" if member is None else f"at most {JSON_MAX} bytes")
        self._handle.seek(member.offset)
        return self._handle.read(member.size)

    def part(self, name: str, start: int, size: int) -> bytes:
        """So many bytes of a member from a place on, or as many as there are."""
        member = self.members[name]
        self._handle.seek(member.offset + start)
        return self._handle.read(max(min(size, member.size - start), 0))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member, each with its line end. Raises `Malformed` on one that has none, or is too long."""
        member = self.members[name]
        at, end = member.offset, member.offset + member.size
        while at < end:
            self._handle.seek(at)
            line = self._handle.readline(min(JSON_MAX, end - at))
            if not line.endswith(b"\n"):
                raise Malformed(name, f"lines of at most {JSON_MAX} bytes, each ended by a line feed")
            at += len(line)
            yield line


# ------------------------------------------------------------------ writing: the reference for writers

def rebuild_zip(files: Mapping[str, bytes]) -> bytes:
    """The one zip with these files, byte for byte (docs/formats.md §7.1)."""
    body, directory, offset = [], [], 0
    for name in sorted(files):
        data, crc = files[name], zlib.crc32(files[name])
        directory.append(_central(name, crc, len(data), offset))
        body += [_local(name, crc, len(data)), data]
        offset += len(body[-2]) + len(data)
    return b"".join([*body, *directory, _end(len(files), sum(map(len, directory)), offset)])


def _local(name: str, crc: int, size: int) -> bytes:
    raw = name.encode("ascii")
    return LOCAL.pack(b"PK\3\4", NEEDED, 0, 0, 0, DATE, crc, size, size, len(raw), 0) + raw


def _central(name: str, crc: int, size: int, offset: int) -> bytes:
    raw = name.encode("ascii")
    return CENTRAL.pack(b"PK\1\2", MADE_BY, NEEDED, 0, 0, 0, DATE, crc, size, size, len(raw), 0, 0, 0, 0, FILE_MODE, offset) + raw


def _end(count: int, size: int, offset: int) -> bytes:
    return END.pack(b"PK\5\6", 0, 0, count, count, size, offset, 0)


# ------------------------------------------------------------------ reading

def open_container(handle: BinaryIO) -> Container:
    """Read the zip from front to back and compare every byte outside the files' data with the one way to write it. Raises `Broken`."""
    members: dict[str, Member] = {}
    directory = b""
    offset, last = 0, ""
    while (mark := handle.read(4)) == b"PK\3\4":
        header = mark + handle.read(LOCAL.size - 4)
        if len(header) != LOCAL.size or len(members) >= MEMBERS_MAX:
            raise _broken(offset, f"at most {MEMBERS_MAX} members, each with a whole local header")
        *_, stated, size, _, length, _ = LOCAL.unpack(header)
        name = _name(handle.read(length) if length <= NAME_MAX else b"", offset)
        if name <= last:
            raise _broken(offset, "names in ascending order, each once", name)
        data_at = offset + LOCAL.size + length
        crc, digest = _hash(handle, size, data_at)
        if crc != stated:
            raise Broken("zip.container", name, f"data with CRC-32 {stated:08x}", f"{crc:08x}")
        if header + name.encode() != _local(name, crc, size):
            raise _broken(offset, "the one local header for this file", name)
        directory += _central(name, crc, size, offset)
        members[name] = Member(name, data_at, size, digest)
        offset, last = data_at + size, name
    if offset > SIZE_MAX:
        raise _broken(offset, "less than 4 GiB")
    expected = directory + _end(len(members), len(directory), offset)
    found = mark + handle.read(len(expected) - 3)
    if found != expected:
        at = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), min(len(found), len(expected)))
        raise _broken(offset + at, "the one central directory and end record, and nothing after it")
    return Container(handle, members)


def _name(raw: bytes, offset: int) -> str:
    try:
        name = raw.decode("ascii")
    except UnicodeDecodeError:
        name = ""
    if not name:
        raise _broken(offset, f"an ASCII name of 1 to {NAME_MAX} characters")
    return name


def _hash(handle: BinaryIO, size: int, offset: int) -> tuple[int, str]:
    crc, digest, left = 0, sha256(), size
    while left:
        block = handle.read(min(BLOCK, left))
        if not block:
            raise _broken(offset, f"{size} bytes of data", size - left)
        crc, left = zlib.crc32(block, crc), left - len(block)
        digest.update(block)
    return crc, digest.hexdigest()


def _broken(offset: int, expected: str, found: object = "") -> Broken:
    return Broken("zip.container", f"byte {offset}", expected, found)
