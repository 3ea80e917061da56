"""Fetching from a real IMAP server: each mail once, nothing on the server changed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted
from sqlalchemy import Engine
from sqlmodel import col, func, select

from benchmark import intake, mail_accounts, preparing
from benchmark.core.problems import BadInput, TemporaryFailure
from benchmark.intake import FetchedMail
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.store.tables import MailboxItem, Reply
from benchmark.wall_clock import monotonic, pause
from probes.mail.fetching import fetch_once
from probes.mail.mailbox import StudyMailbox
from probes.mail.placing import place_kept
from probes.supervisor import free_port
from tests.samples import DAY, MONDAY

pytestmark = pytest.mark.real
MAIL = (
    b"From: a@brand.example\r\nTo: info@study.example\r\nSubject: Nr. %d\r\nMessage-ID: <%d@b.example>\r\n\r\nHallo\r\n"
)


@pytest.fixture
def port() -> Iterator[int]:
    chosen = free_port()
    pymap = [str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(chosen), "--no-tls"]
    server = subprocess.Popen([*pymap, "dict", "--demo-user", "study", "--demo-password", "secret"])
    deadline = monotonic() + 15
    while monotonic() < deadline:
        try:
            MailBoxUnencrypted("127.0.0.1", chosen).login("study", "secret").logout()
            break
        except OSError:
            pause(0.05)
    yield chosen
    server.terminate()
    server.wait()


def box_of(port: int, password: str = "secret") -> StudyMailbox:
    return StudyMailbox(mail_accounts.of_settings(Settings(imap_port=port, imap_password=password)))


def deliver(port: int, *numbers: int) -> None:
    with MailBoxUnencrypted("127.0.0.1", port).login("study", "secret") as box:
        for number in numbers:
            box.append(MAIL % (number, number), "INBOX", dt=MONDAY + number * DAY, flag_set=None)


def test_each_mail_is_kept_once_with_the_servers_time(port: int, sqlite_engine: Engine) -> None:
    mailbox = box_of(port)
    deliver(port, 1, 2, 3)

    first = fetch_once(sqlite_engine, mailbox)
    again = fetch_once(sqlite_engine, mailbox)
    deliver(port, 4)
    later = fetch_once(sqlite_engine, mailbox)
    place_kept(sqlite_engine)

    assert (first, again, later) == (3, 0, 1)
    with reading(sqlite_engine) as session:
        times = session.exec(select(MailboxItem.internal_at).order_by(col(MailboxItem.uid))).all()
        assert times == [MONDAY + number * DAY for number in (1, 2, 3, 4)]
        assert session.exec(select(func.count()).select_from(Reply)).one() == 4


def test_a_fetcher_that_starts_again_goes_on_behind_its_bookmark(port: int, sqlite_engine: Engine) -> None:
    deliver(port, 1, 2)
    fetch_once(sqlite_engine, box_of(port))
    deliver(port, 3)

    assert fetch_once(sqlite_engine, box_of(port)) == 1


def test_a_full_mailbox_is_asked_for_its_uids_once(
    port: int, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.mail.mailbox.BATCH", 2)
    mailbox = box_of(port)
    deliver(port, 1, 2, 3, 4, 5)
    asked: list[str] = []
    mailbox.open()
    assert mailbox._box is not None
    client = mailbox._box.client
    uid = client.uid

    def noted(command: str, *arguments: str) -> object:
        asked.append(command)
        return uid(command, *arguments)

    monkeypatch.setattr(client, "uid", noted)

    batches = [fetch_once(sqlite_engine, mailbox) for _ in range(3)]
    deliver(port, 6)
    batches.append(fetch_once(sqlite_engine, mailbox))

    assert batches == [2, 2, 1, 1]
    assert asked.count("SEARCH") == 2


def test_nothing_on_the_server_is_flagged(port: int, sqlite_engine: Engine) -> None:
    deliver(port, 1)

    fetch_once(sqlite_engine, box_of(port))

    with MailBoxUnencrypted("127.0.0.1", port).login("study", "secret") as box:
        assert [message.flags for message in box.fetch(mark_seen=False)] in ([()], [("\\Recent",)])


def test_waiting_ends_when_mail_comes(port: int, sqlite_engine: Engine) -> None:
    mailbox = box_of(port)
    fetch_once(sqlite_engine, mailbox)
    postman = threading.Timer(0.3, deliver, (port, 1))
    postman.start()

    began = monotonic()
    with suppress(TemporaryFailure):  # the server may hang up in that very moment; the fetcher then opens it again
        mailbox.wait(20)
    postman.join()

    assert monotonic() - began < 15
    assert fetch_once(sqlite_engine, mailbox) == 1


def test_a_wrong_password_and_a_missing_server_are_told_apart(port: int) -> None:
    with pytest.raises(BadInput, match="refuses the log-in"):
        box_of(port, "wrong").open()
    with pytest.raises(TemporaryFailure):
        box_of(1).open()


def test_the_bookmark_is_nothing_before_the_first_fetch(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as session:
        assert queries.bookmark(session, "nobody").last_uid == 0


def test_a_mail_that_breaks_its_placing_is_quarantined_and_holds_up_none(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(sqlite_engine) as session:
        mails = [FetchedMail(number, MAIL % (number, number), MONDAY) for number in (1, 2)]
        intake.keep_mail(session, "box", 1, mails, now=MONDAY, real_now=MONDAY)
    read = preparing.read_carefully
    monkeypatch.setattr(preparing, "read_carefully", lambda content: 1 / 0 if b"Nr. 1" in content else read(content))

    place_kept(sqlite_engine)

    with reading(sqlite_engine) as session:
        replies = session.exec(select(Reply).order_by(col(Reply.subject))).all()
        assert [(reply.subject, reply.quarantined) for reply in replies] == [("Nr. 1", True), ("Nr. 2", False)]


def _tells_in_two_pieces(listener: socket.socket) -> None:
    """An IMAP server that answers what the mailbox asks, and breaks a line of news in IDLE."""
    with suppress(OSError), listener.accept()[0] as wire, wire.makefile("rb") as asked:
        wire.sendall(b"* OK ready\r\n")
        for line in asked:
            tag, _, words = line.strip().partition(b" ")
            command = words.split(b" ")[0].upper()
            if command == b"CAPABILITY":
                wire.sendall(b"* CAPABILITY IMAP4rev1 IDLE\r\n")
            if command in (b"EXAMINE", b"SELECT"):
                wire.sendall(b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] these\r\n")
            if command == b"SEARCH" or b"SEARCH" in words:
                wire.sendall(b"* SEARCH\r\n")
            if command == b"IDLE":
                wire.sendall(b"+ idling\r\n")
                for piece in (b"* 1 EXI", b"STS\r\n* 1 FETCH (FLA", b"GS ())\r\n"):
                    pause(0.05)
                    wire.sendall(piece)
                asked.readline()  # DONE
            wire.sendall(tag + b" OK done\r\n")


def test_news_that_come_in_two_pieces_break_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_tells_in_two_pieces, args=(listener,), daemon=True).start()
        mailbox = box_of(listener.getsockname()[1])
        mailbox.open()
        assert mailbox.way == "idle"

        for _ in range(3):
            mailbox.wait(5)
            assert mailbox.mails_after(0) == []


def test_who_adds_a_mailbox_of_a_removed_ones_name_starts_at_its_first_mail(
    port: int, sqlite_engine: Engine, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    account = replace(box_of(port).account, name="probe", user="study", domain="study.example")
    deliver(port, 1, 2)
    with transaction(sqlite_engine) as session:
        mail_accounts.add(session, settings, account, now=MONDAY)
    first = fetch_once(sqlite_engine, StudyMailbox(account))
    with transaction(sqlite_engine) as session:
        mail_accounts.remove(session, "probe", now=MONDAY)
        mail_accounts.add(session, settings, account, now=MONDAY)
    again = fetch_once(sqlite_engine, StudyMailbox(account))
    place_kept(sqlite_engine)

    assert (first, again) == (2, 2)
    with reading(sqlite_engine) as session:
        assert session.scalar(select(func.count(col(Reply.id)))) == 2
