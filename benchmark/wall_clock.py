"""The only reader of time: the wall clock, and the study clock of the rehearsal world where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from benchmark.store.tables import StudyClock


def real_now() -> datetime:
    """The wall clock; leases, timeouts and sweeps guard real machines and use it also in the rehearsal world."""
    return datetime.now(UTC)


def study_now(session: Session) -> datetime:
    """The moment the study stands at: the row of the discrete-event clock in the rehearsal world, else real time."""
    return clock_while_claimed(session)()


def clock_while_claimed(session: Session) -> Callable[[], datetime]:
    """The study's clock for as long as a probe is claimed: that of the rehearsal world stands still meanwhile."""
    stands_at = session.connection().execute(_STANDS_AT).scalar()
    return real_now if stands_at is None else lambda: stands_at


_STANDS_AT = select(col(StudyClock.now_at)).where(col(StudyClock.id) == 1)


def monotonic() -> float:
    """Seconds for measuring durations."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Sleeps in real time."""
    time.sleep(seconds)
