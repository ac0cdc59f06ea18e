"""The machine's clock as a test sets it, for every process that finds this folder on its path: it stands at the instant in a file."""
import os
from datetime import UTC, datetime
from pathlib import Path

from trading_core.adapters import clock

PLACE = Path(os.environ["TEST_CLOCK"])


class SetClock(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime.fromisoformat(PLACE.read_text()).astimezone(UTC)


clock.datetime = SetClock
