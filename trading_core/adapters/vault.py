"""The vault: private parts at rest. Its key lies outside the database, so a dump of the database tells no secret."""
from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .entropy import Entropy
from .files import first_file

NONCE = 12


class VaultError(Exception):
    """A private part that the vault's key does not open: another key, or changed bytes."""


class Vault:
    """AES-256-GCM under one key; the place of the text (stream and version, or table and row) is bound into it."""

    def __init__(self, key: bytes, entropy: Entropy) -> None:
        self._cipher, self._entropy = AESGCM(key), entropy
        self._blind = hashlib.sha256(b"gongxin-vault-blind-v1\0" + key).digest()

    def seal(self, place: str, secret: bytes) -> bytes:
        nonce = self._entropy.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """The secret that was sealed at that place. Raises `VaultError`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:  # too short for a nonce, too
            raise VaultError(place) from error

    def blind(self, value: str) -> bytes:
        """A keyed fingerprint by which equal values can be found without keeping them in clear."""
        return hashlib.blake2b(value.encode(), key=self._blind, digest_size=32).digest()


def key_file(path: Path, entropy: Entropy) -> bytes:
    """The 32-byte key in the file, made on first use and readable by the owner only."""
    return first_file(path, lambda: entropy.token_bytes(32))
