"""Canonical text, commitments and leaves: exact to the byte, as docs/formats.md §2 publishes them."""

from __future__ import annotations

import hashlib
import json
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.leaves import canonical, leaf_hash, private_commitment

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INTEGER = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGER | TEXT, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXT, v, max_size=4), max_leaves=12
)


@given(VALUES)
def test_text_is_read_back_and_written_the_same(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def shuffled(value: object) -> object:
    if isinstance(value, dict):
        return types.MappingProxyType({k: shuffled(v) for k, v in reversed(value.items())})
    return tuple(shuffled(v) for v in value) if isinstance(value, list) else value


@given(VALUES)
def test_equal_values_have_one_text(value: object) -> None:
    assert canonical(shuffled(value)) == canonical(value)


def test_published_example() -> None:
    assert canonical({"b": [1, True, None], "a": '澜明\n"', "Z": {}}) == '{"Z":{},"a":"澜明\\n\\"","b":[1,true,null]}'


@pytest.mark.parametrize(
    "bad", [1.0, {"a": [0.5]}, float("nan"), {1: "a"}, {None: 1}, 2**53, -(2**53), "\ud800", {"\ud800": 1}, b"x", {1, 2}]
)
def test_what_has_no_single_text_is_refused(bad: object) -> None:
    with pytest.raises(ValueError):
        canonical(bad)


def test_leaf_is_the_published_bytes() -> None:
    salt, private = bytes(range(32)), '{"price":1}'
    commitment = private_commitment(salt, private)
    assert commitment == hashlib.sha256(b"gongxin-private-v1\0" + salt + b'{"price":1}').digest()
    head = ('{"at":1774229400000000,"private":"' + commitment.hex() + '","stream":"lot/A01-澜","type":"published","version":3}').encode()
    public = '{"名":"称"}'
    expected = hashlib.sha256(b"\0" + len(head).to_bytes(4, "big") + head + public.encode()).digest()
    assert leaf_hash("lot/A01-澜", 3, "published", public, commitment, 1774229400000000) == expected


def test_leaf_without_a_private_part_says_null() -> None:
    head = b'{"at":0,"private":null,"stream":"s/1","type":"t","version":1}'
    assert leaf_hash("s/1", 1, "t", "{}", None, 0) == hashlib.sha256(b"\0" + len(head).to_bytes(4, "big") + head + b"{}").digest()


LEAF = st.tuples(TEXT, st.integers(1, 9), TEXT, TEXT, st.none() | st.binary(min_size=32, max_size=32), st.integers(0, 2**50))


@given(LEAF, LEAF)
def test_different_events_have_different_leaves(
    one: tuple[str, int, str, str, bytes | None, int], two: tuple[str, int, str, str, bytes | None, int]
) -> None:
    assert (leaf_hash(*one) == leaf_hash(*two)) == (one == two)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_short_salt_is_refused(size: int) -> None:
    with pytest.raises(ValueError):
        private_commitment(bytes(size), "{}")
