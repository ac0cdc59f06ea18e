"""Opening a sealed envelope again from the keys that trustees handed in (docs/formats-sealed.md §3).

What does not open raises ValueError that says why; whether that is a fault depends on what the log says of the envelope.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .suites import SUITES, TAG, Suite
from .text import Value, canonical, read_canonical

MAGIC, CHUNK, PADDING, HEADER_MAX, PAYLOAD_MAX = b"GXS1", 1 << 20, 1 << 16, 1 << 16, 1 << 32
KEYS = ("attempt", "bid", "chunk_size", "commitment", "lot", "payload_size", "shares", "stage", "suite", "threshold")
NAME = "[a-z][a-z0-9_-]{0,39}"

Read = Callable[[int, int], bytes]
"""The bytes of the sealed file from a place on, so many or as many as there are."""


@dataclass(frozen=True)
class Expected:
    """What the envelope must be sealed for. publics: the trustees' one-time keys in the log, by name."""

    lot: str
    attempt: int
    stage: str
    bid: str
    suite: str
    publics: Mapping[str, bytes]


@dataclass(frozen=True)
class Header:
    raw: bytes
    value: Value
    suite: Suite

    def label(self, *parts: object) -> bytes:
        """What a key of this envelope is for."""
        v = self.value
        ends = [v[name].raw for name in ("lot", "attempt", "stage")]
        return canonical(["GXS1", v["suite"].raw, v["bid"].raw, *parts, *ends]).encode()

    @property
    def payload_size(self) -> int:
        return self.value["payload_size"].integer()

    @property
    def start(self) -> int:
        """Where the first chunk begins."""
        return len(MAGIC) + 4 + len(self.raw)


def opened(read: Read, expected: Expected, keys: Mapping[str, bytes]) -> Iterator[bytes]:
    """The content, piece by piece; it is true only once the end has come. keys: private one-time keys by trustee."""
    header = _header(read, expected)
    return _content(read, header, _file_key(header, keys))


def _header(read: Read, expected: Expected) -> Header:
    start = read(0, len(MAGIC) + 4)
    size = int.from_bytes(start[len(MAGIC) :], "big")
    if start[: len(MAGIC)] != MAGIC or len(start) < len(MAGIC) + 4 or size > HEADER_MAX:
        raise ValueError("no sealed envelope")
    raw = read(len(start), size)
    value = read_canonical(raw, "header").only(*KEYS)
    header = Header(raw, value, SUITES[value["suite"].choice(*SUITES)])
    told = [value[name].raw for name in ("lot", "attempt", "stage", "bid", "suite")]
    wanted = [expected.lot, expected.attempt, expected.stage, expected.bid, expected.suite]
    if canonical(told) != canonical(wanted) or not re.fullmatch("[0-9a-f]{32}", expected.bid):
        raise ValueError(f"sealed for {canonical(told)}, not {canonical(wanted)}")
    shares = {s["trustee"].text(): s.only("public", "sealed", "trustee") for s in value["shares"].entries()}
    if {t: s["public"].text() for t, s in shares.items()} != {t: p.hex() for t, p in expected.publics.items()}:
        raise ValueError("sealed for other trustees' keys than those in the log")
    count, payload = len(value["shares"].entries()), value["payload_size"].integer(PADDING)
    fits = 3 <= count <= 16 and len(set(expected.publics.values())) == len(shares) == count and all(re.fullmatch(NAME, t) for t in shares)
    if not fits or not 2 <= value["threshold"].integer() < count or value["chunk_size"].integer() != CHUNK:
        raise ValueError("shares or threshold that no envelope may have")
    if payload % PADDING or payload > PAYLOAD_MAX or not value["commitment"].hex():
        raise ValueError("a size that no envelope may have")
    return header


# ------------------------------------------------------------------ the key

def _file_key(header: Header, keys: Mapping[str, bytes]) -> bytes:
    """The file key from the shares of those who handed in their keys. All shares must be the true ones, also those of the others."""
    shares, threshold = header.value["shares"].entries(), header.value["threshold"].integer()
    found: dict[int, bytes] = {}
    for x, share in enumerate(shares, 1):
        private = keys.get(share["trustee"].text())
        if private is not None and len(found) < threshold:
            found[x] = _share(header, share, x, private)
    if len(found) < threshold:
        raise ValueError(f"{threshold} keys are needed and {len(found)} were handed in")
    file_key = _joined(found)
    if header.suite.kdf(file_key, header.label("commitment"), 32) != header.value["commitment"].hex():
        raise ValueError("shares that give another key than was committed to")
    values = _split(file_key, header.suite.kdf(file_key, header.label("shares"), 32 * (threshold - 1)), len(shares))
    for x, (share, value) in enumerate(zip(shares, values, strict=True), 1):
        if share["sealed"].text() != _sealed(header, share, bytes([x]) + value, file_key).hex():
            raise ValueError(f"a false share for {share['trustee'].text()}")
    return file_key


def _info(header: Header, share: Value) -> bytes:
    return header.label("share", share["trustee"].raw, share["public"].raw, header.value["commitment"].raw)


def _share(header: Header, share: Value, x: int, private: bytes) -> bytes:
    sealed = bytes.fromhex(share["sealed"].text())
    text = header.suite.unseal(private, _info(header, share), sealed)
    if len(text) != 33 or text[0] != x:
        raise ValueError(f"a damaged share for {share['trustee'].text()}")
    return text[1:]


def _sealed(header: Header, share: Value, text: bytes, file_key: bytes) -> bytes:
    seed = header.suite.kdf(file_key, header.label("ephemeral", share["trustee"].raw, share["public"].raw), 48)
    return header.suite.seal(bytes.fromhex(share["public"].text()), _info(header, share), text, header.suite.private(seed))


def _times(a: int, b: int) -> int:
    """The product in GF(2^8) modulo x^8+x^4+x^3+x+1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _power(a: int, n: int) -> int:
    value = 1
    for _ in range(n):
        value = _times(value, a)
    return value


def _split(secret: bytes, coefficients: bytes, count: int) -> list[bytes]:
    """F + a1·x + a2·x² + … byte by byte for x = 1 … count."""
    rows = [secret, *(coefficients[i : i + 32] for i in range(0, len(coefficients), 32))]
    shares = []
    for x in range(1, count + 1):
        powers = [_power(x, n) for n in range(len(rows))]
        share = bytearray(32)
        for power, row in zip(powers, rows, strict=True):
            share = bytearray(s ^ _times(power, b) for s, b in zip(share, row, strict=True))
        shares.append(bytes(share))
    return shares


def _joined(shares: Mapping[int, bytes]) -> bytes:
    """The value at 0 of the polynomial through the shares."""
    secret = bytearray(32)
    for x, share in shares.items():
        weight = 1
        for other in shares.keys() - {x}:
            weight = _times(weight, _times(other, _power(other ^ x, 254)))  # 254: the inverse
        secret = bytearray(s ^ _times(weight, b) for s, b in zip(secret, share, strict=True))
    return bytes(secret)


# ------------------------------------------------------------------ the content

def _content(read: Read, header: Header, file_key: bytes) -> Iterator[bytes]:
    suite, at, size = header.suite, header.start, header.payload_size
    key, additional = suite.kdf(file_key, header.label("payload"), suite.stream_key_size), suite.hash(header.raw)
    chunks, left = -(-size // CHUNK), 0
    for i in range(chunks):
        length = min(CHUNK, size - i * CHUNK) + TAG
        nonce = bytes(7) + i.to_bytes(4, "big") + bytes([i == chunks - 1])
        plain, at = suite.chunk(key, nonce, read(at, length), additional), at + length
        if i == 0:
            left, plain = int.from_bytes(plain[:8], "big"), plain[8:]
            if -(-(left + 8) // PADDING) * PADDING != size:
                raise ValueError("a padding that is not the one for this size")
        piece, rest = plain[:left], plain[left:]
        left -= len(piece)
        if any(rest):
            raise ValueError("a padding that is not zero")
        yield piece
    if read(at, 1):
        raise ValueError("bytes behind the last chunk")
