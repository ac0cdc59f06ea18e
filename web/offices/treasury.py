"""The treasury: bank statements in, deposits back with interest or kept; and taking up again a lot that failed."""
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from trading_core.domain.events import Json
from trading_core.domain.fields import Field
from trading_core.domain.identity import Actor, Role
from trading_core.domain.stages.announcing import HOSTS
from trading_core.domain.stages.dealing import KEEPING
from trading_core.domain.statement import TABLE
from trading_core.domain.tender.depositing import FORFEIT_GROUNDS
from trading_core.platform import Unit
from trading_core.services import deposits, remedies

from ..office import OfficeAct, Subjects

CENTRE = frozenset({Role.CENTRE})
RATE = Field("annual_rate", "decimal", rule="D-05")
GROUND = Field("ground", "choice", choices=tuple(dict.fromkeys((*FORFEIT_GROUNDS, *sorted(KEEPING)))), rule="D-11")
Data = Mapping[str, Any]


def _import(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    found = deposits.import_statement(unit, by, about["lot"], data["csv"])
    account = deposits.account(unit, by, about["lot"])
    return {**about, "held": found.held, "known_before": found.known, "unmatched": len(account.ledger.deposits) - len(account.owners)}


def _give_back(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {**about, "settled": len(deposits.give_back(unit, by, about["lot"], int(about["number"]), Decimal(data["annual_rate"])))}


def _return_due(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {**about, "settled": len(deposits.return_due(unit, by, about["lot"], Decimal(data["annual_rate"])))}


def _forfeit(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {**about, "settled": len(deposits.forfeit(unit, by, about["lot"], int(about["number"]), data["ground"]))}


def _apply(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {**about, "settled": len(deposits.apply_to_bond(unit, by, about["lot"], int(about["number"])))}


def _tender_anew(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {"lot": remedies.create_attempt(unit, by, about["lot"], data["analysis"]).lot.id, "previous": about["lot"]}


ACTS = (
    OfficeAct("import_statement", "lots/{lot}/deposits/statements", CENTRE, _import,
              (Field("csv", "long_text", maximum=TABLE.characters_max),), "treasury", "Imported", "BL 22", file="csv"),
    OfficeAct("return_deposits", "lots/{lot}/deposits/returns", CENTRE, _return_due, (RATE,), "treasury", "Settled", "D-05",
              irrevocable=True),
    OfficeAct("return_deposit", "lots/{lot}/deposits/{number}/return", CENTRE, _give_back, (RATE,), "treasury", "Settled", "D-05",
              irrevocable=True),
    OfficeAct("forfeit_deposit", "lots/{lot}/deposits/{number}/forfeiture", HOSTS, _forfeit,
              (GROUND,), "treasury", "Settled", "D-11", irrevocable=True),
    OfficeAct("apply_deposit", "lots/{lot}/deposits/{number}/application", HOSTS, _apply, (), "treasury", "Settled", "D-04",
              irrevocable=True),
    OfficeAct("tender_anew", "lots/{lot}/attempts", HOSTS, _tender_anew, (Field("analysis", "long_text", maximum=8000, rule="BLR 44"),),
              "my", "Attempt", "BLR 44"),
)  # fmt: skip
