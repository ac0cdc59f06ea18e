"""Receipts, checkpoints, whole logs and draw files by themselves (docs/formats.md §3 to §6)."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core import verify
from trading_core.domain import draw, merkle, notes
from trading_core.domain.leaves import canonical, leaf_hash
from trading_core.verify import tree

LOT = "A01-LOT-0001"
SEED_PARTS = [("host", bytes(range(32))), ("centre", bytes(range(32, 64)))]
POOL = [f"E{i:03d}" for i in range(1, 13)]


def first_failure(report: verify.Report) -> str:
    return report.failure.name if report.failure else ""


# ------------------------------------------------------------------ the tree, in two implementations


def head(leaves: list[bytes]) -> bytes:
    peaks: list[bytes] = []
    merkle.extend(0, peaks, leaves)
    return merkle.root(peaks)


@given(st.integers(1, 70), st.data())
def test_proofs_of_the_server_lead_the_verifier_to_the_same_root(n: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(b"%d" % i).digest() for i in range(n)]
    nodes = {(level, at): h for level, at, h in merkle.complete_nodes(0, [], leaves)}
    heads = [head(leaves[:i]) for i in range(n + 1)]
    for i in range(n):
        path = merkle.inclusion(i, n, lambda level, at: nodes[level, at])
        assert tree.root_by_path(leaves[i], i, n, path) == heads[n]
        assert tree.root_by_path(leaves[i], i, n, [*path, path[0] if path else b""]) is None
    m = data.draw(st.integers(1, n))
    proof = merkle.consistency(m, n, lambda level, at: nodes[level, at])
    assert tree.roots_by_consistency(m, n, proof, heads[m]) == (heads[m], heads[n])
    wrong = data.draw(st.lists(st.sampled_from([*proof, bytes(32)]), max_size=len(proof) + 2))
    held = tree.roots_by_consistency(m, n, wrong, heads[m]) == (heads[m], heads[n])
    assert held == (wrong == proof)


# ------------------------------------------------------------------ a whole log


def exported(count: int) -> tuple[list[bytes], list[bytes]]:
    lines, leaves, versions = [], [], {}
    for i in range(count):
        stream = f"lot/L-{i * 7 % 5}"
        versions[stream] = version = versions.get(stream, 0) + 1
        commitment = hashlib.sha256(b"%d" % i).digest() if i % 3 else None
        public = canonical({"n": i, "text": "},{ 澜明\n", "inner": {"a": [{}, {}]}})
        head = {"at": i, "private": commitment.hex() if commitment else None, "stream": stream, "type": "noted", "version": version}
        lines.append(f"[{canonical(head)},{public}]\n".encode())
        leaves.append(leaf_hash(stream, version, "noted", public, commitment, i))
    return lines, leaves


@pytest.mark.parametrize("count", [0, 1, 2, 3, 70, 1023, 1024, 1025, 3000, 4096])
def test_a_log_is_hashed_in_blocks_as_one_by_one(count: int) -> None:
    lines, leaves = exported(count)
    peaks: list[bytes] = []
    merkle.extend(0, peaks, leaves)
    assert verify.log_leaves(lines) == (count, merkle.root(peaks))


def checkpoint_of(leaves: list[bytes], keys: Any) -> bytes:
    peaks: list[bytes] = []
    size = merkle.extend(0, peaks, leaves)
    body = notes.checkpoint_body(keys.log.name, size, merkle.root(peaks))
    lines = [
        notes.signature_line(keys.log.name, keys.log.public, keys.log.private.sign(body.encode())),
        notes.cosignature_line(keys.witness.name, keys.witness.public, 1774400000, body, keys.witness.private.sign),
    ]
    return notes.signed_note(body, lines).encode()


def test_a_whole_log_against_its_checkpoint(trade: Any) -> None:
    lines, leaves = exported(1500)
    trust, point = verify.read_trust(trade.keys.trust_file()), checkpoint_of(leaves, trade.keys)
    report = verify.log(lines, point, trust)
    assert report.ok and report.checks[-1].params == {"size": 1500}
    assert first_failure(verify.log(lines, point, None)) == "keys.trusted"
    assert first_failure(verify.log(lines[:-1], point, trust)) == "log.leaves"
    for change in (
        lambda c: c[7].replace(b'"n":7', b'"n":8'),
        lambda c: c[7][:-1],
        lambda c: b"{" + c[7][1:],
        lambda c: c[8],
        lambda c: b"\n",
        lambda c: c[7].replace(b'"version":2', b'"version":3'),
        lambda c: c[7].replace(b"noted", b"no ted"),
        lambda c: c[7] + c[7],
    ):
        changed = [*lines[:7], change(lines), *lines[8:]]
        assert changed != lines
        assert first_failure(verify.log(changed, point, trust)) == "log.leaves"


# ------------------------------------------------------------------ checkpoints


def test_a_checkpoint_and_its_growth(trade: Any) -> None:
    _, leaves = exported(40)
    nodes = {(level, at): h for level, at, h in merkle.complete_nodes(0, [], leaves)}
    trust = verify.read_trust(trade.keys.trust_file())
    early, late = checkpoint_of(leaves[:23], trade.keys), checkpoint_of(leaves, trade.keys)
    proof = merkle.consistency(23, 40, lambda level, at: nodes[level, at])
    report = verify.checkpoint(late, trust, early, proof)
    assert report.ok and report.checks[-1].params == {"earlier": 23, "size": 40}
    rewritten = checkpoint_of([hashlib.sha256(b"x").digest(), *leaves[1:23]], trade.keys)
    assert first_failure(verify.checkpoint(late, trust, rewritten, proof)) == "checkpoint.grown"
    assert first_failure(verify.checkpoint(late, trust, early, proof[:-1])) == "checkpoint.grown"
    assert first_failure(verify.checkpoint(early, trust, late, proof)) == "checkpoint.grown"
    assert first_failure(verify.checkpoint(late, None)) == "keys.trusted"


def test_a_checkpoint_needs_its_log_and_its_witnesses(trade: Any) -> None:
    trust, point = verify.read_trust(trade.keys.trust_file()), checkpoint_of(exported(5)[1], trade.keys)
    assert verify.checkpoint(point, trust).ok
    other = type(trade.keys).of("other")
    assert first_failure(verify.checkpoint(checkpoint_of(exported(5)[1], other), trust)) == "checkpoint.signature"
    lines = point.decode().split("\n")
    assert first_failure(verify.checkpoint("\n".join([*lines[:5], ""]).encode(), trust)) == "checkpoint.witnesses"
    assert first_failure(verify.checkpoint("\n".join([*lines[:4], lines[5], ""]).encode(), trust)) == "checkpoint.signature"
    assert (
        first_failure(verify.checkpoint(point.replace(b"gongxin.example/log\n5", b"gongxin.example/log\n6"), trust))
        == "checkpoint.signature"
    )
    assert (
        first_failure(verify.checkpoint(point.replace(b"gongxin.example/log\n", b"gongxin.example/lox\n"), trust)) == "checkpoint.signature"
    )


def test_no_flipped_byte_of_a_checkpoint_holds(trade: Any) -> None:
    trust, point = verify.read_trust(trade.keys.trust_file()), checkpoint_of(exported(5)[1], trade.keys)
    for i in range(len(point)):
        for flip in (1, 32, 128):
            assert not verify.checkpoint(bytes([*point[:i], point[i] ^ flip, *point[i + 1 :]]), trust).ok, (i, flip)


@pytest.mark.parametrize(
    "change", [{"threshold": 2}, {"threshold": -1}, {"witnesses": 1}, {"log": "x"}, {"origin": "x"}, {"format": "x"}, {"more": 1}]
)
def test_key_files_that_are_none(trade: Any, change: dict[str, Any]) -> None:
    with pytest.raises(verify.Malformed):
        verify.read_trust(canonical({**json.loads(trade.keys.trust_file()), **change}).encode())


# ------------------------------------------------------------------ receipts


def receipt(trade: Any, change: dict[str, Any] | None = None, proofs: bool = True) -> dict[str, Any]:
    line = trade.lines()[4]
    leaf = leaf_hash(line["stream"], line["version"], line["type"], line["public"], None, line["at"])
    body = {
        "format": "gongxin-receipt-v1",
        "origin": trade.keys.log.name,
        "kind": "accepted",
        "server_time": "2026-03-20T08:00:00.000000Z",
        "clock_error_us": 20000,
        "events": [{"stream": line["stream"], "version": line["version"], "type": line["type"], "leaf": leaf.hex()}],
        **(change or {}),
    }
    text, key = canonical(body), trade.keys.receipt
    signature = base64.b64encode(key.private.sign(text.encode())).decode()
    outer: dict[str, Any] = {"receipt": text, "signature": signature, "key": key.text}
    if proofs:
        entry = {k: line[k] for k in ("at", "commitment", "index", "public", "stream", "type", "version")} | {"leaf": leaf.hex()}
        outer["proofs"] = [{"entry": entry, "checkpoint": trade.checkpoint(), "size": trade.size, "proof": line["proof"]}]
    return outer


def test_a_receipt_with_its_proofs(trade: Any, tmp_path: Path) -> None:
    raw, trust = canonical(receipt(trade)).encode(), verify.read_trust(trade.keys.trust_file())
    pinned = verify.receipt(raw, trust)
    assert [c.name for c in pinned.checks] == [
        "keys.trusted",
        "receipt.signature",
        "checkpoint.signature",
        "checkpoint.witnesses",
        "receipt.proofs",
    ]
    assert {c.outcome for c in pinned.checks} == {"holds"}
    assert pinned.about["kind"] == "accepted" and pinned.about["events"] == 1
    alone = verify.receipt(raw)
    assert [(c.name, c.outcome) for c in alone.checks] == [
        ("keys.trusted", "noted"),
        ("receipt.signature", "holds"),
        ("checkpoint.signature", "not_shown"),
        ("receipt.proofs", "holds"),
    ]
    path = tmp_path / "receipt.json"
    path.write_bytes(raw)
    assert verify.file(path, trust) == pinned
    without = verify.receipt(canonical(receipt(trade, proofs=False)).encode(), trust)
    assert without.ok and without.checks[-1].outcome == "not_shown"


def bid_receipt(trade: Any, proofs: bool = True, **change: object) -> dict[str, Any]:
    """A bidder's receipt as the platform gives it: with the private text and the salt of the entry."""
    sealed = next(e for e in trade.entries if e.stream.startswith("sealed/"))
    line = {**trade.lines()[trade.entries.index(sealed)], "private": canonical(sealed.private), "salt": trade.salt(sealed).hex()}
    lot, bid = (json.loads(line["private"])[name] for name in ("lot", "bid"))
    leaf = leaf_hash(line["stream"], line["version"], line["type"], line["public"], bytes.fromhex(line["commitment"]), line["at"])
    event = {"stream": line["stream"], "version": line["version"], "type": line["type"], "leaf": leaf.hex()}
    told = {"lot": lot, "bid": bid, "received_at": "2026-03-20T08:00:00.000000Z", "private": line["private"], "salt": line["salt"]}
    made = receipt(trade, {"kind": "bid_received", "events": [event], **told, **change}, proofs)
    if proofs:
        entry = {k: line[k] for k in ("at", "commitment", "index", "public", "stream", "type", "version")} | {"leaf": leaf.hex()}
        made["proofs"] = [{**made["proofs"][0], "entry": entry, "proof": line["proof"]}]
    return made


def test_a_bidders_receipt_is_of_this_bid(trade: Any) -> None:
    """Only who holds text and salt can show that it is this bid that the log committed to."""
    trust = verify.read_trust(trade.keys.trust_file())

    def last(outer: dict[str, Any]) -> tuple[str, str]:
        checks = verify.receipt(canonical(outer).encode(), trust).checks
        return checks[-1].name, checks[-1].outcome

    good = bid_receipt(trade)
    private = json.loads(json.loads(good["receipt"])["private"])
    assert last(good) == ("receipt.private", "holds")
    assert last(bid_receipt(trade, proofs=False)) == ("receipt.private", "not_shown")
    later = canonical({**private, "received_at": "2026-03-20T08:00:00.000001Z"})
    for lie in ({"salt": "0" * 64}, {"bid": "f" * 32}, {"lot": "other"}, {"private": later}):
        assert last(bid_receipt(trade, **lie)) == ("receipt.private", "fails"), lie


def test_receipts_that_do_not_hold(trade: Any) -> None:
    trust, good = verify.read_trust(trade.keys.trust_file()), receipt(trade)

    def found(outer: dict[str, Any], pinned: Any = trust) -> str:
        return first_failure(verify.receipt(canonical(outer).encode(), pinned))

    proof = good["proofs"][0]
    assert found({**good, "receipt": good["receipt"].replace("accepted", "accepteD")}) == "receipt.signature"
    assert found({**good, "receipt": good["receipt"].replace("accepted", "accepteD")}, None) == "receipt.signature"
    assert found({**good, "signature": base64.b64encode(bytes(64)).decode()}) == "receipt.signature"
    assert found({**good, "key": trade.keys.log.text}) == "keys.trusted"
    assert found({**good, "key": trade.keys.witness.text}) == "receipt.signature"
    assert found({**good, "more": 1}) == "receipt.signature"
    assert found(receipt(trade, {"origin": "other.example/log"})) == "keys.trusted"
    assert found(receipt(trade, {"format": "x"})) == "receipt.signature"
    assert found(receipt(trade, {"events": []})) == "receipt.proofs"
    assert found(receipt(trade, {"events": [{"stream": "lot/x", "version": 1, "type": "t", "leaf": "0" * 64}]})) == "receipt.proofs"
    assert found({**good, "proofs": []}) == "receipt.proofs"
    assert found({**good, "proofs": [{**proof, "proof": proof["proof"][:-1]}]}) == "receipt.proofs"
    assert found({**good, "proofs": [{**proof, "entry": {**proof["entry"], "public": "{}"}}]}) == "receipt.proofs"
    assert found({**good, "proofs": [{**proof, "entry": {**proof["entry"], "index": 1}}]}) == "receipt.proofs"
    assert found({**good, "proofs": [{**proof, "size": proof["size"] + 1}]}) == "receipt.proofs"
    trade.keys.log = type(trade.keys).of("impostor").log
    trade.keys.witness = type(trade.keys).of("impostor").witness
    assert found({**receipt(trade), "key": good["key"]}) == "checkpoint.signature"


# ------------------------------------------------------------------ draw files


def expert_file() -> dict[str, Any]:
    seed = draw.combine([p for _, p in SEED_PARTS])
    rows = [draw.Row("tech-A", tuple(POOL), 4), draw.Row("rare", tuple(POOL[3:6]), 1, 1)]
    answers: dict[str, draw.Answer] = {}
    while waiting := [n for d in draw.draw_rows(seed, LOT, 1, rows, answers) if d.seats for n in d.seats.waiting]:
        answers[waiting[0]] = draw.Answer.REFUSE if len(answers) in (0, 3) else draw.Answer.ACCEPT
    told = []
    for d in draw.draw_rows(seed, LOT, 1, rows, answers):
        assert d.seats
        told.append(
            {
                "row": d.row.id,
                "count": d.row.count,
                "substitutes": d.row.substitutes,
                "pool_hash": draw.pool_hash(d.row.candidates),
                "pool": sorted(d.row.candidates),
                "order": list(d.order),
                "seats": list(d.seats.seats),
                "reserve": list(d.seats.substitutes),
            }
        )
    return {
        "format": "gongxin-draw-v1",
        "kind": "experts",
        "lot": LOT,
        "attempt": 1,
        "seed_commitment": draw.seed_commit(seed),
        "rows": told,
        "commitments": [{"party": p, "commitment": draw.seed_commit(x)} for p, x in SEED_PARTS],
        "parts": [{"party": p, "part": x.hex()} for p, x in SEED_PARTS],
        "answers": [{"expert": n, "answer": a.value} for n, a in answers.items()],
    }


def parameter_file() -> dict[str, Any]:
    """The rulebook's vector [08 §8.6.1]."""
    seed = bytes.fromhex("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
    return {
        "format": "gongxin-draw-v1",
        "kind": "parameter",
        "lot": LOT,
        "attempt": 1,
        "commitments": [{"party": "principal", "commitment": "4773d12e2371bb935b9a0f5439b4a1c3ad3f2414b86980f8418d1cfabdfadfef"}],
        "parts": [{"party": "principal", "part": seed.hex()}],
        "opening_time": "2026-03-23T09:30:00+08:00",
        "digests": [hashlib.sha256(n.encode()).hexdigest() for n in ("bid-A", "bid-B", "bid-C")],
        "bid_root": "4935883bb9829c7873a1cf2dc2ceb91ec241a57bbd78d92409debaf360df70cb",
        "candidates": ["1.0", "1.5", "2.0", "2.5", "3.0"],
        "index": 3,
        "value": "2.5",
    }


@pytest.mark.parametrize("told", [expert_file(), parameter_file()])
def test_a_draw_file_holds(told: dict[str, Any], tmp_path: Path) -> None:
    report = verify.draw(canonical(told).encode())
    assert report.ok, report.failure
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(told, indent=1), "utf-8")
    assert verify.file(path) == report


def change(told: dict[str, Any], path: tuple[Any, ...], new: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(told))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new(inner[path[-1]]) if callable(new) else new
    return copy


@pytest.mark.parametrize(
    ("told", "path", "new"),
    [
        (parameter_file(), ("index",), 2),
        (parameter_file(), ("value",), "2.0"),
        (parameter_file(), ("candidates",), []),
        (parameter_file(), ("candidates",), ["1.0", "1.5", "2.0", "2.6", "3.0"]),
        (parameter_file(), ("opening_time",), "2026-03-23T09:30:01+08:00"),
        (parameter_file(), ("digests",), lambda d: d[:2]),
        (parameter_file(), ("attempt",), 2),
        (parameter_file(), ("commitments",), []),
        (expert_file(), ("parts", 0, "part"), "0" * 64),
        (expert_file(), ("parts",), lambda p: p[::-1]),
        (expert_file(), ("commitments",), lambda c: c[:1]),
        (expert_file(), ("seed_commitment",), "0" * 64),
        (expert_file(), ("rows", 0, "order"), lambda o: o[::-1]),
        (expert_file(), ("rows", 0, "seats"), lambda s: s[::-1] + ["E001"]),
        (expert_file(), ("rows", 0, "reserve"), []),
        (expert_file(), ("rows", 1, "pool"), lambda p: p[1:]),
        (expert_file(), ("rows", 1, "pool"), lambda p: [*p, p[0]]),
        (expert_file(), ("rows", 1, "pool_hash"), "0" * 64),
        (expert_file(), ("answers",), lambda a: a[:-1]),
        (expert_file(), ("answers", 0, "answer"), "accept"),
        (expert_file(), ("lot",), "A01-LOT-0002"),
        (expert_file(), ("lot",), "A01|LOT"),
    ],
)
def test_a_changed_draw_file_fails(told: dict[str, Any], path: tuple[Any, ...], new: Any) -> None:
    assert not verify.draw(canonical(change(told, path, new)).encode()).ok
