"""Everything that happens on a lot is told to somebody, or there is a reason why not."""
from __future__ import annotations

from plugins.engineering.trade import ENGINEERING
from trading_core.domain.identity import Role
from trading_core.services.following import TOLD

EXEMPT = {
    "the giver's own draft, of which the next step is told": {"created", "drafted"},
    "follows by itself from what was told before, at the hour that was told": {
        "issuing_started", "prequalification_issuing_started", "bidding_opened", "evaluation_started", "stage_opened", "bid_opened",
        "parameter_drawn", "disclosed", "experts_drawn", "draw_revealed", "performance_started", "rest_days_counted",
    },
    "sealed: that it happened must not be known": {"bid_submitted", "application_received"},
    "whoever must go on finds it as a task": {
        "trustee_key_registered", "trustee_key_rehearsed", "draw_committed", "draw_part_received", "key_released", "draw_pool_frozen",
        "expert_answered", "representative_named", "prequalification_review_started", "deposits_checked", "clarification_requested",
        "clarification_answered", "correction_answered", "complaint_time_stopped", "complaint_time_resumed", "accepted",
    },
    "seen by all in the hall, where it happens": {
        "opening_attended", "opening_answered", "opening_confirmed", "opening_finished", "second_opening_finished",
    },
    "the committee's own, on its desk": {
        "seat_signed_in", "seat_recused", "chair_voted", "chair_elected", "rejection_proposed", "rejection_voted", "resolution_proposed",
        "resolution_voted", "price_adjusted", "review_finished", "scores_locked", "score_corrected", "technical_summarised",
        "evaluation_summarised", "tie_decided", "report_signed", "report_refused", "evaluation_time_extended",
        "application_review_started", "application_reviewed", "application_review_summarised",
    },
    "a paper or a later addition, on the lot's page": {"document_issued", "archive_supplemented"},
}  # fmt: skip


def test_every_event_is_told_or_stands_here() -> None:
    silent = set().union(*EXEMPT.values())
    events = {t.event for t in ENGINEERING.lifecycle.transitions} | set(ENGINEERING.evolve)
    assert silent.isdisjoint(TOLD) and sum(map(len, EXEMPT.values())) == len(silent)
    assert (events - set(TOLD) - silent, (set(TOLD) | silent) - events) == (set(), set())


def test_nobody_is_told_as_a_bidder_of_what_bidders_may_not_know() -> None:
    """Before the opening not even that somebody asked, applied or bid."""
    to_bidders = {event for event, roles in TOLD.items() if Role.BIDDER in roles}
    assert to_bidders.isdisjoint({"question_asked", "prequalification_closed", "closed", "bid_revoked", "standing_reported"})
    assert all(roles <= {Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR, Role.BIDDER} for roles in TOLD.values())
