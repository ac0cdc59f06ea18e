"""Passwords as argon2id hashes. Hashing is slow and eats memory on purpose, so only a few run at a time in one process."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..domain.errors import Problem, Refused, refuse_if
from .entropy import Entropy

LENGTH_MIN, LENGTH_MAX = 10, 200
DISTINCT_MIN = 5
CONCURRENT = 4  # 4 × 19 MiB at most
WAIT_SECONDS = 5.0

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # the OWASP floor: 19 MiB, some 25 ms
_turns = threading.BoundedSemaphore(CONCURRENT)
_NO_SALT = bytes(16)


class HashedPassword(str):
    """An argon2 hash; its text is kept out of every repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "HashedPassword(…)"


def hash_password(password: str, entropy: Entropy) -> HashedPassword:
    """The hash of a new password. Raises `Refused` with everything that makes it too weak, or when all turns are taken."""
    refuse_if(_weaknesses(password))
    with _turn():
        return HashedPassword(_hasher.hash(password, salt=entropy.token_bytes(16)))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the stored hash. Without one the same work is done and the answer is no.

    Raises `Refused` when all turns are taken.
    """
    if len(password) > LENGTH_MAX:
        return False
    with _turn():
        if stored is None:
            _hasher.hash(password, salt=_NO_SALT)
            return False
        try:
            return _hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored)


def _weaknesses(password: str) -> Iterator[Problem]:
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        yield Problem("password.length", "password", {"minimum": LENGTH_MIN, "maximum": LENGTH_MAX})
    if len(set(password)) < DISTINCT_MIN:
        yield Problem("password.monotonous", "password", {"minimum": DISTINCT_MIN})


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise Refused(Problem("sign_in.busy", params={"retry_after_seconds": int(WAIT_SECONDS)}))
    try:
        yield
    finally:
        _turns.release()
