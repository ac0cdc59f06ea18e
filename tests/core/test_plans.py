"""PostgreSQL finds rows by their keys, however small a table was when a statement was first prepared."""
from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from trading_core.adapters.clock import SystemClock
from trading_core.adapters.db import schema
from trading_core.adapters.db.lots import lot_table
from trading_core.bootstrap import build
from trading_core.platform import Platform
from trading_core.settings import Settings

ROWS = 5_000
QUERIES = {
    "known keys": sa.select(schema.command).where(schema.command.c.key_hash.in_([n.to_bytes(32, "big") for n in range(20)])),
    "lot": sa.select(lot_table.c.version, lot_table.c.state).where(lot_table.c.id == "lot-7").with_for_update(),
    "event": sa.select(schema.event.c.public).where(schema.event.c.stream == "lot/7", schema.event.c.version > 3),
}  # fmt: skip


@pytest.fixture
def served(database_of: str, tmp_path: Path, fonts: str) -> Platform:
    return build(Settings(data=tmp_path, database=database_of, font_dir=fonts), SystemClock())


def test_a_statement_prepared_on_an_empty_table_goes_by_the_key_of_a_large_one(served: Platform) -> None:
    """A driver prepares what it sees often; a plan made for all parameters while the tables are small scans them for ever after."""
    engine = served.database.engine
    with engine.connect() as connection:
        for query in QUERIES.values():
            for _ in range(12):
                connection.execute(query).all()
        connection.commit()
        with engine.begin() as other:
            keys = [{"key_hash": n.to_bytes(32, "big"), "body_hash": b"", "answer": b"", "given_at": 0} for n in range(ROWS)]
            events = [{"stream": f"lot/{n % 100}", "version": n, "type": "t", "public": "", "leaf_hash": b"", "recorded_at": 0}
                      for n in range(ROWS)]  # fmt: skip
            other.execute(sa.insert(schema.command), keys)
            other.execute(sa.insert(schema.event), events)
        for query in QUERIES.values():
            connection.execute(query).all()
        prepared = connection.execute(sa.text("select statement, generic_plans, custom_plans from pg_prepared_statements")).all()
        plans = {name: _plan(connection, query) for name, query in QUERIES.items()}
    engine.dispose()
    asked = [p for p in prepared if "FROM command" in p.statement or "FROM event" in p.statement]
    assert len(asked) == 2 and all(p.generic_plans == 0 and p.custom_plans > 5 for p in asked), prepared
    assert not [name for name, plan in plans.items() if "Seq Scan" in plan], plans


def _plan(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> str:
    compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
    return "\n".join(r[0] for r in connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params))
