"""Signed receipts: whoever gives a command can prove it was received, when, and as what."""
from __future__ import annotations

import base64

from ..adapters.db.store import Stored
from ..domain.events import Json, instant_text
from ..domain.leaves import canonical
from ..domain.notes import verifier_key
from ..platform import Unit

FORMAT = "gongxin-receipt-v1"


def receipt(unit: Unit, kind: str, stored: list[Stored], more: Json | None = None) -> dict[str, object]:
    """A receipt over the events just stored: ``{"receipt": <text>, "signature": <base64>, "key": <name>}``.

    kind: ``accepted``, ``bid_received``, ``bid_refused``. The signed text is canonical JSON; docs/formats.md tells how to check it.
    """
    body = {
        "format": FORMAT,
        "origin": unit.platform.settings.origin,
        "kind": kind,
        "server_time": instant_text(unit.now),
        "clock_error_us": int(unit.platform.clock.error().total_seconds() * 1_000_000),
        "events": [{"stream": s.stream, "version": s.version, "type": s.type, "leaf": s.leaf.hex()} for s in stored],
        **(more or {}),
    }
    return signed(unit, body)


def signed(unit: Unit, body: Json) -> dict[str, object]:
    """Any statement of the platform, signed with its receipt key."""
    key, text = unit.platform.keys.receipt, canonical(body)
    return {"receipt": text, "signature": base64.b64encode(key.sign(text.encode())).decode(), "key": verifier_key(key.name, key.public)}
