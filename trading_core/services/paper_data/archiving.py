"""The catalogue of the archived volume."""
from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ...domain.tender.archiving import PRESENT
from .paper import Data, Paper


def archive_catalogue(p: Paper) -> Data:
    """The volume's pieces in their order, each present or with the reason why it does not apply."""
    pieces = []
    for number, found in cast("Mapping[str, str]", p.public["pieces"]).items():
        title, stage = p.say(f"choice.piece.{number}").removeprefix(f"{number} "), p.say(f"paper.archive_stage.{number[0]}")
        line: Data = {"number": number, "title": title, "stage": stage}
        pieces.append(line if found == PRESENT else {**line, "absent": p.say(f"archive.idle.{found}")})
    return {
        "archive_number": p.lot.id,
        "retention": p.say(f"paper.retention.{p.public['retention']}"),
        "completed_on": str(p.public["retention_from"]),
        "pieces": pieces,
        "checks": [],
    }
