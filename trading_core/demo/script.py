"""What a trade's demonstration is about: the plugin's part, all of it data. The course of the trade is the mechanism's (`tender`)."""
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

    trade: code of the trade type. start: a working day on which the notice is published. terms: of the notice, without schedule and
    files. offers: six that come in time and are opened, the first rejected in review, and one that comes too late. points: for
    each of the six a score by item for the middle member. rows: of the experts' draw. fill_pool: enters the experts; people: expert
    number to person id. principal, agency, supervisor: names. attribution: of the data used.
    """

    trade: str
    start: date
    terms: Mapping[str, object]
    offers: Sequence[Offer]
    rows: Sequence[Mapping[str, object]]
    fill_pool: Callable[[Unit, Actor], object]
    people: Callable[[Platform], Mapping[str, str]]
    principal: str
    agency: str
    supervisor: str
    centre: str
    attribution: str
