"""The order of acts in a lot's stream, as one table: what stands before an act, and after what it cannot come (docs/formats.md §7.11)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .events import Record
from .report import Broken, Check
from .schedule import NOTICES
from .sources import RECORDED

NAME, UNTIL = "events.order", "events.until"
CHOICES = ("award_decided", "bidding_ended", "selected", "next_candidate_chosen", "next_qualified_chosen")
OVER = ("failed", "terminated", "document_illegal", "document_defective", "archived")
"""After these nobody opens, evaluates, awards or contracts any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act may stand: after one of `after` (anywhere when that is empty), and after none of `never`. Its own name there: once."""

    after: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


EVALUATED = ("report_submitted", "candidates_published", *CHOICES, *OVER)
"""After these no bid is evaluated any more."""

PLACES = {
    **dict.fromkeys(("drafted", "submitted_for_publication", "recalled", "cancelled"), Place(never=(*NOTICES, "cancelled", *OVER))),
    **dict.fromkeys(NOTICES, Place(never=(*NOTICES, "cancelled", *OVER))),
    "prequalification_issuing_started": Place(("prequalification_published",), ("prequalification_closed", *OVER)),
    "application_received": Place(("prequalification_published",), ("prequalification_decided", *OVER)),
    "prequalification_closed": Place(("prequalification_published",), ("prequalification_closed", *OVER)),
    **dict.fromkeys(
        ("prequalification_review_started", "application_review_started", "prequalification_decided"),
        Place(("prequalification_closed",), ("prequalification_decided", "closed", *OVER)),
    ),
    **dict.fromkeys(
        ("application_reviewed", "application_review_summarised", "application_review_submitted"),
        Place(("application_review_started",), ("prequalification_decided", *OVER)),
    ),
    **dict.fromkeys(("issuing_started", "bidding_opened", "amended", "clarified", "question_asked"), Place(NOTICES, ("closed", *OVER))),
    **dict.fromkeys(
        ("registration_applied", "registration_withdrawn", "registration_decided", "bidders_admitted", "registration_closed",
         "registration_extended", "reserve_entered"), Place(NOTICES, ("bidding_ended", *OVER)),
    ),
    "listing_started": Place(NOTICES, ("listing_started", "bidding_ended", *OVER)),
    **dict.fromkeys(
        ("quiet_began", "free_bidding_ended", "timed_bidding_wished"), Place(("listing_started",), ("free_bidding_ended", *OVER)),
    ),
    "timed_bidding_prepared": Place(NOTICES, ("timed_bidding_prepared", "bidding_ended", *OVER)),
    **dict.fromkeys(
        ("timed_bidding_began", "timed_bidding_ended"), Place(("timed_bidding_prepared", "right_exercised"), ("bidding_ended", *OVER)),
    ),
    **dict.fromkeys(
        ("bid_placed", "standing_bid_left", "increment_changed", "phase_restored"),
        Place(("listing_started", "timed_bidding_prepared"), ("bidding_ended", *OVER)),
    ),
    **dict.fromkeys(("exercise_opened", "right_exercised"), Place(("bid_placed",), ("bidding_ended", *OVER))),
    **dict.fromkeys(("right_waived", "exercise_ended"), Place(("exercise_opened",), ("bidding_ended", *OVER))),
    "bidding_ended": Place(("bid_placed",), ("bidding_ended", *OVER)),
    "certificate_issued": Place(("performance_started",), ("certificate_issued", *OVER)),
    "selection_started": Place(("registration_closed",), ("selection_started", *OVER)),
    **dict.fromkeys(("lots_drawn", "selected"), Place(("selection_started",), ("selected", *OVER))),
    **dict.fromkeys(("service_paused", "service_continued", "service_ended"), Place(("performance_started",), ("accepted", *OVER))),
    "service_rated": Place(("accepted", "contract_ended"), OVER),
    "deal_confirmed": Place(CHOICES, ("deal_confirmed", *OVER)),
    "closed": Place(NOTICES, ("closed", *CHOICES, *OVER)),
    "opening_started": Place(("closed",), ("opening_started", *CHOICES, *OVER)),
    **dict.fromkeys(("key_released", "bid_opened", "stage_opened"), Place(("opening_started",), OVER)),
    **dict.fromkeys(
        ("opening_attended", "draw_part_overdue"), Place(("opening_started",), ("opening_finished", "evaluation_started", *OVER)),
    ),
    **dict.fromkeys(
        ("opening_objected", "opening_answered", "opening_confirmed"), Place(("opening_started",), ("opening_finished", *OVER)),
    ),
    "parameter_drawn": Place(("opening_started",), ("opening_finished", "evaluation_started", *OVER)),
    "opening_finished": Place(("opening_started",), ("opening_finished", "evaluation_started", *OVER)),
    "second_opening_finished": Place(("evaluation_started",), ("second_opening_finished", "candidates_published", *OVER)),
    "evaluation_started": Place(("opening_started",), ("evaluation_started", *OVER)),
    **dict.fromkeys(
        (*sorted(RECORDED), "review_finished", "clarification_requested", "clarification_answered", "resolution_proposed",
         "resolution_voted", "time_called_short", "evaluation_time_extended", "committee_reformed", "evaluation_summarised"),
        Place(("opening_started",), EVALUATED),
    ),
    "technical_summarised": Place(("opening_started",), ("technical_summarised", *EVALUATED)),
    "report_submitted": Place(never=EVALUATED),
    **dict.fromkeys(("standing_reported", "bid_revoked"), Place(("bid_opened",), ("award_letter_issued", "contract_signed", *OVER))),
    **dict.fromkeys(
        ("validity_extension_asked", "validity_extension_answered"),
        Place(("opening_started",), ("award_letter_issued", "contract_signed", *OVER)),
    ),
    "candidates_published": Place(never=(*CHOICES, *OVER)),
    "publicity_ended": Place(("candidates_published",), (*CHOICES, *OVER)),
    **dict.fromkeys(
        ("re_examination_asked", "candidate_re_examined"),
        Place(("candidates_published", *CHOICES), ("award_letter_issued", "contract_signed", *OVER)),
    ),
    "candidate_lost": Place(("report_submitted", "candidates_published", *CHOICES), ("contract_signed", *OVER)),
    "award_decided": Place(never=(*CHOICES, *OVER)),
    "next_candidate_chosen": Place(CHOICES, ("contract_signed", *OVER)),
    "next_qualified_chosen": Place(("invalidated",), OVER),
    "award_letter_issued": Place(CHOICES, ("award_letter_issued", *OVER)),
    "result_published": Place(CHOICES, OVER),
    "contract_signed": Place(("award_letter_issued", "deal_confirmed"), ("contract_signed", *OVER)),
    **dict.fromkeys(
        ("contract_confirmed", "performance_started", "performance_noted", "contract_ended"), Place(("contract_signed",), OVER),
    ),
    "accepted": Place(("performance_started",), OVER),
    **dict.fromkeys(("failed", "terminated", "document_illegal", "document_defective"), Place(never=("contract_signed", *OVER))),
    "archived": Place(("contract_signed", "invalidated", "cancelled", *OVER), ("archived",)),
    "archive_supplemented": Place(("archived",)),
    "attempt_created": Place(("invalidated", "cancelled", *OVER), ("attempt_created",)),
}
"""What is not named here may come at any time, or another check looks at it: docs/formats.md §7.11 says which."""

AWARDED = ("award_letter_issued", "deal_confirmed", "contract_signed")
VOIDS = {
    "evaluation_started": ("opening_finished",),  # what waits for the technical result is read out in a second opening
    "re_evaluation_ordered": (
        "technical_summarised", "evaluation_summarised", "report_submitted", "candidates_published", "result_published", "invalidated",
        *CHOICES, *AWARDED,
    ),
    **dict.fromkeys(CHOICES, AWARDED),
}  # fmt: skip
"""What an act takes back: it counts as not done from then on. The next winner has a letter and a contract of its own."""


ENDED = (*OVER, "invalidated")
GOES_ON = {"next_qualified_chosen": ("invalidated",), "re_evaluation_ordered": ("invalidated",)}


def check_until(record: Record, lot: str) -> Check:
    """How far the lot's stream reaches: no file can show that nothing came later. Noted while the lot has not ended."""
    ended: set[str] = set()
    events = record.of(f"lot/{lot}")
    for e in events:
        ended -= set(GOES_ON.get(e.type, ()))
        ended |= {e.type} & set(ENDED)
    last = events[-1]
    return Check(UNTIL, "holds" if ended else "noted", last.where, {"stream": last.stream, "version": last.version})


def check_order(record: Record, lot: str) -> Iterator[Check]:
    """Every act of the lot stands where it may. Raises `Broken`."""
    standing: dict[str, str] = {}
    count = 0
    for e in record.of(f"lot/{lot}"):
        if (place := PLACES.get(e.type)) is not None:
            if place.after and standing.keys().isdisjoint(place.after):
                raise Broken(NAME, e.where, f"{e.type} after {' or '.join(place.after)}", "none of these before it")
            if barred := next((name for name in place.never if name in standing), None):
                raise Broken(NAME, e.where, f"no {e.type} after {barred}", standing[barred])
            count += 1
        for name in VOIDS.get(e.type, ()):
            standing.pop(name, None)
        standing[e.type] = e.where
    yield Check(NAME, "holds" if count else "not_shown", "events.jsonl", {"count": count})
