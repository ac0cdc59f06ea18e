"""Many commands on one lot in one transaction: the same decisions, record and answers as one by one."""
from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.halls import hall
from tests.halls.hall import START_FEN, STEP_FEN
from tests.world import World
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.domain.errors import Conflict, Problem, Refused
from trading_core.domain.events import Event, Json
from trading_core.domain.trade import Command
from trading_core.platform import Platform, Unit
from trading_core.services import attempts, serving
from trading_core.services.commands import Answers
from trading_core.services.halls import Answer, Waiting, answer_all
from trading_core.services.replay import replay
from trading_core.settings import Settings
from web.api.commands import give

BIDDERS = 4


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


class Room:
    """A lot in timed bidding and its bidders; `copy` opens another with the same history."""

    def __init__(self, world: World, rights: Sequence[int] = (), **bidding: object) -> None:
        self.world, self.platform = world, world.platform
        self.bidders = hall.bidders(world, BIDDERS)
        self.lot = hall.timed(world, self.bidders, rights, **bidding)
        self._copies = 0

    def copy(self) -> str:
        self._copies += 1
        name = f"{self.lot}-{self._copies}"
        with self.platform.unit() as unit:
            history = [s.recorded() for s in unit.store.read(f"lot/{self.lot}")]
            unit.store.append(f"lot/{name}", 0, [Event(r.type, r.public, r.private) for r in history], unit.now)
        return name

    def bid(self, bidder: int, steps: int, key: str, **more: object) -> Waiting:
        """An amount so many steps above the start."""
        data = {"amount_fen": START_FEN + steps * STEP_FEN, **more}
        return Waiting(Command("place_bid", self.bidders[bidder], data, self.platform.clock.now()), key)

    def ask(self, *waiting: Waiting, lot: str = "") -> list[Answer]:
        return answer_all(self.platform, lot or self.lot, waiting)

    def steps(self, lot: str = "") -> list[int]:
        """The bids on record above the first, as steps."""
        return [(amount - START_FEN) // STEP_FEN for _, _, amount in hall.placed(self.world, lot or self.lot)[1:]]


@pytest.fixture
def room(world: World) -> Room:
    return Room(world)


def codes(answers: Sequence[Answer]) -> list[str]:
    """Of each answer the code of its refusal, empty for a receipt."""
    return [a.problems[0].code if isinstance(a, Refused) else "" if isinstance(a, str) else type(a).__name__ for a in answers]


def test_decided_in_the_order_in_which_they_came(room: Room) -> None:
    answers = room.ask(*(room.bid(b, s, f"{n}") for n, (b, s) in enumerate([(1, 1), (2, 1), (2, 2), (2, 3), (3, 4), (0, 2), (0, 5)])))
    assert codes(answers) == ["", "auction.too_low", "", "auction.you_lead", "", "auction.too_low", ""]
    assert room.steps() == [1, 2, 4, 5]
    assert [json.loads(json.loads(a)["receipt"])["events"][0]["version"] for a in answers if isinstance(a, str)] == sorted(
        s.version for s in bids_of(room))  # fmt: skip
    assert replay(room.platform) == []


def bids_of(room: Room):  # type: ignore[no-untyped-def]
    with room.platform.look() as unit:
        return [s for s in unit.store.read(f"lot/{room.lot}") if s.type == "bid_placed"][1:]


def test_a_key_is_one_command(room: Room) -> None:
    first, again = room.ask(room.bid(1, 1, "k"), room.bid(1, 1, "k"))
    assert isinstance(first, str) and first == again
    assert room.ask(room.bid(1, 1, "k")) == [first]
    assert give(room.platform, room.lot, room.bid(1, 1, "k").command, "k", "") == json.loads(first)  # by the other way too
    assert codes(room.ask(room.bid(1, 2, "k"), room.bid(2, 2, ""), room.bid(2, 2, "落"))) == [
        "command.key_reused", "command.key_missing", "command.key_unfit"]  # fmt: skip
    assert codes(room.ask(room.bid(2, 1, "low"), room.bid(2, 2, "k"), room.bid(3, 1, "low"))) == ["auction.too_low", "", "auction.too_low"]
    assert room.steps() == [1, 2]


def test_who_is_not_heard_any_more_disturbs_nobody(room: Room) -> None:
    def ended(unit: Unit) -> None:
        raise Refused(Problem("session.ended"))

    answers = room.ask(room.bid(1, 1, "a"), replace(room.bid(2, 2, "b"), check=ended), room.bid(3, 3, "c"))
    assert codes(answers) == ["", "session.ended", ""]
    assert room.steps() == [1, 3]


def test_what_goes_wrong_with_one_goes_wrong_with_nobody_else(room: Room) -> None:
    def broken(unit: Unit) -> None:
        raise LookupError("a mistake of ours")

    answers = room.ask(room.bid(1, 1, "a"), replace(room.bid(2, 2, "b"), check=broken), room.bid(3, 3, "c"))
    assert codes(answers) == ["", "LookupError", ""]
    assert room.steps() == [1, 3]


def test_somebody_who_was_faster_lets_all_be_decided_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, failures = Answers.keep, [Conflict("elsewhere")] * 2

    def conflicts(self: Answers) -> None:
        keep(self)
        if failures:
            raise failures.pop()

    monkeypatch.setattr(Answers, "keep", conflicts)
    assert codes(room.ask(room.bid(1, 1, "a"), room.bid(2, 2, "b"))) == ["", ""]
    assert room.steps() == [1, 2] and not failures


def test_who_is_always_beaten_is_told_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def conflicts(self: Answers) -> None:
        raise Conflict("elsewhere")

    monkeypatch.setattr(Answers, "keep", conflicts)
    assert codes(room.ask(room.bid(1, 1, "a"), room.bid(2, 2, "b"))) == ["Conflict", "Conflict"]
    assert room.steps() == []


def test_an_attempt_at_what_the_state_does_not_allow_goes_on_record(room: Room) -> None:
    wish = Waiting(Command("wish_timed_bidding", room.bidders[2], {}, room.platform.clock.now()), "w", "192.0.2.7")
    answers = room.ask(room.bid(1, 1, "a"), wish, room.bid(3, 2, "c"))
    assert codes(answers) == ["", "lot.illegal_transition", ""]
    with room.platform.look() as unit:
        found, = attempts.of_lot(unit, room.lot)
    assert (found.event, found.state, found.role) == ("timed_bidding_wished", "TIMED", "bidder")
    assert (found.person, found.address) == ("", "")  # until the end a bidder is a number [L-B2]


def test_received_never_falls(room: Room) -> None:
    now = room.platform.clock.now()
    late, early = (replace(w, command=replace(w.command, received_at=at)) for w, at in (
        (room.bid(1, 1, "a"), now), (room.bid(2, 2, "b"), now - timedelta(seconds=1))))  # fmt: skip
    assert codes(room.ask(late, early)) == ["", ""]
    said = [s.recorded().public["received_at"] for s in bids_of(room)]
    assert said[0] == said[1]


def test_what_is_no_lot_or_nobodys_business_looks_absent(room: Room) -> None:
    draft = room.world.create({"principal": room.world.principal.organisation}, "property")
    assert [codes(room.ask(room.bid(1, 1, key), lot=lot)) for key, lot in (("a", "D01-0000-NOTHING"), ("b", draft))] == [
        ["lot.unknown"], ["lot.unknown"]]  # fmt: skip


def test_nothing_is_decided_while_time_is_given_back_or_the_clock_is_wrong(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with room.platform.unit() as unit:
        serving.note(unit, serving.last(unit))
    room.world.clock.advance(timedelta(seconds=61))
    assert codes(room.ask(room.bid(1, 1, "a"))) == ["service.recovering"]
    with room.platform.unit() as unit:
        serving.note(unit, serving.last(unit))
        unit.store.append("note/1", 0, [Event("written")], unit.now + timedelta(seconds=1))
    assert codes(room.ask(room.bid(1, 1, "b"))) == ["service.clock"]
    assert room.steps() == []


def test_a_large_crowd_costs_no_more_questions_than_one(room: Room) -> None:
    """Statements asked of the database do not grow with the number of commands."""
    def asked(lot: str, count: int) -> int:
        said: list[str] = []

        def note(conn: object, cursor: object, statement: str, *_: object) -> None:
            said.append(statement)

        sa.event.listen(room.platform.database.engine, "before_cursor_execute", note)
        answers = room.ask(*(room.bid(1 + n % 2, n + 1, f"{lot}{n}") for n in range(count)), lot=lot)
        sa.event.remove(room.platform.database.engine, "before_cursor_execute", note)
        assert codes(answers) == [""] * count
        return len(said)

    assert asked(room.copy(), 1) == asked(room.copy(), 40)


def test_the_pages_and_the_hall_at_once(room: Room) -> None:
    """Threads that bid by both ways: every acknowledged bid is on record, numbers dense, amounts rising, tables as the record says."""
    told: list[Mapping[str, object]] = []
    failures: list[BaseException] = []

    def by_page(bidder: int) -> None:
        for n in range(12):
            one = room.bid(bidder, 3 * n + bidder, f"page{n}")
            with suppress(Refused, Conflict):
                told.append(give(room.platform, room.lot, one.command, one.key, ""))

    def by_hall() -> None:
        for n in range(12):
            told.extend(json.loads(a) for a in room.ask(*(room.bid(b, 3 * n + b, f"hall{n}") for b in (2, 3))) if isinstance(a, str))

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)
        return run

    threads = [threading.Thread(target=guarded(w)) for w in (lambda: by_page(0), lambda: by_page(1), by_hall)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    placed = hall.placed(room.world, room.lot)
    assert [n for n, _, _ in placed] == list(range(1, len(placed) + 1))
    assert [a for _, _, a in placed] == sorted({a for _, _, a in placed})
    assert len(told) == len(placed) - 1 > 0
    assert replay(room.platform) == []


# ------------------------------------------------------------------ the same as one by one

@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    made = build(Settings(data=tmp_path_factory.mktemp("data")), SteppedClock(hall.PUBLISHED), SeededEntropy(b"halls"))
    yield Room(World(made), (0, 2, 1), priority="within")
    made.database.close()


ASKED = st.one_of(
    st.tuples(st.just("place_bid"), st.integers(0, BIDDERS - 1), st.integers(0, 12)),
    st.tuples(st.just("leave_standing_bid"), st.integers(0, BIDDERS - 1), st.integers(1, 15)),
    st.tuples(st.sampled_from(["wish_timed_bidding", "exercise_right"]), st.integers(0, BIDDERS - 1), st.just(0)),
)
FIELD = {"place_bid": "amount_fen", "leave_standing_bid": "limit_fen"}


@settings(max_examples=25)
@given(asked=st.lists(ASKED, max_size=14), cuts=st.randoms(use_true_random=False))
def test_the_same_as_one_by_one(shared: Room, asked: list[tuple[str, int, int]], cuts: random.Random) -> None:
    """However the commands are cut into transactions: the same refusals, the same public record, the same state of the lot."""
    one, other, now = shared.copy(), shared.copy(), shared.platform.clock.now()
    commands = [Command(act, shared.bidders[b], _data(act, steps), now) for act, b, steps in asked]
    expected = [_given(shared.platform, one, c, f"{one}{n}") for n, c in enumerate(commands)]
    found: list[Answer] = []
    while len(found) < len(commands):
        first, size = len(found), cuts.randint(1, 5)
        found += shared.ask(*(Waiting(c, f"{other}{n}") for n, c in enumerate(commands[first : first + size], first)), lot=other)
    assert [_plain(a, one) for a in expected] == [_plain(a, other) for a in found]
    with shared.platform.look() as unit:
        records = [[(s.version, s.type, s.public) for s in unit.store.read(f"lot/{lot}")] for lot in (one, other)]
    assert records[0] == records[1]
    states = [replace(shared.world.lot(lot), id="") for lot in (one, other)]
    assert states[0] == states[1]


def _data(act: str, steps: int) -> Json:
    return {FIELD[act]: START_FEN + steps * STEP_FEN} if act in FIELD else {}


def _given(platform: Platform, lot: str, command: Command, key: str) -> Answer:
    try:
        return json.dumps(give(platform, lot, command, key, ""))
    except Refused as refusal:
        return refusal


def _plain(answer: Answer, lot: str) -> object:
    """An answer without what chance and the lot's number make of it."""
    if isinstance(answer, Refused):
        return type(answer).__name__, answer.problems
    assert isinstance(answer, str)
    said = json.loads(json.loads(answer)["receipt"])
    assert said["lot"] == lot
    return {**said, "lot": "", "events": [{**e, "leaf": "", "stream": ""} for e in said["events"]]}
