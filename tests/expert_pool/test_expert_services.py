"""The pool on both databases: taking over lists, the answer to a draw, standing, secrecy, replay."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest
import sqlalchemy as sa

from expert_pool import tables
from expert_pool.domain.recusal import ProjectFacts
from expert_pool.sample import make_sample_pool
from expert_pool.services import drawing, experts
from expert_pool.services.importing import import_experts
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.db import schema
from trading_core.domain.errors import Conflict, Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.domain.uscc import organisation_code
from trading_core.hookspecs import PoolAnswer
from trading_core.services import persons, replay

from .conftest import OPERATOR, Pool, as_csv, code, line

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
HASH = "ab" * 32


def take_over(pool: Pool, *lines: dict[str, str]) -> tuple[str, ...]:
    with pool.platform.unit() as unit:
        return import_experts(unit, pool.centre, as_csv(*lines))


def ask(pool: Pool, specialty: str = "A08", *excluded: str) -> PoolAnswer:
    with pool.platform.look() as unit:
        return cast("PoolAnswer", pool.platform.plugins.hook.gongxin_expert_pool(
            unit=unit, specialty=specialty, excluded_uscc=frozenset(excluded), moment=unit.now))  # fmt: skip


def numbers(answer: PoolAnswer) -> list[str]:
    return [c.number for c in answer.candidates]


def recusals(pool: Pool, number: str, *bidders: str) -> list[str]:
    with pool.platform.look() as unit:
        groups = pool.platform.plugins.hook.gongxin_expert_recusals(
            unit=unit, number=number, bidders_uscc=frozenset(bidders), moment=unit.now
        )
        return [rule for group in groups for rule in group]


def expert_actor(pool: Pool, number: str) -> Actor:
    with pool.platform.look() as unit:
        found = tables.find(unit.store, number)
    assert found is not None
    return Actor(found.person, pool.centre.organisation, Role.EXPERT)


# ------------------------------------------------------------------ the answer to a draw

def test_the_pool_answers_a_draw(pool: Pool) -> None:
    take_over(
        pool,
        line(3, specialties="B03 A080101", remote="yes"), line(1), line(2, specialties="A09"),
        line(4, employer_uscc=code(80)), line(5, ties=f"holding:{code(80)}:2020-01-01:"), line(6, punished="〔2019〕12号"),
        line(7, employer_uscc=code(80), pool="procurement"),
    )  # fmt: skip
    answer = ask(pool, "A08", code(80))
    assert numbers(answer) == ["E001", "E003"] and answer.excluded == (("RC-1", 1), ("RC-6", 1), ("RC-7", 1))
    assert answer.rule_version == "bidding@2025-01-01"
    first, third = answer.candidates
    assert first.employer_uscc == code(1) and first.specialties == ("A0801",) and not first.remote
    assert third.specialties == ("B03", "A080101") and third.remote
    assert numbers(ask(pool, "A080101")) == ["E003"] and numbers(ask(pool, "C")) == []
    with pool.platform.look() as unit:
        assert pool.platform.plugins.hook.gongxin_expert_number(unit=unit, person=first.person) == "E001"


def test_excluded_units_are_told_apart_by_the_register(pool: Pool) -> None:
    """The principal's own staff are no experts for it [08 §8.11 rule 6]; staff of the supervisor never [BLR 46]."""
    pool.organisation(70, "澜明区水利工程建设处", Role.PRINCIPAL, Role.BIDDER)
    pool.organisation(71, "示例招标代理", Role.AGENCY)
    take_over(pool, line(70), line(71), line(72), line(90, employer_uscc=code(9002)))
    answer = ask(pool, "A08", code(70), code(71), code(9002))
    assert numbers(answer) == ["E072"] and answer.excluded == (("RC-5", 1), ("RC-9", 2))


def test_who_sits_elsewhere_is_busy(pool: Pool) -> None:
    take_over(pool, line(1), line(2))
    with pool.platform.look() as unit:
        answer = drawing.candidates(unit, "bidding", "A", ProjectFacts(TODAY, busy=frozenset({"E001"})))
    assert numbers(answer) == ["E002"] and answer.excluded == (("BUSY", 1),)


def test_the_two_pools_are_not_merged(pool: Pool) -> None:
    take_over(pool, line(1), line(1, number="P001", pool="procurement"), line(2, pool="procurement"))
    with pool.platform.look() as unit:
        bidding, procurement = (drawing.candidates(unit, p, "A", ProjectFacts(TODAY)) for p in ("bidding", "procurement"))
        assert (numbers(bidding), numbers(procurement)) == (["E001"], ["E002", "P001"])
        person = bidding.candidates[0].person
        assert person == procurement.candidates[1].person
        assert experts.number_of(unit, person) == "E001" == experts.number_of(unit, person, "bidding")
        assert experts.number_of(unit, person, "procurement") == "P001"
        assert experts.number_of(unit, "nobody") is None and experts.number_of(unit, "") is None


def test_a_code_is_answered_downwards_only(pool: Pool) -> None:
    """«A holder of A08 is not a holder of A080101» [08 §8.3 rule 2]."""
    take_over(pool, line(1, specialties="A08"), line(2, specialties="A080101"), line(3, specialties="A09"))
    found = {asked: numbers(ask(pool, asked)) for asked in ("A", "A08", "A0801", "A080101", "A09", "A080102")}
    assert found == {"A": ["E001", "E002", "E003"], "A08": ["E001", "E002"], "A0801": ["E002"], "A080101": ["E002"], "A09": ["E003"],
                     "A080102": []}  # fmt: skip


def test_a_specialty_that_is_no_code_is_refused(pool: Pool) -> None:
    for wrong in ("", "A%", "water"):
        with pytest.raises(Refused):
            ask(pool, wrong)


def test_recusal_is_looked_at_again_once_the_bidders_are_known(pool: Pool) -> None:
    take_over(pool, line(1, ties=f"employer:{code(50)}:2010-01-01:2023-03-01 holding:{code(51)}:2020-01-01:"), line(2))
    assert recusals(pool, "E001", code(60), code(61)) == []
    assert recusals(pool, "E001", code(60), code(51), code(50)) == ["RC-1", "RC-6"]  # a member of a consortium comes by its own code
    assert recusals(pool, "E002", code(50)) == []
    cast("SteppedClock", pool.platform.clock).advance(timedelta(days=1))
    assert recusals(pool, "E001", code(50)) == []  # three years and a day
    assert recusals(pool, "another-pool-7", code(50)) == []


# ------------------------------------------------------------------ standing

def test_only_who_is_active_may_be_drawn_and_may_sit(pool: Pool) -> None:
    take_over(pool, line(1), line(2), line(3), line(4))
    with pool.platform.unit() as unit:
        experts.pause(unit, pool.centre, "E001", "unanswered_calls", date(2026, 3, 10))
        experts.suspend(unit, pool.supervisor, "E002", "澜水监〔2026〕4号", HASH, TODAY, date(2026, 8, 31))
        experts.remove(unit, pool.supervisor, "E003", "bribery")
    answer = ask(pool)
    assert numbers(answer) == ["E004"] and answer.excluded == (("NOT_ACTIVE", 3),)
    assert [recusals(pool, f"E00{n}") for n in (1, 2, 3, 4)] == [["NOT_ACTIVE"]] * 3 + [[]]
    clock = cast("SteppedClock", pool.platform.clock)
    clock.move_to(datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC))  # 23:59:59 on the last day in China
    assert numbers(ask(pool)) == ["E004"]
    clock.move_to(datetime(2026, 3, 10, 16, 0, tzinfo=UTC))
    assert numbers(ask(pool)) == ["E001", "E004"]
    clock.move_to(datetime(2026, 8, 31, 16, 0, tzinfo=UTC))
    assert numbers(ask(pool)) == ["E001", "E002", "E004"]


def test_pauses_end_early_by_who_may_end_them(pool: Pool) -> None:
    take_over(pool, line(1))
    me = expert_actor(pool, "E001")
    with pool.platform.unit() as unit:
        experts.pause(unit, me, "E001", "leave", note="探亲")
    with pool.platform.unit() as unit:
        experts.resume(unit, pool.centre, "E001", "back")
    with pool.platform.unit() as unit:
        experts.pause(unit, pool.supervisor, "E001", "investigation")
    for who, reason in ((me, "back"), (pool.centre, "condition_met")):
        with pytest.raises(Refused) as refusal, pool.platform.unit() as unit:
            experts.resume(unit, who, "E001", reason)
        assert [p.code for p in refusal.value.problems] == ["expert.paused_by_other"]
    with pool.platform.unit() as unit:
        experts.resume(unit, pool.supervisor, "E001", "investigation_closed")
    assert "E001" in numbers(ask(pool))


def test_a_suspension_is_lifted_by_a_new_decision(pool: Pool) -> None:
    take_over(pool, line(1))
    with pool.platform.unit() as unit:
        experts.suspend(unit, pool.supervisor, "E001", "澜水监〔2026〕4号", HASH, TODAY, date(2027, 1, 1))
    with pool.platform.unit() as unit:
        experts.lift_suspension(unit, pool.supervisor, "E001", "澜水监〔2026〕9号", HASH)
        (_, suspended, lifted) = (s.recorded() for s in unit.store.read("expert/E001"))
    assert numbers(ask(pool)) == ["E001"]
    by = {"role": "supervisor", "organisation": pool.supervisor.organisation}
    period = {"from": "2026-03-01", "until": "2027-01-01"}
    assert suspended.public == {"document": "澜水监〔2026〕4号", "document_sha256": HASH, "by": by} | period
    assert lifted.public == {"document": "澜水监〔2026〕9号", "document_sha256": HASH, "by": by}


def test_what_is_wrong_with_a_change_is_said_at_once(pool: Pool) -> None:
    take_over(pool, line(1), line(2))
    with pytest.raises(Refused) as refusal, pool.platform.unit() as unit:
        experts.pause(unit, pool.centre, "E001", "investigation", date(2026, 2, 28), "x" * 2001)
    assert [p.code for p in refusal.value.problems] == ["expert.reason", "field.too_long", "expert.ends_in_the_past"]
    with pytest.raises(Refused) as refusal, pool.platform.unit() as unit:
        experts.suspend(unit, pool.supervisor, "E001", "", "AB" * 32, date(2026, 4, 1), date(2026, 3, 1))
    assert [p.code for p in refusal.value.problems] == ["expert.document", "field.not_hash", "expert.runs_backwards"]
    with pool.platform.unit() as unit:
        experts.remove(unit, pool.centre, "E001", "death")
    for call in (experts.remove, experts.pause, experts.resume):
        with pytest.raises(Refused) as refusal, pool.platform.unit() as unit:
            call(unit, pool.supervisor, "E001", "disqualified")
        assert refusal.value.problems[-1].code == "expert.state"
    with pytest.raises(Refused) as refusal, pool.platform.unit() as unit:
        experts.lift_suspension(unit, pool.supervisor, "E002", "澜水监〔2026〕9号", HASH)
    assert [p.code for p in refusal.value.problems] == ["expert.state"]


def test_who_may_not_does_not_even_see_an_expert(pool: Pool) -> None:
    take_over(pool, line(1), line(2))
    other = expert_actor(pool, "E002")
    bidder = Actor("", "", Role.BIDDER)
    for who in (other, bidder):
        with pytest.raises(Forbidden), pool.platform.unit() as unit:
            experts.pause(unit, who, "E001", "leave")
    with pytest.raises(Forbidden), pool.platform.unit() as unit:
        experts.suspend(unit, pool.centre, "E001", "澜水监〔2026〕4号", HASH, TODAY, TODAY)
    with pytest.raises(Forbidden), pool.platform.unit() as unit:
        experts.pause(unit, pool.centre, "E404", "leave")
    for who in (pool.supervisor, bidder, other):
        with pytest.raises(Forbidden), pool.platform.unit() as unit:
            import_experts(unit, who, as_csv(line(3)))


# ------------------------------------------------------------------ entering

def test_a_list_enters_wholly_or_not_at_all(pool: Pool) -> None:
    take_over(pool, line(1), line(2))
    with pool.platform.unit() as unit:
        experts.remove(unit, pool.supervisor, "E002", "criminal")
    with pytest.raises(Refused) as refusal:
        take_over(pool, line(9), line(1, name="冒名"), line(8, remote="?"), line(7, id_number="TEST-0002", name="专家2"))
    assert [(p.path, p.code) for p in refusal.value.problems] == [
        ("row.4.remote", "expert_list.yes_or_no"), ("row.3.number", "expert.number_taken"), ("row.3.id_number", "expert.in_pool"),
        ("row.3.name", "expert.other_name"), ("row.5.id_number", "expert.removed_for_good"),
    ]  # fmt: skip
    assert numbers(ask(pool)) == ["E001"]


def test_who_has_an_account_keeps_it(pool: Pool) -> None:
    with pool.platform.unit() as unit:
        home = pool.centre.organisation
        known = persons.register_person(unit, pool.centre, home, PersonalData("专家1", "0800-000-0000", "TEST-0001", "other"))
        official = persons.register_person(unit, OPERATOR, home, PersonalData("专家2", "0800-000-0000", "TEST-0002", "other"))
        persons.grant_role(unit, OPERATOR, official, Role.CENTRE)
    with pytest.raises(Refused) as refusal:
        take_over(pool, line(1), line(2))
    assert [(p.path, p.code) for p in refusal.value.problems] == [("row.3.id_number", "duty.incompatible")]
    take_over(pool, line(1))
    with pool.platform.look() as unit:
        assert experts.number_of(unit, known) == "E001" and experts.name_of(unit, "E001") == "专家1"
        assert experts.name_of(unit, "E404") is None
        found = persons.find_person(unit, known)
        assert found is not None and found.granted == {Role.EXPERT}


def test_an_erased_person_has_no_name_in_the_pool(pool: Pool) -> None:
    take_over(pool, line(1))
    with pool.platform.unit() as unit:
        persons.erase_person(unit, expert_actor(pool, "E001"), expert_actor(pool, "E001").person)
        assert experts.name_of(unit, "E001") is None


def test_one_number_in_a_pool_even_at_the_same_moment(pool: Pool) -> None:
    """Two units that both found the place free: the index decides."""
    take_over(pool, line(1))
    with pool.platform.look() as unit:
        first = tables.find(unit.store, "E001")
    assert first is not None
    with pytest.raises(Conflict), pool.platform.unit() as unit:
        experts.append_registration(unit, pool.centre, replace(first, number="E002"))


# ------------------------------------------------------------------ sample, secrecy, replay

def test_a_sample_pool_can_fill_a_committee(pool: Pool) -> None:
    with pool.platform.unit() as unit:
        made = make_sample_pool(unit, pool.centre)
    assert len(made) == 60 == len(set(made))
    for specialty in ("A0801", "A0802", "A0901", "B0301", "C0201"):
        assert len(ask(pool, specialty).candidates) >= 10
    one = ask(pool, "A").candidates[0]
    without = ask(pool, "A", one.employer_uscc)
    assert one.number not in numbers(without) and dict(without.excluded)["RC-1"] >= 1
    people = {c.person for s in "ABC" for c in ask(pool, s).candidates}
    assert len(people) == 60


def dump(pool: Pool) -> str:
    """Every cell of every table as text, whatever it is."""
    found = []
    with pool.platform.look() as unit:
        for name in sa.inspect(unit.connection).get_table_names():
            for row in unit.connection.execute(sa.text(f'select * from "{name}"')):
                found += [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row]
    return "\n".join(found)


def test_no_table_tells_who_an_expert_is_or_whose(pool: Pool) -> None:
    """Nothing in the dump names the person, the employer or the punishment, nor ties a number to an account [X-5]."""
    take_over(pool, line(1, name="赵隐名", employer_name="隐名设计院", punished="隐〔2019〕12号"), line(2))
    with pool.platform.unit() as unit:
        experts.pause(unit, pool.centre, "E001", "unanswered_calls", note="隐私理由")
    text = dump(pool)
    assert "E001" in text and "A0801" in text
    employer = ("隐名设计院", code(1), organisation_code(code(1)))
    for secret in ("赵隐名", "TEST-0001", "隐〔2019〕12号", "隐私理由", "unanswered_calls", *employer):
        assert secret not in text
    with pool.platform.look() as unit:
        person = tables.find(unit.store, "E001")
        assert person is not None
        for row in unit.connection.execute(sa.select(schema.event).where(schema.event.c.stream.like("expert/%"))):
            assert person.person not in row.public
        for row in unit.connection.execute(sa.select(tables.expert_table)):
            assert person.person.encode() not in row.record and person.person.encode() not in row.person


def test_the_order_of_the_log_does_not_match_accounts_with_numbers(pool: Pool) -> None:
    """All accounts first, in an order of their own; then the numbers: the k-th account is not the k-th expert."""
    with pool.platform.unit() as unit:
        made = make_sample_pool(unit, pool.centre)
    with pool.platform.look() as unit:
        events = unit.connection.execute(sa.select(schema.event.c.stream, schema.event.c.type).join(
            schema.pending, sa.and_(schema.pending.c.stream == schema.event.c.stream, schema.pending.c.version == schema.event.c.version)
        ).order_by(schema.pending.c.id)).all()  # fmt: skip
        accounts = [s.partition("/")[2] for s, t in events if t == "person_registered"]
        order = [s.partition("/")[2] for s, t in events if t == "expert_registered"]
        assert order == sorted(made)
        assert [t for _, t in events].index("expert_registered") > max(i for i, (_, t) in enumerate(events) if t == "role_granted")
        by_number = [experts.number_of(unit, a) for a in accounts]
    assert by_number != order and sum(a == b for a, b in zip(by_number, order, strict=True)) < 20


def test_a_replay_gives_the_same_tables(pool: Pool) -> None:
    take_over(pool, line(1, ties=f"holding:{code(5)}:2020-01-01:"), line(2), line(3))
    with pool.platform.unit() as unit:
        experts.pause(unit, pool.centre, "E001", "leave")
        experts.suspend(unit, pool.supervisor, "E002", "澜水监〔2026〕4号", HASH, TODAY, TODAY)
        experts.remove(unit, pool.centre, "E003", "own_request")
    with pool.platform.unit() as unit:
        experts.resume(unit, pool.centre, "E001", "back")

    with pool.platform.look() as unit:
        assert [unit.connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in tables.metadata.sorted_tables] == [3, 3]
    assert replay.replay(pool.platform) == []


def test_a_replay_after_erasure_keeps_nobody_drawable(pool: Pool) -> None:
    take_over(pool, line(1), line(2), line(3))
    with pool.platform.unit() as unit:
        for number in ("E001", "E002"):
            unit.store.erase_private(f"expert/{number}", 1)
        for table in tables.metadata.sorted_tables:
            unit.connection.execute(sa.delete(table))
        for number in ("E001", "E002", "E003"):
            unit.store.project([unit.store.read(f"expert/{number}")[0].recorded()])
    answer = ask(pool)
    assert numbers(answer) == ["E003"] and answer.excluded == (("NOT_ACTIVE", 2),)
