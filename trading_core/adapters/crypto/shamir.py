"""Shamir's secret sharing, byte by byte over GF(2^8) with the polynomial of AES: any t shares give the secret, t-1 give nothing."""
from __future__ import annotations

from collections.abc import Mapping

from trading_core.adapters.entropy import Entropy

SHARES_MAX = 255


def _tables() -> tuple[bytes, bytes]:
    powers, logs, x = bytearray(510), bytearray(256), 1
    for i in range(255):
        powers[i] = powers[i + 255] = x
        logs[x] = i
        x ^= (x << 1) ^ (0x11B if x & 0x80 else 0)  # times the generator 3
    return bytes(powers), bytes(logs)


_POWERS, _LOGS = _tables()


def split(secret: bytes, threshold: int, count: int, entropy: Entropy) -> dict[int, bytes]:
    """Shares by their place 1..count, each as long as the secret. ValueError unless 1 ≤ threshold ≤ count ≤ 255.

    The entropy is asked once, for the coefficients of x^1 (as long as the secret), then x^2, …: the order is part of the format.
    """
    if not 1 <= threshold <= count <= SHARES_MAX:
        raise ValueError("a threshold lies between one and the number of shares")
    size = len(secret)
    drawn = entropy.token_bytes(size * (threshold - 1))
    polynomial = [secret, *(drawn[i * size : (i + 1) * size] for i in range(threshold - 1))]
    return {x: bytes(_evaluate([c[i] for c in polynomial], x) for i in range(size)) for x in range(1, count + 1)}


def combine(shares: Mapping[int, bytes]) -> bytes:
    """The secret from `threshold` shares by their place. Wrong or too few shares give a wrong secret, not an error: check it."""
    sizes = {len(share) for share in shares.values()}
    if len(sizes) != 1 or not all(0 < x <= SHARES_MAX for x in shares):
        raise ValueError("shares have one length and a place from 1 to 255")
    secret = bytearray(sizes.pop())
    for x, share in shares.items():
        weight = 1
        for other in shares:
            if other != x:
                weight = _times(weight, _over(other, other ^ x))
        for i, value in enumerate(share):
            secret[i] ^= _times(weight, value)
    return bytes(secret)


def _evaluate(coefficients: list[int], x: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = _times(value, x) ^ coefficient
    return value


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + _LOGS[b]] if a and b else 0


def _over(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] - _LOGS[b] + 255] if a else 0
