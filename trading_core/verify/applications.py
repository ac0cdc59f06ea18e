"""The review of applications: the result follows from the votes and points of the members (docs/formats.md §7.10)."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .events import Event, Record
from .report import Broken, Check, Malformed
from .schedule import NOTICES
from .text import Value, canonical

NAME = "prequalification.votes"
REVIEWS = ("prequalification_review_started", "application_review_started")
LIMITED, ITEM_ORDER = "limited_number", "item_order"


@dataclass
class Review:
    """Everything in the log up to an event. votes: by application and seat; hidden: opinions that the file does not show."""

    rules: Mapping[str, object] = field(default_factory=dict)
    applications: int = 0
    seats: set[int] = field(default_factory=set)
    votes: dict[int, dict[int, Value]] = field(default_factory=dict)
    hidden: int = 0

    def take(self, e: Event) -> None:
        """What an event adds."""
        if e.type in NOTICES:
            stated = e.public["terms"].get("prequalification")
            self.rules = stated.mapping() if stated is not None and stated.raw is not None else {}
        elif e.type == "application_received":
            self.applications += 1
        elif e.type == "seat_signed_in":
            self.seats.add(e.public["seat"].integer(1))
        elif e.type == "seat_recused":
            self.seats.discard(e.public["seat"].integer())
            self.votes = {n: {s: v for s, v in by.items() if s in self.seats} for n, by in self.votes.items()}
        elif e.type == "application_reviewed":
            self._vote(e)

    def _vote(self, e: Event) -> None:
        if e.private is None:
            self.hidden += 1
            return
        by_seat, seat = self.votes.setdefault(e.private["number"].integer(1), {}), e.public["seat"].integer(1)
        if seat in by_seat:
            raise Broken(NAME, e.where, "one locked opinion of each member", f"seat {seat}")
        by_seat[seat] = e.private


def check_applications(record: Record, lot: str) -> Iterator[Check]:
    """What a committee's review came to, and that the tenderer carried out just that. Raises `Broken`."""
    review, summed, begun, events = Review(), None, False, record.of(f"lot/{lot}")
    if not any(e.type in ("prequalification_closed", "application_review_summarised") for e in events):
        return
    for e in events:
        review.take(e)
        begun = begun or e.type in REVIEWS
        if e.type == "failed" and e.public["reason"].text() == "F-08" and not begun:
            yield _too_few(review, e)
        if e.type == "application_review_summarised":
            summed = e
            yield _summary(review, e)
        elif e.type == "prequalification_decided" or (e.type == "failed" and e.public["reason"].text() == "F-08"):
            _carried_out(summed, e)


def _too_few(review: Review, e: Event) -> Check:
    """Applications that were not even reviewed were too few [F-08]."""
    told, least = e.public["count"].integer(), e.public["minimum"].integer(1)
    if told != review.applications or told >= least:
        raise Broken(NAME, f"{e.where} count", f"{review.applications}, fewer than {least}", told)
    return Check(NAME, "holds", e.where, {"applications": told})


def _summary(review: Review, e: Event) -> Check:
    outcome = e.private["outcome"].entries() if e.private is not None else []
    hidden = e.private is None or review.hidden
    if not hidden:
        told, found = [_told(line) for line in outcome], _outcome(review, e.where)
        if told != found:
            raise Broken(NAME, f"{e.where} outcome", canonical([list(f) for f in found]), canonical([list(t) for t in told]))
    return Check(NAME, "not_shown" if hidden else "holds", e.where, {"applications": review.applications})


def _told(line: Value) -> tuple[int, bool, int, int]:
    return line["number"].integer(1), line["passed"].boolean(), line["for"].integer(), line["against"].integer()


def _outcome(review: Review, where: str) -> list[tuple[int, bool, int, int]]:
    """Number, passed, votes for and against: more than half of all members, then the best by points where only so many may pass."""
    numbers = range(1, review.applications + 1)
    for n in numbers:
        if (found := set(review.votes.get(n, {}))) != review.seats:
            raise Broken(NAME, f"{where} application {n}", f"opinions of seats {sorted(review.seats)}", str(sorted(found)))
    yes = {n: sum(v["meets"].boolean() for v in review.votes[n].values()) for n in numbers}
    met = [n for n in numbers if 2 * yes[n] > len(review.seats)]
    limit = review.rules.get("limit")
    if review.rules.get("method") == LIMITED and isinstance(limit, int):
        met = sorted(met, key=lambda n: _place(review, n))[:limit] if len(met) > limit else met
    return [(n, n in met, yes[n], len(review.seats) - yes[n]) for n in numbers]


def _place(review: Review, number: int) -> tuple[Fraction, list[Fraction], int]:
    """What a better place has less of: points in all, where the document says so points item by item, then the order of arrival."""
    sums: dict[str, Fraction] = {}
    for opinion in review.votes[number].values():
        for item, points in opinion["points"].members():
            sums[item] = sums.get(item, Fraction(0)) + _fraction(points)
    items = review.rules.get("items")
    order = [str(i["id"]) for i in items if isinstance(i, dict)] if isinstance(items, list) else []
    by_item = [-sums.get(i, Fraction(0)) for i in order] if review.rules.get("tie_rule") == ITEM_ORDER else []
    return -sum(sums.values(), Fraction(0)), by_item, number


def _fraction(points: Value) -> Fraction:
    try:
        return Fraction(points.text())
    except ValueError:
        raise Malformed(points.where, "points as a decimal") from None


def _carried_out(summed: Event | None, e: Event) -> None:
    """The tenderer's decision says what the committee found, application by application."""
    if summed is None or summed.private is None or e.private is None:
        return
    told = {r["number"].integer(1): r["passed"].boolean() for r in e.private["results"].entries()}
    found = {r["number"].integer(1): r["passed"].boolean() for r in summed.private["outcome"].entries()}
    if told != found:
        raise Broken(NAME, f"{e.where} results", str(sorted(found.items())), str(sorted(told.items())))
