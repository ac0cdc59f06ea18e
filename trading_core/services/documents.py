"""Which stored files a lot may give to everybody.

Naming a file in a notice does not make it the host's: the object store also holds confidential papers and what others sent in. A file
is published only when the lot's own principal or agency has sent in its bytes.
"""
from __future__ import annotations

from collections.abc import Generator

from ..adapters.db import documents as table
from ..domain.identity import Actor
from ..domain.lot import Lot
from ..domain.tender.announcing import HOSTS, File, files_of
from ..domain.tender.prequalification_review import reviewing
from ..domain.tender.prequalifying import Prequalification
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import bids

BLOCK = 1 << 16


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


def of_applications(lot: Lot) -> dict[int, tuple[File, ...]]:
    """What the applicants have sent in, by the number of the application: once applications are counted and until they are decided.
    Whoever may ask for it is whoever reviews them [E-I2]."""
    counted = reviewing(lot) and "prequalification_closed" in lot.history
    return {a.number: a.files for a in lot.part(Prequalification).applications} if counted else {}


def application_file(unit: Unit, lot: Lot, name: str) -> File | None:
    """A file of an application by its SHA-256, if it was stored and is no sealed envelope; None for every other."""
    objects = unit.platform.objects
    found = next((f for files in of_applications(lot).values() for f in files if f.sha256 == name), None)
    return found if found is not None and objects.has(name) and not bids.is_sealed(objects, name) else None


def pieces(unit: Unit, name: str) -> Generator[bytes]:
    """The bytes of a stored file, piece by piece."""
    with unit.platform.objects.open(name) as file:
        while block := file.read(BLOCK):
            yield block
