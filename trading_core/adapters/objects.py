"""The object store: files by the SHA-256 of their bytes, in a folder. What is stored never changes."""
from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .entropy import Entropy
from .files import settle

BLOCK = 1 << 20


class DamagedObject(Exception):
    """What is stored under a name is not what was. It has to come back from a copy."""


class Growing:
    """An object being written. `keep` gives it its name and makes it durable; without it nothing remains."""

    def __init__(self, store: ObjectStore, path: Path) -> None:
        self._store, self._path, self._file = store, path, path.open("xb")
        self._digest, self.size = hashlib.sha256(), 0
        self.fresh = True  # once kept: whether nothing of that name was there before

    def write(self, data: bytes | memoryview) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def keep(self) -> str:
        """The object's name, 64 hex digits, once its bytes are on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        name = self._digest.hexdigest()
        self.fresh = self._store.adopt(self._path, name)
        return name

    def drop(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _look(path: Path) -> str:
    """What changes when somebody puts another file in its place."""
    found = path.stat()
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


class ObjectStore:
    """Objects under ``<folder>/ab/cdef…``. Atomic: an object is there whole or not at all."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        self._folder, self._entropy = folder, entropy
        self._damaged = folder / "damaged"
        for part in ("tmp", "damaged"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        return self._folder / name[:2] / name[2:]

    def has(self, name: str) -> bool:
        return self.path(name).is_file()

    def size(self, name: str) -> int:
        """Bytes of an object. FileNotFoundError when there is none."""
        return self.path(name).stat().st_size

    @contextmanager
    def writing(self) -> Iterator[Growing]:
        """Write an object; call `keep` inside the block to have it stay."""
        growing = Growing(self, self._folder / "tmp" / self._entropy.token_bytes(16).hex())
        try:
            yield growing
        finally:
            growing.drop()

    def adopt(self, path: Path, name: str) -> bool:
        """Make a file whose bytes are on disk, and that nobody writes any more, the object of its hash. Whether none was there."""
        target = self.path(name)
        fresh = not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        settle(target.parent)
        return fresh

    def remove(self, name: str) -> None:
        """Take an object away that nothing names."""
        self.path(name).unlink(missing_ok=True)

    def put(self, data: bytes) -> str:
        with self.writing() as growing:
            growing.write(data)
            return growing.keep()

    def open(self, name: str) -> BinaryIO:
        """The object for reading. FileNotFoundError when there is none."""
        return self.path(name).open("rb")

    def check(self, name: str) -> None:
        """Raises `DamagedObject` when the bytes do not have the hash that names them. FileNotFoundError when there is none.

        What is found damaged is noted beside the objects until a check finds it whole again.
        """
        with self.open(name) as file:
            seen = _look(self.path(name))
            whole = hashlib.file_digest(file, "sha256").hexdigest() == name
        note = self._damaged / name
        if whole:
            note.unlink(missing_ok=True)
            return
        note.write_text(seen)
        raise DamagedObject(name)

    def damaged(self) -> list[str]:
        """Objects of which a check has found damage, and that nobody has put back whole since."""
        found = sorted(note.name for note in self._damaged.iterdir())
        return [name for name in found if not self._is_back(name)]

    def _is_back(self, name: str) -> bool:
        path, note = self.path(name), self._damaged / name
        try:
            return _look(path) != note.read_text() and self.holds(name)
        except FileNotFoundError:
            return not note.exists()  # an object that is gone is still to come back

    def holds(self, name: str) -> bool:
        """Whether the object is there and its bytes have the hash that names them."""
        try:
            self.check(name)
        except (DamagedObject, FileNotFoundError):
            return False
        return True

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()
