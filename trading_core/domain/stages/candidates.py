"""The candidates that a committee recommends [02 §2.8]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from . import consortium


@dataclass(frozen=True, slots=True)
class Candidate:
    """One recommended bid. rank counts from 1. bidder, uscc: name and code of the organisation. price_fen: the bid price after a
    confirmed arithmetic correction, never the evaluated price. total: the score or evaluated price as ranked. form: what the bid
    states. members: of a consortium, leader first."""

    rank: int
    bid: str
    bidder: str
    uscc: str
    price_fen: int
    total: str
    form: Mapping[str, object] = field(default_factory=dict)
    members: tuple[consortium.Member, ...] = ()


def stated(candidate: Candidate) -> dict[str, object]:
    """A candidate as events write it."""
    together = {"members": consortium.stated(candidate.members)} if candidate.members else {}
    return {
        "rank": candidate.rank, "bid": candidate.bid, "bidder": candidate.bidder, "uscc": candidate.uscc,
        "price_fen": candidate.price_fen, "total": candidate.total, "form": dict(candidate.form), **together,
    }  # fmt: skip


def read(said: Mapping[str, object]) -> Candidate:
    """The candidate that `stated` wrote."""
    return Candidate(
        cast("int", said["rank"]), str(said["bid"]), str(said["bidder"]), str(said["uscc"]), cast("int", said["price_fen"]),
        str(said["total"]), cast("Mapping[str, object]", said["form"]), consortium.read(said.get("members")),
    )  # fmt: skip
