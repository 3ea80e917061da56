"""The only reader of time: the wall clock, and the study clock of the rehearsal world where there is one."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlmodel import Session

from benchmark.store.tables import StudyClock


def real_now() -> datetime:
    """The wall clock; leases, timeouts and sweeps guard real machines and use it also in the rehearsal world."""
    return datetime.now(UTC)


def study_now(session: Session) -> datetime:
    """The moment the study stands at: the row of the discrete-event clock in the rehearsal world, else real time."""
    row = session.get(StudyClock, 1, populate_existing=True)
    return real_now() if row is None else row.now_at


def monotonic() -> float:
    """Seconds for measuring durations."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Sleeps in real time."""
    time.sleep(seconds)
