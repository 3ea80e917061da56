"""One worker process for one queue."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import engine_for, transaction
from benchmark.wall_clock import monotonic, real_now
from probes import queues
from probes.queues import AllowedJob, QueueName

log = logging.getLogger(__name__)
IDLE_S = 30  # an idle worker gives a sign of life this often
BEAT_S = 20.0  # and a busy one not more often than this


@dataclass
class SignOfLife:
    """What a worker writes down so that a page can say whether it works. Never shares a connection with a fork."""

    engine: Engine
    name: str
    given_at: float = -BEAT_S

    def give(self) -> None:
        if monotonic() - self.given_at < BEAT_S:
            return
        self.given_at = monotonic()
        self._write(lambda session: queries.beat(session, self.name, os.getpid(), real_now()))

    def end(self) -> None:
        self._write(lambda session: queries.end_beat(session, self.name, os.getpid()))

    def _write(self, what: Callable[[Session], None]) -> None:
        try:
            with transaction(self.engine) as session:
                what(session)
        except OperationalError as problem:  # a database that is away is no reason to end
            log.warning("no sign of life: %s", problem.orig)
        self.engine.dispose()


class _Beating:
    """A worker that gives a sign of life whenever RQ wants one."""

    life: SignOfLife | None = None

    def heartbeat(self, *args: Any, **options: Any) -> None:
        super().heartbeat(*args, **options)  # type: ignore[misc]  # of the worker it is mixed into
        if self.life is not None and os.getpid() == self.pid:  # type: ignore[attr-defined]  # not in a fork of it
            self.life.give()


class _InPlace(_Beating, SimpleWorker):
    """A mail connection and a browser are kept over many jobs; a fork would inherit and break them."""


class _Forking(_Beating, Worker):
    """Every job in a process of its own."""


_WORKER_OF: dict[QueueName, type[_InPlace] | type[_Forking]] = {
    QueueName.EMAIL: _InPlace,
    QueueName.FORMS: _InPlace,
    QueueName.UPKEEP: _Forking,
}


def work(settings: Settings, name: QueueName, number: int = 1, mailbox: str = "") -> None:
    """Works one queue, or that of a mailbox, until SIGTERM; a job that runs is finished first."""
    connection = queues.connect(settings.redis_url)
    queue = queues.queue_of(name, mailbox)
    life = SignOfLife(engine_for(settings.database), f"worker-{queue}-{number}")
    life.give()
    worker = _WORKER_OF[name](
        [queues.queue(connection, queue)],
        name=f"{queue}-{number}-{os.getpid()}",
        connection=connection,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        default_result_ttl=0,
        worker_ttl=IDLE_S + 15,  # RQ looks up from an empty queue that much earlier
    )
    worker.life = life
    worker.work(logging_level="WARNING", with_scheduler=False)
    life.end()
    logging.shutdown()
