"""Chance: two sources, one repeatable."""
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trading_core.adapters.entropy import SeededEntropy, SystemEntropy


@given(st.binary(), st.lists(st.integers(0, 200), max_size=8))
def test_a_seed_repeats_its_bytes(seed: bytes, sizes: list[int]) -> None:
    first, second = SeededEntropy(seed), SeededEntropy(seed)
    drawn = [first.token_bytes(n) for n in sizes]
    assert drawn == [second.token_bytes(n) for n in sizes]
    assert [len(d) for d in drawn] == sizes


@given(st.binary())
def test_no_bytes_come_twice_from_one_seed(seed: bytes) -> None:
    source = SeededEntropy(seed)
    drawn = [source.token_bytes(32) for _ in range(20)]
    assert len(set(drawn)) == len(drawn)


def test_other_seeds_give_other_bytes() -> None:
    assert SeededEntropy(b"a").token_bytes(32) != SeededEntropy(b"b").token_bytes(32)


def test_the_system_source_gives_fresh_bytes() -> None:
    source = SystemEntropy()
    assert len(source.token_bytes(7)) == 7
    assert source.token_bytes(32) != source.token_bytes(32)
