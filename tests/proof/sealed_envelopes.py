"""Envelopes for the small trade, sealed as bidders seal them: for three trustees' one-time keys."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from typing import Any

from trading_core.adapters.crypto.bundle import bundle
from trading_core.adapters.crypto.container import seal
from trading_core.adapters.crypto.manifest import Identity
from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.suites import SUITES
from trading_core.adapters.crypto.trustees import OneTimeKey, one_time_key
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.uscc import compose_uscc

TRUSTEES = ("host", "centre", "supervisor")
STAGES = ("technical", "price")


@cache
def keys_of(lot: str, stage: str, suite: str = "intl-1") -> dict[str, OneTimeKey]:
    return {t: one_time_key(t.encode().ljust(32, b"."), Slot(lot, 1, stage), SUITES[suite]) for t in TRUSTEES}


def identity_of(bid: str) -> Identity:
    digest = hashlib.sha256(bid.encode())
    return Identity(compose_uscc("91530500", digest.hexdigest()[:8].upper()), f"{bid[:2]} 示例建设有限公司", digest.digest())


def says(bid: str, stage: str, form: dict[str, Any]) -> dict[str, Any]:
    """What `bid_opened` must say of an envelope."""
    said: dict[str, Any] = {"bid": bid, "stage": stage, "ok": True, "form": form, "files": []}
    if stage == STAGES[0]:
        text = _plan(bid)
        said["files"] = [{"name": "施工组织设计.txt", "sha256": hashlib.sha256(text).hexdigest(), "size": len(text)}]
        said |= {"name": identity_of(bid).name, "uscc": identity_of(bid).uscc}
        said |= {"members": form["consortium_members"]} if form.get("consortium_members") else {}
    return said


def sealed(lot: str, bid: str, stage: str, form: dict[str, Any], suite: str = "intl-1") -> bytes:
    return _sealed(lot, bid, stage, json.dumps(form), suite)


@cache
def _sealed(lot: str, bid: str, stage: str, form: str, suite: str) -> bytes:
    first = stage == STAGES[0]
    files = [("施工组织设计.txt", io.BytesIO(_plan(bid)))] if first else []
    content = bundle(files, identity_of(bid) if first else None, json.loads(form))
    publics = {t: k.public for t, k in keys_of(lot, stage, suite).items()}
    pieces: list[bytes] = []
    entropy = SeededEntropy(f"{bid} {stage}".encode())
    seal(content, content.size, Slot(lot, 1, stage), bid, publics, 2, SUITES[suite], entropy, lambda piece: pieces.append(bytes(piece)))
    return b"".join(pieces)


def _plan(bid: str) -> bytes:
    return f"施工组织设计 {bid}".encode()
