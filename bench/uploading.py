"""A sealed file sent in pieces over HTTP, against hashing and writing the same bytes."""
from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from tests.world import World
from trading_core.adapters.uploads import PIECE

from . import stage
from .report import Line, median, seconds

RUNS, CONNECTIONS = 5, 2
MIB = 1 << 20


def run(quick: bool) -> Iterator[Line]:
    """Announced, sent in pieces over two connections as a browser does, put together: until the server says it has it on disk."""
    size = 3 * MIB if quick else 64 * MIB
    with stage.platform() as made:
        world = World(made)
        token = stage.token(made, world.agency)
        folder = made.settings.data
        taken, reference = [], []
        with stage.site(made) as site, ExitStack() as stack:
            callers = [stack.enter_context(closing(stage.Caller(site, token))) for _ in range(CONNECTIONS)]
            for _ in range(1 if quick else RUNS):
                data = os.urandom(size)
                digests = [hashlib.sha256(p).hexdigest() for p in _pieces(data)]  # the sender hashes while it seals
                whole = hashlib.sha256(data).hexdigest()
                reference.append(seconds(partial(_write, folder / "reference", data)))
                taken.append(seconds(partial(_send, callers, data, digests, whole)))
    rate, bare = size / median(taken) / MIB, size / median(reference) / MIB
    yield Line(f"sealed upload of {size // MIB} MiB over HTTP", f"{rate:.0f} MiB/s", f"{bare:.0f} MiB/s hashing and writing, one fsync",
               rate / bare, "≥ 0.4 of the rate", rate / bare >= 0.4)  # fmt: skip


def _pieces(data: bytes) -> list[bytes]:
    return [data[i : i + PIECE] for i in range(0, len(data), PIECE)]


def _write(path: Path, data: bytes) -> None:
    hashlib.sha256(data).hexdigest()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _send(callers: list[stage.Caller], data: bytes, digests: list[str], whole: str) -> None:
    status, begun = callers[0].ask("POST", "/api/v1/uploads", {"size": len(data), "sha256": whole})
    assert status == 201, begun

    def send(which: int) -> None:
        for index in range(which, len(digests), len(callers)):
            piece = data[index * PIECE : (index + 1) * PIECE]
            path = f"/api/v1/uploads/{begun['upload']}/pieces/{index}"
            status, answer = callers[which].ask("PUT", path, piece, Content_Type="application/octet-stream", X_Piece_SHA256=digests[index])
            assert status == 200, answer

    with ThreadPoolExecutor(len(callers)) as pool:
        list(pool.map(send, range(len(callers))))
    status, done = callers[0].ask("POST", f"/api/v1/uploads/{begun['upload']}/finish")
    assert (status, done["object"]) == (200, whole), done
