"""The tables. Unique constraints carry the promises; what is recorded of the world is never rewritten.

Instants are aware and stored in UTC; enums are stored as text by value; columns ending in `_s` are seconds.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy import Enum as SqlEnum
from sqlmodel import Field, SQLModel

from benchmark.core.vocabulary import (
    AttemptState,
    CampaignState,
    ChannelKind,
    DecidedBy,
    EventKind,
    Exclusion,
    FollowUpKind,
    HandOffState,
    InquiryKind,
    MatchedBy,
    Mode,
    ObservationKind,
    Precision,
    ProbeState,
    ReplyKind,
)

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _word(kind: type[StrEnum]) -> Any:
    """Text by value without a CHECK, so that a new word needs no migration."""
    return SqlEnum(kind, values_callable=lambda words: [w.value for w in words], native_enum=False, length=32)


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
    channel: ChannelKind = Field(sa_type=_word(ChannelKind))
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
    state: CampaignState = Field(default=CampaignState.DRAFT, sa_type=_word(CampaignState))
    mode: Mode = Field(default=Mode.SANDBOX, sa_type=_word(Mode))
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
    kind: InquiryKind = Field(sa_type=_word(InquiryKind))
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
    channel: ChannelKind = Field(sa_type=_word(ChannelKind))
    planned_at: datetime | None = None  # as frozen with the assignment; never changed
    due_at: datetime | None = None  # put off by rails and retries
    state: ProbeState = Field(default=ProbeState.PLANNED, sa_type=_word(ProbeState))
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
    state: AttemptState = Field(default=AttemptState.CLAIMED, sa_type=_word(AttemptState))
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


class MailboxRow(SQLModel, table=True):
    """A study mailbox and how far it has been read."""

    __tablename__ = "mailbox"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    uidvalidity: int = Field(default=0, sa_type=BigInteger)
    last_uid: int = Field(default=0, sa_type=BigInteger)
    fetched_at: datetime | None = None  # of the last mail
    looked_at: datetime | None = None  # real time of the last look that went well
    error: str = ""
    error_at: datetime | None = None
    next_try_at: datetime | None = None  # while it is away
    way: str = ""  # idle | polling


class MailAccountRow(SQLModel, table=True):
    """A study mailbox that somebody added: servers, log-in, addresses, rate; its bookmark is in `mailbox`.

    `details` are the plain fields of a MailAccount; `secret` is sealed with a key that is not in the database.
    """

    __tablename__ = "mail_account"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    domain: str = Field(index=True)
    enabled: bool = True
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    secret: bytes = Field(sa_type=LargeBinary)
    created_at: datetime


class ReceivingHost(SQLModel, table=True):
    """The mail exchanger of a brand's domain, as DNS named it; rates are kept by it."""

    __tablename__ = "receiving_host"

    domain: str = Field(primary_key=True)
    host: str
    looked_at: datetime


class RawMessage(SQLModel, table=True):
    __tablename__ = "raw_message"

    sha256: str = Field(primary_key=True)
    size: int
    content: bytes = Field(sa_type=LargeBinary)


class MailboxItem(SQLModel, table=True):
    """One fetched mail: the same (mailbox, uidvalidity, uid) is the same item, nothing else."""

    __tablename__ = "mailbox_item"
    __table_args__ = (UniqueConstraint("mailbox_id", "uidvalidity", "uid"),)

    id: int | None = Field(default=None, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id")
    uidvalidity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    sha256: str = Field(foreign_key="raw_message.sha256", index=True)
    internal_at: datetime
    fetched_at: datetime
    placed_at: datetime | None = Field(default=None, index=True)


class Observation(SQLModel, table=True):
    """What a person or a connector saw on a platform or by telephone; a correction is a new row that supersedes."""

    __table_args__ = (UniqueConstraint("platform", "platform_id", "coder", "supersedes_id"),)

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int = Field(foreign_key="probe.id", index=True)
    platform: ChannelKind = Field(sa_type=_word(ChannelKind))
    kind: ObservationKind = Field(sa_type=_word(ObservationKind))
    question_url: str = ""
    reply_url: str = ""
    platform_id: str | None = None
    author_handle: str = ""
    is_brand: bool = True
    reply_at: datetime | None = None
    precision: Precision = Field(default=Precision.SECOND, sa_type=_word(Precision))
    reply_at_raw: str = ""
    tz: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    visibility: str = "public"
    reply_kind: ReplyKind | None = Field(default=None, sa_type=_word(ReplyKind))
    flags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    text: str = Field(default="", sa_type=Text)
    checked_at: datetime
    coder: str = ""
    method: str = "manual"
    note: str = ""
    supersedes_id: int | None = Field(default=None, foreign_key="observation.id")


class Reply(SQLModel, table=True):
    """Whatever came back: a mail, a text on a form's page, an observation. `probe_id` is empty while unmatched."""

    __table_args__ = (Index("ix_reply_probe_id_received_at", "probe_id", "received_at"),)

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int | None = Field(default=None, foreign_key="probe.id")
    channel: ChannelKind = Field(sa_type=_word(ChannelKind))
    received_at: datetime
    sha256: str | None = Field(default=None, unique=True)
    observation_id: int | None = Field(default=None, foreign_key="observation.id", unique=True)
    attempt_id: int | None = Field(default=None, foreign_key="attempt.id", unique=True)
    message_id: str = ""
    subject: str = ""
    from_address: str = ""
    text: str = Field(default="", sa_type=Text)
    text_digest: str = Field(default="", index=True)
    matched_by: MatchedBy | None = Field(default=None, sa_type=_word(MatchedBy))
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


class VerdictRow(SQLModel, table=True):
    """What a reply is, said by the rules of a version or by a person; a new row never overwrites an old one."""

    __tablename__ = "verdict"

    id: int | None = Field(default=None, primary_key=True)
    reply_id: int = Field(foreign_key="reply.id", index=True)
    kind: ReplyKind = Field(sa_type=_word(ReplyKind))
    confidence: float
    flags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    followup_kind: FollowUpKind | None = Field(default=None, sa_type=_word(FollowUpKind))
    handoff_channel: ChannelKind | None = Field(default=None, sa_type=_word(ChannelKind))
    handoff_address: str = ""
    handoff_state: HandOffState = Field(default=HandOffState.NONE, sa_type=_word(HandOffState))
    substantive: bool | None = None
    return_on: date | None = None
    ticket_ids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    language: str = ""
    system: str = ""
    rules: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    rules_version: str = ""
    decided_by: DecidedBy = Field(default=DecidedBy.RULES, sa_type=_word(DecidedBy))
    coder: str = ""
    decided_at: datetime


class Event(SQLModel, table=True):
    """The append-only log of each probe; pages draw their timelines from it."""

    id: int | None = Field(default=None, primary_key=True)
    probe_id: int = Field(foreign_key="probe.id", index=True)
    kind: EventKind = Field(sa_type=_word(EventKind))
    at: datetime
    attempt_id: int | None = Field(default=None, foreign_key="attempt.id")
    reply_id: int | None = Field(default=None, foreign_key="reply.id")
    observation_id: int | None = Field(default=None, foreign_key="observation.id")
    note: str = ""


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
    handoff: HandOffState = Field(default=HandOffState.NONE, sa_type=_word(HandOffState))
    tester_delay_s: float = 0.0
    exclusion: Exclusion | None = Field(default=None, sa_type=_word(Exclusion))
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


class Suppression(SQLModel, table=True):
    """Who must not be written to; only the hash is kept, so the entry outlives erasure."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str  # domain | address | brand
    value_sha256: str = Field(unique=True)
    reason: str = ""
    created_at: datetime


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
