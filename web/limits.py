"""Limits on what one address and one account may ask for: token buckets in bounded memory, sizes of bodies by address."""
from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING

from trading_core.domain.errors import Problem
from trading_core.services.halls import ACTS

from .errors import Limited, answer, told
from .security import same_site

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry
    from pyramid.request import Request
    from pyramid.response import Response

KEPT = 20_000  # addresses and accounts remembered; the one idle longest is forgotten first
READS_PER_COMMAND = 10  # a reader may ask ten times as often as a giver of commands
PROJECT_FILE_READS = 100  # one project file costs as much to make as so many pages
RECEIPT_COMMANDS = 30  # printing and sealing a receipt takes a processor as long as so many commands
COMMANDS_PER_SIGN_IN = 10  # and sign in a tenth as often: checking a password is dear
SIGNING_IN = frozenset({"/login", "/login/certificate", "/api/v1/sessions", "/api/v1/sessions/certificate", "/activate",
                        "/api/v1/activations"})  # fmt: skip
RECEIPT_PAPER = "/api/v1/receipts/paper"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MIB = 1 << 20
BODY_MAX: tuple[tuple[str, int], ...] = (
    ("/api/v1/uploads", 16 * MIB),
    (RECEIPT_PAPER, MIB // 16),
    ("/api/v1/files", 64 * MIB),
    ("/api/v1/credit/imports", 32 * MIB),
    ("/api/v1/experts/imports", 8 * MIB),
    ("/api/v1/lots/", 8 * MIB),
    ("/my/", 64 * MIB),
    ("/en/my/", 64 * MIB),
    ("/api/", 2 * MIB),
    ("", MIB),
)
"""Largest body in bytes by beginning of the path; the first line that fits counts."""
HALL = re.compile(rf"/api/v1/lots/[^/]+/acts/({'|'.join(sorted(ACTS))})")
HALL_BODY_MAX = 4096
"""What is asked in a hall waits in memory with a thousand others."""


def body_max(path: str) -> int:
    """The largest body this address takes, in bytes."""
    return HALL_BODY_MAX if HALL.fullmatch(path) else next(size for beginning, size in BODY_MAX if path.startswith(beginning))


class Buckets:
    """Token buckets by key: `per_minute` requests in the long run, a full minute's worth at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic, kept: int = KEPT) -> None:
        self._rate, self._full, self._clock, self._kept = per_minute / 60, float(per_minute), clock, kept
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, cost: int = 1) -> int:
        """Take tokens, a full bucket at most: 0 when they were there, else the whole seconds until they are."""
        with self._lock:
            now = self._clock()
            level, since = self._levels.pop(key, (self._full, now))
            level = min(self._full, level + (now - since) * self._rate)
            asked = min(cost, self._full)
            wait = 0 if level >= asked else ceil((asked - level) / self._rate)
            self._levels[key] = (level - asked if not wait else level, now)
            if len(self._levels) > self._kept:
                self._levels.popitem(last=False)
            return wait

    def __len__(self) -> int:
        return len(self._levels)


def limits_tween(handler: Callable[[Request], Response], registry: Registry) -> Callable[[Request], Response]:
    rate = registry.platform.settings.rate_per_minute
    commands, reads, sign_ins = Buckets(rate), Buckets(rate * READS_PER_COMMAND), Buckets(max(1, rate // COMMANDS_PER_SIGN_IN))

    def check(request: Request) -> None:
        if request.environ.get("gongxin.internal"):
            return
        path = request.environ.get("PATH_INFO", "")
        if (request.content_length or 0) > body_max(path):
            raise Limited(Problem("request.too_large", params={"maximum": body_max(path), "size": request.content_length}))
        if request.method not in SAFE and "Authorization" not in request.headers and not same_site(request):
            raise Limited(Problem("request.csrf"))
        buckets = reads if request.method in SAFE else commands
        keys = [(buckets, f"address {origin(request)}")]
        if request.method not in SAFE and path in SIGNING_IN:
            keys.append((sign_ins, f"address {origin(request)}"))
        account = _account(request)
        if account:
            keys.append((buckets, f"account {account}"))
        cost = PROJECT_FILE_READS if path.endswith("/project.zip") else RECEIPT_COMMANDS if path == RECEIPT_PAPER else 1
        wait = max(bucket.take(key, cost) for bucket, key in keys)
        if wait:
            raise Limited(Problem("request.too_many", params={"seconds": wait}), wait)

    def tween(request: Request) -> Response:
        try:
            check(request)
        except Limited as error:
            return answer(told(error), request)
        return handler(request)

    return tween


def origin(request: Request) -> str:
    """Whom an address stands for: itself, or of IPv6 the network of 64 bits that one customer has to themselves."""
    return network(request.remote_addr or "")


@lru_cache(KEPT)
def network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address  # of a socket that has none
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((int(found) >> 64 << 64, 64)))


def _account(request: Request) -> str | None:
    """The account a valid token names, read without the database: a limit must cost less than what it limits."""
    claims = request.token_claims
    return claims.actor.person if claims is not None else None


def includeme(config: Configurator) -> None:
    """The tween itself is placed by the application."""
