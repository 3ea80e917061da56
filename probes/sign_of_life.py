"""What a process writes down from time to time, so that a page can say whether it is at work."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from benchmark.store import queries
from benchmark.store.session import transaction
from benchmark.wall_clock import monotonic, real_now

log = logging.getLogger(__name__)
BEAT_S = 20.0  # not more often than this


@dataclass
class SignOfLife:
    """`name` is that of the task. Keeps no connection, so that no fork shares one."""

    engine: Engine
    name: str
    given_at: float = -BEAT_S

    def give(self) -> None:
        if monotonic() - self.given_at < BEAT_S:
            return
        self.given_at = monotonic()
        self._write(lambda session: queries.beat(session, self.name, os.getpid(), real_now()))

    def end(self) -> None:
        self._write(lambda session: queries.end_beat(session, self.name, os.getpid()))

    def _write(self, what: Callable[[Session], None]) -> None:
        try:
            with transaction(self.engine) as session:
                what(session)
        except OperationalError as problem:  # a database that is away is no reason to end
            log.warning("no sign of life: %s", problem.orig)
        self.engine.dispose()
