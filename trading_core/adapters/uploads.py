"""Resumable uploads: blocks of one file, each with its hash, kept in a folder until the file is complete. Nobody's name is kept."""
from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from .entropy import Entropy
from .objects import BLOCK, ObjectStore

PIECE = 8 << 20  # bytes of every block but the last
NUMBER = re.compile(r"[0-9a-f]{32}")
OPEN_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it stands: its number (a capability: who knows it may go on), size, hash of the whole, blocks that have arrived."""

    number: str
    size: int
    sha256: str
    arrived: Mapping[int, str]

    @property
    def pieces(self) -> int:
        return max(1, -(-self.size // PIECE))

    @property
    def complete(self) -> bool:
        return len(self.arrived) == self.pieces


class Uploads:
    """Uploads in progress under one folder."""

    def __init__(self, folder: Path, objects: ObjectStore, entropy: Entropy, size_max: int) -> None:
        self._folder, self._objects, self._entropy, self._size_max = folder, objects, entropy, size_max
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, size: int, sha256: str) -> Upload:
        """Announce a file. Refused when it is empty, too large, or too many uploads are open."""
        problems = []
        if not 0 < size <= self._size_max:
            problems.append(Problem("upload.size", "size", {"size": size, "maximum": self._size_max}))
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            problems.append(Problem("field.not_hash", "sha256"))
        if sum(1 for _ in self._folder.iterdir()) >= OPEN_MAX:
            problems.append(Problem("upload.too_many", params={"maximum": OPEN_MAX}))
        refuse_if(problems)
        number = self._entropy.token_bytes(16).hex()
        place = self._folder / number
        place.mkdir()
        (place / "facts.json").write_text(json.dumps({"size": size, "sha256": sha256}))
        return Upload(number, size, sha256, {})

    def state(self, number: str) -> Upload:
        """How far an upload is. Raises `Forbidden` when there is none of that number."""
        place = self._place(number)
        facts = json.loads((place / "facts.json").read_text())
        arrived = {int(p.name.split("-")[0]): p.name.split("-")[1] for p in place.glob("[0-9]*-*") if not p.name.endswith(".part")}
        return Upload(number, facts["size"], facts["sha256"], arrived)

    def piece(self, number: str, index: int, sha256: str, data: bytes) -> Upload:
        """Take one block. The same block again is the same; another content for a block that has arrived is refused."""
        upload = self.state(number)
        wanted = PIECE if index < upload.pieces - 1 else upload.size - PIECE * (upload.pieces - 1)
        digest = hashlib.sha256(data).hexdigest()
        problems = []
        if not 0 <= index < upload.pieces:
            problems.append(Problem("upload.no_such_piece", "index", {"index": index, "pieces": upload.pieces}))
        elif len(data) != wanted:
            problems.append(Problem("upload.piece_size", "index", {"index": index, "size": len(data), "expected": wanted}))
        if digest != sha256:
            problems.append(Problem("upload.piece_damaged", "sha256", {"index": index}))
        if upload.arrived.get(index, digest) != digest:
            problems.append(Problem("upload.piece_differs", "index", {"index": index}))
        refuse_if(problems)
        target = self._place(number) / f"{index}-{digest}"
        part = target.with_name(f"{target.name}.{self._entropy.token_bytes(4).hex()}.part")
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
        return self.state(number)

    def finish(self, number: str) -> str:
        """Put the blocks together as an object; its name. Refused while blocks are missing or when the whole has another hash."""
        upload = self.state(number)
        missing = sorted(set(range(upload.pieces)) - set(upload.arrived))
        if missing:
            raise Refused(Problem("upload.incomplete", params={"missing": len(missing), "first": missing[0]}, rule="B-03"))
        with self._objects.writing() as growing:
            for index in range(upload.pieces):
                with (self._place(number) / f"{index}-{upload.arrived[index]}").open("rb") as file:
                    while block := file.read(BLOCK):
                        growing.write(block)
            name = growing.keep()
        if name != upload.sha256:
            raise Refused(Problem("upload.damaged", "sha256"))
        self.drop(number)
        return name

    def drop(self, number: str) -> None:
        """Forget an upload and its blocks."""
        place = self._place(number)
        for path in place.iterdir():
            path.unlink()
        place.rmdir()

    def _place(self, number: str) -> Path:
        place = self._folder / number
        if not NUMBER.fullmatch(number) or not place.is_dir():
            raise Forbidden(Problem("upload.unknown"))
        return place
