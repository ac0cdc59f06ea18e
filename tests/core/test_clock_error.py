"""Nobody is told a bound of the clock's error that the machine itself does not give [T-11]."""
from __future__ import annotations

import time
from datetime import timedelta

from trading_core.adapters import kernel_clock
from trading_core.adapters.clock import SystemClock


def test_the_bound_is_the_kernels_own() -> None:
    """Synchronised or not, it is never a figure of ours: the kernel's own lets it grow until the next correction."""
    first = SystemClock().error()
    time.sleep(1.1)
    second = kernel_clock.error()
    if first is not None and second is not None:
        assert timedelta(0) < first and second != first
    else:
        assert first is second is None
