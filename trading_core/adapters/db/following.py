"""Tables that readers of the log keep: notifications for people, words for the search, releases of open data."""
from __future__ import annotations

import sqlalchemy as sa

from .schema import metadata

notification = sa.Table(
    "notification",
    metadata,
    sa.Column("log_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("role", sa.String(20), primary_key=True),
    sa.Column("organisation", sa.String(40), primary_key=True),  # empty: everybody in that role
    sa.Column("lot", sa.String(40), nullable=False),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("notification_of", "role", "organisation", "log_index"),
)

search_text = sa.Table(
    "search_text",
    metadata,
    sa.Column("lot", sa.String(40), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),  # what is public of a lot, to be searched
)

open_release = sa.Table(
    "open_release",
    metadata,
    sa.Column("log_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lot", sa.String(40), nullable=False, index=True),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Which public acts call for a release of open data, in log order; the release itself is made from the lot's public events."""
