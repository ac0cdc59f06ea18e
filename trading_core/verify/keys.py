"""Public keys, checkpoints and witnesses: signed notes as docs/formats.md §1 and §4 tell (C2SP signed-note, tlog-cosignature)."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .report import Broken, Check, KeySeen, Malformed
from .text import Value, base64_bytes

NOTE_MAX = 65536
WITNESSES_MAX = 32
SIGNING, WITNESSING = 1, 4
NAME = re.compile(r"[^\s+\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its published name."""

    name: str
    algorithm: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name} {self.id.hex()}"

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Keys:
    """Whom to believe: the log of a name, the platform's receipts, and so many of the witnesses."""

    origin: str
    log: Key
    receipt: Key
    witnesses: tuple[Key, ...]
    threshold: int

    def seen(self) -> tuple[KeySeen, ...]:
        named = [("log", self.log), ("receipt", self.receipt), *(("witness", w) for w in self.witnesses)]
        return tuple(KeySeen(role, key.name, key.id.hex()) for role, key in named)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a good checkpoint says: so many leaves under this root. witnesses: who cosigned it, with their times in seconds."""

    origin: str
    size: int
    root: bytes
    body: str
    lines: tuple[tuple[str, bytes], ...]


def read_key(value: Value, algorithm: int) -> Key:
    """A verifier key ``name+id+base64`` of that algorithm. Raises `Malformed`."""
    parts = value.text().split("+", 2)
    raw = base64_bytes(parts[2], value.where) if len(parts) == 3 else b""
    if len(raw) != 33 or raw[0] != algorithm or not NAME.fullmatch(parts[0]):
        raise Malformed(value.where, f"a verifier key of algorithm {algorithm}")
    key = Key(parts[0], algorithm, raw[1:])
    if key.id.hex() != parts[1]:
        raise Malformed(value.where, f"the id {key.id.hex()} of this name and key")
    return key


def read_keys(value: Value, origin: str) -> Keys:
    """The members log, receipt, witnesses and threshold of an object. Raises `Malformed`."""
    listed = value["witnesses"].entries()
    if len(listed) > WITNESSES_MAX:
        raise Malformed(value["witnesses"].where, f"at most {WITNESSES_MAX} witnesses")
    witnesses = tuple(read_key(w, WITNESSING) for w in listed)
    if len({w.name for w in witnesses}) != len(witnesses) or len({w.public for w in witnesses}) != len(witnesses):
        raise Malformed(value["witnesses"].where, "witnesses of different names and keys")
    threshold = value["threshold"].integer()
    if threshold > len(witnesses):
        raise Malformed(value["threshold"].where, f"at most the {len(witnesses)} witnesses there are")
    log = read_key(value["log"], SIGNING)
    if log.name != origin:
        raise Malformed(value["log"].where, "the log's key, named by its origin")
    return Keys(origin, log, read_key(value["receipt"], SIGNING), witnesses, threshold)


def read_key_file(value: Value) -> Keys:
    """The keys of a key file (docs/formats.md §1). Raises `Malformed`."""
    value.only("format", "origin", "log", "receipt", "witnesses", "threshold")["format"].choice("gongxin-keys-v1")
    return read_keys(value, value["origin"].text())


def read_checkpoint(raw: bytes, where: str) -> Checkpoint:
    """The checkpoint in a signed note; no signature is checked yet. Raises `Malformed`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(where, "UTF-8") from None
    if len(text) > NOTE_MAX or re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Malformed(where, f"at most {NOTE_MAX} characters, no control characters")
    found = re.fullmatch(r"(([^\n]+)\n(0|[1-9][0-9]{0,17})\n([^\n]+)\n)\n((?:— [^\n]+\n){1,32})", text)
    if not found or not NAME.fullmatch(found[2]):
        raise Malformed(where, "three lines, an empty line and 1 to 32 signature lines")
    root = base64_bytes(found[4], f"{where} line 3")
    if len(root) != 32:
        raise Malformed(f"{where} line 3", "a root of 32 bytes")
    return Checkpoint(found[2], int(found[3]), root, found[1], tuple(_lines(found[5], where)))


def _lines(text: str, where: str) -> Iterator[tuple[str, bytes]]:
    for i, line in enumerate(text.removesuffix("\n").split("\n"), 5):
        name, _, value = line[2:].partition(" ")
        raw = base64_bytes(value, f"{where} line {i}")
        if not NAME.fullmatch(name) or len(raw) < 5:
            raise Malformed(f"{where} line {i}", "a name and a signature")
        yield name, raw


def check_checkpoint(point: Checkpoint, keys: Keys, where: str) -> Iterator[Check]:
    """The log's signature, then the witnesses'. Raises `Broken`."""
    if point.origin != keys.origin:
        raise Broken("checkpoint.signature", f"{where} line 1", keys.origin, point.origin)
    body = point.body.encode()
    if not any(n == keys.log.name and raw[:4] == keys.log.id and keys.log.signed(raw[4:], body) for n, raw in point.lines):
        raise Broken("checkpoint.signature", where, f"a signature by {keys.log}", "none that holds")
    yield Check("checkpoint.signature", "holds", where, {"name": keys.log.name, "id": keys.log.id.hex(), "size": point.size})
    good = [w.name for w in keys.witnesses if _cosigned(point, w)]
    if len(good) < keys.threshold:
        raise Broken("checkpoint.witnesses", where, keys.threshold, len(good))
    params: dict[str, str | int] = {"count": len(good), "threshold": keys.threshold, "names": ", ".join(good)}
    yield Check("checkpoint.witnesses", "holds" if keys.threshold else "noted", where, params)


def _cosigned(point: Checkpoint, witness: Key) -> bool:
    for name, raw in point.lines:
        if name == witness.name and raw[:4] == witness.id and len(raw) == 76:
            time = int.from_bytes(raw[4:12], "big")
            if witness.signed(raw[12:], f"cosignature/v1\ntime {time}\n{point.body}".encode()):
                return True
    return False
