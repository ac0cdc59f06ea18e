"""What trades by ascending auction have in common: their stages, the bar of their milestones, the part of the form on bidding and dates,
the pieces of their archive. A declaration adds what is its own."""
from __future__ import annotations

from collections.abc import Mapping

from ..fields import Field
from ..stages import (
    amending,
    announcing,
    archiving,
    complaining,
    contracting,
    dealing,
    delegating,
    ending,
    registering,
    remedies,
    suspending,
)
from ..stages.announcing import FILE
from ..stages.excluding import EXCLUDED
from ..trade import Milestone, Stage
from ..volume import ArchiveRule, Piece, did, never, paper, unless
from . import phases
from .rules import FIELDS

MILESTONES = (
    Milestone("announcement", frozenset({"ANNOUNCED"})),
    Milestone("listing", frozenset({"LISTING", "QUIET"})),
    Milestone("timed_bidding", frozenset({"PREPARING", "TIMED", "EXERCISING"})),
    Milestone("deal", frozenset({"DEAL", "NOTIFIED"})),
    Milestone("contract", frozenset({"CONTRACTED", "PERFORMING", "COMPLETED", "ARCHIVED"})),
)
SCHEDULE = Field("schedule", "object", fields=(
    Field("registration_start", "instant", required=False), Field("registration_deadline", "instant"),
    Field("listing_start", "instant", required=False), Field("listing_end", "instant", required=False),
    Field("auction_start", "instant", required=False)))  # fmt: skip
CONTACT = Field("contact", "object", fields=(Field("name"), Field("person"), Field("phone"), Field("address", required=False)))
FORM = (
    Field("bidding", "object", fields=FIELDS),
    Field("deposit_fen", "money"),
    Field("deposit_account", required=False),
    Field("approval", "boolean", required=False),
    Field("next_bidder", "boolean", required=False),
    Field("qualification", "long_text"),
    Field("consortium", "boolean"),
    EXCLUDED,
    Field("tender_documents", "list", minimum=1, maximum=20, fields=FILE),
    CONTACT,
    Field("supervisor_contact", required=False),
    Field("outside_catalogue_reason", "long_text", required=False),
    Field("rest_day_reasons", "map", required=False),
    SCHEDULE,
)
"""What every notice of an auction states beside its object."""


def stages(
    form: tuple[Field, ...], changeable: Mapping[str, str], contract: tuple[Field, ...], archive: ArchiveRule
) -> tuple[Stage, ...]:
    """The stages of an auction from the draft to the archive. changeable: terms that an amendment may change, with their rules."""
    return (
        announcing.stage(form), amending.stage(form, changeable), registering.STAGE, delegating.STAGE, remedies.STAGE, complaining.STAGE,
        suspending.STAGE, phases.STAGE, dealing.STAGE, ending.stage(*dealing.FAILURES), contracting.stage(contract),
        archiving.stage(archive),
    )  # fmt: skip


def archive(prefix: str, years: int) -> ArchiveRule:
    """The volume of an auction [12 §12.3]; prefix: with which the numbers of its pieces begin."""
    return ArchiveRule((
        Piece(f"{prefix}1.1", never),  # the approved plan is handed in
        paper(f"{prefix}1.2", "announcement", unless("not_published", did("published"))),
        Piece(f"{prefix}1.3", did("registration_decided", "bidders_admitted"), unless("no_applications", did("registration_applied"))),
        Piece(f"{prefix}2.1", did("bid_placed"), unless("no_bids", did("bid_placed"))),
        Piece(f"{prefix}2.2", did("bidding_ended", "failed"), unless("not_held", never)),
        paper(f"{prefix}3.1", "deal_confirmation", unless("no_deal", did("deal_confirmed"))),
        paper(f"{prefix}3.2", "result_notice", unless("no_deal", did("result_published"))),
        Piece(f"{prefix}3.3", did("contract_signed"), unless("no_contract", did("contract_signed")), ("contract_summary",)),
        Piece(f"{prefix}4.1", did("suspended", "failed", "terminated", "invalidated", "candidate_lost"),
              unless("nothing_irregular", never), ("notice",)),
        Piece(f"{prefix}4.2", did("objection_answered"), unless("no_objection", did("objection_raised")), ("objection_answer",)),
    ), years)  # fmt: skip
