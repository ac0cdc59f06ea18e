"""Files that were sent in whole and that nothing names yet. Each has a note in a folder: since when, and in its time stamp when
somebody last had to do with it. Whose it is stands nowhere."""
from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .clock import Clock
from .objects import Growing, ObjectStore

SWEEP_EVERY = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Loose:
    """The notes under one folder."""

    def __init__(self, folder: Path, objects: ObjectStore, clock: Clock) -> None:
        self._folder, self._objects, self._clock = folder, objects, clock
        self._swept_at = EPOCH
        folder.mkdir(parents=True, exist_ok=True)

    def due(self) -> bool:
        """Whether it is time to look again: once an hour in each process."""
        if self._clock.now() - self._swept_at < SWEEP_EVERY:
            return False
        self._swept_at = self._clock.now()
        return True

    def keep(self, growing: Growing) -> str:
        """Store a file that somebody sends in; its name. What was there before is loose only if it already was."""
        name = growing.keep()
        self._note(name, growing.fresh)
        return name

    def adopt(self, path: Path, name: str) -> None:
        """The same for a file that lies on disk already, by its hash."""
        self._note(name, self._objects.adopt(path, name))

    def touch(self, name: str) -> None:
        """Somebody is about to name the file: it is not swept for now."""
        with suppress(FileNotFoundError):
            moment = _nanoseconds(self._clock.now())
            os.utime(self._folder / name, ns=(moment, moment))

    def waiting(self, keep: timedelta) -> dict[str, datetime]:
        """Files that nobody has had to do with for longer than `keep`, each with since when it is there."""
        limit, found = _nanoseconds(self._clock.now() - keep), dict[str, datetime]()
        for note in self._notes():
            with suppress(FileNotFoundError):  # swept by another process in this moment
                if note.stat().st_mtime_ns < limit:
                    found[note.name] = EPOCH + timedelta(microseconds=int(note.read_text() or 0) // 1000)
        return found

    def settle(self, names: Collection[str], named: Collection[str], keep: timedelta) -> int:
        """Of the files that waited forget the notes of those that something names, and take the others away; how many those were."""
        count = 0
        for name in self.waiting(keep):  # who was touched meanwhile waits no longer
            if name in names and name not in named:
                self._objects.remove(name)
                count += 1
            if name in names:
                (self._folder / name).unlink(missing_ok=True)
        return count

    def _note(self, name: str, fresh: bool) -> None:
        if fresh:
            (self._folder / name).write_text(str(_nanoseconds(self._clock.now())))
        self.touch(name)

    def _notes(self) -> Iterator[Path]:
        yield from list(self._folder.iterdir())


def _nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000
