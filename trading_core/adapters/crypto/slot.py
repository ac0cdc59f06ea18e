"""What one one-time key of a trustee serves: one stage of one attempt of one lot."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trading_core.adapters.crypto.canonical import canonical
from trading_core.domain.errors import Problem

LOT = re.compile(r"[!-~]{1,120}")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
BID = re.compile(r"[0-9a-f]{32}")
ATTEMPT_MAX = 1000


@dataclass(frozen=True, slots=True)
class Slot:
    """lot: id of the lot, printable ASCII. attempt: which tendering of it, from 1. stage: which envelope (``technical``, ``price``)."""

    lot: str
    attempt: int
    stage: str

    def label(self, *parts: object) -> bytes:
        """A text that says what a key or a secret is for, different for every use and every slot: the `info` of key derivations."""
        return canonical([*parts, self.lot, self.attempt, self.stage])

    def problems(self) -> Iterator[Problem]:
        if not LOT.fullmatch(self.lot):
            yield Problem("sealing.header_malformed", "lot", rule="B-11")
        if isinstance(self.attempt, bool) or not 1 <= self.attempt <= ATTEMPT_MAX:
            yield Problem("sealing.header_malformed", "attempt", rule="B-11")
        if not NAME.fullmatch(self.stage):
            yield Problem("sealing.header_malformed", "stage", rule="B-11")

    def differences(self, expected: Slot) -> Iterator[Problem]:
        """Why an envelope of this slot is none of the expected one."""
        if self.lot != expected.lot:
            yield Problem("sealing.other_lot", "lot", {"found": self.lot, "expected": expected.lot}, "B-11")
        if self.attempt != expected.attempt:
            yield Problem("sealing.other_attempt", "attempt", {"found": self.attempt, "expected": expected.attempt}, "B-11")
        if self.stage != expected.stage:
            yield Problem("sealing.other_stage", "stage", {"found": self.stage, "expected": expected.stage}, "B-11")
