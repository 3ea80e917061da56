"""Does it work? What the processes last said of themselves, and what waits to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from benchmark.core.vocabulary import CampaignState, ErrandState, ProbeState
from benchmark.store.queries import WAITING
from benchmark.store.tables import Campaign, Errand, Heartbeat, MailboxItem, MailboxRow, Probe


@dataclass(frozen=True)
class SignOfLife:
    """What a process last said of itself, in real time; its name is that of its task (`worker-email-1`)."""

    name: str
    seen_at: datetime


def signs_of_life(session: Session, since: datetime) -> list[SignOfLife]:
    """Those given since that moment, by name; who was silent longer was put away for good."""
    rows = session.scalars(select(Heartbeat).where(col(Heartbeat.seen_at) >= since).order_by(col(Heartbeat.name)))
    return [SignOfLife(row.name, row.seen_at) for row in rows]


@dataclass(frozen=True)
class ResistingMail:
    """A kept mail that could not be placed in any way, not even quarantined."""

    item_id: int
    mailbox: str
    received_at: datetime
    tries: int
    error: str
    next_try_at: datetime | None


def resisting_mails(session: Session, limit: int) -> list[ResistingMail]:
    """The oldest first."""
    item = MailboxItem
    columns = (
        col(item.id),
        col(MailboxRow.name),
        col(item.internal_at),
        col(item.tries),
        col(item.error),
        col(item.next_try_at),
    )
    statement = select(*columns).join(MailboxRow, col(MailboxRow.id) == col(item.mailbox_id))
    resisting = statement.where(col(item.placed_at).is_(None), col(item.tries) > 0)
    return [ResistingMail(*row) for row in session.execute(resisting.order_by(col(item.id)).limit(limit))]


@dataclass(frozen=True)
class Backlog:
    """What waits: mails that are kept and not placed, inquiries that are due, doubtful ones, wishes of pages."""

    mails: int
    resisting: int  # of the mails, those that cannot be placed
    due: int
    unconfirmed: int
    errands: int


def backlog(session: Session, now: datetime) -> Backlog:
    """`now` is the study's time."""

    def count(model: type, *conditions: object) -> int:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0  # type: ignore[arg-type]  # conditions

    running = select(col(Campaign.id)).where(col(Campaign.state) == CampaignState.LAUNCHED)
    waiting = (col(Probe.state).in_(WAITING), col(Probe.due_at) <= now, col(Probe.campaign_id).in_(running))
    return Backlog(
        mails=count(MailboxItem, col(MailboxItem.placed_at).is_(None)),
        resisting=count(MailboxItem, col(MailboxItem.placed_at).is_(None), col(MailboxItem.tries) > 0),
        due=count(Probe, *waiting),
        unconfirmed=count(Probe, col(Probe.state) == ProbeState.UNCONFIRMED),
        errands=count(Errand, col(Errand.state) == ErrandState.WAITING.value),
    )
