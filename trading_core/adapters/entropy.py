"""Chance, the only place that asks the machine for it. Everything else is given an `Entropy`."""
from __future__ import annotations

import hashlib
import os
import threading
from typing import Protocol


class Entropy(Protocol):
    """A source of bytes nobody can foresee."""

    def token_bytes(self, n: int) -> bytes:
        """`n` fresh bytes. Never the same twice, never logged."""


class SystemEntropy:
    """The operating system's generator."""

    def token_bytes(self, n: int) -> bytes:
        return os.urandom(n)


class SeededEntropy:
    """Reproducible bytes for demonstrations and tests: SHA-256 of seed and block counter. Whoever knows the seed knows them all."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._blocks = 0
        self._lock = threading.Lock()

    def token_bytes(self, n: int) -> bytes:
        count = -(-n // 32)
        with self._lock:
            first, self._blocks = self._blocks, self._blocks + count
        stream = b"".join(hashlib.sha256(self._seed + i.to_bytes(8, "big")).digest() for i in range(first, first + count))
        return stream[:n]
