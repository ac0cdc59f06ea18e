"""The two cipher suites of sealed bids, as far as opening one again needs them (docs/formats-sealed.md §2)."""
from __future__ import annotations

import hashlib
import hmac
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from . import sm2

TAG, POINT = 16, 65


class Suite(Protocol):
    """What a suite can do. Private keys are 32 bytes, public ones 65. ValueError for a key, point or text that is none or does not open."""

    stream_key_size: int

    def hash(self, data: bytes) -> bytes: ...

    def kdf(self, secret: bytes, info: bytes, length: int) -> bytes: ...

    def private(self, seed: bytes) -> bytes:
        """The private key that 48 bytes give."""
        ...

    def public(self, private: bytes) -> bytes: ...

    def seal(self, public: bytes, info: bytes, text: bytes, ephemeral: bytes) -> bytes:
        """A short text sealed for a public key with the sender's private key `ephemeral`."""
        ...

    def unseal(self, private: bytes, info: bytes, sealed: bytes) -> bytes: ...

    def chunk(self, key: bytes, nonce: bytes, sealed: bytes, additional: bytes) -> bytes:
        """A chunk of the stream, opened."""
        ...


class Intl1:
    """intl-1: SHA-256, HKDF, HPKE base mode over P-256 (RFC 9180), AES-256-GCM."""

    stream_key_size = 32
    order = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551

    def hash(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def kdf(self, secret: bytes, info: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, None, info).derive(secret)

    def private(self, seed: bytes) -> bytes:
        return (int.from_bytes(seed, "big") % (self.order - 1) + 1).to_bytes(32, "big")

    def public(self, private: bytes) -> bytes:
        return _p256(private).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def seal(self, public: bytes, info: bytes, text: bytes, ephemeral: bytes) -> bytes:
        enc = self.public(ephemeral)
        key, nonce = _hpke(_p256(ephemeral), public, enc + public, info)
        return enc + AESGCM(key).encrypt(nonce, text, b"")

    def unseal(self, private: bytes, info: bytes, sealed: bytes) -> bytes:
        enc, text = sealed[:POINT], sealed[POINT:]
        key, nonce = _hpke(_p256(private), enc, enc + self.public(private), info)
        return self.chunk(key, nonce, text, b"")

    def chunk(self, key: bytes, nonce: bytes, sealed: bytes, additional: bytes) -> bytes:
        try:
            return AESGCM(key).decrypt(nonce, sealed, additional)
        except InvalidTag:
            raise ValueError("does not open") from None


def _p256(private: bytes) -> ec.EllipticCurvePrivateKey:
    if len(private) != 32:
        raise ValueError("not a private key")
    return ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())


def _hpke(mine: ec.EllipticCurvePrivateKey, other: bytes, context: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of RFC 9180 §4.1 and §5.1, base mode; context: enc ‖ the recipient's public key."""
    point = mine.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), other))
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"
    shared = _expand(_extract(b"", kem + b"eae_prk" + point), kem + b"shared_secret" + context, 32)
    told = b"\x00" + _extract(b"", suite + b"psk_id_hash") + _extract(b"", suite + b"info_hash" + info)
    secret = _extract(shared, suite + b"secret")
    return _expand(secret, suite + b"key" + told, 32), _expand(secret, suite + b"base_nonce" + told, 12)


def _extract(salt: bytes, labelled: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + labelled, "sha256")


def _expand(key: bytes, labelled: bytes, length: int) -> bytes:
    """One block of HKDF is enough: nothing here is longer than 32 bytes."""
    return hmac.digest(key, length.to_bytes(2, "big") + b"HPKE-v1" + labelled + b"\x01", "sha256")[:length]


class Gm1:
    """gm-1 (国密): SM3, HKDF over HMAC-SM3, SM2 key agreement as in GB/T 32918.4, SM4-GCM."""

    stream_key_size = 16

    def hash(self, data: bytes) -> bytes:
        return sm2.sm3(data)

    def kdf(self, secret: bytes, info: bytes, length: int) -> bytes:
        return HKDF(hashes.SM3(), length, None, info).derive(secret)

    def private(self, seed: bytes) -> bytes:
        return (int.from_bytes(seed, "big") % (sm2.N - 2) + 1).to_bytes(32, "big")

    def public(self, private: bytes) -> bytes:
        return sm2.encoded(sm2.times(sm2.scalar(private), sm2.BASE))

    def seal(self, public: bytes, info: bytes, text: bytes, ephemeral: bytes) -> bytes:
        c1 = self.public(ephemeral)
        key, nonce = self._agreed(ephemeral, public, c1, public, info)
        cipher = Cipher(SM4(key), GCM(nonce)).encryptor()
        return c1 + cipher.update(text) + cipher.finalize() + cipher.tag

    def unseal(self, private: bytes, info: bytes, sealed: bytes) -> bytes:
        c1, text = sealed[:POINT], sealed[POINT:]
        return self.chunk(*self._agreed(private, c1, c1, self.public(private), info), text, b"")

    def _agreed(self, mine: bytes, other: bytes, c1: bytes, public: bytes, info: bytes) -> tuple[bytes, bytes]:
        shared = sm2.encoded(sm2.times(sm2.scalar(mine), sm2.point(other)))[1:]
        material = sm2.derive(shared + c1 + public + sm2.sm3(info), 28)
        return material[:16], material[16:]

    def chunk(self, key: bytes, nonce: bytes, sealed: bytes, additional: bytes) -> bytes:
        if len(sealed) < TAG:
            raise ValueError("too short")
        cipher = Cipher(SM4(key), GCM(nonce)).decryptor()
        cipher.authenticate_additional_data(additional)
        try:
            return cipher.update(sealed[:-TAG]) + cipher.finalize_with_tag(sealed[-TAG:])
        except InvalidTag:
            raise ValueError("does not open") from None


SUITES: dict[str, Suite] = {"intl-1": Intl1(), "gm-1": Gm1()}
