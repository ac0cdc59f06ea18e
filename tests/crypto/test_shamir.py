"""Sharing a secret: enough shares give it, fewer give nothing."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.adapters.crypto import shamir
from trading_core.adapters.entropy import SeededEntropy


@dataclass
class Given:
    """Entropy that is exactly this."""

    data: bytes

    def token_bytes(self, n: int) -> bytes:
        assert n == len(self.data)
        return self.data


@given(st.binary(max_size=40), st.integers(1, 6), st.integers(0, 4), st.binary(), st.data())
def test_any_threshold_shares_recover(secret: bytes, threshold: int, more: int, seed: bytes, data: st.DataObject) -> None:
    shares = shamir.split(secret, threshold, threshold + more, SeededEntropy(seed))
    chosen = data.draw(st.permutations(sorted(shares)))[:threshold]
    assert shamir.combine({x: shares[x] for x in chosen}) == secret
    assert shamir.combine(shares) == secret


@given(st.binary(min_size=32, max_size=32), st.binary())
def test_too_few_shares_give_another_secret(secret: bytes, seed: bytes) -> None:
    shares = shamir.split(secret, 3, 5, SeededEntropy(seed))
    for pair in combinations(shares, 2):
        assert shamir.combine({x: shares[x] for x in pair}) != secret


@pytest.mark.parametrize("place", [1, 2, 3])
def test_one_share_of_two_says_nothing(place: int) -> None:
    """Exhaustive for one byte: whatever the secret, every value of a share comes from exactly one coefficient."""
    for secret in range(256):
        seen = {shamir.split(bytes([secret]), 2, 3, Given(bytes([c])))[place][0] for c in range(256)}
        assert len(seen) == 256


def test_two_shares_of_three_say_nothing() -> None:
    """Exhaustive over both coefficients of a byte: every pair of shares comes exactly once, for unlike secrets alike."""
    for secret in (0, 0xA7):
        seen = set()
        for drawn in range(65536):
            shares = shamir.split(bytes([secret]), 3, 3, Given(drawn.to_bytes(2, "big")))
            seen.add(shares[1] + shares[3])
        assert len(seen) == 65536


def test_worked_example() -> None:
    """secret 0x42, line 0x42 + 0x53·x over GF(2^8): 0x53·2 = 0xa6, 0x53·3 = 0xf5."""
    shares = shamir.split(b"\x42", 2, 3, Given(b"\x53"))
    assert shares == {1: b"\x11", 2: b"\xe4", 3: b"\xb7"}


@pytest.mark.parametrize(("threshold", "count"), [(0, 3), (4, 3), (2, 256)])
def test_impossible_thresholds_are_refused(threshold: int, count: int) -> None:
    with pytest.raises(ValueError, match="threshold"):
        shamir.split(b"x", threshold, count, SeededEntropy(b""))


@pytest.mark.parametrize("shares", [{}, {0: b"a"}, {256: b"a"}, {1: b"a", 2: b"ab"}])
def test_impossible_shares_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="shares"):
        shamir.combine(shares)
