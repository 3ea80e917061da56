"""The study mailbox over IMAP: fetch at least once, bookmark in the database, nothing on the server is changed."""

from __future__ import annotations

import imaplib
import logging
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_address

from imap_tools import MailboxLoginError, MailBoxUnencrypted
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from benchmark import intake
from benchmark.core.problems import BadInput, Refused, TemporaryFailure
from benchmark.intake import FetchedMail
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import engine_for, reading, transaction
from benchmark.wall_clock import monotonic, pause, real_now, study_now

log = logging.getLogger(__name__)
FOLDER = "INBOX"
BATCH = 50
# Mail seldom comes alone, and what comes just before IDLE begins is not told of: look often for a moment first.
QUICK_S, QUICK_PAUSE_S = 0.5, 0.01
_UID = re.compile(rb"UID (\d+)")
_INTERNALDATE = re.compile(rb'INTERNALDATE "([^"]+)"')


class StudyMailbox:
    """One IMAP mailbox, opened read-only so that nothing is flagged."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.name = f"{settings.imap_user}@{settings.imap_host}:{settings.imap_port}"
        self._box: MailBoxUnencrypted | None = None
        self._can_idle = False
        self.uidvalidity = 0

    def open(self) -> None:
        """Raises TemporaryFailure when nobody answers, BadInput when the password is refused."""
        try:
            box = MailBoxUnencrypted(self.settings.imap_host, self.settings.imap_port, timeout=30)
            _refuse_foreign_peer(box)
            box.login(self.settings.imap_user, self.settings.imap_password, initial_folder=None)
            box.folder.set(FOLDER, readonly=True)
            # Some servers tell of IDLE only after the log-in.
            self._can_idle = b"IDLE" in box.client.capability()[1][0].upper().split()
        except MailboxLoginError as problem:
            raise BadInput(
                f"mailbox {self.name}", f"refuses the log-in: {problem}", "check user and password"
            ) from None
        except (OSError, imaplib.IMAP4.error) as problem:
            raise TemporaryFailure(f"mailbox {self.name}: {problem}") from problem
        self._box = box
        self.uidvalidity = int(box.folder.status(FOLDER, ["UIDVALIDITY"])["UIDVALIDITY"])

    def close(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            try:
                box.client.shutdown()
            except (OSError, imaplib.IMAP4.error):
                log.debug("mailbox %s was closed by the server", self.name)

    def mails_after(self, last_uid: int) -> list[FetchedMail]:
        """Raw mails behind the bookmark, in the order of their uids, at most one batch."""
        if self._box is None:
            self.open()
        assert self._box is not None
        try:
            uids = self._uids_after(last_uid)[:BATCH]
            return self._fetch(uids) if uids else []
        except (OSError, imaplib.IMAP4.error) as problem:
            self.close()
            raise TemporaryFailure(f"mailbox {self.name}: {problem}") from problem

    def wait(self, at_most_s: float) -> None:
        """Until the server tells of something new (IDLE, RFC 2177) or the time is over."""
        if self._box is None or not self._can_idle:
            pause(at_most_s)
            return
        try:
            self._box.idle.wait(timeout=at_most_s)
        except (OSError, imaplib.IMAP4.error) as problem:
            self.close()
            raise TemporaryFailure(f"mailbox {self.name}: {problem}") from problem

    def _uids_after(self, last_uid: int) -> list[int]:
        assert self._box is not None
        self._box.client.noop()  # lets the server tell about new mail
        _, answer = self._box.client.uid("SEARCH", "UID", f"{last_uid + 1}:*")
        found = (int(uid) for uid in (answer[0] or b"").split())
        return sorted(uid for uid in found if uid > last_uid)  # `n:*` always names the last mail (RFC 3501, 9)

    def _fetch(self, uids: list[int]) -> list[FetchedMail]:
        assert self._box is not None
        wanted = ",".join(map(str, uids))
        _, answer = self._box.client.uid("FETCH", wanted, "(UID INTERNALDATE BODY.PEEK[])")
        return sorted((mail for mail in map(_mail, answer) if mail is not None), key=lambda mail: mail.uid)


def _mail(part: object) -> FetchedMail | None:
    if not isinstance(part, tuple):
        return None
    head, content = part
    uid, date = _UID.search(head), _INTERNALDATE.search(head)
    if uid is None or date is None:
        return None
    internal_at = datetime.strptime(date[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z")
    return FetchedMail(int(uid[1]), content, internal_at.astimezone(UTC))


def _refuse_foreign_peer(box: MailBoxUnencrypted) -> None:
    peer = box.client.sock.getpeername()[0]
    if not ip_address(peer).is_loopback:
        raise Refused(f"sandbox mode: the mail server {peer} is no loopback address")


def fetch_once(engine: Engine, mailbox: StudyMailbox) -> int:
    """Keeps what is new and places what is kept but not placed; gives the number of new mails."""
    with reading(engine) as session:
        known = queries.bookmark(session, mailbox.name)
    if not mailbox.uidvalidity:
        mailbox.open()
    mails = mailbox.mails_after(known.last_uid if known.uidvalidity == mailbox.uidvalidity else 0)
    if mails:
        with transaction(engine) as session:
            intake.keep_mail(
                session, mailbox.name, mailbox.uidvalidity, mails, now=study_now(session), real_now=real_now()
            )
    return len(mails)


def place_kept(engine: Engine) -> None:
    """Places every kept mail that waits."""
    with reading(engine) as session:
        waiting = queries.unplaced_items(session)
    place_items(engine, waiting)


def place_items(engine: Engine, item_ids: Iterable[int]) -> None:
    """Places kept mails, each in its own transaction: one that breaks does not hold up the others."""
    for item_id in item_ids:
        try:
            _place(engine, item_id)
        except (TemporaryFailure, OperationalError):
            raise
        except Exception as problem:
            # Hostile mail may yet find a way to break us; it is quarantined, and the next one is placed.
            log.exception("mail item %d broke its placing", item_id)
            _place(engine, item_id, broke=f"quarantined: {type(problem).__name__}")


def _place(engine: Engine, item_id: int, broke: str = "") -> None:
    with transaction(engine) as session:
        intake.place_mail(session, item_id, now=study_now(session), broke=broke)


def run(settings: Settings) -> None:
    """Fetches until the process is ended; reconnects with growing pauses, the state stands on the health page."""
    engine, mailbox = engine_for(settings.database), StudyMailbox(settings)
    wait_s, busy_until = 1.0, 0.0
    with transaction(engine) as session:
        queries.beat(session, "mailbox", os.getpid(), real_now())
    while True:
        try:
            fetched = fetch_once(engine, mailbox)
            place_kept(engine)
            wait_s = 1.0
            if fetched:
                busy_until = monotonic() + QUICK_S
            elif monotonic() < busy_until:
                pause(QUICK_PAUSE_S)
            else:
                mailbox.wait(settings.poll_s)
        except TemporaryFailure as problem:
            log.warning("%s; next try in %.0f s", problem, wait_s)
            with transaction(engine) as session:
                queries.mailbox_named(session, mailbox.name).error = str(problem)[:500]
            mailbox.uidvalidity = 0
            pause(wait_s)
            wait_s = min(wait_s * 2, 300.0)
