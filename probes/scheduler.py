"""What is due: asks the database and rings the workers' bells. Two schedulers do no harm, only one holds the lease."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlmodel import Session

from benchmark import dispatch, mail_accounts
from benchmark.core.mail_accounts import MailAccount, sender_of
from benchmark.core.vocabulary import ChannelGroup
from benchmark.settings import Settings
from benchmark.store import packs, queries
from benchmark.store.queries import DueProbe
from benchmark.store.session import ChangeWatcher, engine_for, reading, transaction
from benchmark.wall_clock import monotonic, pause, real_now, study_now
from probes import jobs, queues
from probes.queues import QUEUE_OF, QueueName, queue_of

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=20)
LOOK_AGAIN_S = 0.5  # also when nobody has committed: time passes by itself


def _something_closes(session: Session, now: datetime) -> bool:
    ends_at = dispatch.next_close_at(session)
    return ends_at is not None and ends_at <= now


def _always(_session: Session, _now: datetime) -> bool:
    return True


def _something_is_stale(session: Session, _now: datetime) -> bool:
    return bool(packs.stale_campaigns(session))


@dataclass(frozen=True)
class TimedJob:
    """Rung on the upkeep queue when `wanted` says so, at most every `every_s` (real seconds; None: the sweep's)."""

    function: str
    wanted: Callable[[Session, datetime], bool]
    every_s: float | None
    here: bool = False  # too small for a worker: done by the scheduler itself


TIMED = (
    TimedJob("close_matured", _something_closes, 0.0, here=True),
    TimedJob("sweep", _always, None),
    TimedJob("freshen_packs", _something_is_stale, None),
)


@dataclass
class Scheduler:
    settings: Settings
    connection: Redis
    engine: Engine
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    rung_at: dict[object, float] = field(default_factory=dict)
    lease_at: float = -1e9
    looked_at: float = -1e9
    watcher: ChangeWatcher = field(init=False)

    def __post_init__(self) -> None:
        self.watcher = ChangeWatcher(self.engine)

    def tick(self) -> None:
        """One look at the database. What was rung is rung again after the sweep's span, in case Redis forgot it."""
        if not self._holds_lease():
            return
        if not self.watcher.changed() and monotonic() - self.looked_at < LOOK_AGAIN_S:
            return
        self.looked_at = monotonic()
        with reading(self.engine) as session:
            now = study_now(session)
            due = self._to_be_rung(session, now)
            mailboxes = mail_accounts.added(session) if due else []
            timed = [job for job in TIMED if self._is_time(job.function, job.every_s) and job.wanted(session, now)]
        for probe in due:
            self._hand_on(probe, mailboxes)
        for job in timed:
            if job.here:
                getattr(jobs, job.function)()
            else:
                self._ring(job.function, QueueName.UPKEEP, job.function)

    def _to_be_rung(self, session: Session, now: datetime) -> list[DueProbe]:
        """The earliest that were not rung lately: those who wait for a slow worker hide nobody behind them."""
        page = queries.due_probes(session, now)
        while page:
            # A probe that a rail put off is due anew at another moment and rung at once.
            fresh = [probe for probe in page if self._is_time((probe.id, probe.due_at), self.settings.sweep_s)]
            if fresh:
                return fresh
            page = queries.due_probes(session, now, after=page[-1])
        return []

    def _hand_on(self, probe: DueProbe, mailboxes: list[MailAccount]) -> None:
        key, group = (probe.id, probe.due_at), probe.channel.group
        if group in QUEUE_OF:
            sender = sender_of(mailboxes, probe.reply_address) if group is ChannelGroup.EMAIL else None
            self._ring(key, queue_of(QUEUE_OF[group], sender.name if sender else ""), "send_probe", probe.id)
        else:
            self.rung_at[key] = monotonic()
            jobs.send_probe(probe.id)  # only opens a person's task

    def _ring(self, key: object, queue: str, function: str, *numbers: int) -> None:
        queues.ring(self.connection, queue, function, *numbers)
        self.rung_at[key] = monotonic()

    def _is_time(self, key: object, every_s: float | None) -> bool:
        return monotonic() - self.rung_at.get(key, -1e9) >= (self.settings.sweep_s if every_s is None else every_s)

    def _holds_lease(self) -> bool:
        if monotonic() - self.lease_at < LEASE.total_seconds() / 4:
            return True
        with transaction(self.engine) as session:
            held = queries.take_lease(session, "scheduler", self.holder, real_now(), LEASE)
            queries.beat(session, "scheduler", os.getpid(), real_now())
        self.lease_at = monotonic() if held else -1e9
        return held


def run(settings: Settings) -> None:
    """Ticks until the process is ended. A Redis that is away is waited for; the database is the truth."""
    scheduler = Scheduler(settings, queues.connect(settings.redis_url), engine_for(settings.database))
    while True:
        try:
            scheduler.tick()
        except RedisError as problem:
            log.warning("Redis is away (%s); trying again", problem)
            scheduler.rung_at.clear()
            pause(1.0)
        pause(settings.tick_s)
