"""What is derived from the record, and what was published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from benchmark.core.vocabulary import Exclusion, HandOffState
from benchmark.store.tables.base import SQLModel, word


class OutcomeRow(SQLModel, table=True):
    """The newest outcome of each probe in one narrow row: derived, rebuildable, read in columns.

    `t0_s` is epoch seconds; every other `_s` column counts seconds from t0, empty while the thing has not happened.
    """

    __tablename__ = "outcome"
    __table_args__ = (Index("ix_outcome_campaign_id_brand_id", "campaign_id", "brand_id"),)

    probe_id: int = Field(foreign_key="probe.id", primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    wave_id: int
    brand_id: int
    channel: str  # a ChannelKind, or the free text of an import
    inquiry: str  # an InquiryKind, or the free text of an import
    text_version: str = ""
    t0_s: float | None = None
    acknowledged_s: float | None = None
    acknowledged_by: str | None = None
    human_s: float | None = None
    substantive_s: float | None = None
    followed_up_s: float | None = None
    followup_kinds: str = ""
    bounced_s: float | None = None
    closed_s: float | None = None
    ticket_s: float | None = None
    out_of_office_s: float | None = None
    handoff: HandOffState = Field(default=HandOffState.NONE, sa_type=word(HandOffState))
    handoff_lost_s: float | None = None  # an open hand-off counts as lost from then on
    tester_delay_s: float = 0.0
    exclusion: Exclusion | None = Field(default=None, sa_type=word(Exclusion))
    first_contact_resolved: bool = False


class OutcomePack(SQLModel, table=True):
    """Outcomes of one bucket of brands as arrays, so that a page reads a million probes in a moment.

    Derived: empty `content` means stale, to be packed again from `outcome`; `version` grows with every change.
    """

    __tablename__ = "outcome_pack"
    __table_args__ = (Index("ix_outcome_pack_campaign_id_version", "campaign_id", "version"),)

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    bucket: int = Field(primary_key=True)
    version: int = Field(default=1, sa_type=BigInteger)
    content: bytes | None = Field(default=None, sa_type=LargeBinary)


class Edition(SQLModel, table=True):
    """A published leaderboard: frozen with all it depends on; never changed, only corrected by a later one."""

    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    number: int
    as_of: datetime
    published_at: datetime
    corrects: int | None = None  # number of the edition that this one replaces
    because: str = Field(default="", sa_type=Text)
    method: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    leaderboard: bytes = Field(sa_type=LargeBinary)  # the CSV as it was published
    leaderboard_sha256: str
    data_sha256: str  # of the CSV of its probes
