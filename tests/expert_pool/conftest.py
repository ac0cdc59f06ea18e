"""A pool on either database: a centre that keeps it, a supervisor, and a way to write lists."""
from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pytest

from expert_pool.domain.listing import TABLE
from trading_core.domain.identity import Actor, Role
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import organisations

OPERATOR = Actor("", "", Role.OPERATOR)


def code(n: int) -> str:
    return compose_uscc("91530500", f"MA7X{n:04}")


def line(n: int, **cells: str) -> dict[str, str]:
    """A good line of a list; cells replace its own."""
    row = {
        "number": f"E{n:03}", "pool": "bidding", "name": f"专家{n}", "phone": "0800-000-0000", "id_type": "other",
        "id_number": f"TEST-{n:04}", "specialties": "A0801", "employer_uscc": code(n), "employer_name": f"示例单位{n}",
        "employed_since": "2015-07-01", "ties": "", "punished": "", "remote": "no",
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
class Pool:
    platform: Platform
    centre: Actor
    supervisor: Actor

    def organisation(self, n: int, name: str, *kinds: Role) -> str:
        by = OPERATOR if set(kinds) & {Role.CENTRE, Role.SUPERVISOR} else self.centre
        with self.platform.unit() as unit:
            return organisations.register_organisation(unit, by, code(n), name, [k.value for k in kinds])


@pytest.fixture
def pool(platform: Platform) -> Pool:
    made = Pool(platform, OPERATOR, OPERATOR)
    made.centre = Actor("", made.organisation(9001, "澜明区公共资源交易中心", Role.CENTRE), Role.CENTRE)
    made.supervisor = Actor("", made.organisation(9002, "澜明区水务局", Role.SUPERVISOR, Role.PRINCIPAL), Role.SUPERVISOR)
    return made
