"""Both suites keep the same promises; their parts give the published values."""
from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.adapters.crypto.suites import SUITES, CipherSuite, suite_of
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Refused

suites = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
few = settings(max_examples=20)


def test_the_registry() -> None:
    assert set(SUITES) == {"intl-1", "gm-1"}
    assert suite_of("gm-1").id == "gm-1"
    with pytest.raises(Refused) as refusal:
        suite_of("rot13")
    assert refusal.value.problems[0].code == "sealing.suite_unknown"


@suites
@few
@given(seed=st.binary(), info=st.binary(max_size=60), plaintext=st.binary(max_size=60), bit=st.integers(0))
def test_shares_open_for_the_right_key_and_use_only(suite: CipherSuite, seed: bytes, info: bytes, plaintext: bytes, bit: int) -> None:
    entropy = SeededEntropy(seed)
    private, other = suite.generate_key(entropy), suite.generate_key(entropy)
    sealed = suite.share_seal(suite.public_from_private(private), info, plaintext, entropy)
    assert suite.share_open(private, info, sealed) == plaintext
    changed = bytearray(sealed)
    changed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    cases = [(other, info, sealed), (private, info + b"x", sealed), (private, info, bytes(changed)), (private, info, sealed[:-1])]
    for key, use, text in cases:
        with pytest.raises(ValueError, match="."):
            suite.share_open(key, use, text)


@suites
def test_what_is_no_sealed_share_is_refused(suite: CipherSuite) -> None:
    private = suite.generate_key(SeededEntropy(b"k"))
    for sealed in (b"", bytes(65), bytes(200), suite.public_from_private(private)):
        with pytest.raises(ValueError, match="."):
            suite.share_open(private, b"", sealed)


@suites
def test_keys_have_the_stated_forms(suite: CipherSuite) -> None:
    private = suite.generate_key(SeededEntropy(b"k"))
    assert len(private) == 32
    public = suite.public_from_private(private)
    assert len(public) == 65 and public[0] == 4
    for bad in (bytes(32), b"\xff" * 32, private + b"\0"):
        with pytest.raises(ValueError, match="."):
            suite.public_from_private(bad)
    with pytest.raises(ValueError, match="."):
        suite.share_seal(public[:-1] + bytes([public[-1] ^ 1]), b"", b"", SeededEntropy(b""))


@suites
def test_extreme_seeds_give_usable_keys(suite: CipherSuite) -> None:
    for seed in (bytes(48), b"\xff" * 48):
        assert len(suite.public_from_private(suite.private_from_seed(seed))) == 65


@suites
def test_the_kdf_separates_uses(suite: CipherSuite) -> None:
    assert suite.kdf(b"s" * 32, b"a") != suite.kdf(b"s" * 32, b"b") != suite.kdf(b"t" * 32, b"b")
    assert suite.kdf(b"s" * 32, b"a", 80)[:32] == suite.kdf(b"s" * 32, b"a")


@suites
@few
@given(plaintext=st.binary(max_size=100), aad=st.binary(max_size=30), bit=st.integers(0))
def test_chunks_open_unchanged_only(suite: CipherSuite, plaintext: bytes, aad: bytes, bit: int) -> None:
    cipher, nonce = suite.chunk_cipher(bytes(suite.stream_key_size)), bytes(12)
    sealed, opened = bytearray(len(plaintext) + 16), bytearray(len(plaintext))
    cipher.encrypt_into(nonce, memoryview(plaintext), aad, memoryview(sealed))
    cipher.decrypt_into(nonce, memoryview(sealed), aad, memoryview(opened))
    assert bytes(opened) == plaintext
    for changed_nonce, changed_aad in ((b"\1" + nonce[1:], aad), (nonce, aad + b"x")):
        with pytest.raises(InvalidTag):
            cipher.decrypt_into(changed_nonce, memoryview(sealed), changed_aad, memoryview(opened))
    sealed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    with pytest.raises(InvalidTag):
        cipher.decrypt_into(nonce, memoryview(sealed), aad, memoryview(opened))


def test_published_hashes() -> None:
    """FIPS 180-4 and GB/T 32905 examples."""
    assert SUITES["intl-1"].hash(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert SUITES["gm-1"].hash(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert SUITES["gm-1"].hash(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_published_sm4_gcm() -> None:
    """RFC 8998 A.1."""
    cipher = SUITES["gm-1"].chunk_cipher(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    plaintext = b"".join(bytes([0x11 * d]) * 8 for d in (0xA, 0xB, 0xC, 0xD, 0xE, 0xF, 0xE, 0xA))
    sealed = bytearray(len(plaintext) + 16)
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    cipher.encrypt_into(bytes.fromhex("00001234567800000000abcd"), memoryview(plaintext), aad, memoryview(sealed))
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
