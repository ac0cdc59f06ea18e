"""Signed receipts: whoever gives a command can prove it was received, when, and as what."""
from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..adapters.db.store import Stored
from ..adapters.keys import verify_ed25519
from ..domain.errors import Problem, Refused
from ..domain.events import Json, instant_text
from ..domain.leaves import canonical
from ..platform import Platform, Unit

FORMAT = "gongxin-receipt-v1"


def receipt(unit: Unit, kind: str, stored: list[Stored], more: Json | None = None) -> dict[str, object]:
    """A receipt over the events just stored: ``{"receipt": <text>, "signature": <base64>, "key": <name>}``.

    kind: ``accepted``, ``bid_received``, ``bid_refused``, ``application_refused``. The signed text is canonical JSON;
    docs/formats.md tells how to check it.
    """
    error = unit.platform.clock.error()
    body = {
        "format": FORMAT,
        "origin": unit.platform.settings.origin,
        "kind": kind,
        "server_time": instant_text(unit.now),
        "clock_error_us": None if error is None else error // timedelta(microseconds=1),
        "events": [{"stream": s.stream, "version": s.version, "type": s.type, "leaf": s.leaf.hex()} for s in stored],
        **(more or {}),
    }
    return signed(unit, body)


def accepted(unit: Unit, lot_id: str, stored: list[Stored]) -> dict[str, object]:
    """The receipt of an act carried out on a lot."""
    return receipt(unit, "accepted", stored, {"lot": lot_id})


def signed(unit: Unit, body: Json) -> dict[str, object]:
    """Any statement of the platform, signed with its receipt key."""
    key, text = unit.platform.keys.receipt, canonical(body)
    return {"receipt": text, "signature": base64.b64encode(key.sign(text.encode())).decode(), "key": key.verifier}


def opened(platform: Platform, given: Mapping[str, object]) -> dict[str, Any]:
    """What a receipt of ours says. given: its members ``receipt``, ``signature``, ``key`` as they were given out.

    Raises `Refused` (``receipt.not_ours``) for everything that this platform's receipt key has not signed as a receipt.
    """
    key, text = platform.keys.receipt, str(given["receipt"])
    try:
        signature = base64.b64decode(str(given["signature"]), validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if given["key"] != key.verifier or not verify_ed25519(key.public, signature, text.encode()):
        raise Refused(Problem("receipt.not_ours", "receipt"))
    body = json.loads(text)  # we wrote it ourselves
    if not isinstance(body, dict) or body.get("format") != FORMAT or body.get("origin") != platform.settings.origin:
        raise Refused(Problem("receipt.not_ours", "receipt"))
    return body
