"""Every act outside a lot's procedure, and the addresses under which what they changed is read."""
from __future__ import annotations

from collections.abc import Mapping

from ..office import OfficeAct
from . import decisions, lists, registry, treasury

ACTS: Mapping[str, OfficeAct] = {a.name: a for a in (*registry.ACTS, *treasury.ACTS, *lists.ACTS, *decisions.ACTS)}
READS = ("organisations", "organisations/{organisation}", "persons/{person}", "lots/{lot}/deposits", "deposits/due", "credit/lists")
ADDRESSES = tuple(dict.fromkeys((*READS, *(a.address for a in ACTS.values()))))
