"""The Merkle tree over the log [RFC 9162 2.1]: growing it by its peaks alone, and proofs from stored complete subtrees.

A subtree is named by (level, index): the complete tree over the 2^level leaves from index·2^level on. The peaks of a tree are its
maximal complete subtrees, from the left; there are as many as the size has one bits.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

NodeAt = Callable[[int, int], bytes]
"""(level, index) to the hash of that complete subtree."""

EMPTY = hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def extend(size: int, peaks: list[bytes], leaves: Iterable[bytes]) -> int:
    """Append leaf hashes to the tree of `size` leaves with these `peaks`, changed in place. Returns the new size."""
    for h in leaves:
        rest = size
        while rest & 1:
            h, rest = node(peaks.pop(), h), rest >> 1
        peaks.append(h)
        size += 1
    return size


def complete_nodes(size: int, peaks: Sequence[bytes], leaves: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Every subtree that becomes complete by appending `leaves`: (level, index, hash), the leaves themselves at level 0."""
    peaks = list(peaks)
    for h in leaves:
        level, rest = 0, size
        yield level, rest, h
        while rest & 1:
            h, rest, level = node(peaks.pop(), h), rest >> 1, level + 1
            yield level, rest, h
        peaks.append(h)
        size += 1


def root(peaks: Sequence[bytes]) -> bytes:
    """The tree's head from its peaks; of no peaks the hash of nothing."""
    if not peaks:
        return EMPTY
    h = peaks[-1]
    for peak in reversed(peaks[:-1]):
        h = node(peak, h)
    return h


def inclusion(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, lowest first [RFC 9162 2.1.3.1]. IndexError when it is not in it."""
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high, node_at))
            high = middle
        else:
            path.append(_range(low, middle, node_at))
            low = middle
    return path[::-1]


def consistency(first: int, second: int, node_at: NodeAt) -> list[bytes]:
    """The proof that the tree of `second` leaves begins with that of `first` [RFC 9162 2.1.4.1]; empty when they are equal.

    IndexError unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise IndexError(f"sizes {first} and {second}")
    low, high, proof = 0, second, []
    while first < high:
        middle = low + _split(high - low)
        if first <= middle:
            proof.append(_range(middle, high, node_at))
            high = middle
        else:
            proof.append(_range(low, middle, node_at))
            low = middle
    if low:  # a first tree that is itself one complete subtree of the second is known to who asks
        proof.append(_range(low, high, node_at))
    return proof[::-1]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _range(low: int, high: int, node_at: NodeAt) -> bytes:
    """The hash over leaves [low, high), a subtree of the whole: one fetch per one bit of its length."""
    count, peaks = high - low, []
    while count:
        level = count.bit_length() - 1
        peaks.append(node_at(level, low >> level))
        low, count = low + (1 << level), count - (1 << level)
    return root(peaks)
