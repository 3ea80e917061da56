"""One worker process for each mailbox that sends, so that a slow or dead server holds up no other mailbox."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from sqlalchemy import Engine

from benchmark import mail_accounts
from benchmark.settings import Settings
from benchmark.store.session import engine_for, reading
from benchmark.wall_clock import pause
from probes.forking import die_with_parent
from probes.queues import QueueName
from probes.worker import work

log = logging.getLogger(__name__)
LOOK_S = 2.0
OF_SETTINGS = ""  # the mailbox of the settings, which needs no table


def sending_mailboxes(engine: Engine) -> list[str]:
    """That of the settings, and those somebody added."""
    with reading(engine) as session:
        added = [account.name for account in mail_accounts.added(session) if account.smtp.port]
    return [OF_SETTINGS, *added]


@dataclass
class MailWorkers:
    """Follows the table of mailboxes. `start` gives a mailbox its worker, `end` takes it away when its job is done."""

    engine: Engine
    start: Callable[[str], None]
    end: Callable[[str], None]
    working: set[str] = field(default_factory=set)

    def follow(self) -> None:
        wanted = sending_mailboxes(self.engine)
        for name in sorted(self.working.difference(wanted)):
            self.end(name)
        for name in wanted:
            if name not in self.working:
                self.start(name)
        self.working = set(wanted)


def work_all(settings: Settings, number: int) -> None:
    """Keeps the workers of all mailboxes until SIGTERM; one that died is replaced."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    engine = engine_for(settings.database)
    context = multiprocessing.get_context("fork")  # this process has no thread and holds no connection
    children: dict[str, BaseProcess] = {}

    def start(name: str) -> None:
        engine.dispose()
        children[name] = context.Process(target=_work, args=(settings, number, name), daemon=True)
        children[name].start()

    workers = MailWorkers(engine, start, lambda name: children.pop(name).terminate())
    while True:
        alive = multiprocessing.active_children()  # takes note of those that ended
        for name, child in children.items():
            if child not in alive:
                log.warning("the worker of mailbox %s ended with %s; it is replaced", name or "email", child.exitcode)
                workers.working.discard(name)
        workers.follow()
        pause(LOOK_S)


def _work(settings: Settings, number: int, mailbox: str) -> None:
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    engine_for.cache_clear()
    work(settings, QueueName.EMAIL, number, mailbox)
