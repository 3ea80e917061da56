"""RQ on a real Redis: which queues there are, and the one kind of job they carry. Redis only rings the bell."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import import_attribute

from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelGroup

ALLOWED = frozenset(f"probes.jobs.{name}" for name in ("send_probe", "close_matured", "sweep", "freshen_packs"))
FAILED_FOR_S = 86_400
JOB_TIMEOUT_S = 170  # below the lease of a claim, so that a hanging job ends before it is swept


class QueueName(StrEnum):
    """One queue per worker process; a worker on several queues lost jobs when it was killed."""

    EMAIL = "email"
    FORMS = "forms"
    UPKEEP = "upkeep"


QUEUE_OF = {ChannelGroup.EMAIL: QueueName.EMAIL, ChannelGroup.WEB_FORM: QueueName.FORMS}


def queue_of(name: QueueName, mailbox: str = "") -> str:
    """Every mailbox that somebody added has a queue of its own; the plain one is that of the settings' mailbox."""
    return f"{name}:{mailbox}" if mailbox else name.value


class AllowedJob(Job):
    """Runs only functions of the allow-list with whole numbers as arguments, whatever stands in Redis."""

    @property
    def func(self) -> Callable[..., Any]:
        numbers = all(isinstance(argument, int) for argument in self.args)
        if self.instance or self.kwargs or not numbers or self.func_name not in ALLOWED:
            raise PermissionError(f"job {self.id} asks for {self.func_name!r}, which is not on the allow-list")
        return import_attribute(self.func_name)

    # Callbacks would be further functions named by Redis; none is ever run.
    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None


def connect(url: str) -> Redis:
    """Raises BadInput when no Redis answers there."""
    try:
        connection: Redis = Redis.from_url(url, socket_connect_timeout=5)
        connection.ping()
    except (RedisError, ValueError) as problem:
        raise BadInput("REDIS_URL", f"no Redis answers at {url or 'an empty address'}: {problem}", "start it") from None
    return connection


def queue(connection: Redis, name: str) -> Queue:
    return Queue(
        name, connection=connection, serializer=JSONSerializer, job_class=AllowedJob, default_timeout=JOB_TIMEOUT_S
    )


def ring(connection: Redis, name: str, function: str, *numbers: int) -> None:
    """Asks the worker of a queue for `probes.jobs.<function>`; asking twice is harmless, the database decides."""
    job_id = "-".join([function.replace("_", "-"), *map(str, numbers)])
    queue(connection, name).enqueue_call(
        f"probes.jobs.{function}", args=numbers, job_id=job_id, result_ttl=0, failure_ttl=FAILED_FOR_S
    )
