"""An auction played on the pure engine: no database, no services, only decisions, events and a clock that the test moves."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone

from trading_core.adapters.db import codec
from trading_core.bootstrap import work_calendar
from trading_core.domain import engine
from trading_core.domain.auction import phases
from trading_core.domain.auction.hall import Hall
from trading_core.domain.events import Event, Recorded
from trading_core.domain.identity import CLOCK, Actor, Role
from trading_core.domain.leaves import canonical
from trading_core.domain.lifecycle import row
from trading_core.domain.lot import Lot
from trading_core.domain.stages import ending, lifecycle, registered_deposits, registering, suspending
from trading_core.domain.stages.registering import ADMITTED, Applicant, Registration
from trading_core.domain.trade import CatalogueEntry, Command, Facts, Stage, TradeType

CST = timezone(timedelta(hours=8))
START = Stage((row("", "created", "ANNOUNCED"), *lifecycle.CONTRACT))
TRADE = TradeType(
    code="floor", rules=date(2025, 1, 1), catalogue=(CatalogueEntry("X", "测试", "test"),), milestones=(), periods=(),
    deposits=registered_deposits.BOOK,
    stages=(START, registering.STAGE, suspending.STAGE, phases.STAGE, ending.stage()),
)
HOST = Actor("h", "org-host", Role.PRINCIPAL)
CENTRE = Actor("c", "org-centre", Role.CENTRE)


def at(text: str) -> datetime:
    """A moment of 9 March 2026, China time: ``15:20:00`` or ``15:20:00.5``."""
    return datetime.fromisoformat(f"2026-03-09T{text}").replace(tzinfo=CST).astimezone(UTC)


def bidding(**said: object) -> dict[str, object]:
    """What the notice states: increments of 100 above 12 000, timed bidding when somebody wishes it, rounds of five minutes."""
    return {
        "start_fen": 12_000, "increment_fen": 100, "multiple": False, "reserve": False, "bidders_min": 1, "quiet_minutes": 0,
        "timed_when": "always", "timed_entry": "registered", "preparation_minutes": 15, "round_minutes": 5, "extension": False,
        "priority": "none", **said,
    }  # fmt: skip


def bidder(paddle: str) -> Actor:
    return Actor(f"p{paddle}", f"org{paddle}", Role.BIDDER)


def lot(paddles: Sequence[str], rights: Mapping[str, int] | None = None, start: str = "09:00", end: str = "15:00", **said: object) -> Lot:
    """An announced lot whose bidders are admitted; free bidding from `start` to `end`."""
    held = rights or {}
    admitted = tuple(
        Applicant(n, f"org{p}", f"示例{p}公司", f"9153050000000000{n:02d}", at("08:00"), right=held.get(p, 0), status=ADMITTED, paddle=p)
        for n, p in enumerate(paddles, 1)
    )
    parties = {"principal": HOST.organisation, "centre": CENTRE.organisation}
    found = Lot("L1", "floor", "2025-01-01", status="ANNOUNCED", parties=parties, terms={"bidding": bidding(**said)},
                schedule={"listing_start": at(start), "listing_end": at(end)})  # fmt: skip
    return found.with_part(Registration(admitted, closed=True))


@dataclass
class Floor:
    """The lot as it goes on; `record` are its events. Every command passes through the decision, every event through a copy in JSON."""

    lot: Lot
    now: datetime = field(default_factory=lambda: at("08:30"))
    record: list[Recorded] = field(default_factory=list)

    def give(self, act: str, actor: Actor, **data: object) -> list[Recorded]:
        """Carry out a command now. Raises `Refused`."""
        facts = Facts(work_calendar(), {"reserve_disclosure": {}, "deposits": (), "paddles": ()})
        return [self._take(e) for e in engine.decide(TRADE, self.lot, Command(act, actor, data, self.now), facts)]

    def _take(self, event: Event) -> Recorded:
        public = json.loads(canonical(event.public))
        private = json.loads(canonical(event.private)) if event.private is not None else None
        recorded = Recorded("lot/L1", len(self.record) + 1, event.type, public, private, self.now)
        self.lot = engine.evolve(TRADE, self.lot, recorded)
        self.record.append(recorded)
        assert codec.decode(codec.encode(self.lot), TRADE.parts) == self.lot
        return recorded

    def until(self, text: str | datetime) -> Floor:
        """Let the clock run to this moment, doing all that becomes due on the way."""
        moment = at(text) if isinstance(text, str) else text
        while (due := engine.due(TRADE, self.lot)) is not None and due[0] <= moment:
            self.now = max(self.now, due[0])
            self.give(due[1], CLOCK)
        self.now = max(self.now, moment)
        return self

    def bid(self, paddle: str, amount: int, **more: object) -> list[Recorded]:
        return self.give("place_bid", bidder(paddle), amount_fen=amount, **more)

    @property
    def hall(self) -> Hall:
        return self.lot.part(Hall)

    @property
    def result(self) -> tuple[str, str, int]:
        """State, winner's number and price at the end."""
        last = next((r for r in reversed(self.record) if r.type in ("bidding_ended", "failed")), None)
        if last is None or last.type == "failed":
            return self.lot.status, "", 0
        return self.lot.status, str(last.public["bid"]), int(str(last.public["price_fen"]))


def changed(given: Lot, **values: object) -> Lot:
    return replace(given, **values)  # type: ignore[arg-type]
