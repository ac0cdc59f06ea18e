"""What must hold of a platform at any time, computed anew from its rows."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa

from trading_core.adapters.db import schema
from trading_core.adapters.db.papers import paper_job
from trading_core.domain import merkle, notes
from trading_core.domain.events import Json
from trading_core.domain.leaves import leaf_hash, private_commitment
from trading_core.platform import Platform, Unit
from trading_core.services import log, lots, papers
from trading_core.services.replay import replay
from trading_core.services.witness import trust_text
from trading_core.verify import checkpoint as verified
from trading_core.verify import read_trust


def check_everything(platform: Platform) -> None:
    """The log holds, the tables are what it says, every act's papers are issued once or wait to be."""
    with platform.look() as unit:
        check_log(unit)
        check_papers(unit)
    assert replay(platform) == []


def check_log(unit: Unit) -> None:
    """Leaves, order, tree and checkpoints, each recomputed from what lies below it."""
    c = unit.connection
    rows = c.execute(sa.select(schema.log).order_by(schema.log.c.log_index)).all()
    assert [r.log_index for r in rows] == list(range(len(rows)))
    waiting = c.execute(sa.select(schema.pending)).all()
    placed = Counter((r.stream, r.version) for r in (*rows, *waiting))
    events = {(r.stream, r.version): r.leaf_hash for r in c.execute(sa.select(schema.event))}
    assert placed == Counter(events.keys()), "each event has one place"
    assert all(events[r.stream, r.version] == r.leaf_hash for r in (*rows, *waiting))
    check_streams(unit, {stream for stream, _ in events})
    check_tree(unit, [r.leaf_hash for r in rows])


def check_streams(unit: Unit, streams: Iterable[str]) -> None:
    for stream in streams:
        stored = unit.store.read(stream)
        assert [s.version for s in stored] == list(range(1, len(stored) + 1)), stream
        assert [s.at for s in stored] == sorted(s.at for s in stored), f"{stream} goes back in time"
        for s in stored:
            if s.private is not None and s.salt is not None:
                assert private_commitment(s.salt, s.private) == s.commitment
            at = log.public_form(s)["at"]
            assert leaf_hash(s.stream, s.version, s.type, s.public, s.commitment, at) == s.leaf, (stream, s.version)  # type: ignore[arg-type]


def check_tree(unit: Unit, leaves: list[bytes]) -> None:
    c = unit.connection
    head = c.execute(sa.select(schema.log_head)).one()
    peaks: list[bytes] = []
    roots = {0: merkle.EMPTY}
    for size, leaf in enumerate(leaves):
        merkle.extend(size, peaks, [leaf])
        roots[size + 1] = merkle.root(peaks)
    assert (head.size, head.peaks) == (len(leaves), b"".join(peaks))
    wanted = {(level, at): h for level, at, h in merkle.complete_nodes(0, [], leaves) if level}
    assert {(n.level, n.position): n.hash for n in c.execute(sa.select(schema.tree_node))} == wanted
    keys = read_trust(trust_text(unit.platform).encode())
    for point in c.execute(sa.select(schema.checkpoint)):
        assert verified(point.note.encode(), keys).checks[0].ok
        body = notes.parse_checkpoint(notes.parse_note(point.note).body)
        assert (body.size, body.root) == (point.size, roots[point.size])


def check_papers(unit: Unit) -> None:
    """Every act's papers are issued or still to be issued, none twice. Readers must have caught up."""
    wanted: Counter[tuple[str, int, str]] = Counter()
    found = Counter((j.stream, j.version, j.kind) for j in unit.connection.execute(sa.select(paper_job)))
    for stored in unit.store.all_in_log_order():
        if stored.type == "document_issued":
            public = json.loads(stored.public)
            found[stored.stream, public["of_version"], public["kind"]] += 1
        elif stored.stream.startswith("lot/"):
            trade = lots.trade_of(unit, lots.find(unit, stored.stream.partition("/")[2]))
            wanted.update((stored.stream, stored.version, kind) for kind in papers.kinds_of(trade, stored))
    assert found == wanted


def check_receipts(unit: Unit, answers: Iterable[Json]) -> int:
    """What was acknowledged is in the record exactly as the signed receipt says. Returns how many receipts there were."""
    count = 0
    for answer in answers:
        if "receipt" not in answer:
            continue
        text, key = str(answer["receipt"]), unit.platform.keys.receipt
        assert notes.verifier_key(key.name, key.public) == answer["key"]
        for event in json.loads(text)["events"]:
            stored = unit.store.read(event["stream"], event["version"] - 1)[0]
            assert (stored.type, stored.leaf.hex()) == (event["type"], event["leaf"])
        count += 1
    return count
