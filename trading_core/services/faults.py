"""Keeping pieces of work apart: what fails for one lot, reader or step is told at the end and never stops another."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


@contextmanager
def faults() -> Iterator[Callable[[str], AbstractContextManager[None]]]:
    """Gives ``apart(name)``: a piece of work inside it may fail, the others go on; at the end an `ExceptionGroup` tells of all."""
    found: list[tuple[str, Exception]] = []

    @contextmanager
    def apart(name: str) -> Iterator[None]:
        try:
            yield
        except Exception as fault:
            found.append((name, fault))

    yield apart
    if found:
        raise ExceptionGroup("failed: " + ", ".join(name for name, _ in found), [fault for _, fault in found])
