"""Errands: asked by pages, taken by one worker, kept for a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from benchmark.core.vocabulary import ErrandKind, ErrandState
from benchmark.store.queries import changed
from benchmark.store.tables import Errand

OPEN = (ErrandState.WAITING.value, ErrandState.WORKING.value)


@dataclass(frozen=True)
class ErrandFacts:
    """An errand as pages and hands see it; `result` is what the hands brought, or {"problem": one line}."""

    id: int
    kind: ErrandKind
    argument: dict[str, Any]
    state: ErrandState
    result: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in (ErrandState.DONE, ErrandState.FAILED)


def _facts(row: Errand) -> ErrandFacts:
    return ErrandFacts(
        row.id or 0,
        ErrandKind(row.kind),
        row.argument,
        ErrandState(row.state),
        row.result,
        row.created_at,
        row.finished_at,
    )


def errand(session: Session, errand_id: int) -> ErrandFacts | None:
    row = session.get(Errand, errand_id)
    return None if row is None else _facts(row)


def open_errands(session: Session) -> Sequence[ErrandFacts]:
    """Those not yet over, oldest first."""
    rows = session.exec(select(Errand).where(col(Errand.state).in_(OPEN)).order_by(col(Errand.id)))
    return [_facts(row) for row in rows]


def newest_errand(session: Session, kind: ErrandKind, argument: dict[str, Any]) -> ErrandFacts | None:
    """The last errand of this kind with this argument."""
    rows = session.exec(select(Errand).where(Errand.kind == kind.value).order_by(col(Errand.id).desc()).limit(200))
    return next((_facts(row) for row in rows if row.argument == argument), None)


def add_errand(session: Session, kind: ErrandKind, argument: dict[str, Any], now: datetime) -> int:
    row = Errand(kind=kind.value, argument=argument, state=ErrandState.WAITING.value, created_at=now)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def oldest_waiting(session: Session) -> int | None:
    waiting = Errand.state == ErrandState.WAITING.value
    return session.exec(select(func.min(Errand.id)).where(waiting)).one()


def take_errand(session: Session, errand_id: int) -> bool:
    """Conditional: of several workers one gets it."""
    statement = (
        update(Errand)
        .where(col(Errand.id) == errand_id, col(Errand.state) == ErrandState.WAITING.value)
        .values(state=ErrandState.WORKING.value)
    )
    return changed(session, statement)


def end_errand(session: Session, errand_id: int, state: ErrandState, result: dict[str, Any], now: datetime) -> None:
    row = session.get_one(Errand, errand_id)
    row.state, row.result, row.finished_at = state.value, result, now
    session.add(row)


def forget_errands(session: Session, before: datetime) -> None:
    """Removes what was asked before that moment, with its pictures."""
    session.execute(delete(Errand).where(col(Errand.created_at) < before))
