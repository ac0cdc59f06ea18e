"""The opening hall as everybody sees it: steps, keys, what each bid says once it is open, the draw, what was said. Only public facts.

Before the deadline there is nothing to show but the clock: no name, no number of bids. Afterwards every figure comes from the lot's
public record, so the page can be computed for nobody in particular and shown to all.
"""
from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, cast

from trading_core.domain.draw import combine
from trading_core.domain.lot import Lot
from trading_core.domain.money import daxie
from trading_core.domain.stages.draws import OWNERS, PARAMETER, PARTIES, Draws, k_candidates
from trading_core.domain.stages.remedies import Objections, OnTheSpot
from trading_core.domain.tender.bidding import Closing, of_superseded_document
from trading_core.domain.tender.opening import OpenedBid, OpenedEnvelope, Opening, later_stages, several_of_one, stages_at_opening
from trading_core.domain.tender.parameter import awaited
from trading_core.domain.tender.reading import CONFIRMATION_WINDOW, SECOND, agreed, read_out
from trading_core.domain.tender.trustees import AT_OPENING, THRESHOLD, TRUSTEES, Trustees, envelopes
from trading_core.platform import Unit
from trading_core.services import organisations

from .i18n import Words
from .lot_page import checkpoint_size, history
from .models import Line, StageMark

HOST_SAYS = frozenset({"opening_started", "opening_answered", "opening_finished"})
SAID = HOST_SAYS | {"closed", "key_released", "bid_opened", "stage_opened", "opening_attended", "opening_objected", "opening_confirmed",
                    "parameter_drawn", "draw_part_received", "draw_part_overdue", SECOND, "failed", "suspended", "resumed",
                    "terminated"}  # fmt: skip
BY_ITSELF = frozenset({"closed", "bid_opened", "stage_opened", "parameter_drawn", SECOND, "failed"})
STEPS = ("closed", "keys", "read_out", "draw", "objections", "confirmed")


@dataclass(frozen=True, slots=True)
class KeyOf:
    """A trustee's key of a stage: whether and when its private half was handed in. The key itself is never shown here."""

    trustee: str
    line: Line | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class StageKeys:
    """The keys of one envelope's stage, and how far its opening has come."""

    stage: str
    at_opening: bool
    keys: tuple[KeyOf, ...]
    opened: int
    total: int
    complete: Line | None

    @property
    def released(self) -> int:
        return sum(k.at is not None for k in self.keys)


@dataclass(frozen=True, slots=True)
class Row:
    """One bid of the list. received: its sealed entry in the log; opened: the entry that opened its newest envelope."""

    number: int
    bid: str
    opened: OpenedBid | None
    envelopes: tuple[tuple[str, OpenedEnvelope | None], ...]
    received: int | None
    line: Line | None
    confirmed: bool

    @property
    def price_fen(self) -> int | None:
        price = self.form.get("price_fen")
        return price if isinstance(price, int) and not isinstance(price, bool) else None

    @property
    def words(self) -> str:
        """The price in words as the law counts it (大写)."""
        return daxie(self.price_fen) if self.price_fen is not None and self.price_fen >= 0 else ""

    @property
    def form(self) -> Mapping[str, object]:
        return self.opened.form if self.opened is not None else {}

    def said(self, name: str) -> str:
        """What the bid states under that name, as text; empty when it states nothing one can read out."""
        value = self.form.get(name)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the draw: its commitment before the deadline, its part afterwards, each with its place in the record.

    reserve: it stands in for a part that is overdue. awaited: its part may come now.
    """

    name: str
    reserve: bool
    awaited: bool
    commitment: str
    committed: Line | None
    handed_in: Line | None
    part: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The draw of a parameter of the price formula, with everything needed to draw again."""

    parameter: str
    candidates: tuple[str, ...]
    parties: tuple[Party, ...]
    value: str
    index: int | None
    line: Line | None
    opening_time: str
    bid_root: str
    seed: str


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection raised at the opening, by name, with the record of it and of its answer."""

    said: OnTheSpot
    organisation: str
    raised: Line | None
    answered: Line | None


@dataclass(frozen=True, slots=True)
class Saying:
    """A line of the hall's record: who, what about, when."""

    line: Line
    who: str
    host: bool
    text: str


class Hall:
    """The hall of one lot at one instant. Everything is worked out when first asked for."""

    def __init__(self, unit: Unit, lot: Lot, words: Words) -> None:
        self._unit, self.lot, self._words = unit, lot, words
        self.opening, self.closing, self.now = lot.part(Opening), lot.part(Closing), unit.now

    # ---------------------------------------------------------------- where it stands

    @cached_property
    def phase(self) -> Literal["before", "closing", "waiting", "open", "second", "over", "failed", "suspended"]:
        """before the deadline; closing: past it, bids being counted; waiting for the host; open; over; second: the technical result is
        closed and the envelopes that waited for it are opened and confirmed."""
        lot = self.lot
        if lot.status == "SUSPENDED":
            return "suspended"
        if lot.status in ("FAILED", "TERMINATED", "INVALIDATED"):
            return "failed"
        if not self.revealed:
            return "closing" if self.opens_at is not None and self.now >= self.opens_at else "before"
        if lot.status in ("EVALUATING", "EVALUATED") and "technical_summarised" in lot.history and SECOND not in lot.history:
            return "second" if later_stages(lot) else "over"
        return {"CLOSED": "waiting", "OPENING": "open"}.get(lot.status, "over")  # type: ignore[return-value]

    @property
    def revealed(self) -> bool:
        """Whether the deadline has passed for the record: only then is anything said of bids."""
        return "closed" in self.lot.history

    @property
    def opens_at(self) -> datetime | None:
        return self.lot.schedule.get("bid_deadline")

    @cached_property
    def lines(self) -> list[Line]:
        """The lot's public acts, newest first."""
        return history(self._unit, self.lot, self._words)

    @property
    def sequence(self) -> int:
        """Grows with every event of the lot: a newer page of the hall never gives way to an older one."""
        return len(self.lines)

    @cached_property
    def covered(self) -> int:
        return checkpoint_size(self._unit)

    @cached_property
    def read_out_at(self) -> datetime | None:
        """When everything that is opened at the opening was open."""
        stages = stages_at_opening(self.lot)
        moments = [self.opening.stages[s] for s in stages if s in self.opening.stages]
        return max(moments) if stages and len(moments) == len(stages) else None

    @property
    def confirm_until(self) -> datetime | None:
        """Until when bidders may take their time to confirm; afterwards the host may close the record."""
        return at + CONFIRMATION_WINDOW if (at := read_out(self.lot)) is not None else None

    @cached_property
    def steps(self) -> list[StageMark]:
        """The steps of the opening with where it stands."""
        lot, over = self.lot, self.phase in ("over", "second")
        drawn = lot.history.get("parameter_drawn")
        finished = lot.history.get("opening_finished")
        keys = [k.at for s in self.stages if s.at_opening for k in s.keys if k.at is not None and s.released >= THRESHOLD]
        ready = all(s.released >= THRESHOLD for s in self.stages if s.at_opening) and bool(keys)
        done: dict[str, datetime | None] = {
            "closed": lot.history.get("closed"), "keys": max(keys) if ready else None, "read_out": self.read_out_at, "draw": drawn,
            "objections": finished, "confirmed": finished,
        }  # fmt: skip
        names = [s for s in STEPS if s != "draw" or k_candidates(lot)]
        first = next((n for n in names if done[n] is None), None)
        if self.phase != "open" and not over:
            first = first if self.revealed else None
        return [StageMark(n, "done" if done[n] else "now" if n == first and not over else "later", done[n]) for n in names]

    # ---------------------------------------------------------------- keys and bids

    @cached_property
    def stages(self) -> list[StageKeys]:
        """Every envelope's keys. Which trustee has a key is public before the deadline, how many bids there are is not."""
        keys, total = self.lot.part(Trustees), len(self.closing.bids)
        released = {(line.public.get("stage"), line.public.get("trustee")): line for line in self._of("key_released")}
        complete = {line.public.get("stage"): line for line in self._of("stage_opened")}
        found = []
        for e in envelopes(self.lot):
            lines = [(t, released.get((e.name, t))) for t in TRUSTEES if t in keys.of(e.name)]
            opened = sum(e.name in b.envelopes for b in self.opening.bids.values())
            of = tuple(KeyOf(t, line, line.at if line else None) for t, line in lines)
            found.append(StageKeys(e.name, e.opens == AT_OPENING, of, opened, total, complete.get(e.name)))
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """Every bid that the deadline found, in the order in which they are opened; nothing before."""
        if not self.revealed:
            return []
        sealed = {str(line.public.get("stream")): line for line in self._of("disclosed")}
        opened = {str(line.public.get("bid")): line for line in reversed(self._of("bid_opened"))}
        names = [e.name for e in envelopes(self.lot)]
        found = []
        for number, b in enumerate(sorted(self.closing.bids, key=lambda b: b.bid), 1):
            known, stream = self.opening.bids.get(b.bid), f"sealed/{b.bid}"
            parts = tuple((n, known.envelopes.get(n) if known else None) for n in names)
            place = sealed.get(stream)
            index = self._unit.store.log_index(stream, cast("int", place.public["version"])) if place else None
            found.append(Row(number, b.bid, known, parts, index, opened.get(b.bid), agreed(self.lot, b.bid)))
        return found

    @cached_property
    def several(self) -> frozenset[str]:
        """Bids of bidders who submitted more than one."""
        return several_of_one(self.lot)

    @cached_property
    def superseded(self) -> Mapping[str, int]:
        """Bids made for an earlier version of the tender document, with that version."""
        return of_superseded_document(self.lot)

    # ---------------------------------------------------------------- draw

    @cached_property
    def draw(self) -> Drawing | None:
        """The draw of the parameter, None when the tender has none."""
        if not k_candidates(self.lot):
            return None
        draw = self.lot.part(Draws).of(PARAMETER)
        mine = [line for line in self.lines if line.public.get("draw") == PARAMETER]
        result = next((line for line in mine if line.type == "parameter_drawn"), None)
        said: Mapping[str, Any] = result.public if result else {}
        parts = {p["party"]: p["part"] for p in said.get("parts", ())}
        parties = tuple(
            Party(p, p not in OWNERS[PARAMETER], p in awaited(self.lot), (draw.commitments.get(p, "") if draw else ""),
                  _by(mine, "draw_committed", p), _by(mine, "draw_part_received", p), parts.get(p, ""))
            for p in PARTIES[PARAMETER]
        )  # fmt: skip
        evaluation = cast("Mapping[str, Any]", self.lot.terms.get("evaluation") or {})
        return Drawing(
            str(evaluation["price"]["drawn"]["parameter"]), k_candidates(self.lot), parties, str(said.get("value", "")), said.get("index"),
            result, str(said.get("opening_time", "")), str(said.get("bid_root", "")),
            combine([bytes.fromhex(p) for p in parts.values()]).hex() if parts else "",
        )  # fmt: skip

    # ---------------------------------------------------------------- what was said

    @cached_property
    def objections(self) -> list[Objection]:
        raised = {line.public.get("number"): line for line in self._of("opening_objected")}
        answered = {line.public.get("number"): line for line in self._of("opening_answered")}
        said = self.lot.part(Objections).on_the_spot
        return [Objection(o, self._named(o.organisation), raised.get(o.number), answered.get(o.number)) for o in said]

    @cached_property
    def attended(self) -> list[str]:
        return [self._named(o) for o in self.opening.attended]

    @cached_property
    def record(self) -> list[Saying]:
        """The course of the opening as it was written, oldest first; empty before the deadline."""
        return [s for line in reversed(self.lines) if line.type in SAID for s in self._saying(line)] if self.revealed else []

    def _saying(self, line: Line) -> Iterator[Saying]:
        words, p = self._words, line.public
        if line.type == "suspended" and line.at < self.lot.history["closed"]:
            return  # what happened while bids were prepared stands on the lot's own page
        if line.type == "draw_part_received" and p.get("draw") != PARAMETER:
            return
        by = cast("Mapping[str, str]", p.get("by") or {}).get("role", "") if line.type not in BY_ITSELF else ""
        name = self._named(str(p["organisation"])) if "organisation" in p else ""
        who = words("hall.host") if line.type in HOST_SAYS else name or (words.name("role", by) if by and by != "clock" else "")
        yield Saying(line, who or words("hall.system"), line.type in HOST_SAYS, self._text(line, p))

    def _text(self, line: Line, p: Mapping[str, Any]) -> str:
        words, key = self._words, f"hall.says.{line.type}"
        row = next((r for r in self.rows if r.bid == p.get("bid")), None)
        figures = {
            "number": p.get("number") or (row.number if row else ""), "stage": words.name("envelope", str(p.get("stage", ""))),
            "name": (self._called(row.opened) if row and row.opened else "") or words("hall.unnamed"), "value": p.get("value", ""),
            "text": p.get("text") or p.get("answer") or p.get("reason") or "", "count": p.get("count", ""),
        }  # fmt: skip
        if p.get("same_bidder_as"):
            key = "hall.says.bid_opened_again"
        if line.type == "bid_opened" and not p.get("ok"):
            key = "hall.says.bid_not_opened"
        if line.type == "parameter_drawn":
            figures["value"] = percent(str(p["value"]))
        return words(key, **figures) if words.catalogue.has(key) else line.title

    def _called(self, bid: OpenedBid) -> str:
        """Whose bid it is, read out with everybody who bids together [B-14]."""
        others = self._words("form.comma").join(m.name for m in bid.members[1:])
        return self._words("hall.together", leader=bid.name, others=others) if others else bid.name

    def _named(self, organisation: str) -> str:
        known = organisations.find_organisation(self._unit, organisation)
        return known.name if known is not None else ""

    def _of(self, kind: str) -> Sequence[Line]:
        return [line for line in self.lines if line.type == kind]


class KeptPages:
    """The newest renderings of what many watch, by what they depend on. Safe on many threads; the oldest are dropped."""

    def __init__(self, size: int = 200) -> None:
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._size, self._lock = size, threading.Lock()

    def find(self, key: Hashable, make: Callable[[], str]) -> str:
        """The page of that key, made now if there is none yet."""
        with self._lock:
            page = self._pages.get(key)
        if page is None:
            page = make()
            with self._lock:
                self._pages[key] = page
                while len(self._pages) > self._size:
                    self._pages.popitem(last=False)
        return page


def percent(fraction: str) -> str:
    """``0.025`` as ``2.5 %``, exactly; what is no fraction stays as it is."""
    try:
        value = Decimal(fraction) * 100
    except ArithmeticError:
        return fraction
    return f"{value.normalize():f} %"


def _by(lines: Iterable[Line], kind: str, party: str) -> Line | None:
    return next((line for line in lines if line.type == kind and line.public.get("party") == party), None)
