"""SM2 on the recommended curve (GB/T 32918, GM/T 0003): the key encapsulation of its public key encryption.

Plain Python integers: right and quick enough for the handful of shares of an envelope, but its time depends on the secret.
"""
from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives import hashes

P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
GX = 0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7
GY = 0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def public_key(private: int) -> Affine:
    """The point of a private scalar in 1 .. N-2."""
    return _affine(_times_base(private))


def encode(point: Affine) -> bytes:
    """Uncompressed, 65 bytes."""
    return b"\x04" + _bytes(point[0]) + _bytes(point[1])


def decode(data: bytes) -> Affine:
    """The point of 65 bytes. ValueError when it is not one on the curve."""
    if len(data) != 65 or data[0] != 4:
        raise ValueError("not an uncompressed point")
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if x >= P or y >= P or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("not a point on the curve")
    return x, y


def encapsulate(public: Affine, k: int) -> tuple[bytes, bytes]:
    """(C1, x2 ‖ y2) of GB/T 32918.4 §6.1: the point to send and the secret only the key's owner can find again. k: fresh, 1 .. N-1."""
    return encode(_affine(_times_base(k))), encode(_affine(_times(k, public)))[1:]


def decapsulate(private: int, c1: bytes) -> bytes:
    """x2 ‖ y2 from C1. ValueError when C1 is not on the curve."""
    return encode(_affine(_times(private, decode(c1))))[1:]


def derive(secret: bytes, length: int) -> bytes:
    """The key derivation function of GB/T 32918.4 §5.4.3."""
    blocks = (sm3(secret + i.to_bytes(4, "big")) for i in range(1, -(-length // 32) + 1))
    return b"".join(blocks)[:length]


def _bytes(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _double(p: Jacobian) -> Jacobian:
    x, y, z = p
    d, g = z * z % P, y * y % P
    b = x * g % P
    a = 3 * (x - d) * (x + d) % P
    x3 = (a * a - 8 * b) % P
    return x3, (a * (4 * b - x3) - 8 * g * g) % P, 2 * y * z % P


def _mixed_add(p: Jacobian, q: Affine) -> Jacobian:
    x, y, z = p
    if not z:
        return q[0], q[1], 1
    zz = z * z % P
    h, r = (q[0] * zz - x) % P, (q[1] * z * zz - y) % P
    if not h:
        return _double(p) if not r else INFINITY
    hh = h * h % P
    hhh, v = h * hh % P, x * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y * hhh) % P, z * h % P


def _add(p: Jacobian, q: Jacobian) -> Jacobian:
    return _mixed_add(p, _affine(q)) if q[2] else p


def _affine(p: Jacobian) -> Affine:
    inverse = pow(p[2], -1, P)
    square = inverse * inverse % P
    return p[0] * square % P, p[1] * square * inverse % P


@cache
def _base_table() -> tuple[tuple[Affine, ...], ...]:
    """The multiples 1..255 of 256^i times the base point, i = 0..31: a product with the base is then 32 additions."""
    rows, base = [], (GX, GY)
    for _ in range(32):
        row, total = [], (*base, 1)
        for _ in range(255):
            row.append(_affine(total))
            total = _mixed_add(total, base)
        rows.append(tuple(row))
        base = _affine(total)
    return tuple(rows)


def _times_base(k: int) -> Jacobian:
    total = INFINITY
    for row, digit in zip(_base_table(), k.to_bytes(32, "little"), strict=True):
        if digit:
            total = _mixed_add(total, row[digit - 1])
    return total


def _times(k: int, point: Affine) -> Jacobian:
    table, total = [], (*point, 1)
    for _ in range(15):
        table.append(_affine(total))
        total = _mixed_add(total, point)
    result = INFINITY
    for digit in f"{k:064x}":
        for _ in range(4):
            result = _double(result)
        if value := int(digit, 16):
            result = _mixed_add(result, table[value - 1])
    return result
