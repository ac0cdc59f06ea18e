"""What an evaluation rests on, as the log tells it, and whether a case says exactly that (docs/formats.md §7.5)."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from .cases import Case
from .consortium import FROM_APPLICATIONS, OF_PAYER, REPORTED, Together
from .events import Event, Record, anew
from .prices import plain
from .report import Broken, Check
from .schedule import NOTICES
from .text import Value, canonical

NAME = "evaluation.sources"
STATED = ("words", "lines", "further_prices", "small_business")
"""What a bid's form may say beside its price and a case takes over."""
AMOUNT_MAX = 10**15
RECORDED = frozenset({
    "scores_locked", "score_corrected", "rejection_proposed", "rejection_voted", "correction_answered", "price_adjusted", "tie_decided",
})  # fmt: skip
"""Events whose private part a case rests on."""


@dataclass
class Basis:
    """Everything in the log up to an event. forms: what all opened envelopes of a bid state; hidden: events of the running evaluation
    of which the file does not show the private part; fixed: seats whose scores stand since the technical result;
    left: bids that were revoked or refused to be bound longer, of which nothing is evaluated; together: who bids with whom."""

    terms: dict[str, object] = field(default_factory=dict)
    drawn: object = None
    forms: dict[str, dict[str, object]] = field(default_factory=dict)
    bidders: dict[str, object] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    seats: set[int] = field(default_factory=set)
    motions: dict[int, dict[str, object]] = field(default_factory=dict)
    votes: dict[int, dict[str, object]] = field(default_factory=dict)
    points: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    corrections: dict[str, object] = field(default_factory=dict)
    adjustments: dict[str, dict[str, object]] = field(default_factory=dict)
    ties: list[dict[str, object]] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    together: Together = field(default_factory=Together)
    hidden: int = 0

    def take(self, e: Event) -> None:
        """What an event adds."""
        for bid in self.together.news_of_payers(e):
            self._reconsider(bid, OF_PAYER)
        self.together.take(e)
        if e.type in (*NOTICES, "amended"):
            announced = e.public.get("terms") or e.public.get("changes")
            self.terms |= announced.mapping() if announced else {}
        elif e.type == "parameter_drawn":
            self.drawn = e.public["value"].raw
        elif e.type == "bid_opened":
            self._open(e)
        elif e.type == "seat_signed_in":
            self.seats.add(e.public["seat"].integer(1))
        elif e.type == "seat_recused":
            self._leave(e.public["seat"].integer())
        elif e.type == "bid_revoked" or (e.type == "validity_extension_answered" and not e.public["agrees"].boolean()):
            self.left.add(e.public["bid"].text())
        elif e.type == "standing_reported":
            self._reconsider(e.public["bid"].text(), REPORTED)
        elif e.type == "re_evaluation_ordered" or anew(e):
            self._begin_again(anew(e))
        elif e.type == "technical_summarised":
            self._fix(e)
        elif e.type in RECORDED:
            if e.type.startswith("score"):
                self._check_scorer(e)
            if e.private is None:
                self.hidden += 1
            else:
                self._record(e, e.private)

    def _check_scorer(self, e: Event) -> None:
        """Who sits scores, and until the technical result. Raises `Broken`."""
        seat = e.public["seat"].integer(1)
        if seat in self.fixed or seat not in self.seats:
            expected = "scores before the technical result" if seat in self.fixed else "scores of a member who sits"
            raise Broken(NAME, e.where, expected, f"seat {seat}")

    def _open(self, e: Event) -> None:
        bid, form = e.public["bid"].text(), e.public.get("form")
        if not e.public["ok"].boolean():
            self.failed.add(bid)
        self.forms.setdefault(bid, {}).update(form.mapping() if form else {})
        if (uscc := e.public.get("uscc")) is not None:
            self.bidders[bid] = uscc.raw

    def _leave(self, seat: int) -> None:
        """What a member concluded who had to leave is void."""
        self.seats.discard(seat)
        self.fixed.discard(seat)
        self.points = {key: points for key, points in self.points.items() if key[0] != str(seat)}
        self.votes = {n: {s: v for s, v in votes.items() if s != str(seat)} for n, votes in self.votes.items()}

    def _reconsider(self, bid: str, ground: str) -> None:
        """What is new about a bid voids the votes to keep it that were given without knowing it."""
        about = {n for n, m in self.motions.items() if (m["bid"], m["ground"]) == (bid, ground)}
        self.votes = {n: {s: v for s, v in votes.items() if v or n not in about} for n, votes in self.votes.items()}

    def _fix(self, e: Event) -> None:
        """From here on prices may be known, and the scores of these seats stand. Raises `Broken`."""
        told = e.private.get("entries") if e.private is not None else None
        if told is not None and not self.hidden:
            found = {(seat, bid): points.mapping() for bid, seats in told.members() for seat, points in seats.members()}
            if found != self.points:
                raise Broken(NAME, f"{e.where} entries", "the points locked before", "others")
        self.fixed = set(self.seats)

    def _begin_again(self, anew: bool) -> None:
        """A new evaluation keeps what bidders answered, and nothing of the first; a new committee none of its seats."""
        self.seats = set() if anew else self.seats
        self.motions, self.votes, self.points, self.adjustments, self.ties, self.fixed, self.hidden = {}, {}, {}, {}, [], set(), 0

    def _correct(self, e: Event, p: Value) -> None:
        """Only an objective item is reconciled, and only by who locked before [SC-1]. Raises `Broken`."""
        key, item = _scored(e, p), p["item"].text()
        if key not in self.points and not self.hidden:
            raise Broken(NAME, e.where, "a correction of what was locked", f"seat {key[0]}")
        if item not in _objective(self.terms.get("evaluation")):
            raise Broken(NAME, e.where, "a correction of an objective item", item)
        self.points.setdefault(key, {})[item] = p["points"].raw

    def _record(self, e: Event, p: Value) -> None:
        if e.type == "scores_locked":
            if (key := _scored(e, p)) in self.points:
                raise Broken(NAME, e.where, "one locked sheet of each member for a bid", f"seat {key[0]}")
            self.points[key] = dict(p["points"].mapping())
        elif e.type == "score_corrected":
            self._correct(e, p)
        elif e.type == "rejection_proposed":
            said = {name: p[name].raw for name in ("bid", "ground", "stage", "clause", "evidence")}
            self.motions[p["number"].integer(1)] = said | ({"basis": p["basis"].raw} if plain(p, "basis") else {})
        elif e.type == "rejection_voted":
            self.votes.setdefault(e.public["number"].integer(1), {})[str(e.public["seat"].integer(1))] = p["agree"].boolean()
        elif e.type == "correction_answered":
            self.corrections[p["bid"].text()] = p["answer"].raw
        elif e.type == "price_adjusted":
            self.adjustments[p["bid"].text()] = dict(p["amounts"].mapping())
        else:
            self.ties.append({"order": p["order"].raw, "reason": p["reason"].raw})


def _objective(rules: object) -> set[object]:
    items = rules.get("items") if isinstance(rules, dict) else None
    return {i.get("id") for i in items or () if isinstance(i, dict) and i.get("kind") == "objective"}


def _scored(e: Event, p: Value) -> tuple[str, str]:
    return str(e.public["seat"].integer(1)), p["bid"].text()


def check_sources(record: Record, stream: str, summary: Event, case: Case) -> Iterator[Check]:
    """The case says what the log says, no more and no less, as far as the file shows it. Raises `Broken`."""
    basis = Basis()
    for e in record.of(stream):
        if e.index < summary.index:
            basis.take(e)
    _without_left(basis)
    _check_notice(basis, summary, case.value)
    _compare(summary, "members", case.value["members"].texts(), [str(n) for n in sorted(basis.seats)])
    unread = [name for name, bid in case.bids.items() if _check_bid(basis, summary, bid)]
    for name, bid in case.bids.items():
        told = {(d["ground"].text(), d["fact"].text()) for d in _listed(bid, "doubts")}
        found = basis.together.doubts(name, basis.terms)
        _compare(summary, f"doubts of {name}", sorted(d for d in told if d[0] != FROM_APPLICATIONS), sorted(found))
    _check_points(basis, summary, case.value)
    if not basis.hidden:
        motions = [{**m, "votes": basis.votes.get(n, {})} for n, m in sorted(basis.motions.items())]
        _compare(summary, "rejections", [_only(m) for m in _listed(case.value, "rejections")], motions)
        _compare(summary, "tie_decisions", [t.raw for t in _listed(case.value, "tie_decisions")], basis.ties)
    params: dict[str, str | int] = {"bids": len(case.bids), "hidden": basis.hidden, "unread": ", ".join(sorted(unread)) or "-"}
    yield Check(NAME, "not_shown" if basis.hidden else "noted" if unread else "holds", summary.where, params)


def _without_left(basis: Basis) -> None:
    """Of a bid that was revoked or refused to be bound longer nothing is evaluated, and no tie with it is decided."""
    basis.forms = {bid: form for bid, form in basis.forms.items() if bid not in basis.left}
    basis.points = {key: points for key, points in basis.points.items() if key[1] not in basis.left}
    basis.motions = {n: motion for n, motion in basis.motions.items() if motion["bid"] not in basis.left}
    basis.ties = [t for t in basis.ties if basis.left.isdisjoint(cast("list[str]", t["order"]))]


def _compare(summary: Event, what: str, told: object, logged: object) -> None:
    if canonical(told) != canonical(logged):
        raise Broken(NAME, f"{summary.where} case {what}", canonical(logged)[:200], canonical(told)[:200])


def _listed(value: Value, name: str) -> list[Value]:
    found = value.get(name)
    return found.entries() if found is not None and found.raw else []


def _only(motion: Value) -> dict[str, object]:
    """A motion without what it leaves open."""
    return {k: v for k, v in motion.mapping().items() if k != "basis" or v}


def _check_notice(basis: Basis, summary: Event, case: Value) -> None:
    _compare(summary, "rules", case["rules"].raw, basis.terms.get("evaluation"))
    _compare(summary, "ceiling_fen", plain(case, "ceiling_fen"), basis.terms.get("ceiling_fen"))
    _compare(summary, "drawn_value", plain(case, "drawn_value"), basis.drawn)
    _compare(summary, "bids", sorted(b["id"].text() for b in case["bids"].entries()), sorted(basis.forms.keys() - basis.failed))


def _check_bid(basis: Basis, summary: Event, bid: Value) -> bool:
    """A bid in the case says what its form, and the answers in the log, say. True when that was left out as unreadable."""
    name, form = bid["id"].text(), basis.forms.get(bid["id"].text(), {})
    bare: dict[str, object] = {"id": name, "bidder": basis.bidders.get(name)}
    price = form.get("price_fen")
    if isinstance(price, int) and not isinstance(price, bool) and 1 <= price <= AMOUNT_MAX:
        bare["price_fen"] = price
    full = bare | {n: form[n] for n in STATED if n in form}
    if name in basis.corrections:
        full["correction"] = basis.corrections[name]
    if name in basis.adjustments:
        full["adjustments"] = [{"id": k, "amount_fen": v} for k, v in sorted(basis.adjustments[name].items())]
    said = {k: v for k, v in bid.mapping().items() if k != "doubts"}
    if canonical(said) == canonical(full) or (basis.hidden and _answers_apart(said) == _answers_apart(full)):
        return False
    if canonical(said) != canonical(bare):
        _compare(summary, f"bid {name}", said, full)
    return True


def _answers_apart(bid: Mapping[str, object]) -> str:
    return canonical({k: v for k, v in bid.items() if k not in ("correction", "adjustments")})


def _check_points(basis: Basis, summary: Event, case: Value) -> None:
    """The points are those that each seat last locked or corrected; all of them are there, and no others."""
    told = {(e["member"].text(), e["bid"].text()): dict(e["points"].mapping()) for e in _listed(case, "entries")}
    if len(told) != len(_listed(case, "entries")):
        raise Broken(NAME, f"{summary.where} case entries", "each member and bid once", len(_listed(case, "entries")))
    for key in sorted(told.keys() | basis.points.keys()):
        if key in basis.points or not basis.hidden:
            _compare(summary, f"entries of member {key[0]} for {key[1]}", told.get(key), basis.points.get(key))
