"""Leaves and the Merkle tree over them, from docs/formats.md §2 and §3 and RFC 9162 §2.1 alone."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

from .report import Malformed
from .text import canonical

PROOF_MAX = 64
BLOCK = 1024
NAME = "[A-Za-z0-9/_.:-]+"
EXPORTED = re.compile(
    rf'\[{{"at":(?:0|[1-9][0-9]*),"private":(?:null|"[0-9a-f]{{64}}"),"stream":"({NAME})","type":"{NAME}","version":([1-9][0-9]*)}},{{'.encode()
)


def commitment_of(salt: bytes, private: str) -> bytes:
    """The salted hash by which an event holds its private part."""
    return sha256(b"gongxin-private-v1\0" + salt + private.encode()).digest()


def leaf_of(stream: str, version: int, type: str, at: int, commitment: str | None, public: str) -> bytes:
    """The leaf hash of an event. commitment in hex."""
    head = canonical({"at": at, "private": commitment, "stream": stream, "type": type, "version": version}).encode()
    return sha256(b"\0" + len(head).to_bytes(4, "big") + head + public.encode()).digest()


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which an inclusion proof leads, None when it cannot be one for that place.

    Written from the shape of the tree, not from the RFC's loop: going down from the root, the path's hashes are the siblings.
    """
    if not 0 <= index < size or len(path) > PROOF_MAX:
        return None
    sides: list[bool] = []  # from the root down: whether our leaf is on the right
    low, high = 0, size
    while high - low > 1:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        sides.append(index >= middle)
        low, high = (middle, high) if index >= middle else (low, middle)
    if len(sides) != len(path):
        return None
    h = leaf
    for right, sibling in zip(reversed(sides), path, strict=True):
        h = sha256(b"\1" + sibling + h).digest() if right else sha256(b"\1" + h + sibling).digest()
    return h


def roots_by_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes) -> tuple[bytes, bytes] | None:
    """The roots of the smaller and the larger tree to which a consistency proof leads, None when it cannot be one for these sizes."""
    if not 0 < first <= second or len(proof) > PROOF_MAX:
        return None
    hashes = list(proof)

    def join(low: int, high: int, whole: bool) -> tuple[bytes, bytes]:
        """Roots over what both trees, and over what the larger has in [low, high); takes its hashes from the front of the list."""
        if first == high:
            h = first_root if whole else hashes.pop(0)
            return h, h
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if first <= middle:
            old, new = join(low, middle, whole)
            return old, sha256(b"\1" + new + hashes.pop(0)).digest()
        old, new = join(middle, high, False)
        left = hashes.pop(0)
        return sha256(b"\1" + left + old).digest(), sha256(b"\1" + left + new).digest()

    try:
        roots = join(0, second, True)
    except IndexError:
        return None
    return roots if not hashes else None


def root_of(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, largest first."""
    if not peaks:
        return sha256(b"").digest()
    h = peaks[-1]
    for peak in reversed(peaks[:-1]):
        h = sha256(b"\1" + peak + h).digest()
    return h


def log_leaves(lines: Iterable[bytes]) -> tuple[int, bytes]:
    """Size and root of a whole log from the lines of its export (docs/formats.md §3), in one pass and little memory.

    Raises `Malformed` with the number of the line. Whole blocks are hashed level by level, which Python does fastest.
    """
    source, size = iter(lines), 0
    peaks: list[bytes] = []
    while True:
        rest = _export_leaves(islice(source, BLOCK), size)
        size += len(rest)
        if len(rest) < BLOCK:
            break
        h, blocks = _complete_root(rest), size // BLOCK - 1
        while blocks & 1:
            h, blocks = sha256(b"\1" + peaks.pop() + h).digest(), blocks >> 1
        peaks.append(h)
    while rest:
        count = 1 << len(rest).bit_length() - 1
        peaks.append(_complete_root(rest[:count]))
        rest = rest[count:]
    return size, root_of(peaks)


def _export_leaves(lines: Iterable[bytes], before: int) -> list[bytes]:
    leaves: list[bytes] = []
    sha = sha256
    try:
        for line in lines:
            end = line.index(b"},{")  # of the head: names of streams and types have no brackets
            if line[0] != 91 or line[-3:] != b"}]\n":
                raise ValueError
            leaves.append(sha(b"\0" + end.to_bytes(4, "big") + line[1 : end + 1] + line[end + 2 : -2]).digest())
    except (ValueError, IndexError):
        raise Malformed(f"log.jsonl:{before + len(leaves) + 1}", "[head,public] and a line end") from None
    return leaves


def _complete_root(hashes: list[bytes]) -> bytes:
    """The root over 2^k hashes."""
    sha = sha256
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def dense(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same lines, looked at on the way: the head as published, and each stream's versions 1, 2, 3 … Raises `Malformed`."""
    versions: dict[bytes, int] = {}
    for number, line in enumerate(lines, 1):
        found = EXPORTED.match(line)
        if found is None:
            raise Malformed(f"log.jsonl:{number}", "a head as published")
        stream, version = found[1], int(found[2])
        if version != versions.get(stream, 0) + 1:
            raise Malformed(f"log.jsonl:{number}", f"version {versions.get(stream, 0) + 1} of its stream")
        versions[stream] = version
        yield line
