"""The articles on which refusals of land and mining transactions rest, by the code of the problem."""
from __future__ import annotations

LAW = {
    "auction.above_cap": "04 §4.5", "auction.late": "LAND-FJ 53", "auction.not_admitted": "L-T03", "auction.not_in_timed": "39 19",
    "auction.not_multiple": "M-13", "auction.reserve_below_start": "39 10", "auction.reserve_entered": "39 10",
    "auction.reserve_not_now": "LAND-FJ 32", "auction.reserve_window": "04 §4.2", "auction.standing_only_raised": "L-B1",
    "auction.too_low": "39 18", "auction.cap_document_missing": "04 §4.5", "auction.wish_not_asked": "39 19",
    "award.winner_lost": "39 25", "deal.next_not_announced": "05 §5.5", "deposit.no_ground": "39 20", "deposit.not_winners": "L-T14",
    "lot.one_party_twice": "39 9", "registration.applied_before": "L-B3", "registration.in_a_consortium": "L-B3",
    "registration.late": "L-T03", "registration.not_yet": "L-T03", "registration.admitted_already": "L-B1",
}  # fmt: skip
