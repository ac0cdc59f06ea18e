"""The file in which a trustee keeps the master secret (GXK1): JSON, encrypted under a passphrase."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from trading_core.adapters.crypto.canonical import canonical, parse
from trading_core.adapters.crypto.slot import NAME
from trading_core.adapters.crypto.trustees import MASTER_SIZE
from trading_core.adapters.entropy import Entropy
from trading_core.domain.errors import Problem, Refused

PASSPHRASE_MIN = 12
COST = 1 << 17  # with blocks of 1 KiB: 128 MiB for each guess
COST_MAX = 1 << 20
KEYS = {"format", "trustee", "kdf", "cipher", "nonce", "sealed"}
SIZES = {"salt": 16, "nonce": 12, "sealed": MASTER_SIZE + 16}


@dataclass(frozen=True, slots=True)
class KeyFile:
    """trustee: whose it is. master: 32 bytes."""

    trustee: str
    master: bytes = field(repr=False)


def write_key_file(key: KeyFile, passphrase: str, entropy: Entropy) -> str:
    """The text to store. Refused when the passphrase is too short."""
    if len(key.master) != MASTER_SIZE:
        raise Refused(Problem("sealing.master_malformed", params={"size": MASTER_SIZE}))
    if len(passphrase) < PASSPHRASE_MIN:
        raise Refused(Problem("sealing.passphrase_short", "passphrase", {"minimum": PASSPHRASE_MIN}))
    salt, nonce = entropy.token_bytes(SIZES["salt"]), entropy.token_bytes(SIZES["nonce"])
    data: dict[str, Any] = {
        "format": "GXK1", "trustee": key.trustee, "cipher": "AES-256-GCM", "nonce": nonce.hex(),
        "kdf": {"name": "scrypt", "n": COST, "r": 8, "p": 1, "salt": salt.hex()},
    }  # fmt: skip
    data["sealed"] = AESGCM(_stretch(passphrase, salt, COST)).encrypt(nonce, key.master, canonical(data)).hex()
    return canonical(data).decode()


def read_key_file(text: str, passphrase: str) -> KeyFile:
    """Refused when it is no key file, or does not open: a wrong passphrase and a damaged file cannot be told apart."""
    try:
        data = parse(text.encode())
    except ValueError:
        data = None
    if not _is_key_file(data):
        raise Refused(Problem("sealing.key_file_malformed"))
    sealed, nonce, salt = bytes.fromhex(data.pop("sealed")), bytes.fromhex(data["nonce"]), bytes.fromhex(data["kdf"]["salt"])
    try:
        master = AESGCM(_stretch(passphrase, salt, data["kdf"]["n"])).decrypt(nonce, sealed, canonical(data))
    except InvalidTag:
        raise Refused(Problem("sealing.passphrase_wrong", "passphrase")) from None
    return KeyFile(data["trustee"], master)


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    """NFKC first: the same keys give the same passphrase on every keyboard and system."""
    return Scrypt(salt, 32, cost, 8, 1).derive(unicodedata.normalize("NFKC", passphrase).encode())


def _is_key_file(data: Any) -> bool:
    if not isinstance(data, dict) or set(data) != KEYS or data["format"] != "GXK1" or data["cipher"] != "AES-256-GCM":
        return False
    kdf = data["kdf"]
    if not isinstance(kdf, dict) or set(kdf) != {"name", "n", "r", "p", "salt"} or (kdf["name"], kdf["r"], kdf["p"]) != ("scrypt", 8, 1):
        return False
    if type(kdf["n"]) is not int or not COST <= kdf["n"] <= COST_MAX or kdf["n"] & (kdf["n"] - 1):
        return False
    texts = {"salt": kdf["salt"], "nonce": data["nonce"], "sealed": data["sealed"]}
    sized = all(isinstance(v, str) and re.fullmatch(f"[0-9a-f]{{{2 * SIZES[k]}}}", v) for k, v in texts.items())
    return sized and isinstance(data["trustee"], str) and NAME.fullmatch(data["trustee"]) is not None
