"""The database: tables, the event store, the sequencer, readers and projections. One code for SQLite and PostgreSQL."""
