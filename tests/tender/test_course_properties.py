"""Random histories after the evaluation: whatever people and clock do in whatever order, these hold [01 §1.2, §1.9, T-12]."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.tender.course import (
    AGENCY,
    BIDDER,
    CENTRE,
    ORDER,
    OTHER,
    PRINCIPAL,
    SUPERVISOR,
    TRADE,
    Course,
    at,
    bidding_lot,
    evaluated_lot,
)
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor
from trading_core.domain.stages.suspending import Suspension
from trading_core.domain.workcalendar import closing_day

DECIDING = {"award_decided", "next_candidate_chosen", "next_qualified_chosen", "award_letter_issued"}
BY_CLOCK = {"publicity_ended"}
LAST = at("2026-11-20T00:00")  # the calendar of 2027 is not known
spans = st.timedeltas(timedelta(0), timedelta(days=6))
people = st.sampled_from([BIDDER, OTHER])
bids = st.sampled_from(["first", "first", "b2", "b4"])  # first: the best that remains


def possible(act: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Most steps should be ones that the table knows in the present state, else histories get nowhere."""
    event = TRADE.acts[act].event
    return precondition(lambda self: TRADE.lifecycle.allows(self.course.lot.status, event))


class History(RuleBasedStateMachine):
    """Everybody tries everything; what is refused changes nothing."""

    @initialize(start=st.sampled_from(["bidding", "evaluated", "published", "published", "published"]))
    def begin(self, start: str) -> None:
        self.course = Course(bidding_lot() if start == "bidding" else evaluated_lot())
        self.now = at("2026-03-03T09:00") if start == "bidding" else at("2026-03-25T09:00")
        if start == "published":
            self.publish()
            self.now = at("2026-03-30T20:00")

    def attempt(self, act: str, actor: Actor, **data: object) -> None:
        before, length, waiting = self.course.lot, len(self.course.record), self.course.objections().open()
        try:
            self.course.give(act, actor, self.now, **data)
        except Refused:
            assert self.course.lot == before and len(self.course.record) == length
            return
        types = [r.type for r in self.course.record[length:]]
        assert not (waiting and DECIDING & set(types)), "decided over an open objection"
        if "resumed" in types:
            self.resumed(before.schedule, before.suspended_at, before.part(Suspension).frozen)

    def named(self, bid: str) -> str:
        """A bid id for what a strategy drew."""
        return next((c.bid for c in self.course.award().remaining()), "b1") if bid == "first" else bid

    def resumed(self, schedule: object, suspended_at: datetime | None, frozen: tuple[str, ...]) -> None:
        """Frozen points move by the frozen span, exactly, and onward to a working day where the law asks for one; others stay."""
        assert isinstance(schedule, dict) and suspended_at is not None
        span, after = self.now - suspended_at, self.course.lot.schedule
        assert set(after) == set(schedule)
        for name, moment in schedule.items():
            more = after[name] - moment - span
            if name not in frozen:
                assert after[name] == moment
                continue
            assert more % timedelta(days=1) == timedelta(0) and timedelta(0) <= more <= timedelta(days=11)
            if name in ("bid_deadline", "issue_end", "publicity_end"):
                assert work_calendar().is_workday(closing_day(after[name]))
                assert not more or not work_calendar().is_workday(closing_day(moment + span))
        assert ("opening" in frozen) <= (after.get("opening") == after.get("bid_deadline"))

    @rule(span=spans)
    def wait(self, span: timedelta) -> None:
        if self.now + span >= LAST:
            return
        self.now += span
        suspended, length = self.course.lot.suspended_at is not None, len(self.course.record)
        self.course.tick(self.now)
        types = [r.type for r in self.course.record[length:]]
        assert not (suspended and types and types[0] != "hold_lifted"), "the clock acted on a suspended lot"

    @rule()
    @precondition(lambda self: self.course.lot.status == "PUBLICITY")
    def wait_for_the_end_of_the_publicity(self) -> None:
        self.wait(max(self.course.lot.schedule["publicity_end"] - self.now, timedelta(0)) + timedelta(days=1))

    @rule()
    @precondition(lambda self: self.course.lot.status == "SUSPENDED")
    def settle(self) -> None:
        """Everybody does their part to let the lot go on."""
        for objection in self.course.objections().open():
            self.attempt("answer_objection", AGENCY, number=objection.number, outcome="rejected", answer="a")
        for who in (SUPERVISOR, CENTRE, PRINCIPAL):
            self.attempt("resume", who, reason="r")

    @rule(who=people)
    @possible("object_to_document")
    @precondition(lambda self: len(self.course.objections().open()) < 2)
    def object_to_document(self, who: Actor) -> None:
        self.attempt("object_to_document", who, text="t", objector_commitment=self.course.facts["objector_commitment"], salt="5" * 64)

    @rule(who=people)
    @possible("object_to_result")
    @precondition(lambda self: len(self.course.objections().open()) < 2)
    def object_to_result(self, who: Actor) -> None:
        self.attempt("object_to_result", who, text="t")

    @rule(outcome=st.sampled_from(["upheld", "rejected"]),
          remedy=st.sampled_from(["", "re_evaluate", "republish", "no_effect"]))  # fmt: skip
    @possible("answer_objection")
    def answer(self, outcome: str, remedy: str) -> None:
        for objection in self.course.objections().open()[:1]:
            self.attempt("answer_objection", AGENCY, number=objection.number, outcome=outcome, answer="a", remedy=remedy)

    @rule(who=people, number=st.integers(1, 4))
    @possible("withdraw_objection")
    def withdraw(self, number: int, who: Actor) -> None:
        self.attempt("withdraw_objection", who, number=number, salt="5" * 64)

    @rule(term=st.none() | st.timedeltas(timedelta(0), timedelta(days=8)))
    @possible("order_suspension")
    @precondition(lambda self: self.course.lot.part(Suspension).placed < 4)
    def suspend(self, term: timedelta | None) -> None:
        if term is None:
            self.attempt("suspend_technically", CENTRE, legal_basis="S-06", reason="r", reported_to="s")
        else:
            self.attempt("order_suspension", SUPERVISOR, **ORDER, until=(self.now + term).isoformat())

    @rule(who=st.sampled_from([SUPERVISOR, CENTRE, PRINCIPAL]))
    @possible("resume")
    def resume(self, who: Actor) -> None:
        self.attempt("resume", who, reason="r")

    @rule()
    @possible("publish_candidates")
    def publish(self) -> None:
        self.attempt("publish_candidates", PRINCIPAL, evaluation_summary="s", how_to_object="h")

    @rule(bid=bids)
    @possible("decide_award")
    def decide(self, bid: str) -> None:
        self.attempt("decide_award", PRINCIPAL, bid=self.named(bid))

    @rule(bid=bids, ground=st.sampled_from(["illegality", "refuses_contract"]))
    @possible("report_candidate_lost")
    @precondition(lambda self: len(self.course.award().lost) < 2)
    def lose(self, bid: str, ground: str) -> None:
        self.attempt("report_candidate_lost", PRINCIPAL, bid=self.named(bid), ground=ground, reason="r", evidence="e" * 64)

    @rule(bid=bids)
    @possible("choose_next_candidate")
    def next_candidate(self, bid: str) -> None:
        self.attempt("choose_next_candidate", PRINCIPAL, bid=self.named(bid))

    @rule()
    @possible("issue_award_letter")
    def letter(self) -> None:
        self.attempt("issue_award_letter", PRINCIPAL)

    @rule()
    @precondition(lambda self: bool(self.course.award().winner))
    @possible("invalidate")
    def invalidate(self) -> None:
        self.attempt("invalidate", SUPERVISOR, **ORDER)

    @rule(bid=bids)
    @possible("choose_next_qualified")
    def next_qualified(self, bid: str) -> None:
        self.attempt("choose_next_qualified", PRINCIPAL, bid=self.named(bid))

    # -------------------------------------------------------------- always

    @invariant()
    def suspended_exactly_while_something_holds(self) -> None:
        lot, part = self.course.lot, self.course.lot.part(Suspension)
        assert (lot.status == "SUSPENDED") == (lot.suspended_at is not None) == bool(lot.resume_to) == bool(part.holds)

    @invariant()
    def holds_of_objections_are_the_open_ones_in_time(self) -> None:
        if self.course.lot.status != "SUSPENDED":
            return
        held = {h.number for h in self.course.lot.part(Suspension).holds if h.kind == "objection"}
        assert held == self.stopping()

    @invariant()
    def no_objection_in_time_is_open_in_a_running_lot(self) -> None:
        """[S-01] the activity pauses; an objection to a result that is evaluated anew holds up no result any more."""
        if self.course.lot.status not in ("SUSPENDED", "INVALIDATED"):
            assert not self.stopping()

    def stopping(self) -> set[int]:
        """Open objections that were raised in time, against what is still in force."""
        anew = self.course.lot.history.get("re_evaluation_ordered", datetime.min.replace(tzinfo=UTC))
        return {o.number for o in self.course.objections().open() if not o.late and o.at > anew}

    @invariant()
    def a_winner_is_a_candidate_and_the_best_that_remained(self) -> None:
        """[BL 57, BLR 55]"""
        award = self.course.award()
        if award.standing is not None:
            assert award.remaining()[0] == award.standing
        assert not award.winner or award.candidate(award.winner)


History.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestHistory = History.TestCase
