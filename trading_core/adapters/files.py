"""Files that appear whole or not at all, and that are still there after a power cut."""
from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(target: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Write the file in this block. It takes the place of what had the name once its bytes are on disk; when the block raises,
    nothing of it remains. The owner alone may read it unless `mode` says that it is meant for others."""
    with _beside(target, mode) as (file, part):
        yield file
        _on_disk(file)
        os.replace(part, target)
        settle(target.parent)


def first_file(target: Path, content: Callable[[], bytes], mode: int = 0o600) -> bytes:
    """What the file says, or `content` when there is none yet. Whoever asks at the same time is told the same: of several
    writers one gives the content, and nobody reads it before it is whole."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target, mode) as (file, part):
            file.write(content())
            _on_disk(file)
            with suppress(FileExistsError):  # another was first: theirs it is
                os.link(part, target)
            settle(target.parent)
    return target.read_bytes()


def settle(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _beside(target: Path, mode: int) -> Iterator[tuple[BinaryIO, Path]]:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name + ".", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            yield file, part
    finally:
        part.unlink(missing_ok=True)


def _on_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
