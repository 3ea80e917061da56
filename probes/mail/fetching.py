"""Looks after all study mailboxes: keeps what is new, has it placed, says how each mailbox stands."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from benchmark import intake, mail_accounts
from benchmark.core.problems import BadInput, Refused, TemporaryFailure
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import engine_for, reading, transaction
from benchmark.wall_clock import monotonic, pause, real_now, study_now
from probes.mail.mailbox import StudyMailbox
from probes.mail.placing import Placer
from probes.mail.second_reader import second_reader
from probes.mail.troubles import trouble_of

log = logging.getLogger(__name__)
# Mail seldom comes alone, and what comes just before IDLE begins is not told of: look often for a moment first.
QUICK_S, QUICK_PAUSE_S = 0.5, 0.01
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
SAY_EVERY_S = 5.0  # a look that found nothing is written down this often


def fetch_once(engine: Engine, mailbox: StudyMailbox) -> int:
    """Keeps one batch of what is new, raw and bookmark in one transaction; gives the number of new mails."""
    if not mailbox.uidvalidity:
        mailbox.open()
    with reading(engine) as session:
        known = queries.bookmark(session, mailbox.name)
    uidvalidity = mailbox.uidvalidity
    mails = mailbox.mails_after(known.last_uid if known.uidvalidity == uidvalidity else 0)
    if mails:
        with transaction(engine) as session:
            intake.keep_mail(session, mailbox.name, uidvalidity, mails, now=study_now(session), real_now=real_now())
    return len(mails)


@dataclass
class Fetcher:
    """Looks after one mailbox, one step after the other; never gives up. `ring` is called when mail was kept."""

    engine: Engine
    mailbox: StudyMailbox
    poll_s: float
    ring: Callable[[], None]
    wait_s: float = FIRST_WAIT_S
    busy_until: float = 0.0
    said_at: float = -1e9
    ended: threading.Event = field(default_factory=threading.Event)

    def step(self) -> int:
        """One look; gives the number of new mails. A mailbox that is away is waited for with growing pauses."""
        try:
            fetched = fetch_once(self.engine, self.mailbox)
            self._say_well()
            if fetched:
                self.ring()
                self.busy_until = monotonic() + QUICK_S
            elif monotonic() < self.busy_until:
                pause(QUICK_PAUSE_S)
            else:
                self.mailbox.wait(self.poll_s)
        except (TemporaryFailure, BadInput, Refused) as problem:
            self._back_off(problem)
            return 0
        self.wait_s = FIRST_WAIT_S
        return fetched

    def run(self) -> None:
        """Until `ended` is set, which is seen after the present wait."""
        try:
            while not self.ended.is_set():
                self.step()
        finally:
            self.mailbox.close()

    def _say_well(self) -> None:
        if monotonic() - self.said_at >= SAY_EVERY_S:
            with transaction(self.engine) as session:
                queries.note_mailbox_look(session, self.mailbox.name, self.mailbox.way, real_now())
            self.said_at = monotonic()

    def _back_off(self, problem: Exception) -> None:
        log.warning("%s; next try in %.0f s", problem, self.wait_s)
        self.mailbox.close()
        with transaction(self.engine) as session:
            now = real_now()
            again_at = now + timedelta(seconds=self.wait_s)
            words, kind = str(problem)[:500], trouble_of(problem)
            queries.note_mailbox_trouble(session, self.mailbox.name, words, now, again_at, kind)
        self.said_at = -1e9
        self.ended.wait(self.wait_s)
        self.wait_s = min(self.wait_s * 2, LONGEST_WAIT_S)


def run(settings: Settings) -> None:
    """One thread a mailbox and one that places, until the process is ended. Mailboxes that come or go are noticed."""
    gc.freeze()  # what is loaded is never garbage: the collector need not look at it while mail is read
    engine = engine_for(settings.database)
    placer = Placer(engine, second_reader(settings.database))
    threading.Thread(target=placer.run, name="placer", daemon=True).start()
    running: dict[str, tuple[Fetcher, threading.Thread]] = {}
    with transaction(engine) as session:
        mail_accounts.note_own(session, settings)
    while True:
        with transaction(engine) as session:
            queries.beat(session, "mailbox", os.getpid(), real_now())
        _follow(engine, settings, placer, running)
        pause(min(settings.poll_s, 20.0))


def _follow(
    engine: Engine, settings: Settings, placer: Placer, running: dict[str, tuple[Fetcher, threading.Thread]]
) -> None:
    wanted = {mailbox.name: mailbox for mailbox in _mailboxes(engine, settings)}
    for name, (fetcher, thread) in list(running.items()):
        if name not in wanted or wanted[name].account != fetcher.mailbox.account or not thread.is_alive():
            fetcher.ended.set()
            del running[name]
    for name, mailbox in wanted.items():
        if name not in running:
            fetcher = Fetcher(engine, mailbox, settings.poll_s, placer.ring)
            thread = threading.Thread(target=fetcher.run, name=f"mailbox {name}", daemon=True)
            running[name] = (fetcher, thread)
            thread.start()


def _mailboxes(engine: Engine, settings: Settings) -> list[StudyMailbox]:
    """Each account's inbox, and the folder where its server keeps what was sent."""
    with reading(engine) as session:
        accounts = mail_accounts.with_secrets(session, settings)
    reading_ones = [account for account in accounts if account.imap.port]
    folders = [(account, "") for account in reading_ones]
    folders += [(account, account.sent_folder) for account in reading_ones if account.sent_folder]
    return [StudyMailbox(account, folder, settings.mail_timeout_s) for account, folder in folders]
