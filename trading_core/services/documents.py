"""Which stored files a lot may give to everybody.

Naming a file in a notice does not make it the host's: the object store also holds confidential papers and what others sent in. A file
is published only when the lot's own principal or agency has sent in its bytes.
"""
from __future__ import annotations

from ..adapters.db import documents as table
from ..domain.identity import Actor
from ..domain.lot import Lot
from ..domain.tender.announcing import HOSTS, files_of
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import bids


def sent_in(unit: Unit, actor: Actor, name: str) -> None:
    """Note a file that a host has sent in. Of everybody else nothing is kept: who sends a sealed bid must stay unknown [B-01]."""
    if actor.role in HOSTS:
        table.note(unit.connection, name, actor.organisation)


def publishable(unit: Unit, lot: Lot, name: str) -> bool:
    """Whether a file named in the lot's notice or amendments may be given out: stored, sent in by a host of the lot, and no envelope."""
    hosts = {lot.parties[role] for role in HOSTS if role in lot.parties}
    objects = unit.platform.objects
    return table.sent_by(unit.connection, name, hosts) and objects.has(name) and not bids.is_sealed(objects, name)


def unsent(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> frozenset[str]:
    """Files that the lot's draft or an amendment of it names and that may not be given out, by their SHA-256 (a fact for decisions)."""
    named = {f.sha256 for given in (lot.terms.get("tender_documents"), command.data.get("files")) for f in files_of(given)}
    return frozenset(name for name in named if not publishable(unit, lot, name))
