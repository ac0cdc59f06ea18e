"""A bid's receipt on paper. Such a paper tells of a bid that is still sealed, so it is issued by no act, noted in no stream and kept
nowhere: whoever holds the signed receipt has it printed, as often as they like, and it reads the same each time [B-02, B-04, BLR 36].
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..adapters.crypto.manifest import Identity
from ..adapters.db.store import Stored
from ..domain.errors import Problem, Refused
from ..domain.events import Json
from ..domain.fields import Field, check
from ..domain.lot import Lot
from ..domain.tender.bidding import SEALED
from ..domain.trade import TradeType
from ..platform import Platform, Unit
from . import lots, papers, receipts
from .paper_data import receiving
from .paper_data.paper import Paper

FIELDS = (
    Field("receipt", "object", fields=(Field("receipt", "long_text"), Field("signature"), Field("key", maximum=500)), rule="B-04"),
    Field("bidder", "object", required=False, fields=(Field("name"), Field("uscc", maximum=18), Field("salt", "hash", secret=True))),
)
"""What to send: the receipt as it was given; bidder: who the bidder is, to be printed, with the salt that proves it."""

KINDS = {"bid_received": "bid_receipt", "bid_withdrawn": "bid_receipt", "bid_refused": "refusal_receipt"}


@dataclass(frozen=True, slots=True)
class Printed:
    """A sealed paper. number: as printed on it."""

    number: str
    pdf: bytes


def printed(platform: Platform, data: Json) -> Printed:
    """The paper of a receipt. Raises `Refused`: ``field.…``, ``receipt.…``, ``service.not_printed``. Nothing is written anywhere."""
    given = cast("dict[str, Any]", check(FIELDS, data))
    said = receipts.opened(platform, given["receipt"])
    kind = KINDS.get(str(said["kind"]))
    if kind is None:
        raise Refused(Problem("receipt.no_paper", "receipt"))
    with platform.look() as unit:
        stream = _stream(unit, said["events"][0])
        source, commitment = stream[-1], str((stream[0].recorded().private or {}).get("commitment", ""))
        bidder = _bidder(commitment, given.get("bidder"))
        paper = Paper(unit, *_as_of(unit, str(said["lot"]), source), source)
        made = receiving.MAKERS[kind](paper, said, str(given["receipt"]["receipt"]), commitment)
    form = f".{made['form']}" if "form" in made else ""
    return Printed(str(made["number"]), papers.on_demand(platform, kind, {**made, **bidder}, kind + form))


def _stream(unit: Unit, event: Mapping[str, Any]) -> list[Stored]:
    """The sealed stream up to the event that the receipt promises. Raises `Refused` when the record holds another one, or none."""
    stream = unit.store.read(str(event["stream"]))[: int(event["version"])]
    if not stream or not stream[0].stream.startswith(f"{SEALED}/") or stream[-1].leaf.hex() != event["leaf"]:
        raise Refused(Problem("receipt.not_on_record", "receipt"))
    return stream


def _bidder(commitment: str, given: Mapping[str, str] | None) -> dict[str, str]:
    """The name to print. The platform does not know whose bid it is: it takes the name only if the bid was committed to it."""
    if given is None:
        return {}
    if Identity(given["uscc"], given["name"], bytes.fromhex(given["salt"])).commitment() != commitment:
        raise Refused(Problem("receipt.other_bidder", "bidder"))
    return {"bidder": given["name"]}


def _as_of(unit: Unit, lot_id: str, source: Stored) -> tuple[TradeType, Lot]:
    """Trade type and lot as they were when the bid came."""
    version = max(s.version for s in unit.store.read(f"lot/{lot_id}") if s.at <= source.at)
    lot, trade = lots.as_of(unit, lot_id, version)
    return trade, lot
