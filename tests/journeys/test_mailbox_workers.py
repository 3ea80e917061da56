"""Each mailbox has a worker of its own: one whose server hangs holds up no other, and one that is added is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from benchmark import mail_accounts
from benchmark.core.mail_accounts import Addressing, MailAccount, MailServer
from benchmark.settings import Settings
from benchmark.store.session import transaction
from benchmark.store.tables import Probe, StudyClock
from benchmark.wall_clock import monotonic, pause, real_now
from probes.supervisor import free_port, redis_command
from tests.journeys.faulty_smtp import Fault, FaultySmtp
from tests.samples import MONDAY, brand, launched

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
COUNT = 8
REPLYMARK = (sys.executable, "-m", "benchmark.command_line")


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A Redis and what the processes have to know."""
    port = free_port()
    redis = subprocess.Popen(redis_command(port, tmp_path / "redis"), stdout=subprocess.DEVNULL)
    yield {
        **os.environ,
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "REPLYMARK_DATA_DIR": str(tmp_path),
        "REPLYMARK_TICK_S": "0.05",
        "REPLYMARK_MAIL_TIMEOUT_S": "60",
    }
    redis.terminate()
    redis.wait()


@pytest.fixture
def processes(environment: dict[str, str], tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The scheduler and the workers for mail, as the Procfile starts them."""
    with (tmp_path / "processes.log").open("ab") as log:
        running = [
            subprocess.Popen([*REPLYMARK, *words], env=environment, stdout=log, stderr=log, start_new_session=True)
            for words in (["scheduler"], ["worker", "email"])
        ]
    yield running
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def add(engine: Engine, folder: Path, name: str, server: FaultySmtp) -> None:
    smtp, none = MailServer("127.0.0.1", server.port), MailServer("127.0.0.1", 0)
    account = MailAccount(name, "study.example", smtp, none, addressing=Addressing.PLUS, base=name, per_hour=1000)
    with transaction(engine) as session:
        mail_accounts.add(session, Settings(data_dir=folder), account, now=MONDAY)


def launch(engine: Engine) -> None:
    """Everything is due at once."""
    points = [brand(f"Brand {n}", [{"channel": "email", "address": f"a@b{n}.example"}]) for n in range(COUNT)]
    launched(engine, brands=points)
    with transaction(engine) as session:
        session.add(StudyClock(id=1, now_at=MONDAY))
        for probe in session.exec(select(Probe)):
            probe.due_at = MONDAY


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    deadline = monotonic() + seconds
    while not happens() and monotonic() < deadline:
        pause(0.05)
    return happens()


def test_a_mailbox_whose_server_hangs_holds_up_no_other(
    sqlite_engine: Engine, tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    with FaultySmtp(Fault(at="banner", silent=True)).running() as hanging, FaultySmtp().running() as well:
        add(sqlite_engine, tmp_path, "slow", hanging)
        add(sqlite_engine, tmp_path, "quick", well)
        launch(sqlite_engine)

        assert within(25, lambda: well.taken.total() == COUNT // 2), well.taken
        assert within(10, lambda: hanging.connections >= 1), "the slow mailbox was not tried"
        assert hanging.taken.total() == 0
        assert max(well.taken.values()) == 1


def test_a_mailbox_that_was_added_or_removed_while_all_runs_is_noticed(
    sqlite_engine: Engine, tmp_path: Path, environment: dict[str, str], processes: list[subprocess.Popen[bytes]]
) -> None:
    workers = processes[1].pid
    assert within(20, lambda: len(children(workers)) == 1), "no worker for the settings' mailbox"
    with FaultySmtp().running() as server:
        add(sqlite_engine, tmp_path, "late", server)
        launch(sqlite_engine)

        assert within(25, lambda: server.taken.total() == COUNT), server.taken

    with transaction(sqlite_engine) as session:
        mail_accounts.remove(session, "late", now=real_now())
    assert within(20, lambda: len(children(workers)) == 1), "the worker of the removed mailbox goes on"


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_worker_that_dies_is_replaced_and_ends_with_its_parent(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    workers = processes[1].pid
    assert within(20, lambda: len(children(workers)) == 1)
    first = children(workers)

    os.kill(int(first[0]), signal.SIGKILL)

    assert within(20, lambda: len(children(workers)) == 1 and children(workers) != first)
    last = int(children(workers)[0])
    processes[1].kill()
    assert within(20, lambda: not Path(f"/proc/{last}").exists())
