"""A trade type as a declaration. Web, API, documents, clocks and checks are derived from it: nothing else knows the trades."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from .errors import Problem
from .events import Event, Json, Recorded
from .fields import Field
from .identity import Actor, Role
from .lifecycle import Lifecycle, Transition, composed
from .lot import Lot
from .paper import PaperForm
from .periods import Period
from .volume import ArchiveRule
from .workcalendar import WorkCalendar

if TYPE_CHECKING:
    from .stages.deposits import DepositBook


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks for. data has been checked against the act's fields. received_at is when the server had all of it."""

    act: str
    actor: Actor
    data: Json
    received_at: datetime


@dataclass(frozen=True)
class Facts:
    """What a decision may know besides the lot, gathered beforehand by the service from other streams.

    Each act names the facts it `needs`; asking for one it did not name is a KeyError, so a decision can never read more than declared.
    """

    calendar: WorkCalendar
    values: Mapping[str, object] = field(default_factory=dict)

    def __getitem__(self, name: str) -> object:
        return self.values[name]


NEW = ""  # before the first event there is no lot
Decide = Callable[["TradeType", Lot, Command, Facts], list[Event]]
Evolve = Callable[[Lot, Recorded], Lot]
DueAt = Callable[["TradeType", Lot], datetime | None]
TermsCheck = Callable[[Mapping[str, object]], Iterable[Problem]]


@dataclass(frozen=True)
class Act:
    """One thing that can be done to a lot.

    name: verb used in addresses (``publish``); its title is the message ``act.<name>``. event: the lifecycle event by which the
    table says in which states it may happen. roles: who may. fields: the form. decide: pure; returns the events or raises
    `Refused`. needs: names of facts to gather. due: when the clock does it by itself (role CLOCK only). irrevocable: pages show a
    confirmation that repeats object and consequence. documents: kinds of paper each successful act yields. own_stream: the events
    belong to the sealed stream of the bid named in the form, not to the lot's. rule: the rulebook id the act rests on.
    """

    name: str
    event: str
    roles: frozenset[Role]
    decide: Decide
    fields: tuple[Field, ...] = ()
    needs: frozenset[str] = frozenset()
    due: DueAt | None = None
    irrevocable: bool = False
    documents: tuple[str, ...] = ()
    own_stream: bool = False
    rule: str = ""


@dataclass(frozen=True)
class Stage:
    """Something that trades go through, with all that belongs to it: the rows of the table, the acts, what its events mean, and the
    classes in which it keeps its state. A declaration is made of stages."""

    rows: tuple[Transition, ...] = ()
    acts: tuple[Act, ...] = ()
    evolve: Mapping[str, Evolve] = field(default_factory=dict)
    parts: tuple[type[object], ...] = ()


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of the bar above a lot's pages: message ``stage.<name>``; the lot is in it while its status is one of `states`."""

    name: str
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A line of the catalogue of trades (交易目录): code and names."""

    code: str
    zh: str
    en: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CommitteeRule:
    """Composition of the committee [08 §8.4]: odd size at least `minimum`, experts at least experts_of/experts_in of those present."""

    minimum: int = 5
    share_numerator: int = 2
    share_denominator: int = 3
    rule: str = "E-C1"


@dataclass(frozen=True, slots=True)
class DepositRule:
    """Bid bond: at most percent of the base term, and an absolute cap by kind of object [D-01]."""

    percent: str = "2"
    base_term: str = "estimate_fen"
    caps_fen: Mapping[str, int] = field(default_factory=dict)
    rule: str = "D-01"


@dataclass(frozen=True)
class TradeType:
    """A kind of trade under the rules in force from `rules` on. A lot keeps the version under which it was announced.

    archive: what the volume of an ended lot must hold, and how long it is kept at least; for a trade without that stage, nothing.
    papers: what its own papers say, by kind; one of a common kind goes before that.
    deposits: how the mechanism tells deposits apart.
    contract: what a contract states beside number, price, party and bond, as the bid says it or else the tender.
    letter: what a bid states beside files, price and deposit; published with a candidate's name [01 §1.3].
    form: what an announcement must state; a draft may still lack any of it. checks: what stands in the way of announcing the terms
    besides form, dates, deposit and evaluation rules; each is run at publication and at every amendment.
    review_committee: whether, by its terms, a committee reviews the applications of a prequalification, formed like the one that evaluates.
    min_bids, min_invitees, min_qualified: with fewer bids at the deadline or applicants qualified the tender fails [F-01, F-08], with
    fewer invitees it cannot begin [E-I1]; a limited prequalification has at least min_qualified places [E-I3].
    law: problem code to the article on which this trade refuses it, where the act that refuses cites none; ``basis.…`` to the article
    that an event names as its basis. candidates_max: how many a committee may recommend, None for any number.
    performance_bond_percent: how much it may be of the contract price [D-04]. amount, deadline: the term (in fen) and the point of the
    schedule by which lists show, seek and sort lots, empty for none. facts_shown: terms and parties on the lot's page, in order.
    column: where lists show it. vocabulary: in whose terms its pages and papers speak, first before next (`messages.Catalogue`).
    """

    code: str
    rules: date
    catalogue: tuple[CatalogueEntry, ...]
    stages: tuple[Stage, ...]
    milestones: tuple[Milestone, ...]
    periods: tuple[Period, ...]
    deposits: DepositBook
    committee: CommitteeRule = CommitteeRule()
    deposit: DepositRule = DepositRule()
    archive: ArchiveRule = ArchiveRule()
    contract: tuple[Field, ...] = ()
    min_bids: int = 3
    min_invitees: int = 3
    min_qualified: int = 3
    candidates_max: int | None = None
    performance_bond_percent: str = "10"
    papers: Mapping[str, PaperForm] = field(default_factory=dict)
    rejection_grounds: tuple[str, ...] = ()
    facts_shown: tuple[str, ...] = ()
    letter: tuple[Field, ...] = ()
    form: tuple[Field, ...] = ()
    checks: tuple[TermsCheck, ...] = ()
    review_committee: Callable[[Mapping[str, object]], bool] = lambda terms: False
    law: Mapping[str, str] = field(default_factory=dict)
    amount: str = ""
    deadline: str = ""
    column: str = "engineering"
    vocabulary: tuple[str, ...] = ()

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """The table of all stages, without what the chosen ones cannot reach."""
        return composed(NEW, *(s.rows for s in self.stages))

    @cached_property
    def acts(self) -> Mapping[str, Act]:
        """The acts of all stages whose event the table knows."""
        return acts_of(*(a for s in self.stages for a in s.acts), table=self.lifecycle)

    @cached_property
    def evolve(self) -> Mapping[str, Evolve]:
        """What events do; where several stages heed an event, all do, in their order."""
        return evolution(*(s.evolve for s in self.stages))

    @cached_property
    def parts(self) -> tuple[type[object], ...]:
        return tuple(dict.fromkeys(p for s in self.stages for p in s.parts))

    @property
    def version(self) -> str:
        """Identity of the declaration: code and date."""
        return f"{self.code}@{self.rules.isoformat()}"


def evolution(*groups: Mapping[str, Evolve]) -> dict[str, Evolve]:
    """What events do, put together from the stages of a trade: where several stages heed an event, all do, in the given order."""
    joined: dict[str, Evolve] = {}
    for group in groups:
        for event, handler in group.items():
            before = joined.get(event)
            joined[event] = _one_after_another(before, handler) if before else handler
    return joined


def _one_after_another(first: Evolve, second: Evolve) -> Evolve:
    return lambda lot, recorded: second(first(lot, recorded), recorded)


def acts_of(*acts: Act, table: Lifecycle | None = None) -> dict[str, Act]:
    """Acts by name, with a table only those whose event it knows: acts of stages that were left out. ValueError when two share a name."""
    found = {a.name: a for a in acts}
    if len(found) != len(acts):
        raise ValueError("two acts of one name")
    events = {t.event for t in table.transitions} if table else {a.event for a in acts}
    return {name: act for name, act in found.items() if act.event in events}
