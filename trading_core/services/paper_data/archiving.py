"""The catalogue of the archived volume."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ...domain.volume import PRESENT
from .paper import Data, Paper


def archive_catalogue(p: Paper) -> Data:
    """The volume's pieces in their order, each present or with the reason why it does not apply, and the files of each."""
    pieces = []
    found = cast("Mapping[str, str]", p.public["pieces"])
    for number in (piece.number for piece in p.trade.archive.pieces):
        title = p.say(f"choice.piece.{number}").removeprefix(f"{number} ")
        stage = p.say(f"paper.archive_stage.{number.partition('.')[0]}")
        line: Data = {"number": number, "title": title, "stage": stage}
        pieces.append(line if found[number] == PRESENT else {**line, "absent": p.say(f"archive.idle.{found[number]}")})
    return {
        "archive_number": p.lot.id,
        "retention": p.say(f"paper.retention.{p.public['retention']}"),
        "completed_on": str(p.public["retention_from"]),
        "pieces": pieces,
        "files": list(_files(p, found)),
    }


def _files(p: Paper, found: Mapping[str, str]) -> Iterator[Data]:
    """Files of the pieces that are there: what the lot names, what was issued until then, what was handed in."""
    before = [s for s in p.unit.store.read(p.source.stream) if s.version < p.source.version]
    issued = [s.recorded().public for s in before if s.type == "document_issued"]
    attached = cast("Sequence[Mapping[str, object]]", p.private.get("attached") or ())
    for piece in p.trade.archive.pieces:
        if found[piece.number] != PRESENT:
            continue
        for f in piece.files(p.lot):
            yield {"piece": piece.number, "name": f.name, "size": f.size, "sha256": f.sha256}
        for given in [d for d in issued if d["kind"] in piece.papers] + [a for a in attached if a["piece"] == piece.number]:
            yield {"piece": piece.number, **{name: given[name] for name in ("name", "size", "sha256")}}
