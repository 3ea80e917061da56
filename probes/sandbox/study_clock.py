"""The clock master: lets study time stand still while anything is in flight, then jumps to the next event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from benchmark import dispatch
from benchmark.store import queries
from benchmark.store.tables import StudyClock


@dataclass(frozen=True)
class Standing:
    """What the world looks like at this study moment; `next_at` is None when nothing is planned any more."""

    now: datetime
    busy: bool
    next_at: datetime | None


def look(session: Session, now: datetime, delivered: int, next_act_at: datetime | None) -> Standing:
    """`delivered` counts the mails put into the study mailbox so far; all of them must have been placed."""
    if queries.in_flight(session, now) or queries.placed_count(session) < delivered:
        return Standing(now, busy=True, next_at=None)
    close_at = dispatch.next_close_at(session)
    busy = close_at is not None and close_at <= now
    moments = [moment for moment in (next_act_at, queries.next_due_at(session), close_at) if moment is not None]
    return Standing(now, busy, min(moments, default=None))


def set_clock(session: Session, moment: datetime) -> None:
    """Study time never goes back."""
    row = session.get(StudyClock, 1)
    if row is None:
        session.add(StudyClock(id=1, now_at=moment))
    elif moment > row.now_at:
        row.now_at, row.jumps = moment, row.jumps + 1
    session.flush()
