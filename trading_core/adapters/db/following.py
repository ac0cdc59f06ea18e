"""Tables that readers of the log keep: notifications for people, words for the search."""
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
