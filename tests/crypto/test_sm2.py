"""SM2 against the examples of GB/T 32918.5 (recommended curve) and its own laws."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.adapters.crypto import sm2

# GB/T 32918.5 annexes A and C: one key pair and one random number.
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = (
    0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
)
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SCALARS = st.integers(1, sm2.N - 2)


def test_public_key_of_the_example() -> None:
    assert sm2.public_key(PRIVATE) == PUBLIC


def test_encryption_example() -> None:
    """GB/T 32918.5 annex C: C1, the shared point, the key stream, C2 and C3."""
    message = b"encryption standard"
    c1, secret = sm2.encapsulate(PUBLIC, K)
    assert c1.hex() == (
        "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
        "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
    )
    assert secret.hex() == (
        "335e18d751e51f040e27d468138b7ab1dc86ad7f981d7d416222fd6ab3ed230d"
        "ab743ebcfb22d64f7b6ab791f70658f25b48fa93e54064fdbfbed3f0bd847ac9"
    )
    stream = sm2.derive(secret, len(message))
    assert stream.hex() == "44e60fdbf0bae81437665374bef26749046c9e"
    assert bytes(a ^ b for a, b in zip(message, stream, strict=True)).hex() == "21886ca989ca9c7d58087307ca93092d651efa"
    c3 = sm2.sm3(secret[:32] + message + secret[32:])
    assert c3.hex() == "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    assert sm2.decapsulate(PRIVATE, c1) == secret


@settings(max_examples=25)
@given(SCALARS, SCALARS)
def test_both_sides_find_the_same_secret(private: int, k: int) -> None:
    c1, secret = sm2.encapsulate(sm2.public_key(private), k)
    assert sm2.decapsulate(private, c1) == secret


@pytest.mark.parametrize(
    "data",
    [b"", bytes(65), b"\x04" + bytes(64), b"\x02" + sm2.encode(PUBLIC)[1:], sm2.encode(PUBLIC)[:-1],
     b"\x04" + (PUBLIC[0] + sm2.P).to_bytes(33, "big")[-32:] + PUBLIC[1].to_bytes(32, "big")],
)  # fmt: skip
def test_what_is_no_point_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="point"):
        sm2.decode(data)


def test_adding_opposite_and_equal_points() -> None:
    """(n-1)·G + G is no point, G + G is 2·G: the two cases in which the general formula divides by nothing."""
    base = (sm2.GX, sm2.GY)
    assert not sm2._add(sm2._times(sm2.N - 1, base), (*base, 1))[2]
    assert sm2._affine(sm2._add((*base, 1), (*base, 1))) == sm2.public_key(2)
