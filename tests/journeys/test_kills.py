"""kill -9 at random moments while inquiries leave and mail comes in; counted at the receiving server.

`./run test` gives a short dose (20 kills), `./run soak` the full one (300 kills, 3,000 probes, 5,000 mails).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from imap_tools import MailBoxUnencrypted
from sqlalchemy import Engine
from sqlmodel import col, func, select

from benchmark import intake
from benchmark.core.vocabulary import EventKind, ProbeState
from benchmark.intake import FetchedMail
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Event, MailboxItem, Probe, Reply, StudyClock, VerdictRow
from benchmark.wall_clock import monotonic, pause
from probes.supervisor import free_port, redis_command
from tests.performance._mail_world import replies, sent_campaign
from tests.samples import MONDAY, brand, launched

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]


@dataclass(frozen=True)
class Dose:
    kills: int
    probes: int
    mails: int
    patience_s: float


REPLYMARK = (sys.executable, "-m", "benchmark.command_line")
DOSE = Dose(300, 3000, 5000, 3000) if os.environ.get("REPLYMARK_DOSE") == "full" else Dose(20, 240, 150, 240)


BACKLOG = 2_500
ARCHIVE = "archive@study.example"


@dataclass
class Sink:
    """The submission server: counts what it accepted, by the sender's secret address, and keeps our own copies."""

    received: Counter[str] = field(default_factory=Counter)
    copies: Queue[bytes] = field(default_factory=Queue)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received[envelope.mail_from or ""] += 1
        if ARCHIVE in envelope.rcpt_tos and isinstance(envelope.content, bytes):
            self.copies.put(envelope.content)
        return "250 2.0.0 Ok"


@dataclass
class Crowd:
    """The processes that are killed and started again."""

    commands: dict[str, list[str]]
    environment: dict[str, str]
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.commands[name], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        process = self.running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in self.running:
            self.kill(name)


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen(redis_command(port, tmp_path / "redis"), stdout=subprocess.DEVNULL)
    yield port
    server.terminate()
    server.wait()


@pytest.fixture
def imap_port() -> Iterator[int]:
    port = free_port()
    pymap = [str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    server = subprocess.Popen([*pymap, "dict", "--demo-user", "study", "--demo-password", "secret"])
    yield port
    server.terminate()
    server.wait()


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    made, port = Sink(), free_port()
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    yield made, port
    controller.stop()


def a_due_campaign(engine: Engine, count: int) -> None:
    """All probes are due at once; the caps are out of the way."""
    brands = [brand(f"Brand {n}", [{"channel": "email", "address": f"a@b{n}.example"}]) for n in range(count)]
    launched(engine, brands=brands)
    with transaction(engine) as session:
        session.add(StudyClock(id=1, now_at=MONDAY + timedelta(days=4)))
        due = session.exec(select(Probe)).all()
        for probe in due:
            probe.due_at = MONDAY


def wait_for_mailbox(port: int) -> None:
    deadline = monotonic() + 30
    while True:
        try:
            MailBoxUnencrypted("127.0.0.1", port).login("study", "secret").logout()
        except OSError:
            if monotonic() > deadline:
                raise
            pause(0.1)
        else:
            return


def deliver(port: int, count: int) -> None:
    """Mail arrives while the fetcher is being killed."""
    wait_for_mailbox(port)
    box = MailBoxUnencrypted("127.0.0.1", port).login("study", "secret")
    for number in range(count):
        text = f"From: a@b.example\r\nTo: x@study.example\r\nSubject: Nr. {number}\r\n\r\nHallo {number}\r\n"
        box.append(text.encode(), "INBOX", dt=MONDAY, flag_set=None)
    box.logout()


def archive(port: int, sink: Sink, ended: threading.Event) -> None:
    """Puts our own copies into the study mailbox, where the archive address leads."""
    with MailBoxUnencrypted("127.0.0.1", port).login("study", "secret") as box:
        while not ended.is_set():
            with suppress(Empty):
                box.append(sink.copies.get(timeout=0.2), "INBOX", dt=MONDAY, flag_set=None)


def settled(engine: Engine, copies: int) -> bool:
    with reading(engine) as session:
        waiting = (ProbeState.PLANNED, ProbeState.CLAIMED, ProbeState.RETRY_LATER)
        left = session.exec(select(func.count()).select_from(Probe).where(col(Probe.state).in_(waiting))).one()
        placed = session.exec(select(func.count()).select_from(Reply)).one()
        items = session.exec(select(func.count(MailboxItem.placed_at))).one()  # type: ignore[arg-type]  # a column
    return left == 0 and placed >= DOSE.mails and items >= DOSE.mails + copies


def test_kills_make_no_duplicate_and_lose_nothing(
    sqlite_engine: Engine, sqlite_url: str, tmp_path: Path, redis_port: int, imap_port: int, sink: tuple[Sink, int]
) -> None:
    brands, smtp_port = sink
    a_due_campaign(sqlite_engine, DOSE.probes)
    commands = {name: [*REPLYMARK, "worker", "email", "--number", name[-1]] for name in ("email-1", "email-2")}
    commands |= {name: [*REPLYMARK, name] for name in ("scheduler", "mailbox")}
    commands["upkeep"] = [*REPLYMARK, "worker", "upkeep"]
    environment = {
        **os.environ,
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "REPLYMARK_SMTP_PORT": str(smtp_port),
        "REPLYMARK_IMAP_PORT": str(imap_port),
        "REPLYMARK_IMAP_PASSWORD": "secret",
        "REPLYMARK_POLL_S": "0.2",
        "REPLYMARK_TICK_S": "0.05",
        "REPLYMARK_SWEEP_S": "2",
        "REPLYMARK_LEASE_S": "4",
        "REPLYMARK_MAIL_PER_HOUR": "1000000",
        "REPLYMARK_ARCHIVE_ADDRESS": ARCHIVE,
        "PYTHONDONTWRITEBYTECODE": "",
    }
    crowd = Crowd(commands, environment, tmp_path)
    postman = threading.Thread(target=deliver, args=(imap_port, DOSE.mails))
    postman.start()
    ended = threading.Event()
    archivist = threading.Thread(target=archive, args=(imap_port, brands, ended))
    chance, kills, deadline = random.Random(4), 0, monotonic() + DOSE.patience_s
    try:
        for name in commands:
            crowd.start(name)
        wait_for_mailbox(imap_port)
        archivist.start()
        while monotonic() < deadline and not (kills >= DOSE.kills and settled(sqlite_engine, brands.received.total())):
            pause(chance.uniform(0.2, 2.5) if kills < DOSE.kills else 0.5)
            if kills < DOSE.kills:
                victim = chance.choice(sorted(commands))
                crowd.kill(victim)
                crowd.start(victim)
                kills += 1
    finally:
        crowd.stop()
        ended.set()
        postman.join()
        archivist.join()

    with reading(sqlite_engine) as session:
        states = Counter(session.exec(select(Probe.state)).all())
        opened = session.exec(select(Probe.reply_address).where(Probe.state == ProbeState.OPEN)).all()
        doubtful = session.exec(select(Probe.reply_address).where(Probe.state == ProbeState.UNCONFIRMED)).all()
        items = session.exec(select(func.count()).select_from(MailboxItem)).one()
        replies = session.exec(select(func.count()).select_from(Reply)).one()
        resolved = session.exec(select(func.count()).where(Event.kind == EventKind.RESOLVED)).one()
    doubts = states[ProbeState.UNCONFIRMED]
    sys.stdout.write(
        f"\n{kills} kills, {brands.received.total()} sent, {resolved} doubts settled themselves, {doubts} are left\n"
    )
    assert kills == DOSE.kills
    assert max(brands.received.values()) == 1, "an inquiry was sent twice"
    assert all(brands.received[address or ""] == 1 for address in opened), "an accepted inquiry never arrived"
    assert set(states) <= {ProbeState.OPEN, ProbeState.UNCONFIRMED}, states
    assert doubts + resolved <= kills
    assert all(brands.received[address or ""] == 0 for address in doubtful), "a doubt our own copy should have settled"
    assert (items, replies) == (DOSE.mails + brands.received.total(), DOSE.mails)


def test_a_placer_killed_in_the_middle_of_a_backlog_places_each_mail_once(engine: Engine) -> None:
    """Two processes share the work where there are two cores; neither is spared."""
    sent = sent_campaign(engine, 40)
    with transaction(engine) as session:
        mails = [FetchedMail(uid, content, MONDAY) for uid, content in enumerate(replies(sent, BACKLOG), 1)]
        intake.keep_mail(session, "box", 1, mails, now=MONDAY, real_now=MONDAY)
    environment = {**os.environ, "DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    chance, kills = random.Random(5), 0
    while placed(engine) < BACKLOG:
        process = subprocess.Popen([*REPLYMARK, "mailbox"], env=environment, start_new_session=True)
        before, deadline = placed(engine), monotonic() + 60
        while placed(engine) == before and monotonic() < deadline:
            pause(0.02)
        pause(chance.choice((0.02, 0.1, 1.3)))  # while the second process starts, and when it helps
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1

    with reading(engine) as session:
        replied = session.exec(select(Reply.id)).all()
        judged = session.exec(select(VerdictRow.reply_id)).all()
        noted = session.exec(select(Event.reply_id).where(Event.kind == EventKind.REPLY)).all()
    sys.stdout.write(f"\n{kills} kills while {BACKLOG} mails were placed\n")
    assert kills >= 3
    assert len(replied) == BACKLOG
    assert sorted(judged) == sorted(noted) == sorted(replied)


def placed(engine: Engine) -> int:
    with reading(engine) as session:
        return queries.placed_count(session)
