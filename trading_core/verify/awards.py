"""From the ranking to the contract: who was recommended, chosen and contracted follows from the evaluation (docs/formats.md §7.8)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .consortium import Together
from .evaluations import shown_of
from .events import Event, Record
from .order import CHOICES
from .report import Broken, Check, Outcome
from .schedule import NOTICES, end_of_days, planned
from .sources import RECORDED
from .text import Value, canonical

NAME = "award.follows"
NAMED = ("bid", "bidder", "uscc", "price_fen", "members")
"""What every event after the choice says of the winner; members of a consortium only."""

Facts = dict[str, object]


@dataclass
class Award:
    """The award as it stands.

    recommended: candidates of the last summary, None while the file does not show it; published: those of the notice. lost: who dropped
    out; left: who revoked or refused to extend its bid; agreed: to how many days who did. winner: facts of the one chosen.
    objections: those open, by number. stale: where something changed after the last summary on which it rests; reported: whether the
    committee has given its report since; together: what is doubted of who paid; hidden: summaries that are not shown."""

    terms: dict[str, object] = field(default_factory=dict)
    opened: dict[str, Facts] = field(default_factory=dict)
    recommended: list[Facts] | None = None
    published: list[Facts] | None = None
    lost: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    asked: int = 0
    agreed: dict[str, int] = field(default_factory=dict)
    deadline: datetime | None = None
    winner: Facts | None = None
    stale: str = ""
    reported: bool = False
    objections: dict[int, str] = field(default_factory=dict)
    together: Together = field(default_factory=Together)
    hidden: int = 0
    checked: int = 0

    def remaining(self) -> list[Facts]:
        """Candidates who have neither dropped out nor left, best rank first."""
        return sorted((c for c in self.candidates or () if c.get("bid") not in self.lost | self.left), key=_by_rank)

    def binds(self, candidate: Facts, at: datetime) -> bool:
        """Whether its bid still binds: validity counts from the day of the deadline."""
        base = self.terms.get("bid_validity_days")
        if isinstance(base, bool) or not isinstance(base, int) or self.deadline is None:
            return True
        days = self.agreed.get(str(candidate.get("bid")), base)
        return at < end_of_days(self.deadline, min(max(days, 0), 4000))

    @property
    def candidates(self) -> list[Facts] | None:
        return self.recommended if self.published is None else self.published


def check_award(record: Record, lot: str) -> Iterator[Check]:
    """Candidates, choice, letter, result and contract, each against what stood before it."""
    award = Award()
    for e in record.of(f"lot/{lot}"):
        if e.type == "award_decided":
            _check_publicity(record, lot, e)
        _take(award, e)
    outcome: Outcome = "not_shown" if award.hidden or not award.checked else "holds"
    winner = "-" if award.winner is None else str(award.winner["bid"])
    yield Check(NAME, outcome, "events.jsonl", {"count": award.checked, "winner": winner})


def _take(award: Award, e: Event) -> None:
    if e.type in (*NOTICES, "amended"):
        announced = e.public.get("terms") or e.public.get("changes")
        award.terms |= announced.mapping() if announced else {}
    elif e.type == "bid_opened" and e.public.get("name") is not None:
        members = e.public.get("members")
        together = {} if members is None else {"members": members.raw}
        award.opened[e.public["bid"].text()] = {"bidder": e.public["name"].text(), "uscc": e.public["uscc"].text(), **together}
    elif e.type == "evaluation_summarised":
        award.recommended, award.stale, award.reported = _recommended(award, e), "", False
        award.hidden += award.recommended is None
    elif e.type == "report_submitted":
        award.reported = True
    elif e.type in RECORDED or (e.type == "seat_recused" and e.public["seat"].integer()) or _reopens(award, e):
        award.stale = e.where
    elif e.type == "deposits_checked":
        if award.together.news_of_payers(e) and not award.reported:
            award.stale = e.where
        award.together.take(e)
    elif e.type == "candidates_published":
        _publish(award, e)
    elif e.type == "candidate_lost":
        award.lost.add(e.public["bid"].text())
    elif e.type == "closed":
        award.deadline = e.public["deadline"].instant()
    elif e.type == "validity_extension_asked":
        award.asked = e.public["bid_validity_days"].integer(1)
    elif e.type == "validity_extension_answered":
        _answer(award, e)
    elif e.type == "objection_raised":
        award.objections[e.public["number"].integer(1)] = e.where
    elif e.type in ("objection_answered", "objection_withdrawn"):
        award.objections.pop(e.public["number"].integer(1), None)
    elif e.type == "bid_revoked":
        award.left.add(e.public["bid"].text())
    elif e.type in CHOICES:
        _check_answered(award, e)
        _choose(award, e)
    elif e.type in ("award_letter_issued", "result_published"):
        if e.type == "award_letter_issued":
            _check_answered(award, e)
        _same(award, e, NAMED)
    elif e.type == "contract_signed":
        _same(award, e, ("bid", "uscc", "price_fen"))
    elif e.type == "invalidated" and award.winner is not None:
        award.lost.add(str(award.winner["bid"]))
    elif e.type == "re_evaluation_ordered":
        award.recommended, award.published, award.winner, award.lost = None, None, None, set()


def _reopens(award: Award, e: Event) -> bool:
    """Whether something is reported of a bidder while the committee still has its say [B-16]."""
    return e.type == "standing_reported" and not award.reported


def _check_publicity(record: Record, lot: str, e: Event) -> None:
    """The candidates were public to the end [BLR 54]. Raises `Broken`."""
    end = planned(record, lot, e.index).get("publicity_end")
    if end is not None and e.at < end:
        raise Broken(NAME, e.where, f"a decision after the publicity, {end.isoformat()}", e.at.isoformat())


def _check_answered(award: Award, e: Event) -> None:
    """Nothing is decided over an objection that nobody has answered [BLR 54]. Raises `Broken`."""
    if award.objections:
        raise Broken(NAME, e.where, "every objection answered or withdrawn before", ", ".join(award.objections.values()))


def _recommended(award: Award, e: Event) -> list[Facts] | None:
    """The candidates of a result with the names their envelopes told; the same list stands beside the result."""
    shown = shown_of(e)
    if shown is None:
        return None
    totals = {b["bid"].text(): str(_first(b, "total", "evaluated_fen")) for b in shown["result"]["bids"].entries()}
    found: list[Facts] = []
    for place in shown["result"]["candidates"].entries():
        bid = place["bid"].text()
        named = award.opened.get(bid, {})
        found.append({"rank": place["rank"].raw, "bid": bid, "price_fen": place["contract_fen"].raw, "total": totals.get(bid, ""), **named})
    beside = shown.get("candidates")
    if beside is not None:
        _compare(e, "candidates", found, [_facts(c) for c in beside.entries()])
    return found


def _first(value: Value, *names: str) -> object:
    return next((v.raw for name in names if (v := value.get(name)) is not None and v.raw), "")


def _facts(candidate: Value) -> Facts:
    return {k: v for k, v in candidate.mapping().items() if k != "form"}


def _compare(e: Event, what: str, expected: object, found: object) -> None:
    if canonical(expected) != canonical(found):
        raise Broken(NAME, f"{e.where} {what}", canonical(expected)[:200], canonical(found)[:200])


def _answer(award: Award, e: Event) -> None:
    if e.public["agrees"].boolean():
        award.agreed[e.public["bid"].text()] = award.asked
    else:
        award.left.add(e.public["bid"].text())


def _check_settled(award: Award, e: Event) -> None:
    if award.stale:
        raise Broken(NAME, e.where, f"a summary after {award.stale}", "an earlier one")


def _publish(award: Award, e: Event) -> None:
    _check_settled(award, e)
    found = [_facts(c) for c in e.public["candidates"].entries()]
    if award.recommended is not None:
        _compare(e, "candidates", sorted(award.recommended, key=_by_rank), found)
        award.checked += 1
    award.published, award.winner = found, None


def _by_rank(candidate: Facts) -> tuple[int, str]:
    rank = candidate["rank"]
    return rank if isinstance(rank, int) else 0, str(candidate["bid"])


def _choose(award: Award, e: Event) -> None:
    """A candidate who has not dropped out; another than the best only where the law leaves the choice, and with a reason [BLR 55]."""
    _check_settled(award, e)
    if award.candidates is None:
        award.hidden += 1
    else:
        left = award.remaining()
        best = next((c for c in left if award.binds(c, e.at)), next(iter(left), None))
        chosen = next((c for c in left if c.get("bid") == e.public["bid"].text()), None)
        if chosen is None or best is None:
            raise Broken(NAME, e.where, "one of " + ", ".join(str(c.get("bid")) for c in left), e.public["bid"].text())
        _compare(e, "", {k: chosen.get(k) for k in (*NAMED, "rank")}, {k: _raw(e.public, k) for k in (*NAMED, "rank")})
        binding = award.terms.get("mandatory") is not False and award.terms.get("state_funded") is not False
        if chosen.get("rank") != best.get("rank") and (binding or not _raw(e.public, "reason")):
            raise Broken(NAME, e.where, f"the first in rank, {best.get('bid')}", chosen.get("bid"))
        award.checked += 1
    award.winner = {k: _raw(e.public, k) for k in NAMED}


def _same(award: Award, e: Event, names: tuple[str, ...]) -> None:
    """The winner is the one chosen, with code and price."""
    winner = award.winner or {}
    if not winner or winner.get("bid") in award.lost | award.left:
        raise Broken(NAME, e.where, "a winner who was chosen and stands", _raw(e.public, "bid"))
    _compare(e, "", {k: winner.get(k) for k in names}, {k: _raw(e.public, k) for k in names})
    award.checked += 1


def _raw(value: Value, name: str) -> object:
    found = value.get(name)
    return None if found is None else found.raw
