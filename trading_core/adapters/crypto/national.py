"""gm-1 (国密): SM3, HKDF over HMAC-SM3, SM2 key encapsulation, SM4-GCM. Not a certified 商密 product."""
from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trading_core.adapters.crypto import sm2
from trading_core.adapters.entropy import Entropy

TAG = 16
POINT = 65


class Sm4GcmChunks:
    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt_into(self, nonce: bytes, plaintext: memoryview, aad: bytes, out: memoryview) -> None:
        cipher = Cipher(self._key, GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(aad)
        cipher.update_into(plaintext, out[:-TAG])
        cipher.finalize()
        out[-TAG:] = cipher.tag

    def decrypt_into(self, nonce: bytes, ciphertext: memoryview, aad: bytes, out: memoryview) -> None:
        cipher = Cipher(self._key, GCM(nonce)).decryptor()
        cipher.authenticate_additional_data(aad)
        cipher.update_into(ciphertext[:-TAG], out)
        cipher.finalize_with_tag(bytes(ciphertext[-TAG:]))


class Gm1:
    """The national suite."""

    id = "gm-1"
    stream_key_size = 16

    def hash(self, data: bytes) -> bytes:
        return sm2.sm3(data)

    def kdf(self, secret: bytes, info: bytes, length: int = 32) -> bytes:
        return HKDF(hashes.SM3(), length, None, info).derive(secret)

    def private_from_seed(self, seed: bytes) -> bytes:
        """In 1 .. n-2: GB/T 32918.1 forbids n-1, for which 1 + d has no inverse."""
        return (int.from_bytes(seed, "big") % (sm2.N - 2) + 1).to_bytes(32, "big")

    def generate_key(self, entropy: Entropy) -> bytes:
        return self.private_from_seed(entropy.token_bytes(48))

    def public_from_private(self, private: bytes) -> bytes:
        return sm2.encode(sm2.public_key(_scalar(private)))

    def share_seal(self, public: bytes, info: bytes, plaintext: bytes, entropy: Entropy) -> bytes:
        """C1 ‖ SM4-GCM(plaintext) with key and nonce from the standard's KDF over x2 ‖ y2 ‖ C1 ‖ public ‖ SM3(info)."""
        k = int.from_bytes(self.generate_key(entropy), "big")
        c1, secret = sm2.encapsulate(sm2.decode(public), k)
        key, nonce = _share_key(secret, c1, public, info)
        out = bytearray(len(plaintext) + TAG)
        Sm4GcmChunks(key).encrypt_into(nonce, memoryview(plaintext), b"", memoryview(out))
        return c1 + bytes(out)

    def share_open(self, private: bytes, info: bytes, sealed: bytes) -> bytes:
        d, c1, text = _scalar(private), sealed[:POINT], sealed[POINT:]
        if len(text) < TAG:
            raise ValueError("too short")
        key, nonce = _share_key(sm2.decapsulate(d, c1), c1, self.public_from_private(private), info)
        out = bytearray(len(text) - TAG)
        try:
            Sm4GcmChunks(key).decrypt_into(nonce, memoryview(text), b"", memoryview(out))
        except InvalidTag as error:
            raise ValueError("does not open") from error
        return bytes(out)

    def chunk_cipher(self, key: bytes) -> Sm4GcmChunks:
        return Sm4GcmChunks(key)


def _scalar(private: bytes) -> int:
    d = int.from_bytes(private, "big")
    if len(private) != 32 or not 0 < d < sm2.N - 1:
        raise ValueError("not a private key")
    return d


def _share_key(secret: bytes, c1: bytes, public: bytes, info: bytes) -> tuple[bytes, bytes]:
    material = sm2.derive(secret + c1 + public + sm2.sm3(info), 28)
    return material[:16], material[16:]
