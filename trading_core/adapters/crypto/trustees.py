"""A trustee's keys: one master secret kept by the trustee, one key pair per lot, attempt and stage, rehearsed before it is relied on.

At the opening the trustee hands in the private key of that slot. Master and other slots stay secret: a derivation cannot be run
backwards. The rehearsal proves that the trustee holds the private key of the logged public one, without showing it.
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from trading_core.adapters.crypto.slot import Slot
from trading_core.adapters.crypto.suites import CipherSuite
from trading_core.adapters.entropy import Entropy
from trading_core.domain.errors import Problem, Refused

MASTER_SIZE = 32
CHALLENGE_SIZE = 32


@dataclass(frozen=True, slots=True)
class OneTimeKey:
    """private: 32 bytes, handed in at the opening. public: 65 bytes, logged before bidding."""

    private: bytes = field(repr=False)
    public: bytes


def one_time_key(master: bytes, slot: Slot, suite: CipherSuite) -> OneTimeKey:
    """The key pair for a slot: the same from the same master, wherever it is derived."""
    if len(master) != MASTER_SIZE:
        raise Refused(Problem("sealing.master_malformed", params={"size": MASTER_SIZE}))
    private = suite.private_from_seed(suite.kdf(master, slot.label("GXT1", "one-time key", suite.id), 48))
    return OneTimeKey(private, suite.public_from_private(private))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """sealed: for the trustee. answer: hex, what only somebody who opened it can know; kept by the platform, shown to nobody."""

    sealed: bytes
    answer: str = field(repr=False)


def rehearsal(public: bytes, trustee: str, slot: Slot, suite: CipherSuite, entropy: Entropy) -> Rehearsal:
    """A fresh challenge for the owner of a one-time key. Refused when `public` is no key of the suite."""
    challenge, context = entropy.token_bytes(CHALLENGE_SIZE), _context(trustee, slot, suite)
    try:
        return Rehearsal(suite.share_seal(public, context, challenge, entropy), _answer(context, challenge))
    except ValueError:
        raise Refused(Problem("sealing.bad_public_key", "public", {"trustee": trustee}, "B-05")) from None


def answer_rehearsal(private: bytes, sealed: bytes, trustee: str, slot: Slot, suite: CipherSuite) -> str:
    """SHA-256(context ‖ challenge) as hex. Refused when it was sealed for another key, trustee or slot."""
    context = _context(trustee, slot, suite)
    try:
        return _answer(context, suite.share_open(private, context, sealed))
    except ValueError:
        raise Refused(Problem("sealing.rehearsal_failed", "sealed", {"trustee": trustee}, "B-05")) from None


def _context(trustee: str, slot: Slot, suite: CipherSuite) -> bytes:
    return slot.label("GXT1", "rehearsal", suite.id, trustee)


def _answer(context: bytes, challenge: bytes) -> str:
    return hashlib.sha256(context + challenge).hexdigest()
