"""Places kept mails batch by batch: prepared outside any writing transaction, then written down in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from benchmark.core.problems import TemporaryFailure
from benchmark.placing import place_mails
from benchmark.preparing import PreparedMail, prepare_items
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.wall_clock import study_now

log = logging.getLogger(__name__)
TOGETHER = 40  # mails placed in one transaction
LOOKED_UP = 5_000  # waiting mails asked for at once

_placing = threading.Lock()  # two mailboxes of one process place one after the other


def place_kept(engine: Engine) -> None:
    """Places every kept mail that waits."""
    with _placing:
        while True:
            with reading(engine) as session:
                waiting = queries.unplaced_items(session, LOOKED_UP)
            if not waiting:
                return
            place_items(engine, waiting)


def place_items(engine: Engine, item_ids: Sequence[int]) -> None:
    """Places kept mails some at a time; where one breaks, each of them in its own transaction."""
    for start in range(0, len(item_ids), TOGETHER):
        batch = item_ids[start : start + TOGETHER]
        try:
            _place(engine, _prepared(engine, batch))
        except (TemporaryFailure, OperationalError):
            raise
        except Exception:
            # Which of them it was is found by placing them one by one.
            log.exception("one of the mail items %s broke its placing", batch)
            for item_id in batch:
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
