"""Challenges for signing in with a certificate: a text to be signed, good for two minutes and once.

Issuing one stores nothing, so nobody can fill a table with them: the platform recognises its own by a keyed hash. Only the digest of
a challenge that led to a sign-in is kept, until it would have expired anyway.
"""
from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..adapters.db import identity as db
from ..adapters.db.store import micros
from ..adapters.tokens import NotSignedIn
from ..domain.errors import Problem
from ..domain.events import instant_from, instant_text
from ..platform import Platform, Unit

LIFE = timedelta(minutes=2)
PURPOSE = "Gongxin sign-in"


def issue_challenge(platform: Platform) -> bytes:
    """Four lines of text: purpose and log origin (so that the signature serves nowhere else), nonce, end, keyed hash."""
    end = instant_text(platform.clock.now() + LIFE)
    body = f"{PURPOSE} {platform.settings.origin}\n{platform.entropy.token_bytes(16).hex()}\n{end}\n"
    return f"{body}{_seal(platform, body)}\n".encode()


def check_challenge(platform: Platform, challenge: bytes) -> datetime:
    """Until when a challenge is good. Raises `NotSignedIn` when it's not ours or its time is over."""
    try:
        first, nonce, end, seal = challenge.decode().splitlines()
        ours = hmac.compare_digest(_seal(platform, f"{first}\n{nonce}\n{end}\n").encode(), seal.encode())
        until = instant_from(end)
    except ValueError:
        raise NotSignedIn(Problem("sign_in.challenge")) from None
    if not ours or platform.clock.now() >= until:
        raise NotSignedIn(Problem("sign_in.challenge"))
    return until


def use_challenge(unit: Unit, challenge: bytes, until: datetime) -> None:
    """Use a challenge up. Raises `NotSignedIn` when it has been used, `Conflict` when it's being used at this moment."""
    table, digest = db.used_challenge, hashlib.sha256(challenge).digest()
    unit.connection.execute(sa.delete(table).where(table.c.end_at < micros(unit.now)))
    if unit.connection.execute(sa.select(table.c.digest).where(table.c.digest == digest)).first():
        raise NotSignedIn(Problem("sign_in.challenge"))
    db.insert_new(unit.connection, table, {"digest": digest, "end_at": micros(until)})


def _seal(platform: Platform, body: str) -> str:
    return hmac.digest(platform.keys.token, b"gongxin-challenge-v1\0" + body.encode(), "sha256").hex()
