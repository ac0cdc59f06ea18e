"""What a trade's demonstration is about: the plugin's part, all of it data. The course of the trade is the mechanism's (`course`)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..domain.identity import Actor
from ..platform import Platform, Unit


@dataclass(frozen=True, slots=True)
class Offer:
    """A bidder and what it offers. corrected: the price in words says another amount, which the rules make count; 0 when it agrees."""

    bidder: str
    price_fen: int
    letter: Mapping[str, object]
    corrected_fen: int = 0


@dataclass(frozen=True)
class Script:
    """One trade to be played.

    course: the mechanism whose scenes are played, a module beside this one. trade: code of the trade type. start: a working day on which
    the notice is published. terms: of the notice, without schedule and files. offers: who bids, and what. principal, agency, supervisor:
    names. attribution: of the data used.
    """

    course: str
    trade: str
    start: date
    terms: Mapping[str, object]
    offers: Sequence[Offer]
    principal: str
    agency: str
    supervisor: str
    centre: str
    attribution: str


@dataclass(frozen=True)
class TenderScript(Script):
    """offers: six that come in time and are opened, the first rejected in review, and one that comes too late. rows: of the experts' draw.
    fill_pool: enters the experts; people: expert number to person id."""

    rows: Sequence[Mapping[str, object]] = ()
    fill_pool: Callable[[Unit, Actor], object] = lambda unit, actor: None
    people: Callable[[Platform], Mapping[str, str]] = lambda platform: {}


@dataclass(frozen=True, slots=True)
class Move:
    """A bid of an auction, so many minutes after the scene began, by the bidder of this place in the offers: at least this amount, of
    nothing the wish for timed bidding or the right of priority. standing: it is left with the service."""

    minutes: int
    bidder: int
    amount_fen: int
    standing: bool = False


@dataclass(frozen=True)
class AuctionScript(Script):
    """free, timed: moves in the last hour of free bidding and in timed bidding. reserve_fen: 0 for none. refused: place of the bidder whose
    application is refused."""

    free: Sequence[Move] = ()
    timed: Sequence[Move] = ()
    reserve_fen: int = 0
    refused: int = -1
