"""Files that hosts have sent in to publish. No other upload is ever noted with whom it came from: a bid must name nobody."""
from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .schema import metadata

host_document = sa.Table(
    "host_document",
    metadata,
    sa.Column("object", sa.String(64), primary_key=True),
    sa.Column("organisation", sa.String(40), primary_key=True),
)


def note(connection: sa.Connection, name: str, organisation: str) -> None:
    """An organisation has sent in an object. Noting it again changes nothing."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(insert(host_document).values(object=name, organisation=organisation).on_conflict_do_nothing())


def sent_by(connection: sa.Connection, name: str, organisations: Collection[str]) -> bool:
    """Whether one of these organisations has sent in an object."""
    query = sa.select(host_document.c.object).where(host_document.c.object == name, host_document.c.organisation.in_(organisations))
    return connection.execute(query).first() is not None
