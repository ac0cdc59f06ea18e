"""The sender's half of HPKE against RFC 9180 A.3.1, and against the receiver's half of another implementation."""
from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.adapters.crypto import hpke
from trading_core.adapters.crypto.intl import HPKE, N

INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
EPHEMERAL = bytes.fromhex("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb")
ENC = bytes.fromhex(
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
)
RECIPIENT = bytes.fromhex(
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"
)
SCALARS = st.integers(1, N - 1).map(lambda n: n.to_bytes(32, "big"))


def test_base_mode_vector() -> None:
    """RFC 9180 A.3.1: shared secret, key, nonce and the first ciphertext."""
    assert hpke.point(bytes.fromhex("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")) == RECIPIENT
    shared, enc = hpke.encapsulate(RECIPIENT, EPHEMERAL)
    assert enc == ENC
    assert shared.hex() == "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"
    key, nonce = hpke.key_schedule(shared, INFO, (b"\x00\x01", 16))
    assert key.hex() == "868c066ef58aae6dc589b6cfdd18f97e"
    assert nonce.hex() == "4e0bc5018beba4bf004cca59"
    text = AESGCM(key).encrypt(nonce, b"Beauty is truth, truth beauty", b"Count-0")
    assert text.hex() == "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"


@settings(max_examples=25)
@given(SCALARS, SCALARS, st.binary(max_size=80), st.binary(max_size=80))
def test_the_other_implementation_opens_it(private: bytes, ephemeral: bytes, info: bytes, plaintext: bytes) -> None:
    sealed = hpke.seal(hpke.point(private), info, plaintext, ephemeral)
    assert HPKE.decrypt(sealed, hpke.private_key(private), info) == plaintext


@pytest.mark.parametrize("scalar", [bytes(32), N.to_bytes(32, "big"), bytes(31), b"\x01" * 33])
def test_what_is_no_scalar_is_refused(scalar: bytes) -> None:
    with pytest.raises(ValueError, match="."):
        hpke.point(scalar)
