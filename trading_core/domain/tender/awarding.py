"""From the committee's report to the letter of award: publicity, decision, loss of a candidate, letter, result [02 §2.8–2.10]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK, HOSTS, LATE, REASON
from ..stages.award import (
    INVALIDATED,
    Award,
    Recommended,
    award_of,
    candidate_problems,
    chosen,
    letter_issued,
    lost,
    published,
    recommend,
    result_published,
    told,
    winner_problems,
)
from ..stages.candidates import Candidate, stated
from ..stages.delegating import principals
from ..stages.excluding import with_credit
from ..stages.limits import limit, period_between, timeliness
from ..stages.remedies import Objections, open_problems
from ..stages.suspending import phase
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import closing_day, end_of_day, local_date
from .extending import bid_validity_end
from .opening import Opening
from .reading import CONFIRMATION_WINDOW, read_out

PUBLICITY_DAYS = 3
GIVES_UP, REFUSES = "gives_up", "refuses_contract"
BEFORE_LETTER = ("force_majeure", "illegality")
AFTER_LETTER = (REFUSES, "adds_conditions", "no_performance_bond")
POINTS = frozenset({"publicity_start", "publicity_end", "award_decided", "award_letter"})


# ------------------------------------------------------------------ what decisions look at

def rank_binds(lot: Lot) -> bool:
    """Whether the best rank must win: state-funded tenders that the law makes mandatory; what is not stated counts as so [BLR 55]."""
    return lot.terms.get("mandatory") is not False and lot.terms.get("state_funded") is not False


def publicity_problems(trade: TradeType, lot: Lot, now: datetime) -> Iterator[Problem]:
    """Why the publicity does not allow a decision yet [E-T11]."""
    end = lot.schedule.get("publicity_end")
    if not lot.part(Award).candidates or end is None:
        if period_between(trade, lot, "publicity_start", "publicity_end") is not None:
            yield Problem("award.publicity_missing")
    elif now < end:
        yield Problem("award.publicity_running", params={"end": instant_text(end)})
    elif lot.part(Objections).republish:
        yield Problem("award.republish_first")


def choice_problems(lot: Lot, award: Award, command: Command, facts: Facts) -> Iterator[Problem]:
    """Why this candidate may not win now [02 §2.10]."""
    bid, now = str(command.data["bid"]), command.received_at
    best = next((c for c in award.remaining() if _binds(lot, c, now)), next(iter(award.remaining()), None))
    chosen = award.candidate(bid)
    if chosen is None:
        yield Problem("award.not_a_candidate", "bid")
    elif chosen.bid in award.lost:
        yield Problem("award.candidate_lost", "bid", {"ground": award.lost[chosen.bid]})
    elif best is not None and chosen.rank != best.rank:
        if rank_binds(lot):
            yield Problem("award.not_first", "bid", {"rank": chosen.rank, "first": best.rank})
        elif not command.data.get("reason"):
            yield Problem("award.reason_missing", "reason", {"rank": chosen.rank, "first": best.rank})
    end = bid_validity_end(lot, bid)
    if end is not None and now >= end:
        yield Problem("award.validity_over", params={"end": instant_text(end)})
    yield from cast("Sequence[Problem]", facts["candidate_eligibility"])


def _binds(lot: Lot, candidate: Candidate, now: datetime) -> bool:
    """Whether the bid still binds; who let it end need not be passed over by a decision."""
    end = bid_validity_end(lot, candidate.bid)
    return end is None or now < end


# ------------------------------------------------------------------ decisions

def _publish(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Publish the ranked candidates; the publicity runs to 24:00 of a working day [E-T10, E-T11]."""
    candidates, data, now = sorted(lot.part(Recommended).candidates, key=lambda c: c.rank), command.data, command.received_at
    minimum = period_between(trade, lot, "publicity_start", "publicity_end")
    days = cast("int", data.get("publicity_days") or (minimum.count if minimum else PUBLICITY_DAYS))
    problems = list(_candidates_problems(trade, candidates))
    if lot.part(Award).candidates and not lot.part(Objections).republish:
        problems.append(Problem("candidates.published_before"))
    if minimum is not None and days < minimum.count:
        problems.append(Problem("candidates.publicity_too_short", "publicity_days", {"days": days, "count": minimum.count}, minimum.id))
    if read_out(lot) is not None:
        problems.append(Problem("opening.second_running", params={"minutes": CONFIRMATION_WINDOW.seconds // 60}, rule="01 §1.3"))
    refuse_if(problems)
    report = lot.history.get("report_submitted")
    due = limit(trade, lot, "report_submitted", "publicity_start", report, facts.calendar) if report else None
    end = end_of_day(facts.calendar.end_of_days(local_date(now), days))
    shown = {f.name for f in trade.letter}
    return [Event("candidates_published", {
        "candidates": [stated(replace(c, form={k: v for k, v in c.form.items() if k in shown})) for c in candidates],
        "publicity_end": instant_text(end), "evaluation_summary": data["evaluation_summary"], "how_to_object": data["how_to_object"],
        **timeliness(due, now, data.get("late_reason")),
    })]  # fmt: skip


def _candidates_problems(trade: TradeType, candidates: Sequence[Candidate]) -> Iterator[Problem]:
    if not candidates:
        yield Problem("candidates.none")
    if trade.candidates_max is not None and len(candidates) > trade.candidates_max:
        yield Problem("candidates.too_many", params={"count": len(candidates), "maximum": trade.candidates_max})
    if [c.rank for c in candidates] != list(range(1, len(candidates) + 1)):
        yield Problem("candidates.not_ranked", params={"ranks": ", ".join(str(c.rank) for c in candidates)})


def _end_publicity(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("publicity_ended", {"end": instant_text(lot.schedule["publicity_end"])})]


def _publicity_due(trade: TradeType, lot: Lot) -> datetime | None:
    part = lot.part(Award)
    return lot.schedule.get("publicity_end") if part.candidates and not part.over else None


def _decide_award(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    award = award_of(lot)
    refuse_if([*publicity_problems(trade, lot, command.received_at), *open_problems(lot), *choice_problems(lot, award, command, facts)])
    running = bool(lot.part(Award).candidates) and not award.over  # the clock's act may still be on its way
    ended = _end_publicity(trade, lot, command, facts) if running else []
    return [*ended, _choice("award_decided", award, command, facts)]


def _choice(event: str, award: Award, command: Command, facts: Facts) -> Event:
    chosen = cast("Candidate", award.candidate(command.data["bid"]))
    said = {k: v for k, v in stated(chosen).items() if k != "form"}
    choice = Event(event, {**said, "reason": command.data.get("reason", "")})
    return with_credit(choice, cast("Sequence[Mapping[str, object]]", facts["candidate_credit"]))


def _candidate_lost(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A candidate drops out on one of the grounds the law knows; then the next in rank, or a new tender: the principal chooses.

    The principal proves the ground. That it cannot perform the committee finds (see `re_examining`), that it gives up it says itself.
    Once a candidate has the letter, only its own breach drops it [BLR 73, 74]: an unlawful award the supervisor finds invalid."""
    award, data = award_of(lot), command.data
    problems = list(candidate_problems(award, str(data["bid"])))
    if data["ground"] in AFTER_LETTER and not told(award, str(data["bid"])):
        problems.append(Problem("award.ground_needs_letter", "ground", {"ground": data["ground"]}))
    if data["ground"] in BEFORE_LETTER and told(award, str(data["bid"])):
        problems.append(Problem("award.letter_binds", "ground", {"ground": data["ground"]}))
    if phase(lot) == "EVALUATED":
        problems += publicity_problems(trade, lot, command.received_at)
    refuse_if(problems)
    return [Event("candidate_lost", {k: data[k] for k in ("bid", "ground", "reason")}, {"evidence": data["evidence"]})]


def _give_up(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A candidate gives up; once it has the letter that is to refuse the contract [BLR 55, 74]."""
    if phase(lot) == "EVALUATED":  # who is recommended is nobody's to learn yet
        raise Refused(Problem("award.not_public_yet"))
    award = award_of(lot)
    own = next((c for c in award.candidates if c.uscc == facts["actor_uscc"]), None)
    if own is None:
        raise Refused(Problem("award.not_your_candidacy"))
    refuse_if(candidate_problems(award, own.bid))
    ground = REFUSES if told(award, own.bid) else GIVES_UP
    return [Event("candidate_lost", {"bid": own.bid, "ground": ground, "reason": command.data["reason"]})]


def _next_candidate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The next in rank takes the place of a winner who dropped out [BLR 55]."""
    award = award_of(lot)
    problems = [Problem("award.winner_stands", params={"bid": award.winner})] if award.standing else []
    refuse_if([*problems, *open_problems(lot), *choice_problems(lot, award, command, facts)])
    return [_choice("next_candidate_chosen", award, command, facts)]


def _next_qualified(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """After an award was found invalid: another candidate by the same conditions of award [BL 64]."""
    award = award_of(lot)
    problems = [] if INVALIDATED in award.lost.values() else [Problem("award.nothing_invalidated")]
    refuse_if([*problems, *open_problems(lot), *choice_problems(lot, award, command, facts)])
    return [_choice("next_qualified_chosen", award, command, facts)]


def reopened(lot: Lot) -> Lot:
    """The lot after its award went back to the committee: no candidates, no publicity, until the new report."""
    lot = recommend(lot, ())
    schedule = {name: at for name, at in lot.schedule.items() if name not in POINTS}
    return replace(lot, schedule=schedule).with_part(Award()).with_part(replace(lot.part(Objections), republish=False))


def _letter(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The letter to the winner; at the same time every loser is told the result [BL 45, PB-05]."""
    award, now = award_of(lot), command.received_at
    problems, end = [*winner_problems(award), *open_problems(lot)], lot.schedule.get("publicity_end")
    if end is not None and local_date(now) <= closing_day(end):
        problems.append(Problem("award.letter_too_early", params={"end": instant_text(end)}))
    refuse_if(problems)
    winner = cast("Candidate", award.standing)
    due = limit(trade, lot, "award_letter", "contract_signed", now, facts.calendar)
    losers = [{"bid": b.bid, "bidder": b.name} for b in lot.part(Opening).bids.values() if b.bid != winner.bid and b.name]
    said = {k: v for k, v in stated(winner).items() if k not in ("form", "rank", "total")}
    return [Event("award_letter_issued", {
        **said, "losers": losers, "contract_due": instant_text(due.at) if due is not None and due.at is not None else "",
    })]  # fmt: skip


def _publish_result(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The result is public, and with it who sat in the committee [BL 37]."""
    award, members = award_of(lot), cast("Sequence[Mapping[str, object]]", facts["committee_members"])
    problems = list(winner_problems(award))
    if award.result_at is not None:
        problems.append(Problem("award.result_published_before"))
    if not members:
        problems.append(Problem("award.committee_unknown"))
    refuse_if(problems)
    said = {k: v for k, v in stated(cast("Candidate", award.standing)).items() if k not in ("form", "total")}
    reviewers = [dict(m) for m in cast("Sequence[Mapping[str, object]]", facts["review_members"])]
    return [Event("result_published", {**said, "committee": [dict(m) for m in members],
                                       **({"review_committee": reviewers} if reviewers else {})})]  # fmt: skip


# ------------------------------------------------------------------ what events mean

def _published(lot: Lot, r: Recorded) -> Lot:
    said = cast("list[Mapping[str, object]]", r.public["candidates"])
    after = published(lot, said).with_part(replace(lot.part(Objections), republish=False))
    return after.with_schedule(publicity_start=r.at, publicity_end=instant_from(str(r.public["publicity_end"])))


def _publicity_ended(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Award), over=True))


EVOLVE = {
    "candidates_published": _published, "publicity_ended": _publicity_ended, "award_decided": chosen, "next_candidate_chosen": chosen,
    "next_qualified_chosen": chosen, "candidate_lost": lost, "award_letter_issued": letter_issued, "result_published": result_published,
}  # fmt: skip

BID = Field("bid", maximum=32)
CHOICE = (BID, Field("reason", "long_text", required=False, maximum=4000))
ELIGIBLE = frozenset({"candidate_eligibility", "candidate_credit"})
ACTS = (
    Act("publish_candidates", "candidates_published", HOSTS, _publish, (
        Field("evaluation_summary", "long_text"), Field("how_to_object", "long_text", maximum=4000),
        Field("publicity_days", "integer", required=False, minimum=1, maximum=60), LATE),
        irrevocable=True, documents=("candidates_notice",), rule="E-T10"),
    Act("end_publicity", "publicity_ended", CLOCK, _end_publicity, due=_publicity_due, rule="E-T11"),
    Act("decide_award", "award_decided", HOSTS, principals(_decide_award), CHOICE, needs=ELIGIBLE, irrevocable=True, rule="BLR 55"),
    Act("report_candidate_lost", "candidate_lost", HOSTS, principals(_candidate_lost), (
        BID, Field("ground", "choice", choices=(*BEFORE_LETTER, *AFTER_LETTER)), REASON, Field("evidence", "file")),
        irrevocable=True, rule="BLR 55"),
    Act("give_up_award", "candidate_lost", frozenset({Role.BIDDER}), _give_up, (REASON,), needs=frozenset({"actor_uscc"}),
        irrevocable=True, rule="BLR 55"),
    Act("choose_next_candidate", "next_candidate_chosen", HOSTS, principals(_next_candidate), CHOICE, needs=ELIGIBLE, irrevocable=True,
        rule="BLR 55"),
    Act("choose_next_qualified", "next_qualified_chosen", HOSTS, principals(_next_qualified), CHOICE, needs=ELIGIBLE, irrevocable=True,
        rule="BL 64"),
    Act("issue_award_letter", "award_letter_issued", HOSTS, _letter, irrevocable=True, documents=("award_letter", "result_notice"),
        rule="BL 45"),
    Act("publish_result", "result_published", HOSTS, _publish_result,
        needs=frozenset({"committee_members", "review_members"}), irrevocable=True,
        documents=("result_notice",), rule="BL 37"),
)  # fmt: skip
STAGE = Stage(lifecycle.PUBLICITY + lifecycle.AWARD, ACTS, EVOLVE, (Recommended, Award))
