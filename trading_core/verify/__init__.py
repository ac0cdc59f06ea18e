"""The independent verifier: checks what the platform handed out, offline, from docs/formats.md alone.

It imports the standard library and `cryptography`, nothing of the server, so that a fault of the server's code cannot hide itself
here. Each function takes a path or the bytes and returns a `Report`: checks in order, ending at the first that fails. Anything
that cannot be read is a failed check; no input makes these functions raise, except OSError for a path that cannot be opened.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from .container import rebuild_zip
from .draws import check_draw_file
from .keys import Keys, check_checkpoint, read_checkpoint, read_key_file
from .project import Project
from .receipts import check_receipt
from .report import Broken, Check, KeySeen, Malformed, Report, run
from .text import JSON_MAX, read_json
from .tree import dense, log_leaves, roots_by_consistency

__all__ = [
    "Check", "KeySeen", "Keys", "Malformed", "Report", "checkpoint", "draw", "file", "log",
    "log_leaves", "project", "read_trust", "rebuild_zip", "receipt",
]  # fmt: skip

Source = Path | bytes


def read_trust(source: Source) -> Keys:
    """The keys of a key file, to pin them (docs/formats.md §1). Raises `Malformed` when it is none."""
    return read_key_file(read_json(_bytes(source), "keys.json"))


def file(path: Path, trust: Keys | None = None) -> Report:
    """Check a file of whatever kind it shows itself to be: project file, checkpoint, draw or receipt."""
    with path.open("rb") as handle:
        start = handle.read(4096)
    if start.startswith(b"PK"):
        return project(path, trust)
    if not start.lstrip().startswith(b"{"):
        return checkpoint(path, trust)
    return draw(path) if b'"gongxin-draw-' in path.read_bytes()[:JSON_MAX] else receipt(path, trust)


def project(source: Source, trust: Keys | None = None) -> Report:
    """Check a project file: every byte, signature, proof, draw, score and period (docs/formats.md §8)."""
    with _open(source) as handle:
        return Project(handle, trust).report()


def receipt(source: Source, trust: Keys | None = None) -> Report:
    """Check a receipt, and the proofs kept with it."""
    return check_receipt(_bytes(source), trust)


def draw(source: Source) -> Report:
    """Check a draw file: that the result follows from the parts."""
    return Report("draw", run({"draw.experts": lambda: check_draw_file(read_json(_bytes(source), "draw"))}))


def checkpoint(source: Source, trust: Keys | None, earlier: Source | None = None, proof: Sequence[bytes] = ()) -> Report:
    """Check a checkpoint, and that its tree only added to that of an earlier one.

    trust is needed: a note does not hold the keys to check it with. proof: consistency proof between the two sizes.
    """

    def steps() -> Iterator[Check]:
        keys = _needed(trust)
        point = read_checkpoint(_bytes(source), "checkpoint")
        yield from check_checkpoint(point, keys, "checkpoint")
        if earlier is not None:
            before = read_checkpoint(_bytes(earlier), "earlier checkpoint")
            yield from check_checkpoint(before, keys, "earlier checkpoint")
            roots = roots_by_consistency(before.size, point.size, proof, before.root)
            if roots != (before.root, point.root):
                raise Broken("checkpoint.grown", "proof", f"{before.root.hex()} and {point.root.hex()}", "a proof that leads elsewhere")
            yield Check("checkpoint.grown", "holds", "proof", {"earlier": before.size, "size": point.size})

    return Report("checkpoint", run({"checkpoint.signature": steps}), trust.seen() if trust else ())


def log(lines: Iterable[bytes], point: Source, trust: Keys | None) -> Report:
    """Check the lines of a whole log export against a checkpoint of its size (docs/formats.md §3)."""

    def steps() -> Iterator[Check]:
        keys = _needed(trust)
        told = read_checkpoint(_bytes(point), "checkpoint")
        yield from check_checkpoint(told, keys, "checkpoint")
        size, root = log_leaves(dense(lines))
        if (size, root) != (told.size, told.root):
            raise Broken("log.leaves", "log.jsonl", f"{told.size} leaves under {told.root.hex()}", f"{size} under {root.hex()}")
        yield Check("log.leaves", "holds", "log.jsonl", {"size": size})

    return Report("log", run({"log.leaves": steps}), trust.seen() if trust else ())


def _needed(trust: Keys | None) -> Keys:
    if trust is None:
        raise Broken("keys.trusted", "--trust", "a key file", "none")
    return trust


def _open(source: Source) -> AbstractContextManager[BinaryIO]:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _bytes(source: Source) -> bytes:
    """The content; of a file that is too big only so much that the reader refuses it."""
    with _open(source) as handle:
        return handle.read(JSON_MAX + 1)
