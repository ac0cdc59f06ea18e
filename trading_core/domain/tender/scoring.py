"""Scoring: each member alone, locked bid by bid, objective items reconciled, the technical result before the price [02 §2.7]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ..errors import Problem, refuse_if
from ..evaluation.case import evaluate
from ..evaluation.rules import COMPREHENSIVE
from ..evaluation.scoring import check_objective, check_points
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages.candidates import Candidate, read, stated
from ..stages.suspending import phase
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import Evaluation, case_of, chair_problems, in_play, known_bid, private, rules_of, seat_of, unsettled
from .committee import HOLDER, MEMBERS, Committee, Seat
from .committee import problems as committee_problems
from .doubts import STANDING
from .opening import Opening
from .reviewing import BID, motion_problems
from .trustees import AFTER_TECHNICAL, envelopes


def _lock(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """One member's scores for one bid, whole and within the sheet; locked scores do not change [SC-2]."""
    seat, data, part = seat_of(lot, facts), command.data, lot.part(Evaluation)
    bid, points = str(data["bid"]), cast("Mapping[str, object]", data["points"])
    found = [*known_bid(lot, bid), *_closed(part, seat)]
    if not part.reviewed:
        found.append(Problem("evaluation.review_first"))
    if str(seat.number) in part.entries.get(bid, {}):
        found.append(Problem("evaluation.locked_before", "bid"))
    found += check_points(rules_of(lot).items, points, "points.")
    refuse_if(found)
    kept = {"bid": bid, "points": points, "comment": data.get("comment", "")}
    return [Event("scores_locked", {"seat": seat.number}, kept)]


def _correct(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """An objective item on which members differ is reconciled, with the reason on record; nothing is averaged [SC-1]."""
    seat, data, part = seat_of(lot, facts), command.data, lot.part(Evaluation)
    bid, item = str(data["bid"]), str(data["item"])
    mine = part.entries.get(bid, {}).get(str(seat.number))
    items = {i.id: i for i in rules_of(lot).items}
    found = list(_closed(part, seat))
    if mine is None:
        found.append(Problem("evaluation.not_locked_yet", "bid"))
    if item not in items or not items[item].objective:
        found.append(Problem("evaluation.not_objective", "item", {"item": item}, "SC-1"))
    else:
        found += check_points([items[item]], {item: data["points"]}, "points.")
    refuse_if(found)
    kept = {"bid": bid, "item": item, "points": data["points"], "reason": data["reason"]}
    return [Event("score_corrected", {"seat": seat.number}, kept)]


def _closed(part: Evaluation, seat: Seat) -> Iterator[Problem]:
    """Scores stand once the technical result is closed, for prices may be known now; only who replaces a member scores later."""
    if str(seat.number) in part.fixed:
        yield Problem("evaluation.technical_closed", rule="02 §2.7")


def _score_problems(trade: TradeType, lot: Lot) -> Iterator[Problem]:
    """What is not settled: an unlawful committee, open motions, missing scores, objective items that differ."""
    part, seats = lot.part(Evaluation), lot.part(Committee).numbers
    yield from committee_problems(trade.committee, lot)
    yield from motion_problems(lot)
    if not part.reviewed:
        yield Problem("evaluation.review_first")
    if rules_of(lot).method != COMPREHENSIVE:
        return
    for bid in in_play(lot):
        missing = [str(n) for n in seats if str(n) not in part.entries.get(bid.bid, {})]
        if missing:
            yield Problem("evaluation.scores_missing", f"entries.{bid.bid}", {"seats": ", ".join(missing)})
    yield from check_objective(rules_of(lot).items, {b.bid: part.entries.get(b.bid, {}) for b in in_play(lot)}, "entries.")


def _summarise_technical(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Close the technical result before any price is known: only then may the keys of the price be released [design §4]."""
    found = [*chair_problems(lot, facts), *_score_problems(trade, lot)]
    if lot.part(Evaluation).technical:
        found.append(Problem("evaluation.technical_closed", rule="02 §2.7"))
    if not any(e.opens == AFTER_TECHNICAL for e in envelopes(lot)):
        found.append(Problem("evaluation.one_stage_only"))
    refuse_if(found)
    entries, left = lot.part(Evaluation).entries, {b.bid for b in in_play(lot)}
    excluded = [b.bid for b in lot.part(Opening).valid() if b.bid not in left]
    kept = {"entries": {b: dict(e) for b, e in entries.items()}, "excluded": excluded}
    return [Event("technical_summarised", {"in_play": len(left)}, kept)]


def _decide_tie(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Where neither total, price nor document rule separates bids, the tenderer decides, with the reason on record [02 §2.7.2]."""
    case = case_of(lot)
    decision = {"order": command.data["order"], "reason": command.data["reason"]}
    evaluate({**case, "tie_decisions": [*case["tie_decisions"], decision]})  # refuses an order that decides no tie
    return [Event("tie_decided", {}, {"order": command.data["order"], "reason": command.data["reason"]})]


def _summarise(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    found = [*chair_problems(lot, facts), *_score_problems(trade, lot)]
    sealed = [e.name for e in envelopes(lot) if e.name not in lot.part(Opening).stages]
    if sealed:
        found.append(Problem("evaluation.still_sealed", params={"stages": ", ".join(sealed)}))
    refuse_if(found)
    case = case_of(lot)
    result = evaluate(case)
    kept = {"case": case, "result": result, "candidates": [stated(c) for c in _candidates(lot, result)]}
    return [Event("evaluation_summarised", {"round": lot.part(Evaluation).round}, kept)]


def _candidates(lot: Lot, result: Mapping[str, Any]) -> Iterator[Candidate]:
    found = {b["bid"]: b for b in result["bids"]}
    for place in result["candidates"]:
        bid, scored = lot.part(Opening).bids[place["bid"]], found[place["bid"]]
        total = str(scored.get("total") or scored.get("evaluated_fen") or "")
        yield Candidate(place["rank"], bid.bid, bid.name, bid.uscc, place["contract_fen"], total, bid.form, bid.members)


# ------------------------------------------------------------------ what events mean

def _entered(part: Evaluation, bid: str, seat: str, points: Mapping[str, str]) -> Evaluation:
    by_seat = part.entries.get(bid, {})
    return replace(part, entries={**part.entries, bid: {**by_seat, seat: {**by_seat.get(seat, {}), **points}}})


def _locked(lot: Lot, r: Recorded) -> Lot:
    part, p, seat = lot.part(Evaluation), private(r), str(r.public["seat"])
    after = _entered(part, p["bid"], seat, p["points"])
    comments = {**part.comments, p["bid"]: {**part.comments.get(p["bid"], {}), seat: p["comment"]}}
    return lot.with_part(replace(after, comments=comments))


def _score_corrected(lot: Lot, r: Recorded) -> Lot:
    p = private(r)
    return lot.with_part(unsettled(_entered(lot.part(Evaluation), p["bid"], str(r.public["seat"]), {p["item"]: p["points"]})))


def _technical(lot: Lot, r: Recorded) -> Lot:
    fixed = tuple(str(n) for n in lot.part(Committee).numbers)
    closed = lot.with_part(replace(lot.part(Evaluation), technical=True, fixed=fixed))
    return closed.with_part(replace(lot.part(Opening), excluded=tuple(private(r)["excluded"])))


def _tie(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Evaluation), private(r)
    return lot.with_part(unsettled(replace(part, tie_orders=(*part.tie_orders, {"order": p["order"], "reason": p["reason"]}))))


def _summarised(lot: Lot, r: Recorded) -> Lot:
    p = private(r)
    candidates = tuple(read(c) for c in p["candidates"])
    return lot.with_part(replace(lot.part(Evaluation), result=p["result"], candidates=candidates, signatures={}))


def _seat_void(lot: Lot, r: Recorded) -> Lot:
    """Opinions of a member who left are void; they are not averaged in [BLR 48, 08 §8.11 rule 2]."""
    part, seat = lot.part(Evaluation), str(r.public["seat"])
    entries = {b: {s: p for s, p in e.items() if s != seat} for b, e in part.entries.items()}
    motions = tuple(replace(m, votes=_without(m.votes, seat)) for m in part.motions)
    resolutions = tuple(x if x.outcome else replace(x, votes=_without(x.votes, seat)) for x in part.resolutions)
    fixed = tuple(s for s in part.fixed if s != seat)
    return lot.with_part(unsettled(replace(part, entries=entries, motions=motions, resolutions=resolutions, fixed=fixed)))


def _without(votes: Mapping[str, bool], seat: str) -> dict[str, bool]:
    return {s: v for s, v in votes.items() if s != seat}


def _left(lot: Lot, r: Recorded) -> Lot:
    """Who refuses to be bound longer leaves the evaluation: what was concluded with its bid is concluded anew [B-09]."""
    running = phase(lot) == "EVALUATING" and not r.public["agrees"]
    return lot.with_part(unsettled(lot.part(Evaluation))) if running else lot


def _doubted(lot: Lot, r: Recorded) -> Lot:
    return reconsidered(lot, str(r.public["bid"]), STANDING)


def reconsidered(lot: Lot, bid: str, ground: str) -> Lot:
    """What comes up about a bid while bids are evaluated is voted on before any conclusion stands [B-16, D-02]. Who has voted to keep the
    bid did not know of it, and votes again."""
    if phase(lot) != "EVALUATING":
        return lot
    part, about = lot.part(Evaluation), (bid, ground)
    motions = (replace(m, votes={s: v for s, v in m.votes.items() if v}) if (m.bid, m.ground) == about else m for m in part.motions)
    return lot.with_part(unsettled(replace(part, motions=tuple(motions))))


EVOLVE = {
    "scores_locked": _locked, "score_corrected": _score_corrected, "technical_summarised": _technical, "tie_decided": _tie,
    "evaluation_summarised": _summarised, "seat_recused": _seat_void, "validity_extension_answered": _left, "standing_reported": _doubted,
}  # fmt: skip

ACTS = (
    Act("lock_scores", "scores_locked", MEMBERS, _lock, (
        BID, Field("points", "map"), Field("comment", "long_text", required=False)), needs=HOLDER, irrevocable=True, rule="SC-2"),
    Act("correct_score", "score_corrected", MEMBERS, _correct, (
        BID, Field("item", maximum=64), Field("points", "decimal"), Field("reason", "long_text")), needs=HOLDER, rule="SC-1"),
    Act("summarise_technical", "technical_summarised", MEMBERS, _summarise_technical, needs=HOLDER, irrevocable=True),
    Act("decide_tie", "tie_decided", frozenset({Role.PRINCIPAL}), _decide_tie, (
        Field("order", "list", minimum=2), Field("reason", "long_text")), irrevocable=True, rule="02 §2.7.2"),
    Act("summarise", "evaluation_summarised", MEMBERS, _summarise, needs=HOLDER, irrevocable=True),
)  # fmt: skip
STAGE = Stage((), ACTS, EVOLVE, ())
