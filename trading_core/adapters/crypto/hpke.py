"""HPKE (RFC 9180) base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256: the sender's half with a given ephemeral key.

`cryptography` opens such messages but draws the sender's key itself. An envelope must be sealable again bit for bit from its file
key, so that everybody can check after the opening that every trustee got a true share; therefore the sender's half is here.
"""
from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
KEM_ID, KDF_ID = b"\x00\x10", b"\x00\x01"
AES_256_GCM = b"\x00\x02", 32  # AEAD id and key length, RFC 9180 §7.3


def private_key(private: bytes) -> ec.EllipticCurvePrivateKey:
    """ValueError when it is not a scalar of 32 bytes in 1 .. n-1."""
    if len(private) != 32:
        raise ValueError("not a private key")
    return ec.derive_private_key(int.from_bytes(private, "big"), CURVE)


def point(private: bytes) -> bytes:
    """The public key of a scalar, uncompressed, 65 bytes."""
    return private_key(private).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal(public: bytes, info: bytes, plaintext: bytes, ephemeral: bytes) -> bytes:
    """enc ‖ ciphertext, without additional data. ephemeral: a scalar used for this one message. ValueError on a bad point."""
    shared, enc = encapsulate(public, ephemeral)
    key, nonce = key_schedule(shared, info, AES_256_GCM)
    return enc + AESGCM(key).encrypt(nonce, plaintext, b"")


def encapsulate(public: bytes, ephemeral: bytes) -> tuple[bytes, bytes]:
    """(shared secret, enc) of RFC 9180 §4.1."""
    enc = point(ephemeral)
    secret = private_key(ephemeral).exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public))
    suite = b"KEM" + KEM_ID
    return _expand(_extract(b"", suite, b"eae_prk", secret), suite, b"shared_secret", enc + public, 32), enc


def key_schedule(shared: bytes, info: bytes, aead: tuple[bytes, int]) -> tuple[bytes, bytes]:
    """(key, base nonce) of RFC 9180 §5.1, base mode."""
    suite = b"HPKE" + KEM_ID + KDF_ID + aead[0]
    context = b"\x00" + _extract(b"", suite, b"psk_id_hash", b"") + _extract(b"", suite, b"info_hash", info)
    secret = _extract(shared, suite, b"secret", b"")
    return _expand(secret, suite, b"key", context, aead[1]), _expand(secret, suite, b"base_nonce", context, 12)


def _extract(salt: bytes, suite: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, "sha256")


def _expand(key: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """One block is enough: nothing here is longer than 32 bytes."""
    return hmac.digest(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", "sha256")[:length]
