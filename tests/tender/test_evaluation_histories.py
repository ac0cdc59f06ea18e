"""Random histories of an evaluation: whatever members do in whatever order, what is reported is what was decided [BLR 48–53]."""
from __future__ import annotations

from collections.abc import Mapping

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plugins.engineering.trade import ENGINEERING
from tests.tender.committee_table import BIDS, Table
from tests.tender.course import ORDER, SUPERVISOR
from trading_core.domain.errors import Refused
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.tender.assessment import Evaluation, case_of, in_play
from trading_core.domain.tender.committee import EXPERT, Committee, problems
from trading_core.domain.tender.opening import Opening

seats = st.integers(1, 5)
bids = st.sampled_from(BIDS)
voters = st.permutations([1, 2, 3, 4, 5]).map(lambda order: order[:3])
running = precondition(lambda self: self.table.lot.status == "EVALUATING")


class Evaluating(RuleBasedStateMachine):
    """Everybody tries everything; what is refused changes nothing."""

    @initialize(two_stages=st.booleans(), start=st.sampled_from(["begun", "scored", "summarised"]))
    def begin(self, two_stages: bool, start: str) -> None:
        self.table = Table(two_stages).start(review=start != "begun")
        self.closed: dict[str, dict[str, Mapping[str, str]]] = {}  # seat → bid → points when the technical result was closed
        if start != "begun":
            self.table.lock_all()
        if start == "summarised":
            if two_stages:
                self.close_technical()
            self.summarise()

    def attempt(self, seat: int, act: str, **data: object) -> bool:
        table, before, length = self.table, self.table.lot, len(self.table.record)
        if seat not in before.part(Committee).numbers:
            return False
        try:
            table.seat(seat, act, **data)
        except Refused:
            assert table.lot == before and len(table.record) == length
            return False
        if table.record[-1].type == "report_submitted":
            assert not list(problems(ENGINEERING.committee, before))
            assert set(before.part(Evaluation).signatures) == {str(n) for n in before.part(Committee).numbers}
        return True

    def chair(self, act: str) -> bool:
        return self.attempt(self.table.lot.part(Committee).chair, act)

    # -------------------------------------------------------------- what members do

    @rule(bid=bids, ground=st.sampled_from(["RJ-1", "RJ-3"]), three=voters)
    @running
    def reject(self, bid: str, ground: str, three: list[int]) -> None:
        if not self.attempt(three[0], "propose_rejection", bid=bid, ground=ground, clause="c", evidence="e"):
            return
        number = len(self.table.evaluation().motions)
        for seat in three:
            self.attempt(seat, "vote_rejection", number=number, agree=True)

    @rule(seat=seats, number=st.integers(1, 4), agree=st.booleans())
    @running
    def vote(self, seat: int, number: int, agree: bool) -> None:
        self.attempt(seat, "vote_rejection", number=number, agree=agree)

    @rule()
    @running
    def settle_motions(self) -> None:
        for motion in self.table.evaluation().motions:
            for seat in self.table.lot.part(Committee).numbers:
                self.attempt(seat, "vote_rejection", number=motion.number, agree=False)

    @rule()
    @running
    def finish_review(self) -> None:
        self.chair("finish_review")

    @rule()
    @running
    def lock_what_is_missing(self) -> None:
        for bid in in_play(self.table.lot):
            for seat in self.table.lot.part(Committee).numbers:
                self.attempt(seat, "lock_scores", bid=bid.bid, points={"plan": str(20 + seat), "record": "4"})

    @rule(seat=seats, bid=bids, points=st.sampled_from(["2", "4", "6"]))
    @running
    def correct(self, seat: int, bid: str, points: str) -> None:
        self.attempt(seat, "correct_score", bid=bid, item="record", points=points, reason="r")

    @rule(bid=bids, points=st.sampled_from(["2", "4"]))
    @running
    def correct_together(self, bid: str, points: str) -> None:
        for seat in range(1, 6):
            self.attempt(seat, "correct_score", bid=bid, item="record", points=points, reason="r")

    @rule()
    @running
    def close_technical(self) -> None:
        if self.chair("summarise_technical"):
            entries = self.table.evaluation().entries
            self.closed = {str(s): {b: dict(e[str(s)]) for b, e in entries.items() if str(s) in e} for s in range(1, 6)}
            self.table.open_prices()

    @rule()
    @running
    def summarise(self) -> None:
        if self.chair("summarise"):
            assert self.table.evaluation().result == evaluate(case_of(self.table.lot))

    @rule(seat=seats)
    @running
    def sign(self, seat: int) -> None:
        self.attempt(seat, "sign_report", agrees=True)

    @rule()
    @running
    def sign_all(self) -> None:
        for seat in range(1, 6):
            self.attempt(seat, "sign_report", agrees=True)

    @rule()
    @running
    def submit(self) -> None:
        self.chair("submit_report")

    @rule(seat=seats)
    @running
    @precondition(lambda self: len(self.table.lot.part(Committee).left) < 4)
    def leave(self, seat: int) -> None:
        if self.attempt(seat, "recuse", ground="RC-1", reason="r"):
            self.closed.pop(str(seat), None)

    @rule()
    @running
    def replace(self) -> None:
        while len(self.table.lot.part(Committee).seats) < 5:
            self.table.sign_in()
        if not self.table.lot.part(Committee).chair:
            self.table.elect(self.table.lot.part(Committee).numbers[0])

    @rule(code=st.sampled_from(["F-02", "F-03"]), three=voters)
    @running
    def fail(self, code: str, three: list[int]) -> None:
        if self.attempt(three[0], "recommend_failure", code=code, reason="r"):
            for seat in three[:2]:
                self.attempt(seat, "vote_resolution", number=len(self.table.evaluation().resolutions), agree=True)
            assert self.table.lot.status == "EVALUATING", "two of five failed a lot"

    @rule()
    @precondition(lambda self: self.table.lot.status != "EVALUATING")
    def evaluate_again(self) -> None:
        """The supervisor orders a new evaluation of what was reported; a lot that failed has come to its end."""
        if self.table.lot.status == "EVALUATED":
            self.table.step("order_re_evaluation", SUPERVISOR, **ORDER, committee="same")
            self.closed = {}

    # -------------------------------------------------------------- always

    @invariant()
    def a_result_is_that_of_its_case(self) -> None:
        part = self.table.evaluation()
        if part.result:
            assert part.result == evaluate(case_of(self.table.lot))
        assert {c.bid for c in part.candidates} <= {b.bid for b in in_play(self.table.lot)}
        assert not part.signatures or part.result

    @invariant()
    def who_reports_is_a_lawful_committee(self) -> None:
        part = self.table.lot.part(Committee)
        assert len({s.holder for s in part.seats}) == len(part.seats) and not {s.holder for s in part.seats} & set(part.left)
        if self.table.lot.status == "EVALUATED":
            assert len(part.seats) == 5 and sum(s.kind == EXPERT for s in part.seats) * 3 >= 10 and part.chair in part.numbers
            assert set(self.table.evaluation().signatures) == {str(n) for n in part.numbers}

    @invariant()
    def closed_scores_stand(self) -> None:
        entries = self.table.evaluation().entries
        for seat, by_bid in self.closed.items():
            assert {b: dict(e[seat]) for b, e in entries.items() if seat in e} == by_bid

    @invariant()
    def what_the_technical_review_rejected_stays_sealed(self) -> None:
        part = self.table.lot.part(Opening)
        assert all("price" not in part.bids[b].envelopes for b in part.excluded)


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
Evaluating.TestCase.settings = settings(max_examples=120, stateful_step_count=35, deadline=None, phases=PHASES)
TestEvaluating = Evaluating.TestCase
