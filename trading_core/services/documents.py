"""Which stored files an act may rest on, and which of them a lot may give to everybody.

Naming a file does not make it one's own: the object store also holds confidential papers and what others sent in. An act may name only
files whose bytes the giver's organisation has sent in, so that there is no paper which nobody has; for principal and agency of a lot
either of them counts. What they name in a notice everybody gets.
"""
from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from ..adapters.crypto.header import MAGIC
from ..adapters.db import documents as table
from ..adapters.objects import DamagedObject, ObjectStore
from ..domain.errors import Problem, Refused
from ..domain.fields import files_in
from ..domain.identity import Actor
from ..domain.lot import Lot
from ..domain.stages.announcing import HOSTS, File, files_of
from ..domain.tender.prequalification_review import reviewing
from ..domain.tender.prequalifying import Prequalification
from ..domain.trade import Act, Command, TradeType
from ..platform import Unit

BLOCK = 1 << 16


def is_sealed(objects: ObjectStore, name: str) -> bool:
    """Whether a stored file is a sealed envelope. Such a file is nobody's document, whoever names it as one: with the stage's keys
    public, a withdrawn or replaced bid would open [B-01]."""
    with objects.open(name) as file:
        return file.read(len(MAGIC)) == MAGIC


def sent_in(unit: Unit, actor: Actor, name: str) -> None:
    """Note a file that an organisation has sent in. Of a sealed envelope nothing is kept: who sends one must stay unknown [B-01]."""
    if not is_sealed(unit.platform.objects, name):
        table.note(unit.connection, _mark(unit, actor.organisation, name))


def _mark(unit: Unit, organisation: str, name: str) -> bytes:
    return unit.platform.vault.blind(f"sent_in\0{organisation}\0{name}")


def _hosts(lot: Lot) -> frozenset[str]:
    return frozenset(lot.parties[role] for role in HOSTS if role in lot.parties)


def _is_from(unit: Unit, organisations: Iterable[str], name: str) -> bool:
    """Whether a file is stored, one of these organisations has sent it in, and it is no envelope."""
    unit.platform.uploads.loose.touch(name)
    objects, marks = unit.platform.objects, [_mark(unit, o, name) for o in organisations]
    return table.noted(unit.connection, marks) and objects.has(name) and not is_sealed(objects, name)


def publishable(unit: Unit, lot: Lot, name: str) -> bool:
    """Whether a file named in the lot's notice or amendments may be given out: stored, sent in by a host of the lot, and no envelope."""
    return _is_from(unit, _hosts(lot), name)


def not_sent_in(unit: Unit, lot: Lot, act: Act, command: Command) -> Iterator[Problem]:
    """Files that an act names and that the giver's side has not sent in: a decision would rest on a paper which nobody has."""
    senders = _hosts(lot) if command.actor.role in HOSTS else {command.actor.organisation}
    for path, name, digest in files_in(act.fields, command.data):
        if not _is_from(unit, senders, digest):
            yield Problem("document.not_sent_in", path, {"name": name[:60]})


def unsent(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> frozenset[str]:
    """Files that the lot's draft names and that may not be given out now, by their SHA-256 (a fact for decisions)."""
    named = {f.sha256 for f in files_of(lot.terms.get("tender_documents"))}
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
    return found if found is not None and objects.has(name) and not is_sealed(objects, name) else None


def sound(unit: Unit, name: str) -> None:
    """Raise `Refused` when a stored file is no longer what was sent in: nobody is given other bytes than its name says."""
    try:
        unit.platform.objects.check(name)
    except (DamagedObject, FileNotFoundError):
        raise Refused(Problem("service.document_damaged", params={"name": name[:12]})) from None


def pieces(unit: Unit, name: str) -> Generator[bytes]:
    """The bytes of a stored file, piece by piece."""
    with unit.platform.objects.open(name) as file:
        while block := file.read(BLOCK):
            yield block
