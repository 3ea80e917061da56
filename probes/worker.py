"""One worker process for one queue."""

from __future__ import annotations

import logging
import os

from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer

from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import engine_for, transaction
from benchmark.wall_clock import real_now
from probes import queues
from probes.queues import AllowedJob, QueueName

# A mail connection and a browser are kept over many jobs; a fork would inherit and break them.
WORKER_OF = {QueueName.EMAIL: SimpleWorker, QueueName.FORMS: SimpleWorker, QueueName.UPKEEP: Worker}


def work(settings: Settings, name: QueueName, number: int = 1, mailbox: str = "") -> None:
    """Works one queue, or that of a mailbox, until SIGTERM; a job that runs is finished first."""
    connection = queues.connect(settings.redis_url)
    queue = queues.queue_of(name, mailbox)
    with transaction(engine_for(settings.database)) as session:
        queries.beat(session, f"worker-{queue}-{number}", os.getpid(), real_now())
    worker = WORKER_OF[name](
        [queues.queue(connection, queue)],
        name=f"{queue}-{number}-{os.getpid()}",
        connection=connection,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        default_result_ttl=0,
    )
    engine_for(settings.database).dispose()
    worker.work(logging_level="WARNING", with_scheduler=False)
    logging.shutdown()
