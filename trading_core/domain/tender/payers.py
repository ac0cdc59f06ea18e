"""Whose money a deposit is: the bidder's own or a member's of its consortium, each from its one basic account [D-02, D-10].

A bank tells names and accounts, not which account is the basic one; but nobody has two of these.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..ledger import Deposit
from ..lot import Lot
from ..organisation import name_key
from ..stages.consortium import parties
from .opening import OpenedBid

OTHER_PAYER, OTHER_ACCOUNT = "other_payer", "other_account"


@dataclass(frozen=True, slots=True)
class Deposits:
    """What the last check found: bid id to result, and to the doubts about who paid, for the committee to decide."""

    results: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def doubts_of_payers(lot: Lot, bid: OpenedBid, paid: Sequence[Deposit]) -> Iterator[str]:
    """``other_payer``: somebody who does not bid here paid by the deadline; ``other_account``: one payer paid from several accounts.
    Nothing where the law does not ask for the tender, nor of money after the deadline, which anybody may send."""
    if lot.terms.get("mandatory") is False:
        return
    accounts: dict[str, set[str]] = defaultdict(set)
    for receipt in (d.receipt for d in paid):
        if receipt.paid_at <= lot.schedule["bid_deadline"]:
            accounts[name_key(receipt.payer_name)].add("".join(receipt.payer_account.split()))
    if accounts.keys() - {name_key(name) for _, name in parties(bid.uscc, bid.name, bid.members)}:
        yield OTHER_PAYER
    if any(len(of_payer) > 1 for of_payer in accounts.values()):
        yield OTHER_ACCOUNT
