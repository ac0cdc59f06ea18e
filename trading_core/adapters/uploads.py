"""Resumable uploads: blocks of one file, each written to its place when it comes and marked by an empty file with its hash, in a
folder until the file is complete. Nobody's name is kept.

An upload's age is the time stamp of its facts, set from the platform's clock whenever a block comes. Whose it is stands in memory
only, while it is open: written down it would tell, before the opening, who sent which envelope.
"""
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from .clock import Clock
from .entropy import Entropy
from .loose import Loose
from .objects import ObjectStore

PIECE = 8 << 20  # bytes of every block but the last
NUMBER = re.compile(r"[0-9a-f]{32}")
OPEN_MAX = 10_000
OPEN_OF_ONE = 100  # of one client in one process: a bidder for every lot of a large project, and no more
SWEEP_EVERY = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FACTS, CONTENT = "facts.json", "content"
GOING = ".gone"  # ending of the name under which an upload is taken apart: nobody finds it any more


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

    def __init__(self, folder: Path, objects: ObjectStore, clock: Clock, entropy: Entropy, size_max: int, reserve: int = 0) -> None:
        self._folder, self._objects, self._clock, self._entropy, self._size_max = folder, objects, clock, entropy, size_max
        self._reserve, self.loose = reserve, Loose(folder.with_name("loose"), objects, clock)
        self._of: dict[str, set[str]] = {}
        self._lock, self._swept_at = threading.Lock(), EPOCH
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, size: int, sha256: str, client: str) -> Upload:
        """Announce a file. Refused when it is empty, too large, or too many uploads are open, of all or of this client, or
        the disk would have less left than is kept free for what must always be written."""
        problems = list(self.room(size)) if 0 < size <= self._size_max else [
            Problem("upload.size", "size", {"size": size, "maximum": self._size_max})
        ]
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            problems.append(Problem("field.not_hash", "sha256"))
        with self._lock:  # or two at once would both see the last place free
            open_now = self._open()
            if len(open_now) >= OPEN_MAX:
                problems.append(Problem("upload.too_many", params={"maximum": OPEN_MAX}))
            if len(self._of.get(client, ())) >= OPEN_OF_ONE:
                self._of = {c: still for c, numbers in self._of.items() if (still := numbers & open_now)}
            if len(self._of.get(client, ())) >= OPEN_OF_ONE:
                problems.append(Problem("upload.too_many_of_one", params={"maximum": OPEN_OF_ONE}))
            refuse_if(problems)
            number = self._entropy.token_bytes(16).hex()
            place = self._folder / number
            place.mkdir()
            (place / CONTENT).touch()
            (place / FACTS).write_text(json.dumps({"size": size, "sha256": sha256}))
            self._touch(place)
            self._of.setdefault(client, set()).add(number)
        return Upload(number, size, sha256, {})

    def room(self, size: int) -> Iterator[Problem]:
        """Why a file of that many bytes cannot be taken now: the record, the log and the papers need room, too."""
        free = shutil.disk_usage(self._folder).free
        if free - size < self._reserve:
            yield Problem("service.no_room", params={"size_mib": max(1, size >> 20)}, rule="S-06")

    def state(self, number: str) -> Upload:
        """How far an upload is. Raises `Forbidden` when there is none of that number."""
        with self._place(number) as place:
            facts = json.loads((place / FACTS).read_text())
            arrived = {int(p.name.split("-")[0]): p.name.split("-")[1] for p in place.glob("[0-9]*-*")}
        return Upload(number, facts["size"], facts["sha256"], arrived)

    def piece(self, number: str, index: int, sha256: str, data: bytes) -> Upload:
        """Take one block. The same block again is the same; another content for a block that has arrived is refused."""
        digest = hashlib.sha256(data).hexdigest()
        with self._place(number) as place, _alone(place) as content:
            upload = self.state(number)
            wanted = PIECE if index < upload.pieces - 1 else upload.size - PIECE * (upload.pieces - 1)
            problems = []
            if not 0 <= index < upload.pieces:
                problems.append(Problem("upload.no_such_piece", "index", {"index": index, "pieces": upload.pieces}))
            elif len(data) != wanted:
                problems.append(Problem("upload.piece_size", "index", {"index": index, "size": len(data), "expected": wanted}))
            if digest != sha256:
                problems.append(Problem("upload.piece_damaged", "sha256", {"index": index}))
            if upload.arrived.get(index, digest) != digest:
                problems.append(Problem("upload.piece_differs", "index", {"index": index}))
            if index not in upload.arrived:  # many that began while there was room may fill it together
                problems += self.room(len(data))
            refuse_if(problems)
            self._touch(place)
            if index not in upload.arrived:
                content.seek(index * PIECE)
                content.write(data)
                content.flush()
                (place / f"{index}-{digest}").touch()  # waits for no disk: what a power cut takes away, `finish` asks for again
            return self.state(number)

    def finish(self, number: str) -> str:
        """Put the whole on disk and make it an object; its name. Refused while blocks are missing, or are no longer what they were
        when they came, or when the whole has another hash."""
        upload = self.state(number)
        with self._place(number) as place:
            if not (place / CONTENT).exists() and self._objects.has(upload.sha256):  # a process ended halfway
                self.loose.touch(upload.sha256)
                _take_apart(place)
                return upload.sha256
        with self._place(number) as place, _alone(place) as content:
            upload = self.state(number)
            self._touch(place)
            _refuse_missing(upload)
            os.fsync(content.fileno())
            if hashlib.file_digest(content, "sha256").hexdigest() != upload.sha256:
                _forget_lost(place, upload, content)
                _refuse_missing(self.state(number))
                raise Refused(Problem("upload.damaged", "sha256"))
            self.loose.adopt(place / CONTENT, upload.sha256)
            with suppress(FileNotFoundError):  # another finishes it in this moment
                _take_apart(place)
        return upload.sha256

    def drop(self, number: str) -> None:
        """Forget an upload and its blocks."""
        with self._place(number) as place:
            _take_apart(place)

    def sweep(self, keep: timedelta) -> int:
        """Take away what nobody has gone on with for longer than `keep`; how many uploads that were. Looks once a minute.

        A file that is whole has left this folder for the object store, so what a bid names is never here.
        """
        with self._lock:
            now = self._clock.now()
            if now - self._swept_at < SWEEP_EVERY:
                return 0
            self._swept_at = now
        count = 0
        for place in list(self._folder.iterdir()):
            with suppress(FileNotFoundError):  # finished, or swept by another process, in this moment
                if place.name.endswith(GOING):
                    _remove(place)  # a process ended halfway
                elif NUMBER.fullmatch(place.name) and _touched(place) < _nanoseconds(now - keep):
                    _take_apart(place)
                    count += 1
        return count

    def _open(self) -> set[str]:
        return {place.name for place in self._folder.iterdir()}

    def _touch(self, place: Path) -> None:
        moment = _nanoseconds(self._clock.now())
        os.utime(place / FACTS, ns=(moment, moment))

    @contextmanager
    def _place(self, number: str) -> Iterator[Path]:
        """The folder of an upload; when it goes away meanwhile, the upload is unknown from then on."""
        place = self._folder / number
        if not NUMBER.fullmatch(number) or not place.is_dir():
            raise Forbidden(Problem("upload.unknown"))
        try:
            yield place
        except FileNotFoundError:
            raise Forbidden(Problem("upload.unknown")) from None


@contextmanager
def _alone(place: Path) -> Iterator[BinaryIO]:
    """What has arrived, for one writer at a time among all processes: nobody writes into a file that has become an object.
    FileNotFoundError when it has become one meanwhile."""
    with (place / CONTENT).open("r+b") as content:
        fcntl.flock(content, fcntl.LOCK_EX)
        (place / CONTENT).stat()
        yield content


def _refuse_missing(upload: Upload) -> None:
    missing = sorted(set(range(upload.pieces)) - set(upload.arrived))
    if missing:
        raise Refused(Problem("upload.incomplete", params={"missing": len(missing), "first": missing[0]}, rule="B-03"))


def _forget_lost(place: Path, upload: Upload, content: BinaryIO) -> None:
    """Blocks that no longer have their hash have not arrived."""
    for index, digest in upload.arrived.items():
        content.seek(index * PIECE)
        if hashlib.sha256(content.read(PIECE)).hexdigest() != digest:
            (place / f"{index}-{digest}").unlink()


def _take_apart(place: Path) -> None:
    """Under another name first: nobody may find half of it."""
    going = place.with_name(place.name + GOING)
    os.replace(place, going)
    _remove(going)


def _remove(place: Path) -> None:
    for path in place.iterdir():
        path.unlink(missing_ok=True)
    place.rmdir()


def _touched(place: Path) -> int:
    facts = place / FACTS
    return (facts if facts.exists() else place).stat().st_mtime_ns


def _nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000
