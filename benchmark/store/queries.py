"""Questions the verbs ask while a campaign runs, named for what they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, delete, func, or_, tuple_, update
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import (
    CampaignState,
    ChannelKind,
    DecidedBy,
    MailTrouble,
    ProbeState,
)
from benchmark.store.rows import ask
from benchmark.store.tables import (
    Brand,
    Campaign,
    ContactPoint,
    Event,
    Heartbeat,
    Lease,
    MailboxItem,
    MailboxRow,
    OutcomeRow,
    PersonaRow,
    Probe,
    RawMessage,
    VerdictRow,
)

WAITING = (ProbeState.PLANNED, ProbeState.RETRY_LATER)
TOUCHED = (
    ProbeState.CLAIMED,
    ProbeState.TASK,
    ProbeState.OPEN,
    ProbeState.CLOSED,
    ProbeState.UNCONFIRMED,
)  # states in which the brand has, or may have, our inquiry


def campaign_named(session: Session, name: str) -> Campaign | None:
    return session.exec(select(Campaign).where(Campaign.name == name)).first()


def find_campaign(session: Session, name: str) -> Campaign:
    """Raises BadInput, naming the campaigns there are, when this one is not."""
    campaign = campaign_named(session, name)
    if campaign is None:
        names = session.exec(select(Campaign.name).order_by(Campaign.name)).all()
        raise BadInput(f"campaign {name}", "there is none of this name", f"known: {', '.join(names) or 'none yet'}")
    return campaign


@dataclass(frozen=True)
class DueProbe:
    """`reply_address` is the secret address of an inquiry by mail."""

    id: int
    channel: ChannelKind
    due_at: datetime
    reply_address: str


def due_probes(session: Session, now: datetime, limit: int = 500, after: DueProbe | None = None) -> list[DueProbe]:
    """Probes of launched campaigns whose time has come, earliest first; `after` is the last one of the page before."""
    statement = (
        select(col(Probe.id), Probe.channel, col(Probe.due_at), col(Probe.reply_address))
        .join(Campaign, col(Campaign.id) == col(Probe.campaign_id))
        .where(col(Probe.state).in_(WAITING), col(Probe.due_at) <= now, Campaign.state == CampaignState.LAUNCHED)
        .order_by(col(Probe.due_at), col(Probe.id))
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(col(Probe.due_at), col(Probe.id)) > (after.due_at, after.id))
    rows = session.exec(statement).all()
    return [DueProbe(row[0] or 0, ChannelKind(row[1]), row[2] or now, row[3] or "") for row in rows]


def next_due_at(session: Session) -> datetime | None:
    """When the next probe of a launched campaign is due."""
    return session.exec(
        select(func.min(Probe.due_at))
        .join(Campaign, col(Campaign.id) == col(Probe.campaign_id))
        .where(col(Probe.state).in_(WAITING), Campaign.state == CampaignState.LAUNCHED)
    ).one()


def changed(session: Session, statement: Any) -> bool:
    """Runs an UPDATE and tells whether it met exactly one row."""
    result = cast("CursorResult[Any]", session.execute(statement.execution_options(synchronize_session=False)))
    return result.rowcount == 1


def campaign_of(session: Session, campaign_id: int) -> Campaign:
    """The campaign without its design, which is large and, once launched, parsed once per process (`design_of`)."""
    return session.exec(
        select(Campaign).where(Campaign.id == campaign_id).options(defer(col(Campaign.design)))  # type: ignore[arg-type]  # a column
    ).one()


def raw_content(session: Session, sha256: str) -> bytes:
    return session.exec(select(RawMessage.content).where(RawMessage.sha256 == sha256)).one()


def forget_reply_event(session: Session, probe_id: int, reply_id: int) -> None:
    """The newest entry that says this reply belongs to this probe."""
    newest = select(func.max(Event.id)).where(Event.probe_id == probe_id, Event.reply_id == reply_id)
    session.execute(delete(Event).where(col(Event.id) == newest.scalar_subquery()))


def in_flight(session: Session, now: datetime) -> bool:
    """Is any probe claimed, or due and not yet claimed? The study clock waits for it."""
    claimed = select(Probe.id).where(Probe.state == ProbeState.CLAIMED).limit(1)
    return session.exec(claimed).first() is not None or bool(due_probes(session, now, limit=1))


def closable_probes(session: Session, campaign_id: int, t0_before: datetime) -> Sequence[Probe]:
    return session.exec(
        select(Probe).where(
            Probe.campaign_id == campaign_id, Probe.state == ProbeState.OPEN, col(Probe.t0) <= t0_before
        )
    ).all()


def earliest_open_t0(session: Session, campaign_id: int) -> datetime | None:
    return session.exec(
        select(func.min(Probe.t0)).where(Probe.campaign_id == campaign_id, Probe.state == ProbeState.OPEN)
    ).one()


def launched_campaigns(session: Session) -> Sequence[Campaign]:
    return session.exec(
        select(Campaign).where(col(Campaign.state).in_((CampaignState.LAUNCHED, CampaignState.PAUSED)))
    ).all()


def unplaced_items(session: Session, limit: int, real_now: datetime) -> Sequence[int]:
    """In the order in which they came; one that resists waits for its next try and holds up no other."""
    is_due = or_(col(MailboxItem.next_try_at).is_(None), col(MailboxItem.next_try_at) <= real_now)
    waiting = select(MailboxItem.id).where(col(MailboxItem.placed_at).is_(None), is_due)
    rows = session.exec(waiting.order_by(col(MailboxItem.id)).limit(limit))
    return [row for row in rows if row is not None]


FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)


def note_unplaceable(session: Session, item_id: int, error: str, real_now: datetime) -> None:
    """An item that could not be placed in any way is tried again after pauses that double."""
    item = session.get_one(MailboxItem, item_id)
    pause = min(FIRST_PAUSE * 2 ** min(item.tries, 20), LONGEST_PAUSE)
    item.tries, item.error, item.next_try_at = item.tries + 1, error, real_now + pause


def mailbox_named(session: Session, name: str) -> MailboxRow:
    """The mailbox's row, made on first use."""
    row = session.exec(select(MailboxRow).where(MailboxRow.name == name)).first()
    if row is None:
        row = MailboxRow(name=name)
        session.add(row)
        session.flush()
    return row


def note_mailbox_look(session: Session, name: str, way: str, real_now: datetime) -> None:
    """A look went well: whatever ailed the mailbox is over."""
    row = mailbox_named(session, name)
    row.looked_at, row.way, row.error, row.next_try_at = real_now, way, "", None


def note_mailbox_trouble(
    session: Session,
    name: str,
    error: str,
    real_now: datetime,
    again_at: datetime,
    trouble: MailTrouble = MailTrouble.OTHER,
) -> None:
    row = mailbox_named(session, name)
    row.error = row.last_error = error
    row.trouble, row.error_at, row.next_try_at = trouble, real_now, again_at


def probe_states(session: Session, campaign_id: int) -> Sequence[tuple[ProbeState, int]]:
    statement = select(Probe.state, func.count()).where(Probe.campaign_id == campaign_id).group_by(Probe.state)
    return [(ProbeState(state), number) for state, number in session.exec(statement).all()]


def count_due(session: Session, campaign_id: int, now: datetime) -> int:
    waiting = (Probe.campaign_id == campaign_id, col(Probe.state).in_(WAITING), col(Probe.due_at) <= now)
    return session.exec(select(func.count()).select_from(Probe).where(*waiting)).one()


def clocks_stopped(session: Session, campaign_id: int) -> tuple[int, int]:
    """How many probes of a campaign were acknowledged, and how many answered in substance."""
    row = session.exec(
        select(func.count(col(OutcomeRow.acknowledged_s)), func.count(col(OutcomeRow.substantive_s))).where(
            OutcomeRow.campaign_id == campaign_id
        )
    ).one()
    return row[0], row[1]


@dataclass(frozen=True)
class Bookmark:
    """How far a mailbox has been read."""

    uidvalidity: int = 0
    last_uid: int = 0


def bookmark(session: Session, mailbox: str) -> Bookmark:
    row = ask(session, _BOOKMARK, name=mailbox).first()
    return Bookmark(*row) if row else Bookmark()


_BOOKMARK: Any = select(col(MailboxRow.uidvalidity), col(MailboxRow.last_uid)).where(
    col(MailboxRow.name) == bindparam("name")
)


def take_lease(session: Session, name: str, holder: str, real_now: datetime, span: timedelta) -> bool:
    """True while `holder` may act alone; a lease nobody renewed is free for the taking."""
    if session.get(Lease, name) is None:
        session.add(Lease(name=name, holder=holder, until=real_now + span))
        session.flush()
        return True
    return changed(
        session,
        update(Lease)
        .where(col(Lease.name) == name, or_(col(Lease.holder) == holder, col(Lease.until) < real_now))
        .values(holder=holder, until=real_now + span),
    )


def beat(session: Session, name: str, pid: int, real_now: datetime, doing: str = "") -> None:
    """A process says that it lives."""
    session.merge(Heartbeat(name=name, pid=pid, seen_at=real_now, doing=doing))


def end_beat(session: Session, name: str, pid: int) -> None:
    """A process ends as it should, and another may have taken its place."""
    session.execute(delete(Heartbeat).where(col(Heartbeat.name) == name, col(Heartbeat.pid) == pid))


def mailbox_item(session: Session, mailbox_id: int, uidvalidity: int, uid: int) -> MailboxItem | None:
    return session.exec(
        select(MailboxItem).where(
            MailboxItem.mailbox_id == mailbox_id, MailboxItem.uidvalidity == uidvalidity, MailboxItem.uid == uid
        )
    ).first()


def latest_rules_verdict(session: Session, reply_id: int) -> VerdictRow | None:
    by_rules = (VerdictRow.reply_id == reply_id, VerdictRow.decided_by == DecidedBy.RULES)
    return session.exec(select(VerdictRow).where(*by_rules).order_by(col(VerdictRow.id).desc())).first()


def placed_count(session: Session) -> int:
    """Mails that were fetched and placed so far."""
    placed = select(func.count()).select_from(MailboxItem).where(col(MailboxItem.placed_at).is_not(None))
    return session.exec(placed).one()


def probe_of_token(session: Session, token: str) -> int | None:
    return session.exec(select(Probe.id).where(Probe.token == token)).first()


@dataclass(frozen=True)
class OpenTask:
    """A social post, call or letter that waits for a person."""

    probe_id: int
    channel: ChannelKind
    brand_slug: str
    address: str
    subject: str
    body: str
    reply_address: str
    persona_name: str
    due_at: datetime | None


def open_tasks(session: Session) -> list[OpenTask]:
    """Tasks of all campaigns, earliest first."""
    statement = (
        select(Probe, Brand.slug, ContactPoint.address, PersonaRow.details)
        .join(Brand, col(Brand.id) == col(Probe.brand_id))
        .join(ContactPoint, col(ContactPoint.id) == col(Probe.contact_point_id))
        .join(PersonaRow, col(PersonaRow.id) == col(Probe.persona_id))
        .where(Probe.state == ProbeState.TASK)
        .order_by(col(Probe.due_at), col(Probe.id))
    )
    return [
        OpenTask(
            probe_id=probe.id or 0,
            channel=probe.channel,
            brand_slug=slug,
            address=address,
            subject=probe.subject,
            body=probe.body,
            reply_address=probe.reply_address or "",
            persona_name=f"{details['first_name']} {details['last_name']}",
            due_at=probe.due_at,
        )
        for probe, slug, address, details in session.exec(statement).all()
    ]


def winning_verdict(session: Session, reply_id: int) -> VerdictRow | None:
    """A person's word wins, then the newest."""
    verdicts = session.exec(
        select(VerdictRow).where(VerdictRow.reply_id == reply_id).order_by(col(VerdictRow.id).desc())
    ).all()
    return min(verdicts, key=lambda verdict: verdict.decided_by is not DecidedBy.PERSON, default=None)


def measured_probe_ids(session: Session) -> Sequence[int]:
    """Probes whose outcome is derived from events; rows of an import are outcomes themselves."""
    measured = select(Probe.id).join(Campaign, col(Campaign.id) == col(Probe.campaign_id))
    rows = session.exec(measured.where(col(Campaign.imported).is_(False)).order_by(col(Probe.id)))
    return [row for row in rows if row is not None]


def any_task(session: Session) -> bool:
    return session.exec(select(Probe.id).where(Probe.state == ProbeState.TASK).limit(1)).first() is not None


def has_unfinished(session: Session, campaign_id: int) -> bool:
    """Is any probe of the campaign still to be sent, on its way, or watched?"""
    states = (*WAITING, ProbeState.CLAIMED, ProbeState.TASK, ProbeState.OPEN)
    unfinished = select(Probe.id).where(Probe.campaign_id == campaign_id, col(Probe.state).in_(states)).limit(1)
    return session.exec(unfinished).first() is not None
