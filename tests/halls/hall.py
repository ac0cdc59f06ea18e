"""A hall on a real platform: a lot of state property in free or timed bidding, its bidders admitted under numbers."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from plugins.property_rights.demo import house
from tests.world import TERMS as EXAMPLE
from tests.world import World, at
from trading_core.domain.auction.hall import Hall
from trading_core.domain.events import Event, instant_text
from trading_core.domain.identity import Actor
from trading_core.services import clockwork, organisations

PUBLISHED, REGISTERED, LISTED = at("2026-04-13T10:00"), at("2026-05-14T16:00"), at("2026-05-15T09:00")
LISTING_ENDS = at("2026-05-15T15:00")
START_FEN, STEP_FEN = 320_000_000, 100_000
BIDDING: dict[str, object] = {
    "start_fen": START_FEN, "increment_fen": STEP_FEN, "multiple": False, "reserve": False, "bidders_min": 1, "quiet_minutes": 0,
    "timed_when": "always", "timed_entry": "registered", "preparation_minutes": 0, "round_minutes": 5, "extension": False,
    "priority": "none",
}  # fmt: skip


def terms(**bidding: object) -> dict[str, object]:
    """A lawful notice of a house, the bidding as stated here."""
    schedule = {"registration_deadline": REGISTERED, "listing_start": LISTED, "listing_end": LISTING_ENDS}
    return {
        **house().terms, "tender_documents": EXAMPLE["tender_documents"], "right_holders": [], "bidding": {**BIDDING, **bidding},
        "schedule": {name: moment.isoformat() for name, moment in schedule.items()},
    }  # fmt: skip


def published(world: World, **bidding: object) -> str:
    """A lot whose notice is out."""
    world.clock.move_to(max(world.clock.now(), PUBLISHED))
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    lot = world.create(parties, "property")
    world.give(lot, "draft", world.agency, **terms(**bidding))
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    world.give(lot, "publish", world.principal)
    return lot


def admit(world: World, lot: str, bidders: Sequence[Actor], rights: Sequence[int] = ()) -> None:
    """Applied, approved, paid and numbered from 101 on. rights: rank of the right of priority of the first ones."""
    events = []
    with world.platform.unit() as unit:
        for n, bidder in enumerate(bidders, 1):
            known = organisations.known(unit, bidder.organisation)
            applied = {"organisation": bidder.organisation, "name": known.name, "uscc": known.uscc, "files": [], "reference": f"R{n}",
                       "right": 0}  # fmt: skip
            events.append(Event("registration_applied", {"number": n}, applied))
            right = rights[n - 1] if n <= len(rights) else 0
            events.append(Event("registration_decided", {"number": n, "approved": True}, {"reason": "", "right": right}))
        admitted = [{"number": n, "paddle": str(100 + n)} for n in range(1, len(bidders) + 1)]
        events += [Event("bidders_admitted", {}, {"admitted": admitted}), Event("registration_closed")]
        unit.store.append(f"lot/{lot}", unit.store.version(f"lot/{lot}"), events, unit.now)


def listing(world: World, bidders: Sequence[Actor], rights: Sequence[int] = (), **bidding: object) -> str:
    """A lot in free bidding."""
    lot = published(world, **bidding)
    admit(world, lot, bidders, rights)
    run_to(world, LISTED)
    assert world.lot(lot).status == "LISTING"
    return lot


def timed(world: World, bidders: Sequence[Actor], rights: Sequence[int] = (), **bidding: object) -> str:
    """A lot in its first round of timed bidding; the first bidder has bid the starting price."""
    lot = listing(world, bidders, rights, **bidding)
    world.give(lot, "place_bid", bidders[0], amount_fen=START_FEN)
    run_to(world, LISTING_ENDS + timedelta(seconds=2))
    assert world.lot(lot).status == "TIMED"
    return lot


def run_to(world: World, moment: datetime) -> None:
    world.clock.move_to(moment)
    while clockwork.tick(world.platform):
        pass


def bidders(world: World, count: int) -> list[Actor]:
    return [world.bidder(f"竞买示例第{n}有限公司").actor for n in range(1, count + 1)]


def hall(world: World, lot: str) -> Hall:
    return world.lot(lot).part(Hall)


def placed(world: World, lot: str) -> list[tuple[int, str, int]]:
    """Number, bidder's number and amount of every bid on record, in order."""
    with world.platform.look() as unit:
        said = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type in ("bid_placed", "right_exercised")]
    return [(cast("int", p["number"]), str(p["paddle"]), cast("int", p["amount_fen"])) for p in said]


def end_of(world: World, lot: str) -> str:
    return instant_text(world.lot(lot).schedule["phase_end"])
