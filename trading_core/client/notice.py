"""What the public record of a lot says to whoever seals for it: slots, suite, the trustees' keys, the document in force."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..adapters.crypto.slot import Slot
from ..adapters.crypto.suites import CipherSuite, suite_of
from ..domain.errors import Problem, Refused
from ..domain.stages import consortium
from ..domain.tender.trustees import AT_OPENING, SUITES, TRUSTEES
from .remote import Remote

NOTICES = ("prequalification_published", "published", "invitations_sent")


@dataclass
class Notice:
    """consortia: whether bids of such are accepted. stages in their order; keys: stage to trustee to public key; challenges alike, hex;
    rehearsed: (stage, trustee)."""

    lot: str
    attempt: int = 1
    title: str = ""
    consortia: bool = False
    suite: CipherSuite = field(default_factory=lambda: suite_of(SUITES[0]))
    stages: tuple[str, ...] = ("bid",)
    opens: Mapping[str, str] = field(default_factory=dict)
    document_version: int = 0
    keys: dict[str, dict[str, bytes]] = field(default_factory=dict)
    challenges: dict[str, dict[str, bytes]] = field(default_factory=dict)
    rehearsed: set[tuple[str, str]] = field(default_factory=set)

    def slot(self, stage: str) -> Slot:
        return Slot(self.lot, self.attempt, stage)

    @property
    def ready(self) -> bool:
        """Whether bids can be sealed."""
        return all((stage, trustee) in self.rehearsed for stage in self.stages for trustee in TRUSTEES)


def read_notice(remote: Remote, lot: str) -> Notice:
    """The notice of a lot from its public events; a draft shows its envelopes to its own parties. Raises `Refused`."""
    seen = remote.lot(lot)
    notice = Notice(lot, attempt=seen["attempt"])
    _announced(notice, seen["terms"])
    for e in remote.events(lot):
        _heed(notice, e["type"], e["public"])
    return notice


def _announced(notice: Notice, terms: Mapping[str, Any]) -> None:
    given = cast("Sequence[Mapping[str, str]]", terms.get("envelopes") or [{"name": "bid", "opens": AT_OPENING}])
    notice.stages, notice.opens = tuple(e["name"] for e in given), {e["name"]: e["opens"] for e in given}
    notice.consortia = consortium.accepted(terms)
    notice.suite, notice.title = suite_of(terms.get("cipher_suite") or SUITES[0]), str(terms.get("title") or "")


def _heed(notice: Notice, kind: str, public: Mapping[str, Any]) -> None:
    if kind in NOTICES:
        notice.document_version = 1
        _announced(notice, public["terms"])
    elif kind == "amended" or (kind == "clarified" and public["affects_preparation"]):
        notice.document_version += 1
    elif kind == "trustee_key_registered":
        notice.keys.setdefault(public["stage"], {})[public["trustee"]] = bytes.fromhex(public["public_key"])
        notice.challenges.setdefault(public["stage"], {})[public["trustee"]] = bytes.fromhex(public["challenge"])
        notice.rehearsed.discard((public["stage"], public["trustee"]))
    elif kind == "trustee_key_rehearsed":
        notice.rehearsed.add((public["stage"], public["trustee"]))


def known_stage(notice: Notice, stage: str) -> str:
    """The stage, when the lot has it. Raises `Refused`."""
    if stage not in notice.stages:
        raise Refused(Problem("trustee.unknown_stage", "stage", {"stages": ", ".join(notice.stages)}))
    return stage
