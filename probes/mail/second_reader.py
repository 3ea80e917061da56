"""A second process that reads and classifies kept mails while the first one writes. It only reads the database.

It is there while there is a backlog: started by the first process on a second core, ended when nothing is left to do.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from sqlalchemy import Engine

from benchmark.core.classification import classify
from benchmark.core.messages import read_message
from benchmark.preparing import PreparedMail, prepare_items
from benchmark.store.session import engine_for, reading
from benchmark.wall_clock import monotonic
from probes.forking import die_with_parent

log = logging.getLogger(__name__)
RESTS_S = 60.0
_READY = 0  # number of the message that says so


class SecondReader:
    """Answers in the order it is asked; what it cannot prepare, or does not live to prepare, the asker does itself."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.is_ready = False  # it takes about a second to start
        self._wire: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._asked = _READY
        self._answers: dict[int, list[PreparedMail] | None] = {}
        self._arrived = threading.Condition()
        self._used_at = 0.0

    @property
    def pid(self) -> int:
        process = self._process
        return process.pid if process else 0

    def start(self) -> None:
        """Does not wait for it. One that is gone is started again."""
        self._used_at = monotonic()
        if self._process is not None:
            return
        wire, theirs = Pipe()
        command = [sys.executable, "-I", "-m", "probes.mail.second_reader", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        self._wire = wire
        wire.send(self.database)  # not on the command line: it may hold a password
        # What is answered is fetched at once: a full pipe would keep the reader from reading on.
        self._listener = threading.Thread(target=self._listen, args=(wire,), daemon=True)
        self._listener.start()

    def wait_until_ready(self) -> None:
        with self._arrived:
            self._arrived.wait_for(lambda: self.is_ready or self._process is None)

    def ask(self, item_ids: Sequence[int]) -> int:
        """Gives the number of this request."""
        self._asked += 1
        self._used_at = monotonic()
        with suppress(OSError):  # nobody is there: the listener will say so
            if self._wire is not None:
                self._wire.send((self._asked, list(item_ids)))
        return self._asked

    def has_answered(self, number: int) -> bool:
        return number in self._answers or not self.is_ready

    def answer(self, number: int) -> list[PreparedMail] | None:
        """Waits for it; earlier answers nobody fetched are forgotten."""
        with self._arrived:
            self._arrived.wait_for(lambda: self.has_answered(number))
            prepared = self._answers.get(number)
            self._answers = {other: answer for other, answer in self._answers.items() if other > number}
        return prepared

    def rest(self) -> None:
        """Ends it when it was not asked for a while."""
        if self._process is not None and monotonic() - self._used_at > RESTS_S:
            self.close()

    def close(self) -> None:
        process, listener = self._process, self._listener
        if process is not None and listener is not None:
            process.terminate()
            listener.join()

    def _listen(self, wire: Connection) -> None:
        with suppress(EOFError, OSError):
            while True:
                number, prepared = wire.recv()
                with self._arrived:
                    if number == _READY:
                        self.is_ready = True
                    else:
                        self._answers[number] = prepared
                    self._arrived.notify_all()
        with self._arrived:
            self._end(wire)
            self._arrived.notify_all()

    def _end(self, wire: Connection) -> None:
        process, self._process = self._process, None
        self.is_ready, self._wire = False, None
        wire.close()
        status = process.wait() if process else 0
        if status not in (0, -signal.SIGTERM):
            log.warning("the second reader ended with %d; this process goes on alone", status)


def second_reader(database: str) -> SecondReader | None:
    """None where there is no second core it could use."""
    return SecondReader(database) if len(os.sched_getaffinity(0)) > 1 else None


def main(descriptor: int) -> None:
    """In the second process, until the asker closes its end."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the asker's to handle
    wire = Connection(descriptor)
    with suppress(EOFError, OSError):
        engine = engine_for(wire.recv())
        classify(
            read_message(b"Subject: Re: Nr. 1\r\n\r\nGuten Tag,\r\n\r\ndas ist ein Beispiel.\r\n")
        )  # reads the tables
        gc.freeze()  # none of this is ever garbage: the collector need not look at it
        wire.send((_READY, None))
        while True:
            number, item_ids = wire.recv()
            wire.send((number, _prepared(engine, item_ids)))


def _prepared(engine: Engine, item_ids: Sequence[int]) -> list[PreparedMail] | None:
    try:
        with reading(engine) as session:
            return prepare_items(session, item_ids)
    except Exception:
        log.warning("the second reader leaves %d mails to the first", len(item_ids), exc_info=True)
        return None


if __name__ == "__main__":
    main(int(sys.argv[1]))
