"""One worker process for one queue."""

from __future__ import annotations

import logging
import os
from typing import Any

from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer

from benchmark.settings import Settings
from benchmark.store.session import engine_for
from probes import queues
from probes.queues import AllowedJob, QueueName
from probes.sign_of_life import SignOfLife

log = logging.getLogger(__name__)
IDLE_S = 30  # an idle worker gives a sign of life this often


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
