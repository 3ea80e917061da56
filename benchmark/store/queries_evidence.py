"""Questions of a probe's page: its timeline, what was sent, what came back, and the proof of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from benchmark.core.vocabulary import (
    AttemptState,
    ChannelKind,
    DecidedBy,
    EventKind,
    FollowUpKind,
    HandOffState,
    MatchedBy,
    ProbeState,
    ReplyKind,
)
from benchmark.store.queries_pages import BrandFacts, ProbeLine, brand_by_slug, probe_line
from benchmark.store.tables import (
    Attempt,
    Brand,
    Campaign,
    ContactPoint,
    Event,
    EvidenceContent,
    EvidenceRow,
    Inquiry,
    Observation,
    PersonaRow,
    Probe,
    RawMessage,
    Reply,
    VerdictRow,
)


@dataclass(frozen=True)
class EventLine:
    id: int
    kind: EventKind
    at: datetime
    note: str
    reply_id: int | None
    observation_id: int | None


@dataclass(frozen=True)
class EvidenceLine:
    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    taken_at: datetime | None


@dataclass(frozen=True)
class AttemptLine:
    id: int
    number: int
    state: AttemptState
    message_id: str
    claimed_at: datetime
    finished_at: datetime | None
    outcome: str
    detail: str
    remote_id: str
    evidence: tuple[EvidenceLine, ...]


@dataclass(frozen=True)
class VerdictLine:
    """`rules` are {rule, where, matched}: which rule said so, where it looked and what it saw."""

    id: int
    kind: ReplyKind
    confidence: float
    flags: tuple[str, ...]
    followup_kind: FollowUpKind | None
    handoff_channel: ChannelKind | None
    handoff_address: str
    handoff_state: HandOffState
    substantive: bool | None
    return_on: date | None
    ticket_ids: tuple[str, ...]
    language: str
    system: str
    rules: tuple[dict[str, str], ...]
    rules_version: str
    decided_by: DecidedBy
    coder: str
    decided_at: datetime


@dataclass(frozen=True)
class ReplyLine:
    """`verdicts` are in the order in which they win: a person's word, then the newest."""

    id: int
    probe_id: int | None
    channel: ChannelKind
    received_at: datetime
    subject: str
    from_address: str
    text: str
    matched_by: MatchedBy | None
    match_confidence: float
    match_evidence: tuple[Any, ...]
    hint: bool
    quarantined: bool
    sha256: str | None
    reply_url: str
    verdicts: tuple[VerdictLine, ...]

    @property
    def verdict(self) -> VerdictLine | None:
        return self.verdicts[0] if self.verdicts else None


@dataclass(frozen=True)
class ProbeFacts:
    id: int
    campaign: str
    brand: BrandFacts
    outcome: ProbeLine
    channel: ChannelKind
    state: ProbeState
    contact_address: str
    inquiry_key: str
    text_version: str
    language: str
    persona: str
    subject: str
    body: str
    reply_address: str
    question_url: str
    due_at: datetime | None
    t0: datetime | None
    events: tuple[EventLine, ...]
    attempts: tuple[AttemptLine, ...]
    replies: tuple[ReplyLine, ...]


def probe_by_id(session: Session, probe_id: int) -> ProbeFacts | None:
    probe = session.get(Probe, probe_id)
    if probe is None:
        return None
    brand = brand_by_slug(session, session.get_one(Brand, probe.brand_id).slug)
    assert brand is not None
    point = session.get(ContactPoint, probe.contact_point_id) if probe.contact_point_id else None
    inquiry = session.get(Inquiry, probe.inquiry_id) if probe.inquiry_id else None
    return ProbeFacts(
        id=probe_id,
        campaign=session.get_one(Campaign, probe.campaign_id).name,
        brand=brand,
        outcome=probe_line(session, probe_id),
        channel=probe.channel,
        state=probe.state,
        contact_address=point.address if point else "",
        inquiry_key=inquiry.key if inquiry else "",
        text_version=probe.text_version,
        language=probe.language,
        persona=_persona(session, probe),
        subject=probe.subject,
        body=probe.body,
        reply_address=probe.reply_address or "",
        question_url=probe.question_url or "",
        due_at=probe.due_at,
        t0=probe.t0,
        events=_events(session, probe_id),
        attempts=_attempts(session, probe_id),
        replies=_replies(session, probe_id),
    )


def _persona(session: Session, probe: Probe) -> str:
    row = session.get(PersonaRow, probe.persona_id) if probe.persona_id else None
    parts = (row.details.get("first_name", ""), row.details.get("last_name", "")) if row else ()
    return " ".join(part for part in parts if part)


def _events(session: Session, probe_id: int) -> tuple[EventLine, ...]:
    rows = session.exec(select(Event).where(Event.probe_id == probe_id).order_by(col(Event.at), col(Event.id))).all()
    return tuple(EventLine(row.id or 0, row.kind, row.at, row.note, row.reply_id, row.observation_id) for row in rows)


def _attempts(session: Session, probe_id: int) -> tuple[AttemptLine, ...]:
    rows = session.exec(select(Attempt).where(Attempt.probe_id == probe_id).order_by(col(Attempt.number))).all()
    return tuple(
        AttemptLine(
            id=row.id or 0,
            number=row.number,
            state=row.state,
            message_id=row.message_id,
            claimed_at=row.claimed_at,
            finished_at=row.finished_at,
            outcome=row.outcome,
            detail=row.detail,
            remote_id=row.remote_id,
            evidence=_evidence(session, row.id or 0),
        )
        for row in rows
    )


def _evidence(session: Session, attempt_id: int) -> tuple[EvidenceLine, ...]:
    rows = session.exec(select(EvidenceRow).where(EvidenceRow.attempt_id == attempt_id).order_by("id")).all()
    return tuple(
        EvidenceLine(row.id or 0, row.name, row.media_type, row.size, row.sha256, row.taken_at) for row in rows
    )


def _replies(session: Session, probe_id: int) -> tuple[ReplyLine, ...]:
    rows = session.exec(
        select(Reply, Observation.reply_url)
        .outerjoin(Observation, col(Observation.id) == col(Reply.observation_id))
        .where(Reply.probe_id == probe_id)
        .order_by(col(Reply.received_at), col(Reply.id))
    ).all()
    return tuple(_reply_line(row, url or "", _verdicts(session, row.id or 0)) for row, url in rows)


def _reply_line(row: Reply, reply_url: str, verdicts: Sequence[VerdictRow]) -> ReplyLine:
    return ReplyLine(
        id=row.id or 0,
        probe_id=row.probe_id,
        channel=row.channel,
        received_at=row.received_at,
        subject=row.subject,
        from_address=row.from_address,
        text=row.text,
        matched_by=row.matched_by,
        match_confidence=row.match_confidence,
        match_evidence=tuple(row.match_evidence),
        hint=row.hint,
        quarantined=row.quarantined,
        sha256=row.sha256,
        reply_url=reply_url,
        verdicts=tuple(verdict_line(verdict) for verdict in verdicts),
    )


def _verdicts(session: Session, reply_id: int) -> Sequence[VerdictRow]:
    rows = session.exec(
        select(VerdictRow).where(VerdictRow.reply_id == reply_id).order_by(col(VerdictRow.id).desc())
    ).all()
    return sorted(rows, key=lambda row: row.decided_by is not DecidedBy.PERSON)


def verdict_line(row: VerdictRow) -> VerdictLine:
    return VerdictLine(
        id=row.id or 0,
        kind=row.kind,
        confidence=row.confidence,
        flags=tuple(row.flags),
        followup_kind=row.followup_kind,
        handoff_channel=row.handoff_channel,
        handoff_address=row.handoff_address,
        handoff_state=row.handoff_state,
        substantive=row.substantive,
        return_on=row.return_on,
        ticket_ids=tuple(row.ticket_ids),
        language=row.language,
        system=row.system,
        rules=tuple(row.rules),
        rules_version=row.rules_version,
        decided_by=row.decided_by,
        coder=row.coder,
        decided_at=row.decided_at,
    )


@dataclass(frozen=True)
class StoredFile:
    name: str
    media_type: str
    content: bytes


def raw_mail(session: Session, reply_id: int) -> StoredFile | None:
    """The bytes of a mail as they came, None for what never was a mail."""
    reply = session.get(Reply, reply_id)
    raw = session.get(RawMessage, reply.sha256) if reply and reply.sha256 else None
    return StoredFile(f"reply-{reply_id}.eml", "message/rfc822", raw.content) if raw else None


def evidence_file(session: Session, evidence_id: int) -> StoredFile | None:
    row = session.get(EvidenceRow, evidence_id)
    if row is None:
        return None
    return StoredFile(row.name, row.media_type, session.get_one(EvidenceContent, row.sha256).content)
