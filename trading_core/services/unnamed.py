"""Taking away files that somebody sent in and that nothing names: a full disk would refuse everybody's bids."""
from __future__ import annotations

import re
from datetime import timedelta

from ..platform import Platform

MARGIN = timedelta(hours=1)
"""Two who send in the same bytes at once may name them a moment before they are noted as loose."""
NAME = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def sweep(platform: Platform) -> int:
    """Take away the files that nobody has had to do with for as long as uploads are kept and that no event names, in its public or its
    private part; how many those were. What an event names stays for good."""
    loose, keep = platform.uploads.loose, timedelta(hours=platform.settings.upload_keep_hours)
    waiting = loose.waiting(keep) if loose.due() else {}
    if not waiting:
        return 0
    named: set[str] = set()
    with platform.look() as unit:
        for stored in unit.store.since(min(waiting.values()) - MARGIN):
            named |= waiting.keys() & set(NAME.findall(f"{stored.public} {stored.private or ''}"))
    return loose.settle(waiting.keys(), named, keep)
