"""Facts for decisions, gathered from other streams before the pure code runs. The composition root names a function for each."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..domain.identity import Role
from ..domain.lot import Lot
from ..domain.organisation import Organisation
from ..domain.stages.announcing import PARTIES
from ..domain.trade import Act, Command, Facts, TradeType
from ..platform import Unit
from . import organisations

NAMED = frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR, Role.OPERATOR})
"""Officials: they answer for their acts by name of their organisation."""


def gather(unit: Unit, trade: TradeType, lot: Lot, act: Act, command: Command) -> Facts:
    """All facts an act needs. An act that needs an unknown fact is a mistake of its declaration: KeyError."""
    known = unit.platform.facts
    return Facts(unit.platform.calendar, {name: known[name](unit, trade, lot, command) for name in sorted(act.needs)})


def party_kinds(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, frozenset[Role]]:
    """As what each organisation that a new lot names is registered, by the part it is to have; nothing for one that is not."""
    named = {role: str(command.data[role]) for role in PARTIES if command.data.get(role)}
    found = {role: organisations.find_organisation(unit, subject) for role, subject in named.items()}
    return {role: entry.kinds if entry is not None else frozenset() for role, entry in found.items()}


def invitees(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Sequence[Sequence[Organisation]]:
    """For each line of an invitation the organisations of the register that it names."""
    return [organisations.named(unit, line) for line in cast("Sequence[str]", command.data["invitees"])]


def fingerprint(unit: Unit, lot: Lot, person: str) -> str:
    """A mark of a person on this lot; without the platform's key it leads to nobody."""
    return unit.platform.vault.blind(f"giver\0{lot.id}\0{person}").hex()[:32]


def giver(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    """The mark under which an official's acts stand in the record, empty for all others."""
    return fingerprint(unit, lot, command.actor.person) if command.actor.role in NAMED else ""


def sponsors(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> frozenset[str]:
    """The marks of those who registered whoever gives the command, or gave them a role: their word is not a second one."""
    made = (s.recorded() for s in unit.store.read(f"person/{command.actor.person}") if s.type in ("person_registered", "role_granted"))
    return frozenset(fingerprint(unit, lot, str((r.private or {})["by_person"])) for r in made if r.private)


def asker(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    """A mark of the asking organisation on this lot, to count by; without the platform's key it leads to nobody. Empty for the public."""
    organisation = command.actor.organisation
    return unit.platform.vault.blind(f"asker\0{lot.id}\0{organisation}").hex()[:32] if organisation else ""
