"""Trustees: one-time keys from one master, rehearsed, kept in a file under a passphrase."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.adapters.crypto.canonical import canonical
from trading_core.adapters.crypto.keyfile import KeyFile, read_key_file, write_key_file
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.suites import SUITES, CipherSuite
from trading_core.adapters.crypto.trustees import answer_rehearsal, one_time_key, rehearsal
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Refused

suites = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
SLOT = Slot("E4401-2026-0001-1", 1, "technical")
MASTER = bytes(range(32))
PASSPHRASE = "ｃorrect horse 电池 battery"  # a full-width letter: the same key on every keyboard


def code(refusal: pytest.ExceptionInfo[Refused]) -> str:
    (problem,) = refusal.value.problems
    return problem.code


SLOTS = st.builds(Slot, st.sampled_from("ab"), st.integers(1, 3), st.sampled_from(["technical", "price"]))


@suites
@settings(max_examples=20)
@given(
    masters=st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=2, unique=True),
    slots=st.lists(SLOTS, min_size=2, max_size=4, unique=True),
)
def test_each_master_and_slot_has_its_own_key(suite: CipherSuite, masters: list[bytes], slots: list[Slot]) -> None:
    made = {one_time_key(master, slot, suite).public for master in masters for slot in slots}
    assert len(made) == len(masters) * len(slots)
    assert one_time_key(masters[0], slots[0], suite) == one_time_key(masters[0], slots[0], suite)


def test_suites_do_not_share_keys() -> None:
    assert len({one_time_key(MASTER, SLOT, suite).private for suite in SUITES.values()}) == len(SUITES)


@pytest.mark.parametrize(
    ("suite_id", "private"),
    [
        ("intl-1", "dbe284b9e0c69e4074e657ca7258217f9741e43be37bc0b534784fdb7c0f3bda"),
        ("gm-1", "b0aba921efd27457b022d9291a33e5b27ef476ae2c0869fba136fd1bafed8d33"),
    ],
)
def test_derivation_is_fixed(suite_id: str, private: str) -> None:
    """A trustee who kept the master through an upgrade must find the same keys."""
    assert one_time_key(MASTER, SLOT, SUITES[suite_id]).private.hex() == private


@suites
def test_a_rehearsal_is_answered_by_the_owner_only(suite: CipherSuite) -> None:
    key, other = one_time_key(MASTER, SLOT, suite), one_time_key(bytes(32), SLOT, suite)
    asked = rehearsal(key.public, "centre", SLOT, suite, SeededEntropy(b"r"))
    assert answer_rehearsal(key.private, asked.sealed, "centre", SLOT, suite) == asked.answer
    assert asked.answer not in repr(asked)
    for private, trustee, slot in (
        (other.private, "centre", SLOT), (key.private, "agency", SLOT), (key.private, "centre", replace(SLOT, attempt=2))
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            answer_rehearsal(private, asked.sealed, trustee, slot, suite)
        assert code(refusal) == "sealing.rehearsal_failed"


@suites
def test_rehearsals_differ(suite: CipherSuite) -> None:
    key, entropy = one_time_key(MASTER, SLOT, suite), SeededEntropy(b"r")
    asked = [rehearsal(key.public, "centre", SLOT, suite, entropy) for _ in range(3)]
    assert len({a.answer for a in asked}) == len({a.sealed for a in asked}) == 3


@suites
def test_unfit_keys_are_refused(suite: CipherSuite) -> None:
    with pytest.raises(Refused) as refusal:
        rehearsal(bytes(65), "centre", SLOT, suite, SeededEntropy(b""))
    assert code(refusal) == "sealing.bad_public_key"
    with pytest.raises(Refused) as refusal:
        one_time_key(b"short", SLOT, suite)
    assert code(refusal) == "sealing.master_malformed"


def test_key_files() -> None:
    key = KeyFile("supervisor", MASTER)
    text = write_key_file(key, PASSPHRASE, SeededEntropy(b"f"))
    assert MASTER.hex() not in text and repr(MASTER) not in repr(key)
    assert read_key_file(text, PASSPHRASE) == key
    assert read_key_file(text, PASSPHRASE.replace("ｃ", "c")) == key
    with pytest.raises(Refused) as refusal:
        read_key_file(text, "correct horse battery!")
    assert code(refusal) == "sealing.passphrase_wrong"
    data = json.loads(text)
    with pytest.raises(Refused) as refusal:
        read_key_file(canonical(data | {"trustee": "centre"}).decode(), PASSPHRASE)
    assert code(refusal) == "sealing.passphrase_wrong"


def test_unfit_key_files_are_refused_before_any_work() -> None:
    data = json.loads(write_key_file(KeyFile("supervisor", MASTER), PASSPHRASE, SeededEntropy(b"f")))
    kdf = data["kdf"]
    changes: list[dict[str, object]] = [
        {"format": "GXK2"}, {"cipher": "none"}, {"nonce": "00"}, {"sealed": data["sealed"] + "00"}, {"trustee": "X"}, {"trustee": 1},
        {"kdf": 1}, {"kdf": kdf | {"n": 2}}, {"kdf": kdf | {"n": 2**30}}, {"kdf": kdf | {"n": 2**17 + 1}}, {"kdf": kdf | {"p": 9}},
        {"kdf": kdf | {"salt": "zz"}}, {"kdf": kdf | {"name": "none"}}, {"more": 1},
    ]  # fmt: skip
    for text in ("", "{}", "[]", *(canonical(data | change).decode() for change in changes)):
        with pytest.raises(Refused) as refusal:
            read_key_file(text, PASSPHRASE)
        assert code(refusal) == "sealing.key_file_malformed"


def test_short_passphrases_and_masters_are_refused() -> None:
    with pytest.raises(Refused) as refusal:
        write_key_file(KeyFile("centre", MASTER), "short", SeededEntropy(b""))
    assert code(refusal) == "sealing.passphrase_short"
    with pytest.raises(Refused) as refusal:
        write_key_file(KeyFile("centre", b"x"), PASSPHRASE, SeededEntropy(b""))
    assert code(refusal) == "sealing.master_malformed"
