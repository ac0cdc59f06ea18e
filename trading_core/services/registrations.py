"""What must be known to register bidders: bans, references for their money, numbers drawn by chance; and, at the end, the reserve."""
from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from ..domain.errors import Problem
from ..domain.lot import Lot
from ..domain.stages import consortium
from ..domain.stages.registering import APPLICANTS_MAX
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import excluding, organisations

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 10
LOWEST, HIGHEST = 100, 100 + 4 * APPLICANTS_MAX
"""Between which numbers of bidders are drawn: so many more than there can be bidders that one draw tells nothing about the next."""


def bans(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Problem]:
    """Bans on the applicant or a member of its consortium that refuse in this trade [CR-4]."""
    own = organisations.known(unit, command.actor.organisation).uscc
    found = [
        Problem("bid.banned", params={"list": f.list_name, "ban": f.ban, "until": str(f.valid_to or "")}, rule=f.rule)
        for f in excluding.bans(unit, trade, lot, own, command.received_at)
    ]
    members = (m for m in consortium.members(command.data) if m.uscc != own)
    return [*found, *(p for m in members for p in excluding.member_bans(unit, trade, lot, m, command.received_at))]


def reference(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    """A code by which the deposit of one application is known, never given twice."""
    return "".join(LETTERS[b % len(LETTERS)] for b in unit.platform.entropy.token_bytes(REFERENCE_LENGTH))


def paddles(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Sequence[str]:
    """All numbers that bidders may get, in an order of chance."""
    key = unit.platform.entropy.token_bytes(32)
    return sorted(map(str, range(LOWEST, HIGHEST)), key=lambda number: _place(key, number))


def _place(key: bytes, number: str) -> bytes:
    return hmac.digest(key, number.encode(), "sha256")


def reserve_disclosure(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, object]:
    """The private part of the event by which the reserve was entered, with its salt; nothing where there is none."""
    for stored in unit.store.read(f"lot/{lot.id}"):
        if stored.type == "reserve_entered" and stored.private is not None and stored.salt is not None:
            return {"stream": stored.stream, "version": stored.version, "private": stored.private, "salt": stored.salt.hex()}
    return {}
