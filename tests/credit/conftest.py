"""Credit on either database: a centre, two supervisors, and ways to write records and lists."""
from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import cast

import pytest

from credit.domain.listing import TABLE
from credit.domain.record import Document, Entry, Subject
from trading_core.adapters.clock import SteppedClock
from trading_core.domain.identity import Actor, Role
from trading_core.domain.uscc import compose_uscc
from trading_core.hookspecs import CreditFinding
from trading_core.platform import Platform
from trading_core.services import organisations

OPERATOR = Actor("", "", Role.OPERATOR)
HASH = "cd" * 32


def code(n: int) -> str:
    return compose_uscc("91530500", f"MA8X{n:04}")


def ban(n: int = 1, **more: object) -> Entry:
    """A good entry of a ban; keywords replace its fields."""
    fields = {
        "list": "tender_ban",
        "subject": Subject(f"示例建设{n}有限公司", code(n)),
        "document": Document(f"澜水罚〔2026〕{n}号", "澜明区水务局", date(2026, 2, 20), "招标投标法第五十三条", HASH),
        "valid_from": date(2026, 3, 1),
        "valid_to": date(2027, 2, 28),
    }
    return Entry(**(fields | more))  # type: ignore[arg-type]


def line(n: int, **cells: str) -> dict[str, str]:
    """A good line of a list; cells replace its own."""
    row = {
        "name": f"示例建设{n}有限公司", "uscc": code(n), "organisation_code": "",
        "document_number": f"（2026）示执{n}号", "body": "示例人民法院", "document_date": "2026-01-10",
        "basis": "有履行能力而拒不履行", "document_sha256": "", "valid_from": "2026-01-15", "valid_to": "",
        "trades": "", "effect": "",
    }  # fmt: skip
    assert set(cells) <= set(row)
    return row | cells


def as_csv(*lines: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, TABLE.columns, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


@dataclass
class Office:
    platform: Platform
    centre: Actor
    supervisor: Actor
    other: Actor

    @property
    def clock(self) -> SteppedClock:
        return cast("SteppedClock", self.platform.clock)

    def organisation(self, n: int, name: str, *kinds: Role) -> str:
        by = OPERATOR if set(kinds) & {Role.CENTRE, Role.SUPERVISOR} else self.centre
        with self.platform.unit() as unit:
            return organisations.register_organisation(unit, by, code(n), name, [k.value for k in kinds])

    def ask(self, uscc: str, trade: str = "engineering") -> list[CreditFinding]:
        with self.platform.look() as unit:
            groups = self.platform.plugins.hook.gongxin_credit_findings(
                unit=unit, uscc=uscc, trade=trade, mandatory=True, moment=self.clock.now()
            )
            return [f for group in groups for f in group]


@pytest.fixture
def office(platform: Platform) -> Office:
    made = Office(platform, OPERATOR, OPERATOR, OPERATOR)
    made.centre = Actor("", made.organisation(9001, "澜明区公共资源交易中心", Role.CENTRE), Role.CENTRE)
    made.supervisor = Actor("", made.organisation(9002, "澜明区水务局", Role.SUPERVISOR), Role.SUPERVISOR)
    made.other = Actor("", made.organisation(9003, "澜明区住建局", Role.SUPERVISOR), Role.SUPERVISOR)
    return made
