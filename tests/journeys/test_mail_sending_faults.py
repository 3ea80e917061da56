"""Every way a submission server can fail, from the claim to the record: never twice, never a false word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from benchmark.core.vocabulary import ProbeState
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Attempt, Probe, StudyClock
from probes import jobs
from tests.journeys.certificates import certificate_for_loopback
from tests.journeys.faulty_smtp import Fault, FaultySmtp
from tests.samples import launched

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
OPEN, RETRY, FAILED = ProbeState.OPEN, ProbeState.RETRY_LATER, ProbeState.FAILED
BARRIER, DOUBT = ProbeState.BARRIER, ProbeState.UNCONFIRMED


@dataclass(frozen=True)
class Case:
    """`first` is the state after one attempt, `final` after all that may follow; `taken` by the server in the end."""

    fault: Fault
    first: ProbeState
    final: ProbeState
    taken: int
    words: str = ""  # that stand in the first attempt's outcome


PLAIN = {
    "421 at the banner": Case(Fault("banner", "421 4.3.2 too busy", closes=True), RETRY, FAILED, 0, "421"),
    "554 at the banner": Case(Fault("banner", "554 5.7.1 not you", closes=True), RETRY, FAILED, 0, "our own trouble"),
    "silence at the banner": Case(Fault("banner", silent=True, times=1), RETRY, OPEN, 1, "our own trouble"),
    "garbage at the banner": Case(Fault("banner", "HTTP/1.1 400 Bad Request", times=1), RETRY, OPEN, 1),
    "450 greylisting, then yes": Case(Fault("rcpt", "450 4.2.0 greylisted", times=1), RETRY, OPEN, 1, "greylisted"),
    "421 at RCPT": Case(Fault("rcpt", "421 4.7.0 slow down", closes=True, times=2), RETRY, OPEN, 1, "421"),
    "451 at RCPT": Case(Fault("rcpt", "451 4.3.0 local error", times=3), RETRY, OPEN, 1, "451"),
    "452 at RCPT": Case(Fault("rcpt", "452 4.2.2 mailbox full", times=1), RETRY, OPEN, 1, "452"),
    "450 for ever": Case(Fault("rcpt", "450 4.2.0 greylisted"), RETRY, FAILED, 0, "greylisted"),
    "550 at RCPT": Case(Fault("rcpt", "550 5.1.1 no such user"), BARRIER, BARRIER, 0, "550 5.1.1"),
    "553 for our own address": Case(Fault("mail", "553 5.1.8 who are you", times=1), RETRY, OPEN, 1, "our own trouble"),
    "closed before DATA": Case(Fault("data", closes=True, times=1), RETRY, OPEN, 1, "connection lost"),
    "451 at DATA": Case(Fault("data", "451 4.3.0 later", times=1), RETRY, OPEN, 1, "451"),
    "451 after the dot": Case(Fault("dot", "451 4.3.0 later", times=1), RETRY, OPEN, 1, "451"),
    "421 after the dot": Case(Fault("dot", "421 4.3.2 going down", closes=True, times=1), RETRY, OPEN, 1, "421"),
    "552 after the dot": Case(Fault("dot", "552 5.3.4 too big"), BARRIER, BARRIER, 0, "552"),
    "554 after the dot": Case(Fault("dot", "554 5.7.1 we do not want this"), BARRIER, BARRIER, 0, "554"),
    "closed in the body": Case(Fault("body"), DOUBT, DOUBT, 0, "no answer"),
    "closed after the dot, taken": Case(Fault("dot", closes=True, takes=True), DOUBT, DOUBT, 1, "no answer"),
    "closed after the dot, not taken": Case(Fault("dot", closes=True), DOUBT, DOUBT, 0, "no answer"),
    "silence after the dot": Case(Fault("dot", silent=True, takes=True), DOUBT, DOUBT, 1, "no answer"),
    "garbage after the dot": Case(Fault("dot", "\x00\x01 mooo", takes=True), DOUBT, DOUBT, 1, "no valid answer"),
    "354 after the dot": Case(Fault("dot", "354 more please", takes=True), DOUBT, DOUBT, 1, "no valid answer"),
    "an endless line after the dot": Case(Fault("dot", "250 " + "x" * 20_000, takes=True), DOUBT, DOUBT, 1),
    "250 then closed": Case(Fault("dot", "250 2.0.0 Ok", closes=True, takes=True), OPEN, OPEN, 1, "250"),
    "a tarpit": Case(Fault("none", slow_s=0.01), OPEN, OPEN, 1, "250"),
}
ENCRYPTED = {
    "STARTTLS refused": Case(Fault("starttls", "454 4.7.0 not now", times=1), RETRY, OPEN, 1, "our own trouble"),
    "STARTTLS offered and broken": Case(Fault("tls", times=2), RETRY, OPEN, 1, "our own trouble"),
    "closed at STARTTLS": Case(Fault("starttls", closes=True, times=1), RETRY, OPEN, 1, "our own trouble"),
    "all is well": Case(Fault(), OPEN, OPEN, 1, "250"),
}


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Iterator[Callable[..., None]]:
    """Points the job at a server; the worker's kept settings and connections are forgotten."""

    def forget() -> None:
        if jobs.channel.cache_info().currsize:
            jobs.channel(jobs.ChannelGroup.EMAIL).close()
        for kept in (jobs.settings, jobs.channel, jobs._rates):
            kept.cache_clear()

    def point(port: int, **more: str) -> None:
        values = {"DATABASE_URL": sqlite_url, "REPLYMARK_SMTP_PORT": str(port), "REPLYMARK_MAIL_TIMEOUT_S": "1", **more}
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        forget()

    yield point
    forget()


def attempts_of(engine: Engine, probe_id: int) -> list[Attempt]:
    with reading(engine) as session:
        return list(session.exec(select(Attempt).where(Attempt.probe_id == probe_id).order_by(col(Attempt.number))))


def send_when_due(engine: Engine, probe_id: int) -> ProbeState:
    """Moves the clock to the probe's moment, lets the job run twice as queues do, and tells where it stands."""
    with transaction(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert probe.due_at is not None
        session.merge(StudyClock(id=1, now_at=probe.due_at))
    jobs.send_probe(probe_id)
    jobs.send_probe(probe_id)
    with reading(engine) as session:
        return session.get_one(Probe, probe_id).state


def send_to_the_end(engine: Engine, probe_id: int) -> ProbeState:
    state = RETRY
    while state in (RETRY, ProbeState.PLANNED):
        state = send_when_due(engine, probe_id)
    return state


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_what_a_server_does_is_recorded_as_what_is_known(
    name: str, sqlite_engine: Engine, sender: Callable[..., None]
) -> None:
    case, probe_id = PLAIN[name], launched(sqlite_engine)[0]

    with FaultySmtp(case.fault).running() as server:
        sender(server.port)
        first = send_when_due(sqlite_engine, probe_id)
        final = send_to_the_end(sqlite_engine, probe_id) if first is RETRY else send_when_due(sqlite_engine, probe_id)

    tried = attempts_of(sqlite_engine, probe_id)
    assert (first, final) == (case.first, case.final)
    assert case.words in tried[0].outcome
    assert sum(server.taken.values()) == case.taken
    assert len({attempt.message_id for attempt in tried}) == len(tried)
    if final in (BARRIER, DOUBT):
        assert len(tried) == 1, "a doubtful or refused inquiry was tried again by itself"


@pytest.mark.parametrize("name", sorted(ENCRYPTED))
def test_where_encryption_is_offered_nothing_is_said_without_it(
    name: str, sqlite_engine: Engine, sender: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, probe_id, certificate = ENCRYPTED[name], launched(sqlite_engine)[0], certificate_for_loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with FaultySmtp(case.fault, certificate).running() as server:
        sender(server.port)
        first, final = send_when_due(sqlite_engine, probe_id), send_to_the_end(sqlite_engine, probe_id)

    assert (first, final) == (case.first, case.final)
    assert case.words in attempts_of(sqlite_engine, probe_id)[0].outcome
    assert sum(server.taken.values()) == case.taken
    assert server.in_the_clear == []


def test_a_certificate_nobody_vouches_for_is_refused(
    sqlite_engine: Engine, sender: Callable[..., None], tmp_path: Path
) -> None:
    probe_id = launched(sqlite_engine)[0]

    with FaultySmtp(Fault(), certificate_for_loopback(tmp_path)).running() as server:
        sender(server.port)
        state = send_when_due(sqlite_engine, probe_id)

    assert state is RETRY
    assert "certificate" in attempts_of(sqlite_engine, probe_id)[0].outcome.lower()
    assert (server.taken.total(), server.in_the_clear) == (0, [])


def test_a_mailbox_that_demands_encryption_sends_nothing_to_a_server_without_it(
    sqlite_engine: Engine, sender: Callable[..., None]
) -> None:
    probe_id = launched(sqlite_engine)[0]

    with FaultySmtp().running() as server:
        sender(server.port, REPLYMARK_SMTP_SECURITY="starttls")
        state = send_when_due(sqlite_engine, probe_id)

    assert (state, server.taken.total(), server.in_the_clear) == (RETRY, 0, [])


def test_a_refused_log_in_costs_the_brand_no_attempt(sqlite_engine: Engine, sender: Callable[..., None]) -> None:
    """A password that ran out on a Friday is mended on Monday: the inquiry still goes out."""
    probe_id = launched(sqlite_engine)[0]
    fault = Fault("auth", "535 5.7.8 no", offers=("AUTH PLAIN LOGIN",), times=1_000_000)

    with FaultySmtp(fault).running() as server:
        sender(server.port, REPLYMARK_SMTP_USER="study", REPLYMARK_SMTP_PASSWORD="wrong")
        states = [send_when_due(sqlite_engine, probe_id) for _ in range(12)]
        server.fault = Fault(offers=("AUTH PLAIN LOGIN",))
        final = send_to_the_end(sqlite_engine, probe_id)

    tried = attempts_of(sqlite_engine, probe_id)
    assert set(states) <= {RETRY, ProbeState.PLANNED}
    assert (final, server.taken.total()) == (OPEN, 1)
    assert all("refuses the log-in" in attempt.outcome for attempt in tried[:-1])
    assert "wrong" not in "".join(attempt.outcome + attempt.detail for attempt in tried)


def test_after_250_and_a_closed_connection_the_next_inquiry_finds_a_new_one(
    sqlite_engine: Engine, sender: Callable[..., None]
) -> None:
    probe_ids = launched(sqlite_engine)
    fault = Fault("dot", "250 2.0.0 Ok", closes=True, takes=True)

    with FaultySmtp(fault).running() as server:
        sender(server.port)
        states = [send_when_due(sqlite_engine, probe_id) for probe_id in probe_ids]

    assert states == [OPEN] * len(probe_ids)
    assert (server.connections, set(server.taken.values())) == (len(probe_ids), {1})


def test_greylisting_is_met_again_within_the_window_and_t0_is_the_acceptance(
    sqlite_engine: Engine, sender: Callable[..., None]
) -> None:
    probe_id = launched(sqlite_engine)[0]

    with FaultySmtp(Fault("rcpt", "450 4.2.0 greylisted", times=2)).running() as server:
        sender(server.port)
        send_to_the_end(sqlite_engine, probe_id)

    tried = attempts_of(sqlite_engine, probe_id)
    with reading(sqlite_engine) as session:
        t0 = session.get_one(Probe, probe_id).t0
    assert t0 == tried[-1].finished_at
    assert timedelta(minutes=15) <= tried[-1].claimed_at - tried[0].claimed_at
    assert len(tried) == 3


def test_a_worker_that_was_too_slow_sends_nothing_and_the_inquiry_leaves_later(
    sqlite_engine: Engine, sender: Callable[..., None]
) -> None:
    """On a crowded machine the lease may end before the server has said 354."""
    probe_id = launched(sqlite_engine)[0]

    with FaultySmtp().running() as server:
        sender(server.port, REPLYMARK_LEASE_S="0")
        first = send_when_due(sqlite_engine, probe_id)
        taken_by_then = server.taken.total()
        sender(server.port, REPLYMARK_LEASE_S="180")
        final = send_to_the_end(sqlite_engine, probe_id)

    assert (first, taken_by_then) == (RETRY, 0)
    assert (final, server.taken.total()) == (OPEN, 1)
