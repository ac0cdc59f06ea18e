"""The content of an envelope, one file (GXB1): magic, manifest length, manifest, then the files one behind the other."""
from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from os import SEEK_END
from typing import Any, BinaryIO

from trading_core.adapters.crypto.manifest import MANIFEST_MAX, BundleFile, Identity, Manifest, decode_manifest, manifest_problems
from trading_core.adapters.crypto.source import fill
from trading_core.domain.errors import Problem, Refused, refuse_if

MAGIC = b"GXB1"
HEAD_SIZE = len(MAGIC) + 4

Write = Callable[[memoryview], Any]
OpenFile = Callable[[BundleFile], Write]
"""Told of each file in order; what it returns takes the file's bytes. Copy them; keep nothing for good before the whole bundle held."""


class Bundle:
    """A bundle to be sealed: read it once, from front to back. size: bytes of the whole."""

    def __init__(self, manifest: Manifest, files: Sequence[BinaryIO]) -> None:
        raw = manifest.encode()
        if len(raw) > MANIFEST_MAX:
            raise Refused(Problem("bundle.manifest_too_large", params={"maximum": MANIFEST_MAX, "size": len(raw)}))
        self.manifest = manifest
        self._head = memoryview(MAGIC + len(raw).to_bytes(4, "big") + raw)
        self.size = len(self._head) + sum(f.size for f in manifest.files)
        self._left = [*files]

    def readinto(self, buffer: memoryview, /) -> int:
        if self._head:
            count = min(len(buffer), len(self._head))
            buffer[:count] = self._head[:count]
            self._head = self._head[count:]
            return count
        while self._left:
            if count := fill(self._left[0], buffer):  # type: ignore[arg-type]  # typing.BinaryIO forgets readinto
                return count
            self._left.pop(0)
        return 0


def bundle(files: Sequence[tuple[str, BinaryIO]], identity: Identity | None = None, form: Mapping[str, object] | None = None) -> Bundle:
    """Bundle named files, each seekable and standing anywhere; reads every file once for its hash. Refused with every problem."""
    entries = []
    for name, file in files:
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
        entries.append(BundleFile(unicodedata.normalize("NFC", name), file.seek(0, SEEK_END), digest.hexdigest()))
        file.seek(0)
    manifest = Manifest(tuple(entries), identity, form)
    refuse_if(manifest_problems(manifest))
    return Bundle(manifest, [file for _, file in files])


class BundleReader:
    """Takes a bundle piece by piece, as `container.open_stream` writes it, and hands on each file. Constant memory."""

    def __init__(self, open_file: OpenFile) -> None:
        self._open_file = open_file
        self._head = bytearray()
        self._manifest: Manifest | None = None
        self._waiting: list[BundleFile] = []
        self._file: BundleFile | None = None
        self._left = 0

    def write(self, data: memoryview) -> None:
        """The next bytes. Refused as soon as something does not hold."""
        if self._manifest is None:
            data = self._read_head(memoryview(data))
        while self._file and (len(data) or not self._left):
            piece, data = data[: self._left], data[self._left :]
            self._digest.update(piece)
            self._write(piece)
            self._left -= len(piece)
            if not self._left:
                self._finish_file()
        if len(data):
            raise Refused(Problem("bundle.trailing_bytes"))

    def close(self) -> Manifest:
        """The manifest, when everything came and every hash is right."""
        if self._manifest is None or self._file:
            raise Refused(Problem("bundle.truncated"))
        return self._manifest

    def _read_head(self, data: memoryview) -> memoryview:
        """Take what belongs to the head and give back the rest."""
        data = self._collect(data, HEAD_SIZE)
        if len(self._head) < HEAD_SIZE:
            return data
        end = self._manifest_end()
        data = self._collect(data, end)
        if len(self._head) == end:
            self._manifest = decode_manifest(bytes(self._head[HEAD_SIZE:]))
            self._waiting = list(self._manifest.files)
            self._next_file()
        return data

    def _collect(self, data: memoryview, goal: int) -> memoryview:
        count = max(goal - len(self._head), 0)
        self._head += data[:count]
        return data[count:]

    def _manifest_end(self) -> int:
        if self._head[: len(MAGIC)] != MAGIC:
            raise Refused(Problem("bundle.not_a_bundle"))
        size = int.from_bytes(self._head[len(MAGIC) : HEAD_SIZE], "big")
        if size > MANIFEST_MAX:
            raise Refused(Problem("bundle.manifest_too_large", params={"maximum": MANIFEST_MAX, "size": size}))
        return HEAD_SIZE + size

    def _next_file(self) -> None:
        self._file = self._waiting.pop(0) if self._waiting else None
        if self._file:
            self._left, self._digest, self._write = self._file.size, hashlib.sha256(), self._open_file(self._file)

    def _finish_file(self) -> None:
        assert self._file and self._manifest
        if self._digest.hexdigest() != self._file.sha256:
            raise Refused(Problem("bundle.file_damaged", f"files.{self._manifest.files.index(self._file)}"))
        self._next_file()
