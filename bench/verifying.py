"""Verifying a log of a million leaves, against hashing the same texts."""
from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

from trading_core.domain.leaves import canonical
from trading_core.verify.tree import dense, log_leaves

from .report import Line, median, seconds

RUNS = 3


def run(quick: bool) -> Iterator[Line]:
    """The independent verifier over the exported log: form of every line, dense streams, leaves, tree, root."""
    count = 2_000 if quick else 1_000_000
    lines = _export(count)
    sizes, reference, roots = [], [], set()
    for _ in range(1 if quick else RUNS):
        reference.append(seconds(lambda: [hashlib.sha256(line).digest() for line in lines]))
        sizes.append(seconds(lambda: roots.add(log_leaves(dense(lines)))))
    assert len(roots) == 1 and next(iter(roots))[0] == count
    ratio = median(sizes) / median(reference)
    yield Line(
        f"verifying {count:,} log leaves", f"{median(sizes):.2f} s, {count / median(sizes):,.0f} leaves/s",
        f"{median(reference):.2f} s hashing the same {sum(map(len, lines)) / 1e6:.0f} MB line by line", ratio, "≤ 4 × the time", ratio <= 4,
    )  # fmt: skip


def _export(count: int) -> list[bytes]:
    """Lines of the log as exported, of lengths as a tender has them."""
    chance, lines = random.Random(1), []
    for n in range(count):
        head = {"at": 1_772_000_000_000_000 + n, "private": hashlib.sha256(str(n).encode()).hexdigest() if n % 3 else None,
                "stream": f"lot/A02-2603-{n // 8:08}", "type": "draw_committed", "version": n % 8 + 1}  # fmt: skip
        lines.append(f"[{canonical(head)},{canonical({'note': 'x' * chance.randrange(40, 900)})}]\n".encode())
    return lines
