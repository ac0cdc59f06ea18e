"""The sealed envelope: it opens for enough trustees, and nothing but the very file that was sealed opens."""
from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
from collections import deque
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.adapters.crypto.canonical import canonical
from trading_core.adapters.crypto.container import opened, recover_file_key, seal
from trading_core.adapters.crypto.header import CHUNK, TAG, Header, check_header, decode_header, padded_size, read_header
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.suites import SUITES, CipherSuite
from trading_core.adapters.crypto.trustees import OneTimeKey, one_time_key
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Refused

SLOT = Slot("E4401-2026-0001-1", 1, "technical")
BID = "00112233445566778899aabbccddeeff"
TRUSTEES = ("agency", "centre", "supervisor")
suites = pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
MIB = 1 << 20


@cache
def keys_for(suite_id: str, slot: Slot = SLOT) -> dict[str, OneTimeKey]:
    return {name: one_time_key(name.encode().ljust(32, b"."), slot, SUITES[suite_id]) for name in TRUSTEES}


def publics(suite: CipherSuite) -> dict[str, bytes]:
    return {name: key.public for name, key in keys_for(suite.id).items()}


def privates(suite: CipherSuite, *names: str) -> dict[str, bytes]:
    return {name: keys_for(suite.id)[name].private for name in names or TRUSTEES[:2]}


@dataclass(frozen=True)
class Sealed:
    """A sealed file in memory."""

    suite: CipherSuite
    data: bytes

    @property
    def header(self) -> Header:
        return read_header(io.BytesIO(self.data))

    @property
    def body(self) -> int:
        """Where the chunks begin."""
        return 8 + int.from_bytes(self.data[4:8], "big")

    def file_key(self, *names: str) -> bytes:
        return recover_file_key(self.header, privates(self.suite, *names), SLOT, BID)

    def open(self, *names: str) -> bytes:
        return b"".join(map(bytes, opened(io.BytesIO(self.data), self.file_key(*names))))

    def chunk(self, i: int) -> slice:
        return slice(self.body + i * (CHUNK + TAG), self.body + (i + 1) * (CHUNK + TAG))


def make(suite: CipherSuite, content: bytes, slot: Slot = SLOT, bid: str = BID, seed: bytes = b"seal") -> Sealed:
    out, entropy = io.BytesIO(), SeededEntropy(seed)
    seal(io.BytesIO(content), len(content), slot, bid, publics(suite), 2, suite, entropy, out.write)
    return Sealed(suite, out.getvalue())


@cache
def small(suite_id: str) -> Sealed:
    return make(SUITES[suite_id], b"price 123456 fen")


@cache
def large(suite_id: str) -> Sealed:
    """Four chunks, the last one short."""
    return make(SUITES[suite_id], bytes(range(256)) * (3 * MIB // 256) + b"end")


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


# it opens


@suites
@pytest.mark.parametrize("size", [0, 1, 65528, 65529, MIB - 8, MIB - 7, MIB - 1, MIB, MIB + 1, 2 * MIB - 8, 2 * MIB])
def test_what_was_sealed_is_opened(suite: CipherSuite, size: int) -> None:
    content = (b"0123456789abcdef!" * (size // 17 + 1))[:size]
    sealed = make(suite, content)
    assert sealed.open() == content
    assert len(sealed.data) == sealed.header.container_size


@suites
def test_any_two_trustees_open_it(suite: CipherSuite) -> None:
    for names in (*combinations(TRUSTEES, 2), TRUSTEES, tuple(reversed(TRUSTEES))):
        assert small(suite.id).open(*names) == b"price 123456 fen"


@settings(max_examples=15)
@given(st.sampled_from(sorted(SUITES)), st.binary(max_size=300), st.integers(3, 6), st.data())
def test_any_threshold_of_any_trustees_opens(suite_id: str, content: bytes, count: int, data: st.DataObject) -> None:
    suite, threshold = SUITES[suite_id], data.draw(st.integers(2, count - 1))
    keys = {f"t{i}": one_time_key(bytes([i]) * 32, SLOT, suite) for i in range(count)}
    out, trustees = io.BytesIO(), {n: k.public for n, k in keys.items()}
    header = seal(io.BytesIO(content), len(content), SLOT, BID, trustees, threshold, suite, SeededEntropy(content), out.write)
    chosen = data.draw(st.permutations(sorted(keys)))[:threshold]
    file_key = recover_file_key(header, {n: keys[n].private for n in chosen}, SLOT, BID)
    assert b"".join(map(bytes, opened(io.BytesIO(out.getvalue()), file_key))) == content


@suites
def test_sealing_twice_gives_nothing_in_common(suite: CipherSuite) -> None:
    first, second = make(suite, b"same", seed=b"1"), make(suite, b"same", seed=b"2")
    assert first.header.commitment != second.header.commitment
    assert first.data[first.body :] != second.data[second.body :]
    assert not {s.sealed for s in first.header.shares} & {s.sealed for s in second.header.shares}


@suites
def test_the_size_tells_little(suite: CipherSuite) -> None:
    assert len({len(make(suite, bytes(size)).data) for size in (0, 1, 100, 65528)}) == 1
    assert padded_size(65529) == 2 * 65536


def test_the_header_names_nobody() -> None:
    """Only these keys exist; an envelope with any other is none."""
    data = json.loads(small("intl-1").header.encode())
    assert set(data) == {
        "suite", "lot", "attempt", "stage", "bid", "payload_size", "chunk_size", "commitment", "threshold", "shares",
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        decode_header(canonical({**data, "bidder": "91440101MA59EWXG3F"}))
    assert codes(refusal) == {"sealing.header_malformed"}


@suites
def test_memory_stays_flat(suite: CipherSuite, tmp_path: Path) -> None:
    """24 MiB through buffers of two chunks."""
    path, size = tmp_path / "sealed", 24 * MIB
    plain = tmp_path / "plain"
    plain.write_bytes(bytes(size))
    privates(suite)
    tracemalloc.start()
    with plain.open("rb") as source, path.open("wb") as target:
        seal(source, size, SLOT, BID, publics(suite), 2, suite, SeededEntropy(b""), target.write)
    with path.open("rb") as source:
        file_key = recover_file_key(read_header(source), privates(suite), SLOT, BID)
        source.seek(0)
        deque(opened(source, file_key), 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * MIB


@pytest.mark.parametrize(
    ("suite_id", "digest"),
    [
        ("intl-1", "812df9f3eeabf8e01758dd0c703dda0f8a344f7cf711c2354bd3677e84ea60d6"),
        ("gm-1", "c2ab232ddb5021647a5f4428b2d856e8bb8053faa03a2836a150e1ae33571915"),
    ],
)
def test_the_format_is_fixed(suite_id: str, digest: str) -> None:
    """A file sealed before an upgrade must open after it: whoever changes these bytes makes a new format with a new magic."""
    assert hashlib.sha256(make(SUITES[suite_id], b"golden").data).hexdigest() == digest


# nothing else opens


@suites
@settings(max_examples=60)
@given(data=st.data())
def test_any_flipped_bit_is_refused(suite: CipherSuite, data: st.DataObject) -> None:
    sealed = small(suite.id)
    place = data.draw(st.integers(0, sealed.body - 1) | st.integers(0, len(sealed.data) - 1))
    changed = bytearray(sealed.data)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Refused):
        Sealed(suite, bytes(changed)).open()


@suites
def test_a_flipped_bit_in_each_chunk_names_it(suite: CipherSuite) -> None:
    sealed, file_key = large(suite.id), large(suite.id).file_key()
    for i in range(4):
        changed = bytearray(sealed.data)
        changed[sealed.chunk(i).start + 77] ^= 1
        with pytest.raises(Refused) as refusal:
            deque(opened(io.BytesIO(changed), file_key), 0)
        assert [(p.code, p.params) for p in refusal.value.problems] == [("sealing.chunk_damaged", {"chunk": i + 1, "chunks": 4})]


@suites
@pytest.mark.parametrize(("a", "b"), [(0, 1), (0, 2), (1, 2)])
def test_swapped_chunks_are_refused(suite: CipherSuite, a: int, b: int) -> None:
    sealed = large(suite.id)
    changed = bytearray(sealed.data)
    changed[sealed.chunk(a)], changed[sealed.chunk(b)] = sealed.data[sealed.chunk(b)], sealed.data[sealed.chunk(a)]
    with pytest.raises(Refused) as refusal:
        Sealed(suite, bytes(changed)).open()
    assert [(p.code, p.params) for p in refusal.value.problems] == [
        ("sealing.chunk_moved", {"chunk": a + 1, "belongs": b + 1, "chunks": 4})
    ]


@suites
def test_a_repeated_chunk_is_refused(suite: CipherSuite) -> None:
    sealed = large(suite.id)
    changed = bytearray(sealed.data)
    changed[sealed.chunk(1)] = sealed.data[sealed.chunk(0)]
    with pytest.raises(Refused) as refusal:
        Sealed(suite, bytes(changed)).open()
    assert codes(refusal) == {"sealing.chunk_moved"}


@suites
def test_cut_short_is_refused(suite: CipherSuite) -> None:
    sealed = large(suite.id)
    for end in (sealed.chunk(3).start, sealed.chunk(1).start, sealed.body, len(sealed.data) - 1, sealed.body + 5):
        with pytest.raises(Refused) as refusal:
            Sealed(suite, sealed.data[:end]).open()
        assert codes(refusal) == {"sealing.truncated"}
    for end in (1, 4, 7, sealed.body - 1):
        with pytest.raises(Refused) as refusal:
            read_header(io.BytesIO(sealed.data[:end]))
        assert codes(refusal) == {"sealing.truncated"}


@suites
def test_cut_short_with_a_fitting_header_is_refused(suite: CipherSuite) -> None:
    """The end cannot be moved even by someone who mends the stated size."""
    sealed = large(suite.id)
    raw = replace(sealed.header, payload_size=3 * MIB).encode()
    changed = b"GXS1" + len(raw).to_bytes(4, "big") + raw + sealed.data[sealed.body : sealed.chunk(3).start]
    with pytest.raises(Refused) as refusal:
        Sealed(suite, changed).open()
    assert codes(refusal) == {"sealing.chunk_damaged"}


@suites
def test_something_behind_the_end_is_refused(suite: CipherSuite) -> None:
    for more in (b"x", small(suite.id).data):
        with pytest.raises(Refused) as refusal:
            Sealed(suite, small(suite.id).data + more).open()
        assert codes(refusal) == {"sealing.trailing_bytes"}


@suites
@pytest.mark.parametrize(
    ("slot", "bid", "code"),
    [
        (replace(SLOT, lot="E4401-2026-0001-2"), BID, "sealing.other_lot"),
        (replace(SLOT, attempt=2), BID, "sealing.other_attempt"),
        (replace(SLOT, stage="price"), BID, "sealing.other_stage"),
        (SLOT, BID[::-1], "sealing.other_bid"),
    ],
)
def test_an_envelope_is_worth_nothing_at_another_place(suite: CipherSuite, slot: Slot, bid: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        recover_file_key(small(suite.id).header, privates(suite), slot, bid)
    assert codes(refusal) == {code}
    with pytest.raises(Refused) as refusal:
        check_header(small(suite.id).header, slot, bid, publics(suite), 2, suite.id)
    assert codes(refusal) == {code}


@suites
@pytest.mark.parametrize("change", [{"bid": BID[::-1]}, {"slot": replace(SLOT, lot="other")}, {"slot": replace(SLOT, stage="price")}])
def test_a_relabelled_envelope_does_not_open(suite: CipherSuite, change: dict[str, object]) -> None:
    """Somebody else's ciphertext under one's own bid id, or moved to another place with a mended header."""
    header = replace(small(suite.id).header, **change)
    with pytest.raises(Refused) as refusal:
        recover_file_key(header, privates(suite), header.slot, header.bid)
    assert codes(refusal) == {"sealing.share_damaged"}


@suites
def test_wrong_keys_are_named(suite: CipherSuite) -> None:
    header = small(suite.id).header
    good = privates(suite, *TRUSTEES)
    swapped = {"agency": good["centre"], "centre": good["centre"]}
    other_slot = {"agency": keys_for(suite.id, replace(SLOT, stage="price"))["agency"].private, "centre": good["centre"]}
    for keys in (swapped, other_slot, {"agency": bytes(32), "centre": good["centre"]}, {"agency": b"", "centre": good["centre"]}):
        with pytest.raises(Refused) as refusal:
            recover_file_key(header, keys, SLOT, BID)
        assert [(p.code, p.path) for p in refusal.value.problems] == [("sealing.wrong_key", "keys.agency")]


@suites
def test_too_few_and_unknown_trustees_are_told_together(suite: CipherSuite) -> None:
    with pytest.raises(Refused) as refusal:
        recover_file_key(small(suite.id).header, privates(suite, "centre"), SLOT, BID)
    assert codes(refusal) == {"sealing.too_few_shares"}
    with pytest.raises(Refused) as refusal:
        recover_file_key(small(suite.id).header, {"notary": b"", **privates(suite)}, replace(SLOT, attempt=3), BID)
    assert codes(refusal) == {"sealing.unknown_trustee", "sealing.other_attempt"}


@suites
def test_another_file_key_is_refused(suite: CipherSuite) -> None:
    with pytest.raises(Refused) as refusal:
        opened(io.BytesIO(small(suite.id).data), bytes(32))
    assert codes(refusal) == {"sealing.commitment_mismatch"}


@suites
def test_it_cannot_depend_on_who_turns_up(suite: CipherSuite) -> None:
    """A bidder who gives the supervisor a false share, well sealed: every pair of trustees refuses the envelope."""
    sealed = small(suite.id)
    header, last = sealed.header, sealed.header.shares[2]
    info = header.label("share", last.trustee, last.public.hex(), header.commitment.hex())
    false = suite.share_seal(last.public, info, bytes([3]) + bytes(32), SeededEntropy(b""))
    forged = replace(header, shares=(*header.shares[:2], replace(last, sealed=false)))
    seen = {}
    for pair in combinations(TRUSTEES, 2):
        with pytest.raises(Refused) as refusal:
            recover_file_key(forged, privates(suite, *pair), SLOT, BID)
        seen[pair] = codes(refusal)
    assert seen == {
        ("agency", "centre"): {"sealing.share_forged"},
        ("agency", "supervisor"): {"sealing.commitment_mismatch"},
        ("centre", "supervisor"): {"sealing.commitment_mismatch"},
    }


@suites
def test_exchanged_shares_are_refused(suite: CipherSuite) -> None:
    header = small(suite.id).header
    one, two, three = header.shares
    exchanged = replace(header, shares=(replace(one, sealed=two.sealed), replace(two, sealed=one.sealed), three))
    with pytest.raises(Refused) as refusal:
        recover_file_key(exchanged, privates(suite), SLOT, BID)
    assert [p.code for p in refusal.value.problems] == ["sealing.share_damaged"] * 2


# receipt


@suites
def test_the_header_is_checked_at_receipt(suite: CipherSuite) -> None:
    header = small(suite.id).header
    check_header(header, SLOT, BID, publics(suite), 2, suite.id)
    with pytest.raises(Refused) as refusal:
        check_header(header, SLOT, BID, publics(suite) | {"centre": bytes(65)}, 3, "other")
    assert codes(refusal) == {"sealing.other_trustees", "sealing.other_threshold", "sealing.other_suite"}
    two = {name: key for name, key in publics(suite).items() if name != "centre"}
    with pytest.raises(Refused) as refusal:
        check_header(header, SLOT, BID, two, 2, suite.id)
    assert codes(refusal) == {"sealing.other_trustees"}


@pytest.mark.parametrize("data", [b"", b"PK\3\4aaaaaaaa", b"GXS2\0\0\0\0", b"%"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        read_header(io.BytesIO(data))
    assert codes(refusal) == {"sealing.not_a_container"}


def test_a_header_has_a_limit() -> None:
    with pytest.raises(Refused) as refusal:
        read_header(io.BytesIO(b"GXS1" + (65537).to_bytes(4, "big") + bytes(65537)))
    assert codes(refusal) == {"sealing.header_too_large"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"suite": "rot13"}, "sealing.suite_unknown"),
        ({"suite": 1}, "sealing.header_malformed"),
        ({"lot": ""}, "sealing.header_malformed"),
        ({"lot": "a b"}, "sealing.header_malformed"),
        ({"attempt": 0}, "sealing.header_malformed"),
        ({"attempt": True}, "sealing.header_malformed"),
        ({"attempt": "1"}, "sealing.header_malformed"),
        ({"stage": "Price!"}, "sealing.header_malformed"),
        ({"bid": "ff"}, "sealing.header_malformed"),
        ({"payload_size": 65537}, "sealing.header_malformed"),
        ({"payload_size": 0}, "sealing.header_malformed"),
        ({"payload_size": 2**32 + 65536}, "sealing.too_large"),
        ({"chunk_size": 1}, "sealing.header_malformed"),
        ({"commitment": "00"}, "sealing.header_malformed"),
        ({"commitment": "zz"}, "sealing.header_malformed"),
        ({"threshold": 1}, "sealing.threshold_unsafe"),
        ({"threshold": 3}, "sealing.threshold_unsafe"),
        ({"shares": {}}, "sealing.header_malformed"),
        ({"shares": [1, 2, 3]}, "sealing.header_malformed"),
        ({"note": "bidder"}, "sealing.header_malformed"),
    ],
)
def test_malformed_headers_are_refused(change: dict[str, object], code: str) -> None:
    data = json.loads(small("intl-1").header.encode())
    with pytest.raises(Refused) as refusal:
        decode_header(canonical(data | change))
    assert code in codes(refusal)


def test_a_header_has_one_spelling() -> None:
    raw = small("intl-1").header.encode()
    twice = raw.replace(b'"attempt":1,', b'"attempt":1,"attempt":1,')
    for other in (raw + b" ", json.dumps(json.loads(raw)).encode(), twice, b"\xff", b"[" * 30000):
        with pytest.raises(Refused) as refusal:
            decode_header(other)
        assert codes(refusal) == {"sealing.header_malformed"}


@suites
def test_unfit_facts_are_refused_before_anything_is_written(suite: CipherSuite) -> None:
    keys = publics(suite)
    bad = keys | {"centre": keys["centre"][:-1] + bytes([keys["centre"][-1] ^ 1])}
    cases = [
        (Slot("", 0, "!"), BID, keys, 2, {"sealing.header_malformed"}),
        (SLOT, "", keys, 2, {"sealing.header_malformed"}),
        (SLOT, BID, keys, 1, {"sealing.threshold_unsafe"}),
        (SLOT, BID, keys, 3, {"sealing.threshold_unsafe"}),
        (SLOT, BID, keys | {"centre": keys["agency"]}, 2, {"sealing.header_malformed"}),
        (SLOT, BID, {"agency": keys["agency"]}, 2, {"sealing.header_malformed", "sealing.threshold_unsafe"}),
        (SLOT, BID, bad, 2, {"sealing.bad_public_key"}),
    ]  # fmt: skip
    for slot, bid, trustees, threshold, expected in cases:
        out = io.BytesIO()
        with pytest.raises(Refused) as refusal:
            seal(io.BytesIO(b"x"), 1, slot, bid, trustees, threshold, suite, SeededEntropy(b""), out.write)
        assert codes(refusal) == expected
        assert not out.getvalue()


@suites
@pytest.mark.parametrize("stated", [99, 101])
def test_a_source_that_changes_is_noticed(suite: CipherSuite, stated: int) -> None:
    with pytest.raises(Refused) as refusal:
        seal(io.BytesIO(bytes(100)), stated, SLOT, BID, publics(suite), 2, suite, SeededEntropy(b""), len)
    assert codes(refusal) == {"sealing.source_changed"}


@suites
@pytest.mark.parametrize("prefix", [(65528 + 1).to_bytes(8, "big"), b"\xff" * 8, (3).to_bytes(8, "big")])
def test_length_and_padding_must_agree(suite: CipherSuite, prefix: bytes) -> None:
    """Sealed by a tool of one's own: a length that the padding does not fit, or something hidden in the padding."""
    sealed = small(suite.id)
    file_key, header = sealed.file_key(), sealed.header
    cipher = suite.chunk_cipher(suite.kdf(file_key, header.label("payload"), suite.stream_key_size))
    plain = bytearray(header.payload_size)
    plain[:12] = prefix + b"abcd"
    out = bytearray(len(plain) + TAG)
    cipher.encrypt_into(bytes(11) + b"\1", memoryview(plain), suite.hash(header.encode()), memoryview(out))
    with pytest.raises(Refused) as refusal:
        deque(opened(io.BytesIO(sealed.data[: sealed.body] + out), file_key), 0)
    assert codes(refusal) == {"sealing.padding_wrong"}


def test_secrets_are_not_shown() -> None:
    key = keys_for("intl-1")["agency"]
    assert key.private.hex() not in repr(key) and repr(key.private) not in repr(key)
