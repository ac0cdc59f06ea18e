"""The plug point for ciphers. Everything that is stored names its suite, so that it can be checked when others have come."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from trading_core.adapters.crypto.intl import Intl1
from trading_core.adapters.crypto.national import Gm1
from trading_core.adapters.entropy import Entropy
from trading_core.domain.errors import Problem, Refused


class ChunkCipher(Protocol):
    """Authenticated encryption under one key, the caller giving every nonce (12 bytes) once. Tags are 16 bytes, behind the text."""

    def encrypt_into(self, nonce: bytes, plaintext: memoryview, aad: bytes, out: memoryview) -> None:
        """`out` is 16 bytes longer than the plaintext."""

    def decrypt_into(self, nonce: bytes, ciphertext: memoryview, aad: bytes, out: memoryview) -> None:
        """`out` is 16 bytes shorter. `cryptography.exceptions.InvalidTag` when anything differs; `out` is then worth nothing."""


class CipherSuite(Protocol):
    """One consistent choice of ciphers.

    Private keys are 32-byte scalars, public sealing keys uncompressed points of 65 bytes; hashes have 32 bytes.
    """

    id: str
    stream_key_size: int

    def hash(self, data: bytes) -> bytes: ...

    def kdf(self, secret: bytes, info: bytes, length: int = 32) -> bytes:
        """HKDF without salt over the suite's hash: bytes that only holders of `secret` can know, different for every `info`."""

    def private_from_seed(self, seed: bytes) -> bytes:
        """The private key of a 48-byte secret, the same in every implementation (FIPS 186-5 A.2.1)."""

    def generate_key(self, entropy: Entropy) -> bytes:
        """A fresh private key."""

    def public_from_private(self, private: bytes) -> bytes:
        """The public key to seal for. ValueError when `private` is no private key."""

    def share_seal(self, public: bytes, info: bytes, plaintext: bytes, entropy: Entropy) -> bytes:
        """Seal a short secret for the owner of `public`; it opens under the same `info` only. ValueError on a bad point."""

    def share_open(self, private: bytes, info: bytes, sealed: bytes) -> bytes:
        """ValueError when it was not sealed for this key and this `info`, or was changed."""

    def chunk_cipher(self, key: bytes) -> ChunkCipher: ...


SUITES: Mapping[str, CipherSuite] = MappingProxyType({suite.id: suite for suite in (Intl1(), Gm1())})


def suite_of(suite_id: str) -> CipherSuite:
    """The suite of that id. Refused with ``sealing.suite_unknown``."""
    if suite_id not in SUITES:
        raise Refused(Problem("sealing.suite_unknown", "suite", {"known": ", ".join(sorted(SUITES))}, "B-11"))
    return SUITES[suite_id]
