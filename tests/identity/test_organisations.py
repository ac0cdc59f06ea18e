"""The register of organisations on both databases."""
from __future__ import annotations

import threading
from typing import Any

import pytest

from trading_core.domain.errors import Conflict, Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.services import organisations

USCC = "91530502MA6K0ABC1P"
CONSOLE = Actor("", "", Role.OPERATOR)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


def test_registering_and_finding(town: Any, centre: Actor) -> None:
    with town.platform.unit() as unit:
        subject = organisations.register_organisation(unit, centre, " 91530502ma6k0abc1p ", "  兴业建设有限公司 ", ["bidder", "principal"])
    with town.platform.look() as unit:
        found = organisations.find_by_uscc(unit, USCC)
        assert found is not None and found == organisations.find_organisation(unit, subject)
        assert (found.name, found.kinds, found.version) == ("兴业建设有限公司", {Role.BIDDER, Role.PRINCIPAL}, 1)
        assert subject in [o.id for o in organisations.organisations(unit)]
        assert organisations.organisations(unit, after_uscc=max(o.uscc for o in organisations.organisations(unit))) == []
        assert organisations.find_organisation(unit, "nobody") is None


def test_the_event_is_public_but_for_who_typed_it(town: Any, centre: Actor) -> None:
    with town.platform.unit() as unit:
        subject = organisations.register_organisation(unit, centre, USCC, "兴业建设", ["bidder"])
        (stored,) = unit.store.read(f"organisation/{subject}")
    recorded = stored.recorded()
    by = {"role": "centre", "organisation": centre.organisation}
    assert recorded.public == {"id": subject, "uscc": USCC, "name": "兴业建设", "kinds": ["bidder"], "by": by}
    assert recorded.private == {"by_person": centre.person}


def test_everything_wrong_is_said_at_once(town: Any, centre: Actor) -> None:
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        organisations.register_organisation(unit, centre, "91530502MA6K0ABC1A", "建", ["expert", "agency", "centre"])
    assert codes(refusal) == [
        "uscc.check_character", "organisation.name", "organisation.unknown_kind", "organisation.kinds_incompatible",
    ]  # fmt: skip
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        organisations.register_organisation(unit, centre, USCC, "兴业建设", [])
    assert codes(refusal) == ["organisation.no_kind"]


def test_a_code_is_registered_once(town: Any, centre: Actor) -> None:
    for expected in (None, "organisation.already_registered"):
        try:
            with town.platform.unit() as unit:
                organisations.register_organisation(unit, centre, USCC, "兴业建设", ["bidder"])
            assert expected is None
        except Refused as refused:
            assert [p.code for p in refused.problems] == [expected]


def test_a_code_is_registered_once_even_at_the_same_moment(town: Any, centre: Actor) -> None:
    """All ask before any writes; the unique index decides, the losers hear that they must look again."""
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def register() -> None:
        barrier.wait()
        try:
            with town.platform.unit() as unit:
                organisations.register_organisation(unit, centre, USCC, "兴业建设", ["bidder"])
            outcomes.append("done")
        except (Conflict, Refused) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=register) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(outcomes)[-1] == "done" and outcomes.count("done") == 1 and len(outcomes) == 6
    with town.platform.look() as unit:
        assert organisations.find_by_uscc(unit, USCC)


def test_a_change_is_a_new_version(town: Any, centre: Actor, bidder: Actor) -> None:
    with town.platform.unit() as unit:
        organisations.change_organisation(unit, centre, bidder.organisation, "诚建集团股份公司", ["bidder"])
    with town.platform.unit() as unit:
        organisations.change_organisation(unit, centre, bidder.organisation, "诚建集团股份公司", ["bidder"])  # nothing new
    with town.platform.look() as unit:
        after = organisations.known(unit, bidder.organisation)
        names = [s.recorded().public["name"] for s in unit.store.read(f"organisation/{bidder.organisation}")]
    assert (after.name, after.kinds, after.version) == ("诚建集团股份公司", {Role.BIDDER}, 2)
    assert names == ["诚建集团", "诚建集团股份公司"]


def test_the_centre_neither_makes_nor_changes_its_supervisor(town: Any, centre: Actor, supervisor: Actor) -> None:
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        organisations.register_organisation(unit, centre, USCC, "某监督局", ["supervisor"])
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        organisations.change_organisation(unit, centre, supervisor.organisation, "改名局", ["principal"])
    with town.platform.unit() as unit:
        organisations.register_organisation(unit, CONSOLE, USCC, "某监督局", ["supervisor"])


def test_whoever_may_not_learns_nothing(town: Any, bidder: Actor, agency: Actor) -> None:
    with town.platform.look() as unit:
        taken = organisations.known(unit, agency.organisation).uscc
    with pytest.raises(Forbidden) as refusal, town.platform.unit() as unit:
        organisations.register_organisation(unit, bidder, taken, "冒名公司", ["bidder"])
    assert codes(refusal) == ["permission.denied"]
    with pytest.raises(Forbidden) as refusal, town.platform.unit() as unit:
        organisations.change_organisation(unit, bidder, "nobody", "冒名公司", ["bidder"])
    assert codes(refusal) == ["organisation.unknown"]
