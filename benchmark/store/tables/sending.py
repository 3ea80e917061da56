"""What was tried: attempts, their evidence, and who must not be written to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from benchmark.core.vocabulary import AttemptState
from benchmark.store.tables.base import SQLModel, word


class Attempt(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("probe_id", "number"),
        Index("ix_attempt_state_lease_until", "state", "lease_until"),
        Index("ix_attempt_mailbox_claimed_at", "mailbox", "claimed_at"),
        Index("ix_attempt_host_claimed_at", "host", "claimed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int = Field(foreign_key="probe.id", index=True)
    number: int
    message_id: str = Field(unique=True)
    state: AttemptState = Field(default=AttemptState.CLAIMED, sa_type=word(AttemptState))
    claimed_at: datetime
    lease_until: datetime  # real time, also in the rehearsal world
    armed_at: datetime | None = None  # set before the point of no return; empty: nothing can have been sent
    finished_at: datetime | None = None
    outcome: str = ""
    detail: str = Field(default="", sa_type=Text)
    remote_id: str = ""
    mailbox: str = ""  # which study mailbox sent it; empty for other channels
    host: str = ""  # the receiving mail host its rate is counted by


class EvidenceContent(SQLModel, table=True):
    __tablename__ = "evidence_content"

    sha256: str = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


class EvidenceRow(SQLModel, table=True):
    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    attempt_id: int = Field(foreign_key="attempt.id", index=True)
    name: str
    media_type: str
    size: int
    sha256: str = Field(foreign_key="evidence_content.sha256")
    taken_at: datetime | None = None


class ReceivingHost(SQLModel, table=True):
    """The mail exchanger of a brand's domain, as DNS named it; rates are kept by it."""

    __tablename__ = "receiving_host"

    domain: str = Field(primary_key=True)
    host: str
    looked_at: datetime


class Suppression(SQLModel, table=True):
    """Who must not be written to; only the hash is kept, so the entry outlives erasure."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str  # domain | address | brand
    value_sha256: str = Field(unique=True)
    reason: str = ""
    created_at: datetime
