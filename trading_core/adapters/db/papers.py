"""Papers waiting to be printed: one row per paper that an act yields, until the document is issued."""
from __future__ import annotations

import sqlalchemy as sa

from .schema import metadata

paper_job = sa.Table(
    "paper_job",
    metadata,
    sa.Column("stream", sa.String(80), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),  # number of the addressee, 0 for papers that have none
    sa.Column("failed", sa.Text),  # what stood in the way last time; it is tried again
)
