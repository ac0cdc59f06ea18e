"""The project file of a lot: everything that is public about it in one file that anyone can check offline (docs/formats.md §7).

Two variants. ``public`` is for everybody. ``full`` also holds the sealed bids as received, the refused attempts, and every private
part of both streams; it is for the archive, the supervisor and the court, never for publication.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import sqlalchemy as sa

from ..adapters.db import schema
from ..adapters.db.store import Stored, micros
from ..adapters.files import whole_file
from ..domain.errors import Forbidden, Problem, Refused
from ..domain.events import instant_text
from ..domain.leaves import canonical
from ..domain.lot import Lot
from ..platform import Platform, Unit
from . import documents, log, lots, ocds, papers, project_rules, witness
from .project_container import Measured, Source, measure, write_zip

Variant = Literal["public", "full"]
FORMAT = "gongxin-project-v1"
HIDDEN = frozenset({"DRAFT", "READY"})
OVER = frozenset({"FAILED", "TERMINATED", "INVALIDATED", "ARCHIVED"})

SHOWN_WITH_RESULT = frozenset({
    "draw_pool_frozen", "experts_drawn", "draw_revealed", "expert_answered", "seat_signed_in", "rejection_proposed", "rejection_voted",
    "correction_answered", "price_adjusted", "scores_locked", "score_corrected", "technical_summarised", "tie_decided",
    "evaluation_summarised",
})  # fmt: skip
"""Private parts that everybody may see once the result is public: what it takes to repeat the draw and the scores [BL 37, 08 §8.10]."""
PERSONAL = frozenset({"person", "persons", "by_person"})
"""Members of private parts that point to a natural person. A commitment binds the whole text, so such a part is never public."""
LICENCE = """\
The data in this file were published by the trading platform named in manifest.json. They may be used, copied and republished by
anyone for any purpose under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), naming the platform as the source.
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A project file as written. size in bytes; events in it; checkpoint: leaves of the tree to which its proofs lead."""

    path: Path
    size: int
    events: int
    checkpoint: int


def export(platform: Platform, lot_id: str, variant: Variant, path: Path, licence: str = LICENCE) -> Written:
    """Write the project file of a lot, with everything up to now in the log and under a checkpoint first.

    Raises `Forbidden` for a lot that is not public, `Refused`: ``export.witnesses_missing`` while too few witnesses have cosigned a
    checkpoint that covers the lot, ``export.moving`` while its events are on their way into the log, ``export.damaged`` when a stored
    file is no longer what the record names, ``export.too_large``. An existing file is replaced, and only by a complete one.
    """
    log.move(platform)
    with platform.look() as unit:
        covered = _checkpoint(unit, _least(unit, lot_id, variant)) is not None
    if not covered:
        log.sign(platform, force=True)
    with platform.look() as unit:
        members, events, size = _members(unit, lots.find(unit, lot_id), variant, licence)
    with whole_file(path) as target:
        write_zip(members, target)
    return Written(path, path.stat().st_size, events, size)


def _members(unit: Unit, lot: Lot, variant: Variant, licence: str) -> tuple[dict[str, tuple[Source, Measured]], int, int]:
    if lot.status in HIDDEN:
        raise Forbidden(Problem("lot.unknown", params={"lot": lot.id}))
    trade, record = lots.trade_of(unit, lot), _record(unit, lot, variant)
    point = _checkpoint(unit, _least(unit, lot.id, variant))
    if point is None:
        raise Refused(Problem("export.witnesses_missing", params={"threshold": witness.threshold(unit.platform)}))
    stream = [s.recorded() for s in record if s.stream == f"lot/{lot.id}"]
    files: dict[str, Source] = {
        "LICENSE-DATA": licence.encode(),
        "checkpoint.txt": point.note.encode(),
        "events.jsonl": "".join(canonical(_line(unit, s, lot, variant, point.size)) + "\n" for s in record).encode(),
        "ocds/release-package.json": ocds.package(unit, lot.id),
        "rules.json": canonical(project_rules.rules(trade, lot, stream, unit.platform.calendar)).encode(),
        **dict(_documents(unit, lot, variant, record)),
        **(dict(_sealed_bids(unit, record)) if variant == "full" else {}),
    }
    members = {name: (source, _sound(unit, name, source)) for name, source in files.items()}
    manifest = canonical(_manifest(unit, lot, variant, record, members)).encode()
    signature = unit.platform.keys.receipt.sign(manifest)
    for name, data in (("manifest.json", manifest), ("manifest.sig", signature)):
        members[name] = (data, measure(data))
    return members, len(record), point.size


def _sound(unit: Unit, name: str, source: Source) -> Measured:
    """A member measured. Raises `Refused` when a stored file is no longer what the record names: the whole would not verify."""
    found = measure(source)
    digest = source.parent.name + source.name if isinstance(source, Path) else found.sha256
    if found.sha256 != digest:
        unit.platform.objects.holds(digest)  # which notes the damage for the operators
        raise Refused(Problem("export.damaged", params={"name": name, "sha256": digest}))
    return found


def _streams(lot_id: str, variant: Variant) -> tuple[str, ...]:
    """The lot's own stream, and for who supervises or archives what was tried and refused on it [10 §10.2]."""
    return (f"lot/{lot_id}", f"attempt/{lot_id}") if variant == "full" else (f"lot/{lot_id}",)


def _record(unit: Unit, lot: Lot, variant: Variant) -> list[Stored]:
    """The events of the lot's streams and of the streams of its disclosed bids, in the order of the log."""
    own = [s for stream in _streams(lot.id, variant) for s in unit.store.read(stream)]
    disclosed = sorted({str(s.recorded().public["stream"]) for s in own if s.type == "disclosed"} - {f"lot/{lot.id}"})
    every = [*own, *(s for stream in disclosed for s in unit.store.read(stream))]
    placed = [replace(s, index=unit.store.log_index(s.stream, s.version)) for s in every]
    if any(s.index is None for s in placed):
        raise Refused(Problem("export.moving"))
    return sorted(placed, key=_index)


def _index(s: Stored) -> int:
    return cast("int", s.index)


def _least(unit: Unit, lot_id: str, variant: Variant) -> int:
    """How many leaves a checkpoint must have at least to cover the lot: its own last event lies behind those of its bids."""
    return 1 + max(unit.store.log_index(stream, unit.store.version(stream)) or 0 for stream in _streams(lot_id, variant))


def _checkpoint(unit: Unit, least: int) -> log.Checkpoint | None:
    """The newest checkpoint of that size or more that enough witnesses have cosigned."""
    wanted, names = witness.threshold(unit.platform), witness.names(unit.platform)
    query = sa.select(schema.checkpoint.c.size).where(schema.checkpoint.c.size >= least).order_by(schema.checkpoint.c.size.desc())
    found = (log.checkpoint(unit, size) for size in unit.connection.execute(query).scalars().all())
    return next((point for point in found if len(names & set(point.witnesses)) >= wanted), None)


# ------------------------------------------------------------------ events

def _line(unit: Unit, s: Stored, lot: Lot, variant: Variant, size: int) -> dict[str, object]:
    told = s.private is not None and s.salt is not None and _shown(s, lot, variant)
    index = _index(s)
    return {
        "at": micros(s.at), "commitment": s.commitment.hex() if s.commitment else None, "index": index,
        "private": s.private if told else None, "proof": [h.hex() for h in log.inclusion(unit, index, size)], "public": s.public,
        "salt": cast("bytes", s.salt).hex() if told else None, "stream": s.stream, "type": s.type, "version": s.version,
    }  # fmt: skip


def _shown(s: Stored, lot: Lot, variant: Variant) -> bool:
    """Whether the private part of an event stands in the file. Bids tell theirs by the events that disclosed them."""
    if s.stream not in _streams(lot.id, variant):
        return False
    if variant == "full":
        return "result_published" in lot.history or lot.status in OVER
    named = bool(PERSONAL & set(s.recorded().private or {}))
    return s.type in SHOWN_WITH_RESULT and "result_published" in lot.history and not named


# ------------------------------------------------------------------ files

def _documents(unit: Unit, lot: Lot, variant: Variant, stream: Sequence[Stored]) -> Iterator[tuple[str, Path]]:
    """The papers that the variant may show, and every version of the tender document, as far as the platform has the files."""
    objects = unit.platform.objects
    for s in stream:
        public = s.recorded().public
        if s.type != "document_issued" or not objects.has(str(public["sha256"])):
            continue
        if variant == "full" or papers.may_read(lot, str(public["kind"]), None):
            yield f"documents/{str(public['name']).lower()}", objects.path(str(public["sha256"]))
    for name, digest in _tender_files(stream):
        if documents.publishable(unit, lot, digest):
            yield f"documents/{name}", objects.path(digest)


def _tender_files(stream: Sequence[Stored]) -> Iterator[tuple[str, str]]:
    """(name in the file, SHA-256) of the tender document's files; version and position name them, for their own names are free."""
    version = 0
    for s in stream:
        public = s.recorded().public
        if s.type in ("published", "invitations_sent"):
            given = cast("Mapping[str, object]", public["terms"]).get("tender_documents")
        elif s.type == "amended" or (s.type == "clarified" and public["affects_preparation"]):
            given = public.get("files")
        else:
            continue
        version += 1
        for n, f in enumerate(cast("Sequence[Mapping[str, str]]", given or ()), 1):
            ending = f["name"].rpartition(".")[2].lower()
            kind = ending if ending.isascii() and ending.isalnum() and len(ending) < 6 else "bin"
            yield f"tender-document-v{version}-{n}.{kind}", f["sha256"]


def _sealed_bids(unit: Unit, record: Sequence[Stored]) -> Iterator[tuple[str, Path]]:
    """Every envelope that was received, as far as the platform still has it. What was given up while it was there would show."""
    given_up = {_given_up(s) for s in record}
    for s in record:
        if s.type == "closed":
            for bid in cast("Sequence[Mapping[str, object]]", s.recorded().public["bids"]):
                for e in cast("Sequence[Mapping[str, str]]", bid["envelopes"]):
                    if (bid["bid"], e["name"]) not in given_up or unit.platform.objects.holds(e["object"]):
                        yield f"bids/{e['object']}", unit.platform.objects.path(e["object"])


def _given_up(s: Stored) -> tuple[object, object] | None:
    """Bid and stage of an envelope that the platform says it has lost [B-05]."""
    public = s.recorded().public
    return (public["bid"], public["stage"]) if s.type == "bid_opened" and public.get("fault") == "other" else None


def _manifest(
    unit: Unit, lot: Lot, variant: Variant, record: Sequence[Stored], members: Mapping[str, tuple[Source, Measured]]
) -> dict[str, object]:
    streams: dict[str, int] = {}
    for s in record:
        streams[s.stream] = max(s.version, streams.get(s.stream, 0))
    return {
        "attempt": lot.attempt,
        "files": {name: {"sha256": m.sha256, "size": m.size} for name, (_, m) in members.items()},
        "format": FORMAT,
        "keys": witness.published_keys(unit.platform),
        "lot": lot.id,
        "made_at": instant_text(unit.now),
        "origin": unit.platform.settings.origin,
        "streams": streams,
        "variant": variant,
    }
