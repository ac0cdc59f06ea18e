"""The event store and the sequencer: dense versions, commit order without gaps, one effect per event, replay equals tables."""
from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.world import TERMS, World
from trading_core.adapters.db import schema
from trading_core.adapters.db.store import Stored
from trading_core.domain import leaves, notes
from trading_core.domain.errors import Conflict
from trading_core.domain.events import Event
from trading_core.platform import Platform, Unit
from trading_core.services import log, readers
from trading_core.verify import tree

WRITERS, EACH = 8, 12


def append(platform: Platform, stream: str, expected: int, *types: str) -> list[Stored]:
    with platform.unit() as unit:
        return unit.store.append(stream, expected, [Event(t, {"n": i}, {"secret": "私"}) for i, t in enumerate(types)], unit.now)


def test_the_second_writer_on_the_same_version_is_refused(platform: Platform) -> None:
    append(platform, "note/1", 0, "written")
    with pytest.raises(Conflict):
        append(platform, "note/1", 0, "written")
    with platform.look() as unit:
        assert unit.store.version("note/1") == 1


def test_a_conflict_undoes_the_whole_unit(platform: Platform) -> None:
    append(platform, "note/1", 0, "written")
    with pytest.raises(Conflict), platform.unit() as unit:
        unit.store.append("note/2", 0, [Event("written")], unit.now)
        unit.store.append("note/1", 0, [Event("written")], unit.now)
    with platform.look() as unit:
        assert unit.store.version("note/2") == 0


def test_many_writers_and_sequencers_leave_no_gap(platform: Platform) -> None:
    """Sixteen threads write and sequence at once; the log holds every committed event once, each stream in order."""
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for version in range(EACH):
                append(platform, f"note/{number}", version, "written")
        except BaseException as error:
            failures.append(error)

    def sequence() -> None:
        try:
            while any(t.is_alive() for t in writers):
                log.move(platform)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(i,)) for i in range(WRITERS)]
    movers = [threading.Thread(target=sequence) for _ in range(3)]
    for thread in (*writers, *movers):
        thread.start()
    for thread in (*writers, *movers):
        thread.join()
    log.move(platform)
    assert not failures
    with platform.look() as unit:
        events = [s for s in unit.store.all_in_log_order() if s.stream.startswith("note/")]
        indices = [r.log_index for r in unit.connection.execute(sa.select(schema.log.c.log_index).order_by(schema.log.c.log_index))]
        assert log.waiting(unit) == 0
    assert indices == list(range(len(indices)))
    assert len(events) == WRITERS * EACH
    for number in range(WRITERS):
        assert [s.version for s in events if s.stream == f"note/{number}"] == list(range(1, EACH + 1))


def test_every_entry_is_proved_in_the_checkpoint(platform: Platform) -> None:
    World(platform)
    append(platform, "note/1", 0, *["written"] * 9)
    log.move(platform)
    log.sign(platform, force=True)
    with platform.look() as unit:
        point = log.checkpoint(unit)
        body = notes.parse_checkpoint(notes.parse_note(point.note).body)
        for index in range(point.size):
            entry = log.entry(unit, index)
            leaf = leaves.leaf_hash(entry.stream, entry.version, entry.type, entry.public, entry.commitment, log.public_form(entry)["at"])  # type: ignore[arg-type]
            assert leaf == entry.leaf
            assert tree.root_by_path(leaf, index, point.size, log.inclusion(unit, index, point.size)) == body.root


def test_checkpoints_are_consistent_and_at_most_ten_seconds_apart(platform: Platform) -> None:
    clock = platform.clock
    sizes = []
    for n in range(6):
        append(platform, f"note/{n}", 0, "written")
        log.move(platform)
        clock.advance(timedelta(seconds=6))  # type: ignore[attr-defined]
        with platform.look() as unit:
            sizes.append(log.checkpoint(unit).size)
    log.move(platform)
    with platform.look() as unit:
        final = log.checkpoint(unit).size
        roots = {n: notes.parse_checkpoint(notes.parse_note(log.checkpoint(unit, n).note).body).root for n in {*sizes, final}}
        for n in sorted(set(sizes)):
            assert tree.roots_by_consistency(n, final, log.consistency(unit, n, final), roots[n]) == (roots[n], roots[final])
        assert final == log.log_size(unit)


def test_an_erased_private_part_leaves_the_log_whole(platform: Platform) -> None:
    stored = append(platform, "note/1", 0, "written")[0]
    with platform.unit() as unit:
        unit.store.erase_private("note/1", 1)
    with platform.look() as unit:
        after = unit.store.read("note/1")[0]
    assert after.private is None
    assert after.salt is None
    assert after.leaf == stored.leaf == leaves.leaf_hash(
        after.stream, after.version, after.type, after.public, after.commitment, log.public_form(after)["at"],  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_private_part_can_be_published_later(platform: Platform) -> None:
    stored = append(platform, "note/1", 0, "written")[0]
    assert stored.salt is not None
    assert stored.private is not None
    assert leaves.private_commitment(stored.salt, stored.private) == stored.commitment
    assert leaves.private_commitment(stored.salt, stored.private + " ") != stored.commitment


def test_private_parts_lie_sealed_in_the_database(platform: Platform) -> None:
    append(platform, "note/1", 0, "written")
    with platform.look() as unit:
        raw = bytes(unit.connection.execute(sa.select(schema.event.c.private).where(schema.event.c.stream == "note/1")).scalar_one())
    assert "私".encode() not in raw
    assert b"secret" not in raw


def test_the_events_of_one_append_write_their_row_once(platform: Platform) -> None:
    """A lot's whole history appended at once gives the state that it came to event by event."""
    world = World(platform)
    lot = world.create({"principal": world.principal.organisation})
    world.give(lot, "draft", world.agency, **TERMS)
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    world.give(lot, "publish", world.principal)
    said: list[str] = []
    with platform.unit() as unit:
        history = [s.recorded() for s in unit.store.read(f"lot/{lot}")]
        sa.event.listen(unit.connection, "before_cursor_execute", lambda *a: said.append(a[2]))
        unit.store.append("lot/X1", 0, [Event(r.type, r.public, r.private) for r in history], unit.now)
    assert len(history) == 4
    assert [s.split()[0] for s in said if s.startswith(("INSERT INTO lot ", "UPDATE lot "))] == ["INSERT"]
    one, other = world.lot(lot), world.lot("X1")
    assert (other.status, other.terms, other.schedule, other.parts) == (one.status, one.terms, one.schedule, one.parts)


class Failing(Exception):
    pass


def test_a_reader_has_its_effect_exactly_once(platform: Platform) -> None:
    """A reader that fails in the middle of a batch has had no effect of it, goes on where it was, and can be rewound."""
    seen: list[int] = []
    fail_at = {3}

    def reader(unit: Unit, stored: Stored) -> None:
        if stored.index in fail_at:
            raise Failing
        unit.connection.execute(sa.insert(schema.command), {
            "key_hash": f"effect {stored.index}".encode(), "body_hash": b"", "answer": json.dumps(stored.index).encode(), "given_at": 0,
        })  # fmt: skip
        seen.append(stored.index or 0)

    append(platform, "note/1", 0, *["written"] * 6)
    log.move(platform)
    with pytest.raises(ExceptionGroup):
        readers.run(platform, {"counting": reader})
    with platform.look() as unit:
        effects = unit.connection.execute(sa.select(sa.func.count()).select_from(schema.command)).scalar_one()
        assert effects == 0
        assert readers.lags(unit, ["counting"])[0].behind == 6
    fail_at.clear()
    assert readers.run(platform, {"counting": reader}) == 6
    assert readers.run(platform, {"counting": reader}) == 0
    with platform.look() as unit:
        assert unit.connection.execute(sa.select(sa.func.count()).select_from(schema.command)).scalar_one() == 6
        assert readers.lags(unit, ["counting"])[0].behind == 0


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans()), max_size=6))
def test_public_text_is_the_same_however_it_is_built(public: dict[str, object]) -> None:
    shuffled = dict(reversed(list(public.items())))
    assert leaves.canonical(public) == leaves.canonical(shuffled)
    assert json.loads(leaves.canonical(public)) == public
