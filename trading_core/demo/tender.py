"""A sealed tender from announcement to archive, scene by scene: every act is given over HTTP by the side that may give it."""
from __future__ import annotations

from collections.abc import Callable, Mapping

from . import announcing, awarding, bidding, evaluating, opening
from .play import Play

SCENES: Mapping[str, Callable[[Play], None]] = {
    "register": announcing.register,
    "draft": announcing.draft,
    "publish": announcing.publish,
    "commit": announcing.commit,
    "questions": announcing.questions,
    "early_bid": announcing.early_bid,
    "amend": announcing.amend,
    "bids": bidding.bids,
    "experts_drawn": bidding.experts_drawn,
    "deadline": bidding.deadline,
    "opening": opening.opening,
    "money": opening.money,
    "committee": evaluating.committee,
    "review": evaluating.review,
    "scores": evaluating.scores,
    "prices": opening.prices,
    "report": evaluating.report,
    "candidates": awarding.candidates,
    "objection": awarding.objection,
    "award": awarding.award,
    "contract": awarding.contract,
    "performance": awarding.performance,
    "archive": awarding.archive,
}
"""Scenes in their order; their titles are the messages ``demo.scene.<name>``."""
