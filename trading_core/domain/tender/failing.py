"""When a sealed tender may be declared failed by hand, and when its evaluation is to be done again [01 §1.2.1, §1.7, BLR 70, 81]."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..errors import Problem, Refused
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import HOSTS
from ..stages.ending import SUPERVISOR, FailureReason, nobody_left
from ..stages.suspending import ORDER, cleared, phase, re_evaluable
from ..trade import Act, Command, Facts, Stage, TradeType
from .awarding import reopened
from .extending import bid_validity_end


def _bids_bind(lot: Lot, now: datetime) -> Iterator[Problem]:
    end = bid_validity_end(lot)
    if end is None or now < end:
        yield Problem("failure.validity_runs", "failure")


FAILURES = (
    FailureReason("F-05", SUPERVISOR, frozenset({
        "PREQ_REVIEW", "ANNOUNCED", "ISSUING", "BIDDING", "CLOSED", "OPENING", "OPENED", "EVALUATING", "EVALUATED", "PUBLICITY", "AWARDED",
        "NOTIFIED"})),
    FailureReason("opening_impossible", SUPERVISOR, frozenset({"CLOSED", "OPENING", "EVALUATING"})),
    FailureReason("validity_over", HOSTS, frozenset({"EVALUATING", "EVALUATED", "PUBLICITY", "AWARDED"}), _bids_bind),
    FailureReason("re_tender", HOSTS, frozenset({"PUBLICITY", "AWARDED", "NOTIFIED"}), nobody_left),
)  # fmt: skip
"""Reasons declared by hand. Too few bids (F-01, F-08) the clock finds, all bids rejected (F-03) the committee."""


def _re_evaluate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The supervisor orders a new evaluation; while suspended only where the lot had got that far [BLR 70, 81]."""
    if not re_evaluable(trade, lot):
        raise Refused(Problem("lot.illegal_transition", params={"state": phase(lot), "event": "re_evaluation_ordered"}))
    return [Event("re_evaluation_ordered", dict(command.data))]


def _reopened(lot: Lot, r: Recorded) -> Lot:
    return reopened(cleared(lot))


EVOLVE = {"re_evaluation_ordered": _reopened}
ACTS = (
    Act("order_re_evaluation", "re_evaluation_ordered", SUPERVISOR, _re_evaluate, (
        *ORDER, Field("committee", "choice", choices=("same", "new"))), irrevocable=True, documents=("notice",),
        rule="BLR 81"),
)  # fmt: skip
STAGE = Stage(lifecycle.RE_EVALUATION, ACTS, EVOLVE, ())
