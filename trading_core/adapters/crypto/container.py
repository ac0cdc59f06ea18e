"""The sealed envelope, one file (GXS1): magic, header length, header, then the content in chunks of 1 MiB.

A fresh file key encrypts the content and is shared among the trustees, each share sealed for a one-time key. Everything in the
header but the slot follows from the file key: whoever has opened an envelope can seal it again and compare. So it cannot
depend on which trustees turn up whether an envelope opens: a false share for one of them spoils it for all.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trading_core.adapters.crypto import chunks, shamir
from trading_core.adapters.crypto.chunks import Write
from trading_core.adapters.crypto.header import MAGIC, Header, Share, header_problems, padded_size, read_header
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.source import Source
from trading_core.adapters.crypto.suites import CipherSuite
from trading_core.adapters.entropy import Entropy
from trading_core.domain.errors import Problem, Refused, refuse_if

FILE_KEY_SIZE = 32


@dataclass(frozen=True)
class Derived:
    """The bytes that a file key gives for one purpose, where fresh chance would stand otherwise. Asked once per purpose."""

    suite: CipherSuite
    secret: bytes = field(repr=False)
    label: bytes

    def token_bytes(self, n: int) -> bytes:
        return self.suite.kdf(self.secret, self.label, n)


def seal(
    source: Source, size: int, slot: Slot, bid: str, trustees: Mapping[str, bytes], threshold: int, suite: CipherSuite, entropy: Entropy,
    write: Write,
) -> Header:  # fmt: skip
    """Seal `size` bytes of `source` for the trustees' public one-time keys; any `threshold` of them open it. Constant memory.

    bid: 32 hex digits, one for all envelopes of a bid. Refused when the facts are not fit for an envelope or the source has
    another size than said; what was written is then worth nothing.
    """
    file_key = entropy.token_bytes(FILE_KEY_SIZE)
    header = _make_header(file_key, slot, bid, padded_size(size), trustees, threshold, suite)
    raw = header.encode()
    write(memoryview(MAGIC + len(raw).to_bytes(4, "big") + raw))
    chunks.encrypt(source, size, header, file_key, write)
    return header


def recover_file_key(header: Header, keys: Mapping[str, bytes], slot: Slot, bid: str) -> bytes:
    """The file key (32 bytes) of the envelope of `bid` in `slot`, from trustees' private one-time keys by name.

    Refused for another slot or bid, a key that is not the one sealed for, too few keys, and for a share that is not the true one,
    also if it is the share of a trustee who is not here [B-05].
    """
    problems = [*header.slot.differences(slot)]
    if header.bid != bid:
        problems.append(Problem("sealing.other_bid", "bid", rule="B-10"))
    places = {share.trustee: (x, share) for x, share in enumerate(header.shares, 1)}
    opened: dict[int, bytes] = {}
    for trustee, private in keys.items():
        if trustee not in places:
            problems.append(Problem("sealing.unknown_trustee", f"keys.{trustee}", {"trustee": trustee, "known": ", ".join(places)}, "B-05"))
            continue
        try:
            opened[places[trustee][0]] = _open_share(header, *places[trustee], private)
        except Refused as refusal:
            problems.extend(refusal.problems)
    if len(keys) < header.threshold:
        problems.append(Problem("sealing.too_few_shares", params={"have": len(keys), "need": header.threshold}, rule="B-05"))
    refuse_if(problems)
    file_key = shamir.combine(dict(list(opened.items())[: header.threshold]))
    _check_commitment(header, file_key)
    publics = {share.trustee: share.public for share in header.shares}
    true = _make_header(file_key, slot, bid, header.payload_size, publics, header.threshold, header.suite)
    refuse_if(
        Problem("sealing.share_forged", f"shares.{found.trustee}", {"trustee": found.trustee}, "B-05")
        for found, right in zip(header.shares, true.shares, strict=True) if found != right
    )  # fmt: skip
    return file_key


def opened(source: Source, file_key: bytes) -> Iterator[memoryview]:
    """The content of a sealed file from its start, piece by piece, in constant memory: copy what must stay.

    Refused at the first chunk that does not hold, and for anything behind the last. What came is true only at the end: a file may turn
    out cut short or damaged after megabytes of good content.
    """
    header = read_header(source)
    _check_commitment(header, file_key)
    return chunks.decrypt(source, header, file_key)


def _make_header(
    file_key: bytes, slot: Slot, bid: str, payload_size: int, trustees: Mapping[str, bytes], threshold: int, suite: CipherSuite
) -> Header:
    blank = Header(suite.id, slot, bid, payload_size, bytes(32), threshold, tuple(Share(t, p, b"") for t, p in trustees.items()))
    refuse_if(header_problems(blank))
    commitment = suite.kdf(file_key, blank.label("commitment"))
    values = shamir.split(file_key, threshold, len(trustees), Derived(suite, file_key, blank.label("shares")))
    shares = []
    for (x, value), share in zip(values.items(), blank.shares, strict=True):
        ephemeral = Derived(suite, file_key, blank.label("ephemeral", share.trustee, share.public.hex()))
        try:
            sealed = suite.share_seal(share.public, _share_info(blank, share, commitment), bytes([x]) + value, ephemeral)
        except ValueError:
            raise Refused(Problem("sealing.bad_public_key", f"shares.{share.trustee}", {"trustee": share.trustee}, "B-11")) from None
        shares.append(Share(share.trustee, share.public, sealed))
    return Header(suite.id, slot, bid, payload_size, commitment, threshold, tuple(shares))


def _share_info(header: Header, share: Share, commitment: bytes) -> bytes:
    return header.label("share", share.trustee, share.public.hex(), commitment.hex())


def _open_share(header: Header, x: int, share: Share, private: bytes) -> bytes:
    suite = header.suite
    try:
        public = suite.public_from_private(private)
    except ValueError:
        public = b""
    if public != share.public:
        raise Refused(Problem("sealing.wrong_key", f"keys.{share.trustee}", {"trustee": share.trustee}, "B-05"))
    try:
        place, *value = suite.share_open(private, _share_info(header, share, header.commitment), share.sealed)
    except ValueError:
        place, value = 0, []
    if place != x or len(value) != FILE_KEY_SIZE:
        raise Refused(Problem("sealing.share_damaged", f"shares.{share.trustee}", {"trustee": share.trustee}, "B-05"))
    return bytes(value)


def _check_commitment(header: Header, file_key: bytes) -> None:
    if header.suite.kdf(file_key, header.label("commitment")) != header.commitment:
        raise Refused(Problem("sealing.commitment_mismatch", "commitment", rule="B-10"))
