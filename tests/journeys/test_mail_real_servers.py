"""Once the whole way with real servers: Exim receives, acknowledges and bounces, Dovecot holds the study mailbox."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

from benchmark import mail_accounts
from benchmark.core.vocabulary import MatchedBy, ProbeState, ReplyKind
from benchmark.settings import Settings
from benchmark.store.session import reading, transaction
from benchmark.store.tables import OutcomeRow, Probe, Reply, VerdictRow
from benchmark.wall_clock import monotonic, real_now
from probes import jobs
from probes.mail.fetching import Fetcher
from probes.mail.mailbox import StudyMailbox
from probes.mail.placing import place_kept
from tests.journeys.mail_system import PASSWORD, mail_system, missing
from tests.samples import brand, launched

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
def _servers_are_here() -> None:
    if reason := missing():
        pytest.skip(reason)


def test_an_acknowledgement_and_a_bounce_come_back_through_exim_and_dovecot(
    sqlite_engine: Engine, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    brands = [
        brand("Lindenhof", [{"channel": "email", "address": "service@lindenhof.example"}]),
        brand("Seewind", [{"channel": "email", "address": "gone@lindenhof.example"}]),
    ]
    # Real servers write real times, so inquiries leave now: whatever weekday, hour and holiday it is.
    monkeypatch.setattr("benchmark.policy.public_holidays", lambda *_: {})
    weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    sending = {"weekdays": weekdays, "start": "00:00", "end": "23:59"}
    probe_ids = launched(sqlite_engine, brands=brands, sending=sending)
    with mail_system() as system:
        values = {"DATABASE_URL": sqlite_url, "REPLYMARK_SMTP_PORT": str(system.smtp)}
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        for kept in (jobs.settings, jobs.channel, jobs._rates):
            kept.cache_clear()
        for probe_id in probe_ids:
            send(sqlite_engine, probe_id)
        settings = Settings(imap_port=system.imap, imap_password=PASSWORD)
        mailbox = StudyMailbox(mail_accounts.of_settings(settings))
        fetcher = Fetcher(sqlite_engine, mailbox, poll_s=2, ring=lambda: place_kept(sqlite_engine))
        deadline = monotonic() + 60
        while count(sqlite_engine) < 2 and monotonic() < deadline:
            fetcher.step()
        way = fetcher.mailbox.way
        fetcher.mailbox.close()
        for kept in (jobs.settings, jobs.channel, jobs._rates):
            kept.cache_clear()

    with reading(sqlite_engine) as session:
        found = {
            address: (kind, matched_by)
            for address, kind, matched_by in session.exec(
                select(Reply.from_address, VerdictRow.kind, Reply.matched_by).join(
                    VerdictRow, col(VerdictRow.reply_id) == col(Reply.id)
                )
            )
        }
        outcomes = {row.brand_id: row for row in session.exec(select(OutcomeRow))}
    assert way == "idle"
    assert found["service@lindenhof.example"] == (ReplyKind.AUTO_ACK, MatchedBy.ENVELOPE)
    assert [kind for address, (kind, _) in found.items() if "daemon" in address] == [ReplyKind.BOUNCE]
    assert sorted(row.bounced_s is not None for row in outcomes.values()) == [False, True]
    assert sorted(row.acknowledged_s is not None for row in outcomes.values()) == [False, True]


def send(engine: Engine, probe_id: int) -> None:
    with transaction(engine) as session:
        probe = session.get_one(Probe, probe_id)
        probe.due_at = real_now()
    jobs.send_probe(probe_id)
    with reading(engine) as session:
        assert session.get_one(Probe, probe_id).state is ProbeState.OPEN


def count(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(Reply)).one()
