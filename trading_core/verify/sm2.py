"""The curve of SM2 (GB/T 32918.5) and what sealing needs of it: a public key, and the secret that two keys share.

Plain integers; nothing here is secret any more when a project file is checked.
"""
from __future__ import annotations

from cryptography.hazmat.primitives import hashes

P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
BASE = (0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
        0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0)  # fmt: skip

Point = tuple[int, int]


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def derive(secret: bytes, length: int) -> bytes:
    """The key derivation function of GB/T 32918.4 §5.4.3."""
    return b"".join(sm3(secret + i.to_bytes(4, "big")) for i in range(1, -(-length // 32) + 1))[:length]


def scalar(private: bytes) -> int:
    """ValueError when it is no private key."""
    d = int.from_bytes(private, "big")
    if len(private) != 32 or not 0 < d < N - 1:
        raise ValueError("not a private key")
    return d


def point(data: bytes) -> Point:
    """The point of 65 bytes. ValueError when it is none of the curve."""
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if len(data) != 65 or data[0] != 4 or x >= P or y >= P or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("not a point of the curve")
    return x, y


def encoded(at: Point) -> bytes:
    return b"\x04" + at[0].to_bytes(32, "big") + at[1].to_bytes(32, "big")


def times(k: int, at: Point) -> Point:
    """The k-fold of a point, 0 < k < N; by doubling and adding in coordinates (x/z², y/z³)."""
    x, y, z = 1, 1, 0
    for bit in f"{k:b}":
        x, y, z = _doubled(x, y, z)
        if bit == "1":
            x, y, z = _added(x, y, z, at)
    inverse = pow(z, -1, P)
    return x * inverse**2 % P, y * inverse**3 % P


def _doubled(x: int, y: int, z: int) -> tuple[int, int, int]:
    s, m = 4 * x * y * y % P, (3 * x * x + A * pow(z, 4, P)) % P
    after = (m * m - 2 * s) % P
    return after, (m * (s - after) - 8 * pow(y, 4, P)) % P, 2 * y * z % P


def _added(x: int, y: int, z: int, at: Point) -> tuple[int, int, int]:
    if not z:
        return *at, 1
    h, r = (at[0] * z * z - x) % P, (at[1] * z * z * z - y) % P
    if not h:
        return _doubled(x, y, z) if not r else (1, 1, 0)
    after = (r * r - h * h * h - 2 * x * h * h) % P
    return after, (r * (x * h * h - after) - y * h * h * h) % P, z * h % P
