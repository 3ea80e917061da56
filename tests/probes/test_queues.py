"""The queue on a real Redis: only allow-listed functions with numbers run, and a flush loses nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import Engine

from benchmark import mail_accounts
from benchmark.core.mail_accounts import Addressing, MailAccount, MailServer
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ProbeState
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import reading
from benchmark.store.tables import Probe, StudyClock
from benchmark.wall_clock import monotonic, pause
from probes import jobs, queues
from probes.queues import AllowedJob, QueueName
from probes.scheduler import Scheduler
from probes.supervisor import free_port, redis_command
from tests.samples import MONDAY, accepted, due_at, launched
from tests.samples import transaction as write

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    server = subprocess.Popen(redis_command(port, tmp_path_factory.mktemp("redis")), stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = monotonic() + 10
    while monotonic() < deadline:
        try:
            queues.connect(url)
            break
        except BadInput:
            pause(0.02)
    yield url
    server.terminate()
    server.wait()


@pytest.fixture
def connection(redis_url: str) -> Redis:
    made = queues.connect(redis_url)
    made.flushall()
    return made


def work(connection: Redis, name: QueueName) -> None:
    """Works the queue until it is empty, in this process."""
    worker = SimpleWorker(
        [queues.queue(connection, name)], connection=connection, serializer=JSONSerializer, job_class=AllowedJob
    )
    worker.work(burst=True, logging_level="CRITICAL")


def test_redis_listens_on_loopback_only(connection: Redis) -> None:
    assert connection.config_get("bind")["bind"] == "127.0.0.1"
    assert connection.config_get("appendonly")["appendonly"] == "yes"


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("os.system", ["touch {path}"]), ("builtins.eval", ["open('{path}', 'w')"]), ("probes.jobs.settings", [])],
)
def test_what_is_not_on_the_allow_list_never_runs(
    connection: Redis, tmp_path: Path, function: str, arguments: list[str]
) -> None:
    path = tmp_path / "was-run"
    intruder = Queue(QueueName.UPKEEP, connection=connection, serializer=JSONSerializer)
    job = intruder.enqueue_call(function, args=[text.format(path=path) for text in arguments])

    work(connection, QueueName.UPKEEP)

    assert not path.exists()
    assert Job.fetch(job.id, connection=connection, serializer=JSONSerializer).is_failed


def test_a_callback_written_into_redis_never_runs(connection: Redis) -> None:
    intruder = Queue(QueueName.UPKEEP, connection=connection, serializer=JSONSerializer)
    intruder.enqueue_call("probes.jobs.unknown", on_failure="os.getcwd", args=[1])

    work(connection, QueueName.UPKEEP)

    assert AllowedJob(connection=connection, serializer=JSONSerializer).failure_callback is None


def test_no_redis_is_one_clear_line() -> None:
    with pytest.raises(BadInput, match=r"no Redis answers at redis://127\.0\.0\.1:1"):
        queues.connect("redis://127.0.0.1:1/0")


@pytest.fixture
def hands(sqlite_url: str, sqlite_engine: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings as a worker in this process sees them; no SMTP server answers, so every hand-over is put off."""
    settings = Settings(database_url=sqlite_url, redis_url=redis_url, smtp_port=1, sweep_s=0.0)
    monkeypatch.setattr(jobs, "settings", lambda: settings)
    jobs.channel.cache_clear()
    return settings


def test_the_scheduler_rings_for_what_is_due_and_a_flushed_redis_loses_nothing(
    hands: Settings, sqlite_engine: Engine, connection: Redis
) -> None:
    probe_id = launched(sqlite_engine)[0]
    set_clock(sqlite_engine, probe_id)
    scheduler = Scheduler(hands, connection, sqlite_engine)
    scheduler.tick()
    assert queues.queue(connection, QueueName.EMAIL).count == 1

    connection.flushall()
    scheduler.looked_at = -1e9
    scheduler.tick()
    work(connection, QueueName.EMAIL)

    with reading(sqlite_engine) as session:
        assert session.get_one(Probe, probe_id).state is ProbeState.RETRY_LATER


def test_a_job_rung_twice_does_nothing_the_second_time(
    hands: Settings, sqlite_engine: Engine, connection: Redis
) -> None:
    probe_id = launched(sqlite_engine)[0]
    set_clock(sqlite_engine, probe_id)
    accepted(sqlite_engine, probe_id)

    queues.ring(connection, QueueName.EMAIL, "send_probe", probe_id)
    work(connection, QueueName.EMAIL)

    with reading(sqlite_engine) as session:
        assert session.get_one(Probe, probe_id).state is ProbeState.OPEN


def test_two_schedulers_share_one_lease(hands: Settings, sqlite_engine: Engine, connection: Redis) -> None:
    probe_id = launched(sqlite_engine)[0]
    set_clock(sqlite_engine, probe_id)
    first = Scheduler(hands, connection, sqlite_engine, holder="first")
    second = Scheduler(hands, connection, sqlite_engine, holder="second")

    first.tick()
    connection.flushall()
    second.tick()

    assert queues.queue(connection, QueueName.EMAIL).count == 0


def test_bells_of_an_added_mailbox_go_to_a_queue_of_its_own(
    hands: Settings, sqlite_engine: Engine, connection: Redis, tmp_path: Path
) -> None:
    smtp, none = MailServer("127.0.0.1", 1), MailServer("127.0.0.1", 0)
    with write(sqlite_engine) as session:
        for name in ("one", "two"):
            account = MailAccount(name, "study.example", smtp, none, addressing=Addressing.PLUS, base=name)
            mail_accounts.add(session, Settings(data_dir=tmp_path), account, now=MONDAY)
    last = launched(sqlite_engine)[-1]
    set_clock(sqlite_engine, last)

    Scheduler(hands, connection, sqlite_engine).tick()

    counts = {name: queues.queue(connection, name).count for name in ("email", "email:one", "email:two")}
    assert counts == {"email": 0, "email:one": 1, "email:two": 1}


def test_inquiries_that_wait_for_a_slow_worker_hide_nobody_behind_them(
    hands: Settings, sqlite_engine: Engine, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(sqlite_engine, launched(sqlite_engine)[-1])
    monkeypatch.setattr(queries, "due_probes", partial(queries.due_probes, limit=1))
    scheduler = Scheduler(hands.model_copy(update={"sweep_s": 60.0}), connection, sqlite_engine)

    for _ in range(3):
        scheduler.looked_at = -1e9
        scheduler.tick()

    assert queues.queue(connection, QueueName.EMAIL).count == 2


def set_clock(engine: Engine, probe_id: int) -> None:
    moment = due_at(engine, probe_id)
    with write(engine) as session:
        session.add(StudyClock(id=1, now_at=moment))
