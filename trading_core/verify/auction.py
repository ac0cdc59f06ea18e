"""An ascending auction from what everybody may know of it: every bid good in its place, no phase cut short, the result as it had to be.

Terms, bids, changes of phase and the reserve are public; nobody needs to know who bid under which number (docs/formats.md §7.12).
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .events import Event, Record
from .report import Broken, Check
from .schedule import NOTICES
from .text import Value, read_canonical

NAME, DEAL = "auction.follows", "deal.follows"
HALL = ("LISTING", "QUIET", "PREPARING", "TIMED", "EXERCISING")
NEXT = {
    "listing_started": "LISTING", "quiet_began": "QUIET", "timed_bidding_prepared": "PREPARING", "timed_bidding_began": "TIMED",
    "exercise_opened": "EXERCISING",
}  # fmt: skip
PLACES = ("bid_placed", "right_exercised")
LATENESS = timedelta(seconds=5)  # by which the clock of a phase may come after its end


@dataclass
class Hall:
    """Where the bidding stands. price: of the leader, None before the first bid. ends: of the phase. paused: when it was suspended."""

    rules: Value
    phase: str = ""
    ends: datetime | None = None
    number: int = 0
    leader: str = ""
    price: int | None = None
    terms: int = 0
    last: datetime | None = None
    changed: int = 0
    entrants: frozenset[str] = frozenset()
    bidders: set[str] = field(default_factory=set)
    wished: bool = False
    paused: datetime | None = None
    reserve: int | None = None
    result: Event | None = None

    def minutes(self, name: str) -> timedelta:
        return timedelta(minutes=_number(self.rules, name))

    def increment(self) -> int:
        """What the next bid must exceed the price by."""
        price = self.price or 0
        if self.changed:
            return self.changed
        if self.phase == "TIMED" and (timed := _number(self.rules, "timed_increment_fen")):
            return timed
        ladder = self.rules.get("ladder")
        steps = [(s["from_fen"].integer(), s["increment_fen"].integer(1)) for s in ladder.entries()] if ladder is not None else []
        return next((step for start, step in reversed(steps) if price >= start), self.rules["increment_fen"].integer(1))


def is_held(record: Record, lot: str) -> bool:
    """Whether the notice of the lot states rules of bidding."""
    return any(e.public["terms"].get("bidding") is not None for e in record.of(f"lot/{lot}", *NOTICES))


def check_deal(record: Record, lot: str) -> Iterator[Check]:
    """Confirmation, result and contract name the winner and the price of the bidding, or of who stepped in. Raises `Broken`."""
    deal: Event | None = None
    lost, steps = set[str](), 0
    for e in record.of(f"lot/{lot}"):
        if e.type in ("bidding_ended", "selected", "next_candidate_chosen"):
            if deal is not None and deal.public["bid"].text() not in lost:
                raise Broken(DEAL, e.where, "no other winner while the first stands", e.public["bid"].text())
            deal = e
        elif e.type == "candidate_lost":
            lost.add(e.public["bid"].text())
        elif e.type in ("deal_confirmed", "result_published", "contract_signed"):
            if deal is None or deal.public["bid"].text() in lost:
                raise Broken(DEAL, e.where, "a winner who stands", "none")
            for name in ("bid", "uscc", "price_fen"):
                if e.public[name].raw != deal.public[name].raw:
                    raise Broken(DEAL, e.where, f"{name} {deal.public[name].raw}", f"{e.public[name].raw}")
            steps += 1
    yield Check(DEAL, "holds" if steps else "not_shown", "events.jsonl", {"count": steps})


def check_auction(record: Record, lot: str) -> Iterator[Check]:
    """Every bid, phase and the result of the auction. Raises `Broken`."""
    hall: Hall | None = None
    for e in record.of(f"lot/{lot}"):
        if e.type in NOTICES and (bidding := e.public["terms"].get("bidding")) is not None:
            hall = Hall(bidding)
        elif hall is not None:
            _heed(record, hall, e)
    if hall is None:
        return
    if hall.result is not None:
        _check_result(record, lot, hall, hall.result)
    done = hall.result is not None and (hall.reserve is not None or not record.of(f"lot/{lot}", "reserve_entered"))
    figures: dict[str, str | int] = {"bids": hall.number, "price_fen": hall.price or 0, "paddle": hall.leader or "-"}
    yield Check(NAME, "holds" if done else "not_shown", "events.jsonl", figures)


def _heed(record: Record, hall: Hall, e: Event) -> None:
    if e.type in PLACES:
        _bid(hall, e)
    elif e.type == "timed_bidding_wished":
        hall.wished = True
    elif e.type == "increment_changed":
        hall.changed = e.public["increment_fen"].integer(1)
    elif e.type == "suspended":
        since = e.public.get("since")
        hall.paused = since.instant() if since is not None else e.at
    elif e.type == "resumed" and hall.paused is not None:
        _resume(hall, e)
    elif e.type == "phase_restored":
        hall.ends = e.public["ends"].instant()
    elif e.type in ("free_bidding_ended", "timed_bidding_ended", "exercise_ended"):
        _over(hall, e)
    elif e.type in ("bidding_ended", "failed") and (hall.phase or e.type == "bidding_ended"):
        hall.result = hall.result or e
    if e.type in NEXT:
        _enter(hall, e)


def _enter(hall: Hall, e: Event) -> None:
    """A phase begins, and lasts at least as long as the notice says."""
    before, hall.phase = hall.phase, NEXT[e.type]
    ends = e.public["ends"].instant()
    start = hall.ends if hall.ends is not None and before in HALL else e.at
    if before == "EXERCISING" and hall.last is not None:
        start = hall.last  # the round for those who may go higher counts from when the right was used
    if hall.phase == "LISTING":
        hall.ends = ends
        return
    least = {"QUIET": "quiet_minutes", "PREPARING": "preparation_minutes", "TIMED": "round_minutes", "EXERCISING": "priority_minutes"}
    whole = hall.minutes(least[hall.phase])
    begun = e.public.get("entrants")
    if begun is not None:
        hall.entrants = frozenset(begun.texts())
    if ends < min(start, e.at) + whole:
        raise Broken(NAME, e.where, f"an end at {(min(start, e.at) + whole).isoformat()} or later", ends.isoformat())
    hall.ends = ends


def _over(hall: Hall, e: Event) -> None:
    """A phase ends at its end and not before; nothing ends while it is interrupted."""
    answered = e.type == "exercise_ended"  # all right holders may have answered before
    if hall.paused is not None or hall.ends is None or (e.at < hall.ends and not answered):
        raise Broken(NAME, e.where, f"the end of the phase, {hall.ends.isoformat() if hall.ends else '-'}", e.at.isoformat())


def _resume(hall: Hall, e: Event) -> None:
    """What ran in rounds begins its round anew, what ran freely gets back what it lost."""
    whole = {"TIMED": "round_minutes", "EXERCISING": "priority_minutes", "PREPARING": "preparation_minutes"}.get(hall.phase)
    if hall.ends is not None and hall.paused is not None:
        hall.ends = e.at + hall.minutes(whole) if whole else hall.ends + (e.at - hall.paused)
    hall.paused = None


def _bid(hall: Hall, e: Event) -> None:
    p, right = e.public, e.type == "right_exercised"
    at, paddle, amount = p["received_at"].instant(), p["paddle"].word(), p["amount_fen"].integer(1)
    said = p.get("terms")
    terms, moved = said.integer(1) if said is not None else 0, p.get("ends")
    if p["number"].integer(1) != hall.number + 1:
        raise Broken(NAME, e.where, f"bid {hall.number + 1}", str(p["number"].integer(1)))
    free = () if right and not hall.rules["extension"].boolean() else ("LISTING",)
    if hall.paused is not None or hall.phase not in ("TIMED", *(("EXERCISING",) if right else ()), *free):
        raise Broken(NAME, e.where, "a phase in which is bid", hall.phase or "-")
    if hall.ends is None or at >= hall.ends or at > e.at or (hall.last is not None and at < hall.last):
        raise Broken(NAME, e.where, f"received before {hall.ends.isoformat() if hall.ends else '-'}", at.isoformat())
    if hall.phase == "TIMED" and paddle not in hall.entrants:
        raise Broken(NAME, e.where, "one of those who may bid now", paddle)
    if right:
        if amount != hall.price or paddle == hall.leader:
            raise Broken(NAME, e.where, f"the leading price, {hall.price}", str(amount))
    else:
        _amount(hall, e, amount, terms)
    _moved(hall, e, at, moved)
    hall.number, hall.leader, hall.price, hall.terms, hall.last = hall.number + 1, paddle, amount, terms, at
    hall.bidders.add(paddle)


def _amount(hall: Hall, e: Event, amount: int, terms: int) -> None:
    cap, start = _number(hall.rules, "cap_fen"), hall.rules["start_fen"].integer(1)
    if cap and hall.price == cap:
        step = _number(hall.rules, "terms_step")
        if amount != cap or terms < hall.terms + step or terms % step:
            raise Broken(NAME, e.where, f"at least {hall.terms + step} units at {cap}", f"{terms} at {amount}")
        return
    least = start if hall.price is None else hall.price + hall.increment()
    whole = not hall.rules["multiple"].boolean() or (amount - least) % hall.increment() == 0
    if amount == cap and cap:
        least, whole = min(least, cap), True
    if amount < least or not whole or (cap and amount > cap) or terms:
        raise Broken(NAME, e.where, f"{least} or more, by whole increments where they are asked for", str(amount))


def _moved(hall: Hall, e: Event, at: datetime, moved: Value | None) -> None:
    """A bid gives a whole round in timed bidding, and near the end of free bidding that prolongs itself; else the end stays."""
    whole = hall.minutes("round_minutes")
    near = hall.rules["extension"].boolean() and hall.phase == "LISTING" and hall.ends is not None and at >= hall.ends - whole
    wanted = at + whole if hall.phase == "TIMED" or near else None
    if (moved.instant() if moved is not None else None) != wanted:
        raise Broken(NAME, e.where, f"an end at {wanted.isoformat() if wanted else '-'}", moved.instant().isoformat() if moved else "-")
    hall.ends = wanted or hall.ends


def _check_result(record: Record, lot: str, hall: Hall, e: Event) -> None:
    """The highest bid that reaches the reserve, or no deal [F-07]."""
    for shown in record.of(f"lot/{lot}", "disclosed"):
        if shown.public["stream"].text() == f"lot/{lot}":
            hall.reserve = read_canonical(shown.public["private"].text(), f"{shown.where} private")["reserve_fen"].integer(1)
    met = hall.price is not None and (hall.reserve is None or hall.price >= hall.reserve)
    if e.type == "failed":
        if e.public["reason"].text() == "F-07" and met:
            raise Broken(NAME, e.where, f"a deal at {hall.price}", "none")
        return
    told = e.public["bid"].word(), e.public["price_fen"].integer(1), e.public["number"].integer(1)
    if not met or told != (hall.leader, hall.price, hall.number):
        raise Broken(NAME, e.where, f"{hall.leader or '-'} at {hall.price} with bid {hall.number}, if it reaches the reserve",
                     f"{told[0]} at {told[1]} with bid {told[2]}")  # fmt: skip


def _number(rules: Value, name: str) -> int:
    """A figure of the notice, 0 where it states none."""
    value = rules.get(name)
    return value.integer() if value is not None and value.raw is not None else 0
