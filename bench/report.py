"""What a measurement says: a figure, the reference beside it, their ratio, and what must be reached."""
from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measured row. measured and reference are texts with their units; ratio is what the target is about, None when it is not."""

    what: str
    measured: str
    reference: str
    ratio: float | None
    target: str
    reached: bool

    def text(self) -> str:
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "–"
        return (f"{'pass' if self.reached else 'FAIL'}  {self.what}\n      measured  {self.measured}\n      reference {self.reference}\n"
                f"      ratio     {ratio}   must reach: {self.target}")  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, by the clock on the wall."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many percent lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def spread(values: Sequence[float], unit: str = "ms", factor: float = 1000) -> str:
    """Middle, high and highest, for people."""
    points = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    return ", ".join(f"{name} {percentile(values, p) * factor:.1f}" for name, p in points.items()) + f" {unit}"
