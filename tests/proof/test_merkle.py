"""The tree against a naive one, exhaustively for small sizes, and against another implementation [RFC 9162 2.1]."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.merkle import (
    EMPTY,
    complete_nodes,
    consistency,
    extend,
    inclusion,
    root,
)
from trading_core.verify.tree import root_by_path, roots_by_consistency

MOST = 70
LEAVES = [hashlib.sha256(b"\0%d" % i).digest() for i in range(MOST)]


def naive(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive(leaves[:k]) + naive(leaves[k:])).digest()


HEADS = [naive(LEAVES[:n]) for n in range(MOST + 1)]


def stored(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    nodes = {(level, at): h for level, at, h in complete_nodes(0, [], leaves)}
    return lambda level, at: nodes[level, at]


NODE_AT = stored(LEAVES)


def leads(leaf: bytes, index: int, size: int, path: list[bytes], expected: bytes) -> bool:
    return root_by_path(leaf, index, size, path) == expected


def grew(first: int, second: int, proof: list[bytes], first_head: bytes, second_head: bytes) -> bool:
    return roots_by_consistency(first, second, proof, first_head) == (first_head, second_head)


def test_peaks_and_stored_nodes_give_the_naive_head() -> None:
    peaks: list[bytes] = []
    assert root(peaks) == EMPTY == HEADS[0]
    for n in range(MOST):
        assert extend(n, peaks, LEAVES[n : n + 1]) == n + 1
        assert root(peaks) == HEADS[n + 1]
        assert len(peaks) == (n + 1).bit_count()


@given(st.integers(0, MOST), st.integers(0, MOST))
def test_batches_do_not_matter(a: int, b: int) -> None:
    first, second = sorted((a, b))
    peaks: list[bytes] = []
    extend(0, peaks, LEAVES[:first])
    new = list(complete_nodes(first, peaks, LEAVES[first:second]))
    extend(first, peaks, LEAVES[first:second])
    assert root(peaks) == HEADS[second]
    assert [*complete_nodes(0, [], LEAVES[:first]), *new] == list(complete_nodes(0, [], LEAVES[:second]))


def test_complete_nodes_are_naive_subtrees() -> None:
    for level, at, h in complete_nodes(0, [], LEAVES):
        assert h == naive(LEAVES[at << level : (at + 1) << level])


def test_every_inclusion_proof_of_small_trees() -> None:
    for n in range(1, MOST + 1):
        for i in range(n):
            path = inclusion(i, n, NODE_AT)
            assert len(path) <= max(n - 1, 0).bit_length()
            assert leads(LEAVES[i], i, n, path, HEADS[n])


def test_every_consistency_proof_of_small_trees() -> None:
    for n in range(1, MOST + 1):
        for m in range(1, n + 1):
            assert grew(m, n, consistency(m, n, NODE_AT), HEADS[m], HEADS[n])


@given(st.integers(1, MOST), st.data())
def test_a_changed_inclusion_proof_fails(n: int, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, n - 1))
    path = inclusion(i, n, NODE_AT)
    wrong = bytes(32)
    for at in range(len(path)):
        assert not leads(LEAVES[i], i, n, [*path[:at], wrong, *path[at + 1 :]], HEADS[n])
        assert not leads(LEAVES[i], i, n, path[:at] + path[at + 1 :], HEADS[n])
    assert not leads(wrong, i, n, path, HEADS[n])
    assert not leads(LEAVES[i], i, n, [*path, wrong], HEADS[n])
    assert not leads(LEAVES[i], i, n, path, wrong)
    for other in range(n):
        assert leads(LEAVES[i], other, n, path, HEADS[n]) == (other == i)
    assert not leads(LEAVES[i], n, n, path, HEADS[n]) and not leads(LEAVES[i], -1, n, path, HEADS[n])


@given(st.integers(2, MOST), st.data())
def test_a_changed_consistency_proof_fails(n: int, data: st.DataObject) -> None:
    m = data.draw(st.integers(1, n - 1))
    proof, wrong = consistency(m, n, NODE_AT), bytes(32)
    for at in range(len(proof)):
        assert not grew(m, n, [*proof[:at], wrong, *proof[at + 1 :]], HEADS[m], HEADS[n])
        assert not grew(m, n, proof[:at] + proof[at + 1 :], HEADS[m], HEADS[n])
    assert not grew(m, n, [*proof, wrong], HEADS[m], HEADS[n])
    assert not grew(m, n, proof, wrong, HEADS[n])
    assert not grew(m, n, proof, HEADS[m], wrong)


def test_sizes_that_make_no_sense_are_refused() -> None:
    assert not grew(0, 0, [], EMPTY, EMPTY)
    assert not grew(3, 2, [LEAVES[0]], HEADS[3], HEADS[2])
    assert not grew(2, 2, [LEAVES[0]], HEADS[2], HEADS[2])
    assert not grew(2, 2, [], HEADS[2], HEADS[1])
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(IndexError):
            inclusion(index, size, NODE_AT)
    for first, second in ((0, 5), (6, 5)):
        with pytest.raises(IndexError):
            consistency(first, second, NODE_AT)


def test_another_implementation_agrees() -> None:
    other, peaks = pymerkle.InmemoryTree(algorithm="sha256"), []
    for n in range(300):
        data = b"entry %d" % n
        other.append_entry(data)
        extend(n, peaks, [hashlib.sha256(b"\0" + data).digest()])
        assert other.get_root() == root(peaks)
