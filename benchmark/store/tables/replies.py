"""What came back, what it is, and the log of each probe."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from benchmark.core.vocabulary import (
    ChannelKind,
    DecidedBy,
    EventKind,
    FollowUpKind,
    HandOffState,
    MatchedBy,
    ObservationKind,
    Precision,
    ReplyKind,
)
from benchmark.store.tables.base import SQLModel, word

# Few of many: the counter in the navigation asks for them at every page. A database takes such an index where the
# question holds the very same words.
LOOSE = text("probe_id IS NULL OR hint OR quarantined")
UNSURE = text("confidence < 0.8")


class Observation(SQLModel, table=True):
    """What a person or a connector saw on a platform or by telephone; a correction is a new row that supersedes."""

    __table_args__ = (UniqueConstraint("platform", "platform_id", "coder", "supersedes_id"),)

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int = Field(foreign_key="probe.id", index=True)
    platform: ChannelKind = Field(sa_type=word(ChannelKind))
    kind: ObservationKind = Field(sa_type=word(ObservationKind))
    question_url: str = ""
    reply_url: str = ""
    platform_id: str | None = None
    author_handle: str = ""
    is_brand: bool = True
    reply_at: datetime | None = None
    precision: Precision = Field(default=Precision.SECOND, sa_type=word(Precision))
    reply_at_raw: str = ""
    tz: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    visibility: str = "public"
    reply_kind: ReplyKind | None = Field(default=None, sa_type=word(ReplyKind))
    flags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    text: str = Field(default="", sa_type=Text)
    checked_at: datetime
    coder: str = ""
    method: str = "manual"
    note: str = ""
    supersedes_id: int | None = Field(default=None, foreign_key="observation.id")


class Reply(SQLModel, table=True):
    """Whatever came back: a mail, a text on a form's page, an observation. `probe_id` is empty while unmatched."""

    __table_args__ = (
        Index("ix_reply_probe_id_received_at", "probe_id", "received_at"),
        Index("ix_reply_loose", "id", sqlite_where=LOOSE, postgresql_where=LOOSE),
    )

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int | None = Field(default=None, foreign_key="probe.id")
    channel: ChannelKind = Field(sa_type=word(ChannelKind))
    received_at: datetime
    sha256: str | None = Field(default=None, unique=True)
    observation_id: int | None = Field(default=None, foreign_key="observation.id", unique=True)
    attempt_id: int | None = Field(default=None, foreign_key="attempt.id", unique=True)
    message_id: str = ""
    subject: str = ""
    from_address: str = ""
    text: str = Field(default="", sa_type=Text)
    text_digest: str = Field(default="", index=True)  # of its brand and its own words
    matched_by: MatchedBy | None = Field(default=None, sa_type=word(MatchedBy))
    match_confidence: float = 0.0
    match_evidence: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    hint: bool = False  # came from a third domain to a secret address
    quarantined: bool = False


class LearnedKey(SQLModel, table=True):
    """What a matched mail taught: thread ids and ticket numbers (with the sender's domain) of a brand's system."""

    __tablename__ = "learned_key"
    __table_args__ = (UniqueConstraint("kind", "value", "domain", "probe_id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str  # message_id | ticket
    value: str
    domain: str = ""
    probe_id: int = Field(foreign_key="probe.id", index=True)


class SoughtKey(SQLModel, table=True):
    """A thread id or ticket number of a mail that found no inquiry: it may be learned yet."""

    __tablename__ = "sought_key"

    value: str = Field(primary_key=True)
    reply_id: int = Field(primary_key=True, foreign_key="reply.id")


class VerdictRow(SQLModel, table=True):
    """What a reply is, said by the rules of a version or by a person; a new row never overwrites an old one."""

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_unsure", "reply_id", sqlite_where=UNSURE, postgresql_where=UNSURE),)

    id: int | None = Field(default=None, primary_key=True)
    reply_id: int = Field(foreign_key="reply.id", index=True)
    kind: ReplyKind = Field(sa_type=word(ReplyKind))
    confidence: float
    flags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    followup_kind: FollowUpKind | None = Field(default=None, sa_type=word(FollowUpKind))
    handoff_channel: ChannelKind | None = Field(default=None, sa_type=word(ChannelKind))
    handoff_address: str = ""
    handoff_state: HandOffState = Field(default=HandOffState.NONE, sa_type=word(HandOffState))
    substantive: bool | None = None
    return_on: date | None = None
    ticket_ids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    language: str = ""
    system: str = ""
    rules: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    rules_version: str = ""
    decided_by: DecidedBy = Field(default=DecidedBy.RULES, sa_type=word(DecidedBy))
    coder: str = ""
    decided_at: datetime


class Event(SQLModel, table=True):
    """The append-only log of each probe; pages draw their timelines from it."""

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int = Field(foreign_key="probe.id", index=True)
    kind: EventKind = Field(sa_type=word(EventKind))
    at: datetime
    attempt_id: int | None = Field(default=None, foreign_key="attempt.id")
    reply_id: int | None = Field(default=None, foreign_key="reply.id")
    observation_id: int | None = Field(default=None, foreign_key="observation.id")
    note: str = ""
