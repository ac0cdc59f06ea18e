"""The queue between beat and worker: whose it is, whether it can be reached."""
from __future__ import annotations

from kombu import Connection
from kombu.exceptions import OperationalError

PATIENCE_SECONDS = 2


def in_memory(url: str) -> bool:
    """Whether a Celery broker URL names the queue inside one process, which no other process can work off."""
    return url.startswith("memory:")


def answers(url: str) -> bool:
    """Whether a broker answers at a Celery broker URL. One in memory is always there."""
    with Connection(url, connect_timeout=PATIENCE_SECONDS, transport_options={"socket_connect_timeout": PATIENCE_SECONDS}) as line:
        try:
            line.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=PATIENCE_SECONDS)
        except OperationalError:
            return False
    return True
