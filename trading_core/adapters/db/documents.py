"""Files that were sent in, each with a mark of the organisation it came from. A mark is a keyed fingerprint: without the platform's key
the table names nobody. Of a sealed envelope there is no row at all."""
from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .schema import metadata

sent_in = sa.Table("sent_in", metadata, sa.Column("mark", sa.LargeBinary, primary_key=True))


def note(connection: sa.Connection, mark: bytes) -> None:
    """A file has come from an organisation. Noting it again changes nothing."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(insert(sent_in).values(mark=mark).on_conflict_do_nothing())


def noted(connection: sa.Connection, marks: Collection[bytes]) -> bool:
    """Whether one of these marks was noted."""
    return connection.execute(sa.select(sent_in.c.mark).where(sent_in.c.mark.in_(marks))).first() is not None
