"""Witnesses: somebody else who watches the log and cosigns each checkpoint that only added to the one seen before.

A witness belongs to another body (the supervisor's office, another centre), keeps its own key and what it saw last in its own
folder, and checks with the independent verifier, not with the server's code. It sees hashes only, never an event.
"""
from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .. import verify
from ..adapters.entropy import Entropy
from ..adapters.files import whole_file
from ..adapters.keys import SigningKey
from ..adapters.vault import key_file
from ..domain import notes
from ..domain.errors import Problem, Refused
from ..domain.identity import Actor
from ..domain.leaves import canonical
from ..domain.permissions import Context, Permission, require
from ..platform import Platform
from . import log

logger = logging.getLogger(__name__)

KNOWN = "witnesses.txt"
TIMEOUT_S = 30


class LogSource(Protocol):
    """A log as a witness sees it, wherever it runs."""

    def trust(self) -> str:
        """The log's keys as a key file (docs/formats.md §1), read once, when a witness meets the log."""

    def checkpoint(self) -> str:
        """The newest checkpoint as a note."""

    def consistency(self, first: int, second: int) -> Sequence[bytes]:
        """The proof that the tree of `second` leaves only added to that of `first`."""

    def hand_in(self, size: int, verifier_key: str, line: str) -> None:
        """Give the log a cosignature to publish."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """What a witness gives: size of the tree, its signature line."""

    size: int
    line: str


@dataclass(frozen=True)
class Witness:
    """A witness with its key and the folder in which it keeps what it believes and has seen."""

    key: SigningKey
    folder: Path

    @property
    def verifier_key(self) -> str:
        """The public key as others are told it."""
        return notes.verifier_key(self.key.name, self.key.public, notes.COSIGNATURE)

    def attend(self, source: LogSource, now: datetime) -> Cosignature | None:
        """Look at the newest checkpoint, check it, remember it, cosign it, hand the line in; None when there is nothing new.

        Raises `Refused`: ``witness.shrunk``, ``witness.broken``. What was shown then stays in the folder as evidence.
        """
        trust, note, before = self._trust(source), source.checkpoint(), self._seen()
        size, earlier = _size(note), _size(before) if before else 0
        if size < earlier:
            raise self._evidence("witness.shrunk", note, {"size": size, "earlier": earlier})
        proof = source.consistency(earlier, size) if 0 < earlier < size else ()
        report = verify.checkpoint(note.encode(), trust, before.encode() if before else None, list(proof))
        if report.failure is not None:
            broken = report.failure
            raise self._evidence("witness.broken", note, {"size": size, "earlier": earlier, "check": broken.name, "where": broken.where})
        if size == earlier and any(s.name == self.key.name for s in notes.parse_note(note).signatures):
            return None
        self._keep("seen.txt", note)  # before the signature leaves: after a crash it may be given again, never for another tree
        line = notes.cosignature_line(self.key.name, self.key.public, int(now.timestamp()), notes.parse_note(note).body, self.key.sign)
        source.hand_in(size, self.verifier_key, line)
        return Cosignature(size, line)

    def _trust(self, source: LogSource) -> verify.Keys:
        """The keys of the log as pinned at the first meeting."""
        path = self.folder / "log.json"
        if not path.exists():
            told = source.trust()
            verify.read_trust(told.encode())
            self._keep(path.name, told)
        return replace(verify.read_trust(path), witnesses=(), threshold=0)  # a witness waits for no other

    def _seen(self) -> str:
        path = self.folder / "seen.txt"
        return path.read_text("utf-8") if path.exists() else ""

    def _keep(self, name: str, text: str) -> None:
        with whole_file(self.folder / name) as file:
            file.write(text.encode())

    def _evidence(self, code: str, note: str, params: dict[str, object]) -> Refused:
        self._keep("evidence.txt", note)
        return Refused(Problem(code, params={"witness": self.key.name, **params}))


def open_witness(folder: Path, name: str, entropy: Entropy) -> Witness:
    """The witness of a folder; its key is made on first use. name: as it will stand in checkpoints."""
    folder.mkdir(parents=True, exist_ok=True)
    private = Ed25519PrivateKey.from_private_bytes(key_file(folder / "witness.key", entropy))
    return Witness(SigningKey(name, private), folder)


def _size(note: str) -> int:
    try:
        return notes.parse_checkpoint(notes.parse_note(note).body).size
    except notes.NoteError as error:
        raise Refused(Problem("witness.unreadable", params={"what": str(error)})) from error


# ------------------------------------------------------------------ whom the platform believes

def introduce(platform: Platform, verifier_key: str) -> None:
    """Have the platform accept a witness from now on. Twice the same is once. Raises `Refused` when it is no witness's key."""
    try:
        algorithm = notes.parse_verifier_key(verifier_key)[1]
    except notes.NoteError:
        algorithm = 0
    if algorithm != notes.COSIGNATURE or any(c.isspace() or ord(c) < 32 for c in verifier_key):
        raise Refused(Problem("witness.not_a_key", "key"))
    if verifier_key not in known(platform):
        with (platform.settings.data / KNOWN).open("a", encoding="utf-8") as file:
            file.write(verifier_key + "\n")


def introduce_by(platform: Platform, by: Actor, verifier_key: str) -> None:
    """`introduce`, on the word of who runs the machines: a witness belongs to another body, so its key comes from outside.

    Raises `Forbidden`; `Refused` also when another witness signs under the same name, since checkpoints tell them apart by it.
    """
    require(Permission.OPERATE, by, Context())
    if verifier_key not in known(platform) and verifier_key.partition("+")[0] in names(platform):
        raise Refused(Problem("witness.name_taken", "key"))
    introduce(platform, verifier_key)


def accept(platform: Platform, size: int, verifier_key: str, line: str) -> None:
    """Keep the cosignature of an introduced witness on a checkpoint. Raises `Refused` for a stranger and for a bad signature."""
    if verifier_key not in known(platform):
        raise Refused(Problem("witness.unknown", "key"))
    name, _, public = notes.parse_verifier_key(verifier_key)
    with platform.unit() as unit:
        log.cosign(unit, size, name, public, line)


def known(platform: Platform) -> list[str]:
    """Verifier keys of the witnesses that the platform accepts."""
    path = platform.settings.data / KNOWN
    return path.read_text("utf-8").split() if path.exists() else []


def attend(platform: Platform, witnesses: Iterable[Witness]) -> list[Cosignature]:
    """Let witnesses of this process look at the log; what they gave. One that refuses is logged: the others go on."""
    given = []
    for witness in witnesses:
        try:
            found = witness.attend(PlatformLog(platform), platform.clock.now())
        except Refused as refusal:
            if refusal.problems[0].code != "log.no_checkpoint":
                logger.error("witness %s: %s", witness.key.name, refusal)
            continue
        given += [found] if found else []
    return given


def names(platform: Platform) -> frozenset[str]:
    """Under which names these witnesses sign."""
    return frozenset(notes.parse_verifier_key(key)[0] for key in known(platform))


def threshold(platform: Platform) -> int:
    """How many witnesses a checkpoint needs: half of them, so that one that is away stops nobody; none where there are none."""
    return (len(known(platform)) + 1) // 2


def published_keys(platform: Platform) -> dict[str, object]:
    """Whom to believe about this platform: the members ``log``, ``receipt``, ``witnesses`` and ``threshold`` of a key file."""
    keys = platform.keys
    return {
        "log": keys.log.verifier,
        "receipt": keys.receipt.verifier,
        "witnesses": known(platform),
        "threshold": threshold(platform),
    }


def trust_text(platform: Platform) -> str:
    """The platform's key file (docs/formats.md §1), to be pinned with ``gongxin verify --trust``."""
    return canonical({"format": "gongxin-keys-v1", "origin": platform.settings.origin, **published_keys(platform)})


# ------------------------------------------------------------------ where the log is

@dataclass(frozen=True)
class PlatformLog:
    """The log of a platform in this process."""

    platform: Platform

    def trust(self) -> str:
        return trust_text(self.platform)

    def checkpoint(self) -> str:
        with self.platform.look() as unit:
            return log.checkpoint(unit).note

    def consistency(self, first: int, second: int) -> Sequence[bytes]:
        with self.platform.look() as unit:
            return log.consistency(unit, first, second)

    def hand_in(self, size: int, verifier_key: str, line: str) -> None:
        accept(self.platform, size, verifier_key, line)


@dataclass(frozen=True)
class RemoteLog:
    """The log of a site. pinned: its key file, fetched from nowhere: it comes to the witness on another way than the log itself."""

    url: str
    pinned: str

    def trust(self) -> str:
        return self.pinned

    def checkpoint(self) -> str:
        return self._get("/api/v1/checkpoints/latest").decode()

    def consistency(self, first: int, second: int) -> Sequence[bytes]:
        answer = json.loads(self._get(f"/api/v1/checkpoints/{first}...{second}"))
        return [bytes.fromhex(h) for h in answer["proof"]]

    def hand_in(self, size: int, verifier_key: str, line: str) -> None:
        body = json.dumps({"key": verifier_key, "line": line}).encode()
        address = f"{self.url}/api/v1/checkpoints/{size}/cosignatures"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            pass

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=TIMEOUT_S) as response:
            data: bytes = response.read()
        return data
