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
from benchmark.wall_clock import study_now
from probes.second_reader import SecondReader

log = logging.getLogger(__name__)
TOGETHER = 40  # mails placed in one transaction
LOOKED_UP = 5_000  # waiting mails asked for at once
AHEAD = 3  # batches that lie with the second reader

_placing = threading.Lock()  # two mailboxes of one process place one after the other


def place_kept(engine: Engine, reader: SecondReader | None = None) -> None:
    """Places every kept mail that waits."""
    with _placing:
        while True:
            with reading(engine) as session:
                waiting = queries.unplaced_items(session, LOOKED_UP)
            if not waiting:
                return
            place_items(engine, waiting, reader)


def place_items(engine: Engine, item_ids: Sequence[int], reader: SecondReader | None = None) -> None:
    """Places kept mails some at a time; where one breaks, each of them in its own transaction."""
    line = _Line(engine, item_ids, reader if len(item_ids) > TOGETHER else None)
    for batch in line.in_order():
        try:
            _place(engine, batch.mails())
        except (TemporaryFailure, OperationalError):
            raise
        except Exception:
            # Which of them it was is found by placing them one by one.
            log.exception("one of the mail items %s broke its placing", batch.item_ids)
            for item_id in batch.item_ids:
                _place_alone(engine, item_id)


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
        _place(engine, _prepared(engine, [item_id], broke=f"quarantined: {type(problem).__name__}"))


def _prepared(engine: Engine, item_ids: Sequence[int], broke: str = "") -> list[PreparedMail]:
    with reading(engine) as session:
        return prepare_items(session, item_ids, broke)


@dataclass
class _Batch:
    """Mails that are placed together; `request` is their number with the second reader, 0: not with it."""

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
        self.line: deque[_Batch] = deque()

    def in_order(self) -> Iterator[_Batch]:
        while True:
            self._hand_out()
            if not self.line and not self._take():
                return
            if self.line[0].is_ready() or not self._take():
                yield self.line.popleft()
            elif self.reader is not None:
                self.line[-1].prepare_ahead()

    def _take(self) -> _Batch | None:
        """Puts the next batch at the end of the line."""
        item_ids = list(islice(self._left, TOGETHER))
        if not item_ids:
            return None
        self.line.append(_Batch(self.engine, item_ids))
        return self.line[-1]

    def _hand_out(self) -> None:
        """Sees to it that the second reader is never out of work."""
        while self.reader is not None and not self.reader.is_gone and self._lie_with_reader() < AHEAD:
            batch = self._take()
            if batch is None:
                return
            batch.reader, batch.request = self.reader, self.reader.ask(batch.item_ids)

    def _lie_with_reader(self) -> int:
        return sum(batch.reader is not None and not batch.is_ready() for batch in self.line)
