"""What claiming, sending and recording ask and write. What every inquiry asks is one statement, built once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, exists, func, select, update
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col

from benchmark.core.values import Evidence
from benchmark.core.vocabulary import AttemptState, CampaignState, ChannelKind, InquiryKind, Mode, ProbeState
from benchmark.store.queries import TOUCHED, WAITING
from benchmark.store.rows import Meeting, ask, many, one_of, table_of
from benchmark.store.tables import (
    Attempt,
    Brand,
    Campaign,
    ContactPoint,
    EvidenceContent,
    EvidenceRow,
    Inquiry,
    MailAccountRow,
    PersonaRow,
    Probe,
    ReceivingHost,
    Reply,
    Suppression,
)
from benchmark.store.writes import Insert, Update, Write, write_together


def take_probe(session: Session, probe_id: int, now: datetime) -> bool:
    """The conditional UPDATE of the claim: True for exactly one of all who try."""
    return bool(ask(session, _TAKE, taken=probe_id, now=now).rowcount == 1)


_TAKE = (
    update(table_of(Probe))
    .where(
        col(Probe.id) == bindparam("taken"),
        col(Probe.state).in_(WAITING),
        col(Probe.due_at) <= bindparam("now"),
        col(Probe.campaign_id).in_(select(col(Campaign.id)).where(col(Campaign.state) == CampaignState.LAUNCHED)),
    )
    .values(state=ProbeState.CLAIMED)
)


@dataclass(frozen=True)
class Addressee:
    """What is asked of a brand before it is written to."""

    id: int
    slug: str
    name: str
    opted_out: bool
    zone: str
    country: str
    subdivision: str | None


@dataclass(frozen=True)
class TakenProbe:
    """A probe that was taken, and all that is asked before it is sent."""

    id: int
    channel: ChannelKind
    token: str | None
    reply_address: str
    language: str
    subject: str
    body: str
    brand: Addressee
    address: str
    recipe: str | None
    campaign_id: int
    assignment_sha256: str
    mode: Mode
    inquiry: InquiryKind
    persona: dict[str, Any]
    attempts: int  # before this one
    has_mailboxes: bool  # somebody added mailboxes beside that of the settings


def taken_probe(session: Session, probe_id: int) -> TakenProbe:
    """The brand's row is locked until the end of the transaction where the database knows row locks."""
    row = ask(session, _TAKEN, taken=probe_id).one()
    brand = slice(len(_PROBE), len(_PROBE) + len(_BRAND))
    return TakenProbe(*(*row[: brand.start], Addressee(*row[brand]), *row[brand.stop :]))


_PROBE = (
    col(Probe.id),
    col(Probe.channel),
    col(Probe.token),
    func.coalesce(col(Probe.reply_address), ""),
    col(Probe.language),
    col(Probe.subject),
    col(Probe.body),
)
_BRAND = (
    col(Brand.id),
    col(Brand.slug),
    col(Brand.name),
    col(Brand.opted_out),
    col(Brand.zone),
    col(Brand.country),
    col(Brand.subdivision),
)
_AROUND = (
    col(ContactPoint.address),
    col(ContactPoint.recipe),
    col(Campaign.id),
    col(Campaign.assignment_sha256),
    col(Campaign.mode),
    col(Inquiry.kind),
    col(PersonaRow.details),
    select(func.count()).where(col(Attempt.probe_id) == col(Probe.id)).correlate(Probe).scalar_subquery(),
    exists().where(col(MailAccountRow.enabled)),
)
_TAKEN = (
    select(*_PROBE, *_BRAND, *_AROUND)
    .join(Brand, col(Brand.id) == col(Probe.brand_id))
    .join(ContactPoint, col(ContactPoint.id) == col(Probe.contact_point_id))
    .join(Campaign, col(Campaign.id) == col(Probe.campaign_id))
    .join(Inquiry, col(Inquiry.id) == col(Probe.inquiry_id))
    .join(PersonaRow, col(PersonaRow.id) == col(Probe.persona_id))
    .where(col(Probe.id) == bindparam("taken"))
    .with_for_update(of=Brand)
)


def move_probe(session: Session, probe_id: int, also: Sequence[Write] = (), **columns: Any) -> None:
    """Writes these columns of a probe, and what is to be written beside them; an object of this session sees the
    columns when it is next asked."""
    known = session.identity_map.get(identity_key(Probe, probe_id))
    if known is not None:
        session.flush()
    write_together(session, [Update(Probe, probe_id, columns), *also])
    if known is not None:
        session.expire(known)


def sent_since(session: Session, brand_id: int, since: datetime, but: int) -> list[tuple[datetime, ChannelKind]]:
    """When and by which channel inquiries `but` this one reached, or may have reached, a brand since, oldest first."""
    rows = ask(session, _SENT, brand=brand_id, since=since, but=but)
    return sorted((at, ChannelKind(channel)) for at, channel in rows if at is not None)


_MOMENT = func.coalesce(col(Probe.t0), col(Probe.due_at))
_SENT = select(_MOMENT, col(Probe.channel)).where(
    col(Probe.brand_id) == bindparam("brand"),
    col(Probe.state).in_(TOUCHED),
    bindparam("since") < _MOMENT,
    col(Probe.id) != bindparam("but"),
)


def lock_words(session: Session, *words: str) -> None:
    """Locks by name, in this order, until the end of the transaction. SQLite, with one writer at a time, needs none."""
    if session.connection().dialect.name == "postgresql":
        keys = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big", signed=True) for word in words]
        ask(session, _locks(len(keys)), **{f"word_{number}": key for number, key in enumerate(keys)})


@cache
def _locks(count: int) -> Any:
    return select(
        *(func.pg_advisory_xact_lock(bindparam(f"word_{number}", type_=BigInteger)) for number in range(count))
    )


@dataclass(frozen=True)
class FullSince:
    """When the oldest of so many mails was claimed; None: fewer were claimed in that time."""

    mailbox: datetime | None
    host: datetime | None


def full_since(session: Session, mailbox: tuple[str, int], host: tuple[str, int], since: datetime) -> FullSince:
    """Counts what a mailbox sent and a host was sent to since then; each comes with how many are allowed."""
    names = {"mailbox": mailbox[0], "host": host[0]}
    return FullSince(*ask(session, _FULL, since=since, mailbox_but=mailbox[1] - 1, host_but=host[1] - 1, **names).one())


def _claimed_before_newest(column: Any) -> Any:
    """The claim that is as many claims ago as `<column>_but` says."""
    claimed = select(col(Attempt.claimed_at)).where(
        column == bindparam(column.key), col(Attempt.claimed_at) > bindparam("since")
    )
    return (
        claimed.order_by(col(Attempt.claimed_at).desc())
        .limit(1)
        .offset(bindparam(f"{column.key}_but"))
        .scalar_subquery()
    )


_FULL = select(_claimed_before_newest(col(Attempt.mailbox)), _claimed_before_newest(col(Attempt.host)))


@dataclass(frozen=True)
class LookedUp:
    """What lists say of an address: the host that receives its mail (the mail exchanger that DNS named, else the
    domain), and whether nobody may write there."""

    receiving_host: str
    is_suppressed: bool


def looked_up(session: Session, domain: str, hashes: Iterable[str]) -> LookedUp:
    """`hashes` are those of all names under which the addressee may stand on the suppression list."""
    host, is_suppressed = ask(session, _LOOKED_UP, domain=domain, hashes=list(hashes)).one()
    return LookedUp(domain if host is None else host, bool(is_suppressed))


_LOOKED_UP = select(
    select(col(ReceivingHost.host)).where(col(ReceivingHost.domain) == bindparam("domain")).scalar_subquery(),
    exists().where(one_of(col(Suppression.value_sha256), many("hashes"))),
)


def receiving_host_known(session: Session, domain: str, since: datetime) -> bool:
    row = session.get(ReceivingHost, domain)
    return row is not None and row.looked_at > since


def note_receiving_host(session: Session, domain: str, host: str, real_now: datetime) -> None:
    session.merge(ReceivingHost(domain=domain, host=host[:255], looked_at=real_now))


def mail_domain_of(session: Session, probe_id: int) -> str:
    """The domain an inquiry by mail goes to; "" for other channels."""
    address = session.scalars(
        select(col(ContactPoint.address))
        .join(Probe, col(Probe.contact_point_id) == col(ContactPoint.id))
        .where(col(Probe.id) == probe_id, col(Probe.channel) == ChannelKind.EMAIL)
    ).first()
    return (address or "").rpartition("@")[2].lower().rstrip(".")


def forms_claimed_since(session: Session, since: datetime) -> list[tuple[str, datetime]]:
    """(address, claimed_at) of web forms visited since then, among the newest attempts: no index is worth a glance."""
    newest = select(col(Attempt.id)).order_by(col(Attempt.id).desc()).limit(500).scalar_subquery()
    statement = (
        select(col(ContactPoint.address), col(Attempt.claimed_at))
        .join(Probe, col(Probe.id) == col(Attempt.probe_id))
        .join(ContactPoint, col(ContactPoint.id) == col(Probe.contact_point_id))
        .where(col(Attempt.id).in_(newest), col(Attempt.claimed_at) > since, col(Probe.channel) == ChannelKind.WEB_FORM)
    )
    return [(address, claimed_at) for address, claimed_at in session.execute(statement)]


def expired_attempts(session: Session, real_now: datetime) -> Sequence[Attempt]:
    return session.scalars(
        select(Attempt).where(col(Attempt.state) == AttemptState.CLAIMED, col(Attempt.lease_until) < real_now)
    ).all()


def attempt_of_message(session: Session, message_id: str) -> Attempt | None:
    """The attempt that was sent under this Message-ID."""
    return session.scalars(select(Attempt).where(col(Attempt.message_id) == message_id)).first() if message_id else None


def evidence_named(session: Session, attempt_id: int, name: str) -> EvidenceRow | None:
    named = (col(EvidenceRow.attempt_id) == attempt_id, col(EvidenceRow.name) == name)
    return session.scalars(select(EvidenceRow).where(*named)).first()


def evidence_writes(attempt_id: int, piece: Evidence) -> tuple[Write, Write]:
    """What keeps a piece of evidence; the same bytes are kept once."""
    sha256 = hashlib.sha256(piece.content).hexdigest()
    values = {
        "attempt_id": attempt_id,
        "name": piece.name,
        "media_type": piece.media_type,
        "size": len(piece.content),
        "sha256": sha256,
        "taken_at": piece.taken_at,
    }
    content = Insert(EvidenceContent, {"sha256": sha256, "content": piece.content}, Meeting.LEAVES)
    return content, Insert(EvidenceRow, values)


def was_heard_of(session: Session, attempt: SettledAttempt, own_copy: str) -> bool:
    """Did anything come back of this attempt's probe: a mail of the brand's side, or our own copy?"""
    answered = select(col(Reply.id)).where(col(Reply.probe_id) == attempt.probe_id, col(Reply.sha256).is_not(None))
    return session.scalars(answered).first() is not None or evidence_named(session, attempt.id, own_copy) is not None


def settle_attempt(session: Session, attempt_id: int, values: dict[str, Any]) -> SettledAttempt | None:
    """Writes how a claimed attempt ended; None where that was written before."""
    row = ask(session, _SETTLE, settled=attempt_id, **values).one_or_none()
    return SettledAttempt(attempt_id, *row) if row else None


@dataclass(frozen=True)
class SettledAttempt:
    id: int
    probe_id: int
    number: int


_SETTLE = (
    update(table_of(Attempt))
    .where(col(Attempt.id) == bindparam("settled"), col(Attempt.state) == AttemptState.CLAIMED)
    .values({name: bindparam(name) for name in ("state", "outcome", "detail", "remote_id", "finished_at")})
    .returning(col(Attempt.probe_id), col(Attempt.number))
)


def arm_attempt(session: Session, attempt_id: int, now: datetime, real_now: datetime) -> bool:
    """True where the attempt is still claimed, was not armed before, and its lease runs (real time)."""
    return bool(ask(session, _ARM, armed=attempt_id, now=now, real_now=real_now).rowcount == 1)


_ARM = (
    update(table_of(Attempt))
    .where(
        col(Attempt.id) == bindparam("armed"),
        col(Attempt.state) == AttemptState.CLAIMED,
        col(Attempt.armed_at).is_(None),
        col(Attempt.lease_until) > bindparam("real_now"),
    )
    .values(armed_at=bindparam("now"))
)
