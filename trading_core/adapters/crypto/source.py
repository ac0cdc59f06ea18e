"""Where bytes come from, read without copying."""
from __future__ import annotations

from typing import Protocol


class Source(Protocol):
    """Any binary file open for reading, or a `bundle.Bundle`."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the front of the buffer and tell how much; nothing at the end."""


def fill(source: Source, view: memoryview) -> int:
    """Read until the view is full or the source is at its end; how many bytes are in it."""
    filled = 0
    while filled < len(view):
        count = source.readinto(view[filled:])
        if not count:
            break
        filled += count
    return filled


def take(source: Source, size: int) -> bytes:
    """The next `size` bytes, fewer only at the end."""
    buffer = bytearray(size)
    return bytes(buffer[: fill(source, memoryview(buffer))])
