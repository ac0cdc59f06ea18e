"""The state of a demonstration of a sealed tender: who plays, what they keep on their own machines, and how they reach the platform."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..adapters.crypto.keyfile import KeyFile
from ..client.bidder import Bid
from ..domain.identity import Actor, Role
from ..domain.lot import Lot
from ..domain.stages.offices import CENTRE, HOST, SUPERVISOR
from ..platform import Platform
from ..services import lots
from .cast import Cast, Member
from .script import Offer, Script
from .theatre import Theatre


@dataclass
class Company:
    """Everybody who plays, and what they keep from one trade to the next. keys: trustees' master secrets by trustee."""

    cast: Cast
    members: dict[str, Member] = field(default_factory=dict)
    bidders: list[Member] = field(default_factory=list)
    experts: dict[str, Member] = field(default_factory=dict)
    keys: dict[str, KeyFile] = field(default_factory=dict)


@dataclass
class Bidding:
    """A bidder at work: its offer, its own secrets, and what it keeps of what it was given. reference: of its deposit."""

    offer: Offer
    member: Member
    bid: Bid
    reference: str
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass
class Play:
    """A tender being played. parts: secret parts of draws by (draw, party). receipts: the last of each act. refusal: of the late bid."""

    theatre: Theatre
    script: Script
    folder: Path
    company: Company
    lot: str = ""
    parts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    biddings: list[Bidding] = field(default_factory=list)
    receipts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    refusal: Mapping[str, object] = field(default_factory=dict)

    @property
    def platform(self) -> Platform:
        return self.theatre.platform

    @property
    def agency(self) -> Member:
        return self.company.members["agency"]

    @property
    def principal(self) -> Member:
        return self.company.members["principal"]

    @property
    def centre(self) -> Member:
        return self.company.members["centre"]

    @property
    def in_time(self) -> list[Bidding]:
        """All bidders but the last, who comes too late."""
        return self.biddings[:-1]

    def trustee(self, who: str) -> Member:
        return self.company.members[{HOST: "agency", CENTRE: "centre", SUPERVISOR: "supervisor"}[who]]

    def act(self, member: Member, act: str, **data: object) -> dict[str, Any]:
        """Give a command over HTTP; its receipt."""
        self.receipts[act] = answer = member.remote.act(self.lot, act, **data)
        return answer

    def state(self) -> Lot:
        """What the desk sees of the lot, to know whose turn it is."""
        with self.platform.look() as unit:
            return lots.find(unit, self.lot)

    def file(self, member: Member, name: str, text: str) -> dict[str, object]:
        """Write a paper and upload it; its entry in a form."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return {"name": name, "sha256": member.remote.upload(path), "size": path.stat().st_size}

    def expert(self, number: str, person: str = "") -> Member:
        """An expert, who gets an account when called for the first time."""
        experts = self.company.experts
        if number not in experts:
            actor = Actor(person, self.centre.actor.organisation, Role.EXPERT)
            experts[number] = self.company.cast.open_account(self.centre.actor, actor, number, number.lower())
        return experts[number]
