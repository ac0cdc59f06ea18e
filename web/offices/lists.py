"""Lists that come from outside: experts of the provincial pool, credit lists; and the witnesses of the log."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credit.domain.listing import TABLE as CREDIT
from credit.domain.lists import LISTS
from credit.services.importing import SOURCE_MAX, import_list
from expert_pool.domain.lifecycle import REASONS
from expert_pool.domain.listing import TABLE as EXPERTS
from expert_pool.services.importing import import_experts
from trading_core.domain.events import Json, instant_from
from trading_core.domain.fields import Field
from trading_core.domain.identity import Actor, Role
from trading_core.platform import Unit
from trading_core.services import witness

from ..office import OfficeAct, Subjects

Data = Mapping[str, Any]


def _experts(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    return {"entered": len(import_experts(unit, by, data["csv"]))}


def _credit(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    done = import_list(unit, by, data["list"], data["csv"], data["source"], instant_from(data["taken_at"]))
    return {"list": data["list"], "sha256": done.sha256, "entered": done.entered, "changed": done.changed, "delisted": done.delisted,
            "same": done.same}  # fmt: skip


def _introduce(unit: Unit, by: Actor, about: Subjects, data: Data) -> Json:
    witness.introduce_by(unit.platform, by, data["key"].strip())
    return {"witnesses": witness.known(unit.platform), "threshold": witness.threshold(unit.platform)}


ACTS = (
    OfficeAct("import_experts", "experts/imports", frozenset(REASONS["expert_registered"]), _experts,
              (Field("csv", "long_text", maximum=EXPERTS.characters_max),), answer="ExpertsImported", file="csv"),
    OfficeAct("import_credit_list", "credit/imports", frozenset({Role.CENTRE, Role.SUPERVISOR}), _credit,
              (Field("list", "choice", choices=tuple(LISTS)), Field("source", maximum=SOURCE_MAX), Field("taken_at", "instant"),
               Field("csv", "long_text", maximum=CREDIT.characters_max)), answer="ListImported", rule="CR-5", file="csv"),
    OfficeAct("introduce_witness", "witnesses", frozenset({Role.OPERATOR}), _introduce, (Field("key", maximum=300),), answer="Witnesses",
              irrevocable=True),
)  # fmt: skip
