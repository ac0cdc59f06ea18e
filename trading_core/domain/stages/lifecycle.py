"""The states of a lot and what may happen in each, a stage at a time [01 §1.2.1, §1.2.2]: the superset from which declarations choose.

Whatever rows say of states that no chosen stage leads to goes with the stage that was left out.
"""
from __future__ import annotations

from ..lifecycle import RESUME, SAME, row

PREPARED = "ANNOUNCED ISSUING BIDDING"
QUALIFYING = "PREQ_ANNOUNCED PREQ_ISSUING PREQ_CLOSED PREQ_REVIEW"
HALL = "LISTING QUIET PREPARING TIMED EXERCISING"
BEFORE_CONTRACT = f"{QUALIFYING} {PREPARED} {HALL} CLOSED OPENING OPENED EVALUATING EVALUATED PUBLICITY AWARDED SELECTING DEAL"
RUNNING = f"{BEFORE_CONTRACT} NOTIFIED CONTRACTED PERFORMING"
FORMING = "PREQ_CLOSED PREQ_REVIEW ISSUING BIDDING CLOSED OPENING OPENED EVALUATING"  # of the committee: for applications, then for bids
SITTING = "PREQ_CLOSED PREQ_REVIEW OPENED EVALUATING"
ENDED = "FAILED TERMINATED INVALIDATED"

ANNOUNCEMENT = (
    row("", "created", "DRAFT"),
    row("DRAFT", "drafted", SAME),
    row("DRAFT", "submitted_for_publication", "READY"),
    row("READY", "recalled", "DRAFT"),
    row("DRAFT READY", "cancelled", "TERMINATED"),
    row("READY", "published", "ANNOUNCED"),
)
"""From the draft to the notice."""

ISSUING = (
    row("ANNOUNCED", "issuing_started", "ISSUING"),
    row("ANNOUNCED ISSUING", "bidding_opened", "BIDDING"),
)
"""Documents are given out, then bids are prepared."""

AMENDMENTS = (
    row(f"{PREPARED} PREQ_ANNOUNCED PREQ_ISSUING", "amended", SAME),
    row(f"{PREPARED} PREQ_ANNOUNCED PREQ_ISSUING", "question_asked", SAME),
    row(f"{PREPARED} PREQ_ANNOUNCED PREQ_ISSUING", "clarified", SAME),
    row(f"{PREPARED} SUSPENDED", "document_illegal", "TERMINATED"),
)
"""What the documents say afterwards."""


INVITATION = (
    row("READY", "invitations_sent", "ISSUING"),
)
"""Bids of those invited only, instead of a notice to all."""

PREQUALIFICATION = (
    row("READY", "prequalification_published", "PREQ_ANNOUNCED"),
    row("PREQ_ANNOUNCED", "prequalification_issuing_started", "PREQ_ISSUING"),
    row("PREQ_ISSUING PREQ_CLOSED PREQ_REVIEW", "application_received", SAME),  # a late one is refused with its reason
    row("PREQ_ISSUING", "prequalification_closed", "PREQ_CLOSED"),
    row("PREQ_CLOSED", "prequalification_review_started", "PREQ_REVIEW"),
    row("PREQ_REVIEW", "prequalification_decided", "ISSUING"),
)
"""Who may bid is decided before bids are prepared."""

APPLICATION_REVIEW = (
    row("PREQ_CLOSED", "application_review_started", "PREQ_REVIEW"),
    row("PREQ_REVIEW", "application_reviewed", SAME),
    row("PREQ_REVIEW", "application_review_summarised", SAME),
    row("PREQ_REVIEW", "application_review_submitted", SAME),
)
"""A committee reviews the applications of a prequalification."""

REGISTRATION = (
    row(f"ANNOUNCED {HALL} SUSPENDED", "registration_applied", SAME),  # a late one is refused with its reason
    row("ANNOUNCED LISTING QUIET SUSPENDED", "registration_withdrawn", SAME),
    row("ANNOUNCED LISTING QUIET SUSPENDED", "registration_decided", SAME),
    row("ANNOUNCED LISTING QUIET", "bidders_admitted", SAME),
    row("ANNOUNCED LISTING QUIET", "registration_closed", SAME),
    row("ANNOUNCED", "registration_extended", SAME),
)
"""Who may take part is decided one by one."""

AUCTION = (
    row("ANNOUNCED LISTING QUIET PREPARING TIMED EXERCISING SUSPENDED", "reserve_entered", SAME),
    row("ANNOUNCED", "listing_started", "LISTING"),
    row(f"ANNOUNCED {HALL} DEAL SUSPENDED", "bid_placed", SAME),  # one that comes too late is refused with its reason
    row(f"ANNOUNCED {HALL} DEAL SUSPENDED", "standing_bid_left", SAME),
    row("LISTING QUIET", "timed_bidding_wished", SAME),
    row("LISTING TIMED", "increment_changed", SAME),
    row("LISTING", "quiet_began", "QUIET"),
    row("LISTING QUIET", "free_bidding_ended", SAME),
    row("ANNOUNCED LISTING QUIET", "timed_bidding_prepared", "PREPARING"),
    row("PREPARING EXERCISING", "timed_bidding_began", "TIMED"),
    row("TIMED", "timed_bidding_ended", SAME),
    row("LISTING QUIET TIMED", "exercise_opened", "EXERCISING"),
    row(f"{HALL} SUSPENDED", "right_exercised", SAME),
    row("EXERCISING", "right_waived", SAME),
    row("EXERCISING", "exercise_ended", SAME),
    row("LISTING QUIET PREPARING TIMED EXERCISING", "phase_restored", SAME),
    row("LISTING QUIET TIMED EXERCISING", "bidding_ended", "DEAL"),
)
"""An ascending auction, from the first bid to the last."""

SEALING = (
    row(f"READY {PREPARED} {QUALIFYING} SUSPENDED", "trustee_key_registered", SAME),
    row(f"READY {PREPARED} {QUALIFYING} SUSPENDED", "trustee_key_rehearsed", SAME),
    row("OPENING EVALUATING", "key_released", SAME),
)
"""The one-time keys of the trustees."""

DRAWS = (
    row(f"READY {BEFORE_CONTRACT} SUSPENDED", "draw_committed", SAME),
    row(f"{FORMING} SELECTING", "draw_part_received", SAME),
)
"""Draws: commitments first, parts later."""

EXPERT_DRAW = (
    row(FORMING, "draw_pool_frozen", SAME),
    row(FORMING, "draw_revealed", SAME),
)
"""Experts are drawn for a committee."""

LOTS = (
    row("ANNOUNCED", "selection_started", "SELECTING"),
    row("SELECTING", "lots_drawn", SAME),
    row("SELECTING", "selected", "DEAL"),
    row("SELECTING", "draw_part_overdue", SAME),
)
"""Those who registered are put in an order by lot."""

PARAMETER = (
    row("OPENING", "parameter_drawn", SAME),
    row("OPENING", "draw_part_overdue", SAME),
)
"""A parameter of the evaluation is drawn at the opening."""

BIDDING = (
    row(f"{BEFORE_CONTRACT} SUSPENDED", "bid_submitted", SAME),
    row("BIDDING", "closed", "CLOSED"),
)
"""Bids up to the deadline. One that comes too late is refused with its reason, so the table knows it until the trade is over."""

OPENING = (
    row("CLOSED", "opening_started", "OPENING"),
    row("OPENING EVALUATING", "bid_opened", SAME),
    row("OPENING EVALUATING", "stage_opened", SAME),
    row("OPENING", "opening_attended", SAME),
    row("OPENING", "opening_objected", SAME),
    row("OPENING", "opening_answered", SAME),
    row("OPENING", "opening_confirmed", SAME),
    row("OPENING", "opening_finished", "OPENED"),
)
"""The bids are opened."""

SECOND_OPENING = (
    row("EVALUATING", "opening_objected", SAME),
    row("EVALUATING EVALUATED", "opening_answered", SAME),
    row("EVALUATING", "opening_confirmed", SAME),
    row("EVALUATING EVALUATED", "second_opening_finished", SAME),
)
"""Envelopes that wait for the technical result are read out later."""

COMMITTEE = (
    row(FORMING, "experts_drawn", SAME),
    row(FORMING, "expert_answered", SAME),
    row(FORMING, "representative_named", SAME),
    row(SITTING, "seat_signed_in", SAME),
    row(SITTING, "seat_recused", SAME),
    row(SITTING, "chair_voted", SAME),
    row(SITTING, "chair_elected", SAME),
)
"""The committee is formed and takes its seats."""

EVALUATION = (
    row("OPENED", "evaluation_started", "EVALUATING"),
    row("EVALUATING", "rejection_proposed", SAME),
    row("EVALUATING", "rejection_voted", SAME),
    row("EVALUATING", "review_finished", SAME),
    row("EVALUATING", "correction_answered", SAME),
    row("EVALUATING", "scores_locked", SAME),
    row("EVALUATING", "score_corrected", SAME),
    row("EVALUATING", "technical_summarised", SAME),
    row("EVALUATING", "tie_decided", SAME),
    row("EVALUATING", "evaluation_summarised", SAME),
    row("PREQ_REVIEW EVALUATING", "report_signed", SAME),
    row("PREQ_REVIEW EVALUATING", "report_refused", SAME),
    row("EVALUATING", "report_submitted", "EVALUATED"),
    row("EVALUATING", "committee_reformed", SAME),
)
"""Bids are reviewed, scored and reported on."""

RESOLUTIONS = (
    row("EVALUATING", "resolution_proposed", SAME),
    row("EVALUATING", "resolution_voted", SAME),
    row("EVALUATING", "price_adjusted", SAME),
    row("EVALUATING", "clarification_requested", SAME),
    row("EVALUATING", "clarification_answered", SAME),
    row("EVALUATING", "document_defective", "TERMINATED"),
)
"""What a committee decides by vote besides rejecting and scoring."""

EVALUATION_TIME = (
    row("EVALUATING", "time_called_short", SAME),
    row("EVALUATING", "evaluation_time_extended", SAME),
)
"""The committee finds its time short, and the host gives more."""

PUBLICITY = (
    row("EVALUATED PUBLICITY", "candidates_published", "PUBLICITY"),
    row("PUBLICITY", "publicity_ended", SAME),
)
"""The candidates are public before the award."""

AWARD = (
    row("EVALUATED PUBLICITY", "award_decided", "AWARDED"),
    row("EVALUATED PUBLICITY AWARDED NOTIFIED", "candidate_lost", SAME),
    row("AWARDED NOTIFIED", "next_candidate_chosen", "AWARDED"),
    row("AWARDED", "award_letter_issued", "NOTIFIED"),
    row("AWARDED NOTIFIED CONTRACTED PERFORMING COMPLETED", "result_published", SAME),  # upper limits never block [T-15]
    row("INVALIDATED", "next_qualified_chosen", "AWARDED"),
)
"""From the decision to the result."""

RE_EXAMINATION = (
    row("PUBLICITY AWARDED", "re_examination_asked", SAME),
    row("PUBLICITY AWARDED", "candidate_re_examined", SAME),
)
"""The committee looks again at a candidate who may not be able to perform."""

DEAL = (
    row("DEAL", "deal_confirmed", "NOTIFIED"),
    row("DEAL NOTIFIED CONTRACTED PERFORMING COMPLETED", "result_published", SAME),
    row("DEAL NOTIFIED", "candidate_lost", SAME),
    row("DEAL NOTIFIED", "next_candidate_chosen", "DEAL"),
)
"""From a deal that the bids made to its confirmation."""

SERVICE = (
    row("PERFORMING", "service_paused", SAME),
    row("PERFORMING", "service_continued", SAME),
    row("PERFORMING", "service_ended", SAME),
    row("COMPLETED", "service_rated", SAME),
)
"""A service is done, and both sides are rated."""

CERTIFICATE = (
    row("PERFORMING COMPLETED", "certificate_issued", SAME),
)
"""The certificate by which the change of a right is registered."""

STANDING = (
    row("OPENING OPENED EVALUATING EVALUATED PUBLICITY AWARDED SUSPENDED", "standing_reported", SAME),
)
"""Bidders report what has become of them since the opening."""

EXTENSION = (
    row("OPENED EVALUATING EVALUATED PUBLICITY AWARDED SUSPENDED", "validity_extension_asked", SAME),
    row("OPENED EVALUATING EVALUATED PUBLICITY AWARDED SUSPENDED", "validity_extension_answered", SAME),
)
"""Bidders are asked to let their bids bind longer."""

REVOCATION = (
    row("CLOSED OPENING OPENED EVALUATING EVALUATED PUBLICITY AWARDED SUSPENDED", "bid_revoked", SAME),
)
"""A bidder breaks its word: its bid leaves [BLR 35]."""

CONTRACT = (
    row("NOTIFIED", "contract_signed", "CONTRACTED"),
    row("CONTRACTED PERFORMING", "contract_confirmed", SAME),
    row("AWARDED NOTIFIED CONTRACTED PERFORMING COMPLETED INVALIDATED ARCHIVED", "written_report_filed", SAME),
    row("CONTRACTED", "performance_started", "PERFORMING"),
    row("CONTRACTED PERFORMING COMPLETED", "performance_noted", SAME),
    row("PERFORMING", "accepted", "COMPLETED"),
    row("CONTRACTED PERFORMING", "contract_ended", "COMPLETED"),
)
"""The contract, the report to the supervisor, performance."""

DELEGATION = (
    row(f"DRAFT READY {RUNNING} SUSPENDED", "acts_delegated", SAME),
)
"""The principal leaves acts of its own to the agency."""

OBJECTIONS = (
    row(f"{RUNNING} SUSPENDED", "objection_raised", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED}", "objection_answered", SAME),
    row(f"{RUNNING} SUSPENDED", "objection_withdrawn", SAME),
)
"""Objections to the document and to the result."""

COMPLAINTS = (
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_received", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_acceptance_decided", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_time_stopped", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_time_resumed", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_decided", SAME),
)
"""Complaints to the supervisor."""

SUSPENSION = (
    row(f"{RUNNING} SUSPENDED", "hold_placed", SAME),
    row("SUSPENDED", "hold_lifted", SAME),
    row(RUNNING, "suspended", "SUSPENDED"),
    row("SUSPENDED", "resumed", RESUME),
    row(RUNNING, "rest_days_counted", SAME),
)
"""The lot stands still while something holds it."""

RE_EVALUATION = (
    row("EVALUATED PUBLICITY AWARDED NOTIFIED SUSPENDED INVALIDATED", "re_evaluation_ordered", "EVALUATING"),
)
"""A report is done again."""

ENDING = (
    row(f"{PREPARED} {HALL} PREQ_CLOSED PREQ_REVIEW CLOSED OPENING OPENED EVALUATING EVALUATED PUBLICITY AWARDED SELECTING DEAL NOTIFIED"
        " SUSPENDED", "failed", "FAILED"),
    row(f"{BEFORE_CONTRACT} SUSPENDED", "terminated", "TERMINATED"),
    row(f"{RUNNING} SUSPENDED", "invalidated", "INVALIDATED"),
    row(f"{ENDED} ARCHIVED", "attempt_created", SAME),
)
"""How a lot ends before its time, and what follows."""

MONEY = (
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED}", "deposits_checked", SAME),
)
"""Deposits go on in any state."""

EVIDENCE = (
    row(f"CONTRACTED PERFORMING COMPLETED {ENDED}", "archived", "ARCHIVED"),
    row("ARCHIVED", "archive_supplemented", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "disclosed", SAME),
    row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "document_issued", SAME),
)
"""So do disclosures and papers; the archive closes the lot."""
