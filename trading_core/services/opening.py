"""Opening sealed bids: rehearsing trustees' keys, and decrypting bid after bid once two of three are released."""
from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, cast

from ..adapters.crypto.bundle import BundleReader
from ..adapters.crypto.container import open_stream, recover_file_key
from ..adapters.crypto.header import read_header
from ..adapters.crypto.manifest import BundleFile, Manifest
from ..adapters.crypto.slot import Slot
from ..adapters.crypto.suites import suite_of
from ..adapters.crypto.trustees import rehearsal as new_rehearsal
from ..adapters.objects import Growing
from ..domain.errors import Refused
from ..domain.identity import CLOCK
from ..domain.lot import Lot
from ..domain.tender.bidding import Closing, LiveBid
from ..domain.tender.opening import Opening, openable, to_open
from ..domain.tender.trustees import answer_hash, envelopes, suite, trustee_of
from ..domain.trade import Command, TradeType
from ..platform import Platform, Unit
from . import lots, organisations


def rehearsal(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, str] | None:
    """A fresh challenge sealed to the key that is being registered; None when the key is none of the lot's suite."""
    slot, trustee = Slot(lot.id, lot.attempt, str(command.data["stage"])), trustee_of(lot, command.actor)
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


def open_next(platform: Platform, lot_id: str) -> bool:
    """Open one envelope of the lot if one can be opened; whether there was one. Safe to call at any time, from anywhere, again."""
    with platform.look() as unit:
        lot = lots.find(unit, lot_id)
        stage = openable(lot) if lot.status in ("OPENING", "EVALUATING") else None
        waiting = to_open(lot, stage) if stage else ()
        if stage is None or not waiting:
            return False
        keys = released_keys(unit, lot, stage)
    bid = next(b for b in lot.part(Closing).bids if b.bid == waiting[0])
    result = open_envelope(platform, lot, stage, bid, keys)
    with platform.unit() as unit:
        now_waiting = to_open(lots.find(unit, lot_id, lock=True), stage)
        if bid.bid in now_waiting:  # another worker may have been faster
            lots.give(unit, lot_id, Command("open_bid", CLOCK, result, unit.now))
    return True


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
    """Decrypt one envelope into the object store, in constant memory. The form for the act `open_bid`: content, or why not."""
    name = next(e for e in bid.envelopes if e.name == stage)
    kept: dict[str, str] = {}
    try:
        with platform.objects.open(name.object) as file:
            header = read_header(cast("BinaryIO", file))  # type: ignore[arg-type]
            file_key = recover_file_key(header, keys, Slot(lot.id, lot.attempt, stage), bid.bid)
            file.seek(0)
            manifest = _unpack(platform, cast("BinaryIO", file), file_key, kept)
    except Refused as refusal:
        code = refusal.problems[0].code
        return {"bid": bid.bid, "stage": stage, "ok": False, "reason": code, "fault": "bidder"}
    return _content(lot, stage, bid, manifest, kept)


def _unpack(platform: Platform, file: BinaryIO, file_key: bytes, kept: dict[str, str]) -> Manifest:
    growing: list[tuple[BundleFile, Growing]] = []
    stack = []

    def open_file(entry: BundleFile) -> object:
        context = platform.objects.writing()
        stack.append(context)
        growing.append((entry, context.__enter__()))
        return growing[-1][1].write

    try:
        reader = BundleReader(open_file)  # type: ignore[arg-type]
        open_stream(file, file_key, reader.write)  # type: ignore[arg-type]
        manifest = reader.close()
        for entry, target in growing:
            kept[entry.name] = target.keep()
        return manifest
    finally:
        for context in stack:
            context.__exit__(None, None, None)


def _content(lot: Lot, stage: str, bid: LiveBid, manifest: Manifest, kept: Mapping[str, str]) -> dict[str, object]:
    """What an opened envelope says; the first one also says whose it is, and must match what was committed at receipt."""
    result: dict[str, object] = {
        "bid": bid.bid, "stage": stage, "ok": True, "form": dict(manifest.form or {}),
        "files": [{"name": f.name, "sha256": f.sha256, "size": f.size, "object": kept[f.name]} for f in manifest.files],
    }  # fmt: skip
    if stage != envelopes(lot)[0].name:
        return result
    identity = manifest.identity
    if identity is None or identity.commitment() != bid.commitment:
        return {"bid": bid.bid, "stage": stage, "ok": False, "reason": "bid.other_identity", "fault": "bidder"}
    return {**result, "name": identity.name, "uscc": identity.uscc}


def progress(lot: Lot, stage: str) -> tuple[int, int]:
    """(opened, all) bids of a stage."""
    total = len(lot.part(Closing).bids)
    return sum(stage in b.envelopes for b in lot.part(Opening).bids.values()), total

