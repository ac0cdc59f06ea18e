"""intl-1: SHA-256, HKDF-SHA256, HPKE(P-256, HKDF-SHA256, AES-256-GCM) and AES-256-GCM."""
from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hpke as rfc9180
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trading_core.adapters.crypto import hpke
from trading_core.adapters.entropy import Entropy

N = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
HPKE = rfc9180.Suite(rfc9180.KEM.P256, rfc9180.KDF.HKDF_SHA256, rfc9180.AEAD.AES_256_GCM)


class AesGcmChunks:
    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt_into(self, nonce: bytes, plaintext: memoryview, aad: bytes, out: memoryview) -> None:
        self._cipher.encrypt_into(nonce, plaintext, aad, out)

    def decrypt_into(self, nonce: bytes, ciphertext: memoryview, aad: bytes, out: memoryview) -> None:
        self._cipher.decrypt_into(nonce, ciphertext, aad, out)


class Intl1:
    """The international suite."""

    id = "intl-1"
    stream_key_size = 32

    def hash(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def kdf(self, secret: bytes, info: bytes, length: int = 32) -> bytes:
        return HKDF(hashes.SHA256(), length, None, info).derive(secret)

    def private_from_seed(self, seed: bytes) -> bytes:
        return (int.from_bytes(seed, "big") % (N - 1) + 1).to_bytes(32, "big")

    def generate_key(self, entropy: Entropy) -> bytes:
        return self.private_from_seed(entropy.token_bytes(48))

    def public_from_private(self, private: bytes) -> bytes:
        return hpke.point(private)

    def share_seal(self, public: bytes, info: bytes, plaintext: bytes, entropy: Entropy) -> bytes:
        return hpke.seal(public, info, plaintext, self.generate_key(entropy))

    def share_open(self, private: bytes, info: bytes, sealed: bytes) -> bytes:
        key = hpke.private_key(private)
        try:
            return HPKE.decrypt(sealed, key, info)
        except InvalidTag as error:
            raise ValueError("does not open") from error

    def chunk_cipher(self, key: bytes) -> AesGcmChunks:
        return AesGcmChunks(key)
