"""What processes tell each other: leases, the study clock, signs of life, errands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from benchmark.store.tables.base import SQLModel


class Lease(SQLModel, table=True):
    """Who may act alone until when (real time), e.g. the scheduler."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class StudyClock(SQLModel, table=True):
    """The one row of the rehearsal world's clock; no row means the wall clock."""

    __tablename__ = "study_clock"

    id: int = Field(default=1, primary_key=True)
    now_at: datetime
    jumps: int = 0


class Heartbeat(SQLModel, table=True):
    """What each process last said of itself (real time); the health page reads it, the queue is never asked."""

    name: str = Field(primary_key=True)
    pid: int
    seen_at: datetime
    doing: str = ""


class Errand(SQLModel, table=True):
    """A page's wish that needs hands: web writes it, a worker works it off, the page polls."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    argument: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: str = Field(default="waiting", index=True)
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime
    finished_at: datetime | None = None
