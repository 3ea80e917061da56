"""Connections cut at every command, uids that begin anew, mail that comes twice, late, in disorder or astray."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from imap_tools import MailBoxUnencrypted
from sqlalchemy import Engine
from sqlmodel import col, func, select

from benchmark import mail_accounts
from benchmark.core.vocabulary import ProbeState, ReplyKind
from benchmark.settings import Settings
from benchmark.store.session import reading
from benchmark.store.tables import MailboxItem, MailboxRow, OutcomeRow, Probe, RawMessage, Reply, VerdictRow
from probes.mail.fetching import Fetcher
from probes.mail.mailbox import StudyMailbox
from probes.mail.placing import place_kept
from tests.journeys.cutting_proxy import Cut, CuttingProxy
from tests.journeys.imap_server import PASSWORD, deliver, imap_server
from tests.samples import DAY, HOUR, MONDAY, accepted, launched, mail

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
COUNT = 12

CUTS = [
    Cut("LOGIN"),
    Cut("LOGIN", after=0),
    Cut("CAPABILITY"),
    Cut("CAPABILITY", after=20),
    Cut("EXAMINE"),
    Cut("EXAMINE", after=30),
    Cut("NOOP"),
    Cut("NOOP", after=0),
    Cut("UID SEARCH"),
    Cut("UID SEARCH", after=9),
    Cut("UID FETCH"),
    Cut("UID FETCH", after=0),
    Cut("UID FETCH", after=60),
    Cut("UID FETCH", after=400),  # in the middle of the first size line or mail
    Cut("UID FETCH", after=1_500),
    Cut("UID FETCH", after=2_600, times=4),
    Cut("IDLE"),
    Cut("IDLE", after=0),
    Cut("DONE"),
    Cut("DONE", after=0),
]


@pytest.fixture(scope="module")
def shared_port() -> Iterator[int]:
    """One mailbox with the same mails for all cuts; it is only read."""
    with imap_server() as port:
        deliver(port, ((letter(number), MONDAY + number * HOUR) for number in range(COUNT)))
        yield port


@pytest.fixture
def port() -> Iterator[int]:
    with imap_server() as port:
        yield port


def letter(number: int) -> bytes:
    text = f"Hallo {number}\r\n" * 20
    head = (
        f"From: a@brand.example\r\nTo: info@study.example\r\nSubject: Nr. {number}\r\nMessage-ID: <{number}@b.example>"
    )
    return f"{head}\r\n\r\n{text}".encode()


def fetcher(engine: Engine, port: int) -> Fetcher:
    settings = Settings(imap_port=port, imap_password=PASSWORD)
    mailbox = StudyMailbox(mail_accounts.of_settings(settings), timeout_s=5)
    return Fetcher(engine, mailbox, poll_s=0.05, ring=lambda: place_kept(engine))


def look(fetcher: Fetcher, times: int = 6) -> None:
    """Looks until IDLE has been reached and left, waiting hardly at all after a fault."""
    for _ in range(times):
        fetcher.wait_s = 0.01
        fetcher.busy_until = 0.0
        fetcher.step()


def uids(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return list(session.exec(select(MailboxItem.uid).order_by(col(MailboxItem.id))))


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: f"{cut.command} {cut.after}".strip())
def test_a_connection_cut_at_any_command_loses_nothing_and_keeps_nothing_twice(
    cut: Cut, shared_port: int, sqlite_engine: Engine
) -> None:
    with CuttingProxy(shared_port, cut).running() as proxy:
        looker = fetcher(sqlite_engine, proxy.port)
        look(looker, times=12)
        looker.mailbox.close()

    assert proxy.cuts == cut.times, f"the cut was never met: {Counter(proxy.commands)}"
    with reading(sqlite_engine) as session:
        assert session.exec(select(func.count()).select_from(Reply)).one() == COUNT
        assert session.exec(select(MailboxRow.error)).one() == ""
    assert len(uids(sqlite_engine)) == len(set(uids(sqlite_engine))) == COUNT


def test_a_mailbox_that_stays_away_says_so_and_when_it_is_tried_again(sqlite_engine: Engine) -> None:
    looker = fetcher(sqlite_engine, 1)
    looker.wait_s = 0.01

    looker.step()
    looker.step()

    with reading(sqlite_engine) as session:
        row = session.exec(select(MailboxRow)).one()
        assert "refused" in row.error
        assert row.error_at is not None
        assert row.next_try_at is not None
        assert row.next_try_at > row.error_at
    assert looker.wait_s == pytest.approx(0.04)


def test_uids_that_begin_anew_are_scanned_again_and_place_nothing_twice(sqlite_engine: Engine) -> None:
    for restarts in (0, 1):
        with imap_server() as port:  # each start of this server has a uidvalidity of its own
            deliver(port, ((letter(number), MONDAY) for number in range(3 + restarts)))
            looker = fetcher(sqlite_engine, port)
            looker.mailbox.name = "study"  # the port is another one
            look(looker)
            looker.mailbox.close()

    with reading(sqlite_engine) as session:
        validities = set(session.exec(select(MailboxItem.uidvalidity)))
        subjects = sorted(session.exec(select(Reply.subject)))
    assert len(validities) == 2
    assert subjects == [f"Nr. {number}" for number in range(4)]


def test_duplicated_reordered_late_and_stray_mail_is_counted_as_it_was_meant(port: int, sqlite_engine: Engine) -> None:
    first, second = (accepted(sqlite_engine, probe_id) for probe_id in launched(sqlite_engine))
    t0 = moment_of(sqlite_engine, first.probe_id)
    ack = mail(
        first,
        t0 + HOUR,
        "Ihre Anfrage ist eingegangen. Dies ist eine automatische Antwort.",
        Auto_Submitted="auto-replied",
    )
    answer = mail(first, t0 + 5 * HOUR, "Guten Tag, Sie erreichen uns bis 18 Uhr. Viele Grüße, Eva Kurz")
    late = mail(second, t0 + 20 * DAY, "Guten Tag, bis 17 Uhr. Viele Grüße, Jan Ost")
    stray = letter(99)
    deliver(
        port,
        [
            (answer, t0 + 5 * HOUR),
            (stray, t0 + 6 * HOUR),
            (ack, t0 + HOUR),  # overtaken by the answer
            (answer, t0 + 5 * HOUR + timedelta(seconds=3)),  # delivered twice
            (late, t0 + 20 * DAY),
        ],
    )

    look(fetcher(sqlite_engine, port))

    with reading(sqlite_engine) as session:
        assert session.exec(select(func.count()).select_from(MailboxItem)).one() == 5
        assert session.exec(select(func.count()).select_from(Reply)).one() == 4
        outcome = session.exec(select(OutcomeRow).where(OutcomeRow.probe_id == first.probe_id)).one()
        assert (outcome.acknowledged_s, outcome.substantive_s) == (3600, 5 * 3600)
        assert session.exec(select(Reply.subject).where(col(Reply.probe_id).is_(None))).all() == ["Nr. 99"]
        kept_late = session.exec(select(Reply.received_at).where(Reply.probe_id == second.probe_id)).one()
        assert kept_late == t0 + 20 * DAY


def test_a_bounce_after_acceptance_makes_the_probe_undeliverable_not_silent(port: int, sqlite_engine: Engine) -> None:
    claim = accepted(sqlite_engine, launched(sqlite_engine)[0])
    t0 = moment_of(sqlite_engine, claim.probe_id)
    deliver(port, [(bounce(claim.reply_address, claim.address, claim.message_id), t0 + HOUR)])

    look(fetcher(sqlite_engine, port))

    with reading(sqlite_engine) as session:
        outcome = session.exec(select(OutcomeRow).where(OutcomeRow.probe_id == claim.probe_id)).one()
        assert session.exec(select(VerdictRow.kind)).one() is ReplyKind.BOUNCE
        assert (outcome.bounced_s, outcome.acknowledged_s, str(outcome.exclusion)) == (3600, None, "bounced")


def test_a_mail_larger_than_a_batch_may_weigh_comes_alone(
    port: int, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.mail.mailbox.BATCH_BYTES", 30_000)
    heavy = letter(1) + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 1_000
    deliver(port, [(letter(0), MONDAY), (heavy, MONDAY), (letter(2), MONDAY), (letter(3), MONDAY)])

    looker = fetcher(sqlite_engine, port)
    batches = [looker.step() for _ in range(3)]

    assert batches == [1, 1, 2]
    with reading(sqlite_engine) as session:
        assert max(session.exec(select(RawMessage.size))) == len(heavy)


def test_nothing_on_the_server_is_flagged_or_deleted_by_all_this(shared_port: int, sqlite_engine: Engine) -> None:
    look(fetcher(sqlite_engine, shared_port))

    with MailBoxUnencrypted("127.0.0.1", shared_port).login("study", PASSWORD) as box:
        flags = [set(message.flags) - {"\\Recent"} for message in box.fetch(mark_seen=False)]
    assert flags == [set()] * COUNT


def moment_of(engine: Engine, probe_id: int) -> datetime:
    with reading(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert probe.state is ProbeState.OPEN
        assert probe.t0 is not None
        return probe.t0


def bounce(sender: str, recipient: str, message_id: str) -> bytes:
    """A delivery status notification (RFC 3464) of a server on the way."""
    return (
        "From: MAILER-DAEMON@mx.brand.example\r\n"
        f"To: {sender}\r\nReturn-Path: <>\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail system could not deliver your message.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.brand.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()
