"""The open part of a sealed envelope: who can open it and how, and nothing about whose it is or what it says."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trading_core.adapters.crypto.canonical import canonical, parse
from trading_core.adapters.crypto.slot import BID, NAME, Slot
from trading_core.adapters.crypto.source import Source, take
from trading_core.adapters.crypto.suites import CipherSuite, suite_of
from trading_core.domain.errors import Problem, Refused, refuse_if

MAGIC = b"GXS1"
CHUNK = 1 << 20
TAG = 16
PADDING = 1 << 16
LENGTH_PREFIX = 8
HEADER_MAX = 1 << 16
PAYLOAD_MAX = 1 << 32
TRUSTEES_MIN, TRUSTEES_MAX = 3, 16
THRESHOLD_MIN = 2
KEYS = {"suite", "lot", "attempt", "stage", "bid", "payload_size", "chunk_size", "commitment", "threshold", "shares"}


@dataclass(frozen=True, slots=True)
class Share:
    """One trustee's share of the file key. public: the one-time key it is sealed for; sealed: suite ciphertext."""

    trustee: str
    public: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """bid: 32 hex digits drawn on the bidder's side. payload_size: bytes of the padded content, a multiple of 64 KiB.

    commitment: 32 bytes that only one file key gives. threshold: how many trustees open it. shares: place x in the sharing is the
    position, from 1.
    """

    suite_id: str
    slot: Slot
    bid: str
    payload_size: int
    commitment: bytes
    threshold: int
    shares: tuple[Share, ...]

    @property
    def suite(self) -> CipherSuite:
        return suite_of(self.suite_id)

    @property
    def chunks(self) -> int:
        return -(-self.payload_size // CHUNK)

    @property
    def container_size(self) -> int:
        """Bytes of the whole sealed file: what was received has exactly this size or it is not complete [B-03]."""
        return len(MAGIC) + 4 + len(self.encode()) + self.payload_size + TAG * self.chunks

    def encode(self) -> bytes:
        """The one spelling of this header; its hash is authenticated with every chunk."""
        return canonical({
            "suite": self.suite_id, "lot": self.slot.lot, "attempt": self.slot.attempt, "stage": self.slot.stage, "bid": self.bid,
            "payload_size": self.payload_size, "chunk_size": CHUNK, "commitment": self.commitment.hex(), "threshold": self.threshold,
            "shares": [{"trustee": s.trustee, "public": s.public.hex(), "sealed": s.sealed.hex()} for s in self.shares],
        })  # fmt: skip

    def label(self, *parts: object) -> bytes:
        """What a key or secret of this envelope is for."""
        return self.slot.label(MAGIC.decode(), self.suite_id, self.bid, *parts)


def padded_size(size: int) -> int:
    """Bytes encrypted for a content of `size` bytes: its length and padding up to 64 KiB, so that a size tells little."""
    return -(-(size + LENGTH_PREFIX) // PADDING) * PADDING


def read_header(source: Source) -> Header:
    """The header at the start of a sealed file, which is left standing at the first chunk. Refused with what is wrong."""
    start = take(source, len(MAGIC) + 4)
    if start[: len(MAGIC)] != MAGIC[: len(start)] or not start:
        raise Refused(Problem("sealing.not_a_container", rule="B-11"))
    if len(start) < len(MAGIC) + 4:
        raise Refused(Problem("sealing.truncated", rule="B-11"))
    size = int.from_bytes(start[len(MAGIC) :], "big")
    if size > HEADER_MAX:
        raise Refused(Problem("sealing.header_too_large", params={"maximum": HEADER_MAX, "size": size}, rule="B-11"))
    raw = take(source, size)
    if len(raw) < size:
        raise Refused(Problem("sealing.truncated", rule="B-11"))
    return decode_header(raw)


def decode_header(raw: bytes) -> Header:
    """Refused unless it is a header in its one spelling."""
    try:
        data = parse(raw)
    except ValueError:
        data = None
    if not isinstance(data, dict) or set(data) != KEYS:
        raise Refused(Problem("sealing.header_malformed", rule="B-11"))
    refuse_if(_shape(data))
    suite_of(data["suite"])
    header = Header(
        data["suite"], Slot(data["lot"], data["attempt"], data["stage"]), data["bid"], data["payload_size"],
        bytes.fromhex(data["commitment"]), data["threshold"],
        tuple(Share(s["trustee"], bytes.fromhex(s["public"]), bytes.fromhex(s["sealed"])) for s in data["shares"]),
    )  # fmt: skip
    refuse_if(header_problems(header))
    if header.encode() != raw:
        raise Refused(Problem("sealing.header_malformed", rule="B-11"))
    return header


def check_header(header: Header, slot: Slot, bid: str, trustees: Mapping[str, bytes], threshold: int, suite_id: str) -> None:
    """Is this envelope sealed as the lot asks: for this slot and bid, for exactly these one-time keys? To be asked at receipt [B-11].

    trustees: public one-time keys in the log by name. Refused with every difference.
    """
    problems = [*header.slot.differences(slot)]
    if header.bid != bid:
        problems.append(Problem("sealing.other_bid", "bid", rule="B-11"))
    if header.suite_id != suite_id:
        problems.append(Problem("sealing.other_suite", "suite", {"found": header.suite_id, "expected": suite_id}, "B-11"))
    if header.threshold != threshold:
        problems.append(Problem("sealing.other_threshold", "threshold", {"found": header.threshold, "expected": threshold}, "B-11"))
    if {share.trustee: share.public for share in header.shares} != dict(trustees):
        problems.append(Problem("sealing.other_trustees", "shares", {"expected": ", ".join(sorted(trustees))}, "B-11"))
    refuse_if(problems)


def header_problems(header: Header) -> Iterator[Problem]:
    """Values that no envelope may have."""
    yield from header.slot.problems()
    if not BID.fullmatch(header.bid):
        yield Problem("sealing.header_malformed", "bid", rule="B-11")
    if header.payload_size < PADDING or header.payload_size % PADDING:
        yield Problem("sealing.header_malformed", "payload_size", rule="B-11")
    if header.payload_size > PAYLOAD_MAX:
        yield Problem("sealing.too_large", "payload_size", {"maximum": PAYLOAD_MAX}, "B-11")
    if len(header.commitment) != 32:
        yield Problem("sealing.header_malformed", "commitment", rule="B-11")
    names = {share.trustee for share in header.shares if NAME.fullmatch(share.trustee)}
    keys = {share.public for share in header.shares}
    if not TRUSTEES_MIN <= len(header.shares) <= TRUSTEES_MAX or not len(names) == len(keys) == len(header.shares):
        yield Problem("sealing.header_malformed", "shares", rule="B-11")
    if not THRESHOLD_MIN <= header.threshold < len(header.shares):
        figures = {"threshold": header.threshold, "trustees": len(header.shares)}
        yield Problem("sealing.threshold_unsafe", "threshold", figures, "B-04")


def _shape(data: Mapping[str, Any]) -> Iterator[Problem]:
    wrong = [name for name in ("suite", "lot", "stage", "bid") if not isinstance(data[name], str)]
    wrong += [name for name in ("attempt", "payload_size", "threshold") if type(data[name]) is not int]
    if not _is_hex(data["commitment"]):
        wrong.append("commitment")
    if data["chunk_size"] != CHUNK:
        wrong.append("chunk_size")
    if not isinstance(data["shares"], list) or not all(map(_is_share, data["shares"])):
        wrong.append("shares")
    for name in wrong:
        yield Problem("sealing.header_malformed", name, rule="B-11")


def _is_share(data: object) -> bool:
    if not isinstance(data, dict) or set(data) != {"trustee", "public", "sealed"}:
        return False
    return isinstance(data["trustee"], str) and _is_hex(data["public"]) and _is_hex(data["sealed"])


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"([0-9a-f]{2})*", value) is not None
