"""What a demonstration leaves: papers, open data, project files, receipts with their proofs, the keys to check them with."""
from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..domain.stages.award import award_of
from ..platform import Unit
from ..services import log, ocds, project_zip, receipt_papers, witness
from .play import Play

SUMMARY = "summary.json"
MADE = ("documents", "ocds", "receipts", "project.zip", "project-full.zip", "keys.json", "LICENSE-DATA", SUMMARY)
"""Everything that is written into the folder."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished demonstration. files: paths below the folder. checkpoint: size of the tree to which the project file's proofs lead."""

    lot: str
    result: str
    winner: str
    price_fen: int
    events: int
    log_size: int
    checkpoint: int
    witnesses: tuple[str, ...]
    files: tuple[str, ...]
    seconds: str = ""


def ready(folder: Path) -> bool:
    """Whether a folder may be written into: it is new, empty, or holds an earlier demonstration, which then gives way."""
    if not folder.exists():
        return True
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / SUMMARY).exists()):
        return False
    for name in MADE:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return True


def write(play: Play, folder: Path) -> Outcome:
    """Write everything but the summary."""
    platform, licence = play.platform, f"{project_zip.LICENCE}\n{play.script.attribution}"
    for name in ("documents", "ocds", "receipts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "LICENSE-DATA").write_text(licence, "utf-8")
    log.move(platform)
    log.sign(platform, force=True)
    witness.attend(platform, play.theatre.witnesses)
    (folder / "keys.json").write_text(witness.trust_text(platform), "utf-8")
    public = project_zip.export(platform, play.lot, "public", folder / "project.zip", licence)
    project_zip.export(platform, play.lot, "full", folder / "project-full.zip", licence)
    with platform.look() as unit:
        _papers(unit, play.lot, folder / "documents")
        (folder / "ocds" / "release-package.json").write_bytes(ocds.package(unit, play.lot))
        for name, receipt in _receipts(play):
            (folder / "receipts" / name).write_text(json.dumps(_with_proofs(unit, receipt), ensure_ascii=False, indent=1), "utf-8")
        events, size = unit.store.version(f"lot/{play.lot}"), log.log_size(unit)
        names = log.checkpoint(unit, public.checkpoint).witnesses
    _receipts_on_paper(play, folder / "receipts")
    lot = play.state()
    winner = award_of(lot).standing
    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    return Outcome(
        play.lot, lot.status, winner.bidder if winner else "", winner.price_fen if winner else 0, events, size, public.checkpoint, names,
        tuple(files),
    )  # fmt: skip


def _papers(unit: Unit, lot: str, folder: Path) -> None:
    """Every paper that was issued, also those that are not for everybody: the demonstration shows them all."""
    for s in unit.store.read(f"lot/{lot}"):
        if s.type == "document_issued":
            public = s.recorded().public
            shutil.copyfile(unit.platform.objects.path(str(public["sha256"])), folder / str(public["name"]))


def _receipts(play: Play) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What the bidders were given, and the receipts of everybody's last command of each kind."""
    for n, b in enumerate(play.biddings, 1):
        if b.kept:
            yield f"bidder{n}.json", b.kept["receipt"]
    if play.refusal:
        yield f"bidder{len(play.biddings)}-refused.json", play.refusal
    for act, receipt in play.receipts.items():
        yield f"{act}.json", receipt


def _receipts_on_paper(play: Play, folder: Path) -> None:
    """The first bidder's receipt and that of the refusal, as their bidders have them printed with their names on."""
    first, late = play.biddings[0], play.biddings[-1]
    given = (("bidder1", first, first.kept.get("receipt")), (f"bidder{len(play.biddings)}-refused", late, play.refusal))
    for name, bidding, receipt in given:
        if receipt:
            outer, me = {k: receipt[k] for k in ("receipt", "signature", "key")}, bidding.bid.identity
            paper = {"receipt": outer, "bidder": {"name": me.name, "uscc": me.uscc, "salt": me.salt.hex()}}
            (folder / f"{name}.pdf").write_bytes(receipt_papers.printed(play.platform, paper).pdf)


def _with_proofs(unit: Unit, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt together with the proof that the log keeps what it promised (docs/formats.md §5)."""
    promised = json.loads(receipt["receipt"])["events"]
    proofs = [log.proof(unit, cast("int", unit.store.log_index(e["stream"], e["version"]))) for e in promised]
    return {**{k: receipt[k] for k in ("receipt", "signature", "key")}, **({"proofs": proofs} if proofs else {})}


