"""What the clock does with an auction: each phase begins and ends by itself, and the last one gives the result [04 §4.4, 05 §5.4].

Nothing ends while nobody may be able to reach the site; what was interrupted gets its whole span again [S-06]. The reserve is compared
once, at the very end, and nobody learns of it before [04 §4.9].
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK
from ..stages.award import Award, Recommended, recommend
from ..stages.candidates import Candidate, read, stated
from ..stages.registering import GRACE, Registration
from ..trade import Act, Command, Facts, Stage, TradeType
from . import bidding, hosting, priority
from .bidding import answered, moved
from .entry import END, EXERCISING, LISTING, PREPARING, TIMED, askable, entrants, is_capped, received
from .hall import Bid, Hall
from .rules import ALWAYS, HOUR, LAST_HOUR, NONE, WISHED, WITHIN, Rules, rules_of

PROMPT = timedelta(seconds=5)  # what the clock needs, with the moment for what is on its way
LISTING_START, LISTING_END, AUCTION_START = "listing_start", "listing_end", "auction_start"


# ------------------------------------------------------------------ the beginning

def _start_listing(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Free bidding begins. Its end keeps its distance from the planned beginning, so that a late one shortens nothing."""
    late = command.received_at - lot.schedule[LISTING_START]
    late = late if late > PROMPT else timedelta(0)
    ends = lot.schedule[LISTING_END] + late
    return [Event("listing_started", {"listing_end": instant_text(ends), "ends": instant_text(ends - rules_of(lot.terms).quiet)})]


def on_time(lot: Lot, now: datetime) -> datetime:
    """The instant from which the next phase counts: the planned one, unless the clock comes to it so late that it would cut it short."""
    planned = lot.schedule.get(END, now)
    return planned if now - planned <= PROMPT else now


def _start_auction(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """An auction without free bidding: enough bidders, or none takes place [04 §4.3, M-14]."""
    rules, admitted = rules_of(lot.terms), lot.part(Registration).admitted()
    if len(admitted) < rules.bidders_min:
        return [Event("failed", {"reason": "F-01", "count": len(admitted), "minimum": rules.bidders_min})]
    return [_preparing(rules, [a.paddle for a in admitted], command.received_at)]


def _preparing(rules: Rules, who: Sequence[str], now: datetime) -> Event:
    return Event("timed_bidding_prepared", {"entrants": list(who), "ends": instant_text(now + rules.preparation)})


# ------------------------------------------------------------------ free bidding ends

def _begin_quiet(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("quiet_began", {"ends": instant_text(lot.schedule[END] + rules_of(lot.terms).quiet)})]


def _end_free(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The listing is over: timed bidding decides, or the highest bid does, or there is none [39 19]."""
    rules, hall = rules_of(lot.terms), lot.part(Hall)
    ended = Event("free_bidding_ended", {"bids": hall.count, "bidders": len(hall.bidders)})
    if goes_on(rules, lot, hall):
        return [ended, _preparing(rules, entrants(rules, lot, hall), on_time(lot, command.received_at))]
    return [ended, *_concluded(rules, lot, command.received_at, facts)]


def goes_on(rules: Rules, lot: Lot, hall: Hall) -> bool:
    """Whether timed bidding follows the free one, by what the notice says and by who has bid."""
    if is_capped(rules, hall):
        return True  # the price decides nothing any more: all who may, compete beyond it
    if rules.timed_when == ALWAYS:
        return len(lot.part(Registration).admitted()) > 1 and hall.top is not None
    if rules.timed_when == WISHED:
        return len(hall.bidders) > 1 and bool(hall.wishes)
    if rules.timed_when == LAST_HOUR:
        since = lot.schedule[LISTING_END] - HOUR
        return sum(at >= since for at in hall.bidders.values()) > 1
    return False


# ------------------------------------------------------------------ timed bidding

def _begin_timed(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The first round begins. A standing bid that the increment of timed bidding lets answer does so at once."""
    rules, hall = rules_of(lot.terms), lot.part(Hall)
    began = Event("timed_bidding_began", {"ends": instant_text(on_time(lot, command.received_at) + rules.round)})
    return [began, *answered(rules, lot, hall, True, frozenset(hall.entrants), received(lot, command))]


def _end_timed(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A whole round without a bid: the hammer falls."""
    rules, hall = rules_of(lot.terms), lot.part(Hall)
    return [Event("timed_bidding_ended", {"bids": hall.count}), *_concluded(rules, lot, command.received_at, facts)]


def _concluded(rules: Rules, lot: Lot, now: datetime, facts: Facts) -> list[Event]:
    """The bidding is over, unless somebody still has a right to take its price."""
    top = lot.part(Hall).top
    if rules.priority not in (NONE, WITHIN) and top is not None and askable(lot):
        return [Event("exercise_opened", {"amount_fen": top.amount_fen, "ends": instant_text(now + rules.priority_time)})]
    return list(_result(rules, lot, facts))


def _end_exercise(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("exercise_ended", {"by_right": lot.part(Hall).by_right}), *_result(rules_of(lot.terms), lot, facts)]


# ------------------------------------------------------------------ the result

def _result(rules: Rules, lot: Lot, facts: Facts) -> Iterator[Event]:
    """A deal at the highest bid, unless there is none or the reserve is above it; then no deal [F-07]. The reserve is public from now."""
    hall, disclosure = lot.part(Hall), cast("Mapping[str, object]", facts["reserve_disclosure"])
    if hall.top is None or (hall.reserve_fen is not None and hall.top.amount_fen < hall.reserve_fen):
        yield Event("failed", {"reason": "F-07", "bids": hall.count, **({"reserve_fen": hall.reserve_fen} if hall.reserve_fen else {})})
    else:
        candidates = ranking(lot)
        winner = stated(candidates[0])
        said = {k: winner[k] for k in ("bid", "bidder", "uscc", "price_fen", "form")}
        yield Event("bidding_ended", {
            "number": hall.top.number, **said, "by_right": hall.by_right, **({"members": winner["members"]} if "members" in winner else {}),
            **({"terms": hall.top.terms} if hall.top.terms else {}), **({"reserve_fen": hall.reserve_fen} if hall.reserve_fen else {}),
        }, {"candidates": [stated(c) for c in candidates]})  # fmt: skip
    if disclosure:
        yield Event("disclosed", disclosure)


def ranking(lot: Lot) -> tuple[Candidate, ...]:
    """The bidders by their last bids, the winner first. Their rank gives nobody a claim: whether the next may step in the notice says."""
    hall, registration = lot.part(Hall), lot.part(Registration)
    top = cast("Bid", hall.top)
    others = sorted((b for b in hall.last.values() if b.paddle != top.paddle), key=lambda b: (-b.amount_fen, -b.terms, b.number))
    found = []
    for rank, bid in enumerate((top, *others), 1):
        a = registration.paddle(bid.paddle)
        if a is not None:
            found.append(Candidate(rank, bid.paddle, a.name, a.uscc, bid.amount_fen, "", {}, a.members))
    return tuple(found)


# ------------------------------------------------------------------ interruptions

def _restore(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The site did not answer for a while: what ran in rounds begins its round anew, free bidding has left what it had left then. Time
    counts as lost until this act, not only until the site answered: a phase that had passed meanwhile took no bids in between."""
    since, until = (str(command.data[name]) for name in ("since", "until"))
    now, end = command.received_at, lot.schedule[END]
    ahead = end + (now - instant_from(since)) if end > instant_from(since) else end
    ends = now + whole if (whole := _round_of(lot, lot.status)) is not None else ahead
    return [Event("phase_restored", {"since": since, "until": until, "ends": instant_text(ends)})]


def _round_of(lot: Lot, state: str) -> timedelta | None:
    """The span that begins anew after an interruption in this state; None in free bidding, which gets back what it lost [S-06]."""
    rules = rules_of(lot.terms)
    return {TIMED: rules.round, EXERCISING: rules.priority_time, PREPARING: rules.preparation}.get(state)


# ------------------------------------------------------------------ what events mean

def _listed(lot: Lot, r: Recorded) -> Lot:
    return lot.with_schedule(
        listing_start=r.at, listing_end=instant_from(str(r.public["listing_end"])), phase_end=instant_from(str(r.public["ends"])))


def _phase(lot: Lot, r: Recorded) -> Lot:
    """A phase begins; the first one of rounds names who may bid in them."""
    if "entrants" in r.public:
        lot = lot.with_part(replace(lot.part(Hall), entrants=tuple(cast("Sequence[str]", r.public["entrants"]))))
    return lot.with_schedule(phase_end=instant_from(str(r.public["ends"])))


def _ended(lot: Lot, r: Recorded) -> Lot:
    found = [read(c) for c in cast("Sequence[Mapping[str, object]]", (r.private or {}).get("candidates", ()))]
    after = recommend(lot, found)
    return after.with_part(Award(tuple(found), winner=str(r.public["bid"]), decided_at=r.at)).with_schedule(deal=r.at, award_decided=r.at)


def _suspended(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Hall), paused=lot.status))


def _resumed(lot: Lot, r: Recorded) -> Lot:
    """The schedule has moved by the time lost; what was running in rounds begins its round anew."""
    hall = lot.part(Hall)
    if (whole := _round_of(lot, hall.paused)) is not None:
        lot = lot.with_schedule(phase_end=r.at + whole)
    return lot.with_part(replace(hall, paused=""))


EVOLVE = {
    **bidding.EVOLVE, **priority.EVOLVE, **hosting.EVOLVE, "listing_started": _listed, "quiet_began": _phase,
    "timed_bidding_prepared": _phase, "timed_bidding_began": _phase, "exercise_opened": _phase, "phase_restored": moved,
    "bidding_ended": _ended, "suspended": _suspended, "resumed": _resumed,
}  # fmt: skip


def _due_timed(trade: TradeType, lot: Lot) -> datetime | None:
    """The end of the round. A moment later, so that what came in in time is decided first."""
    return lot.schedule[END] + GRACE if lot.status == TIMED else None


def _due_listing(trade: TradeType, lot: Lot) -> datetime | None:
    return lot.schedule.get(LISTING_START) if lot.status == "ANNOUNCED" else None


def _due_auction(trade: TradeType, lot: Lot) -> datetime | None:
    return lot.schedule.get(AUCTION_START) if lot.status == "ANNOUNCED" else None


def _due_begin(trade: TradeType, lot: Lot) -> datetime | None:
    return lot.schedule[END] if lot.status == PREPARING else None


def _due_quiet(trade: TradeType, lot: Lot) -> datetime | None:
    return lot.schedule[END] + GRACE if lot.status == LISTING and END in lot.schedule and rules_of(lot.terms).quiet else None


def _due_free(trade: TradeType, lot: Lot) -> datetime | None:
    waits = lot.status == LISTING and rules_of(lot.terms).quiet
    return None if waits or END not in lot.schedule else lot.schedule[END] + GRACE


def _due_exercise(trade: TradeType, lot: Lot) -> datetime | None:
    """With the end of the window, or once every right holder has answered."""
    if lot.status != EXERCISING:
        return None
    return lot.schedule[END] + GRACE if askable(lot) else max(m for e in ANSWERS if (m := lot.history.get(e)) is not None)


ANSWERS = ("exercise_opened", "right_exercised", "right_waived")
ENDING = frozenset({"reserve_disclosure"})
ACTS = (
    *bidding.ACTS, *priority.ACTS, *hosting.ACTS,
    Act("start_listing", "listing_started", CLOCK, _start_listing, due=_due_listing, rule="L-T02"),
    Act("start_auction", "timed_bidding_prepared", CLOCK, _start_auction, due=_due_auction, rule="39 15"),
    Act("begin_quiet", "quiet_began", CLOCK, _begin_quiet, due=_due_quiet, rule="LAND-SZ 19"),
    Act("end_free_bidding", "free_bidding_ended", CLOCK, _end_free, due=_due_free, needs=ENDING, rule="39 19"),
    Act("begin_timed_bidding", "timed_bidding_began", CLOCK, _begin_timed, due=_due_begin, rule="04 §4.4"),
    Act("end_timed_bidding", "timed_bidding_ended", CLOCK, _end_timed, due=_due_timed, needs=ENDING, rule="04 §4.4"),
    Act("end_exercise", "exercise_ended", CLOCK, _end_exercise, due=_due_exercise, needs=ENDING, rule="05 §5.6"),
    Act("restore_phase", "phase_restored", CLOCK, _restore, (Field("since", "instant"), Field("until", "instant")), rule="S-06"),
)  # fmt: skip
STAGE = Stage(lifecycle.AUCTION, ACTS, EVOLVE, (Hall, Recommended, Award))
"""Comes after the stage of suspensions, whose resumption moves the schedule first."""
