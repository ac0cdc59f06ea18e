"""Checking a receipt: who signed it, what it promises, where the log keeps it, and that it is this bid (docs/formats.md §5)."""
from __future__ import annotations

from collections.abc import Iterator

from .keys import SIGNING, Key, Keys, check_checkpoint, read_checkpoint, read_key
from .report import Broken, Check, KeySeen, Report, run
from .text import Value, read_canonical, read_json
from .tree import PROOF_MAX, commitment_of, leaf_of, root_by_path

ENTRY = ("at", "commitment", "index", "leaf", "public", "stream", "type", "version")


def check_receipt(raw: bytes, pinned: Keys | None) -> Report:
    """All checks of a receipt."""
    seen: list[KeySeen] = []
    about: dict[str, str | int] = {}

    def signature() -> Iterator[Check]:
        outer = read_json(raw, "receipt").only("receipt", "signature", "key", optional=("proofs",))
        key, text = read_key(outer["key"], SIGNING), outer["receipt"].text()
        seen.append(KeySeen("receipt", key.name, key.id.hex()))
        yield _trusted(key, pinned)
        if not key.signed(outer["signature"].base64(), text.encode()):
            raise Broken("receipt.signature", "receipt", f"a signature by {key}", "none that holds")
        body = read_canonical(text, "receipt")
        about.update(_about(body, pinned))
        yield Check("receipt.signature", "holds", "receipt", {"kind": body["kind"].text(), "time": body["server_time"].text()})

    def proofs() -> Iterator[Check]:
        outer = read_json(raw, "receipt")
        yield from _proofs(outer.get("proofs"), read_json(outer["receipt"].text(), "receipt")["events"], pinned)

    def private() -> Iterator[Check]:
        outer = read_json(raw, "receipt")
        yield from _private(outer.get("proofs"), read_json(outer["receipt"].text(), "receipt"))

    steps = {"receipt.signature": signature, "receipt.proofs": proofs, "receipt.private": private}
    return Report("receipt", run(steps), tuple(seen), about)


def _trusted(key: Key, pinned: Keys | None) -> Check:
    if pinned is None:
        return Check("keys.trusted", "noted", "receipt key", {"ids": key.id.hex()})
    if key != pinned.receipt:
        raise Broken("keys.trusted", "receipt key", str(pinned.receipt), str(key))
    return Check("keys.trusted", "holds", "receipt key", {"ids": key.id.hex()})


def _about(body: Value, pinned: Keys | None) -> dict[str, str | int]:
    body["format"].choice("gongxin-receipt-v1")
    body["server_time"].instant()
    if pinned is not None and body["origin"].text() != pinned.origin:
        raise Broken("keys.trusted", "receipt origin", pinned.origin, body["origin"].text())
    return {"origin": body["origin"].text(), "kind": body["kind"].text(), "server_time": body["server_time"].text(),
            "events": len(body["events"].entries())}  # fmt: skip


def _proofs(proofs: Value | None, promised: Value, pinned: Keys | None) -> Iterator[Check]:
    events = promised.entries()
    if proofs is None:
        yield Check("receipt.proofs", "not_shown", "receipt", {"count": len(events)})
        return
    given = proofs.entries()
    if len(given) != len(events):
        raise Broken("receipt.proofs", proofs.where, f"{len(events)} proofs", len(given))
    for event, proof in zip(events, given, strict=True):
        entry = proof.only("entry", "checkpoint", "size", "proof")["entry"].only(*ENTRY)
        commitment = None if entry["commitment"].raw is None else entry["commitment"].hex().hex()
        place = entry["stream"].text(), entry["version"].integer(1), entry["type"].text()
        leaf = leaf_of(*place, entry["at"].integer(), commitment, entry["public"].text())
        if not event["leaf"].hex() == entry["leaf"].hex() == leaf:
            raise Broken("receipt.proofs", entry.where, event["leaf"].text(), leaf.hex())
        promise = event["stream"].text(), event["version"].integer(1), event["type"].text()
        if place != promise:
            raise Broken("receipt.proofs", entry.where, promise, place)
        yield from _included(proof, leaf, entry["index"].integer(), pinned)
    yield Check("receipt.proofs", "holds", "receipt", {"count": len(given)})


def _private(proofs: Value | None, body: Value) -> Iterator[Check]:
    """What only the bidder was told of its entry is what the log committed to, and names the bid and the lot of the receipt."""
    if (text := body.get("private")) is None:
        return
    found = read_canonical(text.text(), text.where)
    for name in ("lot", "bid"):
        if found[name].text() != body[name].text():
            raise Broken("receipt.private", text.where, body[name].text(), found[name].text())
    if proofs is None:
        yield Check("receipt.private", "not_shown", "receipt", {"bid": body["bid"].text()})
        return
    told, kept = commitment_of(body["salt"].hex(), text.text()).hex(), proofs.entries()[0]["entry"]["commitment"]
    if kept.raw != told:
        raise Broken("receipt.private", kept.where, told, "none" if kept.raw is None else kept.text())
    yield Check("receipt.private", "holds", "receipt", {"bid": body["bid"].text()})


def _included(proof: Value, leaf: bytes, index: int, pinned: Keys | None) -> Iterator[Check]:
    where = f"{proof.where} checkpoint"
    point, path = read_checkpoint(proof["checkpoint"].text().encode(), where), proof["proof"].hexes()
    if point.size != proof["size"].integer(1) or len(path) > PROOF_MAX or root_by_path(leaf, index, point.size, path) != point.root:
        raise Broken("receipt.proofs", proof.where, f"a path to {point.root.hex()}", f"{len(path)} hashes that lead elsewhere")
    if pinned is None:
        yield Check("checkpoint.signature", "not_shown", where, {"size": point.size})
    else:
        yield from check_checkpoint(point, pinned, where)
