"""Applications reviewed by a committee: opinions locked unseen, the majority's result, signed, then carried out [BLR 18, 02 §2.12].

The committee is formed, drawn and signed in like the one that evaluates, by the same acts. Its seats are free again once the tenderer
has carried out its report: the evaluation has a committee and a draw of its own.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, cast

from ..errors import Problem, refuse_if
from ..evaluation.numbers import exact, rounded
from ..evaluation.scoring import Item, check_points, check_sheet
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import HOSTS
from ..stages.draws import EXPERTS, Draws
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import chair_problems, private, seat_of
from .committee import HOLDER, MEMBERS, Committee, Seat
from .committee import problems as committee_problems
from .expert_drawing import revealed
from .prequalifying import ALL_WHO_MEET, LIMITED, NEW_DATES, Prequalification, decided

ITEM_ORDER, ARRIVAL = "item_order", "arrival"


def rules_form(least: int) -> tuple[Field, ...]:
    """What the prequalification document states of the review. Of equal points the higher comes first, item by item in the order of the
    sheet, then whoever applied first; or whoever applied first at once. least: the places that a limited
    prequalification has at least, as its trade type declares."""
    return (
        Field("method", "choice", choices=(ALL_WHO_MEET, LIMITED), rule="E-I3"),
        Field("limit", "integer", required=False, minimum=least, maximum=50, rule="E-I3"),
        Field("items", "list", required=False, maximum=50, fields=(
            Field("id", maximum=64), Field("title"), Field("points_max", "decimal", minimum=0, maximum=1000))),
        Field("tie_rule", "choice", required=False, choices=(ITEM_ORDER, ARRIVAL), rule="E-I3"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opinion:
    """One member's locked opinion on one application. reason: why it does not meet the conditions. points: by item."""

    meets: bool
    reason: str = ""
    points: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationReview:
    """opinions: by number of the application, then by seat. result: what the majority came to, a line for each application.
    members: who sat, kept when the seats are free again."""

    opinions: Mapping[str, Mapping[str, Opinion]] = field(default_factory=dict)
    result: tuple[Mapping[str, Any], ...] = ()
    signatures: Mapping[str, str] = field(default_factory=dict)
    submitted: bool = False
    members: tuple[Seat, ...] = ()


# ------------------------------------------------------------------ the rules and what follows from them

def reviewing(lot: Lot) -> bool:
    """Whether a committee of this lot is still the one that reviews applications."""
    return lot.term_text("qualification_way", "post") == "pre" and "prequalification_decided" not in lot.history


def rules_of(terms: Mapping[str, object]) -> Mapping[str, Any]:
    """What the document states of the review, empty when nothing."""
    return cast("Mapping[str, Any]", terms.get("prequalification") or {})


def items_of(terms: Mapping[str, object]) -> tuple[Item, ...]:
    """The items that members score; none where all who meet the conditions pass."""
    rules = rules_of(terms)
    scored = cast("Sequence[Mapping[str, str]]", rules.get("items") or ()) if rules.get("method") == LIMITED else ()
    return tuple(Item(i["id"], i["title"], "technical", "subjective", "0", i["points_max"], "0.01") for i in scored)


def rules_problems(terms: Mapping[str, object], least: int) -> Iterator[Problem]:
    """What a document lacks whose applications a committee reviews: it may judge by nothing else [E-I2, E-I3]. least: as in the form."""
    rules = rules_of(terms)
    if not rules:
        yield Problem("prequalification.rules_missing", "prequalification")
    if rules.get("method") != LIMITED:
        return
    if not rules.get("limit"):
        yield Problem("prequalification.limit", "prequalification.limit", {"minimum": least})
    if not rules.get("items"):
        yield Problem("prequalification.items_missing", "prequalification.items")
    if not rules.get("tie_rule"):
        yield Problem("prequalification.tie_rule_missing", "prequalification.tie_rule")
    yield from check_sheet(items_of(terms), None, "prequalification.")


def outcome(terms: Mapping[str, object], opinions: Mapping[int, Mapping[str, Opinion]], members: int) -> tuple[Mapping[str, Any], ...]:
    """A line for each application: passed or not, the votes, and of one scored its points (mean of the members) and place.

    More than half of all members decide whether an application meets the conditions. Only when more meet them than may pass do points
    decide among these [E-I3]. reason: what the members who voted against it wrote, each once.
    """
    items, limit = items_of(terms), cast("int", rules_of(terms).get("limit") or 0)
    met = {n for n, by_seat in opinions.items() if 2 * sum(o.meets for o in by_seat.values()) > members}
    places: dict[int, int] = {}
    if items and len(met) > limit:
        sheet_order = rules_of(terms).get("tie_rule") == ITEM_ORDER
        sums = {n: [sum(exact(o.points[i.id]) for o in opinions[n].values()) for i in items] for n in met}
        ranked = sorted(met, key=lambda n: (-sum(sums[n]), [-s for s in sums[n]] if sheet_order else [], n))
        places = {n: place for place, n in enumerate(ranked, 1)}
    return tuple(_line(n, by_seat, n in met, places.get(n), limit) for n, by_seat in sorted(opinions.items()))


def _line(number: int, by_seat: Mapping[str, Opinion], met: bool, place: int | None, limit: int) -> Mapping[str, Any]:
    against = [o.reason for _, o in sorted(by_seat.items()) if not o.meets]
    line: dict[str, Any] = {"number": number, "passed": met and (place is None or place <= limit),
                            "reason": "" if met else "；".join(dict.fromkeys(against)), "for": len(by_seat) - len(against),
                            "against": len(against)}  # fmt: skip
    if place is not None:
        total = sum((exact(p) for o in by_seat.values() for p in o.points.values()), Fraction(0))
        line |= {"points": f"{rounded(total / len(by_seat), 2, 'ROUND_HALF_UP'):f}", "place": place, "limit": limit}
    return line


# ------------------------------------------------------------------ decisions

def _begin(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The review begins with a lawful committee, as an evaluation does; the seed of its draw is recorded with it."""
    found = list(committee_problems(trade.committee, lot))
    if not trade.review_committee(lot.terms):
        found = [Problem("prequalification.no_committee")]
    refuse_if(found)
    return [Event("application_review_started", {"applications": len(lot.part(Prequalification).applications)}), revealed(lot)]


def _lock(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """One member's opinion on one application, whole; locked opinions do not change, and are seen by nobody who has not locked."""
    seat, data, part = seat_of(lot, facts), command.data, lot.part(ApplicationReview)
    number, items = cast("int", data["number"]), items_of(lot.terms)
    given = {str(p["item"]): str(p["points"]) for p in cast("Sequence[Mapping[str, object]]", data.get("points") or ())}
    found = list(_known(lot, number))
    if str(seat.number) in part.opinions.get(str(number), {}):
        found.append(Problem("prequalification.locked_before", "number", {"number": number}))
    if not data["meets"] and not data.get("reason"):
        found.append(Problem("prequalification.reason_missing", "reason"))
    found += check_points(items, given, "points.")
    refuse_if(found)
    opinion = {"number": number, "meets": data["meets"], "reason": data.get("reason", ""), "points": given}
    return [Event("application_reviewed", {"seat": seat.number}, opinion)]


def _known(lot: Lot, number: int) -> Iterator[Problem]:
    if all(a.number != number for a in lot.part(Prequalification).applications):
        yield Problem("prequalification.no_such_application", "number", {"number": number})


def _summarise(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    found = [*chair_problems(lot, facts), *committee_problems(trade.committee, lot)]
    part, seats = lot.part(ApplicationReview), lot.part(Committee).numbers
    if part.submitted:
        found.append(Problem("prequalification.submitted_before"))
    opinions = {a.number: part.opinions.get(str(a.number), {}) for a in lot.part(Prequalification).applications}
    for number, by_seat in opinions.items():
        if missing := [str(s) for s in seats if str(s) not in by_seat]:
            found.append(Problem("prequalification.opinions_missing", "", {"number": number, "seats": ", ".join(missing)}))
    refuse_if(found)
    return [Event("application_review_summarised", {}, {"outcome": list(outcome(lot.terms, opinions, len(seats)))})]


def _submit(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    part, seats = lot.part(ApplicationReview), lot.part(Committee).numbers
    found = [*chair_problems(lot, facts), *committee_problems(trade.committee, lot)]
    if part.submitted:
        found.append(Problem("prequalification.submitted_before"))
    if missing := [str(n) for n in seats if str(n) not in part.signatures]:
        found.append(Problem("report.signatures_missing", params={"seats": ", ".join(missing)}))
    refuse_if(found)
    return [Event("application_review_submitted", {"members": len(seats)})]


def _carry_out(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The tenderer carries out what the committee found: it sets the dates, and tells everybody; it changes no result [BLR 18, 19]."""
    part = lot.part(ApplicationReview)
    refuse_if(() if part.submitted else [Problem("prequalification.not_reported")])
    results = {cast("int", line["number"]): {k: v for k, v in line.items() if k not in ("for", "against")} for line in part.result}
    said = {"method": rules_of(lot.terms)["method"], "reviewed_by": "committee"}
    return decided(trade, lot, command, facts, results, said)


# ------------------------------------------------------------------ what events mean

def _locked(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(ApplicationReview), private(r)
    number, opinion = str(p["number"]), Opinion(p["meets"], p["reason"], p["points"])
    by_seat = {**part.opinions.get(number, {}), str(r.public["seat"]): opinion}
    return lot.with_part(replace(part, opinions={**part.opinions, number: by_seat}))


def _summarised(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(ApplicationReview), result=tuple(private(r)["outcome"]), signatures={}))


def _void(lot: Lot, r: Recorded) -> Lot:
    """What a member concluded who had to leave is void, and with it what was summed up: the next in order reviews anew [BLR 48]."""
    part, seat = lot.part(ApplicationReview), str(r.public["seat"])
    if not reviewing(lot) or seat == "0":
        return lot
    opinions = {n: {s: o for s, o in by_seat.items() if s != seat} for n, by_seat in part.opinions.items()}
    return lot.with_part(replace(part, opinions=opinions, result=(), signatures={}, submitted=False))


def _submitted(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(ApplicationReview), submitted=True))


def _dissolved(lot: Lot, r: Recorded) -> Lot:
    """The committee has done its work: those who evaluate are drawn anew, by new commitments."""
    if r.public.get("reviewed_by") != "committee":
        return lot
    part, draws = lot.part(ApplicationReview), lot.part(Draws)
    others = {name: draw for name, draw in draws.by_name.items() if name != EXPERTS}
    kept = replace(part, members=lot.part(Committee).seats)
    return lot.with_part(kept).with_part(replace(draws, by_name=others)).with_part(Committee())


EVOLVE = {
    "application_reviewed": _locked, "application_review_summarised": _summarised, "application_review_submitted": _submitted,
    "seat_recused": _void, "prequalification_decided": _dissolved,
}  # fmt: skip

POINTS = (Field("item", maximum=64), Field("points", "decimal"))
ACTS = (
    Act("start_application_review", "application_review_started", HOSTS, _begin, documents=("draw_record",), rule="BLR 18"),
    Act("lock_application_review", "application_reviewed", MEMBERS, _lock, (
        Field("number", "integer", minimum=1), Field("meets", "boolean", rule="E-I2"),
        Field("reason", "long_text", required=False, maximum=2000),
        Field("points", "list", required=False, maximum=50, fields=POINTS)), needs=HOLDER, irrevocable=True, rule="BLR 18"),
    Act("summarise_application_review", "application_review_summarised", MEMBERS, _summarise, needs=HOLDER, irrevocable=True,
        rule="E-I3"),
    Act("submit_application_review", "application_review_submitted", MEMBERS, _submit, needs=HOLDER, irrevocable=True,
        documents=("review_report",), rule="BLR 53"),
    Act("carry_out_application_review", "prequalification_decided", HOSTS, _carry_out, NEW_DATES, irrevocable=True,
        documents=("prequalification_result",), rule="BLR 19"),
)  # fmt: skip
STAGE = Stage(lifecycle.APPLICATION_REVIEW, ACTS, EVOLVE, (ApplicationReview,))
