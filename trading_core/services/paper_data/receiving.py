"""Papers of receiving bids: that one is in, replaced or withdrawn, and that one came too late [12 §12.6, BLR 36].

They are made from the bidder's own receipt, so they are not among the papers that acts yield.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ...adapters.pdf.typesetting import exact
from ...domain.events import instant_from, instant_text
from ...domain.tender.bidding import effective_deadline
from .paper import Data, Paper, common

SHORT = 12  # hex digits of the entry's leaf in the number, as the page of the bid shows it


def bid_receipt(p: Paper, said: Mapping[str, Any], text: str, commitment: str) -> Data:
    """Of a bid received or withdrawn. said: the receipt, text: as it was signed."""
    received = p.private.get("what") == "received"
    form = "withdrawn" if not received else "replaced" if p.private.get("replaces") else "submitted"
    envelopes = cast("Sequence[Mapping[str, Any]]", p.private.get("envelopes", ()))
    return {
        **_both(p, said, text, commitment),
        "form": form,
        "bid_deadline": instant_text(effective_deadline(p.lot, instant_from(str(said["received_at"])))),
        "check": p.say("paper.receipt.checked" if received else "paper.receipt.secret_known"),
        "files": [{"name": p.say(f"paper.envelope.{e['name']}"), "size": e["size"], "sha256": e["object"]} for e in envelopes],
    }


def refusal_receipt(p: Paper, said: Mapping[str, Any], text: str, commitment: str) -> Data:
    """Of a bid that came too late. Nothing of it was kept, so there are no files to name."""
    times = {"received": exact(str(said["received_at"])), "deadline": exact(str(said["deadline"]))}
    return {
        **_both(p, said, text, commitment),
        "bid_deadline": str(said["deadline"]),
        "reasons": [_reason(p, str(code), times) for code in said["codes"]],
    }


def _reason(p: Paper, code: str, times: Mapping[str, str]) -> str:
    key = f"paper.refusal.{code}"
    return p.say(key, **times) if p.unit.platform.catalogue.has(key) else p.say("paper.refusal.other", code=code)


def _both(p: Paper, said: Mapping[str, Any], text: str, commitment: str) -> Data:
    data = common(p, f"R-{p.source.leaf.hex()[:SHORT].upper()}")
    data.pop("agency", None)  # a receipt is the platform's own
    found: Data = {
        **data,
        "issuer": p.name("centre") or p.say("paper.receipt.centre", region=p.unit.platform.settings.region),
        "received_at": str(said["received_at"]),
        "receipt_hash": hashlib.sha256(text.encode()).hexdigest(),
    }
    if said["clock_error_us"] is not None:
        found["clock_error_ms"] = -(-int(said["clock_error_us"]) // 1000)
    return {**found, **({"bid_code": said["bid"]} if said["bid"] else {}), **({"commitment": commitment} if commitment else {})}


Make = Callable[[Paper, Mapping[str, Any], str, str], Data]
MAKERS: Mapping[str, Make] = {"bid_receipt": bid_receipt, "refusal_receipt": refusal_receipt}
