"""What is asked of whom: brands, contact points, campaigns, inquiries, and each probe."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from benchmark.core.vocabulary import CampaignState, ChannelKind, InquiryKind, Mode, ProbeState
from benchmark.store.tables.base import SQLModel, word


class Brand(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str = Field(unique=True)
    company: str = ""
    sector: str = Field(default="", index=True)
    country: str = Field(default="", index=True)
    subdivision: str | None = None
    zone: str = "UTC"
    hours: list[Any] | None = Field(default=None, sa_column=Column(JSON))
    opted_out: bool = False


class ContactPoint(SQLModel, table=True):
    __tablename__ = "contact_point"
    __table_args__ = (UniqueConstraint("brand_id", "channel", "address"),)

    id: int | None = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id", index=True)
    channel: ChannelKind = Field(sa_type=word(ChannelKind))
    address: str
    offered: bool = True  # False: looked for and not there, or a presence without a way to ask
    provenance: str = ""
    checked_on: date | None = None
    promised_response_s: int | None = None
    invites_dialogue: bool | None = None
    recipe: str | None = Field(default=None, sa_type=Text)


class Campaign(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    title: str = ""
    purpose: str = Field(default="", sa_type=Text)
    state: CampaignState = Field(default=CampaignState.DRAFT, sa_type=word(CampaignState))
    mode: Mode = Field(default=Mode.SANDBOX, sa_type=word(Mode))
    seed: int = 0
    imported: bool = False
    design: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    assignment_sha256: str = ""
    launched_at: datetime | None = None
    as_of: datetime | None = None  # of an import: the moment its rows are censored at


class Wave(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    number: int
    name: str = ""
    starts_on: date | None = None


class Inquiry(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    key: str
    kind: InquiryKind = Field(sa_type=word(InquiryKind))
    answer_key: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class PersonaRow(SQLModel, table=True):
    __tablename__ = "persona"
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    key: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Probe(SQLModel, table=True):
    """One inquiry to one contact point in one wave; at most one of them, whatever happens."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "wave_id", "contact_point_id", "inquiry_id"),
        Index("ix_probe_state_due_at", "state", "due_at"),
        Index("ix_probe_brand_id_channel_t0", "brand_id", "channel", "t0"),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str | None = None  # the probe_id of an import
    campaign_id: int = Field(foreign_key="campaign.id")  # the unique constraint begins with it
    wave_id: int = Field(foreign_key="wave.id")
    brand_id: int = Field(foreign_key="brand.id")
    contact_point_id: int | None = Field(default=None, foreign_key="contact_point.id")
    inquiry_id: int | None = Field(default=None, foreign_key="inquiry.id")
    persona_id: int | None = Field(default=None, foreign_key="persona.id")
    channel: ChannelKind = Field(sa_type=word(ChannelKind))
    planned_at: datetime | None = None  # as frozen with the assignment; never changed
    due_at: datetime | None = None  # put off by rails and retries
    state: ProbeState = Field(default=ProbeState.PLANNED, sa_type=word(ProbeState))
    language: str = ""
    text_version: str = ""
    subject: str = ""
    subject_folded: str = Field(default="", index=True)
    body: str = Field(default="", sa_type=Text)
    token: str | None = Field(default=None, unique=True)
    reply_address: str | None = Field(default=None, unique=True)
    question_url: str | None = None  # of a social probe: where the person posted it
    t0: datetime | None = None


class ProbePhrase(SQLModel, table=True):
    """Digests of an inquiry's longer sentences, so that a mail that only quotes us still finds its probe."""

    __tablename__ = "probe_phrase"

    probe_id: int = Field(foreign_key="probe.id", primary_key=True)
    digest: str = Field(primary_key=True, index=True)
