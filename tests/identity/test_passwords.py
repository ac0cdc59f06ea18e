"""Passwords: hashed with argon2id, a few at a time, never shown."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from trading_core.adapters import passwords
from trading_core.adapters.entropy import SeededEntropy
from trading_core.adapters.passwords import HashedPassword, hash_password, is_outdated, verify_password
from trading_core.domain.errors import Refused

GOOD = "clear water 喆"
ENTROPY = SeededEntropy(b"passwords")


def test_a_hash_verifies_its_password_only() -> None:
    stored = hash_password(GOOD, ENTROPY)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(stored, GOOD)
    assert not verify_password(stored, GOOD + " ")
    assert not verify_password(None, GOOD)
    assert not verify_password("not a hash", GOOD)
    assert not verify_password(stored, "x" * 1_000_000)


def test_equal_passwords_have_different_hashes() -> None:
    assert hash_password(GOOD, ENTROPY) != hash_password(GOOD, ENTROPY)


@pytest.mark.parametrize(
    ("weak", "codes"),
    [("short 喆", ["password.length"]), ("x" * 201, ["password.length", "password.monotonous"]), ("ababababab", ["password.monotonous"])],
)
def test_weak_passwords(weak: str, codes: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        hash_password(weak, ENTROPY)
    assert [p.code for p in refusal.value.problems] == codes
    assert weak not in repr(refusal.value)


def test_a_hash_is_not_shown() -> None:
    assert "argon2" not in repr(HashedPassword("$argon2id$…"))
    assert "argon2" not in f"{[HashedPassword('$argon2id$…')]!r}"


def test_weaker_settings_are_outdated() -> None:
    assert not is_outdated(hash_password(GOOD, ENTROPY))
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD, salt=bytes(16)))


def test_only_a_few_are_hashed_at_a_time() -> None:
    """Four meet inside, again and again, and a fifth is never there."""
    inside, most = 0, 0
    lock, meeting = threading.Lock(), threading.Barrier(passwords.CONCURRENT, timeout=30)

    def work() -> None:
        nonlocal inside, most
        with passwords._turn():
            with lock:
                inside += 1
                most = max(most, inside)
            meeting.wait()
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4 * passwords.CONCURRENT)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert most == passwords.CONCURRENT == 4
    assert not meeting.broken


def test_whoever_finds_no_turn_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    with _all_turns_taken(), pytest.raises(Refused) as refusal:
        verify_password(None, GOOD)
    assert refusal.value.problems[0].code == "sign_in.busy"
    assert not verify_password(None, GOOD)


@contextmanager
def _all_turns_taken() -> Iterator[None]:
    for _ in range(passwords.CONCURRENT):
        passwords._turns.acquire()
    yield
    for _ in range(passwords.CONCURRENT):
        passwords._turns.release()
