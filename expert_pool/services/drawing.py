"""What the pool answers to a draw: who may be drawn, and who must recuse once the bidders are known."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from trading_core.domain.errors import Problem, Refused
from trading_core.domain.identity import Role
from trading_core.domain.workcalendar import local_date
from trading_core.hookspecs import ExpertCandidate, PoolAnswer
from trading_core.platform import Unit
from trading_core.services.organisations import find_by_uscc

from .. import tables
from ..domain.expert import State
from ..domain.pool import NOT_ACTIVE, sort_out
from ..domain.recusal import ProjectFacts, grounds
from ..domain.specialty import is_code

RULES_FROM = "2025-01-01"  # 评标专家和评标专家库管理办法, 26号令


def candidates(unit: Unit, pool: str, specialty: str, facts: ProjectFacts) -> PoolAnswer:
    """The members of a pool who may be drawn for a specialty or anything below it, by number; how many each rule left out.

    Nobody is chosen here: the draw does that [X-1]. Raises `Refused` when the specialty is no code.
    """
    if not is_code(specialty):
        raise Refused(Problem("expert.specialty_form", "specialty", {"code": specialty[:20]}, "08 §8.3"))
    drawable, excluded = sort_out(tables.of_specialty(unit.store, pool, specialty), facts)
    found = (ExpertCandidate(e.number, e.specialties, e.employer_on(facts.day), e.person, e.remote) for e in drawable)
    return PoolAnswer(tuple(found), excluded, f"{pool}@{RULES_FROM}")


def recusals(unit: Unit, number: str, facts: ProjectFacts) -> tuple[str, ...]:
    """The rules that forbid an expert to sit, `NOT_ACTIVE` among them: standing is tested again at sign-in [08 §8.1].

    Empty for a number that is in no pool of ours: then another plugin's pool speaks for it.
    """
    expert = tables.find(unit.store, number)
    if expert is None:
        return ()
    standing = () if expert.state_on(facts.day) is State.ACTIVE else (NOT_ACTIVE,)
    return (*standing, *grounds(expert, facts))


def facts_for(unit: Unit, excluded_uscc: Iterable[str], moment: datetime) -> ProjectFacts:
    """Units to be kept away from, sorted by what the register says they are: supervisors are departments, principals and agencies
    hosts (a bureau may be both), and everybody else is taken for a bidder."""
    hosts, departments, bidders = set(), set(), set()
    for uscc in excluded_uscc:
        found = find_by_uscc(unit, uscc)
        kinds = found.kinds if found else frozenset()
        if Role.SUPERVISOR in kinds:
            departments.add(uscc)
        if kinds & {Role.PRINCIPAL, Role.AGENCY}:
            hosts.add(uscc)
        if not kinds & {Role.SUPERVISOR, Role.PRINCIPAL, Role.AGENCY}:
            bidders.add(uscc)
    return ProjectFacts(local_date(moment), frozenset(hosts), frozenset(departments), frozenset(bidders))
