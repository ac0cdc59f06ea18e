"""The background: one Celery application; the database is the truth, the queue is only the hand.

Embedded, worker and beat run as threads of the serving process over an in-memory broker. In production the same application runs
as ``celery -A trading_core.tasks worker`` and ``… beat`` over Redis or RabbitMQ. A lost message or a dead worker only delays.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import Celery
from celery.beat import Service
from celery.worker import WorkController

from .adapters import broker
from .platform import Platform
from .services import clockwork, sweeps

SWEEP_SECONDS = 1.0
END_SECONDS = 10  # that worker and beat each have to end


def application(platform: Platform) -> Celery:
    """The Celery application of one platform. `set_default` lets pool threads find it."""
    app = Celery("gongxin", set_as_current=True)
    app.conf.update(
        broker_url=platform.settings.broker,
        task_ignore_result=True,
        task_acks_late=True,
        task_serializer="json",
        accept_content=["json"],
        enable_utc=True,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        beat_schedule={
            name: {"task": f"gongxin.{name}", "schedule": SWEEP_SECONDS, "options": {"expires": 5}} for name in ("sweep", "print")
        },
        broker_transport_options={"polling_interval": 0.1} if broker.in_memory(platform.settings.broker) else {},
    )
    app.set_default()
    sweeping, printing = threading.Lock(), threading.Lock()

    def come_round() -> None:
        try:
            clockwork.sweep(platform, clockwork.PROMPT)
        finally:
            sweeps.note(platform)  # at work, whatever failed

    @app.task(name="gongxin.sweep", shared=False)
    def sweep() -> None:
        _unless_busy(sweeping, come_round)

    @app.task(name="gongxin.print", shared=False)
    def print_papers() -> None:
        _unless_busy(printing, lambda: clockwork.sweep(platform, clockwork.PRINTING))

    return app


def _unless_busy(lock: threading.Lock, work: Callable[[], object]) -> None:
    if not lock.acquire(blocking=False):
        return  # the previous round of this process is still at it
    try:
        work()
    finally:
        lock.release()


@contextmanager
def embedded(platform: Platform) -> Iterator[Celery]:
    """Worker and beat as threads of this process, for as long as the block runs."""
    app = application(platform)
    worker = WorkController(
        app=app, pool_cls="threads", concurrency=2, loglevel="WARNING", without_gossip=True, without_mingle=True,
        without_heartbeat=True, quiet=True,
    )  # fmt: skip
    beat = Service(app, max_interval=1, schedule_filename=str(_beat_file(platform.settings.data)))
    threads: list[threading.Thread] = [
        threading.Thread(target=worker.start, name="celery-worker"),
        threading.Thread(target=lambda: beat.start(embedded_process=False), name="celery-beat"),
    ]
    for thread in threads:
        thread.start()
    try:
        yield app
    finally:
        beat.stop(wait=False)
        worker.stop(in_sighandler=False)
        for thread in threads:
            thread.join(END_SECONDS)


def _beat_file(folder: Path) -> Path:
    """Where beat remembers when it last ran; stale content would only make it run at once."""
    return folder / "beat-schedule"


def __getattr__(name: str) -> Any:
    """``celery -A trading_core.tasks`` finds `app` here; importing the module alone connects to nothing."""
    if name != "app":
        raise AttributeError(name)
    from .bootstrap import build
    from .settings import read

    return application(build(read()))
