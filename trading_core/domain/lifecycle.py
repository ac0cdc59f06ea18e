"""A lifecycle is one table of transitions, read by the code, the documentation's graph and the tests alike [01 §1.2.1]."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .errors import IllegalTransition, Problem

SAME = "="  # target of an event that leaves the state as it is
RESUME = "<"  # target of `resume`: the state remembered when the lot was suspended


@dataclass(frozen=True, slots=True)
class Transition:
    """In any of `sources`, the event `event` leads to `target` (a state, `SAME` or `RESUME`)."""

    sources: frozenset[str]
    event: str
    target: str = SAME


def row(sources: str, event: str, target: str = SAME) -> Transition:
    """A line of the table; sources separated by blanks, none meaning the state before the first event."""
    return Transition(frozenset(sources.split() or [""]), event, target)


@dataclass(frozen=True)
class Lifecycle:
    """States and what may happen in each. `initial` is the state before the first event's target is known: no lot yet."""

    initial: str
    transitions: tuple[Transition, ...]

    def target(self, state: str, event: str, resume_to: str = "") -> str:
        """The state after `event` in `state`. Raises `IllegalTransition` when the table does not know it."""
        for t in self.transitions:
            if t.event == event and state in t.sources:
                return {SAME: state, RESUME: resume_to}.get(t.target, t.target)
        raise IllegalTransition(Problem("lot.illegal_transition", params={"state": state, "event": event}))

    def allows(self, state: str, event: str) -> bool:
        return any(t.event == event and state in t.sources for t in self.transitions)

    def states(self) -> frozenset[str]:
        named = {t.target for t in self.transitions} - {SAME, RESUME}
        return frozenset(named.union(*(t.sources for t in self.transitions)))

    def sources(self, event: str) -> frozenset[str]:
        """The states in which the event may happen."""
        return frozenset().union(*(t.sources for t in self.transitions if t.event == event))

    def edges(self) -> Iterator[tuple[str, str, str]]:
        """Every (state, event, next state) of the graph; `resume` leads back to every state that `suspend` leaves."""
        for t in self.transitions:
            for source in sorted(t.sources):
                if t.target == RESUME:
                    yield from ((source, t.event, s) for s in sorted(self.sources("suspended")))
                else:
                    yield source, t.event, source if t.target == SAME else t.target

    def trimmed(self) -> Lifecycle:
        """The table without the states that nothing leads to, and without the rows that are left with no state to happen in."""
        reached, before = {self.initial}, set[str]()
        while reached != before:
            before = set(reached)
            reached |= {t.target for t in self.transitions if t.sources & reached} - {SAME, RESUME}
        kept = (replace(t, sources=t.sources & reached) for t in self.transitions)
        return Lifecycle(self.initial, tuple(t for t in kept if t.sources))

    def without(self, *events: str) -> Lifecycle:
        return Lifecycle(self.initial, tuple(t for t in self.transitions if t.event not in events))


def composed(initial: str, *stages: Iterable[Transition]) -> Lifecycle:
    """One table from the stages of a trade, in the given order. What a stage allows in states of another that is left out goes too."""
    return Lifecycle(initial, tuple(t for stage in stages for t in stage)).trimmed()
