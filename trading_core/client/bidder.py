"""A bidder's own computer: seals envelopes, uploads them, submits, and keeps what makes the bid the bidder's own."""
from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..adapters.crypto.bundle import bundle
from ..adapters.crypto.container import seal
from ..adapters.crypto.manifest import Identity
from ..adapters.entropy import Entropy
from ..domain.errors import Problem, Refused, refuse_if
from ..domain.stages import consortium
from ..domain.tender.trustees import THRESHOLD
from .notice import Notice
from .remote import Remote

FORMAT = "gongxin-bid-v1"


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into one envelope: what the bid states there (``price_fen`` …), and its files by the names they shall have."""

    form: Mapping[str, object] = field(default_factory=dict)
    files: Sequence[tuple[str, Path]] = ()


@dataclass(frozen=True)
class Bid:
    """A bid's secrets. number: public handle; secret: who holds it may replace or withdraw; salt hides the name until the opening."""

    number: str
    secret: str = field(repr=False)
    identity: Identity = field(repr=False)

    @property
    def capability(self) -> str:
        return hashlib.sha256(bytes.fromhex(self.secret)).hexdigest()


def new_bid(entropy: Entropy, name: str, uscc: str) -> Bid:
    """A bid with a number, a secret and a salt that nobody has seen."""
    return Bid(entropy.token_bytes(16).hex(), entropy.token_bytes(32).hex(), Identity(uscc, name, entropy.token_bytes(32)))


def seal_envelope(notice: Notice, bid: Bid, stage: str, contents: Contents, entropy: Entropy, target: Path) -> None:
    """Write one sealed envelope to a file, in constant memory. Raises `Refused` when the trustees' keys are not ready."""
    refuse_if(() if notice.ready else [Problem("trustee.not_ready")])
    identity = bid.identity if stage == notice.stages[0] else None
    with ExitStack() as opened, target.open("wb") as out:
        files = [(name, opened.enter_context(path.open("rb"))) for name, path in contents.files]
        content = bundle(files, identity, contents.form)
        seal(content, content.size, notice.slot(stage), bid.number, notice.keys[stage], THRESHOLD, notice.suite, entropy, out.write)


def submit(
    remote: Remote, notice: Notice, bid: Bid, contents: Mapping[str, Contents], entropy: Entropy, replaces: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Seal, upload and submit. What to keep: a ``gongxin-bid-v1`` document with the platform's receipt and the bid's secrets.

    replaces: such a document of the bid that gives way. Raises `Refused`; a bid that came too late carries ``receipt``.
    """
    unknown = sorted(set(contents) - set(notice.stages))
    first = contents.get(notice.stages[0], Contents())
    refuse_if([
        *(Problem("bid.envelope_unknown", f"envelopes.{name}", {"name": name}, "B-11") for name in unknown),
        *consortium.problems(first.form, [name for name, _ in first.files], bid.identity.uscc, notice.consortia),
    ])  # fmt: skip
    sealed = []
    with TemporaryDirectory() as folder:
        for stage in notice.stages:
            target = Path(folder) / stage
            seal_envelope(notice, bid, stage, contents.get(stage, Contents()), entropy, target)
            sealed.append({"name": stage, "object": remote.upload(target), "size": target.stat().st_size})
            target.unlink()
    body: dict[str, object] = {
        "bid": bid.number, "capability": bid.capability, "salt": bid.identity.salt.hex(), "commitment": bid.identity.commitment(),
        "document_version": notice.document_version, "envelopes": sealed,
    }  # fmt: skip
    if replaces is not None:
        body |= {"replaces": replaces["bid"], "replaces_secret": replaces["secret"]}
    receipt = remote.post(f"/api/v1/lots/{notice.lot}/acts/submit_bid", body)
    return {
        "format": FORMAT, "lot": notice.lot, "title": notice.title, "version": 1 + int((replaces or {}).get("version", 0)),
        "identity": {"name": bid.identity.name, "uscc": bid.identity.uscc}, **{k: body[k] for k in ("bid", "salt", "commitment")},
        "secret": bid.secret, "document_version": notice.document_version, "envelopes": sealed, "receipt": receipt,
    }  # fmt: skip


def read_kept(kept: object, lot: str) -> Mapping[str, Any]:
    """A ``gongxin-bid-v1`` document of a lot. Raises `Refused` when it is none, or another lot's."""
    if not isinstance(kept, dict) or kept.get("format") != FORMAT or kept.get("lot") != lot or not {"bid", "secret"} <= set(kept):
        raise Refused(Problem("bid.not_yours", "replaces"))
    return kept
