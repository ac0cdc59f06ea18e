"""Signed notes as text: checkpoints of the log and witnesses' cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

Signing and verifying are passed in; here is only what the texts look like. Everything is parsed strictly: a note that could be
read in two ways is refused.
"""
from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ED25519 = 1  # algorithm byte of an ordinary note signature
COSIGNATURE = 4  # algorithm byte of a witness's timestamped cosignature
NOTE_MAX = 65536  # characters
SIGNATURES_MAX = 32
DASH = "\N{EM DASH} "

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, signature, message) to whether the Ed25519 signature holds. Must not raise."""

Sign = Callable[[bytes], bytes]
"""Message to its 64-byte Ed25519 signature."""


class NoteError(ValueError):
    """A text that is not a note, checkpoint, key or signature line as published."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: name of the key, its 4-byte id, and the signature's bytes (with a timestamp in front for a cosignature)."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """body: the signed text, ending in a newline. signatures in the order they stand."""

    body: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class CheckpointBody:
    """What a checkpoint says: the log of this name had this many leaves under this 32-byte head."""

    origin: str
    size: int
    root: bytes


# ------------------------------------------------------------------ keys

def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The 4 bytes by which signature lines name a key."""
    return hashlib.sha256(_name(name).encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def verifier_key(name: str, public: bytes, algorithm: int = ED25519) -> str:
    """A public key as one line of text, ``name+id+key``, the way keys are published."""
    return f"{name}+{key_id(name, algorithm, public).hex()}+{base64.b64encode(bytes([algorithm]) + public).decode()}"


# ------------------------------------------------------------------ building

def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed."""
    if size < 0 or len(root) != 32:
        raise NoteError("a size is not negative and a root has 32 bytes")
    return f"{_name(origin)}\n{size}\n{base64.b64encode(root).decode()}\n"


def signature_line(name: str, public: bytes, signature: bytes) -> str:
    """The line, without its newline, for a signature over a note's body."""
    return _line(name, key_id(name, ED25519, public) + signature)


def cosignature_message(time: int, body: str) -> bytes:
    """What a witness signs. time: seconds since 1970 UTC."""
    return f"cosignature/v1\ntime {time}\n{body}".encode()


def cosignature_line(name: str, public: bytes, time: int, body: str, sign: Sign) -> str:
    """The line, without its newline, by which a witness says: at this time this was the newest tree I had seen, and it only grew."""
    signature = sign(cosignature_message(time, body))
    return _line(name, key_id(name, COSIGNATURE, public) + time.to_bytes(8, "big") + signature)


def signed_note(body: str, lines: Sequence[str]) -> str:
    """The note: body, an empty line, the signature lines."""
    return body + "\n" + "".join(f"{line}\n" for line in lines)


def _line(name: str, value: bytes) -> str:
    return f"{DASH}{_name(name)} {base64.b64encode(value).decode()}"


# ------------------------------------------------------------------ parsing

def parse_note(text: str) -> Note:
    """The note in a text. Raises `NoteError` on anything beside it."""
    if len(text) > NOTE_MAX:
        raise NoteError(f"a note has at most {NOTE_MAX} characters")
    if any(ord(c) < 32 and c != "\n" for c in text):
        raise NoteError("a note has no control characters")
    before, gap, rest = text.rpartition("\n\n")
    if not gap or not before or not rest.endswith("\n"):
        raise NoteError("a note is a text, an empty line and signature lines, each ended by a newline")
    lines = rest[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteError(f"a note has at most {SIGNATURES_MAX} signatures")
    return Note(before + "\n", tuple(parse_signature(line) for line in lines))


def parse_signature(line: str) -> Signature:
    """The signature in a line (without its newline). Raises `NoteError`."""
    name, gap, value = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not gap:
        raise NoteError("a signature line is a dash, a name and base64")
    raw = strict_base64(value)
    if len(raw) < 5:
        raise NoteError("a signature line has a key id and a signature")
    return Signature(_name(name), raw[:4], raw[4:])


def parse_checkpoint(body: str) -> CheckpointBody:
    """The checkpoint in a note's body. Raises `NoteError`; lines beyond the three are not ours."""
    match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([^\n]+)\n", body)
    if not match:
        raise NoteError("a checkpoint is an origin, a size and a root, a line each")
    root = strict_base64(match[3])
    if len(root) != 32:
        raise NoteError("a root has 32 bytes")
    return CheckpointBody(_name(match[1]), int(match[2]), root)


def parse_verifier_key(text: str) -> tuple[str, int, bytes]:
    """(name, algorithm, 32 raw bytes) of a published key. Raises `NoteError`, also when its id does not fit."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise NoteError("a key is name+id+key")
    raw = strict_base64(parts[2])
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise NoteError("not an Ed25519 key of a log or a witness")
    if key_id(parts[0], raw[0], raw[1:]).hex() != parts[1]:
        raise NoteError("the key's id is not that of this name and key")
    return parts[0], raw[0], raw[1:]


# ------------------------------------------------------------------ verifying

def cosignature_time(note: str, witness: str, public: bytes, line: str, verify: Verify) -> int | None:
    """When the witness cosigned the note, in seconds since 1970 UTC; None when this line is not its good cosignature."""
    body, s = parse_note(note).body, parse_signature(line)
    if s.name != witness or s.key_id != key_id(witness, COSIGNATURE, public) or len(s.value) != 72:
        return None
    time = int.from_bytes(s.value[:8], "big")
    return time if verify(public, s.value[8:], cosignature_message(time, body)) else None


def cosignature_valid(note: str, witness: str, public: bytes, line: str, verify: Verify) -> bool:
    """Whether the line is a good cosignature of the witness on the note; a line that cannot be read is not."""
    try:
        return cosignature_time(note, witness, public, line, verify) is not None
    except NoteError:
        return False


def strict_base64(text: str) -> bytes:
    """Standard base64 in its one spelling. Raises `NoteError`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise NoteError("base64 in another spelling")
    return raw


def _name(name: str) -> str:
    """A key's name: not empty, no white space, no plus."""
    if not name or "+" in name or any(c.isspace() or ord(c) < 32 for c in name):
        raise NoteError(f"not a name for a key: {name!r}")
    return name
