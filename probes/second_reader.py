"""A second process that reads and classifies kept mails while the first one writes. It only reads the database."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection

from sqlalchemy import Engine

from benchmark.preparing import PreparedMail, prepare_items
from benchmark.store.session import engine_for, reading
from probes.forking import die_with_parent

log = logging.getLogger(__name__)


class SecondReader:
    """Answers in the order it is asked; what it cannot prepare, or does not live to prepare, the asker does itself."""

    def __init__(self, database: str) -> None:
        """Forks: to be called before this process has threads or holds a connection worth keeping."""
        engine_for(database).dispose()
        gc.freeze()  # what is there now stays shared
        context = multiprocessing.get_context("fork")
        self._wire, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(database, theirs, self._wire), daemon=True)
        self._process.start()
        theirs.close()
        self._asked = 0
        self._answers: dict[int, list[PreparedMail] | None] = {}
        self.is_gone = False

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def ask(self, item_ids: Sequence[int]) -> int:
        """Gives the number of this request."""
        self._asked += 1
        try:
            self._wire.send((self._asked, list(item_ids)))
        except OSError:
            self._lost()
        return self._asked

    def has_answered(self, number: int) -> bool:
        while number not in self._answers and not self.is_gone and self._wire.poll():
            self._receive()
        return number in self._answers or self.is_gone

    def answer(self, number: int) -> list[PreparedMail] | None:
        """Waits for it; earlier answers nobody fetched are forgotten."""
        while number not in self._answers and not self.is_gone:
            self._receive()
        prepared = self._answers.get(number)
        self._answers = {other: answer for other, answer in self._answers.items() if other > number}
        return prepared

    def close(self) -> None:
        self._wire.close()
        self._process.join(5)
        self._process.kill()

    def _receive(self) -> None:
        try:
            number, prepared = self._wire.recv()
        except (EOFError, OSError):
            self._lost()
        else:
            self._answers[number] = prepared

    def _lost(self) -> None:
        if not self.is_gone:
            log.warning("the second reader is gone; this process goes on alone")
        self.is_gone = True


def second_reader(database: str) -> SecondReader | None:
    """None where there is no second core it could use."""
    return SecondReader(database) if len(os.sched_getaffinity(0)) > 1 else None


def _work(database: str, wire: Connection, askers_end: Connection) -> None:
    """In the child, until the asker closes its end."""
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the asker's to handle
    askers_end.close()
    engine_for.cache_clear()
    engine = engine_for(database)
    while True:
        try:
            number, item_ids = wire.recv()
            wire.send((number, _prepared(engine, item_ids)))
        except (EOFError, OSError):
            return


def _prepared(engine: Engine, item_ids: Sequence[int]) -> list[PreparedMail] | None:
    try:
        with reading(engine) as session:
            return prepare_items(session, item_ids)
    except Exception:
        log.warning("the second reader leaves %d mails to the first", len(item_ids), exc_info=True)
        return None
