"""What claiming, sending and recording ask and write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from benchmark.core.vocabulary import AttemptState, CampaignState, ChannelKind, ProbeState
from benchmark.store.queries import TOUCHED, WAITING, changed
from benchmark.store.tables import (
    Attempt,
    Brand,
    Campaign,
    ContactPoint,
    EvidenceContent,
    EvidenceRow,
    Probe,
    ReceivingHost,
    Reply,
    Suppression,
)


def take_probe(session: Session, probe_id: int, now: datetime) -> bool:
    """The conditional UPDATE of the claim: True for exactly one of all who try."""
    launched = select(Campaign.id).where(Campaign.state == CampaignState.LAUNCHED)
    return changed(
        session,
        update(Probe)
        .where(
            col(Probe.id) == probe_id,
            col(Probe.state).in_(WAITING),
            col(Probe.due_at) <= now,
            col(Probe.campaign_id).in_(launched),
        )
        .values(state=ProbeState.CLAIMED),
    )


def lock_brand(session: Session, brand_id: int) -> Brand:
    """The brand's row, locked until the end of the transaction where the database knows row locks."""
    return session.exec(select(Brand).where(Brand.id == brand_id).with_for_update()).one()


def sent_since(session: Session, brand_id: int, since: datetime) -> list[tuple[datetime, ChannelKind]]:
    """When and by which channel inquiries reached, or may have reached, a brand since then, oldest first."""
    moment = func.coalesce(Probe.t0, Probe.due_at)
    statement = select(moment, Probe.channel).where(
        Probe.brand_id == brand_id, col(Probe.state).in_(TOUCHED), moment > since
    )
    return sorted((at, ChannelKind(channel)) for at, channel in session.exec(statement) if at is not None)


def lock_word(session: Session, word: str) -> None:
    """A lock by name until the end of the transaction. SQLite has one writer at a time: it needs none."""
    if session.connection().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big", signed=True)
        session.execute(select(func.pg_advisory_xact_lock(key)))


def mails_claimed_since(session: Session, kind: str, name: str, since: datetime, limit: int) -> Sequence[datetime]:
    """When this mailbox sent, or this host was sent to (`kind`: mailbox | host), the newest first, at most `limit`."""
    column = {"mailbox": col(Attempt.mailbox), "host": col(Attempt.host)}[kind]
    return session.exec(
        select(Attempt.claimed_at)
        .where(column == name, Attempt.claimed_at > since)
        .order_by(col(Attempt.claimed_at).desc())
        .limit(limit)
    ).all()


def receiving_host(session: Session, domain: str) -> str:
    """The mail exchanger that DNS named for a domain, else the domain."""
    row = session.get(ReceivingHost, domain)
    return row.host if row else domain


def receiving_host_known(session: Session, domain: str, since: datetime) -> bool:
    row = session.get(ReceivingHost, domain)
    return row is not None and row.looked_at > since


def note_receiving_host(session: Session, domain: str, host: str, real_now: datetime) -> None:
    session.merge(ReceivingHost(domain=domain, host=host[:255], looked_at=real_now))


def mail_domain_of(session: Session, probe_id: int) -> str:
    """The domain an inquiry by mail goes to; "" for other channels."""
    address = session.exec(
        select(ContactPoint.address)
        .join(Probe, col(Probe.contact_point_id) == col(ContactPoint.id))
        .where(Probe.id == probe_id, Probe.channel == ChannelKind.EMAIL)
    ).first()
    return (address or "").rpartition("@")[2].lower().rstrip(".")


def forms_claimed_since(session: Session, since: datetime) -> list[tuple[str, datetime]]:
    """(address, claimed_at) of web forms visited since then, among the newest attempts: no index is worth a glance."""
    newest = select(Attempt.id).order_by(col(Attempt.id).desc()).limit(500).scalar_subquery()
    statement = (
        select(ContactPoint.address, Attempt.claimed_at)
        .join(Probe, col(Probe.id) == col(Attempt.probe_id))
        .join(ContactPoint, col(ContactPoint.id) == col(Probe.contact_point_id))
        .where(col(Attempt.id).in_(newest), Attempt.claimed_at > since, Probe.channel == ChannelKind.WEB_FORM)
    )
    return [(address, claimed_at) for address, claimed_at in session.exec(statement).all()]


def any_suppressed(session: Session, hashes: Iterable[str]) -> bool:
    return (
        session.exec(select(Suppression.id).where(col(Suppression.value_sha256).in_(list(hashes)))).first() is not None
    )


def expired_attempts(session: Session, real_now: datetime) -> Sequence[Attempt]:
    return session.exec(
        select(Attempt).where(Attempt.state == AttemptState.CLAIMED, Attempt.lease_until < real_now)
    ).all()


def attempt_of_message(session: Session, message_id: str) -> Attempt | None:
    """The attempt that was sent under this Message-ID."""
    return session.exec(select(Attempt).where(Attempt.message_id == message_id)).first() if message_id else None


def evidence_named(session: Session, attempt_id: int, name: str) -> EvidenceRow | None:
    return session.exec(
        select(EvidenceRow).where(EvidenceRow.attempt_id == attempt_id, EvidenceRow.name == name)
    ).first()


def keep_evidence_content(session: Session, sha256: str, content: bytes) -> None:
    """The same bytes are kept once."""
    dialect = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    values = dialect.insert(EvidenceContent).values(sha256=sha256, content=content)
    session.execute(values.on_conflict_do_nothing())


def was_heard_of(session: Session, attempt: Attempt, own_copy: str) -> bool:
    """Did anything come back of this attempt's probe: a mail of the brand's side, or our own copy?"""
    answered = select(Reply.id).where(Reply.probe_id == attempt.probe_id, col(Reply.sha256).is_not(None))
    return session.exec(answered).first() is not None or evidence_named(session, attempt.id or 0, own_copy) is not None


def contact_point_of(session: Session, probe: Probe) -> ContactPoint:
    return session.get_one(ContactPoint, probe.contact_point_id)
