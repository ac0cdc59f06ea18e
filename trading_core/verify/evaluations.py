"""The evaluations in the log: each result follows from its case, each case from the events before it (docs/formats.md §7.5)."""
from __future__ import annotations

from collections.abc import Iterator

from .cases import NAME, read_case
from .events import Event, Record
from .report import Check
from .scores import compare, result_of
from .sources import NAME as SOURCES
from .sources import check_sources
from .text import Value


def shown_of(summary: Event) -> Value | None:
    """The part of a summary that has the case; None when the file does not show it."""
    return next((v for v in (summary.public, summary.private) if v is not None and "case" in v.mapping()), None)


def check_scores(record: Record, lot: str) -> Iterator[Check]:
    """Every summary of the evaluation in the lot's stream."""
    summaries = record.of(f"lot/{lot}", "evaluation_summarised")
    if not summaries:
        yield from _not_shown("events.jsonl")
    for e in summaries:
        shown = shown_of(e)
        if shown is None:
            yield from _not_shown(e.where)
            continue
        case = read_case(shown["case"])
        yield from check_sources(record, f"lot/{lot}", e, case)
        compare(result_of(case), shown["result"], f"{e.where} result")
        yield Check(NAME, "holds", e.where, {"bids": len(case.bids)})


def _not_shown(where: str) -> Iterator[Check]:
    yield Check(SOURCES, "not_shown", where, {"hidden": 1})
    yield Check(NAME, "not_shown", where, {"bids": 0})
