"""The platform's own signing keys, in the data folder, made on first use: log, receipts, witnesses kept here, vault."""
from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..domain.notes import verifier_key
from .entropy import Entropy
from .vault import key_file


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key with the name under which its signatures appear."""

    name: str
    private: Ed25519PrivateKey

    @cached_property
    def public(self) -> bytes:
        """32 raw bytes."""
        return self.private.public_key().public_bytes_raw()

    @cached_property
    def verifier(self) -> str:
        """The public key as it is published."""
        return verifier_key(self.name, self.public)

    @property
    def public_text(self) -> str:
        return base64.b64encode(self.public).decode()

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


@dataclass(frozen=True)
class Keys:
    """log signs checkpoints, receipt signs receipts and project files, token signs access tokens (32 secret bytes)."""

    log: SigningKey
    receipt: SigningKey
    token: bytes
    vault: bytes


def open_keys(folder: Path, origin: str, entropy: Entropy) -> Keys:
    """The keys of this installation; missing ones are made."""

    def signing(name: str, file: str) -> SigningKey:
        return SigningKey(name, Ed25519PrivateKey.from_private_bytes(key_file(folder / file, entropy)))

    return Keys(
        signing(origin, "log.key"),
        signing(origin + "/receipt", "receipt.key"),
        key_file(folder / "token.key", entropy),
        key_file(folder / "vault.key", entropy),
    )


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the raw public key (32 bytes) made the signature (64 bytes) over the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
