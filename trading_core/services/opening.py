"""Opening sealed bids: rehearsing trustees' keys, decrypting what two of three have released, and reading it again afterwards.

Nothing opened is kept a second time: the sealed file stays the only copy, and whoever may read a document of a bid is given it straight
out of its envelope, every chunk of which then holds once more.
"""
from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, cast

from ..adapters.crypto.bundle import BundleReader
from ..adapters.crypto.container import opened, recover_file_key
from ..adapters.crypto.header import read_header
from ..adapters.crypto.manifest import Manifest
from ..adapters.crypto.slot import Slot
from ..adapters.crypto.source import Source
from ..adapters.crypto.suites import suite_of
from ..adapters.crypto.trustees import rehearsal as new_rehearsal
from ..domain.errors import Refused
from ..domain.identity import CLOCK
from ..domain.lot import Lot
from ..domain.stages.offices import office_of
from ..domain.tender.bidding import Closing, LiveBid
from ..domain.tender.opening import openable, to_open
from ..domain.tender.trustees import answer_hash, envelopes, suite
from ..domain.trade import Command, TradeType
from ..platform import Platform, Unit
from . import lots, organisations
from .faults import faults

TOGETHER = 8  # envelopes opened and then recorded in one transaction: a broken-off opening does at most these again
HANDS = min(os.cpu_count() or 1, 4)


def rehearsal(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, str] | None:
    """A fresh challenge sealed to the key that is being registered; None when the key is none of the lot's suite."""
    slot, trustee = Slot(lot.id, lot.attempt, str(command.data["stage"])), office_of(lot, command.actor)
    if trustee is None:
        return None
    try:
        public = bytes.fromhex(str(command.data["public_key"]))
        found = new_rehearsal(public, trustee, slot, suite_of(suite(lot)), unit.platform.entropy)
    except (ValueError, Refused):
        return None
    return {"challenge": found.sealed.hex(), "answer_hash": answer_hash(found.answer)}


def public_key(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    """The public half of a private key that is being released, empty when it is no key."""
    try:
        return suite_of(suite(lot)).public_from_private(bytes.fromhex(str(command.data["private_key"]))).hex()
    except (ValueError, Refused):
        return ""


def actor_uscc(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    """The code of the organisation for which the command is given."""
    return organisations.known(unit, command.actor.organisation).uscc


def envelope_lost(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> bool:
    """Whether the platform no longer has what it acknowledged: the sealed file is gone, or its bytes are no longer those received."""
    bid, stage = str(command.data["bid"]), str(command.data["stage"])
    names = [e.object for b in lot.part(Closing).bids if b.bid == bid for e in b.envelopes if e.name == stage]
    return not all(unit.platform.objects.holds(name) for name in names)


def open_waiting(platform: Platform, lot_id: str) -> int:
    """Open every envelope of the lot that can be opened; how many there were. Safe to call at any time, from anywhere, again."""
    count, failing = 0, set[str]()
    with faults() as apart, ThreadPoolExecutor(HANDS) as hands:
        while found := _waiting(platform, lot_id, failing):
            lot, stage, bids, keys = found
            asked = [(b.bid, hands.submit(open_envelope, platform, lot, stage, b, keys)) for b in bids[:TOGETHER]]
            results = []
            for bid, answer in asked:
                failing.add(bid)
                with apart(f"sealed/{bid}"):
                    results.append(answer.result())
                    failing.discard(bid)
            count += _record(platform, lot_id, stage, results)
    return count


def _waiting(platform: Platform, lot_id: str, without: Set[str]) -> tuple[Lot, str, list[LiveBid], dict[str, bytes]] | None:
    """The lot, the stage whose keys are released, its bids that are still closed, and the keys; None when there is nothing to open."""
    with platform.look() as unit:
        lot = lots.find(unit, lot_id)
        stage = openable(lot) if lot.status in ("OPENING", "EVALUATING") else None
        waiting = [b for b in to_open(lot, stage) if b not in without] if stage else []
        if stage is None or not waiting:
            return None
        bids = {b.bid: b for b in lot.part(Closing).bids}
        return lot, stage, [bids[b] for b in waiting], released_keys(unit, lot, stage)


def _record(platform: Platform, lot_id: str, stage: str, results: list[dict[str, object]]) -> int:
    with platform.unit() as unit:
        waiting = to_open(lots.find(unit, lot_id, lock=True), stage)
        mine = [r for r in results if r["bid"] in waiting]  # another worker may have been faster
        for result in mine:
            lots.give(unit, lot_id, Command("open_bid", CLOCK, result, unit.now))
    return len(mine)


def released_keys(unit: Unit, lot: Lot, stage: str) -> dict[str, bytes]:
    """The private one-time keys that trustees have released for a stage."""
    found: dict[str, bytes] = {}
    for stored in unit.store.read(f"lot/{lot.id}"):
        if stored.type == "key_released":
            r = stored.recorded()
            if r.public["stage"] == stage and r.private:
                found[str(r.public["trustee"])] = bytes.fromhex(str(r.private["private_key"]))
    return found


def open_envelope(platform: Platform, lot: Lot, stage: str, bid: LiveBid, keys: Mapping[str, bytes]) -> dict[str, object]:
    """Decrypt one envelope and check all that is in it, in constant memory. The form for the act `open_bid`: content, or why not.

    Raises `DamagedObject` when our own copy is no longer what the bidder had been acknowledged: that is never the bidder's fault [B-05].
    """
    reader = BundleReader(lambda file: len)  # hashed and let go
    try:
        with platform.objects.open(_sealed(bid, stage)) as file:
            for piece in _opened(file, lot, stage, bid, keys):
                reader.write(piece)
        manifest = reader.close()
    except Refused as refusal:
        platform.objects.check(_sealed(bid, stage))
        code = refusal.problems[0].code
        return {"bid": bid.bid, "stage": stage, "ok": False, "reason": code, "fault": "bidder"}
    return _content(lot, stage, bid, manifest)


def document(unit: Unit, lot: Lot, bid: str, stage: str, sha256: str) -> Iterator[bytes]:
    """The bytes of a file of an opened bid, piece by piece, straight out of its sealed envelope.

    Check first that the bid's opening lists the file. The pieces come in the order of the file; each is taken from a chunk that holds.
    """
    live = next(b for b in lot.part(Closing).bids if b.bid == bid)
    return _pieces(unit.platform, lot, stage, live, released_keys(unit, lot, stage), sha256)


def _pieces(platform: Platform, lot: Lot, stage: str, bid: LiveBid, keys: Mapping[str, bytes], sha256: str) -> Iterator[bytes]:
    taken: list[bytes] = []
    waiting = [lambda piece: taken.append(bytes(piece))]  # the same content may lie in a bundle twice; it is given once
    reader = BundleReader(lambda entry: waiting.pop() if waiting and entry.sha256 == sha256 else len)
    with platform.objects.open(_sealed(bid, stage)) as file:
        for piece in _opened(file, lot, stage, bid, keys):
            reader.write(piece)
            yield from taken
            taken.clear()


def _sealed(bid: LiveBid, stage: str) -> str:
    """Name of the object that holds the sealed envelope."""
    return next(e.object for e in bid.envelopes if e.name == stage)


def _opened(file: BinaryIO, lot: Lot, stage: str, bid: LiveBid, keys: Mapping[str, bytes]) -> Iterator[memoryview]:
    source = cast("Source", file)
    file_key = recover_file_key(read_header(source), keys, Slot(lot.id, lot.attempt, stage), bid.bid)
    file.seek(0)
    return opened(source, file_key)


def _content(lot: Lot, stage: str, bid: LiveBid, manifest: Manifest) -> dict[str, object]:
    """What an opened envelope says; the first one also says whose it is, and must match what was committed at receipt."""
    result: dict[str, object] = {
        "bid": bid.bid, "stage": stage, "ok": True, "form": dict(manifest.form or {}),
        "files": [{"name": f.name, "sha256": f.sha256, "size": f.size} for f in manifest.files],
    }  # fmt: skip
    if stage != envelopes(lot)[0].name:
        return result
    identity = manifest.identity
    if identity is None or identity.commitment() != bid.commitment:
        return {"bid": bid.bid, "stage": stage, "ok": False, "reason": "bid.other_identity", "fault": "bidder"}
    return {**result, "name": identity.name, "uscc": identity.uscc}
