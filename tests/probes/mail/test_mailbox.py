"""Fetching from a real IMAP server: each mail once, nothing on the server changed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
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
from benchmark.wall_clock import monotonic, pause, real_now
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


class Telling:
    """An IMAP server that says of each mail what it was told to say; None: not a word; NO: it refuses a fetch with it.
    `asked` keeps the fetches."""

    def __init__(self, said: dict[int, bytes | None]) -> None:
        self.said, self.gone, self.asked = said, set[int](), list[bytes]()

    def answer(self, wire: socket.socket) -> None:
        with suppress(OSError), wire, wire.makefile("rb") as lines:
            wire.sendall(b"* OK ready\r\n")
            for line in lines:
                tag, _, words = line.strip().partition(b" ")
                told = self._told(words)
                wire.sendall(tag + b" NO some messages could not be fetched\r\n" if NO in told else b"")
                if NO not in told:
                    wire.sendall(told + tag + b" OK done\r\n")

    def _told(self, words: bytes) -> bytes:
        if words.startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words.startswith(b"EXAMINE"):
            return b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] these\r\n"
        if words.startswith(b"UID SEARCH"):
            return b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in self.said if uid not in self.gone)
        if words.endswith(b"(UID INTERNALDATE)"):
            return b"* 1 FETCH (UID %s %s)\r\n" % (words.split()[2], DATED.strip())
        if b"BODY.PEEK[]" not in words:
            return b""
        self.asked.append(words.split()[2])
        first, _, last = self.asked[-1].partition(b":")
        uids = range(int(first), int(last or first) + 1)
        return b"".join(b"* %d FETCH (UID %d %s)\r\n" % (uid, uid, said) for uid in uids if (said := self.said[uid]))

    def __enter__(self) -> StudyMailbox:
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return box_of(self.listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self.answer(self.listener.accept()[0])


NO = b"(refused)"
DATED = b'INTERNALDATE "10-Mar-2026 09:00:00 +0000" '
WHOLE = DATED + b"BODY[] {5}\r\naaaaa"


@pytest.mark.parametrize(
    ("said", "content"),
    [
        (DATED + b'BODY[] "Subject: UID 9 says \\"hi\\" \\\\o/"', b'Subject: UID 9 says "hi" \\o/'),
        (b'BODY[] "a: b" ' + DATED, b"a: b"),
        (DATED + b'BODY[] ""', b""),
        (DATED + b"BODY[] {0}\r\n", b""),
    ],
)
def test_a_mail_may_come_as_a_quoted_string(said: bytes, content: bytes) -> None:
    server = Telling({1: WHOLE, 2: said, 3: WHOLE})

    with server as mailbox:
        mails = mailbox.mails_after(0)

    assert [(mail.uid, mail.content) for mail in mails] == [(1, b"aaaaa"), (2, content), (3, b"aaaaa")]
    assert mails[1].internal_at == mails[0].internal_at
    assert server.asked == [b"1:3"]


@pytest.mark.parametrize("date", [b"", b'INTERNALDATE "yesterday" '])
def test_a_mail_without_the_servers_time_has_that_of_its_received_line_or_of_the_fetch(date: bytes) -> None:
    received = b"Received: from mx by ours; Tue, 10 Mar 2026 09:30:00 +0100\r\n\r\n"
    began = real_now()

    with Telling({1: date + b"BODY[] {%d}\r\n" % len(received) + received, 2: date + b'BODY[] "a: b"'}) as mailbox:
        told, untold = mailbox.mails_after(0)

    assert told.internal_at == datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
    assert began <= untold.internal_at <= real_now()


def test_a_mail_that_is_gone_meanwhile_is_left_out() -> None:
    server = Telling({1: WHOLE, 2: WHOLE, 3: WHOLE})

    with server as mailbox:
        mailbox.open()
        mailbox._uids_after(0)
        server.said[2], server.gone = DATED + b"BODY[] NIL", {2}  # some say so of what is gone (RFC 2180, 4.1.3)
        mails = mailbox.mails_after(0)

    assert [mail.uid for mail in mails] == [1, 3]
    assert server.asked == [b"1:3"]


@pytest.mark.parametrize("said", [DATED + b"BODY[] NIL", None])
def test_a_mail_that_never_comes_is_waited_for_and_then_kept_as_a_note(
    said: bytes | None, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.mail.mailbox.PATIENCE", 3)
    server = Telling({1: WHOLE, 2: said, 3: said})

    with server as mailbox:
        assert fetch_once(sqlite_engine, mailbox) == 1  # what stands in front of it
        with pytest.raises(TemporaryFailure, match="names mail 2 and does not deliver it"):
            fetch_once(sqlite_engine, mailbox)
        assert fetch_once(sqlite_engine, mailbox) == 2
        server.said[4] = WHOLE.replace(b"aaaaa", b"bbbbb")
        assert fetch_once(sqlite_engine, mailbox) == 1
    place_kept(sqlite_engine)

    assert server.asked == [b"1:3", b"2", b"3", b"2:3", b"2", b"3", b"2:3", b"2", b"3", b"4"]
    with reading(sqlite_engine) as session:
        notes = session.exec(select(Reply).where(col(Reply.subject) != "")).all()
        assert [note.subject for note in notes] == [f"A mail could not be fetched from mailbox {mailbox.name}"] * 2
        assert {(note.probe_id, note.received_at) for note in notes} == {(None, datetime(2026, 3, 10, 9, tzinfo=UTC))}


def test_a_mail_whose_fetch_is_refused_holds_up_no_other(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.mail.mailbox.PATIENCE", 2)
    server = Telling({1: WHOLE, 2: NO, 3: WHOLE.replace(b"aaaaa", b"bbbbb")})

    with server as mailbox:
        assert [fetch_once(sqlite_engine, mailbox) for _ in range(2)] == [1, 2]


def test_a_server_that_refuses_all_is_waited_for(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.mail.mailbox.PATIENCE", 1)
    server = Telling(dict.fromkeys((1, 2), NO))

    with server as mailbox:
        for _ in range(3):
            with pytest.raises(TemporaryFailure, match="could not be fetched"):
                fetch_once(sqlite_engine, mailbox)
        server.said = dict.fromkeys((1, 2), WHOLE)
        assert fetch_once(sqlite_engine, mailbox) == 2


def test_a_mail_that_comes_when_asked_for_by_itself_is_kept_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Telling({1: WHOLE, 2: None, 3: WHOLE})
    search = StudyMailbox._search

    def relenting(mailbox: StudyMailbox, uids: str) -> list[int]:
        server.said[2] = WHOLE if server.asked else None
        return search(mailbox, uids)

    monkeypatch.setattr(StudyMailbox, "_search", relenting)

    with server as mailbox:
        mails = mailbox.mails_after(0)

    assert [mail.uid for mail in mails] == [1, 2, 3]
    assert server.asked == [b"1:3", b"2"]


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
