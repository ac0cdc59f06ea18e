"""The one table of a sealed tender's states [01 §1.2.1, §1.2.2]."""
from __future__ import annotations

from ..lifecycle import RESUME, SAME, Lifecycle, row

NEW = ""  # before the first event there is no lot

PREPARED = "ANNOUNCED ISSUING BIDDING"
PREQUALIFICATION = "PREQ_ANNOUNCED PREQ_ISSUING PREQ_CLOSED PREQ_REVIEW"
BEFORE_CONTRACT = f"{PREQUALIFICATION} {PREPARED} CLOSED OPENING OPENED EVALUATING EVALUATED PUBLICITY AWARDED"
RUNNING = f"{BEFORE_CONTRACT} NOTIFIED CONTRACTED PERFORMING"
FORMING = "PREQ_CLOSED PREQ_REVIEW ISSUING BIDDING CLOSED OPENING OPENED EVALUATING"  # of the committee: for applications, then for bids
SITTING = "PREQ_CLOSED PREQ_REVIEW OPENED EVALUATING"
ENDED = "FAILED TERMINATED INVALIDATED"

TENDER = Lifecycle(
    NEW,
    (
        row("", "created", "DRAFT"),
        row("DRAFT", "drafted", SAME),
        row("DRAFT", "submitted_for_publication", "READY"),
        row("READY", "recalled", "DRAFT"),
        row("DRAFT READY", "cancelled", "TERMINATED"),
        row("READY", "published", "ANNOUNCED"),
        row("READY", "invitations_sent", "ISSUING"),
        row("ANNOUNCED", "issuing_started", "ISSUING"),
        row("ANNOUNCED ISSUING", "bidding_opened", "BIDDING"),
        # prequalification branch
        row("READY", "prequalification_published", "PREQ_ANNOUNCED"),
        row("PREQ_ANNOUNCED", "prequalification_issuing_started", "PREQ_ISSUING"),
        row("PREQ_ISSUING PREQ_CLOSED PREQ_REVIEW", "application_received", SAME),  # a late one is refused with its reason
        row("PREQ_ISSUING", "prequalification_closed", "PREQ_CLOSED"),
        row("PREQ_CLOSED", "prequalification_review_started", "PREQ_REVIEW"),
        row("PREQ_CLOSED", "application_review_started", "PREQ_REVIEW"),
        row("PREQ_REVIEW", "application_reviewed", SAME),
        row("PREQ_REVIEW", "application_review_summarised", SAME),
        row("PREQ_REVIEW", "application_review_submitted", SAME),
        row("PREQ_REVIEW", "prequalification_decided", "ISSUING"),
        # while bids are prepared
        row(f"{PREPARED} PREQ_ANNOUNCED PREQ_ISSUING", "amended", SAME),
        row(f"{PREPARED} PREQ_ANNOUNCED PREQ_ISSUING", "question_asked", SAME),
        row(f"{PREPARED} PREQ_ANNOUNCED PREQ_ISSUING", "clarified", SAME),
        row(f"{PREPARED} SUSPENDED", "document_illegal", "TERMINATED"),
        row(f"READY {PREPARED} {PREQUALIFICATION} SUSPENDED", "trustee_key_registered", SAME),
        row(f"READY {PREPARED} {PREQUALIFICATION} SUSPENDED", "trustee_key_rehearsed", SAME),
        # draws: commitments first, later the pool and the reveal
        row(f"READY {BEFORE_CONTRACT} SUSPENDED", "draw_committed", SAME),
        row(FORMING, "draw_pool_frozen", SAME),
        row(FORMING, "draw_part_received", SAME),
        row(FORMING, "draw_revealed", SAME),
        row(FORMING, "experts_drawn", SAME),
        row(FORMING, "expert_answered", SAME),
        row(FORMING, "representative_named", SAME),
        row("OPENING", "parameter_drawn", SAME),
        row("OPENING", "draw_part_overdue", SAME),
        # deadline and opening; a bid that comes too late is refused with its reason, so the table knows it until the trade is over
        row(f"{BEFORE_CONTRACT} SUSPENDED", "bid_submitted", SAME),
        row("BIDDING", "closed", "CLOSED"),
        row("CLOSED", "opening_started", "OPENING"),
        row("OPENING EVALUATING", "key_released", SAME),
        row("OPENING EVALUATING", "bid_opened", SAME),
        row("OPENING EVALUATING", "stage_opened", SAME),
        row("OPENING", "opening_attended", SAME),
        row("OPENING", "opening_objected", SAME),
        row("OPENING", "opening_answered", SAME),
        row("OPENING", "opening_confirmed", SAME),
        row("OPENING", "opening_finished", "OPENED"),
        # evaluation
        row(SITTING, "seat_signed_in", SAME),
        row(SITTING, "seat_recused", SAME),
        row(SITTING, "chair_voted", SAME),
        row(SITTING, "chair_elected", SAME),
        row("OPENED", "evaluation_started", "EVALUATING"),
        row("EVALUATING", "rejection_proposed", SAME),
        row("EVALUATING", "rejection_voted", SAME),
        row("EVALUATING", "resolution_proposed", SAME),
        row("EVALUATING", "resolution_voted", SAME),
        row("EVALUATING", "price_adjusted", SAME),
        row("EVALUATING", "review_finished", SAME),
        row("EVALUATING", "clarification_requested", SAME),
        row("EVALUATING", "clarification_answered", SAME),
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
        row("EVALUATING", "document_defective", "TERMINATED"),
        # award
        row("EVALUATED PUBLICITY", "candidates_published", "PUBLICITY"),
        row("PUBLICITY", "publicity_ended", SAME),
        row("EVALUATED PUBLICITY", "award_decided", "AWARDED"),
        row("PUBLICITY AWARDED NOTIFIED", "candidate_lost", SAME),
        row("PUBLICITY AWARDED", "re_examination_asked", SAME),
        row("PUBLICITY AWARDED", "candidate_re_examined", SAME),
        row("AWARDED NOTIFIED", "next_candidate_chosen", "AWARDED"),
        row("AWARDED", "award_letter_issued", "NOTIFIED"),
        row("AWARDED NOTIFIED CONTRACTED PERFORMING COMPLETED", "result_published", SAME),  # upper limits never block [T-15]
        row("NOTIFIED", "contract_signed", "CONTRACTED"),
        row("CONTRACTED PERFORMING", "contract_confirmed", SAME),
        row("AWARDED NOTIFIED CONTRACTED PERFORMING COMPLETED INVALIDATED ARCHIVED", "written_report_filed", SAME),
        row("CONTRACTED", "performance_started", "PERFORMING"),
        row("CONTRACTED PERFORMING COMPLETED", "performance_noted", SAME),
        row("PERFORMING", "accepted", "COMPLETED"),
        row("CONTRACTED PERFORMING", "contract_ended", "COMPLETED"),
        row(f"CONTRACTED PERFORMING COMPLETED {ENDED}", "archived", "ARCHIVED"),
        row("ARCHIVED", "archive_supplemented", SAME),
        row(f"DRAFT READY {RUNNING} SUSPENDED", "acts_delegated", SAME),
        row("OPENED EVALUATING EVALUATED PUBLICITY AWARDED SUSPENDED", "validity_extension_asked", SAME),
        row("OPENED EVALUATING EVALUATED PUBLICITY AWARDED SUSPENDED", "validity_extension_answered", SAME),
        # remedies and disturbances
        row(f"{RUNNING} SUSPENDED", "objection_raised", SAME),
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED}", "objection_answered", SAME),
        row(f"{RUNNING} SUSPENDED", "objection_withdrawn", SAME),
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_received", SAME),
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_acceptance_decided", SAME),
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "complaint_decided", SAME),
        row(f"{RUNNING} SUSPENDED", "hold_placed", SAME),
        row("SUSPENDED", "hold_lifted", SAME),
        row(RUNNING, "suspended", "SUSPENDED"),
        row("SUSPENDED", "resumed", RESUME),
        row("EVALUATED PUBLICITY AWARDED NOTIFIED SUSPENDED INVALIDATED", "re_evaluation_ordered", "EVALUATING"),
        row(f"PREQ_REVIEW CLOSED EVALUATING EVALUATED PUBLICITY AWARDED NOTIFIED SUSPENDED OPENING OPENED {PREPARED}", "failed", "FAILED"),
        row(f"{BEFORE_CONTRACT} SUSPENDED", "terminated", "TERMINATED"),
        row(f"{RUNNING} SUSPENDED", "invalidated", "INVALIDATED"),
        row("INVALIDATED", "next_qualified_chosen", "AWARDED"),
        row(f"{ENDED} ARCHIVED", "attempt_created", SAME),
        # money and evidence go on in any state
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "disclosed", SAME),
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED}", "deposits_checked", SAME),
        row(f"{RUNNING} SUSPENDED COMPLETED {ENDED} ARCHIVED", "document_issued", SAME),
    ),
)
