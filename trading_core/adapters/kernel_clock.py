"""What the machine itself says of its clock's error: the kernel keeps a bound while something synchronises it."""
from __future__ import annotations

import ctypes
from datetime import timedelta
from functools import cache
from typing import Any

SYNCHRONISED = range(5)  # TIME_OK to TIME_WAIT; TIME_ERROR is 5


class _Timex(ctypes.Structure):
    """struct timex up to the fields that are read; the kernel writes 208 bytes."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_long * 40),
    )  # fmt: skip


@cache
def _adjtimex() -> Any:
    """The kernel's call, None where the system has none."""
    return getattr(ctypes.CDLL(None), "adjtimex", None)


def error() -> timedelta | None:
    """The largest error that the clock can have; None where nothing synchronises it, or the system does not tell."""
    ask, told = _adjtimex(), _Timex()
    if ask is None or ask(ctypes.byref(told)) not in SYNCHRONISED:
        return None
    return timedelta(microseconds=told.maxerror)
