"""The rules of one auction as its notice states them: prices, increments, phases, right of priority, cap [04 §4.4, 05 §5.4]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from ..errors import Problem
from ..fields import Field

BIDDERS, REGISTERED = "bidders", "registered"
WISHED, LAST_HOUR, ALWAYS, NEVER = "wished", "last_hour", "always", "never"
NONE, AFTER, WITHIN, LAST = "none", "after", "within", "last"
TERMS, DRAW = "terms", "draw"
HOUR = timedelta(hours=1)
LADDER_MAX = 20

FIELDS = (
    Field("start_fen", "money", minimum=1),
    Field("increment_fen", "money", minimum=1),
    Field("multiple", "boolean"),
    Field("ladder", "list", required=False, maximum=LADDER_MAX, fields=(
        Field("from_fen", "money", minimum=1), Field("increment_fen", "money", minimum=1))),
    Field("timed_increment_fen", "money", required=False, minimum=1),
    Field("reserve", "boolean"),
    Field("reserve_from_minutes", "integer", required=False, minimum=1, maximum=1440),
    Field("reserve_until_minutes", "integer", required=False, minimum=0, maximum=1440),
    Field("bidders_min", "integer", minimum=1, maximum=20),
    Field("quiet_minutes", "integer", minimum=0, maximum=1440),
    Field("timed_when", "choice", choices=(WISHED, LAST_HOUR, ALWAYS, NEVER)),
    Field("timed_entry", "choice", choices=(BIDDERS, REGISTERED)),
    Field("preparation_minutes", "integer", minimum=0, maximum=1440),
    Field("round_minutes", "integer", minimum=1, maximum=60),
    Field("extension", "boolean"),
    Field("priority", "choice", choices=(NONE, AFTER, WITHIN, LAST)),
    Field("priority_minutes", "integer", required=False, minimum=1, maximum=1440),
    Field("cap_fen", "money", required=False, minimum=1),
    Field("cap_then", "choice", required=False, choices=(TERMS, DRAW)),
    Field("cap_document", required=False),
    Field("terms_unit", required=False, maximum=40),
    Field("terms_step", "integer", required=False, minimum=1, maximum=10**9),
)  # fmt: skip
"""What a notice states of its bidding. Amounts are fen of the price or of the unit price, whichever the trade bids in.

timed_when: whether timed bidding follows the free one: somebody of at least two bidders asks for it (``wished``), at least two bid in
the last hour (``last_hour``), in any case, or never. timed_entry: who may take part, those with a bid or all admitted. extension: a bid
in the last round of the free time prolongs that instead [R-M1]. priority: the right holder takes the last price after the bidding
(``after``), within the rounds or free bidding that prolongs itself (``within``), or at their end, when others may go higher still
(``last``)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The checked rules; see `FIELDS`."""

    start_fen: int
    increment_fen: int
    ladder: tuple[tuple[int, int], ...]
    timed_increment_fen: int
    multiple: bool
    reserve: bool
    bidders_min: int
    quiet: timedelta
    timed_when: str
    timed_entry: str
    preparation: timedelta
    round: timedelta
    extension: bool
    priority: str
    priority_time: timedelta
    cap_fen: int
    cap_then: str
    terms_step: int

    def increment(self, price_fen: int, timed: bool, changed_fen: int = 0) -> int:
        """By how much a bid must at least exceed this price, in fen. changed_fen: what the increment was changed to during the bidding,
        which stands before everything stated in the notice [04 §4.3, §4.9]."""
        if changed_fen:
            return changed_fen
        if timed and self.timed_increment_fen:
            return self.timed_increment_fen
        return next((step for start, step in reversed(self.ladder) if price_fen >= start), self.increment_fen)


def rules_of(terms: Mapping[str, object]) -> Rules:
    """The rules that a lot's terms state under ``bidding``. Only for terms that `problems` has passed."""
    said = cast("Mapping[str, object]", terms["bidding"])
    ladder = cast("Sequence[Mapping[str, int]]", said.get("ladder") or ())

    def number(name: str) -> int:
        return cast("int", said.get(name) or 0)

    return Rules(
        start_fen=number("start_fen"), increment_fen=number("increment_fen"),
        ladder=tuple((step["from_fen"], step["increment_fen"]) for step in ladder),
        timed_increment_fen=number("timed_increment_fen"), multiple=said["multiple"] is True, reserve=said["reserve"] is True,
        bidders_min=number("bidders_min"), quiet=timedelta(minutes=number("quiet_minutes")), timed_when=str(said["timed_when"]),
        timed_entry=str(said["timed_entry"]), preparation=timedelta(minutes=number("preparation_minutes")),
        round=timedelta(minutes=number("round_minutes")), extension=said["extension"] is True, priority=str(said["priority"]),
        priority_time=timedelta(minutes=number("priority_minutes")), cap_fen=number("cap_fen"), cap_then=str(said.get("cap_then") or ""),
        terms_step=number("terms_step"),
    )  # fmt: skip


def problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """What cannot be bid by, told before anybody prepares."""
    said = terms.get("bidding")
    if not isinstance(said, Mapping):
        return  # the form asks for it
    yield from _ladder_problems(said)
    yield from _phase_problems(said)
    yield from _cap_problems(said)


def _ladder_problems(said: Mapping[str, object]) -> Iterator[Problem]:
    ladder = cast("Sequence[Mapping[str, int]]", said.get("ladder") or ())
    starts = [step["from_fen"] for step in ladder]
    for i, start in enumerate(starts):
        if i and start <= starts[i - 1]:
            yield Problem("auction.ladder_order", f"bidding.ladder.{i}.from_fen")


def _phase_problems(said: Mapping[str, object]) -> Iterator[Problem]:
    if said.get("extension") is True and said.get("timed_when") != NEVER:
        yield Problem("auction.variants_mixed", "bidding.extension")
    if said.get("priority") in (AFTER, LAST) and not said.get("priority_minutes"):
        yield Problem("auction.priority_time_missing", "bidding.priority_minutes")
    if said.get("priority") == WITHIN and said.get("timed_when") == NEVER and said.get("extension") is not True:
        yield Problem("auction.priority_without_rounds", "bidding.priority")
    begins, ends = said.get("reserve_from_minutes"), said.get("reserve_until_minutes")
    if said.get("reserve") is True and (not isinstance(begins, int) or not isinstance(ends, int) or begins <= ends):
        yield Problem("auction.reserve_window", "bidding.reserve_from_minutes")


def _cap_problems(said: Mapping[str, object]) -> Iterator[Problem]:
    """A cap needs a policy document in force, and says what decides once it is reached [04 §4.5]."""
    cap, then = said.get("cap_fen"), said.get("cap_then")
    if cap is None:
        if then or said.get("cap_document"):
            yield Problem("auction.cap_missing", "bidding.cap_fen")
        return
    if not isinstance(cap, int) or cap < cast("int", said.get("start_fen") or 0):
        yield Problem("auction.cap_below_start", "bidding.cap_fen")
    if not then:
        yield Problem("auction.cap_then_missing", "bidding.cap_then")
    if not said.get("cap_document"):
        yield Problem("auction.cap_document_missing", "bidding.cap_document")
    if then == TERMS and not (said.get("terms_unit") and said.get("terms_step")):
        yield Problem("auction.terms_missing", "bidding.terms_step")
    if then and said.get("timed_when") == NEVER:
        yield Problem("auction.cap_without_rounds", "bidding.timed_when")
