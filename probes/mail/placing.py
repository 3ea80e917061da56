"""Places kept mails batch by batch: prepared outside any writing transaction, then written down in order."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from benchmark.core.problems import TemporaryFailure
from benchmark.placing import place_mails
from benchmark.preparing import PreparedMail, prepare_items
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.wall_clock import pause, real_now, study_now
from probes.mail.second_reader import SecondReader

log = logging.getLogger(__name__)
TOGETHER = 240  # mails written in one transaction
PREPARED = 80  # mails prepared at once where two readers share the work
LOOKED_UP = 5_000  # waiting mails asked for at once
BACKLOG = 1_000  # waiting mails for which a second reader is worth its start (a second of the other core)
AHEAD = 2  # batches that lie with the second reader
AGAIN_S = 1.0  # after a trouble


class Placer:
    """The one placer of a process: works whenever a mailbox rings, so that fetching goes on meanwhile."""

    def __init__(self, engine: Engine, reader: SecondReader | None = None, look_s: float = 20.0) -> None:
        self.engine, self.reader, self.look_s = engine, reader, look_s
        self.ended = False
        self._bell = threading.Event()

    def ring(self) -> None:
        self._bell.set()

    def end(self) -> None:
        """Seen when the present work is done."""
        self.ended = True
        self.ring()

    def run(self) -> None:
        """Looks unrung too, for what somebody left unplaced when they were killed."""
        while not self.ended:
            self.step()
            self.wait()

    def wait(self) -> None:
        """Until somebody rings, or it is time to look unrung."""
        self._bell.wait(self.look_s)
        if self.reader is not None:
            self.reader.rest()

    def step(self) -> None:
        """Places all that waits. Whatever goes wrong is tried again a little later."""
        self._bell.clear()
        try:
            place_kept(self.engine, self.reader)
        except Exception as problem:
            known = isinstance(problem, TemporaryFailure | OperationalError)
            log.warning("placing waits: %s", str(problem).splitlines()[:1], exc_info=not known)
            pause(AGAIN_S)
            self.ring()


def place_kept(engine: Engine, reader: SecondReader | None = None) -> None:
    """Places every kept mail that waits; what resists is stepped over until its next try."""
    while True:
        with reading(engine) as session:
            waiting = queries.unplaced_items(session, LOOKED_UP, real_now())
        if not waiting:
            return
        place_items(engine, waiting, reader)


def place_items(engine: Engine, item_ids: Sequence[int], reader: SecondReader | None = None) -> None:
    """Places kept mails some at a time; where one breaks, each of them in its own transaction."""
    line = _Line(engine, item_ids, reader if reader is not None and _is_worth_it(reader, len(item_ids)) else None)
    for ready in line.in_order():
        try:
            _place(engine, [mail for batch in ready for mail in batch.mails()])
        except (TemporaryFailure, OperationalError):
            raise
        except Exception:
            # Which of them it was is found by placing them one by one.
            broken = [item_id for batch in ready for item_id in batch.item_ids]
            log.exception("one of the mail items %s broke its placing", broken)
            for item_id in broken:
                _place_alone(engine, item_id)


def _is_worth_it(reader: SecondReader, count: int) -> bool:
    return count >= BACKLOG or (reader.is_ready and count > PREPARED)


def _place(engine: Engine, mails: Sequence[PreparedMail]) -> None:
    with transaction(engine) as session:
        place_mails(session, mails, now=study_now(session))


def _place_alone(engine: Engine, item_id: int) -> None:
    try:
        _place(engine, _prepared(engine, [item_id]))
    except (TemporaryFailure, OperationalError):
        raise
    except Exception as problem:
        # Hostile mail may yet find a way to break the rules; it is quarantined, and the next one is placed.
        log.exception("mail item %d broke its placing", item_id)
        _quarantine(engine, item_id, problem)


def _quarantine(engine: Engine, item_id: int, problem: Exception) -> None:
    try:
        _place(engine, _prepared(engine, [item_id], broke=f"quarantined: {type(problem).__name__}"))
    except (TemporaryFailure, OperationalError):
        raise
    except Exception as resistance:
        log.exception("mail item %d cannot even be quarantined; it is stepped over", item_id)
        words = " ".join(f"{type(resistance).__name__}: {resistance}".split())
        with transaction(engine) as session:
            queries.note_unplaceable(session, item_id, words[:500], real_now())


def _prepared(engine: Engine, item_ids: Sequence[int], broke: str = "") -> list[PreparedMail]:
    with reading(engine) as session:
        return prepare_items(session, item_ids, broke)


@dataclass
class _Batch:
    """Mails that are prepared together; `request` is their number with the second reader, 0: not with it."""

    engine: Engine
    item_ids: list[int]
    reader: SecondReader | None = None
    request: int = 0
    prepared: list[PreparedMail] | None = None

    def is_ready(self) -> bool:
        return self.prepared is not None or self.reader is None or self.reader.has_answered(self.request)

    def prepare_ahead(self) -> None:
        try:
            self.prepared = _prepared(self.engine, self.item_ids)
        except Exception:
            log.debug("mail items %s are prepared again when it is their turn", self.item_ids)

    def mails(self) -> list[PreparedMail]:
        """Waits for the second reader; what it left undone is done here."""
        if self.prepared is None and self.reader is not None:
            self.prepared = self.reader.answer(self.request)
        return _prepared(self.engine, self.item_ids) if self.prepared is None else self.prepared


class _Line:
    """Batches in their order. While the second reader is busy with the first one, this process takes a later one."""

    def __init__(self, engine: Engine, item_ids: Iterable[int], reader: SecondReader | None) -> None:
        self.engine, self.reader, self._left = engine, reader, iter(item_ids)
        self.size = PREPARED if reader else TOGETHER
        if reader is not None:
            reader.start()
        self.line: deque[_Batch] = deque()

    def in_order(self) -> Iterator[list[_Batch]]:
        """What may be written together."""
        while True:
            self._hand_out()
            if not self.line and not self._take():
                return
            if self.line[0].is_ready() or not self._take():
                yield list(self._first())
            else:
                self.line[-1].prepare_ahead()

    def _first(self) -> Iterator[_Batch]:
        """The first of the line, and those behind it that are ready too."""
        yield self.line.popleft()
        for _ in range(TOGETHER // self.size - 1):
            if self.line and self.line[0].is_ready():
                yield self.line.popleft()

    def _take(self) -> _Batch | None:
        """Puts the next batch at the end of the line."""
        item_ids = list(islice(self._left, self.size))
        if not item_ids:
            return None
        self.line.append(_Batch(self.engine, item_ids))
        return self.line[-1]

    def _hand_out(self) -> None:
        """Sees to it that the second reader is never out of work."""
        while self.reader is not None and self.reader.is_ready and self._lie_with_reader() < AHEAD:
            batch = self._take()
            if batch is None:
                return
            batch.reader, batch.request = self.reader, self.reader.ask(batch.item_ids)

    def _lie_with_reader(self) -> int:
        return sum(batch.reader is not None and not batch.is_ready() for batch in self.line)
