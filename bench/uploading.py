"""A sealed file sent in pieces over HTTP, against hashing and writing the same bytes. The sender is a process of its own."""
from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from tests.world import World
from trading_core.adapters.uploads import PIECE

from . import stage
from .report import Line, median, seconds

RUNS, CONNECTIONS = 7, 2
MIB = 1 << 20


def run(quick: bool) -> Iterator[Line]:
    """Announced, sent in pieces over two connections as a browser does, put together: until the server says it has it on disk."""
    size, runs = (3 * MIB, 1) if quick else (64 * MIB, RUNS)
    with stage.platform() as made:
        token = stage.token(made, World(made).agency)
        with stage.site(made) as site:
            command = [sys.executable, "-m", "bench.uploading", site.address, str(size), str(runs), str(made.settings.data / "reference")]
            done = subprocess.run(command, input=token, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    taken, reference = json.loads(done.stdout)
    rate, bare = size / median(taken) / MIB, size / median(reference) / MIB
    yield Line(f"sealed upload of {size // MIB} MiB over HTTP", f"{rate:.0f} MiB/s", f"{bare:.0f} MiB/s hashing and writing, one fsync",
               rate / bare, "≥ 0.4 of the rate", rate / bare >= 0.4)  # fmt: skip


def _send_again_and_again(address: str, token: str, size: int, runs: int, beside: Path) -> tuple[list[float], list[float]]:
    """Seconds of each sending, and of each writing of the same bytes to the same disk right before it."""
    host, _, port = address.removeprefix("http://").partition(":")
    taken, reference = [], []
    with ExitStack() as stack:
        callers = [stack.enter_context(closing(stage.Caller(host, int(port), token))) for _ in range(CONNECTIONS)]
        for n in range(runs):
            data = os.urandom(size)
            pieces = [data[i : i + PIECE] for i in range(0, size, PIECE)]
            hashed = [(piece, hashlib.sha256(piece).hexdigest()) for piece in pieces]  # the sender hashes while it seals
            whole = hashlib.sha256(data).hexdigest()
            reference.append(seconds(partial(_write, beside.with_name(f"reference-{n}"), data)))  # a new file, as the server's is
            taken.append(seconds(partial(_send, callers, size, hashed, whole)))
    return taken, reference


def _write(path: Path, data: bytes) -> None:
    hashlib.sha256(data).hexdigest()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _send(callers: list[stage.Caller], size: int, pieces: list[tuple[bytes, str]], whole: str) -> None:
    status, begun = callers[0].ask("POST", "/api/v1/uploads", {"size": size, "sha256": whole})
    assert status == 201, begun

    def send(which: int) -> None:
        for index in range(which, len(pieces), len(callers)):
            piece, digest = pieces[index]
            path = f"/api/v1/uploads/{begun['upload']}/pieces/{index}"
            status, answer = callers[which].ask("PUT", path, piece, Content_Type="application/octet-stream", X_Piece_SHA256=digest)
            assert status == 200, answer

    with ThreadPoolExecutor(len(callers)) as pool:
        list(pool.map(send, range(len(callers))))
    status, done = callers[0].ask("POST", f"/api/v1/uploads/{begun['upload']}/finish")
    assert (status, done["object"]) == (200, whole), done


if __name__ == "__main__":
    site_address, length, times, path = sys.argv[1:]
    print(json.dumps(_send_again_and_again(site_address, sys.stdin.read(), int(length), int(times), Path(path))))
