"""A second process that reads and classifies kept mails while the first one writes. It only reads the database."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
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
        self.is_gone = self._ends = False
        self._asked = 0
        self._answers: dict[int, list[PreparedMail] | None] = {}
        self._arrived = threading.Condition()
        # What is answered is fetched at once: a full pipe would keep the reader from reading on.
        self._listener = threading.Thread(target=self._listen, name="second reader's answers", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def ask(self, item_ids: Sequence[int]) -> int:
        """Gives the number of this request."""
        self._asked += 1
        with suppress(OSError):  # nobody is there: the listener will say so
            self._wire.send((self._asked, list(item_ids)))
        return self._asked

    def has_answered(self, number: int) -> bool:
        return number in self._answers or self.is_gone

    def answer(self, number: int) -> list[PreparedMail] | None:
        """Waits for it; earlier answers nobody fetched are forgotten."""
        with self._arrived:
            self._arrived.wait_for(lambda: self.has_answered(number))
            prepared = self._answers.get(number)
            self._answers = {other: answer for other, answer in self._answers.items() if other > number}
        return prepared

    def close(self) -> None:
        self._ends = True
        self._process.terminate()
        self._process.join()
        self._listener.join()
        self._wire.close()

    def _listen(self) -> None:
        while True:
            try:
                number, prepared = self._wire.recv()
            except (EOFError, OSError):
                break
            with self._arrived:
                self._answers[number] = prepared
                self._arrived.notify_all()
        if not self._ends:
            log.warning("the second reader is gone; this process goes on alone")
        with self._arrived:
            self.is_gone = True
            self._arrived.notify_all()


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
